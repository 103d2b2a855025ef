"""Assignment to a part of a tensor."""

from __future__ import annotations

from typing import Any

from convshape.dim import Dim
from convshape.dtypes import SCALARS
from convshape.faults import Fault, require
from convshape.op import operation
from convshape.ops.expand import expanded
from convshape.ops.index import indexed
from convshape.strides import same
from convshape.tensor import Tensor

PUT_DTYPE = Fault(
    "dtype",
    "stores {want}, got {got}",
    "RuntimeError: Index put requires the source and destination dtypes match, got {want} for the destination "
    "and {got} "
    "for the source.",
)
PUT_SHAPE = Fault(
    "broadcast",
    "cannot store {value} into {shape}",
    "RuntimeError: shape mismatch: value tensor of shape {value} cannot be broadcast to indexing result of shape "
    "{shape}",
)
PUT_LIST = Fault("argument-type", "cannot store a {type}", "TypeError: can't assign a {type} to a torch.{kind}Tensor")


@operation(value=True)
def setitem(input: Tensor, index: Any, value: Any) -> None:
    """Assign to a part: `x[:, 0] = y`."""
    told: dict[str, Any] = {"type": type(value).__name__, "kind": SCALARS[input.dtype]}
    require(isinstance(value, (Tensor, int, float, Dim)), PUT_LIST, **told)
    cursor = indexed(input, index)
    target = cursor.result()
    if not isinstance(value, Tensor):
        cursor.check(target)
        return
    if not cursor.picks:
        expanded(trimmed(value), tuple(target))
        return
    require(value.dtype == input.dtype, PUT_DTYPE, want=SCALARS[input.dtype], got=SCALARS[value.dtype])
    if None not in target.shape:
        fit(value, target)
    cursor.check(target)


def trimmed(value: Tensor) -> Tensor:
    """Drop leading axes of size 1, which assignment ignores."""
    kept = tuple(value)
    while kept and same(kept[0], 1):
        kept = kept[1:]
    return Tensor(kept, value.dtype)


def fit(value: Tensor, target: Tensor) -> None:
    """Refuse a value that does not broadcast to what is assigned to."""
    sizes = tuple(trimmed(value))
    told: dict[str, Any] = {"value": sizes, "shape": tuple(target)}
    require(len(sizes) <= len(target), PUT_SHAPE, **told)
    for have, want in zip(reversed(sizes), reversed(target), strict=False):
        require(same(have, 1) or have == want, PUT_SHAPE, **told)
