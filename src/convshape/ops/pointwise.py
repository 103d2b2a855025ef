"""Ops that work on each number by itself, or on pairs of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import broadcast_shapes
from convshape.dtypes import (
    BOOLS,
    COMPLEXES,
    FLOATS,
    NOT_IMPLEMENTED,
    WHOLES,
    as_floating,
    as_real,
    category,
    is_whole,
    result_type,
)
from convshape.faults import Fault, require
from convshape.op import InPlace, Number, Operand, op, operation
from convshape.strides import follow
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from convshape.tensor import Sizes

INVERT_FLOAT = Fault(
    "dtype",
    "inverts whole numbers and truths, got {dtype}",
    "TypeError: ~ (operator.invert) is only implemented on integer and Boolean-type tensors",
)
NEGATE_BOOL = Fault(
    "dtype",
    "cannot negate truths",
    "RuntimeError: Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, "
    "use the `~` or `logical_not()` operator instead.",
)
POSITIVE_BOOL = Fault(
    "dtype",
    "cannot take +x of truths",
    "RuntimeError: The `+` operator, on a bool tensor is not supported.",
)
SUBTRACT_BOOL = Fault(
    "dtype",
    "cannot subtract truths",
    "RuntimeError: Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a "
    "mask, use the `~` or `logical_not()` operator instead.",
)
SUBTRACT_BOOLS = Fault(
    "dtype",
    "cannot subtract truths",
    "RuntimeError: Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
    "`logical_xor()` operator instead.",
)
NEGATIVE_POWER = Fault(
    "negative-power",
    "cannot raise whole numbers to the power {exponent}",
    "RuntimeError: Integers to negative integer powers are not allowed.",
)
ANGLES = Fault("dtype", "cannot turn {dtype}", "RuntimeError: {name} is not supported for complex tensors.")
SIGN = Fault(
    "dtype",
    "finds no sign in {dtype}",
    "NotImplementedError: Unlike NumPy, torch.sign is not intended to support complex numbers. "
    "Please use torch.sgn instead.",
)
SIGN_BIT = Fault("dtype", SIGN.says, "NotImplementedError: signbit is not implemented for complex tensors.")
ABS_IN_PLACE = Fault(
    "dtype",
    "cannot put a distance into {dtype}",
    "RuntimeError: In-place abs is not supported for complex tensors.",
)
ROUNDING = Fault("dtype", "cannot round {dtype}", "NotImplementedError: {name} is not supported for complex inputs")
INFINITE = Fault("dtype", SIGN.says, "RuntimeError: {name} does not support complex inputs.")
LARGER = Fault("dtype", "orders no {dtype}", "RuntimeError: {name} not implemented for complex tensors.")


def together(*operands: Any) -> Sizes:
    """Return the shape of broadcast tensors; a number has no axes."""
    shape: Sizes = ()
    for operand in operands:
        if isinstance(operand, Tensor):
            shape = broadcast_shapes(shape, operand)
    return shape


def elementwise(dtype: str, *operands: Any) -> Tensor:
    """Return the broadcast result of an operation on each number."""
    shape = together(*operands)
    return Tensor(shape, dtype, follow(shape, operands))


# --- one tensor ---


def kept(dtype: str) -> str:
    """Return the dtype as it is."""
    return dtype


def truth(_: str) -> str:
    """Return bool."""
    return "bool"


def unary(
    result: Callable[[str], str], names: str, kernel: str = "", unless: tuple[int, ...] = (), **options: Any
) -> None:
    """Declare ops of one tensor by the dtype of their result, and by the categories that their kernel lacks.

    `real` is what torch says of complex numbers where no kernel does; other options are those of `op`.
    """
    real = options.pop("real", None)

    def rule(input: Tensor) -> Any:
        if real is not None:
            require(category(input.dtype) != COMPLEXES, real, dtype=input.dtype, name=names)
        return elementwise(result(input.dtype), input)

    op(names=names, kernel=(kernel, unless), **{"inplace": True, **options})(rule)


FROM_INPUT = "log log2 log10 log1p sin cos asin acos atan sinh cosh asinh acosh atanh sinc"
unary(as_floating, FROM_INPUT, keeps="x")
REAL = {
    "erf": "erf_vml_cpu", "erfc": "erfc_vml_cpu", "erfinv": "erfinv_vml_cpu", "lgamma": "lgamma_vml_cpu",
    "digamma": "digamma", "logit": "logit_cpu",
}  # fmt: skip
"""The kernels that take no complex numbers."""
for name, real_kernel in REAL.items():
    unary(as_floating, name, real_kernel, (COMPLEXES,), keeps="x")
unary(as_floating, "sqrt rsqrt exp exp2 expm1 tan tanh sigmoid reciprocal", keeps="y")
for name in ("deg2rad", "rad2deg"):
    unary(as_floating, name, real=ANGLES)
unary(kept, "sign", real=SIGN)
unary(kept, "sgn")
unary(as_real, "abs absolute", "abs_cpu", (BOOLS,), keeps="x")
unary(kept, "abs_ absolute_", "abs_cpu", (BOOLS,), real=ABS_IN_PLACE, form=InPlace, inplace=False)
for rounding in ("floor", "ceil", "trunc"):
    unary(kept, rounding, f"{rounding}_vml_cpu", (BOOLS,), real=ROUNDING)
unary(kept, "round", "round_vml_cpu", (BOOLS, COMPLEXES))
unary(lambda dtype: "int64" if dtype == "bool" else dtype, "square", keeps="x")
unary(truth, "logical_not")


unary(truth, "isnan isinf isfinite", inplace=False)
unary(truth, "signbit", real=SIGN_BIT, inplace=False)
for name in ("isneginf", "isposinf"):
    unary(truth, name, real=INFINITE, inplace=False)


@op(names="neg negative", inplace=True)
def neg(input: Tensor) -> Any:
    """Change the sign."""
    require(input.dtype != "bool", NEGATE_BOOL)
    return elementwise(input.dtype, input)


@op
def positive(input: Tensor) -> Any:
    """Leave the numbers as they are: `+x`."""
    require(input.dtype != "bool", POSITIVE_BOOL)
    return Tensor(input, input.dtype, input.strides)


@op(inplace=True, kernel=("bitwise_not_cpu", (FLOATS, COMPLEXES)))
def bitwise_not(input: Tensor) -> Any:
    """Invert truths or bits: `~x`."""
    return elementwise(input.dtype, input)


@operation
def invert(input: Tensor) -> Any:
    """Invert truths or bits: `~x`."""
    require(is_whole(input.dtype), INVERT_FLOAT, dtype=input.dtype)
    return elementwise(input.dtype, input)


# --- two ---


@op(inplace=True)
def add(input: Operand, other: Operand, *, alpha: Number = 1) -> Any:
    """Add."""
    return elementwise(result_type(input, other), input, other)


@op(names="sub subtract", inplace=True)
def sub(input: Operand, other: Operand, *, alpha: Number = 1) -> Any:
    """Subtract."""
    bools = [one for one in (input, other) if isinstance(one, bool) or getattr(one, "dtype", "") == "bool"]
    require(len(bools) <= 1, SUBTRACT_BOOLS)
    require(not bools, SUBTRACT_BOOL)
    return elementwise(result_type(input, other), input, other)


def binary(
    result: Callable[[str], str], names: str, kernel: str = "", unless: tuple[int, ...] = (), keeps: str = ""
) -> None:
    """Declare ops of two operands by the dtype of their result, and by the categories that their kernel lacks."""

    def rule(input: Operand, other: Operand) -> Any:
        dtype = result_type(input, other)
        shape = together(input, other)
        return Tensor(shape, result(dtype), follow(shape, (input, other)))

    op(names=names, inplace=True, kernel=(kernel, unless), keeps=keeps)(rule)


binary(kept, "mul multiply", keeps="x")
binary(kept, "floor_divide", "div_floor_cpu", (BOOLS, COMPLEXES))
binary(kept, "remainder", "remainder_cpu", (BOOLS, COMPLEXES))
binary(kept, "fmod", "fmod_cpu", (BOOLS, COMPLEXES))
for name in ("and", "or", "xor"):
    binary(kept, f"bitwise_{name}", f"bitwise_{name}_cpu", (FLOATS, COMPLEXES))


def pairs(result: Callable[[str], str], names: str, kernel: str = "", real: Fault | None = None) -> None:
    """Declare ops that take two tensors and no number; `kernel`, or what `real` says, takes no complex numbers."""

    def rule(input: Tensor, other: Tensor) -> Any:
        dtype = result_type(input, other)
        if real is not None:
            require(category(dtype) != COMPLEXES, real, name=names, dtype=dtype)
        return elementwise(result(dtype), input, other)

    op(names=names, keeps="x", kernel=(kernel, (COMPLEXES,) if kernel else ()))(rule)


for name in ("maximum", "minimum", "fmax", "fmin"):
    pairs(kept, name, real=LARGER)
pairs(as_floating, "atan2 arctan2", "atan2_cpu")
pairs(truth, "logical_and logical_or logical_xor")


def comparison(names: str, kernel: str = "") -> None:
    """Declare comparisons; a kernel that orders takes no complex numbers."""

    def rule(input: Operand, other: Operand) -> Any:
        return elementwise("bool", input, other)

    op(names=names, kernel=(kernel, (COMPLEXES,) if kernel else ()))(rule)


comparison("eq ne not_equal")
for short, long in (("lt", "less"), ("le", "less_equal"), ("gt", "greater"), ("ge", "greater_equal")):
    comparison(f"{short} {long}", f"{short}_cpu")


@op(names="div divide", inplace=True, keeps="x")
def div(input: Operand, other: Operand, *, rounding_mode: str | None = None) -> Any:
    """Divide; whole numbers give floating ones unless they are rounded."""
    dtype = result_type(input, other)
    return elementwise(dtype if rounding_mode else as_floating(dtype), input, other)


@op(names="true_divide", inplace=True, keeps="x")
def true_divide(input: Operand, other: Operand) -> Any:
    """Divide; whole numbers give floating ones."""
    return elementwise(as_floating(result_type(input, other)), input, other)


@op(names="pow", inplace=True, keeps="x y")
def power(input: Operand, exponent: Operand) -> Any:
    """Raise to a power."""
    dtype = result_type(input, exponent)
    if isinstance(exponent, int) and not isinstance(exponent, bool) and category(dtype) == WHOLES:
        require(exponent >= 0, NEGATIVE_POWER, "exponent", exponent=exponent)
    result = elementwise(dtype, input, exponent)
    holds = dtype != "bool" or isinstance(exponent, bool)
    require(holds, NOT_IMPLEMENTED, kernel="pow", dtype=dtype, scalar="Bool")
    return result
