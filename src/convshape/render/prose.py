"""An explanation as text for a terminal, wrapped to its width, or as Markdown for a page."""

from __future__ import annotations

from textwrap import TextWrapper
from typing import TYPE_CHECKING

from convshape.prose import Lines, Names, Rows, Text, Title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convshape.prose import Block
    from convshape.terminal import Screen

READABLE = 100
"""How wide a paragraph is at the most: longer lines are hard to read."""
WIDEST_NAME = 28
"""A longer name stands on a line of its own."""


def text(blocks: Sequence[Block], screen: Screen) -> str:
    """Write an explanation for a screen, an empty line between its parts."""
    width = min(screen.width or READABLE, READABLE)
    parts = ["\n".join(lines(block, width, color=screen.color)) for block in blocks]
    pieces = [part + ("\n" if is_heading(block) else "\n\n") for block, part in zip(blocks, parts, strict=True)]
    written = "".join(pieces).rstrip("\n") + "\n"
    return written if screen.unicode else ascii_only(written)


def is_heading(block: Block) -> bool:
    """Tell whether a block stands close to the next one."""
    return isinstance(block, Title) and block.level > 1


def ascii_only(written: str) -> str:
    """Write what the screen has no letters for as what is nearest."""
    return "".join(NEAREST.get(letter, letter) for letter in written)


NEAREST = {"·": "*", "…": "...", "→": "->", "≥": ">=", "≤": "<="}


def lines(block: Block, width: int, *, color: bool) -> Iterator[str]:
    """Give the lines of a block."""
    if isinstance(block, Title):
        yield from TextWrapper(width).wrap(f"\x1b[1m{block.text}\x1b[0m" if color else block.text)
    elif isinstance(block, (Text, Names)):
        yield from TextWrapper(width, break_long_words=False, break_on_hyphens=False).wrap(plain(block.text))
    elif isinstance(block, Rows):
        yield from rows(block, width)
    else:
        yield from (f"  {line}".rstrip() for line in block.lines)


def plain(text: str) -> str:
    """Leave the marks of bold words out, but not the powers in `code`."""
    pieces = text.split("`")
    pieces[::2] = [piece.replace("**", "") for piece in pieces[::2]]
    return "`".join(pieces)


def rows(block: Rows, width: int) -> Iterator[str]:
    """Give names in a column, and what is said of them beside."""
    column = min(max((len(name) for name, _ in block.rows), default=0), WIDEST_NAME)
    for name, words in block.rows:
        indent = " " * (column + 4)
        wrapper = TextWrapper(max(width, column + 24), subsequent_indent=indent, break_long_words=False)
        wrapper.initial_indent = f"  {name:{column}}  " if len(name) <= column else indent
        if len(name) > column:
            yield f"  {name}"
        yield from (line.rstrip() for line in wrapper.wrap(words) or [f"  {name}"])


def markdown(blocks: Sequence[Block], level: int = 1, home: str = "") -> str:
    """Write an explanation as Markdown; its own title is a heading of this level, `home` leads to `docs/`."""
    return "\n\n".join(part(block, level, home) for block in blocks) + "\n"


def part(block: Block, level: int, home: str) -> str:
    """Write a block as Markdown."""
    if isinstance(block, Names):
        links = (f"[{name}]({home}{page})" if page else name for name, page in block.names)
        return f"{escaped(block.before)}{', '.join(links)}{escaped(block.after)}"
    if isinstance(block, Title):
        return f"{'#' * (level + block.level - 1)} {escaped(block.text)}"
    if isinstance(block, Text):
        return "**".join(escaped(piece) for piece in block.text.split("**"))
    if isinstance(block, Lines):
        return "\n".join([f"```{block.kind}", *(line.rstrip() for line in block.lines), "```"])
    return "\n".join(f"- `{name}`: {escaped(words)}" if words else f"- `{name}`" for name, words in block.rows)


def escaped(words: str) -> str:
    """Keep the stars and brackets of a formula from being read as Markdown, but not those in `code`."""
    pieces = words.split("`")
    pieces[::2] = [piece.replace("*", r"\*").replace("_", r"\_").replace("<", "&lt;") for piece in pieces[::2]]
    return "`".join(pieces)
