"""Teach two tensors that do not go together: branches, targets, devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.explain.teachers import teaches
from convshape.prose import Rows, Text, plural, shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.prose import Block


ROUNDING = 2
"""By how much branches differ where one rounds or pads otherwise than the other."""


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


@teaches("Sizes of tensors must match except in dimension", "invalid argument 0: Sizes of tensors must match")
def joined(dim: int, wanted: int, got: int, *_place: Any) -> Iterator[Block]:
    """Teach tensors that are to be joined, and differ elsewhere."""
    yield Rows(
        [
            (str(dim), "the axis along which they are joined: the only one on which they may differ"),
            (str(wanted), "the size of another axis in the first tensor"),
            (str(got), "its size in a later one"),
        ]
    )
    if abs(wanted - got) <= ROUNDING:
        yield Text(
            "They differ by a rounding: an uneven size was halved on the way down, and came back one smaller. Give an "
            "input whose sizes halve evenly (`convshape sizes` prints which do), or pad or crop the smaller one."
        )
    else:
        yield Text("The two do not come from the same depth of the network, or the wrong axis is joined: check `dim`.")


@teaches("Expected more than 1 value per channel when training, got input size {")
def single_value(x: tuple[int, ...]) -> Iterator[Block]:
    """Teach a batch of one."""
    yield Rows(
        [(str(list(x)), f"{plural(x[0], 'sample')} of {plural(x[1], 'channel')}: one number each")]
        if len(x) > 1
        else []
    )


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


@teaches("0D or 1D target tensor expected, multi-target not supported")
def numbered() -> Iterator[Block]:
    """Teach a target of class numbers that has an axis too many."""
    yield Text(
        "The target holds whole numbers, so they are taken for classes: one for each sample, (N,). An axis of 1 at its "
        "end goes with `target.squeeze(1)`; a one-hot target, (N, C), becomes class numbers with `target.argmax(1)`, "
        "or probabilities with `target.float()`."
    )


@teaches("Expected target size {")
def mapped(wanted: tuple[int, ...], got: tuple[int, ...]) -> Iterator[Block]:
    """Teach a target that has other positions than the scores."""
    yield Rows([(shape(wanted), "the target that goes with the scores: their shape without the classes (axis 1)"),
                (shape(got), "the target")])  # fmt: skip
    yield Text(
        "CrossEntropyLoss looks for the classes on axis 1: scores of (N, L, C), as a Linear or an LSTM gives them, "
        "need `scores.permute(0, 2, 1)`, or both are flattened: `scores.flatten(0, 1)` and `target.flatten()`."
    )


@teaches("Input type ({input}) and weight type ({weight}) should be the same")
def placed(x: str, weight: str) -> Iterator[Block]:
    """Teach an input that lies elsewhere than the weights, or has another type."""
    yield Rows([(x, "the input"), (weight, "the weights")])
    if ("cuda" in x) != ("cuda" in weight):
        yield Text(
            "One lies on the GPU and the other does not: `net.to(device)` and `x = x.to(device)` bring them together."
        )
    else:
        yield Text(
            "Give the input the type of the weights, `x.float()`, or the network that of the input, `net.double()`."
        )
