"""Cases for functions that make a tensor."""
# ruff: noqa: D401  # each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING

from op_cases.drawing import CASES, case, dtypes

if TYPE_CHECKING:
    from op_cases.drawing import Case, Draw


@case("zeros ones empty rand randn")
def filled(draw: Draw) -> Case:
    """A shape."""
    return (tuple(draw.count() for _ in range(draw.random.randint(0, 3))),), dtypes(draw)


CASES["rand"] = CASES["randn"] = lambda draw: ((tuple(draw.count() for _ in range(3)),), {})


@case("full")
def full(draw: Draw) -> Case:
    """A shape and a number."""
    return (tuple(draw.count() for _ in range(draw.random.randint(0, 3))), draw.number()), dtypes(draw)


@case("randint")
def randint(draw: Draw) -> Case:
    """A range and a shape."""
    return (0, 5, tuple(draw.count() for _ in range(2))), {}


@case("randperm")
def randperm(draw: Draw) -> Case:
    """How many."""
    return (abs(draw.count()),), {}


@case("eye")
def eye(draw: Draw) -> Case:
    """Rows and columns."""
    return tuple(draw.count() for _ in range(draw.random.randint(1, 2))), dtypes(draw)


@case("arange")
def arange(draw: Draw) -> Case:
    """From, to, by."""
    numbers = (0, 1, 2, 5, -3, 7, 2.5, 0.5)
    return tuple(draw.pick(numbers) for _ in range(draw.random.randint(1, 3))), dtypes(draw)


@case("linspace logspace")
def linspace(draw: Draw) -> Case:
    """From, to, how many."""
    return (0, 1.5, draw.count()), {}


@case("tensor")
def tensor(draw: Draw) -> Case:
    """Numbers written out."""
    return (draw.pick((1, 1.5, True, [1, 2], [[1.0, 2], [3, 4]], [], [[True], [False]])),), dtypes(draw)


@case("zeros_like ones_like empty_like rand_like randn_like")
def like(draw: Draw) -> Case:
    """A tensor to be like."""
    return (draw.tensor(),), dtypes(draw)


@case("full_like")
def full_like(draw: Draw) -> Case:
    """A tensor to be like, and a number."""
    return (draw.tensor(), 1), {}


@case("new_zeros new_ones new_empty")
def new(draw: Draw) -> Case:
    """A tensor to be like, and a shape."""
    return (draw.tensor(), tuple(draw.count() for _ in range(2))), dtypes(draw)


@case("new_full")
def new_full(draw: Draw) -> Case:
    """A tensor to be like, a shape and a number."""
    return (draw.tensor(), (2, abs(draw.count())), 1), {}


@case("new_tensor")
def new_tensor(draw: Draw) -> Case:
    """A tensor to be like, and numbers."""
    return (draw.tensor(), [1, 2]), {}
