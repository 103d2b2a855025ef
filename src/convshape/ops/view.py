"""Ops that keep the numbers and change the axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import axis, flattened, several, unflattened
from convshape.dim import prod
from convshape.dtypes import BYTES, SCALARS, Dtype
from convshape.faults import Fault, require
from convshape.op import IntList, function, method, op
from convshape.strides import dense, regroup, same, strided, strides_of
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.dim import Size
    from convshape.tensor import Sizes

INFERRED_TWICE = Fault(
    "inferred-twice", "has more than one -1 in {shape}", "RuntimeError: only one dimension can be inferred"
)
NEGATIVE_SIZE = Fault(
    "negative-size",
    "has no size {size}",
    "RuntimeError: invalid shape dimension {size} at index {index} of shape {shape}",
)
ELEMENTS = Fault(
    "elements",
    "cannot lay {count} numbers out as {shape}",
    "RuntimeError: shape '{shape}' is invalid for input of size {count}",
)
AMBIGUOUS = Fault(
    "ambiguous",
    "cannot work -1 out of no numbers in {shape}",
    "RuntimeError: cannot reshape tensor of 0 elements into shape {shape} because the unspecified dimension size "
    "-1 can "
    "be any value and is ambiguous",
)
MEMORY = Fault(
    "memory",
    "cannot be seen as {shape} without a copy: use reshape",
    "RuntimeError: view size is not compatible with input tensor's size and stride (at least one dimension spans "
    "across "
    "two contiguous subspaces). Use .reshape(...) instead.",
)
BYTES_DIVISIBLE = Fault(
    "divisible",
    "needs a last axis that {times} divides, got {got}",
    "RuntimeError: self.size(-1) must be divisible by {times} to view {have} as {want} (different element sizes), "
    "but got {got}",
)
ORDER_LENGTH = Fault(
    "rank",
    "orders {got} axes of {rank}",
    "RuntimeError: permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
    "desired ordering of dimensions i.e. input.dim() = {rank} is not equal to len(dims) = {got}",
)
ORDER_TWICE = Fault("repeated-dim", "names an axis twice", "RuntimeError: permute(): duplicate dims are not allowed.")
MATRIX = Fault(
    "rank",
    "transposes a matrix, got {rank} axes",
    "RuntimeError: t() expects a tensor with <= 2 dimensions, but self is {rank}D",
)
MOVE_COUNT = Fault(
    "repeated-dim",
    "moves {source} to {destination}",
    "RuntimeError: movedim: Invalid source or destination dims: source ({source} dims) should contain the same "
    "number of "
    "dims as destination ({destination} dims)",
)
MOVE_TWICE = Fault(
    "repeated-dim", "names an axis twice in {what}", "RuntimeError: movedim: repeated dim in `{what}` ({dims})"
)


# --- other sizes ---


def resolved(count: Size, shape: Sizes) -> Sizes:
    """Return a shape with its -1 worked out; refuse one that does not hold `count` numbers."""
    known: Size = 1
    hole = None
    for index, size in enumerate(shape):
        if same(size, -1):
            require(hole is None, INFERRED_TWICE, shape=shape)
            hole = index
        else:
            require(size >= 0, NEGATIVE_SIZE, size=size, index=index, shape=shape)
            known = known * size
    if hole is None:
        require(count == known, ELEMENTS, shape=shape, count=count)
        return shape
    if same(known, 0):
        require(not same(count, 0), AMBIGUOUS, shape=shape)
        require(False, ELEMENTS, shape=shape, count=count)
    require(count % known == 0, ELEMENTS, shape=shape, count=count)
    return (*shape[:hole], count // known, *shape[hole + 1 :])


def viewed(x: Tensor, shape: Sizes) -> Tensor:
    """Return the same memory under another shape."""
    strides = regroup(x, shape)
    require(strides is not None, MEMORY, shape=shape)
    return strided(shape, x.dtype, strides or ())


def reshaped(x: Tensor, shape: Sizes) -> Tensor:
    """Return another shape, a copy where the memory does not allow it."""
    strides = regroup(x, shape)
    return strided(shape, x.dtype, dense(shape) if strides is None else strides)


@method(names="view", view=True)
def view(input: Tensor, size: Dtype | IntList) -> Any:
    """See the same memory under another shape, or as another dtype."""
    if isinstance(size, Dtype):
        return viewed_as(input, size)
    return viewed(input, resolved(prod(input), size))


def viewed_as(x: Tensor, dtype: Dtype) -> Tensor:
    """See the same memory as another dtype; the last axis holds as many bytes as before."""
    have, want = BYTES[x.dtype], BYTES[dtype]
    if have == want:
        return Tensor(x, dtype, x.strides)
    if want > have:
        times = want // have
        told: dict[str, Any] = {"have": SCALARS[x.dtype], "want": SCALARS[dtype]}
        require(x[-1] % times == 0, BYTES_DIVISIBLE, times=times, got=x[-1], **told)
    return Tensor((*x[:-1], x[-1] * have // want), dtype)


@op(view=True)
def reshape(input: Tensor, shape: IntList) -> Any:
    """Lay the same numbers out in another shape."""
    return reshaped(input, resolved(prod(input), shape))


@method(view=True)
def view_as(input: Tensor, other: Tensor) -> Any:
    """See the same memory in the shape of another tensor."""
    return viewed(input, resolved(prod(input), tuple(other)))


@method(view=True)
def reshape_as(input: Tensor, other: Tensor) -> Any:
    """Lay the same numbers out in the shape of another tensor."""
    return reshaped(input, resolved(prod(input), tuple(other)))


@op(view=True)
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Fold the axes from start_dim to end_dim into one."""
    return reshaped(input, flattened(input, start_dim, end_dim))


@op(view=True)
def ravel(input: Tensor) -> Any:
    """Fold all axes into one."""
    return reshaped(input, (prod(input),))


@op(view=True)
def unflatten(input: Tensor, dim: int, sizes: IntList) -> Any:
    """Cut an axis into several."""
    return viewed(input, unflattened(input, dim, sizes))


MATRIX_AXES = 2
"""How many axes a matrix has."""


# --- other orders ---


def ordered(x: Tensor, order: tuple[int, ...]) -> Tensor:
    """Return the axes in another order."""
    strides = strides_of(x)
    return strided(tuple(x[place] for place in order), x.dtype, tuple(strides[place] for place in order))


@op(view=True)
def permute(input: Tensor, dims: IntList) -> Any:
    """Put the axes into another order."""
    require(len(dims) == len(input), ORDER_LENGTH, rank=len(input), got=len(dims))
    order = tuple(axis(len(input), dim, "dims") for dim in dims)
    require(len(set(order)) == len(order), ORDER_TWICE)
    return ordered(input, order)


@op(names="transpose swapaxes swapdims", view=True)
def transpose(input: Tensor, dim0: int, dim1: int) -> Any:
    """Swap two axes."""
    return swapped(input, axis(len(input), dim0, "dim0"), axis(len(input), dim1, "dim1"))


def swapped(x: Tensor, one: int, two: int) -> Tensor:
    """Return a tensor with two axes swapped."""
    order = list(range(len(x)))
    if order:
        order[one], order[two] = order[two], order[one]
    return ordered(x, tuple(order))


@op(view=True)
def t(input: Tensor) -> Any:
    """Transpose a matrix."""
    require(len(input) <= MATRIX_AXES, MATRIX, rank=len(input))
    return ordered(input, tuple(reversed(range(len(input)))))


@op(names="movedim moveaxis", view=True)
def movedim(input: Tensor, source: int | IntList, destination: int | IntList) -> Any:
    """Move axes to other places; the others keep their order."""
    origins, targets = (tuple(one) if isinstance(one, (tuple, list)) else (one,) for one in (source, destination))
    require(len(origins) == len(targets), MOVE_COUNT, source=origins, destination=targets)
    starts, ends = ([axis(len(input), dim) for dim in dims] for dims in (origins, targets))
    require(len(set(starts)) == len(starts), MOVE_TWICE, what="source", dims=origins)
    require(len(set(ends)) == len(ends), MOVE_TWICE, what="destination", dims=targets)
    others = iter([place for place in range(len(input)) if place not in starts])
    moved = dict(zip(ends, starts, strict=True))
    return ordered(input, tuple(moved[place] if place in moved else next(others) for place in range(len(input))))


# --- axes of size 1 ---


@op(view=True)
def squeeze(input: Tensor, dim: int | IntList | None = None) -> Any:
    """Drop axes of size 1."""
    if dim is None:
        places: tuple[int, ...] = tuple(range(len(input)))
    else:
        places = several(len(input), dim if isinstance(dim, (tuple, list)) else (dim,))
    kept = [place for place in range(len(input)) if place not in places or not same(input[place], 1)]
    return ordered(input, tuple(kept))


@op(view=True)
def unsqueeze(input: Tensor, dim: int) -> Any:
    """Add an axis of size 1."""
    place = axis(len(input) + 1, dim)
    strides = strides_of(input)
    step = strides[place] * input[place] if place < len(input) else 1
    shape = (*input[:place], 1, *input[place:])
    return strided(shape, input.dtype, (*strides[:place], step, *strides[place:]))


# --- at least so many axes ---


@function(view=True)
def atleast_1d(input: Tensor) -> Any:
    """Make one axis where there is none."""
    return input or (1,)


@function(view=True)
def atleast_2d(input: Tensor) -> Any:
    """Add axes in front until there are two."""
    return input if len(input) > 1 else (1,) * (2 - len(input)) + tuple(input)
