"""Picks: the tensor that a list of indices stands for, and what may be in such a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.dim import Dim
from convshape.faults import Fault, require
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.tensor import Sizes

INDEX_WORD = Fault("argument-type", "cannot be indexed with a word", "TypeError: new(): invalid data type 'str'")
RAGGED = Fault(
    "ragged",
    "cannot be indexed with lists of different lengths",
    "ValueError: expected sequence of length {want} at dim {axis} (got {got})",
)
NO_SEQUENCE = Fault("ragged", "cannot be indexed with lists beside numbers", "TypeError: not a sequence")
NO_INTEGER = Fault(
    "argument-type",
    "cannot be indexed with a {type} among numbers",
    "TypeError: '{type}' object cannot be interpreted as an integer",
)
NO_DTYPE = Fault(
    "argument-type",
    "cannot be indexed with a {type} among numbers",
    "RuntimeError: Could not infer dtype of {type}",
)
NO_INDEX = Fault(
    "argument-type",
    "cannot be indexed with a tensor of several numbers among numbers",
    "TypeError: only integer tensors of a single element can be converted to an index",
)
INTEGERS = ("int64", "int32", "int16", "int8", "uint8", "bool")


class Picks(NamedTuple):
    """A tensor of indices for one axis, or a mask; `values` are its numbers where they were written out."""

    shape: Sizes
    dtype: str = "int64"
    values: tuple[Any, ...] | None = None
    strides: Sizes | None = None


def listed(items: Any) -> Picks:
    """Read a list of indices, or of lists of them."""
    shape: list[int] = []
    level: list[Any] = [items]
    while level and all(map(is_row, level)):
        shape.append(len(level[0]))
        for one in level:
            require(len(one) == len(level[0]), RAGGED, want=len(level[0]), axis=len(shape) - 1, got=len(one))
        level = [item for one in level for item in one]
    require(not any(isinstance(one, str) for one in level), INDEX_WORD)
    require(not level or not is_row(level[0]), NO_SEQUENCE)
    for one in level:
        need_number(one)
    if any(isinstance(one, float) for one in level):
        return Picks(tuple(shape), "float32", tuple(level))
    kind = "bool" if level and all(isinstance(one, bool) for one in level) else "int64"
    return Picks(tuple(shape), kind, tuple(level))


def is_row(one: Any) -> bool:
    """Tell whether what is in a list is a list itself."""
    return isinstance(one, (list, tuple)) and not isinstance(one, Tensor)


def need_number(one: Any) -> None:
    """Refuse what cannot stand among indices."""
    if isinstance(one, Tensor):
        require(not one and one.dtype in INTEGERS, NO_INDEX)
        return
    require(not is_row(one), NO_INTEGER, type=type(one).__name__)
    require(isinstance(one, (int, float, Dim)), NO_DTYPE, type=type(one).__name__)
