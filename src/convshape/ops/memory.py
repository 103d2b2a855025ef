"""Ops that copy, or change how the numbers lie in memory."""

from __future__ import annotations

from typing import Any

from convshape.dtypes import FLOATS, category
from convshape.faults import Fault, require
from convshape.op import method, op
from convshape.strides import channels_last, settled
from convshape.tensor import Tensor

NO_GRADIENTS = Fault(
    "dtype",
    "has gradients of floating numbers only",
    "RuntimeError: only Tensors of floating point dtype can require gradients",
)


@method(view=True)
def contiguous(input: Tensor, memory_format: str = "contiguous_format") -> Any:
    """Copy into contiguous memory, where it is not."""
    return remembered(input, memory_format)


@op
def clone(input: Tensor, *, memory_format: str = "preserve_format") -> Any:
    """Copy; the memory is laid out as before."""
    return remembered(input, memory_format)


def remembered(x: Tensor, memory_format: str) -> Tensor:
    """Return a copy in a memory format."""
    if memory_format == "preserve_format":
        return settled(x)
    if memory_format == "contiguous_format":
        return Tensor(x, x.dtype)
    return channels_last(x)


@op(view=True)
def detach(input: Tensor) -> Any:
    """Leave the graph of gradients."""
    return Tensor(input, input.dtype, input.strides)


@method(view=True)
def requires_grad_(input: Tensor, requires_grad: bool = True) -> Any:
    """Ask for gradients."""
    require(category(input.dtype) >= FLOATS, NO_GRADIENTS)
    return input
