"""Padding: crops, and which values can be repeated."""

from __future__ import annotations

import pytest

import convshape


@pytest.mark.parametrize(
    ("net", "shape", "output", "facts"),
    [
        ("ReflectionPad1d(2)", ("N", 3, "L"), "(N, 3, L + 4)", ["L >= 3"]),
        ("CircularPad1d(2)", ("N", 3, "L"), "(N, 3, L + 4)", ["L >= 2"]),
        ("ReplicationPad1d(2)", ("N", 3, "L"), "(N, 3, L + 4)", []),
        ("ConstantPad1d((-2, -3), 0)", ("N", 3, "L"), "(N, 3, L - 5)", ["L >= 5"]),
        ("ZeroPad1d((2, -3))", ("N", 3, "L"), "(N, 3, L - 1)", ["L >= 3"]),
    ],
)
def test_symbols(net: str, shape: tuple[str | int, ...], output: str, facts: list[str]) -> None:
    """A mode says how long the axis must be."""
    trace = convshape.trace(net, shape)
    assert f"({', '.join(map(str, trace.output))})" == output
    assert trace.symbols.summary() == facts


def test_the_last_axis_is_padded_first() -> None:
    """Amounts run from the last axis to the first, as many as there are pairs."""
    assert convshape.output_shape("ZeroPad2d((1, 2, 3, 4))", (1, 1, 5, 5)) == (1, 1, 12, 8)
    assert convshape.output_shape("ZeroPad1d((1, 1, 1, 1))", (2, 3)) == (4, 5)


def test_padding_is_marked() -> None:
    """What is too large is marked where it was written."""
    error = convshape.trace("ReLU -> ReflectionPad1d(8)", (1, 3, 8)).error
    assert error is not None
    assert error.span is not None
    assert error.source.text[error.span.start : error.span.end] == "8"
    assert error.message == "ReflectionPad1d reflects less than the axis has, got a padding of (8, 8) on 8"
