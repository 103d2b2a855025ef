"""Ops that join tensors, and that cut them."""

from __future__ import annotations

import itertools
from functools import reduce
from typing import TYPE_CHECKING, Any

from convshape.axes import axis
from convshape.dim import symbolic
from convshape.dtypes import promoted
from convshape.faults import Fault, require
from convshape.limits import need_few
from convshape.op import IntList, Tensors, function, op
from convshape.ops.attribute import first_axis, own_axis
from convshape.strides import channels_last, is_channels_last, same, strided, strides_of
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convshape.dim import Size

NO_TENSORS = Fault("no-tensors", "needs tensors", "ValueError: torch.{name}(): expected a non-empty list of Tensors")
STACK_NOTHING = Fault("no-tensors", "needs tensors", "RuntimeError: stack expects a non-empty TensorList")
NO_AXES = Fault(
    "rank",
    "cannot join numbers without an axis",
    "RuntimeError: zero-dimensional tensor (at position {place}) cannot be concatenated",
)
RANKS = Fault(
    "rank",
    "joins tensors with as many axes each, got {want} and {got}",
    "RuntimeError: Tensors must have same number of dimensions: got {want} and {got}",
)
SIZES = Fault(
    "sizes-match",
    "joins along axis {dim}, the others must match: got {want} and {got}",
    "RuntimeError: Sizes of tensors must match except in dimension {dim}. Expected size {want} but got size {got} for "
    "tensor number {place} in the list.",
)
STACK_SIZES = Fault(
    "sizes-match",
    "stacks tensors of one shape, got {want} and {got}",
    "RuntimeError: stack expects each tensor to be equal size, but got {want} at entry 0 and {got} at entry {place}",
)
SPLIT_NEGATIVE = Fault(
    "negative-size",
    "has no parts of {size}",
    "RuntimeError: split expects split_size be non-negative, but got split_size={size}",
)
SPLIT_ZERO = Fault(
    "split-size",
    "cannot cut {length} into parts of 0",
    "RuntimeError: split_size can only be 0 if dimension size is 0, but got dimension size of {length}",
)
SPLIT_SUM = Fault(
    "split-size",
    "cuts axis {dim} of {length} into {sizes}, which add up to something else",
    "RuntimeError: split_with_sizes expects split_sizes to sum exactly to {length} (input tensor's size at dimension "
    "{dim}), but got split_sizes={sizes}",
)
SPLIT_ENTRIES = Fault(
    "negative-size",
    "has a part of negative size in {sizes}",
    "RuntimeError: split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={sizes}",
)
CHUNKS = Fault(
    "split-size",
    "cannot cut into {chunks} parts",
    "RuntimeError: chunk expects `chunks` to be greater than 0, got: {chunks}",
)
FEWER_CHUNKS = Fault("split-size", "cuts {length} into fewer than {chunks} parts")
SPLIT_RANK = Fault(
    "rank",
    "needs an axis to cut",
    "RuntimeError: {name} expects at least a 1-dimensional tensor",
)
SECTION_RANK = Fault(
    "rank",
    "needs an axis to cut",
    "RuntimeError: tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims",
)
SECTIONS = Fault(
    "split-size",
    "cannot cut into {sections} parts",
    "RuntimeError: number of sections must be larger than 0, got {sections}",
)
COUNT = Fault("symbolic-count", "makes as many tensors as {size} says, which is not known: write a number")
INDEXING = Fault(
    "choice",
    "knows ij and xy, got {indexing}",
    'RuntimeError: torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}',
)
GRID_RANK = Fault(
    "rank",
    "takes tensors with one axis, got {rank}",
    "RuntimeError: torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {got}",
)
GRID_DTYPE = Fault(
    "dtype", "takes tensors of one dtype", "RuntimeError: meshgrid expects all tensors to have the same dtype"
)


# --- join ---


def is_legacy(x: Tensor) -> bool:
    """Tell whether it is an empty tensor that torch skips when it joins others."""
    return len(x) == 1 and same(x[0], 0)


@function(names="cat concat concatenate")
def cat(tensors: Tensors, dim: int = 0) -> Any:
    """Join tensors along an axis."""
    return joined(tensors, dim)


def joined(tensors: Tensors, dim: int) -> Tensor:
    """Return tensors joined along an axis."""
    require(len(tensors) > 0, NO_TENSORS, name="cat")
    for place, x in enumerate(tensors):
        require(len(x) > 0, NO_AXES, place=place)
    dtype = reduce(promoted, (x.dtype for x in tensors))
    parts = [(place, x) for place, x in enumerate(tensors) if not is_legacy(x)]
    if not parts:  # torch looks at no axis
        return Tensor((0,), dtype)
    _, first = parts[0]
    along = axis(len(first), dim)
    for place, x in parts[1:]:
        require(len(x) == len(first), RANKS, want=len(first), got=len(x))
        for number, (want, got) in enumerate(zip(first, x, strict=True)):
            require(number == along or want == got, SIZES, dim=along, want=want, got=got, place=place)
    result = Tensor((*first[:along], sum(x[along] for _, x in parts), *first[along + 1 :]), dtype)
    return channels_last(result) if all(x.strides and is_channels_last(x) for _, x in parts) else result


@function
def stack(tensors: Tensors, dim: int = 0) -> Any:
    """Join tensors along a new axis."""
    require(len(tensors) > 0, STACK_NOTHING)
    first = tensors[0]
    along = axis(len(first) + 1, dim)
    for place, x in enumerate(tensors):
        told: dict[str, Any] = {"want": tuple(first), "got": tuple(x), "place": place}
        require(len(x) == len(first), STACK_SIZES, **told)
        for want, got in zip(first, x, strict=True):
            require(want == got, STACK_SIZES, **told)
    dtype = reduce(promoted, (x.dtype for x in tensors))
    return Tensor((*first[:along], len(tensors), *first[along:]), dtype)


@function
def hstack(tensors: Tensors) -> Any:
    """Join along the second axis, or the only one."""
    require(len(tensors) > 0, NO_TENSORS, name="hstack")
    parts = tuple(x or Tensor((1,), x.dtype) for x in tensors)
    return joined(parts, 0 if len(parts[0]) == 1 else 1)


@function(names="vstack row_stack")
def vstack(tensors: Tensors) -> Any:
    """Join along the first axis; a row without one gets it."""
    require(len(tensors) > 0, NO_TENSORS, name="vstack")
    return joined(tuple(Tensor((1,) * (2 - len(x)) + tuple(x), x.dtype) for x in tensors), 0)


@function(loose=True)
def meshgrid(tensors: Tensors, *, indexing: str = "ij") -> Any:
    """Spread coordinates over a grid, one tensor for each."""
    told: dict[str, Any] = {"got": tensors[-1]}
    require(all(len(x) <= 1 for x in tensors), GRID_RANK, rank=max(map(len, tensors)), **told)
    require(all(x.dtype == tensors[0].dtype for x in tensors), GRID_DTYPE)
    require(indexing in ("ij", "xy"), INDEXING, indexing=indexing)
    shape = [x[0] if x else 1 for x in tensors]
    order = list(range(len(shape)))
    if indexing == "xy" and len(shape) > 1:
        order[0], order[1] = 1, 0
    sizes = tuple(shape[place] for place in order)
    return [strided(sizes, x.dtype, tuple(int(place == number) for place in order)) for number, x in enumerate(tensors)]


# --- cut ---


def cut(x: Tensor, along: int, sizes: Iterable[Size]) -> list[Tensor]:
    """Return the parts of an axis; they share its memory."""
    strides = strides_of(x)
    return [strided((*x[:along], size, *x[along + 1 :]), x.dtype, strides) for size in sizes]


def counted(size: Size) -> int:
    """Return a number of tensors, which must be known."""
    require(not symbolic(size), COUNT, size=size)
    need_few(int(size), "the tensors")
    return int(size)


@op(view=True)
def split(tensor: Tensor, split_size_or_sections: int | IntList, dim: int = 0) -> Any:
    """Cut an axis into parts of a size, or of several."""
    if isinstance(split_size_or_sections, tuple):
        return sections(tensor, split_size_or_sections, dim)
    return equal_parts(tensor, split_size_or_sections, dim)


def sections(x: Tensor, sizes: tuple[Size, ...], dim: int) -> list[Tensor]:
    """Cut an axis into parts of given sizes."""
    along = own_axis(x, dim)
    length = x[along]
    told: dict[str, Any] = {"sizes": sizes, "dim": dim, "length": length}
    for size in sizes:
        require(size >= 0, SPLIT_ENTRIES, "split_size_or_sections", sizes=sizes)
    require(sum(sizes) == length, SPLIT_SUM, "split_size_or_sections", **told)
    return cut(x, along, sizes)


def equal_parts(x: Tensor, size: Size, dim: int) -> list[Tensor]:
    """Cut an axis into parts of one size, the last one smaller."""
    require(len(x) > 0, SPLIT_RANK, name="split")
    require(size >= 0, SPLIT_NEGATIVE, "split_size_or_sections", size=size)
    along = axis(len(x), dim)
    length = x[along]
    if same(size, 0):
        require(length == 0, SPLIT_ZERO, "split_size_or_sections", length=length)
        return cut(x, along, (0,))
    count = counted((length + size - 1) // size) or 1
    return cut(x, along, (*(size,) * (count - 1), length - size * (count - 1)))


@op(view=True)
def chunk(input: Tensor, chunks: int, dim: int = 0) -> Any:
    """Cut an axis into so many parts, or fewer, all but the last of one size."""
    require(len(input) > 0, SPLIT_RANK, name="chunk")
    require(chunks > 0, CHUNKS, "chunks", chunks=chunks)
    along = axis(len(input), dim)
    length = input[along]
    size = (length + chunks - 1) // chunks
    if same(length, 0):
        return cut(input, along, (0,) * counted(chunks))
    if not symbolic(length):
        return equal_parts(input, size, dim)
    last = length - size * (counted(chunks) - 1)
    require(last >= 1, FEWER_CHUNKS, "chunks", chunks=chunks, length=length)
    return cut(input, along, (*(size,) * (chunks - 1), last))


@op(view=True)
def tensor_split(input: Tensor, indices_or_sections: int | IntList, dim: int = 0) -> Any:
    """Cut an axis into so many parts, or at given places."""
    require(len(input) > 0, SECTION_RANK)
    along = axis(len(input), dim)
    length = input[along]
    if isinstance(indices_or_sections, tuple):
        from convshape.ops.index import slice_length

        places = (0, *indices_or_sections, length)
        return cut(input, along, [slice_length(length, a, b, 1) for a, b in itertools.pairwise(places)])
    count = indices_or_sections
    require(count > 0, SECTIONS, "indices_or_sections", sections=count)
    return cut(input, along, [(length + count - 1 - place) // count for place in range(counted(count))])


@op(view=True)
def unbind(input: Tensor, dim: int = 0) -> Any:
    """Take an axis apart."""
    along = first_axis(input, dim)
    strides = strides_of(input)
    shape, left = (*input[:along], *input[along + 1 :]), (*strides[:along], *strides[along + 1 :])
    return [strided(shape, input.dtype, left) for _ in range(counted(input[along]))]
