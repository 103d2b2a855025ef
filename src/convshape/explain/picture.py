"""A picture in text of a window that slides along an axis, and the positions that no window reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.window import extent, slide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convshape.window import Window

SHOWN = 16
"""How many positions of an axis are drawn at once."""
WINDOWS = 6
"""How many windows are drawn."""
LONGEST = 100_000
"""A longer axis is not looked through position by position."""


def places(length: int, window: Window) -> int:
    """Return where windows can stand, with the last whole one: ceil mode may add one that hangs over."""
    return int(slide(length, *window[:4]))


def taps(place: int, window: Window) -> range:
    """Return the positions that a window reads; those in the padding are negative, or behind the end."""
    first = place * int(window.stride) - int(window.padding)
    return range(first, first + int(extent(window.kernel, window.dilation)), int(window.dilation))


def unread(length: int, window: Window, count: int) -> list[int]:
    """Return the positions that none of `count` windows reads."""
    if length > LONGEST:
        return list(range(min(taps(count - 1, window)[-1] + 1, length), length))
    seen = bytearray(length)
    for place in range(count):
        for position in taps(place, window):
            if 0 <= position < length:
                seen[position] = 1
    return [position for position in range(length) if not seen[position]]


def spans(positions: Sequence[int]) -> str:
    """Write positions as stretches: 3, 7 to 9."""
    found: list[list[int]] = []
    for position in positions:
        if found and found[-1][1] == position - 1:
            found[-1][1] = position
        else:
            found.append([position, position])
    return ", ".join(str(a) if a == b else f"{a} and {b}" if b == a + 1 else f"{a} to {b}" for a, b in found)


def draw(length: int, window: Window, count: int) -> list[str]:
    """Draw windows over an axis: # is read, - is skipped by dilation, . is padding.

    A long axis is drawn at its beginning, and again at its end.
    """
    low, high = -int(window.padding), length + int(window.padding)
    if high - low <= SHOWN:
        return list(stretch(range(low, high), range(count), length, window, count))
    first = [place for place in range(min(count, WINDOWS)) if taps(place, window)[-1] < low + SHOWN]
    last = [place for place in range(max(count - WINDOWS, 0), count) if taps(place, window)[0] >= high - SHOWN]
    if not first or not last:
        return []
    return [
        *stretch(range(low, low + SHOWN), first[: WINDOWS // 2], length, window, count),
        "...",
        *stretch(range(high - SHOWN, high), last[-WINDOWS // 2 :], length, window, count),
    ]


def stretch(positions: range, windows: Sequence[int], length: int, window: Window, count: int) -> Iterator[str]:
    """Draw a stretch of an axis: its positions, the windows, and what none of them reads."""
    cell = len(str(length)) + 1
    margin = max(len("output "), len("unread")) + len(str(count))
    yield line("input", [str(at) if 0 <= at < length else "." for at in positions], cell, margin)
    kept = list(windows) if len(windows) <= WINDOWS else [*windows[: WINDOWS - 2], *windows[-2:]]
    for place in kept:
        if len(windows) > WINDOWS and place == kept[-2]:
            yield "..."
        yield line(f"output {place}", [mark(at, place, window) for at in positions], cell, margin)
    missed = set(unread(length, window, count))
    if missed & set(positions):
        yield line("unread", ["!" if at in missed else "" for at in positions], cell, margin)


def mark(position: int, place: int, window: Window) -> str:
    """Return what a window does at a position."""
    reads = taps(place, window)
    return "#" if position in reads else "-" if reads[0] <= position <= reads[-1] else ""


def line(name: str, cells: Sequence[str], cell: int, margin: int) -> str:
    """Write a name and its cells."""
    return (f"{name:{margin}}" + "".join(f"{text:>{cell}}" for text in cells)).rstrip()
