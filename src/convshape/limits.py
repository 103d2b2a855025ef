"""Limits: how large a description may be, and how long it may take. They stand here alone; docs/limits.md shows them.

`CONVSHAPE_MAX_LAYERS=1_000_000` in the environment raises one: who runs convshape can, a description never.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, NoReturn

from convshape.faults import ReadError

if TYPE_CHECKING:
    from convshape.source import Source, Span


def limit(name: str, default: int) -> int:
    """Return what the environment says of a limit, else the default.

    Raises ReadError when it is no whole number above 0.
    """
    text = os.environ.get(f"CONVSHAPE_MAX_{name}") or str(default)
    if not text.replace("_", "").isdecimal() or int(text) < 1:
        raise ReadError("limit", f"CONVSHAPE_MAX_{name} takes a whole number above 0, got {text[:40]!r}")
    return int(text)


BYTES = limit("BYTES", 8_000_000)
"""The bytes of a description."""
EXPRESSION = limit("EXPRESSION", 4_000_000)
"""The characters of one expression."""
COMMAS = limit("COMMAS", 100_000)
"""The commas of one expression: a Sequential of 20,000 layers fits."""
EXPRESSION_DEPTH = limit("EXPRESSION_DEPTH", 100)
"""How deep an expression may nest; the modules of print(model), too."""
YAML_DEPTH = limit("YAML_DEPTH", 40)
"""How deep lists and mappings may nest."""
YAML_VALUES = limit("YAML_VALUES", 200_000)
"""The values of a YAML file, aliases written out."""
AXES = limit("AXES", 64)
"""The axes of an input."""
BLOCK_DEPTH = limit("BLOCK_DEPTH", 60)
"""How deep blocks and nested lists may stand in each other, blocks written out."""
LAYERS = limit("LAYERS", 30_000)
"""The layers that repetitions and blocks write out, and the parts of one, beyond the lines of the file."""
TEXT = limit("TEXT", 10_000)
"""The characters of a string that is calculated, and the items of a list or a tuple."""
SECONDS = limit("SECONDS", 60)
"""The seconds of processor time that the command line gives a description; where the system has such a clock."""


def over(name: str, code: str, message: str, source: Source | None = None, span: Span | None = None) -> ReadError:
    """Make the error for a description that is over a limit; it says how the limit is raised."""
    error = ReadError(code, message, source, span)
    error.note = f"CONVSHAPE_MAX_{name} in the environment raises this limit"
    return error


def need_few(count: int, what: str) -> None:
    """Refuse more layers or tensors than a network may have: num_layers=10**9, x.unbind().

    Raises ReadError.
    """
    if isinstance(count, int) and count > LAYERS:  # of anything else the layer says what is wrong
        raise over("LAYERS", "too-many-layers", f"{what} made here are more than {LAYERS:,}")


def too_deep(source: Source) -> ReadError:
    """Make the error for a description that nests deeper than Python can go, where the limits would let it."""
    return ReadError("too-deep", "the description nests too deeply for Python", source)


def start_clock() -> None:
    """Give the next description its time: after SECONDS of the processor's it is refused. Waiting does not count."""
    if hasattr(signal, "SIGVTALRM") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGVTALRM, _out_of_time)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)


def stop_clock() -> None:
    """Let what follows take as long as it takes."""
    if hasattr(signal, "SIGVTALRM") and threading.current_thread() is threading.main_thread():
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _out_of_time(*_: object) -> NoReturn:
    """End the work on a description."""
    raise over("SECONDS", "too-slow", f"the description takes more than {SECONDS:,} s of processor time")
