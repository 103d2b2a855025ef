"""Cases for indexing, and for ops that take indices."""
# ruff: noqa: D401  # each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.tensor import Tensor
from op_cases.drawing import case

if TYPE_CHECKING:
    from op_cases.drawing import Case, Draw


ODD = ([0, None], [[0, 0], 0], [0, [0]], [[0], [0, 0]], [0, "a"], [0, 1.5, ...], [[0], [0]])
"""Lists that hardly stand for indices."""


def index(draw: Draw, size: int) -> Any:  # noqa: PLR0911  # one for each kind
    """Draw one index of an axis."""
    kind = draw.random.randrange(10)
    if kind < 3:
        ends = [draw.random.randint(-size - 1, size + 1) if draw.chance(50) else None for _ in range(2)]
        return slice(*ends, draw.pick((None, None, 1, 2, 3, 0, -1)) if draw.chance(30) else None)
    if kind < 5:
        return (
            draw.random.randint(-size - 1, size) if draw.chance(10) or not size else draw.random.randrange(-size, size)
        )
    if kind == 5:
        return None
    if kind == 6:
        return Ellipsis
    if kind == 7:
        return [draw.random.randrange(size) for _ in range(draw.pick((1, 2, 2, 3)))] if size else [0]
    if kind == 8:
        return draw.stored(tuple(draw.pick((1, 2, 2, 3)) for _ in range(draw.random.randint(0, 2))), "int64")
    return [draw.chance(50) for _ in range(size)] if size else slice(None)


def indices(draw: Draw, x: Tensor) -> Any:
    """Draw an index of a tensor."""
    if x and draw.chance(3):
        return (draw.pick(ODD),)
    found = tuple(index(draw, size) for size in x[: draw.random.randint(0, len(x))])
    if found.count(Ellipsis) > 1:  # torch takes several, with a mask it goes wrong
        found = tuple(one for one in found if one is not Ellipsis)
    if draw.chance(5):
        found = (*found, 0, 0)
    return found[0] if len(found) == 1 and draw.chance(50) else found


@case("getitem")
def getitem(draw: Draw) -> Case:
    """A tensor and an index."""
    x = draw.tensor(0, 4)
    return (x, indices(draw, x)), {}


@case("setitem")
def setitem(draw: Draw) -> Case:
    """A tensor, an index and what is assigned."""
    x = draw.tensor(1, 3, "float32")
    return (x, indices(draw, x), 1.5 if draw.chance(40) else draw.near(x, "float32")), {}


@case("select")
def select(draw: Draw) -> Case:
    """An axis and a place."""
    x = draw.tensor(1)
    return (x, draw.dim(len(x)), draw.random.randint(-4, 4)), {}


@case("narrow")
def narrow(draw: Draw) -> Case:
    """An axis, a start and a length."""
    x = draw.tensor(1)
    return (x, draw.dim(len(x)), draw.random.randint(-3, 4), draw.count()), {}


@case("gather")
def gather(draw: Draw) -> Case:
    """An axis and indices."""
    x = draw.tensor(1)
    dim = draw.dim(len(x))
    return (x, dim, draw.stored(tuple(draw.bent([min(size, 2) for size in x])), "int64")), {}


@case("index_select")
def index_select(draw: Draw) -> Case:
    """An axis and indices."""
    x = draw.tensor(1)
    return (x, draw.dim(len(x)), Tensor(draw.pick(((2,), (0,), (1,), (2, 2))), "int64")), {}


@case("scatter scatter_add")
def scatter(draw: Draw) -> Case:
    """An axis, indices and what goes there."""
    x = draw.tensor(1, dtype="float32")
    shape = tuple(draw.bent(min(size, 2) for size in x))
    return (x, draw.dim(len(x)), Tensor(shape, "int64"), Tensor(draw.bent(shape))), {}


@case("take")
def take(draw: Draw) -> Case:
    """Indices."""
    return (Tensor((2, 3)), draw.tensor(dtype="int64")), {}


@case("take_along_dim")
def take_along_dim(draw: Draw) -> Case:
    """An axis and indices."""
    x = draw.tensor(1)
    return (x, draw.near(x, "int64"), draw.dim(len(x))), {}


@case("one_hot")
def one_hot(draw: Draw) -> Case:
    """Indices and how many there are."""
    return (draw.tensor(dtype="int64" if draw.chance(80) else ""), draw.pick((1, 2, 5, 0, -2))), {}


@case("index_fill")
def index_fill(draw: Draw) -> Case:
    """An axis and indices."""
    x = draw.stored((3, 2, 4))
    return (x, draw.dim(3), Tensor((2,), "int64"), 1), {}
