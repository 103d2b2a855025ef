"""Axes: the places of axes, and folding them together or apart; what layers and ops share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dim import Dim, broadcast, prod
from convshape.faults import Fault, require
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.dim import Size
    from convshape.layer import Layer
    from convshape.tensor import Sizes

DIM_RANGE = Fault(
    "dim-range",
    "has the axes {low} to {high} to work on, got {dim}",
    "IndexError: Dimension out of range (expected to be in range of [{low}, {high}], but got {dim})",
)
NO_SYMBOL = Fault("dim-range", "takes the number of an axis, got the open size {dim}: give it a number")
NO_AXIS = Fault(
    "rank",
    "cannot read {name} from an input of {rank} axes",
    "IndexError: tuple index out of range",
)
NO_DIMENSIONS = Fault(
    "rank",
    "needs an input with at least one axis",
    "IndexError: Dimension specified as {dim} but tensor has no dimensions",
)
TENSOR_OF_SIZES = Fault(
    "argument-type",
    "takes an output_size of whole numbers, got a tensor",
    "RuntimeError: Boolean value of Tensor with more than one value is ambiguous",
)
END_BEFORE_START = Fault(
    "dim-order",
    "folds from axis {start_dim} to axis {end_dim}, which comes before it",
    "RuntimeError: flatten() has invalid args: start_dim cannot come after end_dim",
)
NO_SIZES = Fault("sizes", "needs at least one size", "RuntimeError: unflatten: sizes must be non-empty")
BAD_SIZES = Fault(
    "sizes",
    "cannot fill {sizes} with {length} elements: one size may be -1, where the others say what it is",
    "RuntimeError: unflatten got an unexpected error:",
)
SIZES_MATCH = Fault(
    "sizes-match",
    "cannot unfold {length} elements into {sizes}",
    "RuntimeError: unflatten: Provided sizes {sizes} don't multiply up to the size of dim {dim} ({length}) "
    "in the input tensor",
)
REPEATED_DIM = Fault(
    "repeated-dim",
    "names the axis {dim} twice",
    "RuntimeError: dim {dim} appears multiple times in the list of dims",
)
BROADCAST = Fault(
    "broadcast",
    "cannot line up an axis of {first} with one of {second}",
    "RuntimeError: The size of tensor a ({first}) must match the size of tensor b ({second}) "
    "at non-singleton dimension {axis}",
)


def axis(rank: int, dim: int, at: str = "dim") -> int:
    """Return the place of an axis, counted from the first; a scalar has an axis 0 for this, as in torch."""
    most = rank or 1
    require(not isinstance(dim, Dim), NO_SYMBOL, at, dim=dim)
    require(-most <= dim < most, DIM_RANGE, at, low=-most, high=most - 1, dim=dim)
    return dim % most


def several(rank: int, dims: Sequence[int], at: str = "dim") -> tuple[int, ...]:
    """Return the places of several axes, none of them named twice."""
    found: list[int] = []
    for dim in dims:
        place = axis(rank, dim, at)
        require(place not in found, REPEATED_DIM, at, dim=place)
        found.append(place)
    return tuple(found)


def flattened(shape: Sizes, start_dim: int, end_dim: int) -> Sizes:
    """Return a shape with the axes from start_dim to end_dim folded into one; a scalar becomes one number."""
    rank = len(shape)
    start, end = axis(rank, start_dim, "start_dim"), axis(rank, end_dim, "end_dim")
    require(start <= end, END_BEFORE_START, "start_dim", start_dim=start_dim, end_dim=end_dim)
    return *shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :]


def unflattened(shape: Sizes, dim: int, sizes: Sequence[Size]) -> Sizes:
    """Return a shape with one axis unfolded into sizes, of which one may be -1."""
    require(len(sizes) > 0, NO_SIZES, "unflattened_size")
    place = axis(len(shape), dim)
    require(len(shape) > 0, BAD_SIZES, "unflattened_size", sizes=tuple(sizes), length=1)
    return *shape[:place], *unfolded(shape[place], tuple(sizes), place), *shape[place + 1 :]


def unfolded(length: Size, sizes: Sizes, dim: int) -> Sizes:
    """Return the sizes that an axis is unfolded into, -1 worked out."""
    told: dict[str, Any] = {"at": "unflattened_size", "sizes": sizes, "length": length, "dim": dim}
    holes = [place for place, size in enumerate(sizes) if (size == -1) is True]
    known = prod(size for place, size in enumerate(sizes) if place not in holes)
    require(len(holes) <= 1, BAD_SIZES, **told)
    for size in sizes:
        require(size >= -1, BAD_SIZES, **told)
    if not holes:
        require(known == length, SIZES_MATCH, **told)
        return sizes
    require((known != 0) | (length != 0), BAD_SIZES, **told)
    require(known > 0, SIZES_MATCH, **told)
    require(length % known == 0, SIZES_MATCH, **told)
    return *sizes[: holes[0]], length // known, *sizes[holes[0] + 1 :]


def broadcast_shapes(first: Sizes, second: Sizes) -> Sizes:
    """Return the shape of two broadcast tensors; torch lines them up from the last axis on."""
    rank = max(len(first), len(second))
    one, two = (1,) * (rank - len(first)) + tuple(first), (1,) * (rank - len(second)) + tuple(second)
    shape = []
    for place, (a, b) in reversed(list(enumerate(zip(one, two, strict=True)))):
        size, holds = broadcast(a, b)
        require(holds, BROADCAST, first=a, second=b, axis=place)
        shape.append(size)
    return tuple(reversed(shape))


SPATIAL = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
"""The letters of the axes that a layer slides over, by how many there are."""


def letters_for(output: Any, axes: int) -> tuple[str, ...]:
    """Name the axes of a tensor with channels and `axes` spatial axes, (C, L) or (N, C, L); empty for other ranks."""
    letters = ("N", "C", *SPATIAL[axes])
    left_out = len(letters) - len(output)
    return letters[left_out:] if 0 <= left_out <= 1 else ()


def shown(inputs: tuple[Any, ...], layer: Layer | None = None) -> str:
    """Write the shapes of inputs, the axes of the first by the letters that the layer has for them."""
    return ", ".join(lettered(one, layer if place == 0 else None) for place, one in enumerate(inputs))


def lettered(value: Any, layer: Layer | None = None) -> str:
    """Write a shape: (239, 49, 5), or (N=239, C=49, L=5) where its axes have letters."""
    if not isinstance(value, tuple):
        return str(value)
    letters = layer.letters(value) if layer and isinstance(value, Tensor) else ()
    sizes = list(map(str, value))
    if len(letters) == len(sizes):
        sizes = [size if size == letter else f"{letter}={size}" for letter, size in zip(letters, sizes, strict=True)]
    return f"({', '.join(sizes)})"
