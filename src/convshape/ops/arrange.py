"""Ops that repeat, turn and rearrange numbers."""

from __future__ import annotations

from typing import Any

from convshape.axes import axis, several
from convshape.dim import prod
from convshape.faults import Fault, require
from convshape.op import IntList, method, op
from convshape.ops.make import checked
from convshape.ops.pointwise import elementwise
from convshape.ops.view import swapped
from convshape.strides import same, strided, strides_of
from convshape.tensor import Tensor

REPEAT_RANK = Fault(
    "rank",
    "repeats {got} axes of {rank}",
    "RuntimeError: Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
)
REPEATS = Fault("negative-size", "cannot repeat {repeats} times", "RuntimeError: Repeats must be non-negative")
REPEATS_SIZE = Fault(
    "sizes-match",
    "needs a repetition for each of {size} places, got {got}",
    "RuntimeError: repeats must have the same size as input along dim, but got repeats.size(0) = {got} and "
    "input.size({dim}) = {size}",
)
OUTPUT_SIZE = Fault(
    "output-size",
    "makes {want} places, not {got}",
    "RuntimeError: repeat_interleave: Invalid output_size, expected {want} but got {got}",
)
NO_PLACE = Fault(
    "dim-range",
    "has no axis to repeat along",
    "IndexError: Dimension out of range (expected to be in range of [-1, 0], but got {dim})",
)
TURNED = 2
"""A turn has a plane."""
TURNED_RANK = Fault(
    "rank", "needs an image of at least {least} axes, got {rank}", "RuntimeError: Input must be >= {least}-d."
)
TURNED_DIMS = Fault(
    "rank",
    "turns in a plane of 2 axes, got {got}",
    "RuntimeError: expected total rotation dims == 2, but got dims = {got}",
)
TURNED_RANK = Fault(
    "rank",
    "turns an input of at least 2 axes, got {rank}",
    "RuntimeError: expected total dims >= 2, but got total dims = {rank}",
)
SAME_DIM = Fault(
    "dim-order",
    "turns in a plane of 2 axes, and axis {one} stands twice",
    "RuntimeError: expected rotation dims to be different, but got dim0 = {one} and dim1 = {two}",
)
DATA_REPEATS = Fault("data-dependent", "makes as many places as the repeats add up to: write output_size")
SHIFTS = Fault("shifts", "needs shifts", "RuntimeError: `shifts` required")
SHIFTS_COUNT = Fault(
    "shifts",
    "shifts {shifts} axes, names {dims}",
    "RuntimeError: shifts and dimensions must align. shifts: {shifts}, dims:{dims}",
)
WINDOW_SIZE = Fault(
    "kernel-too-large",
    "slides a window of {size} over {length}",
    "RuntimeError: maximum size for tensor at dimension {dim} is {length} but size is {size}",
)
WINDOW_STEP = Fault("stride", "steps by {step}", "RuntimeError: step is {step} but must be > 0")
WINDOW_NEGATIVE = Fault("kernel-size", "has a window of {size}", "RuntimeError: size is {size} but must be >= 0")
TRIANGLE = Fault(
    "rank", "takes matrices, got {rank} axes", "RuntimeError: {name}: input tensor must have at least 2 dimensions"
)
DIAGONAL = Fault(
    "repeated-dim",
    "needs two different axes",
    "RuntimeError: diagonal dimensions cannot be identical {dim1}, {dim2}",
)


# --- repeat ---


@method
def repeat(input: Tensor, repeats: IntList) -> Any:
    """Repeat the whole along every axis."""
    require(len(repeats) >= len(input), REPEAT_RANK, "repeats", rank=len(input), got=len(repeats))
    return repeated(input, repeats)


@op
def tile(input: Tensor, dims: IntList) -> Any:
    """Repeat the whole along the last axes."""
    return repeated(input, (1,) * (len(input) - len(dims)) + tuple(dims))


def repeated(x: Tensor, times: Any) -> Any:
    """Return the shape of a tensor repeated; axes are added in front."""
    padded = (1,) * (len(times) - len(x)) + tuple(x)
    return checked(size * count for size, count in zip(padded, times, strict=True)) if x or times else ()


@op
def repeat_interleave(
    input: Tensor, repeats: int | Tensor, dim: int | None = None, *, output_size: int | None = None
) -> Any:
    """Repeat every place of an axis, all the numbers where dim is None."""
    flat = input if dim is not None else Tensor((prod(input),), input.dtype)
    place = axis(len(flat), dim or 0)
    require(isinstance(repeats, Tensor) or repeats >= 0, REPEATS, "repeats", repeats=repeats)
    require(len(flat) > 0 or dim is None, NO_PLACE, "dim", dim=1)
    length = flat[place]
    if isinstance(repeats, Tensor):
        size = by_tensor(repeats, length, place, output_size)
    else:
        size = length * repeats
        require(output_size is None or output_size == size, OUTPUT_SIZE, want=size, got=output_size)
    return (*flat[:place], size, *flat[place + 1 :])


def by_tensor(repeats: Tensor, length: Any, place: int, output_size: Any) -> Any:
    """Return the size where a tensor says how often each place is repeated."""
    got = repeats[0] if repeats else 1
    told: dict[str, Any] = {"got": got, "size": length, "dim": place}
    require(same(got, 1) or got == length, REPEATS_SIZE, "repeats", **told)
    require(output_size is not None, DATA_REPEATS, "repeats")
    return output_size


# --- turn ---


@op
def flip(input: Tensor, dims: IntList) -> Any:
    """Turn axes around."""
    several(len(input), dims)
    return elementwise(input.dtype, input)


@op
def fliplr(input: Tensor) -> Any:
    """Turn an image around, left to right."""
    return turned(input, 2)


@op
def flipud(input: Tensor) -> Any:
    """Turn an image upside down."""
    return turned(input, 1)


def turned(x: Tensor, least: int) -> Tensor:
    """Return an image that was turned."""
    require(len(x) >= least, TURNED_RANK, least=least, rank=len(x))
    return elementwise(x.dtype, x)


@op
def rot90(input: Tensor, k: int = 1, dims: IntList = (0, 1)) -> Any:
    """Turn by 90 degrees, k times."""
    require(len(dims) == TURNED, TURNED_DIMS, "dims", got=len(dims))
    require(len(input) >= TURNED, TURNED_RANK, rank=len(input))
    one, two = (axis(len(input), dim) for dim in dims)
    require(one != two, SAME_DIM, "dims", one=one, two=two)
    turned = elementwise(input.dtype, input) if k % 4 else Tensor(input, input.dtype)
    return swapped(turned, one, two) if k % 2 else turned


@op
def roll(input: Tensor, shifts: int | IntList, dims: int | IntList = ()) -> Any:
    """Shift along axes; what falls off comes in at the other end."""
    moves = shifts if isinstance(shifts, tuple) else (shifts,)
    along = dims if isinstance(dims, tuple) else (dims,)
    require(len(moves) > 0, SHIFTS)
    require(
        len(moves) == len(along) or (not along and len(moves) == 1), SHIFTS_COUNT, shifts=len(moves), dims=len(along)
    )
    for dim in () if same(prod(input), 0) else along:
        axis(len(input), dim, "dims")
    return tuple(input)


# --- windows and triangles ---


@method(names="Tensor.unfold", view=True)
def unfold(input: Tensor, dimension: int, size: int, step: int) -> Any:
    """Slide a window along an axis; what it sees is a new last axis."""
    place = axis(len(input), dimension, "dimension")
    require(size >= 0, WINDOW_NEGATIVE, "size", size=size)
    length = input[place] if input else 1
    require(size <= length, WINDOW_SIZE, "size", size=size, length=length, dim=place)
    require(step > 0, WINDOW_STEP, "step", step=step)
    strides = strides_of(input)
    if not input:
        return (size,)
    shape = (*input[:place], (length - size) // step + 1, *input[place + 1 :], size)
    spread = (*strides[:place], strides[place] * step, *strides[place + 1 :], strides[place])
    return strided(shape, input.dtype, spread)


def triangle(name: str) -> None:
    """Declare an op that keeps one triangle of a matrix."""

    def rule(input: Tensor, diagonal: int = 0) -> Any:
        require(len(input) > 1, TRIANGLE, name=name, rank=len(input))
        return tuple(input)

    op(names=name, inplace=True)(rule)


triangle("tril")
triangle("triu")


@op(view=True)
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """Take the diagonal of two axes; it becomes the last axis."""
    from convshape.dim import maximum, minimum

    one, two = axis(len(input), dim1, "dim1"), axis(len(input), dim2, "dim2")
    require(one != two, DIAGONAL, dim1=dim1, dim2=dim2)
    rows, columns = input[one], input[two]
    length = minimum(rows, columns - offset) if offset >= 0 else minimum(rows + offset, columns)
    strides = strides_of(input)
    kept = [place for place in range(len(input)) if place not in (one, two)]
    shape = (*(input[place] for place in kept), maximum(length, 0))
    return strided(shape, input.dtype, (*(strides[place] for place in kept), strides[one] + strides[two]))


@op(names="diag_embed")
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Put the last axis on a diagonal."""
    one, two = axis(len(input) + 1, dim1, "dim1"), axis(len(input) + 1, dim2, "dim2")
    require(one != two, DIAGONAL, dim1=dim1, dim2=dim2)
    size = input[-1] + abs(offset)
    others = iter(input[:-1])
    return tuple(size if place in (one, two) else next(others) for place in range(len(input) + 1))
