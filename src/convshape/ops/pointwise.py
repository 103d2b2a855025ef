"""Ops that work on each number by itself, or on pairs of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import broadcast_shapes
from convshape.dtypes import BOOLS, FLOATS, NOT_IMPLEMENTED, WHOLES, as_floating, category, is_whole, result_type
from convshape.faults import Fault, require
from convshape.op import Number, Operand, op, operation
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
    result: Callable[[str], str], names: str, kernel: str = "", unless: tuple[int, ...] = (), keeps: str = ""
) -> None:
    """Declare ops of one tensor by the dtype of their result, the categories that their kernel lacks, what is kept."""

    def rule(input: Tensor) -> Any:
        return elementwise(result(input.dtype), input)

    op(names=names, inplace=True, kernel=(kernel, unless), keeps=keeps)(rule)


FROM_INPUT = """log log2 log10 log1p sin cos asin acos atan sinh cosh asinh acosh atanh erf erfc erfinv sinc lgamma
    digamma logit"""
unary(as_floating, FROM_INPUT, keeps="x")
unary(as_floating, "sqrt rsqrt exp exp2 expm1 tan tanh sigmoid reciprocal", keeps="y")
unary(as_floating, "deg2rad rad2deg")
unary(kept, "sign sgn")
unary(kept, "abs absolute", "abs_cpu", (BOOLS,), "x")
for rounding in ("floor", "ceil", "round", "trunc"):
    unary(kept, rounding, f"{rounding}_vml_cpu", (BOOLS,))
unary(lambda dtype: "int64" if dtype == "bool" else dtype, "square", keeps="x")
unary(truth, "logical_not")


def tests(names: str) -> None:
    """Declare questions about each number, which have no in-place form."""

    def rule(input: Tensor) -> Any:
        return elementwise("bool", input)

    op(names=names)(rule)


tests("isnan isinf isfinite signbit isneginf isposinf")


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


@op(inplace=True, kernel=("bitwise_not_cpu", (FLOATS,)))
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
binary(kept, "floor_divide", "div_floor_cpu", (BOOLS,))
binary(kept, "remainder", "remainder_cpu", (BOOLS,))
binary(kept, "fmod", "fmod_cpu", (BOOLS,))
for name in ("and", "or", "xor"):
    binary(kept, f"bitwise_{name}", f"bitwise_{name}_cpu", (FLOATS,))


def pairs(result: Callable[[str], str], names: str) -> None:
    """Declare ops that take two tensors and no number."""

    def rule(input: Tensor, other: Tensor) -> Any:
        return elementwise(result(result_type(input, other)), input, other)

    op(names=names, keeps="x")(rule)


pairs(kept, "maximum minimum fmax fmin")
pairs(as_floating, "atan2 arctan2")
pairs(truth, "logical_and logical_or logical_xor")


def comparison(names: str) -> None:
    """Declare comparisons."""

    def rule(input: Operand, other: Operand) -> Any:
        return elementwise("bool", input, other)

    op(names=names)(rule)


comparison("eq ne lt le gt ge not_equal less less_equal greater greater_equal")


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
