"""Ops that repeat axes of size 1 without a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dtypes import tensor_name
from convshape.faults import Fault, require
from convshape.op import IntList, method, op
from convshape.strides import same, strided, strides_of

if TYPE_CHECKING:
    from convshape.tensor import Sizes, Tensor

EXPAND_RANK = Fault(
    "rank",
    "cannot expand {rank} axes to {most}",
    "RuntimeError: expand({kind}{{{shape}}}, size={sizes}): the number of sizes provided ({most}) must be "
    "greater or equal to the number of dimensions in the tensor ({rank})",
)
EXPAND_LEADING = Fault(
    "expand",
    "cannot keep axis {axis}, which it adds",
    "RuntimeError: The expanded size of the tensor ({size}) isn't allowed in a leading, non-existing dimension {axis}",
)
EXPAND = Fault(
    "expand",
    "cannot expand axis {axis} from {have} to {size}",
    "RuntimeError: The expanded size of the tensor ({size}) must match the existing size ({have}) at non-singleton "
    "dimension {axis}.  Target sizes: {sizes}.  Tensor sizes: {shape}",
)


@method(view=True)
def expand(input: Tensor, size: IntList, *, implicit: bool = False) -> Any:
    """Repeat axes of size 1 without a copy; -1 keeps an axis."""
    return expanded(input, size)


@op(view=True)
def broadcast_to(input: Tensor, size: IntList) -> Any:
    """Repeat axes of size 1 without a copy."""
    return expanded(input, size)


@method(view=True)
def expand_as(input: Tensor, other: Tensor) -> Any:
    """Repeat axes of size 1 to the shape of another tensor."""
    return expanded(input, tuple(other))


def expanded(x: Tensor, sizes: Sizes) -> Tensor:
    """Return a tensor whose axes of size 1 are repeated."""
    told: dict[str, Any] = {
        "kind": tensor_name(x.dtype),
        "shape": tuple(x),
        "sizes": sizes,
        "most": len(sizes),
        "rank": len(x),
    }
    require(len(sizes) >= len(x), EXPAND_RANK, **told)
    added = len(sizes) - len(x)
    shape, strides = list(sizes), [*((0,) * added), *strides_of(x)]
    for place in range(len(sizes) - 1, -1, -1):
        size = sizes[place]
        if place < added:
            require(size >= 0, EXPAND_LEADING, size=size, axis=place)
            continue
        have = x[place - added]
        if same(size, -1):
            shape[place] = have
        elif same(have, 1) and not same(size, 1):
            strides[place] = 0
        else:
            require(size == have, EXPAND, size=size, have=have, axis=place, sizes=tuple(sizes), shape=tuple(x))
    return strided(tuple(shape), x.dtype, tuple(strides))
