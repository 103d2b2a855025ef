"""Prose: what an explanation is made of, before anybody knows where it will be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence


class Title(NamedTuple):
    """The heading of the whole (level 1), or of a part of it."""

    text: str
    level: int = 1


class Text(NamedTuple):
    """A paragraph; `code` stands between backticks."""

    text: str


class Rows(NamedTuple):
    """Names, each with what there is to say of it."""

    rows: Sequence[tuple[str, str]]


class Lines(NamedTuple):
    """Lines that stay as they are: a picture, arithmetic, a message; `kind` is the language, for a page."""

    lines: Sequence[str]
    kind: str = "text"


class Names(NamedTuple):
    """A paragraph that lists names, each with its page in `docs/`, "" where it has none."""

    before: str
    names: Sequence[tuple[str, str]]
    after: str

    @property
    def text(self) -> str:
        """The paragraph without its links."""
        return f"{self.before}{', '.join(name for name, _ in self.names)}{self.after}"


Block: TypeAlias = Title | Text | Rows | Lines | Names


def paragraphs(text: str) -> list[Block]:
    """Make a paragraph of each line that is not empty."""
    return [Text(line.strip()) for line in text.splitlines() if line.strip()]


def shape(sizes: Sequence[object], letters: Sequence[str] = ()) -> str:
    """Write a shape, its axes by their letters where they have some: (N=32, C=1, L=556), (L=20, N=32, 8)."""
    written = list(map(str, sizes))
    if len(letters) == len(written):
        written = [
            size if letter in ("", size) else f"{letter}={size}" for letter, size in zip(letters, written, strict=True)
        ]
    return f"({', '.join(written)}{',' if len(written) == 1 else ''})"


def plural(count: object, word: str, several: str = "") -> str:
    """Write a number and what it counts; `several` is the word for more than one, where that is not just an s more."""
    return f"{count} {word}" if count == 1 else f"{count} {several or f'{word}s'}"
