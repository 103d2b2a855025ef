"""A receptive field is where torch's gradient comes from, for windows one after the other and in branches."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

import convshape
from convshape.report.receptive import Field, fields

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 60


def field_of(net: str, shape: tuple[Any, ...]) -> Any:
    """Return the receptive field of a network's output."""
    trace = convshape.trace(net, shape)
    assert trace.error is None, trace.error
    return fields(trace.steps)[-1]


def support(net: str, place: int) -> tuple[int, int]:
    """Return the first and the last input position that torch's gradient reaches from one output position."""
    module = nn.Sequential(*(eval(part, vars(nn)) for part in net.split(" -> ")))  # noqa: S307  # our own nets
    for name, weight in module.named_parameters():
        nn.init.constant_(weight, 0.0 if "bias" in name else 1.0)
    x = torch.ones(1, 1, SIZE, requires_grad=True)
    module(x)[0, 0, place].backward()
    reached = x.grad[0, 0].nonzero().flatten().tolist()
    return reached[0], reached[-1]


def nets(count: int) -> Iterator[str]:
    """Make chains of windows; a sum stands for a maximum, whose gradient reaches one position only."""
    dice = random.Random(7)  # noqa: S311  # no secret
    for _ in range(count):
        parts = []
        for _ in range(dice.randint(1, 4)):
            kernel, stride, dilation = dice.randint(1, 4), dice.randint(1, 2), dice.randint(1, 2)
            padding = dice.randint(0, kernel // 2)
            if dice.random() < 0.5:  # a coin
                parts.append(f"Conv1d(1, 1, {kernel}, {stride}, {padding}, {dilation})")
            else:
                parts.append(f"AvgPool1d({kernel}, {stride}, {padding})")
        yield " -> ".join(parts)


@pytest.mark.parametrize("net", list(nets(40)))
def test_support(net: str) -> None:
    """Hold size, jump and start to the gradient, away from the ends."""
    (field,) = field_of(net, (1, 1, SIZE))
    length = convshape.output_shape(net, (1, 1, SIZE))[-1]
    for place in range(length):
        first = field.start + place * field.jump
        last = first + field.size - 1
        if first >= 0 and last < SIZE:
            assert support(net, place) == (first, last)


@pytest.mark.parametrize(
    "net", ["ConvTranspose1d(1, 1, 4, stride=2, padding=1)", "ConvTranspose1d(1, 1, 3, stride=2)",
            "ConvTranspose1d(1, 1, 2, stride=2) -> Conv1d(1, 1, 3)", "Conv1d(1, 1, 3) -> ConvTranspose1d(1, 1, 5)"]
)  # fmt: skip
def test_transposed_support(net: str) -> None:
    """Hold the size of a transposed field to the widest gradient."""
    (field,) = field_of(net, (1, 1, SIZE))
    widths = []
    for place in range(10, 30):
        first, last = support(net, place)
        widths.append(last - first + 1)
    assert max(widths) == field.positions


def test_axes_apart() -> None:
    """Fold each axis on its own."""
    assert field_of("Conv2d(1, 1, (3, 5), stride=(1, 2))", (1, 1, 20, 20)) == (Field(3, 1, 0), Field(5, 2, 0))


def test_same_padding() -> None:
    """Start left of the input, as torch pads."""
    assert field_of("Conv1d(1, 1, 4, padding='same')", (1, 1, 20)) == (Field(4, 1, -1),)


def test_branches_take_the_union() -> None:
    """See what any branch sees."""
    net = "a = Conv1d(1, 1, 3, padding=1) -> b = Conv1d(1, 1, 5, padding=2) -> x + a"
    assert field_of(net, (1, 1, 20)) == (Field(7, 1, -3),)
    assert field_of(f"{net} -> torch.cat([x, b], 1)", (1, 1, 20)) == (Field(7, 1, -3),)


def test_lost_where_positions_are_mixed() -> None:
    """Say nothing after a Flatten, a permute of the axes or a Linear."""
    for end in ("Flatten()", "x.permute(0, 2, 1)", "Linear(20, 4)", "x.mean(-1)"):
        assert field_of(f"Conv1d(1, 1, 3, padding=1) -> {end}", (1, 1, 20)) is None


def test_elementwise_layers_keep_it() -> None:
    """Carry the field along."""
    net = "Conv1d(1, 1, 3) -> ReLU() -> Dropout() -> BatchNorm1d(1) -> x.relu() -> x * 2"
    assert field_of(net, (4, 1, 20)) == (Field(3, 1, 0),)


def test_pads_and_adaptive_pools() -> None:
    """Start before the input where something was added, and see all of it after a global pool."""
    assert field_of("ZeroPad1d((2, 1)) -> Conv1d(1, 1, 3)", (1, 1, 20)) == (Field(3, 1, -2),)
    assert field_of("ZeroPad2d((1, 2, 3, 4)) -> Conv2d(1, 1, 3)", (1, 1, 9, 9)) == (Field(3, 1, -3), Field(3, 1, -1))
    assert field_of("Conv1d(1, 1, 3, 2) -> AdaptiveAvgPool1d(1)", (1, 1, 21)) == (Field(21, 20, 0),)
    assert field_of("AdaptiveAvgPool1d(3)", (1, 1, 20)) is None


def test_lost_where_the_places_depend_on_the_data() -> None:
    """Say nothing of an unpool, a fold or a random pool."""
    assert field_of("y, i = MaxPool1d(2, return_indices=True) -> MaxUnpool1d(2)(y, i)", (1, 1, 20)) is None
    assert field_of("Conv2d(1, 1, 3) -> Unfold(2)", (1, 1, 20, 20)) is None
    assert field_of("Conv2d(1, 1, 3) -> FractionalMaxPool2d(2, 3)", (1, 1, 20, 20)) is None


def test_functions_slide_as_their_layers() -> None:
    """See through F.pad, and through the functions that follow a layer."""
    assert field_of("F.pad(x, (2, 0)) -> Conv1d(1, 1, 2, dilation=2)", (1, 1, 20)) == (Field(3, 1, -2),)
    assert field_of("F.avg_pool1d(x, 3, 2) -> F.relu(x) -> Conv1d(1, 1, 2)", (1, 1, 20)) == (Field(5, 2, 0),)
