"""A vector computes and compares as each of its numbers does, however large; it drops what divides by zero."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convshape.arithmetic.facts import Undecided
from convshape.dim import Dim, broadcast, maximum, minimum, scaled
from convshape.faults import Fault, Refusal, require
from convshape.searching.grid import Grid
from convshape.searching.vector import Mask, Vector

NUMBERS = st.one_of(st.integers(-9, 9), st.integers(-(2**70), 2**70), st.sampled_from([2**62, -(2**62), 2**63]))
AXIS = st.lists(NUMBERS, min_size=1, max_size=4)
ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, minimum, maximum)
COMPARISONS = (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge)
WRONG = Fault("wrong", "is wrong")


def both(grid: Grid, size: Any) -> list[list[int]]:
    """Return the numbers of every candidate, as Python's."""
    return np.broadcast_to(np.asarray(getattr(size, "values", size), object), grid.shape).tolist()  # type: ignore[no-any-return]


@settings(max_examples=200, deadline=None)
@given(AXIS, AXIS, st.sampled_from(ARITHMETIC), st.sampled_from(["both", "left", "right"]))
def test_arithmetic(xs: list[int], ys: list[int], sign: Any, which: str) -> None:
    """Give what Python's numbers give, and bounds that hold them."""
    grid = Grid({"x": xs, "y": ys})
    one: Any = grid.vectors["x"] if which != "right" else xs[0]
    two: Any = grid.vectors["y"] if which != "left" else ys[0]
    divides = sign in (operator.floordiv, operator.mod)
    if divides and all(y == 0 for y in (ys if which != "left" else ys[:1])):
        with pytest.raises(Refusal):
            sign(one, two)
        return
    result = sign(one, two)
    assert isinstance(result, Vector)
    alive = np.broadcast_to(grid.alive, grid.shape)
    for i, row in enumerate(both(grid, result)):
        for j, value in enumerate(row):
            x, y = xs[i] if which != "right" else xs[0], ys[j] if which != "left" else ys[0]
            assert bool(alive[i, j]) == (not divides or y != 0)
            if alive[i, j]:
                assert int(value) == sign(x, y)
                assert result.low <= value <= result.high


@settings(max_examples=200, deadline=None)
@given(AXIS, AXIS, st.sampled_from(COMPARISONS), st.booleans())
def test_comparisons(xs: list[int], ys: list[int], sign: Any, number: bool) -> None:
    """Say True or False where every candidate says so, else keep what each says; assuming it drops the others."""
    grid = Grid({"x": xs, "y": ys})
    expected = [[sign(x, y) for y in (ys[:1] * len(ys) if number else ys)] for x in xs]
    held = sign(grid.vectors["x"], ys[0] if number else grid.vectors["y"])
    said = {value for row in expected for value in row}
    if len(said) == 1:
        assert held is said.pop()
        return
    assert isinstance(held, Mask)
    with pytest.raises(Undecided):
        bool(held)
    require(held, WRONG)
    assert np.broadcast_to(grid.alive, grid.shape).tolist() == expected
    assert sign(grid.vectors["x"], ys[0] if number else grid.vectors["y"]) is True


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_broadcast(xs: list[int], ys: list[int]) -> None:
    """Join axes that are equal or 1, candidate by candidate."""
    grid = Grid({"x": xs, "y": ys})
    fits = [[x == y or 1 in (x, y) for y in ys] for x in xs]
    size, holds = broadcast(grid.vectors["x"], grid.vectors["y"])
    if holds is False:
        assert not any(map(any, fits))
        return
    require(holds, WRONG)
    assert np.broadcast_to(grid.alive, grid.shape).tolist() == fits
    for i, row in enumerate(both(grid, size)):
        for j, value in enumerate(row):
            assert value == max(xs[i], ys[j]) or not fits[i][j]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=4), st.sampled_from([0.5, 1.5, 2.0, 1 / 3, 0.1, 2.7]))
def test_scaled(xs: list[int], factor: float) -> None:
    """Scale as floats do."""
    grid = Grid({"x": xs})
    assert both(grid, scaled(grid.vectors["x"], factor)) == [scaled(x, factor) for x in xs]


def test_a_vector_is_a_size_without_a_number() -> None:
    """Take the place of a symbol; say so where a rule needs one number."""
    vector = Grid({"x": [1, 2]}).vectors["x"]
    assert isinstance(vector, Dim)
    for ask in (bool, int, range, lambda size: [0][size]):
        with pytest.raises(Undecided, match="one number of x"):
            ask(vector)
