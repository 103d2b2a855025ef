"""Ops that fold axes into one number, and those that run along one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import axis, several
from convshape.dim import maximum, prod
from convshape.dtypes import NOT_IMPLEMENTED, SCALARS, Dtype, as_floating, is_whole, result_type
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
    "RuntimeError: {name}(): could not infer output dtype. {whose} dtype must be either a floating point or complex dtype. "
    "Got: {dtype}",
)
NANMEAN_DTYPE = Fault(
    "dtype",
    "averages floating numbers, got {dtype}",
    "RuntimeError: nanmean(): expected input to have floating point or complex dtype but got {dtype}",
)
NO_BOOLS = Fault("dtype", "does not take truths", "RuntimeError: {name}(): does not support bool input")
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
EMPTY = Fault(
    "empty-axis",
    "finds nothing on axis {dim}, which is empty",
    "IndexError: {name}(): Expected reduction dim {dim} to have non-zero size.",
)
EMPTY_ALL = Fault(
    "empty-axis",
    "finds nothing in an empty tensor",
    "RuntimeError: {name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with "
    "the 'dim' argument.",
)
EMPTY_ARG = Fault(
    "empty-axis",
    "finds nothing in an empty tensor",
    "IndexError: {name}(): Expected reduction dim to be specified for input.numel() == 0.",
)
TOP_RANGE = Fault("top", "has no {k} numbers to pick", "RuntimeError: selected index k out of range")
ONE_DIM = Fault(
    "argument-type",
    "takes one axis, got {dim}",
    "TypeError: {name}() received an invalid combination of arguments",
)


def folded(x: Tensor, dim: Any, keepdim: bool) -> Sizes:  # noqa: FBT001
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


op(total, names="sum", with_dim="keepdim")
op(total, names="nansum")


@op(with_dim="keepdim")
def mean(input: Tensor, dim: int | IntList | None = None, keepdim: Flag = False, *, dtype: Dtype | None = None) -> Any:
    """Average."""
    return averaged(input, dim, keepdim, dtype, "mean")


def averaged(x: Tensor, dim: Any, keepdim: bool, dtype: str | None, name: str) -> Tensor:  # noqa: FBT001
    """Return a floating result."""
    found = dtype or x.dtype
    told = {"name": name, "whose": "Optional" if dtype else "Input"}
    require(not is_whole(found), MEAN_DTYPE, dtype=SCALARS[found], **told)
    return Tensor(folded(x, dim, keepdim), found)


@op
def nanmean(input: Tensor, dim: int | IntList | None = None, keepdim: Flag = False, *, dtype: Dtype | None = None) -> Any:
    """Average what is a number."""
    require(not is_whole(input.dtype), NANMEAN_DTYPE, dtype=SCALARS[input.dtype])
    return averaged(input, dim, keepdim, dtype, "nanmean")


@op(names="prod")
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


@op
def logsumexp(input: Tensor, dim: int | IntList, keepdim: Flag = False) -> Any:
    """Take the logarithm of the sum of the exponentials."""
    return Tensor(folded(input, dim, keepdim), as_floating(input.dtype))


# --- spread ---


def spread(input: Tensor, dim: Any, keepdim: bool, names: str) -> Sizes:  # noqa: FBT001
    """Return the shape of a variance; `x.var(False)` means unbiased, not an axis."""
    require(not is_whole(input.dtype), VAR_DTYPE, dtype=SCALARS[input.dtype], names=names)
    return folded(input, None if isinstance(dim, bool) else dim, keepdim)


@op(names="var std")
def var(
    input: Tensor,
    dim: int | IntList | None = None,
    unbiased: Flag = True,  # noqa: ARG001
    keepdim: Flag = False,
    *,
    correction: Number | None = None,  # noqa: ARG001
) -> Any:
    """Measure the spread."""
    return spread(input, dim, keepdim, "std and var")


for name in ("var_mean", "std_mean"):

    def both(
        input: Tensor,
        dim: int | IntList | None = None,
        unbiased: Flag = True,  # noqa: ARG001
        keepdim: Flag = False,
        *,
        correction: Number | None = None,  # noqa: ARG001
        name: Any = name,
    ) -> Any:
        """Measure the spread and the average."""
        return [spread(input, dim, keepdim, name)] * 2

    function(both, names=name)


# --- the largest, the smallest ---


def chosen(names: str) -> None:
    """Declare ops that find one number: of all, along an axis with its place, or of two tensors."""
    for name in names.split():

        def rule(input: Tensor, dim: int | Tensor | None = None, keepdim: Flag = False, name: Any = name) -> Any:
            if isinstance(dim, Tensor):
                return elementwise(result_type(input, dim), input, dim)
            if dim is None:
                require(not same(prod(input), 0), EMPTY_ALL, name=name)
                return ()
            shape = along(input, dim, keepdim, name)
            return [Tensor(shape, input.dtype), Tensor(shape, "int64")]

        op(rule, names=name)


def along(x: Tensor, dim: int, keepdim: bool, name: str) -> Sizes:  # noqa: FBT001
    """Return the shape without an axis, which must not be empty."""
    place = axis(len(x), dim)
    require(not x or x[place] != 0, EMPTY, "dim", dim=place, name=name)
    return folded(x, dim, keepdim)


chosen("max min")


@op
def median(input: Tensor, dim: int | None = None, keepdim: Flag = False) -> Any:
    """Find the number in the middle."""
    kernel = "median_cpu" if dim is None else "median_out"
    holds = input.dtype != "bool" or same(prod(input), 0)
    require(holds, NOT_IMPLEMENTED, kernel=kernel, dtype="bool", scalar="Bool")
    if dim is None:
        return ()
    shape = along(input, dim, keepdim, "median")
    return [Tensor(shape, input.dtype), Tensor(shape, "int64")]


def extremes(names: str) -> None:
    """Declare ops that find one number over several axes."""
    for name in names.split():

        def rule(input: Tensor, dim: int | IntList = (), keepdim: Flag = False, name: Any = name) -> Any:
            if dim == ():
                require(not same(prod(input), 0), EMPTY_ALL, name=name)
            for one in dim if isinstance(dim, tuple) else (dim,):
                place = axis(len(input), one)
                require(not input or input[place] != 0, EMPTY, "dim", dim=one, name=name)
            return folded(input, dim, keepdim)

        op(rule, names=name)


extremes("amax amin")


def places(names: str) -> None:
    """Declare ops that find where a number is."""
    for name in names.split():

        def rule(input: Tensor, dim: int | None = None, keepdim: Flag = False, name: Any = name) -> Any:
            require(input.dtype != "bool", NO_BOOLS, name=name)
            if dim is None:
                require(not same(prod(input), 0), EMPTY_ARG, name=name)
                return Tensor(folded(input, None, keepdim), "int64")
            return Tensor(along(input, dim, keepdim, name), "int64")

        op(rule, names=name)


places("argmax argmin")


@op
def topk(input: Tensor, k: int, dim: int = -1, largest: Flag = True, sorted: Flag = True) -> Any:  # noqa: ARG001
    """Find the k largest along an axis, and where they are."""
    place = axis(len(input), dim)
    within = (k >= 0) & (k <= (input[place] if input else 1))
    require(within, TOP_RANGE, "k", k=k)
    shape = (*input[:place], k, *input[place + 1 :]) if input else ()
    return [Tensor(shape, input.dtype), Tensor(shape, "int64")]


@op
def sort(input: Tensor, dim: int = -1, descending: Flag = False, stable: Flag = False) -> Any:  # noqa: ARG001
    """Sort along an axis, and tell where each was."""
    axis(len(input), dim)
    return [elementwise(input.dtype, input), elementwise("int64", input)]


@op
def argsort(input: Tensor, dim: int = -1, descending: Flag = False) -> Any:  # noqa: ARG001
    """Tell the places in sorted order."""
    axis(len(input), dim)
    return elementwise("int64", input)


# --- norms ---


@op
def norm(
    input: Tensor,
    p: Number | str | None = "fro",  # noqa: ARG001
    dim: int | IntList | None = None,
    keepdim: Flag = False,
    dtype: Dtype | None = None,
) -> Any:
    """Measure the length."""
    require(not is_whole(dtype or input.dtype), NORM_DTYPE, dtype=SCALARS[input.dtype])
    return Tensor(folded(input, dim, keepdim), dtype or input.dtype)


@function
def vector_norm(
    x: Tensor,
    ord: Number = 2,  # noqa: ARG001
    dim: int | IntList | None = None,
    keepdim: Flag = False,
    *,
    dtype: Dtype | None = None,
) -> Any:
    """Measure the length of vectors."""
    require(not is_whole(dtype or x.dtype), NORM_DTYPE, dtype=SCALARS[x.dtype])
    return Tensor(folded(x, dim, keepdim), dtype or x.dtype)


@function
def normalize(input: Tensor, p: Number = 2.0, dim: int | IntList = 1, eps: Number = 1e-12) -> Any:  # noqa: ARG001
    """Divide by the length."""
    require(not is_whole(input.dtype), NORM_DTYPE, dtype=SCALARS[input.dtype])
    folded(input, dim, keepdim=True)
    return elementwise(input.dtype, input)


@function
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: Number = 1e-8) -> Any:  # noqa: ARG001
    """Compare the directions of two tensors."""
    joint = elementwise(x1.dtype, x1, x2)
    return folded(joint, dim, keepdim=False)


# --- along an axis ---


def running(result: Callable[[str], str], names: str) -> None:
    """Declare ops that add up along an axis."""

    def rule(input: Tensor, dim: int, *, dtype: Dtype | None = None) -> Any:
        axis(len(input), dim)
        return Tensor(input, dtype or result(input.dtype))

    op(rule, names=names)


running(summed, "cumsum cumprod")


@op(names="cummax cummin")
def cummax(input: Tensor, dim: int) -> Any:
    """Find the largest so far along an axis, and where it was."""
    axis(len(input), dim)
    return [Tensor(input, input.dtype), Tensor(input, "int64")]


@op
def diff(input: Tensor, n: int = 1, dim: int = -1) -> Any:
    """Subtract neighbours along an axis."""
    require(len(input) > 0, DIFF_RANK)
    place = axis(len(input), dim)
    shape = (*input[:place], maximum(input[place] - n, 0), *input[place + 1 :])
    return elementwise(input.dtype, strided(shape, input.dtype, strides_of(input)))

