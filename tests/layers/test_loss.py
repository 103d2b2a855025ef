"""Losses: what they say, what symbols must satisfy, and tensors among their arguments."""

from __future__ import annotations

from typing import Any

import pytest

import convshape
from convshape import Tensor

NAMES = Tensor((4,), "int64")


@pytest.mark.parametrize(
    ("net", "inputs", "code", "message"),
    [
        ("MSELoss()", [(4, 3), (4, 2)], "broadcast", "cannot line up"),
        ("BCEWithLogitsLoss()", [(4, 1), (4,)], "sizes-match", "BCEWithLogitsLoss needs a target of [4, 1], got [4]"),
        ("BCELoss()", [(4,), NAMES], "dtype", "BCELoss needs a target of float32, got int64"),
        ("CrossEntropyLoss()", [(4, 3), (4,)], "dtype", "CrossEntropyLoss needs a target of int64, got float32"),
        ("CrossEntropyLoss()", [(5, 3), NAMES], "batch-mismatch", "a batch of 5 in its input and of 4 in its target"),
        ("CrossEntropyLoss(weight=torch.ones(2))", [(4, 3), NAMES], "sizes-match", "a weight of 3 numbers, got [2]"),
        ("L1Loss(reduction='avg')", [(4,), (4,)], "choice", "takes 'none', 'mean' or 'sum' as reduction, got 'avg'"),
        ("TripletMarginLoss(margin=0)", [(4,)] * 3, "margin", "needs a margin above 0, got 0"),
    ],
)
def test_sentences(net: str, inputs: list[Any], code: str, message: str) -> None:
    """Each refusal says the want and the got."""
    with pytest.raises(convshape.ShapeError) as caught:
        convshape.output_shape(net, *inputs)
    assert caught.value.code == code
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("net", "target", "output", "facts"),
    [
        ("CrossEntropyLoss(reduction='none')(x, y)", ("M", "H", "W"), "(N, H, W)", ["N == M"]),
        ("MSELoss(reduction='none')(x, x)", ("M",), "(N, C, H, W)", []),
        ("MultiLabelSoftMarginLoss(reduction='none')(x, x)", ("M",), "(N, C, H)", []),
        ("SmoothL1Loss(reduce=False)(x, x)", ("M",), "(N, C, H, W)", []),
    ],
)
def test_symbols(net: str, target: tuple[Any, ...], output: str, facts: list[str]) -> None:
    """Sizes may be symbols, and the reduction says what is left of them."""
    trace = convshape.trace(net, {"x": ("N", "C", "H", "W"), "y": Tensor(target, "int64")})
    assert trace.error is None
    assert str(trace.output) == output
    assert trace.symbols.summary() == facts


def test_lengths_that_are_written_out() -> None:
    """The lengths of a CTC loss may be tensors or numbers; numbers are held against the targets."""
    given = {"x": (50, 2, 20), "y": Tensor((2, 9), "int64")}
    assert convshape.trace("CTCLoss()(x, y, (50, 50), (9, 8))", given).error is None
    error = convshape.trace("CTCLoss()(x, y, (50, 50), (10, 8))", given).error
    assert error is not None
    assert error.message == "CTCLoss needs targets with at least 10 on axis 1, got 9"
