"""Ops that change the dtype."""

from __future__ import annotations

from typing import Any

from convshape.dtypes import ALIASES, SCALARS, Dtype
from convshape.op import method
from convshape.ops.pointwise import elementwise
from convshape.tensor import Tensor


def cast(dtype: str) -> Any:
    """Return the rule of a method that is named after a dtype."""

    def rule(input: Tensor, memory_format: str = "preserve_format") -> Any:
        return elementwise(dtype, input)

    return rule


for name in ("float", "double", "half", "bfloat16", "long", "int", "short", "bool"):
    method(names=f"Tensor.{name}")(cast(ALIASES.get(name, name)))
method(names="char")(cast("int8"))
method(names="byte")(cast("uint8"))


@method
def to(
    input: Tensor,
    device: Dtype | Tensor | str | int | None = None,
    dtype: Dtype | bool | None = None,
    non_blocking: bool = False,
    copy: bool = False,
    *,
    memory_format: str | None = None,
) -> Any:
    """Change the device, the dtype, or both; or take those of another tensor."""
    if isinstance(device, Tensor):
        return elementwise(device.dtype, input)
    found = device if isinstance(device, Dtype) else dtype
    return elementwise(found if isinstance(found, Dtype) else input.dtype, input)


@method
def type_as(input: Tensor, other: Tensor) -> Any:
    """Take the dtype of another tensor."""
    return elementwise(other.dtype, input)


@method(names="type")
def retyped(input: Tensor, dtype: Dtype | str | None = None, non_blocking: bool = False) -> Any:
    """Change the dtype; without one, return the name of the tensor's type."""
    if dtype is None:
        return f"torch.{SCALARS[input.dtype]}Tensor"
    return elementwise(dtype if isinstance(dtype, Dtype) else named(dtype), input)


def named(text: str) -> str:
    """Return the dtype of a name such as "torch.LongTensor"."""
    word = text.removeprefix("torch.").removesuffix("Tensor")
    return next((dtype for dtype, name in SCALARS.items() if name == word), word)


@method(names="cpu cuda")
def cpu(input: Tensor) -> Any:
    """Move to a device."""
    return input
