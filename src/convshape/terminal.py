"""The terminal: what standard output and standard error are, and the only place that writes to them."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.advice import Advice
    from convshape.faults import ConvshapeError


class Screen(NamedTuple):
    """Where text goes: its width in columns (None is as wide as it likes), and whether it has colours and Unicode."""

    width: int | None = None
    color: bool = False
    unicode: bool = True


def screen() -> Screen:
    """Look at standard output."""
    return look(sys.stdout)


def look(stream: TextIO | None) -> Screen:
    """Look at a stream: a pipe has no width; NO_COLOR, FORCE_COLOR, COLUMNS and TERM=dumb are respected."""
    if stream is None:  # closed before the program started
        return Screen()
    tty = stream.isatty()
    unicode = (stream.encoding or "").lower().replace("-", "").startswith("utf")
    return Screen(width(stream) if tty or os.environ.get("COLUMNS") else None, colored(tty=tty), unicode)


def width(stream: TextIO) -> int:
    """Return how many columns a terminal has."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def colored(*, tty: bool) -> bool:
    """Tell whether colours are wanted."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (tty and os.environ.get("TERM") != "dumb")


def answer(text: str) -> None:
    """Write to standard output the same bytes on every machine, unless a person reads there."""
    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    put(text, sys.stdout)


def put(text: str, stream: TextIO | None) -> None:
    """Write text; a reader that has gone away ends the program without a word, and so does a closed stream."""
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except UnicodeEncodeError:
        stream.buffer.write(text.encode(stream.encoding, "replace"))
        put("", stream)
    except OSError as error:
        raise SystemExit(given_up(error, stream)) from None


def given_up(error: OSError, stream: TextIO) -> int:
    """Leave a stream that cannot be written to, and return the exit code; Python would try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if isinstance(error, BrokenPipeError):
        return CLOSED_PIPE
    if stream is sys.stdout:
        note(f"cannot write: {(error.strerror or str(error)).lower()}", "error")
    return 2


CLOSED_PIPE = 141
"""What a shell reports for a program that a closed pipe has ended: 128 + SIGPIPE."""


def complain(error: ConvshapeError) -> None:
    """Show an error on standard error; GitHub Actions shows it beside the line, too."""
    from convshape.render.diagnostic import diagnostic

    put(diagnostic(error, look(sys.stderr)), sys.stderr)
    if in_actions():
        from convshape.problem import Problem
        from convshape.render.github import annotation

        problem = Problem.of(error)
        put(annotation(problem, error.source.name if error.source else "<convshape>"), sys.stderr)


def in_actions() -> bool:
    """Tell whether GitHub Actions runs this."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def warn(found: Sequence[Advice]) -> None:
    """Show warnings on standard error."""
    if found:
        from convshape.render.diagnostic import warning

        put("".join(warning(one, look(sys.stderr)) for one in found), sys.stderr)


def crash(error: Exception) -> None:
    """Say that convshape itself is wrong, or a layer of the user's own; CONVSHAPE_TRACEBACK=1 shows where."""
    if os.environ.get("CONVSHAPE_TRACEBACK"):
        raise error
    from convshape.extensions import place_of, told

    place = place_of(error)
    if place:
        note(f"{place} raises {told(error)}", "error[layers]")
    else:
        note(f"a fault of convshape, please report it with the description ({told(error)})", "error[internal]")


def note(words: str, kind: str = "note") -> None:
    """Say something beside the answer, on standard error."""
    put(f"{kind}: {words}\n", sys.stderr)
