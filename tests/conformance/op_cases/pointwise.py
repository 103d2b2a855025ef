"""Cases for ops that work on each element."""
# ruff: noqa: D401  # each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING

from op_cases.drawing import case

if TYPE_CHECKING:
    from op_cases.drawing import Case, Draw


@case("""sqrt rsqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh
    sigmoid erf erfc erfinv reciprocal sinc lgamma digamma deg2rad rad2deg logit sign abs absolute floor ceil
    round trunc square logical_not isnan isinf isfinite signbit isneginf isposinf neg negative positive
    bitwise_not nan_to_num detach ravel t contiguous clone relu hardshrink size stride dim ndimension numel
    nelement is_contiguous is_floating_point is_complex T mT shape ndim dtype atleast_1d atleast_2d sgn""")
def one(draw: Draw) -> Case:
    """One tensor."""
    return (draw.tensor(),), {}


@case("""relu6 elu celu selu silu mish hardswish hardsigmoid gelu softshrink softplus logsigmoid tanhshrink softsign
    leaky_relu hardtanh rrelu""")
def activation(draw: Draw) -> Case:
    """One tensor."""
    return (draw.tensor(),), {}


@case("invert Tensor.float Tensor.double Tensor.half Tensor.bfloat16 Tensor.long Tensor.int Tensor.short Tensor.bool "
      "char byte requires_grad_ data cpu")  # fmt: skip
def plain(draw: Draw) -> Case:
    """One tensor."""
    return (draw.tensor(dtype="float32" if draw.chance(70) else "int64"),), {}


@case("""add sub subtract mul multiply floor_divide remainder fmod bitwise_and bitwise_or bitwise_xor div divide
    true_divide eq ne lt le gt ge not_equal less less_equal greater greater_equal""")
def two(draw: Draw) -> Case:
    """Two tensors, or a tensor and a number."""
    x = draw.tensor()
    return (x, draw.number() if draw.chance(20) else draw.near(x)), {}


@case("maximum minimum fmax fmin atan2 arctan2 logical_and logical_or logical_xor isclose")
def pair(draw: Draw) -> Case:
    """Two tensors."""
    x = draw.tensor()
    return (x, draw.near(x, x.dtype)), {}


@case("pow")
def power(draw: Draw) -> Case:
    """A tensor and an exponent."""
    x = draw.tensor()
    return (x, draw.number() if draw.chance(50) else draw.near(x)), {}


@case("clamp clip")
def clamp(draw: Draw) -> Case:
    """Bounds, or none."""
    x = draw.tensor()
    if draw.chance(30):
        return (x,), {name: draw.near(x, x.dtype) for name in ("min", "max") if draw.chance(70)}
    return (x,), {name: draw.number() for name in ("min", "max") if draw.chance(70)}


@case("clamp_min clamp_max")
def bound(draw: Draw) -> Case:
    """One bound."""
    x = draw.tensor()
    return (x, draw.pick((1, 1.5))), {}


@case("where")
def where(draw: Draw) -> Case:
    """A condition and two operands."""
    x = draw.tensor()
    return (draw.near(x, "bool" if draw.chance(85) else ""), x, draw.number() if draw.chance(30) else draw.near(x)), {}


@case("Tensor.where")
def where_method(draw: Draw) -> Case:
    """A condition and another operand."""
    x = draw.tensor()
    return (x, draw.near(x, "bool"), draw.near(x)), {}


@case("masked_fill")
def masked_fill(draw: Draw) -> Case:
    """A mask and a number."""
    x = draw.tensor()
    return (x, draw.near(x, "bool" if draw.chance(85) else ""), 1), {}


@case("lerp")
def lerp(draw: Draw) -> Case:
    """Two ends."""
    x = draw.tensor(dtype="float32")
    return (x, draw.near(x, "float32" if draw.chance(80) else ""), 0.5), {}


@case("addcmul addcdiv")
def addcmul(draw: Draw) -> Case:
    """Three tensors."""
    x = draw.tensor(dtype="float32")
    return (x, draw.near(x, "float32"), draw.near(x, "float32")), {}
