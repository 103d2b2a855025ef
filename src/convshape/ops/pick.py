"""Ops that pick numbers by an index along one axis."""

from __future__ import annotations

from typing import Any

from convshape.axes import NO_DIMENSIONS, axis, broadcast_shapes
from convshape.dim import prod
from convshape.dtypes import SCALARS
from convshape.faults import Fault, require
from convshape.op import Number, Operand, function, op
from convshape.ops.index import DATA_DEPENDENT
from convshape.ops.pointwise import elementwise
from convshape.strides import same, strided, strides_of
from convshape.tensor import Tensor

NO_PLACES = Fault("rank", "needs an axis to take from", "IndexError: select() cannot be applied to a 0-dim tensor.")
SELECT_RANGE = Fault(
    "index-range",
    "has no place {index} on axis {axis}",
    "IndexError: select(): index {index} out of range for tensor of size {shape} at dimension {axis}",
)
NARROW_NEGATIVE = Fault(
    "negative-size", "has no length {length}", "RuntimeError: narrow(): length must be non-negative."
)
NARROW_START = Fault(
    "index-range",
    "starts at {start}, outside {low} to {size}",
    "IndexError: start out of range (expected to be in range of [{low}, {size}], but got {start})",
)
NARROW_END = Fault(
    "index-range",
    "needs {length} places from {start} on, there are {size}",
    "RuntimeError: start ({start}) + length ({length}) exceeds dimension size ({size}).",
)
GATHER_RANK = Fault(
    "rank",
    "needs an index with as many axes as the input",
    "RuntimeError: Index tensor must have the same number of dimensions as input tensor",
)
ALONG_RANK = Fault(
    "rank",
    "needs an index with as many axes as the input",
    "RuntimeError: torch.take_along_dim(): input and indices should have the same number of dimensions, but got {one} "
    "dimensions for input, and {two} dimensions for indices",
)
SELECT_EMPTY = Fault(
    "empty-axis", "picks from an empty axis", "RuntimeError: index_select(): self indexing axis dim should be positive"
)
GATHER_SIZE = Fault(
    "sizes-match",
    "needs an index no larger than {shape} but along axis {dim}, got {index}",
    "RuntimeError: Size does not match at dimension {axis} expected index {index} to be no larger than self "
    "{shape} apart "
    "from dimension {dim}",
)
GATHER_DTYPE = Fault(
    "dtype", "needs whole numbers as an index", "RuntimeError: gather(): Expected dtype int32/int64 for index"
)
SELECT_RANK = Fault(
    "rank", "needs a list of indices, got {rank} axes", "IndexError: index_select(): Index is supposed to be a vector"
)
SELECT_DTYPE = Fault(
    "dtype",
    "needs whole numbers as an index",
    "RuntimeError: index_select(): Expected dtype int32 or int64 for index",
)
SCATTER_RANK = Fault(
    "rank",
    "needs an index with as many axes as the input",
    "RuntimeError: Index tensor must have the same number of dimensions as self tensor",
)
SCATTER_SRC_RANK = Fault(
    "rank",
    "needs an index with as many axes as src",
    "RuntimeError: Index tensor must have the same number of dimensions as src tensor",
)
SCATTER_DTYPE = Fault(
    "dtype", "needs whole numbers as an index", "RuntimeError: scatter(): Expected dtype int32/int64 for index"
)
SCATTER_SELF = Fault(
    "sizes-match",
    "needs an index no larger than {shape} but along axis {dim}, got {index}",
    "RuntimeError: Expected index {index} to be no larger than self {shape} apart from dimension {dim}",
)
SCATTER_SRC = Fault(
    "sizes-match",
    "needs an index no larger than {shape} but along axis {dim}, and than {src}, got {index}",
    "RuntimeError: Expected index {index} to be no larger than self {shape} apart from dimension {dim} and to be "
    "no larger "
    "size than src {src}",
)
SCATTER_SRC_DTYPE = Fault(
    "dtype", "needs src of the input's dtype", "RuntimeError: scatter(): Expected self.dtype to be equal to src.dtype"
)
ONE_HOT_DTYPE = Fault(
    "dtype",
    "needs indices of int64, got {dtype}",
    "RuntimeError: one_hot is only applicable to index tensor of type LongTensor.",
)
ONE_HOT_CLASSES = Fault("data-dependent", "has as many classes as the largest index says: write num_classes")
ONE_HOT_EMPTY = Fault(
    "classes", "needs num_classes", "RuntimeError: Can not infer total number of classes from empty tensor."
)
ONE_HOT_FEW = Fault(
    "classes", "has no {num_classes} classes", "RuntimeError: Class values must be smaller than num_classes."
)
TAKE_DTYPE = Fault(
    "dtype",
    "needs an index of int64, got {got}",
    "RuntimeError: take(): Expected a long tensor for index, but got {got}",
)
ALONG_DTYPE = Fault(
    "dtype", TAKE_DTYPE.says, "RuntimeError: torch.take_along_dim(): dtype of indices should be Long but got {got}"
)
FILL_RANK = Fault("rank", "takes an index of 0 or 1 axes, got {rank}", "RuntimeError: Index has to be a vector/scalar")
FILL_DTYPE = Fault("dtype", TAKE_DTYPE.says, "IndexError: index_fill_(): Expected dtype int64 for index.")
WHOLE = ("int64", "int32")


@op(view=True)
def select(input: Tensor, dim: int, index: int) -> Any:
    """Take one place of an axis, and drop the axis."""
    require(len(input) > 0, NO_PLACES)
    place = axis(len(input), dim)
    size = input[place]
    within = (index < size) & (index >= -size)
    require(within, SELECT_RANGE, "index", index=index, shape=tuple(input), axis=place)
    strides = strides_of(input)
    return strided((*input[:place], *input[place + 1 :]), input.dtype, (*strides[:place], *strides[place + 1 :]))


@op(view=True)
def narrow(input: Tensor, dim: int, start: int, length: int) -> Any:
    """Keep `length` places of an axis."""
    require(length >= 0, NARROW_NEGATIVE, "length", length=length)
    place = axis(len(input), dim)
    size = input[place]
    within = (start <= size) & (start >= -size)
    require(within, NARROW_START, "start", start=start, size=size, low=-size)
    first = size + start if (start < 0) is True else start
    require(first + length <= size, NARROW_END, "length", start=first, length=length, size=size)
    return strided((*input[:place], length, *input[place + 1 :]), input.dtype, strides_of(input))


@op(keeps="x")
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Any:
    """Pick one number for each index along an axis."""
    place = axis(len(input), dim)
    if same(prod(index), 0):
        return Tensor(index, input.dtype)
    require(index.dtype in WHOLE, GATHER_DTYPE)
    require(len(index) == len(input) or (not index and len(input) == 1) or (not input and len(index) == 1), GATHER_RANK)
    for number, (have, most) in enumerate(zip(index, input, strict=False)):
        told: dict[str, Any] = {"axis": number, "index": tuple(index), "shape": tuple(input), "dim": place}
        require(number == place or have <= most, GATHER_SIZE, **told)
    return Tensor(index, input.dtype)


@op
def index_select(input: Tensor, dim: int, index: Tensor) -> Any:
    """Pick whole slices along an axis."""
    place = axis(len(input), dim)
    require(len(index) <= 1, SELECT_RANK, rank=len(index))
    require(index.dtype in WHOLE, SELECT_DTYPE)
    require(not input or input[place] > 0 or same(prod(index), 0), SELECT_EMPTY)
    return (*input[:place], prod(index), *input[place + 1 :]) if input else ()


@op(inplace=True)
def scatter(input: Tensor, dim: int, index: Tensor, src: Operand) -> Any:
    """Put numbers at places of an axis."""
    return scattered(input, dim, index, src)


@op(inplace=True)
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Any:
    """Add numbers at places of an axis."""
    return scattered(input, dim, index, src)


def scattered(x: Tensor, dim: int, index: Tensor, src: Any) -> Any:
    """Refuse what cannot be scattered."""
    place = axis(len(x), dim)
    nothing = same(prod(index), 0)
    require(index.dtype in WHOLE or nothing, SCATTER_DTYPE)
    require(not isinstance(src, Tensor) or src.dtype == x.dtype, SCATTER_SRC_DTYPE)
    if nothing:
        return tuple(x)
    require(len(index) == len(x), SCATTER_RANK)
    told: dict[str, Any] = {"index": tuple(index), "shape": tuple(x), "dim": place}
    if not isinstance(src, Tensor):
        for number, (have, most) in enumerate(zip(index, x, strict=True)):
            require(number == place or have <= most, SCATTER_SELF, **told)
        return tuple(x)
    require(len(index) == len(src), SCATTER_SRC_RANK)
    for number, (have, most, given) in enumerate(zip(index, x, src, strict=True)):
        require(number == place or have <= most, SCATTER_SRC, src=tuple(src), **told)
        require(have <= given, SCATTER_SRC, src=tuple(src), **told)
    return tuple(x)


@op
def take(input: Tensor, index: Tensor) -> Any:
    """Pick numbers by their place in the flattened input."""
    require(index.dtype == "int64", TAKE_DTYPE, got=SCALARS[index.dtype])
    return Tensor(index, input.dtype)


@op
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Any:
    """Pick one number for each index along an axis, the others broadcast."""
    if dim is None:
        return (prod(indices),)
    require(len(input) == len(indices), ALONG_RANK, one=len(input), two=len(indices))
    require(indices.dtype == "int64", ALONG_DTYPE, got=SCALARS[indices.dtype])
    require(len(input) > 0, NO_DIMENSIONS, "dim", dim=dim)
    place = axis(len(input), dim)
    one, two = (tuple(1 if number == place else size for number, size in enumerate(x)) for x in (input, indices))
    shape = broadcast_shapes(one, two)
    return (*shape[:place], indices[place], *shape[place + 1 :])


@op(names="masked_select nonzero argwhere unique")
def masked_select(input: Tensor, mask: Tensor | None = None) -> Any:
    """Pick what the numbers tell."""
    require(False, DATA_DEPENDENT)


@function
def one_hot(tensor: Tensor, num_classes: int = -1) -> Any:
    """Write an index as a row of zeros with a one in its place."""
    require(tensor.dtype == "int64", ONE_HOT_DTYPE, dtype=SCALARS[tensor.dtype])
    require(num_classes > 0 or not same(prod(tensor), 0), ONE_HOT_EMPTY)
    require(num_classes != -1, ONE_HOT_CLASSES, "num_classes")
    require(num_classes > 0, ONE_HOT_FEW, "num_classes", num_classes=num_classes)
    return (*tensor, num_classes)


@op(inplace=True)
def index_fill(input: Tensor, dim: int, index: Tensor, value: Number) -> Any:
    """Put a number at places of an axis."""
    require(index.dtype == "int64", FILL_DTYPE, got=index.dtype)
    require(len(index) <= 1, FILL_RANK, rank=len(index))
    axis(len(input), dim)
    return elementwise(input.dtype, input)
