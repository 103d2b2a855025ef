"""Cases for ops that join tensors, and that cut them."""
# ruff: noqa: D401  # each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING

from op_cases.drawing import case

if TYPE_CHECKING:
    from op_cases.drawing import Case, Draw


@case("cat concat concatenate")
def cat(draw: Draw) -> Case:
    """Tensors and an axis."""
    x = draw.tensor(1)
    dim = draw.dim(len(x))
    parts = [x]
    for _ in range(draw.random.randint(0, 2)):
        shape = draw.bent(x)
        if -len(x) <= dim < len(x) and draw.chance(60):
            shape[dim] = draw.size()
        parts.append(draw.stored(tuple(shape if draw.chance(90) else shape[1:]), draw.dtype()))
    return (parts, dim) if draw.chance(95) else ([], 0), {}


@case("stack")
def stack(draw: Draw) -> Case:
    """Tensors and a place for an axis."""
    x = draw.tensor()
    return ([x, *(draw.stored(tuple(draw.bent(x)), draw.dtype()) for _ in range(2))], draw.dim(len(x) + 1)), {}


@case("hstack vstack row_stack")
def hstack(draw: Draw) -> Case:
    """Tensors."""
    x = draw.tensor()
    return ([x, draw.stored(tuple(draw.bent(x)))],), {}


@case("meshgrid")
def meshgrid(draw: Draw) -> Case:
    """Coordinates."""
    tensors = [draw.tensor(0, 1, "float32") for _ in range(draw.random.randint(1, 3))]
    return (tensors,), {"indexing": draw.pick(("ij", "xy", "ab"))} if draw.chance(90) else {"indexing": "ij"}


@case("split")
def split(draw: Draw) -> Case:
    """A size or several, and an axis."""
    x = draw.tensor(1)
    return (
        x,
        draw.count() if draw.chance(60) else draw.bent([1, 2, 0][: draw.random.randint(1, 3)]),
        draw.dim(len(x)),
    ), {}


@case("chunk")
def chunk(draw: Draw) -> Case:
    """How many, and an axis."""
    x = draw.tensor()
    return (x, draw.count(), draw.dim(len(x))), {}


@case("tensor_split")
def tensor_split(draw: Draw) -> Case:
    """How many or where, and an axis."""
    x = draw.tensor()
    return (x, draw.count() if draw.chance(60) else (1, draw.count()), draw.dim(len(x))), {}


@case("unbind")
def unbind(draw: Draw) -> Case:
    """An axis."""
    x = draw.tensor()
    return (x, draw.dim(len(x))), {}
