"""Indexing: ints, slices, None, `...`, lists, masks and tensors of indices, to read and to assign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import broadcast_shapes
from convshape.dim import Dim, maximum, minimum
from convshape.faults import Fault, require
from convshape.op import operation
from convshape.ops.indices import INDEX_WORD, Picks, listed
from convshape.strides import follow, same, spread, strided, strides_of
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.dim import Size
    from convshape.tensor import Sizes

TOO_MANY = Fault(
    "too-many-indices",
    "takes {rank} indices, got {got}",
    "IndexError: too many indices for tensor of dimension {rank}",
)
NO_AXES = Fault(
    "too-many-indices",
    "has no axes to index",
    "IndexError: invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to "
    "convert a "
    "0-dim tensor to a number",
)
INDEX_RANGE = Fault(
    "index-range",
    "has no place {index} on axis {axis} of {size}",
    "IndexError: index {index} is out of bounds for dimension {axis} with size {size}",
)
STEP_ZERO = Fault("slice-step", "steps by 0", "ValueError: slice step cannot be zero")
STEP_BACK = Fault("slice-step", "steps back by {step}", "ValueError: step must be greater than zero")
SLICE_TYPE = Fault(
    "argument-type",
    "slices with whole numbers, got {value:repr}",
    "TypeError: slice indices must be integers or None or have an __index__ method",
)
INDEX_TYPE = Fault(
    "argument-type",
    "cannot be indexed with a {type}",
    "IndexError: only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
    "(got {type})",
)
INDEX_DTYPE = Fault(
    "dtype",
    "cannot be indexed with a tensor of {dtype}",
    "IndexError: tensors used as indices must be long, int, byte or bool tensors",
)
MASK_SHAPE = Fault(
    "mask-shape",
    "needs a mask as long as the axes it covers, got {mask}",
    "IndexError: The shape of the mask {mask} at index {index} does not match the shape of the indexed tensor {shape} "
    "at index {axis}",
)
TOGETHER = Fault(
    "broadcast",
    "cannot line up indices of the shapes {shapes}",
    "IndexError: shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}",
)
DATA_DEPENDENT = Fault(
    "data-dependent", "has as many places as the mask has True: only the numbers tell, no shape does"
)
LONGEST_TUPLE = 32
"""A list of lists is a tuple of indices to torch when it is shorter than this."""


class Cursor:
    """Takes the indices of one `[...]` from left to right, as torch does."""

    def __init__(self, x: Tensor) -> None:
        """Start at the first axis."""
        self.x = x
        self.shape: list[Size] = []
        self.strides: list[Size] = []
        self.picks: dict[int, Picks] = {}
        self.rest = list(zip(x, strides_of(x), strict=True))
        self.number = 0
        self.covered: list[tuple[Size, Size, dict[str, Any]]] = []

    def push(self, size: Size, stride: Size) -> None:
        """Put an axis into the result."""
        self.shape.append(size)
        self.strides.append(stride)

    def take(self, index: Any, left: int) -> None:
        """Take one index; `left` is how many axes the indices after it need."""
        if index is Ellipsis:
            for _ in range(len(self.rest) - left):
                self.push(*self.next())
        elif index is None:
            self.push(1, 0)
        elif isinstance(index, bool):
            self.pick(Picks((int(index),)), 1, 0)
        elif isinstance(index, slice):
            self.cut(index)
        elif isinstance(index, Tensor) and not index and index.dtype not in ("bool", "uint8"):
            self.next()
        elif isinstance(index, (Tensor, list, tuple)):
            self.gather(index)
        else:
            self.select(index)

    def next(self) -> tuple[Size, Size]:
        """Take the next axis of the input."""
        return self.rest.pop(0)

    def select(self, index: Any) -> None:
        """Drop an axis; torch's message counts the indices, not the axes."""
        require(not isinstance(index, str), INDEX_WORD)
        require(isinstance(index, (int, Dim)), INDEX_TYPE, type=type(index).__name__)
        size, _ = self.next()
        within = (index < size) & (index >= -size)
        require(within, INDEX_RANGE, index=index, axis=self.number, size=size)

    def cut(self, index: slice) -> None:
        """Shorten an axis."""
        for part in (index.start, index.stop, index.step):
            require(part is None or isinstance(part, (int, Dim)), SLICE_TYPE, value=part)
        step = 1 if index.step is None else index.step
        require(step != 0, STEP_ZERO)
        require(step > 0, STEP_BACK, step=step)
        size, stride = self.next()
        self.push(slice_length(size, index.start, index.stop, step), stride * step)

    def gather(self, index: Any) -> None:
        """Let a tensor pick from one axis, or a mask from as many as it has."""
        picks = Picks(tuple(index), index.dtype, None, index.strides) if isinstance(index, Tensor) else listed(index)
        require(picks.dtype in ("int64", "int32", "bool", "uint8"), INDEX_DTYPE, dtype=picks.dtype)
        if picks.dtype in ("bool", "uint8"):
            self.mask(picks)
        else:
            self.pick(picks, *self.next())

    def mask(self, mask: Picks) -> None:
        """Fold the axes that a mask covers into one pick for each."""
        count: Size | None = None if mask.values is None else sum(map(bool, mask.values))
        for place, length in enumerate(mask.shape):
            told: dict[str, Any] = {"mask": mask.shape, "index": place, "axis": len(self.shape)}
            size, stride = self.next()
            self.covered.append((length, size, told))
            self.pick(Picks((count,)), size, stride)  # type: ignore[arg-type]  # None: only the numbers tell

    def pick(self, picks: Picks, size: Size, stride: Size) -> None:
        """Remember the pick of an axis."""
        self.picks[len(self.shape)] = picks
        self.push(size, stride)

    def result(self) -> Tensor:
        """Return what was indexed; picks that stand together stay there, others come first."""
        sliced = strided(self.shape, self.x.dtype, self.strides)
        for length, size, told in self.covered:
            require(length == size, MASK_SHAPE, shape=tuple(self.shape), **told)
        if not self.picks:
            return sliced
        picked = tuple(self.together())
        places = sorted(self.picks)
        first = places[0] if places[-1] - places[0] < len(places) else 0
        kept = [place for place in range(len(self.shape)) if place not in self.picks]
        shape = [self.shape[place] for place in kept]
        shape[first:first] = picked
        if None in shape or (sliced.strides is None and not any(picks.strides for picks in self.picks.values())):
            return Tensor(shape, self.x.dtype)
        around = [0] * first, [0] * (len(kept) - first)
        indices = (spread(picked, Tensor(one.shape, one.dtype, one.strides)) for one in self.picks.values())
        steps = [self.strides[place] for place in kept]
        steps[first:first] = [0] * len(picked)
        operands = [steps, *([*around[0], *own, *around[1]] for own in indices)]
        strides = follow(tuple(shape), [Tensor(shape, self.x.dtype, tuple(one)) for one in operands])
        return Tensor(shape, self.x.dtype, strides)

    def together(self) -> Sizes:
        """Broadcast the picks."""
        shapes = [picks.shape for picks in self.picks.values()]
        known = [tuple(1 if size is None else size for size in shape) for shape in shapes]
        shape: Sizes = ()
        for one in known:
            rank = max(len(shape), len(one))
            pairs = zip((1,) * (rank - len(shape)) + shape, (1,) * (rank - len(one)) + one, strict=True)
            fits = all(same(a, 1) or same(b, 1) or (a == b) is not False for a, b in pairs)
            require(fits, TOGETHER, shapes=Shapes(shapes))
            shape = broadcast_shapes(shape, one)
        if any(None in one for one in shapes):
            return (*shape[:-1], None)  # type: ignore[arg-type]
        return shape

    def check(self, shape: Sizes) -> None:
        """Refuse indices that were written out and are too large, unless nothing is picked."""
        nothing = any(size is not None and same(size, 0) for size in shape)
        for number, (place, picks) in enumerate(sorted(self.picks.items())):
            size = self.shape[place]
            for value in picks.values or () if not nothing else ():
                if isinstance(value, Tensor):  # only its number tells
                    continue
                require((value < size) & (value >= -size), INDEX_RANGE, index=value, axis=number, size=size)


class Shapes(list):  # type: ignore[type-arg]
    """Several shapes as torch's message lists them."""

    def __str__(self) -> str:
        """Write [2], [3]."""
        return ", ".join(f"[{', '.join(map(str, shape))}]" for shape in self)


def slice_length(size: Size, start: Size | None, stop: Size | None, step: Size) -> Size:
    """Return how many places a slice has."""
    first = place_in(size, 0 if start is None else start)
    last = place_in(size, size if stop is None else stop)
    return (maximum(last - first, 0) + step - 1) // step


def place_in(size: Size, place: Size) -> Size:
    """Return where a slice begins or ends: negative places count from the end, and none lies outside."""
    if (place < 0) is True:
        return maximum(size + place, 0)
    return minimum(place, size)


def as_tuple(index: Any) -> tuple[Any, ...]:
    """Return the indices; a list that holds more than numbers is a tuple to torch."""
    if isinstance(index, Tensor) or not isinstance(index, (tuple, list)):
        return (index,)
    if isinstance(index, tuple):
        return index
    odd = any(one is None or one is Ellipsis or isinstance(one, (tuple, list, slice)) for one in index)
    return tuple(index) if odd and len(index) < LONGEST_TUPLE else (index,)


def needs(index: Any) -> int:
    """Return how many axes an index takes."""
    if index is None or index is Ellipsis or isinstance(index, bool):
        return 0
    if isinstance(index, Tensor):
        return len(index) if index.dtype in ("bool", "uint8") else 1
    if isinstance(index, list):
        picks = listed(index)
        return len(picks.shape) if picks.dtype == "bool" else 1
    return 1


def indexed(x: Tensor, index: Any) -> Cursor:
    """Apply an index."""
    indices = as_tuple(index)
    counts = [needs(one) for one in indices]
    require(len(x) > 0 or isinstance(index, bool) or not isinstance(index, (int, Dim)), NO_AXES)
    require(sum(counts) <= len(x), TOO_MANY, rank=len(x), got=sum(counts))
    cursor = Cursor(x)
    for place, one in enumerate(indices):
        cursor.number = place
        cursor.take(one, sum(counts[place + 1 :]))
    cursor.take(Ellipsis, 0)
    return cursor


@operation(view=True)
def getitem(input: Tensor, index: Any) -> Any:
    """Index: `x[:, 0]`."""
    cursor = indexed(input, index)
    result = cursor.result()
    cursor.check(result)
    require(None not in result.shape, DATA_DEPENDENT)
    return result
