"""Write repairs into a file: the edits alone change it, at one stroke, and its line ends stay what they are."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from convshape.faults import ReadError
from convshape.repair import mended
from convshape.repair.edits import Edit, edited
from convshape.source import Span
from convshape.whole import write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convshape.repair import Repair
    from convshape.source import Source
    from convshape.steps import Trace


def fixed(net: str, source: Source, trace: Callable[[Source], Trace], output: str | None) -> tuple[Trace, list[str]]:
    """Repair a network that was read from `net`, and write it there or elsewhere; return its trace, and what was done.

    Nothing is written where nothing was repaired, but for a copy that was asked for. Raises ReadError where there is
    no file to write to, or it cannot be written.
    """
    if output is None and not os.path.isfile(net):  # noqa: PTH113  # pathlib takes 5 ms to import
        raise ReadError("no-file", "this network is no file to write to: say where with --output FILE")
    result, made = mended(trace(source), trace)
    if made or output:
        raw = original(net, source)
        for repair, text in zip(made, texts(source, made), strict=True):
            raw = into(raw, text, repair.edits)
        write(output or net, raw)
    return result, [f"{output or net}: {repair.words}" for repair in made]


def texts(source: Source, made: Sequence[Repair]) -> list[str]:
    """Return the text before each repair."""
    found = [source.text]
    for repair in made:
        found.append(edited(found[-1], repair.edits))
    return found[:-1]


def original(net: str, source: Source) -> str:
    """Return the text of a file with its own line ends and its byte order mark; of anything else, the text."""
    if not os.path.isfile(net):  # noqa: PTH113
        return source.text
    with open(net, encoding="utf-8", newline="") as file:  # noqa: PTH123
        return file.read()


def into(raw: str, text: str, edits: Sequence[Edit]) -> str:
    """Make edits of a text in what it was read from: line ends may be longer there, and a mark may stand before it."""
    starts = [found.start() for found in re.finditer("\r\n", raw)]
    mark = len(raw) - len(starts) - len(text)

    def place(offset: int) -> int:
        at = offset + mark
        for start in starts:
            at += start < at
        return at

    end = "\r\n" if starts else "\r" if "\r" in raw else "\n"
    moved = [Edit(Span(place(start), place(stop)), new.replace("\n", end)) for (start, stop), new in edits]
    return edited(raw, moved)
