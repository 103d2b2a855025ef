"""Ops that find the largest or smallest numbers, and where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import axis
from convshape.dim import prod
from convshape.dtypes import BOOLS, COMPLEX, COMPLEXES, NOT_IMPLEMENTED, SCALARS, category, need_comparable, result_type
from convshape.faults import Fault, require
from convshape.op import Flag, IntList, op
from convshape.ops.pointwise import LARGER, elementwise
from convshape.ops.reduce import folded
from convshape.strides import same
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.tensor import Sizes

EMPTY = Fault(
    "empty-axis",
    "finds nothing on axis {dim}, which is empty",
    "IndexError: {name}(): Expected reduction dim {dim} to have non-zero size.",
)
EMPTY_ALL = Fault(
    "empty-axis",
    "finds nothing in an empty tensor",
    "RuntimeError: {name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the "
    "reduction dim with "
    "the 'dim' argument.",
)
EMPTY_ARG = Fault(
    "empty-axis",
    "finds nothing in an empty tensor",
    "IndexError: {name}(): Expected reduction dim to be specified for input.numel() == 0.",
)
TOP_RANGE = Fault("top", "has no {k} numbers to pick", "RuntimeError: selected index k out of range")
TOP_DTYPE = Fault("dtype", "does not take {kind}", "RuntimeError: topk does not support {kind} dtypes on CPU")
SORT_DTYPE = Fault("dtype", "orders no {dtype}", "RuntimeError: Sort does not support complex dtypes on CPU")
NO_COMPLEX = Fault("dtype", "orders no complex numbers", "RuntimeError: {name}(): does not support complex input")
NO_BOOLS = Fault("dtype", "does not take truths", "RuntimeError: {name}(): does not support bool input")


def chosen(name: str) -> None:
    """Declare an op that finds one number: of all, along an axis with its place, or of two tensors."""

    def rule(input: Tensor, dim: int | Tensor | None = None, keepdim: Flag = False) -> Any:
        if isinstance(dim, Tensor):
            dtype = result_type(input, dim)
            require(dtype not in COMPLEX, LARGER, name=f"{name}imum", dtype=dtype)
            return elementwise(dtype, input, dim)
        if dim is None:
            require(not same(prod(input), 0), EMPTY_ALL, name=name)
            need_comparable(input.dtype, f"{name}_all")
            return ()
        require(input.dtype not in COMPLEX, NO_COMPLEX, name=name)
        shape = along(input, dim, keepdim, name)
        return [Tensor(shape, input.dtype), Tensor(shape, "int64")]

    op(names=name, keeps="indices")(rule)


def along(x: Tensor, dim: int, keepdim: bool, name: str) -> Sizes:
    """Return the shape without an axis, which must not be empty."""
    place = axis(len(x), dim)
    require(not x or x[place] != 0, EMPTY, "dim", dim=place, name=name)
    return folded(x, dim, keepdim)


chosen("max")
chosen("min")


@op(keeps="indices")
def median(input: Tensor, dim: int | None = None, keepdim: Flag = False) -> Any:
    """Find the number in the middle."""
    shape = () if dim is None else along(input, dim, keepdim, "median")
    kernel = "median_cpu" if dim is None else "median_out"
    holds = category(input.dtype) not in (BOOLS, COMPLEXES) or (dim is None and same(prod(input), 0))
    require(holds, NOT_IMPLEMENTED, kernel=kernel, dtype=input.dtype, scalar=SCALARS[input.dtype])
    if dim is None:
        return shape
    return [Tensor(shape, input.dtype), Tensor(shape, "int64")]


def extreme(name: str) -> None:
    """Declare an op that finds one number over several axes."""

    def rule(input: Tensor, dim: int | IntList = (), keepdim: Flag = False) -> Any:
        if dim == ():
            require(not same(prod(input), 0), EMPTY_ALL, name=name)
        for one in dim if isinstance(dim, tuple) else (dim,):
            place = axis(len(input), one)
            require(not input or input[place] != 0, EMPTY, "dim", dim=one, name=name)
        shape = folded(input, dim, keepdim)
        if not same(prod(input), 0):
            need_comparable(input.dtype, f"{name[1:]}_values_cpu")
        return shape

    op(names=name)(rule)


extreme("amax")
extreme("amin")


def place(name: str) -> None:
    """Declare an op that finds where a number is."""

    def rule(input: Tensor, dim: int | None = None, keepdim: Flag = False) -> Any:
        require(input.dtype not in COMPLEX, NO_COMPLEX, name=name)
        require(input.dtype != "bool", NO_BOOLS, name=name)
        if dim is None:
            require(not same(prod(input), 0), EMPTY_ARG, name=name)
            return Tensor(folded(input, None, keepdim), "int64")
        return Tensor(along(input, dim, keepdim, name), "int64")

    op(names=name)(rule)


place("argmax")
place("argmin")


@op(keeps="indices")
def topk(input: Tensor, k: int, dim: int = -1, largest: Flag = True, sorted: Flag = True) -> Any:
    """Find the k largest along an axis, and where they are."""
    place = axis(len(input), dim)
    kind = {BOOLS: "bool", COMPLEXES: "complex"}.get(category(input.dtype), "")
    within = (k >= 0) & (k <= (input[place] if input else 1))
    require(within, TOP_RANGE, "k", k=k)
    require(not kind, TOP_DTYPE, kind=kind)
    shape = (*input[:place], k, *input[place + 1 :]) if input else ()
    return [Tensor(shape, input.dtype), Tensor(shape, "int64")]


@op(keeps="indices")
def sort(input: Tensor, dim: int = -1, descending: Flag = False, stable: Flag = False) -> Any:
    """Sort along an axis, and tell where each was."""
    axis(len(input), dim)
    require(input.dtype not in COMPLEX, SORT_DTYPE, dtype=input.dtype)
    return [elementwise(input.dtype, input), elementwise("int64", input)]


@op
def argsort(input: Tensor, dim: int = -1, descending: Flag = False) -> Any:
    """Tell the places in sorted order."""
    axis(len(input), dim)
    require(input.dtype not in COMPLEX, SORT_DTYPE, dtype=input.dtype)
    return elementwise("int64", input)
