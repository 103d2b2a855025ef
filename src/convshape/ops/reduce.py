"""Ops that fold axes into one number, and those that run along one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import axis, several
from convshape.dim import maximum, prod
from convshape.dtypes import COMPLEX, SCALARS, Dtype, as_floating, as_real, is_whole, need_comparable
from convshape.faults import Fault, require
from convshape.op import Flag, IntList, Number, function, op
from convshape.ops.pointwise import elementwise
from convshape.strides import same, strided, strides_of
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from convshape.tensor import Sizes

MEAN_DTYPE = Fault(
    "dtype",
    "averages floating numbers, got {dtype}",
    "RuntimeError: {name}(): could not infer output dtype. {whose} dtype must be either a floating point or "
    "complex dtype. "
    "Got: {dtype}",
)
NANMEAN_DTYPE = Fault(
    "dtype",
    "averages floating numbers, got {dtype}",
    "RuntimeError: nanmean(): expected input to have floating point or complex dtype but got {dtype}",
)
NANSUM_DTYPE = Fault("dtype", "adds no {dtype}", "RuntimeError: nansum on CPU does not support complex inputs")
DIFF_ORDER = Fault("range-step", "cannot subtract {n} times", "RuntimeError: order must be non-negative but got {n}")
SCALAR_DIM = Fault(
    "dim-range",
    "has no axis {dim}: a number has one, 0",
    "IndexError: {name}(): Expected reduction dim -1 or 0 for scalar but got {dim}",
)
DIFF_RANK = Fault("rank", "needs an axis", "RuntimeError: diff expects input to be at least one-dimensional")
VAR_DTYPE = Fault(
    "dtype",
    "takes floating numbers, got {dtype}",
    "RuntimeError: {names} only support floating point and complex dtypes",
)
NORM_DTYPE = Fault(
    "dtype",
    "takes floating numbers, got {dtype}",
    "RuntimeError: linalg.vector_norm: Expected a floating point or complex tensor as input. Got {dtype}",
)


def folded(x: Tensor, dim: Any, keepdim: bool) -> Sizes:
    """Return the shape without some axes, all of them where dim is None or empty; keepdim leaves 1 in their place."""
    if dim is None or dim == ():
        places: tuple[int, ...] = tuple(range(len(x)))
    else:
        named = tuple(axis(len(x), one) for one in (dim if isinstance(dim, tuple) else (dim,)))
        places = several(len(x), named)
    if keepdim:
        return tuple(1 if place in places else size for place, size in enumerate(x))
    return tuple(size for place, size in enumerate(x) if place not in places)


def summed(dtype: str) -> str:
    """Return the dtype of a sum: whole numbers and truths add up in int64."""
    return "int64" if is_whole(dtype) else dtype


# --- sums and their like ---


def total(input: Tensor, dim: int | IntList | None = None, keepdim: Flag = False, *, dtype: Dtype | None = None) -> Any:
    """Add."""
    return Tensor(folded(input, dim, keepdim), dtype or summed(input.dtype))


op(names="sum", with_dim="keepdim")(total)


@op
def nansum(
    input: Tensor, dim: int | IntList | None = None, keepdim: Flag = False, *, dtype: Dtype | None = None
) -> Any:
    """Add what is a number."""
    require(input.dtype not in COMPLEX, NANSUM_DTYPE, dtype=input.dtype)
    return total(input, dim, keepdim, dtype=dtype)


@op(with_dim="keepdim")
def mean(input: Tensor, dim: int | IntList | None = None, keepdim: Flag = False, *, dtype: Dtype | None = None) -> Any:
    """Average."""
    return averaged(input, dim, keepdim, dtype, "mean")


def averaged(x: Tensor, dim: Any, keepdim: bool, dtype: str | None, name: str) -> Tensor:
    """Return a floating result."""
    found = dtype or x.dtype
    told: dict[str, Any] = {"name": name, "whose": "Optional" if dtype else "Input"}
    require(not is_whole(found), MEAN_DTYPE, dtype=SCALARS[found], **told)
    return Tensor(folded(x, dim, keepdim), found)


@op
def nanmean(
    input: Tensor, dim: int | IntList | None = None, keepdim: Flag = False, *, dtype: Dtype | None = None
) -> Any:
    """Average what is a number."""
    require(not is_whole(input.dtype), NANMEAN_DTYPE, dtype=SCALARS[input.dtype])
    return averaged(input, dim, keepdim, dtype, "nanmean")


@op(names="prod", keeps="x y")
def product(input: Tensor, dim: int | None = None, keepdim: Flag = False, *, dtype: Dtype | None = None) -> Any:
    """Multiply."""
    return Tensor(folded(input, dim, keepdim), dtype or summed(input.dtype))


@op(names="all any")
def every(input: Tensor, dim: int | IntList | None = None, keepdim: Flag = False) -> Any:
    """Tell whether all, or any, are True; no axes at all fold nothing."""
    shape = tuple(input) if dim == () else folded(input, dim, keepdim)
    return Tensor(shape, "uint8" if input.dtype == "uint8" else "bool")


@op
def count_nonzero(input: Tensor, dim: int | IntList | None = None) -> Any:
    """Count what is not 0."""
    return Tensor(folded(input, dim, keepdim=False), "int64")


@op(keeps="x y")
def logsumexp(input: Tensor, dim: int | IntList, keepdim: Flag = False) -> Any:
    """Take the logarithm of the sum of the exponentials."""
    return Tensor(folded(input, dim, keepdim), as_floating(input.dtype))


# --- spread ---


def spread(input: Tensor, dim: Any, keepdim: bool, names: str) -> Sizes:
    """Return the shape of a variance; `x.var(False)` means unbiased, not an axis."""
    require(not is_whole(input.dtype), VAR_DTYPE, dtype=SCALARS[input.dtype], names=names)
    dims = dim if isinstance(dim, tuple) else ()
    several(len(input), dims)  # one axis after the other: the same twice, or out of range
    return folded(input, None if isinstance(dim, bool) else dim, keepdim)


@op(names="var std", keeps="x")
def var(
    input: Tensor,
    dim: int | IntList | Flag | None = None,
    unbiased: Flag = True,
    keepdim: Flag = False,
    *,
    correction: Number | None = None,
) -> Any:
    """Measure the spread."""
    return Tensor(spread(input, dim, keepdim, "std and var"), as_real(input.dtype))


def with_mean(name: str) -> None:
    """Declare an op that measures the spread and the average."""

    def rule(
        input: Tensor,
        dim: int | IntList | Flag | None = None,
        unbiased: Flag = True,
        keepdim: Flag = False,
        *,
        correction: Number | None = None,
    ) -> Any:
        shape = spread(input, dim, keepdim, name)
        return [Tensor(shape, as_real(input.dtype)), shape]

    function(names=name)(rule)


with_mean("var_mean")
with_mean("std_mean")


# --- norms ---


@op(keeps="x y")
def norm(
    input: Tensor,
    p: Number | str | None = "fro",
    dim: int | IntList | None = None,
    keepdim: Flag = False,
    dtype: Dtype | None = None,
) -> Any:
    """Measure the length."""
    require(not is_whole(dtype or input.dtype), NORM_DTYPE, dtype=SCALARS[input.dtype])
    return Tensor(folded(input, dim, keepdim), as_real(dtype or input.dtype))


@function(keeps="x y")
def vector_norm(
    x: Tensor,
    ord: Number = 2,
    dim: int | IntList | None = None,
    keepdim: Flag = False,
    *,
    dtype: Dtype | None = None,
) -> Any:
    """Measure the length of vectors."""
    require(not is_whole(dtype or x.dtype), NORM_DTYPE, dtype=SCALARS[x.dtype])
    several(len(x), dim if isinstance(dim, tuple) else ())
    return Tensor(folded(x, dim, keepdim), as_real(dtype or x.dtype))


@function(keeps="x y")
def normalize(input: Tensor, p: Number = 2.0, dim: int | IntList = 1, eps: Number = 1e-12) -> Any:
    """Divide by the length."""
    require(not is_whole(input.dtype), NORM_DTYPE, dtype=SCALARS[input.dtype])
    folded(input, dim, keepdim=True)
    return elementwise(input.dtype, input)


@function(keeps="x")
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: Number = 1e-8) -> Any:
    """Compare the directions of two tensors."""
    from convshape.layers.distance import CosineSimilarity

    return CosineSimilarity(dim, eps)(x1, x2)


# --- along an axis ---


def running(result: Callable[[str], str], names: str) -> None:
    """Declare ops that add up along an axis."""

    def rule(input: Tensor, dim: int, *, dtype: Dtype | None = None) -> Any:
        axis(len(input), dim)
        return Tensor(input, dtype or result(input.dtype))

    op(names=names)(rule)


running(summed, "cumsum cumprod")


def furthest(name: str) -> None:
    """Declare an op that finds the largest so far along an axis, and where it was; nothing has any axis."""

    def rule(input: Tensor, dim: int) -> Any:
        require(len(input) > 0 or dim in (0, -1), SCALAR_DIM, "dim", dim=dim, name=name)
        if not same(prod(input), 0):
            axis(len(input), dim)
            need_comparable(input.dtype, f"{name}_cpu")
        return [Tensor(input, input.dtype), Tensor(input, "int64")]

    op(names=name)(rule)


furthest("cummax")
furthest("cummin")


@op
def diff(input: Tensor, n: int = 1, dim: int = -1) -> Any:
    """Subtract neighbours along an axis."""
    require(len(input) > 0, DIFF_RANK)
    require(n >= 0, DIFF_ORDER, "n", n=n)
    place = axis(len(input), dim)
    shape = (*input[:place], maximum(input[place] - n, 0), *input[place + 1 :])
    return elementwise(input.dtype, strided(shape, input.dtype, strides_of(input)))
