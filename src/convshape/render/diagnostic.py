"""An error as a compiler shows it: the sentence, where it was written, the line with carets, torch's words, the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.advice import Advice
    from convshape.faults import ConvshapeError
    from convshape.source import Source, Span
    from convshape.terminal import Screen

STYLES = {"error": "1;31", "warning": "1;33", "why": "1", "title": "1", "gutter": "1;34", "caret": "1;31", "fix": "32"}
"""The colours, as a terminal numbers them."""

WIDEST = 160
"""A longer source line is shown in part, however wide the screen is."""

ELLIPSIS = "..."


class Painter:
    """Puts colours around text, or leaves it alone."""

    def __init__(self, screen: Screen) -> None:
        """Know whether the screen has colours."""
        self.color = screen.color

    def __call__(self, style: str, text: str) -> str:
        """Paint text."""
        return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if self.color and text else text


def diagnostic(error: ConvshapeError | Problem, screen: Screen) -> str:
    """Write an error for a screen."""
    problem = error if isinstance(error, Problem) else Problem.of(error)
    return "\n".join(lines(problem, screen)) + "\n"


def lines(error: Problem, screen: Screen) -> Iterator[str]:
    """Give the lines of an error."""
    paint = Painter(screen)
    yield paint(error.level, f"{error.level}[{error.code}]") + paint("title", f": {printable(error.message)}")
    source, span = error.source, error.span
    number = str(source.place(span.start).line) if source and span else ""
    margin = " " * len(number)
    if source:
        yield f"{margin} {paint('gutter', '-->')} {position(source, span)}"
    if source and span:
        yield from excerpt(source, span, number, error.label, screen)
    for words in error.details:
        yield f"{margin} {paint('gutter', '|')} {printable(words)}".rstrip()
    for name, words in remarks(error):
        style = "fix" if name == "fix" else "title"
        yield f"{margin} {paint('gutter', '=')} {paint(style, f'{name}:')}{' ' * (6 - len(name))}{printable(words)}"


def warning(advice: Advice, screen: Screen) -> str:
    """Write a warning for a screen."""
    paint = Painter(screen)
    source, span = advice.source, advice.span
    number = str(source.place(span.start).line) if span else ""
    margin = " " * len(number)
    title = paint("warning", f"warning[{advice.code}]") + paint("title", f": {printable(advice.message)}")
    shown = excerpt(source, span, number, "", screen) if span else ()
    where = f"{margin} {paint('gutter', '-->')} {position(source, span)}"
    why = [f"{margin} {paint('gutter', '=')} {paint('why', 'why:')}   {advice.why}"] if advice.why else []
    return "\n".join((title, where, *shown, *why)) + "\n"


def position(source: Source, span: Span | None) -> str:
    """Write file:line:column, as an editor follows it."""
    if span is None:
        return source.name
    line, column = source.place(span.start)
    return f"{source.name}:{line}:{column}"


def remarks(error: Problem) -> Iterator[tuple[str, str]]:
    """Give what else there is to say: torch's own line, the repairs, a note."""
    if error.torch_type:
        yield "torch", f"{error.torch_type}: {error.torch_message}"
    for repair in error.repairs:
        yield "fix", repair.words
    if error.note:
        yield "note", error.note


def excerpt(source: Source, span: Span, number: str, label: str, screen: Screen) -> Iterator[str]:
    """Show the source line, and carets under the span."""
    paint = Painter(screen)
    bar = paint("gutter", "|")
    line, column = source.place(span.start)
    text = source.line(line)
    start = column - 1
    length = max(min(span.end - span.start, len(text) - start), 1)
    room = min(screen.width or WIDEST, WIDEST) - len(number) - 3
    before, marked, after = window(text, start, start + length, max(room, 20))
    carets = " " * cells(before) + paint("caret", "^" * max(cells(marked), 1))
    yield f"{' ' * len(number)} {bar}"
    yield f"{paint('gutter', number)} {bar} {before + marked + after}".rstrip()
    yield f"{' ' * len(number)} {bar} {carets}{paint('caret', ' ' + printable(label) if label else '')}"


def window(text: str, start: int, end: int, room: int) -> tuple[str, str, str]:
    """Cut a line to what fits around a span, and return it in three parts: before, in and after the span."""
    before, marked, after = (printable(part) for part in (text[:start], text[start:end], text[end:]))
    if cells(before + marked + after) <= room:
        return before, marked, after
    marked = clip(marked, room * 2 // 3)
    side = (room - cells(marked)) // 2
    if cells(before) > side:
        before = ELLIPSIS + clip(before[::-1], max(side - len(ELLIPSIS), 0), "")[::-1]
    left = room - cells(before) - cells(marked)
    return before, marked, clip(after, left)


def clip(text: str, room: int, ending: str = ELLIPSIS) -> str:
    """Cut text to a number of cells."""
    if cells(text) <= room:
        return text
    kept, used = [], cells(ending)
    for character in text:
        used += cells(character)
        if used > room:
            break
        kept.append(character)
    return "".join(kept) + ending


def printable(text: str) -> str:
    """Write tabs as spaces, and what would steer a terminal or is no character as a mark."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else mark(character) for character in text)


def mark(character: str) -> str:
    """Write a tab as four spaces, another space as one, and the rest as the mark of a character that is none."""
    if character.isspace():
        return "    " if character == "\t" else " "
    return "\N{REPLACEMENT CHARACTER}"


def cells(text: str) -> int:
    """Count the columns that text takes: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) or c in JOINERS else 2 if east_asian_width(c) in "WF" else 1 for c in text)


JOINERS = "\u200b\u200c\u200d\ufe0e\ufe0f"
"""Characters without a width of their own."""
