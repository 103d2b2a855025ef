"""Strides: where the numbers of a tensor lie in memory, which decides what `view` may do without a copy.

What symbols leave undecided is taken as it is for almost every size: lengths are not 1, different products differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dim import prod
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.dim import Size
    from convshape.tensor import Sizes


def same(a: Size, b: Size) -> bool:
    """Tell whether two sizes are equal whatever the symbols are."""
    return (a == b) is True


def less(a: Size, b: Size) -> bool:
    """Tell whether one is less; different and undecided counts as less, so that a search goes on."""
    found = a < b
    return found if isinstance(found, bool) else not same(a, b)


def dense(shape: Sequence[Size]) -> Sizes:
    """Return the strides of contiguous memory."""
    strides: list[Size] = []
    step: Size = 1
    for size in reversed(shape):
        strides.append(step)
        step = step * (1 if same(size, 0) else size)
    return tuple(reversed(strides))


def strides_of(x: Tensor) -> Sizes:
    """Return the strides of a tensor."""
    return dense(x) if x.strides is None else x.strides


def is_contiguous(shape: Sequence[Size], strides: Sequence[Size]) -> bool:
    """Tell whether the last axis is the densest, and so on, in one block."""
    if any(same(size, 0) for size in shape):
        return True
    step: Size = 1
    for size, stride in zip(reversed(shape), reversed(strides), strict=True):
        if not same(size, 1):
            if not same(stride, step):
                return False
            step = step * size
    return True


def strided(shape: Sequence[Size], dtype: str, strides: Sequence[Size]) -> Tensor:
    """Make a tensor of a layout."""
    return Tensor(shape, dtype, None if is_contiguous(shape, strides) else tuple(strides))


def regroup(x: Tensor, shape: Sizes) -> Sizes | None:
    """Return the strides of the same memory under another shape, None when there are none.

    Axes that lie end to end in memory form a run; a run may be cut anew, two runs never join.
    """
    if x.strides is None or not x:
        return dense(shape)
    strides: list[Size] = []
    left = list(shape)
    for run, step in runs(x):
        size: Size = 1
        while left and (less(size, run) or same(left[-1], 1)):
            strides.append(size * step)
            size = size * left.pop()
        if not same(size, run):
            return None
    return None if left else tuple(reversed(strides))


def runs(x: Tensor) -> list[tuple[Size, Size]]:
    """Return the runs of axes that lie end to end, the last first: how many numbers, and how far apart."""
    strides = strides_of(x)
    found: list[tuple[Size, Size]] = []
    count: Size = 1
    step = strides[-1]
    for axis in range(len(x) - 1, -1, -1):
        count = count * x[axis]
        if axis == 0 or not (same(x[axis - 1], 1) or same(strides[axis - 1], count * step)):
            found.append((count, step))
            count, step = 1, strides[axis - 1]
    return found


def follow(shape: Sizes, operands: Sequence[Any]) -> Sizes | None:
    """Return the strides of an elementwise result: those of the operands, the first ones first.

    Source: torch's TensorIterator, which sorts the axes by the strides of its operands.
    """
    if all(operand.strides is None for operand in operands if isinstance(operand, Tensor)):
        return None
    steps = [spread(shape, operand) for operand in operands if isinstance(operand, Tensor)]
    order = list(range(len(shape) - 1, -1, -1))
    for place in range(1, len(order)):
        here = place
        for there in range(place - 1, -1, -1):
            swap = compare(order[there], order[here], shape, steps)
            if swap > 0:
                order[there], order[here] = order[here], order[there]
                here = there
            elif swap < 0:
                break
    strides: list[Size] = [1] * len(shape)
    for rank, axis in enumerate(order):
        strides[axis] = prod(shape[other] for other in order[:rank])
    return None if is_contiguous(shape, strides) else tuple(strides)


def settled(x: Tensor) -> Tensor:
    """Return a result in memory of its own, its axes in the order of the input's."""
    return Tensor(x, x.dtype, follow(tuple(x), (x,)))


def is_channels_last(x: Tensor) -> bool:
    """Tell whether an image lies in memory with its channels last.

    Source: torch's is_channels_last_strides_2d.
    """
    if len(x) != len(CHANNELS_LAST):
        return False
    strides = strides_of(x)
    least: Size = 0
    for place in reversed(CHANNELS_LAST):
        alone = place == 0 and same(least, strides[1])  # (N, 1, 1, 1) lies either way
        if same(x[place], 0) or same(strides[1], 0) or alone or (strides[place] < least) is True:
            return False
        least = strides[place] if same(x[place], 1) else strides[place] * x[place]
    return True


def channels_last(x: Tensor) -> Tensor:
    """Put the channels of an image last in memory; another rank is packed."""
    if len(x) != len(CHANNELS_LAST):
        return Tensor(x, x.dtype)
    packed = dense([x[place] for place in CHANNELS_LAST])
    return strided(x, x.dtype, [packed[CHANNELS_LAST.index(place)] for place in range(len(x))])


CHANNELS_LAST = (0, 2, 3, 1)
"""The axes of an image (N, C, H, W) in the order of memory, the outermost first."""


def spread(shape: Sizes, x: Tensor) -> list[Size]:
    """Return the strides of an operand broadcast to a shape: 0 along what is repeated."""
    missing = len(shape) - len(x)
    own = zip(x, strides_of(x), shape[missing:], strict=True)
    return [0] * missing + [0 if same(size, 1) and not same(full, 1) else stride for size, stride, full in own]


def compare(inner: int, outer: int, shape: Sizes, steps: list[list[Size]]) -> int:
    """Say whether two axes stand in the wrong order (1), in the right one (-1), or no operand tells (0)."""
    for step in steps:
        a, b = step[inner], step[outer]
        if same(a, 0) or same(b, 0):
            continue
        if not same(a, b):
            return -1 if less(a, b) else 1
        if (shape[inner] > shape[outer]) is True:
            return 1
    return 0
