"""Ops that work on each number by itself, or on pairs of them."""

from __future__ import annotations

from typing import Any

from convshape.dim import broadcast
from convshape.faults import Fault, require
from convshape.op import op
from convshape.tensor import Tensor

BROADCAST = Fault(
    "broadcast",
    "cannot line up an axis of {first} with one of {second}",
    "RuntimeError: The size of tensor a ({first}) must match the size of tensor b ({second}) "
    "at non-singleton dimension {axis}",
)


@op
def relu(input: Tensor) -> Any:  # noqa: A002  # torch's name
    """Keep what is positive."""
    return Tensor(input, input.dtype)


@op
def add(input: Any, other: Any, alpha: float = 1) -> Any:  # noqa: A002, ARG001  # torch's names
    """Add two tensors."""
    return together(input, other)


def together(first: Any, second: Any) -> Any:
    """Return the shape of two broadcast tensors; a number has no axes."""
    one, two = (tuple(value) if isinstance(value, Tensor) else () for value in (first, second))
    rank = max(len(one), len(two))
    shape = []
    for axis, (a, b) in enumerate(zip((1,) * (rank - len(one)) + one, (1,) * (rank - len(two)) + two, strict=True)):
        size, holds = broadcast(a, b)
        require(holds, BROADCAST, first=a, second=b, axis=axis)
        shape.append(size)
    return tuple(shape)
