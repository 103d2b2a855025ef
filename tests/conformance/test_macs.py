"""The multiply-accumulates of every layer are half of what FlopCounterMode counts, where it counts any."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
import torch
from judge import judged, made, real
from test_layers import NAMES, drawn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

if TYPE_CHECKING:
    from judge import Case

    from convshape.dim import Size

COUNTED = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "Linear",
    "LinearCrossEntropyLoss",
    "GRUCell",
    "LSTMCell",
    "RNNCell",
    "MultiheadAttention",
    "TransformerEncoderLayer",
    "TransformerDecoderLayer",
    "Transformer",
    "AdaptiveLogSoftmaxWithLoss",
]
"""Classes that torch has formulas for: a run must have seen some of each."""


def flops(case: Case) -> int:
    """Count as torch does; the attention that it fuses on the CPU has no formula."""
    module = real(case.spec).train()
    inputs, keywords = [map(real, case.inputs), {name: real(value) for name, value in case.keywords.items()}]
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        module(*inputs, **keywords)
    found: int = counter.get_total_flops()
    return found


def macs(case: Case) -> Size:
    """Count by the rule."""
    layer = made(case.spec, train=True).ready(case.inputs, case.keywords)
    output = layer(*case.inputs, **case.keywords)
    count: Size = layer.macs(output, *layer.positional_inputs(case.inputs, case.keywords))
    return count


@pytest.mark.filterwarnings("ignore")  # torch warns of arguments that are to go
@pytest.mark.parametrize("name", NAMES)
def test_macs(name: str, examples: int) -> None:
    """In training, as eval takes ways that torch does not count."""
    torch.set_num_threads(1)
    counted = 0
    for place in range(2 * examples):
        case = drawn(Random(f"{name} {place}"), name)._replace(train=True)  # noqa: S311  # cases, no secrets
        if case.bad or None in case.inputs or judged(case).stage != "ok":
            continue
        wanted = flops(case)
        counted += wanted > 0
        assert wanted in (0, 2 * macs(case)), case
    assert counted or name not in COUNTED
