"""Cases for ops that arrange elements anew."""
# ruff: noqa: D401  # each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING

from op_cases.drawing import case

if TYPE_CHECKING:
    from op_cases.drawing import Case, Draw


@case("repeat tile")
def repeat(draw: Draw) -> Case:
    """How often along each axis."""
    x = draw.tensor()
    return (x, tuple(draw.count() for _ in range(max(0, len(x) + draw.random.randint(-1, 1))))), {}


@case("repeat_interleave")
def repeat_interleave(draw: Draw) -> Case:
    """How often, and an axis."""
    x = draw.tensor()
    return (x, draw.count(), *((draw.dim(len(x)),) if draw.chance(70) else ())), {}


@case("flip")
def flip(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, tuple(draw.dim(len(x)) for _ in range(draw.random.randint(0, 2)))), {}


@case("roll")
def roll(draw: Draw) -> Case:
    """Shifts and axes."""
    x = draw.tensor(1)
    return (x, draw.pick((1, (1, 2), ())), *((draw.dims(len(x)),) if draw.chance(70) else ())), {}


@case("rot90")
def rot90(draw: Draw) -> Case:
    """How often, and two axes."""
    return (draw.tensor(2), draw.count(), (0, 1)), {}


@case("Tensor.unfold")
def unfold(draw: Draw) -> Case:
    """An axis, a window and a step."""
    x = draw.tensor()
    return (x, draw.dim(len(x)), draw.count(), draw.count()), {}


@case("tril triu")
def tril(draw: Draw) -> Case:
    """A diagonal."""
    return (draw.tensor(), draw.count()), {}


@case("diagonal")
def diagonal(draw: Draw) -> Case:
    """Two axes."""
    x = draw.tensor(2)
    return (x, draw.pick((0, 1, -1)), draw.dim(len(x)), draw.dim(len(x))), {}


@case("diag_embed")
def diag_embed(draw: Draw) -> Case:
    """A tensor."""
    return (draw.tensor(1), draw.pick((0, 1, -1))), {}


@case("fliplr flipud")
def fliplr(draw: Draw) -> Case:
    """An image."""
    return (draw.tensor(2),), {}
