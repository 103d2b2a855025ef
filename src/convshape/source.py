"""Source and Span: where each token was written."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of a source text, as offsets in characters; the end is excluded."""

    start: int
    end: int


class Place(NamedTuple):
    """A position as an editor shows it: line and column, both from 1."""

    line: int
    column: int


class Source:
    """A text and the name that it goes by in an error: a path, `<stdin>`, or `<net>` for an inline description."""

    __slots__ = ("_starts", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        """Keep the text, its line ends made one: what finds a place in it counts lines by them."""
        self.name = name
        self.text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        self._starts: list[int] = []

    @property
    def starts(self) -> list[int]:
        """Where each line starts; found when it is first asked for."""
        if not self._starts:
            start, starts = 0, [0]
            while (start := self.text.find("\n", start) + 1) > 0:
                starts.append(start)
            self._starts = starts
        return self._starts

    def place(self, offset: int) -> Place:
        """Return the line and column of an offset."""
        number = bisect_right(self.starts, offset)
        return Place(number, offset - self.starts[number - 1] + 1)

    def line(self, number: int) -> str:
        """Return the text of a line (from 1) without its line end."""
        starts = self.starts
        if number > len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def at(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[span.start : span.end]
