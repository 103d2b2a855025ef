"""Teach sizes that a layer multiplies by: features, channels, the sizes of a view."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from convshape.axes import SPATIAL
from convshape.explain.teachers import teaches
from convshape.prose import Rows, Text, plural, shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convshape.prose import Block


@teaches(
    "mat1 and mat2 shapes cannot be multiplied (",
    "size mismatch, m1",
    "linear(): input and weight.T shapes",
    "a and b must have same reduction dim",
)
def multiplied(rows: int, got: int, wanted: int, columns: int) -> Iterator[Block]:
    """Teach two matrices that do not fit."""
    yield Rows(
        [
            (f"{rows}x{got}", f"the input: {plural(rows, 'row')} of {plural(got, 'number')} on the last axis"),
            (f"{wanted}x{columns}", f"the weight, turned round: in_features={wanted}, out_features={columns}"),
        ]
    )
    unequal = f"The two inner numbers must be equal, and {got} is not {wanted}."
    if wanted > got > 0 == wanted % got:
        yield Text(unequal)
        yield Text(
            f"{wanted} = {wanted // got}·{got}: the Linear was made for {wanted // got} times as many numbers, those "
            "of a whole sample, and sees the last axis alone. You probably lack a `Flatten()` before it. Without it, "
            f"the rows are batch times channels{of_rows(rows, wanted // got)}."
        )
        return
    yield Text(" ".join(filter(None, (unequal, factored(got), factored(wanted)))))
    if rows > 1:
        yield Text(
            f"If {rows} is your batch, the input is flat already and the number is wrong: write "
            f"`Linear({got}, {columns})`. If {rows} is more than your batch, axes of the sample are counted as rows: "
            "put a `Flatten()` before the Linear and see what `convshape linear-in` prints."
        )
        return
    yield Text(f"Write Linear({got}, {columns}), or give the input size that {wanted} was worked out for.")


def of_rows(rows: int, channels: int) -> str:
    """Say how the rows come about, where the batch can be told."""
    return f": {rows} = {rows // channels}·{channels}" if rows % channels == 0 else ""


def factored(size: int) -> str:
    """Say what a number of features may have come from: channels and positions."""
    pairs = factorings(size)
    return f"{size} = {' = '.join(pairs)}: channels times positions, perhaps." if pairs else ""


def factorings(size: int) -> list[str]:
    """Return the ways in which a number is usual channels times a length, or times a square image; two at the most."""
    found = []
    for channels in CHANNELS:
        if size > channels and size % channels == 0:
            places = size // channels
            side = int(places**0.5)
            found.append(f"{channels}·{side}·{side}" if side * side == places and side > 1 else f"{channels}·{places}")
    squares = [text for text in found if text.count("·") > 1]
    return (squares or found)[:2]


CHANNELS = (512, 256, 128, 64, 32, 16, 8, 6)
"""How many channels feature maps usually have."""


@teaches("input.size(-1) must be equal to input_size")
def stepped(wanted: int, got: int) -> Iterator[Block]:
    """Teach a recurrent layer whose steps have other features."""
    yield Rows([(str(wanted), "input_size: how many numbers each step of the sequence is to have"),
                (str(got), "how many each step has: the last axis of the input")])  # fmt: skip
    yield Text(
        f"Write input_size={got} where {got} is right. Where {wanted} stands on another axis, the features are not "
        "last: after a convolution (N, C, L) a recurrent layer wants `x.permute(0, 2, 1)`, and batch_first=True."
    )


@teaches("Given normalized_shape=")
def normalised(wanted: tuple[int, ...], x: tuple[int, ...]) -> Iterator[Block]:
    """Teach a LayerNorm over axes of other sizes."""
    if len(wanted) > 1 and len(wanted) == len(x):  # torch prints the shape once more, with a star
        return
    yield Rows([(shape(wanted), "the sizes of the last axes that it was made to normalise"), (shape(x), "the input")])
    last = x[-len(wanted) :] if len(x) >= len(wanted) else x
    yield Text(
        f"The input ends in {shape(last)}. Write `LayerNorm({shape(last) if len(last) > 1 else last[0]})` where that "
        "is right; for the channels of (N, C, L) or (N, C, H, W), which are not last, use GroupNorm(1, C), or permute."
    )


@teaches("Given groups={groups}, weight", "Given transposed=1, weight of size {weight}, expected input")
def channelled(*values: Any) -> Iterator[Block]:
    """Teach channels that do not fit, and the layout."""
    weight, x, wanted, got = values[-4:]
    if not (isinstance(weight, tuple) and isinstance(x, tuple) and isinstance(wanted, int)):
        return
    axis = len(x) - len(weight) + 1
    letters = ("N", "C", *SPATIAL.get(len(weight) - 2, ()))
    yield Rows(
        [
            (str(list(weight)), f"the weight; it was made for {plural(wanted, 'channel')} (in_channels={wanted})"),
            (str(list(x)), f"the input, as torch reads it: {shape(x, letters)}"),
            (str(got), f"the size of its axis {max(axis, 0)}, which torch takes for the channels"),
        ]
    )
    others = [place for place, size in enumerate(x) if size == wanted and place > 1]
    if others:
        order = (0, others[0], *(place for place in range(1, len(x)) if place != others[0]))
        yield Text(
            f"Axis {others[0]} has {wanted}: the channels probably stand last, (N, L, C) or (N, H, W, C). torch wants "
            f"them before the positions: `x.permute({', '.join(map(str, order))})` brings them there."
        )
        return
    yield Text(
        f"Write in_channels={got} where {got} is right: it is the out_channels of the layer before. One grey image or "
        "one series has one channel, and needs an axis for it: `x.unsqueeze(1)`."
    )


@teaches("shape '", "invalid argument 2: size '")
def laid_out(sizes: tuple[int, ...], elements: int) -> Iterator[Block]:
    """Teach a view that does not hold the numbers."""
    fixed = [size for size in sizes if size != -1]
    known = prod(fixed)
    wanted = f"{product(fixed)} numbers" + (" each time" if -1 in sizes else "")
    yield Rows([(str(elements), "how many numbers there are"), (str(list(sizes)), f"what was wanted: {wanted}")])
    if known and elements % known == 0 and -1 not in sizes:
        times = elements // known
        yield Text(
            f"{elements} = {times}·{known}: there is {times} times as much. Where {times} is the batch, or a part of a "
            "sample, the line pins what should stay free: write -1 for the batch, "
            f"`x.view({', '.join(map(str, (-1, *sizes[1:])))})`, or `x.flatten(1)`."
        )
        return
    yield Text(
        f"{known} does not divide {elements}: the sizes were worked out for another input, or another layer before."
    )
    yield from map(Text, maps(elements, known))
    yield Text("`x.flatten(1)` takes whatever a sample has; the Linear behind it then names its number.")


def product(sizes: Sequence[int]) -> str:
    """Write what sizes multiply to: 2·200 = 400."""
    return f"{'·'.join(map(str, sizes))} = {prod(sizes)}" if len(sizes) > 1 else str(prod(sizes))


def maps(elements: int, wanted: int) -> Iterator[str]:
    """Say how both numbers may be feature maps of the same channels: 400 = 16·5·5, and 384 = 6·16·2·2."""
    for channels in CHANNELS:
        side = int((wanted // channels) ** 0.5)
        if channels * side * side == wanted and side > 1:
            for small in range(int((elements // channels) ** 0.5), 1, -1):
                batch, rest = divmod(elements, channels * small * small)
                if not rest and small != side:
                    yield (
                        f"{wanted} = {channels}·{side}·{side} would be {channels} channels of {side}x{side}; "
                        f"{elements} = {batch}·{channels}·{small}·{small} is a batch of {batch} with {small}x{small}: "
                        f"the image is {'smaller' if small < side else 'larger'} than it was made for."
                    )
                    return


@teaches("{stored} should contain")
def stored(name: str, got: int, wanted: int) -> Iterator[Block]:
    """Teach a batch norm for other channels."""
    yield Rows([(str(got), "the channels of the input (axis 1)"), (str(wanted), "num_features of the BatchNorm")])
    yield Text(f"{name} has a number for each channel. Write BatchNorm({got}), or give it {wanted} channels.")
