"""Source and Span: where each token was written."""

from __future__ import annotations

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

    __slots__ = ("name", "text")

    def __init__(self, name: str, text: str) -> None:
        """Keep the text as it was read."""
        self.name = name
        self.text = text

    def place(self, offset: int) -> Place:
        """Return the line and column of an offset."""
        start = self.text.rfind("\n", 0, offset) + 1
        return Place(self.text.count("\n", 0, offset) + 1, offset - start + 1)

    def line(self, number: int) -> str:
        """Return the text of a line (from 1) without its line end."""
        lines = self.text.split("\n")
        return lines[number - 1].rstrip("\r") if number <= len(lines) else ""

    def at(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[span.start : span.end]
