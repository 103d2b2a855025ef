"""Cases for ops that reduce axes."""
# ruff: noqa: D401  # each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING

from op_cases.drawing import CASES, case, dtypes, flags

if TYPE_CHECKING:
    from op_cases.drawing import Case, Draw


@case("sum nansum mean nanmean")
def total(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, *((draw.dims(len(x)),) if draw.chance(80) else ())), {**flags(draw, "keepdim"), **dtypes(draw)}


@case("prod")
def product(draw: Draw) -> Case:
    """An axis."""
    x = draw.tensor()
    return ((x, draw.dim(len(x))), flags(draw, "keepdim")) if draw.chance(70) else ((x,), {})


@case("all any count_nonzero logsumexp amax amin")
def along(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, draw.dims(len(x))), {}


CASES["logsumexp"] = lambda draw: ((x := draw.tensor(), draw.dims(len(x)) or 0), flags(draw, "keepdim"))
CASES["amax"] = CASES["amin"] = CASES["logsumexp"]


@case("var std var_mean std_mean")
def var(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, *((draw.dims(len(x)),) if draw.chance(80) else ())), flags(draw, "keepdim")


@case("max min median argmax argmin")
def largest(draw: Draw) -> Case:
    """An axis."""
    x = draw.tensor()
    return ((x, draw.dim(len(x))), flags(draw, "keepdim")) if draw.chance(70) else ((x,), {})


@case("topk")
def topk(draw: Draw) -> Case:
    """How many, and an axis."""
    x = draw.tensor(dtype="float32")
    return (x, draw.count(), draw.dim(len(x))), {}


@case("sort argsort cumsum cumprod cummax cummin diff softmax log_softmax softmin glu fftshift ifftshift")
def single(draw: Draw) -> Case:
    """An axis."""
    x = draw.tensor(dtype="" if draw.chance(30) else "float32")
    return (x,), {"dim": draw.dim(len(x))}


@case("norm")
def norm(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return ((x, 2, draw.dims(len(x))), flags(draw, "keepdim")) if draw.chance(70) else ((x,), {})


@case("vector_norm")
def vector_norm(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, 2, draw.dims(len(x))), flags(draw, "keepdim")


@case("normalize")
def normalize(draw: Draw) -> Case:
    """Axes."""
    x = draw.tensor()
    return (x, 2.0, draw.dim(len(x))), {}


@case("cosine_similarity")
def cosine(draw: Draw) -> Case:
    """Two tensors and an axis."""
    x = draw.tensor(1, dtype="float32")
    return (x, draw.near(x, "float32"), draw.dim(len(x))), {}
