"""Cases for ops that give a tensor another shape."""
# ruff: noqa: D401  # each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.tensor import Tensor
from op_cases.drawing import CASES, case

if TYPE_CHECKING:
    from op_cases.drawing import Case, Draw


@case("view reshape")
def view(draw: Draw) -> Case:
    """Sizes, one by one in the method."""
    x = draw.tensor()
    count = 1
    for size in x:
        count *= size
    sizes = draw.parts(count)
    return (x, sizes), {}


@case("view_as reshape_as")
def view_as(draw: Draw) -> Case:
    """A tensor of another shape."""
    (x, sizes), _ = view(draw)
    return (x, Tensor(abs(size) for size in sizes)), {}


@case("flatten")
def flatten(draw: Draw) -> Case:
    """Two axes."""
    x = draw.tensor()
    return (x, *(draw.dim(len(x)) for _ in range(draw.random.randint(0, 2)))), {}


@case("unflatten")
def unflatten(draw: Draw) -> Case:
    """An axis and its sizes."""
    x = draw.tensor(1)
    dim = draw.dim(len(x))
    length = x[dim] if -len(x) <= dim < len(x) else 4
    return (x, dim, draw.parts(length)), {}


@case("permute")
def permute(draw: Draw) -> Case:
    """Axes in an order."""
    x = draw.tensor()
    order = list(range(len(x)))
    draw.random.shuffle(order)
    dims = [place - len(x) if draw.chance(20) else place for place in order]
    return (x, tuple(draw.bent(dims, 10))), {}


@case("transpose swapaxes swapdims")
def transpose(draw: Draw) -> Case:
    """Two axes."""
    x = draw.tensor()
    return (x, draw.dim(len(x)), draw.dim(len(x))), {}


@case("movedim moveaxis")
def movedim(draw: Draw) -> Case:
    """Axes and where they go."""
    x = draw.tensor(1)
    if draw.chance(50):
        return (x, draw.dim(len(x)), draw.dim(len(x))), {}
    return (x, *(tuple(draw.dim(len(x)) for _ in range(2)) for _ in range(2))), {}


@case("squeeze")
def squeeze(draw: Draw) -> Case:
    """An axis, several, or none."""
    x = draw.tensor()
    return (x, *((draw.dims(len(x)),) if draw.chance(70) else ())), {}


@case("unsqueeze")
def unsqueeze(draw: Draw) -> Case:
    """A place for an axis."""
    x = draw.tensor()
    return (x, draw.dim(len(x) + 1)), {}


@case("expand broadcast_to")
def expand(draw: Draw) -> Case:
    """Sizes."""
    x = draw.tensor()
    sizes = [draw.size() if size == 1 else draw.pick((size, -1)) for size in x]
    extra = [draw.size() for _ in range(draw.random.randint(0, 2))]
    return (x, tuple(draw.bent([*extra, *sizes]))), {}


@case("expand_as")
def expand_as(draw: Draw) -> Case:
    """A larger tensor."""
    y = draw.tensor()
    return (draw.near(y), y), {}


@case("to type type_as")
def to(draw: Draw) -> Case:
    """A dtype."""
    from convshape.dtypes import Dtype

    return (draw.tensor(), Dtype(draw.dtype())), {}


CASES["type_as"] = lambda draw: ((draw.tensor(), draw.tensor()), {})
