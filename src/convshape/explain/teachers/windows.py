"""Teach windows and ranks: what does not fit, and axes that are missing or too many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.axes import SPATIAL
from convshape.explain.teachers import teaches
from convshape.prose import Rows, Text, plural, shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.prose import Block


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


@teaches("Expected {weight_rank}-dimensional input for {weight_rank}-dimensional weight")
def weighed(wanted: int, weight: tuple[int, ...], got: int, x: tuple[int, ...]) -> Iterator[Block]:
    """Teach an input whose axes are not those of the kernel."""
    kernel = weight[2:]
    axes = plural(len(kernel), "axis", "axes")
    yield Rows(
        [
            (str(list(weight)), f"the weight: out_channels, in_channels, and a kernel over {axes}"),
            (str(list(x)), f"the input, of {got} axes"),
        ]
    )
    if got == wanted - 1 and len(x) > 1 and x[0] == weight[1]:
        yield Text("It is one sample: `x.unsqueeze(0)` makes a batch of it.")
        return
    yield Text(
        f"A kernel of {shape(kernel)} slides over {axes}, so that the input has {wanted}: the batch, the channels and "
        f"{len(kernel)} more. Where the class is for fewer, give kernel_size one number; where an axis is missing, "
        "`x.unsqueeze(1)` adds the channels, `x.unsqueeze(0)` a batch of one."
    )
