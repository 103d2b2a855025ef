"""What the messages that people meet most really say: each number by what it is, and what to change."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from convshape.axes import SPATIAL
from convshape.prose import Rows, Text, plural, shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from convshape.messages import Reading
    from convshape.prose import Block

    Teacher = Callable[..., Iterator[Block]]

TEACHERS: dict[str, Teacher] = {}
"""The teachers by the words that a message begins with."""


def teaches(*beginnings: str) -> Callable[[Teacher], Teacher]:
    """Declare what to say of the messages that begin with these words."""

    def declare(teacher: Teacher) -> Teacher:
        TEACHERS.update(dict.fromkeys(beginnings, teacher))
        return teacher

    return declare


def taught(reading: Reading) -> Iterator[Block]:
    """Say what the numbers of a message are; nothing where no teacher knows it, or a number is no number."""
    for beginning, teacher in TEACHERS.items():
        if reading.fault.torch_words.startswith(beginning) and fits(teacher, tuple(reading.values.values())):
            yield from teacher(*reading.values.values())


def fits(teacher: Teacher, values: Sequence[Any]) -> bool:
    """Tell whether values are what a teacher takes: a pasted message may hold anything where a number belongs."""
    kinds = [kind for name, kind in teacher.__annotations__.items() if name != "return"]
    return all(
        type(value).__name__ == kind.partition("[")[0]
        for kind, value in zip(kinds, values, strict=False)
        if kind != "Any"
    )


@teaches("mat1 and mat2 shapes cannot be multiplied (", "size mismatch, m1")
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


ROUNDING = 2
"""By how much branches differ where one rounds or pads otherwise than the other."""
CHANNELS = (512, 256, 128, 64, 32, 16, 8, 6)
"""How many channels feature maps usually have."""


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


@teaches("Calculated padded input size per channel: (")
def too_large(padded: tuple[int, ...], window: tuple[int, ...]) -> Iterator[Block]:
    """Teach a window that does not fit."""
    for length, size in zip(padded, window, strict=False):
        if size > length:
            yield Text(
                f"A window of {size} does not fit into {length}, padding counted: {size - length} too few. Each "
                "convolution before it took kernel - 1 away, and each pool or stride of 2 halved what was left."
            )
    yield Text(
        "Use a larger input, a padding, a smaller kernel, or one pool less before it. `convshape sizes` prints the "
        "smallest input."
    )


@teaches("Given input size: (")
def too_small(channels: int, lengths: tuple[int, ...], output: tuple[int, ...]) -> Iterator[Block]:
    """Teach a pool that leaves nothing."""
    yield Rows(
        [
            ("x".join(map(str, (channels, *lengths))), f"the input: {plural(channels, 'channel')} of {shape(lengths)}"),
            ("x".join(map(str, (channels, *output))), "what would come out: a size below 1 is none"),
        ]
    )
    yield Text("Give a larger input, or leave a pool out. `convshape sizes` prints the smallest input that works.")


@teaches("Expected {plain}D (unbatched) or {batched}D (batched) input to {torch_name}")
def ranked(plain: int, batched: int, name: str, x: tuple[int, ...]) -> Iterator[Block]:
    """Teach an input of too few or too many axes."""
    letters = ("N", "C", *SPATIAL.get(batched - 2, ()))
    other = SPATIAL.get(len(x) - 2)
    yield Rows(
        [
            (str(list(x)), f"the input, of {len(x)} axes"),
            (name, f"takes ({', '.join(letters)}), {batched} axes, or one sample without N, {plain} axes"),
        ]
    )
    if other and len(x) > batched:
        words = ", ".join(("N", "C", *other))
        yield Text(f"{len(x)} axes are ({words}): classes for {len(other)}d take them, such as Conv{len(other)}d.")
    elif len(x) < plain:
        yield Text(
            "An axis is missing: `x.unsqueeze(1)` adds the channels to (N, ...), `x.unsqueeze(0)` a batch of one "
            "sample."
        )


@teaches("The size of tensor a (")
def broadcast(first: int, second: int, axis: int) -> Iterator[Block]:
    """Teach two shapes that do not go together."""
    yield Rows([(str(first), f"axis {axis} of the left tensor"), (str(second), f"axis {axis} of the right one")])
    gap = abs(first - second)
    yield Text(
        "Shapes are lined up from the last axis on; two sizes go together when they are equal, or one of them is 1. "
        f"They differ by {gap}: "
        + (
            "often an uneven size that a stride rounded down, or a padding that one of two branches lacks."
            if gap <= ROUNDING  # what rounding and a padding of 1 make
            else "the branches do not do the same to this axis."
        )
    )


@teaches("Expected more than 1 value per channel when training, got input size {")
def single_value(x: tuple[int, ...]) -> Iterator[Block]:
    """Teach a batch of one."""
    yield Rows(
        [(str(list(x)), f"{plural(x[0], 'sample')} of {plural(x[1], 'channel')}: one number each")]
        if len(x) > 1
        else []
    )


@teaches("{stored} should contain")
def stored(name: str, got: int, wanted: int) -> Iterator[Block]:
    """Teach a batch norm for other channels."""
    yield Rows([(str(got), "the channels of the input (axis 1)"), (str(wanted), "num_features of the BatchNorm")])
    yield Text(f"{name} has a number for each channel. Write BatchNorm({got}), or give it {wanted} channels.")


@teaches("Target size (", "Using a target size (")
def targeted(target: tuple[int, ...], x: tuple[int, ...]) -> Iterator[Block]:
    """Teach a target of another shape."""
    yield Rows([(shape(target), "the target"), (shape(x), "the output of the network")])
    if len(x) == len(target) + 1 and x[-1] == 1:
        yield Text(
            "The output has an axis of 1 at its end: `output.squeeze(1)`, or `target.unsqueeze(1)`; either, not both."
        )
    elif len(x) > 1 and x[:1] == target[:1]:
        yield Text("If the target holds the numbers of classes, CrossEntropyLoss takes it as it is: (N, C) and (N,).")


@teaches("Expected input batch_size (")
def batched(batch: int, target: int) -> Iterator[Block]:
    """Teach a batch that was folded."""
    yield Rows([(str(batch), "rows in the output of the network"), (str(target), "rows in the target")])
    if target and batch % target == 0:
        yield Text(
            f"{batch} = {target}·{batch // target}: {batch // target} numbers of each sample became rows. A "
            "`view(-1, k)` with the wrong k, or a Flatten from axis 0, does that: `x.flatten(1)` keeps the batch."
        )
