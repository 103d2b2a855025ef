"""Advice about windows: what they never read, and those that read more than there is."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.advice import HABIT, advice
from convshape.report.receptive import same
from convshape.window import extent, slide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.advice import At, View
    from convshape.layer import Layer
    from convshape.window import Window

NUMBERS = {int, bool}
SHARE = 20
"""What is never read is worth a word from one in so many positions on."""


class Axis(NamedTuple):
    """An axis that a window slides over: its place from the end, its length, the window, its places, what it skips."""

    place: int
    length: int
    window: Window
    places: Any
    unread: Any


def slid(at: At) -> tuple[Axis, ...]:
    """Return the axes that a layer slides over, where all the numbers are known."""
    layer = at.layer
    if layer is None or not layer.axes or at.get("ceil_mode") or len(at.x) <= layer.axes:
        return ()
    lengths: Any = at.x[-layer.axes :]
    return slid_over(layer, lengths) if NUMBERS.issuperset(map(type, lengths)) else tuple(axes(layer, lengths))


def axes(layer: Layer, lengths: tuple[Any, ...]) -> Iterator[Axis]:
    """Give the axes that a layer slides over, those whose numbers are known."""
    for place, (length, window) in enumerate(zip(lengths, layer.windows(lengths), strict=False), -len(lengths)):
        if not window.transposed and {*map(type, (length, *window))} <= NUMBERS:
            places = slide(length, *window[:4])
            last = (places - 1) * window.stride + extent(window.kernel, window.dilation)
            yield Axis(place, length, window, places, max(length + window.padding - last, 0))


@lru_cache(maxsize=256)
def slid_over(layer: Layer, lengths: tuple[int, ...]) -> tuple[Axis, ...]:
    """Return the axes of lengths that are numbers: the rules ask in turn, and a network says the same thing often."""
    return tuple(axes(layer, lengths))


def never_read(at: At, axis: Axis) -> str:
    """Say which positions are never read."""
    letters = at.layer.letters(at.x) if at.layer is not None else ()
    where = f" of {letters[axis.place]}" if letters else ""
    return f"the last position{where}" if axis.unread == 1 else f"the last {axis.unread} positions{where}"


@advice(
    "unread",
    "The stride does not divide what is left after the first window: torch rounds down, and the end of the data is "
    "never looked at. Pad it, take ceil_mode=True (a pool), or another stride.",
    "kernel_size",
)
def unread(at: At) -> str | None:
    """Find a window that leaves a part of the data at the end."""
    for axis in slid(at):
        skips = axis.window.kernel < axis.window.stride  # it leaves some out everywhere, on purpose
        if axis.places > 1 and axis.unread * SHARE >= axis.length and axis.unread and not skips:
            return f"{at.step.name} never reads {never_read(at, axis)}, out of {axis.length}"
    return None


@advice(
    "pool-to-one",
    "The window stands in one place because the next one would hang over the end: the rest is dropped. A global pool "
    "reads everything: AdaptiveAvgPool, or a kernel_size of the whole length.",
    "kernel_size",
)
def pool_to_one(at: At) -> str | None:
    """Find a pool that comes down to one position, and drops the others."""
    if at.layer is None or any(True for _ in at.layer.weights()):
        return None
    for axis in slid(at):
        if axis.places == 1 and axis.unread:
            return f"{at.step.name} stands in one place only, and never reads {never_read(at, axis)}"
    return None


@advice(
    "kernel-longer",
    "A part of each window is padding wherever it stands, and those weights learn little or nothing. The data is "
    "smaller here than the layer was made for.",
    "kernel_size",
)
def kernel_longer(at: At) -> str | None:
    """Find a kernel that is longer than the whole input; over one axis of several, where a weight meets no data.

    A clip of few frames is short along time alone, and networks for video are made for that.
    """
    axes = [axis for axis in slid(at) if axis.window.kernel > 1]
    longer = [axis for axis in axes if span_of(axis) > axis.length]
    if longer and (len(longer) == len(axes) or any(map(meets_padding_alone, longer))):
        axis = longer[0]
        return f"{at.step.name} slides a window of {span_of(axis)} over a length of {axis.length}: the rest is padding"
    return None


def span_of(axis: Axis) -> int:
    """Return how many positions a window covers."""
    return int(extent(axis.window.kernel, axis.window.dilation))


def meets_padding_alone(axis: Axis) -> bool:
    """Tell whether the first or the last weight of a window never meets data."""
    padding, farthest = axis.window.padding, (axis.places - 1) * axis.window.stride
    return bool(farthest < padding or span_of(axis) - 1 - padding >= axis.length)


@advice("dead-layer", "It gives back what comes in: leave it out, or give it the number that was meant.")
def dead_layer(at: At) -> str | None:
    """Find a layer that does nothing: Identity, a Dropout of 0, a window of 1."""
    layer = at.layer
    if layer is None or any(True for _ in layer.weights()):
        return None
    if at.get("p") == 0 and same(at.x, at.step.output) and not switched_off(at.view):
        return f"{layer.signature()} drops nothing"
    if layer.layout == "input" and not is_shortcut(at):
        return f"{layer.signature()} changes nothing"
    windows = [axis.window for axis in slid(at)] if at.has("kernel_size") else []
    if windows and all(window[:3] == (1, 1, 0) and not window.transposed for window in windows):
        return f"{layer.signature()} slides a window of 1: it changes nothing"
    return None


@lru_cache(maxsize=1)
def switched_off(view: View) -> bool:
    """Tell whether a network has every Dropout at 0, as torchvision's transformers do: that is a setting."""
    rates = [step.layer.__dict__["p"] for step in view.trace.steps if step.layer and "Dropout" in step.name]
    return len(rates) >= HABIT and not any(rates)


def is_shortcut(at: At) -> bool:
    """Tell whether an Identity stands on a branch: others take what it takes, beside the one that takes its output."""
    return at.view.takers[id(at.x)] > 2  # noqa: PLR2004  # itself, and the next
