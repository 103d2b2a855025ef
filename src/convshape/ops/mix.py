"""Ops that work on each number with bounds, masks, or two other tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dtypes import BOOLS, C_NAMES, SCALARS, need_order, result_type
from convshape.faults import Fault, require
from convshape.op import Flag, InPlace, Number, Operand, function, method, op
from convshape.ops.pointwise import elementwise, together
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.tensor import Sizes

NO_BOUND = Fault(
    "no-bound", "needs min or max", "RuntimeError: torch.clamp: At least one of 'min' or 'max' must not be None"
)
CONDITION = Fault(
    "dtype",
    "needs a condition of bool, got {dtype}",
    "RuntimeError: where expected condition to be a boolean tensor, but got a tensor with dtype {dtype}",
)
MASK = Fault(
    "dtype",
    "needs a mask of bool, got {dtype}",
    "RuntimeError: masked_fill_ only supports boolean masks, but got mask with dtype {dtype}",
)
FILL_RANK = Fault(
    "rank",
    "fills with one number, got {rank} axes",
    "RuntimeError: masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {rank} dimension(s).",
)
CLOSE_DTYPE = Fault("dtype", "compares one dtype, got {one} and {two}", "RuntimeError: {one} did not match {two}")
LERP_DTYPE = Fault(
    "dtype",
    "needs both ends of one dtype",
    "RuntimeError: expected dtype {want} for `end` but got dtype {got}",
)


def clamp_kernel(min: Any = None, max: Any = None, **_: Any) -> str:
    """Return the kernel that takes no truths: with one bound that is a tensor, torch has another way."""
    bounds = [bound for bound in (min, max) if bound is not None]
    plain = not any(isinstance(bound, Tensor) for bound in bounds)
    if len(bounds) > 1:
        return "clamp_scalar_cpu" if plain else "clamp_cpu"
    return "" if not plain else "clamp_min_scalar_cpu" if max is None else "clamp_max_scalar_cpu"


@op(names="clamp clip", inplace=True, keeps="x", kernel=(clamp_kernel, (BOOLS,)))
def clamp(input: Tensor, min: Tensor | Number | None = None, max: Tensor | Number | None = None) -> Any:
    """Cut off below min and above max."""
    bounds = tuple(bound for bound in (min, max) if bound is not None)
    require(len(bounds) > 0, NO_BOUND)
    dtype = result_type(input, *bounds)
    need_order(dtype)
    return elementwise(dtype, input, *bounds)


@op(inplace=True, keeps="x")
def clamp_min(input: Tensor, min: Operand) -> Any:
    """Cut off below min."""
    need_order(result_type(input, min))
    return elementwise(result_type(input, min), input, min)


@op(inplace=True, keeps="x")
def clamp_max(input: Tensor, max: Operand) -> Any:
    """Cut off above max."""
    need_order(result_type(input, max))
    return elementwise(result_type(input, max), input, max)


@function(keeps="mask")
def where(condition: Tensor, input: Operand, other: Operand) -> Any:
    """Take from input where the condition holds, from other elsewhere."""
    require(condition.dtype in ("bool", "uint8"), CONDITION, dtype=SCALARS[condition.dtype])
    return elementwise(result_type(input, other), condition, input, other)


@op(keeps="mask")
def masked_fill(input: Tensor, mask: Tensor, value: Operand) -> Any:
    """Put a number where the mask is True."""
    return filled(input, mask, value, together(mask, input))


@op(keeps="mask", form=InPlace)
def masked_fill_(input: Tensor, mask: Tensor, value: Operand) -> Any:
    """Put a number where the mask is True, in place: torch names the input first."""
    require(mask.dtype == "bool", MASK, dtype=C_NAMES[mask.dtype])
    return filled(input, mask, value, together(input, mask))


def filled(input: Tensor, mask: Tensor, value: Operand, shape: Sizes) -> Tensor:
    """Return a tensor that was filled."""
    if isinstance(value, Tensor):
        require(len(value) == 0, FILL_RANK, rank=len(value))
    require(mask.dtype == "bool", MASK, dtype=C_NAMES[mask.dtype])
    return Tensor(shape, input.dtype)


@op(inplace=True)
def lerp(input: Tensor, end: Tensor, weight: Operand) -> Any:
    """Go a part of the way from input to end."""
    require(end.dtype == input.dtype, LERP_DTYPE, want=C_NAMES[input.dtype], got=C_NAMES[end.dtype])
    return elementwise(input.dtype, input, end, weight)


@op(names="addcmul addcdiv", inplace=True)
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Number = 1) -> Any:
    """Add the product, or the quotient, of two tensors."""
    return elementwise(result_type(input, tensor1, tensor2), input, tensor1, tensor2)


@op
def nan_to_num(
    input: Tensor, nan: Number | None = None, posinf: Number | None = None, neginf: Number | None = None
) -> Any:
    """Put numbers where there are none."""
    return elementwise(input.dtype, input)


@op(names="isclose")
def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: Flag = False) -> Any:
    """Tell where two tensors are nearly equal."""
    require(input.dtype == other.dtype, CLOSE_DTYPE, one=SCALARS[input.dtype], two=SCALARS[other.dtype])
    return elementwise("bool", input, other)


@method(names="Tensor.where")
def where_method(input: Tensor, condition: Tensor, other: Operand) -> Any:
    """Take from input where the condition holds, from other elsewhere."""
    return where(condition, input, other)
