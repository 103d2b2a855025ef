"""A Trace and its steps show themselves to whoever prints them."""

from __future__ import annotations

import pytest

from convshape import trace


def test_a_trace_prints_its_table() -> None:
    """`str` is the plain table, with what stopped the trace under it; `repr` is one line."""
    found = trace("conv = Conv1d(1, 4, 3) -> ReLU()", ("N", 1, 10))
    assert repr(found) == "<Trace of (N, 1, 10): 2 steps -> (N, 4, 8)>"
    assert repr(found.steps) == "(<conv: Conv1d(1, 4, 3) -> (N, 4, 8)>, <1: ReLU() -> (N, 4, 8)>)"
    assert [line.split()[0] for line in str(found).splitlines() if line] == ["name", "conv", "1", "total", "needs"]


def test_a_refused_trace_prints_its_error() -> None:
    """The table ends at the row that was refused, and the diagnostic follows."""
    found = trace("Conv1d(1, 4, 3) -> Linear(9, 2)", (1, 1, 10))
    assert (
        repr(found) == "<Trace of (1, 1, 10): 1 steps -> features: Linear expects 9 features on the last axis, got 8>"
    )
    table, _, error = str(found).partition("error[features]: Linear expects 9 features")
    assert table.splitlines()[2].split()[:3] == ["1", "Linear(9,", "2)"]
    assert "mat1 and mat2 shapes cannot be multiplied (4x8 and 9x2)" in error


def test_what_was_found_does_not_change() -> None:
    """Neither a trace nor a step can be given another value."""
    found = trace("Conv1d(1, 4, 3)", (1, 1, 10))
    for value in (found, found.steps[0]):
        with pytest.raises(AttributeError):
            value.output = ()
    assert found.output == found.steps[0].output == (1, 4, 8)
