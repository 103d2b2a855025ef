"""Snapshot: what a lock keeps of a trace and a diff compares, as texts: its inputs, needs, layers and totals.

A lock is its text: three parts with a blank line between them, a line for each layer, so that git shows what changed.

    # convshape lock 1: lenet.yaml
    input | (N, 1, 28, 28) | float32

    conv1 | Conv2d(1, 6, 5, padding=2) | (N, 6, 28, 28) | 156 | 117600*N

    total | 61706 | 416520*N | 37632*N + 246824
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from convshape.faults import ReadError
from convshape.memory import Memory
from convshape.render.diagnostic import printable
from convshape.report import Report, shape_text
from convshape.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convshape.steps import Trace

VERSION = 1
"""Raised when a lock says something else in the same place: locks of another version are not read."""
HEAD = re.compile(r"# convshape lock (\d+): (.*)")
SEPARATOR = " | "
TOTALS = "total"


class LayerLine(NamedTuple):
    """A layer: its name, how it is made, and what comes out of it."""

    name: str
    layer: str
    output: str
    params: str
    macs: str


class Snapshot(NamedTuple):
    """A network as texts; `memory` is what inference holds at its peak, in bytes."""

    file: str
    inputs: tuple[tuple[str, ...], ...]
    needs: tuple[str, ...]
    layers: tuple[LayerLine, ...]
    params: str
    macs: str
    memory: str

    @property
    def shapes(self) -> tuple[object, ...]:
        """What counts for a comparison: all but the name of the file."""
        return self[1:]


def snapshot(trace: Trace) -> Snapshot:
    """Take what a lock keeps of a trace.

    Raises the error of a trace that stopped.
    """
    if trace.error:
        raise trace.error
    rows = Report(trace).rows
    layers = [
        LayerLine(*map(printable, (r.name, r.layer, shape_text(r.output), str(r.params), str(r.macs)))) for r in rows
    ]
    inputs = [(name, shape_text(tensor), str(tensor.dtype)) for name, tensor in trace.inputs.items()]
    needs = tuple(trace.symbols.summary())
    name = trace.network.source.name.rpartition("/")[2]
    return Snapshot(
        name, tuple(inputs), needs, tuple(layers), str(trace.params), str(trace.macs), str(Memory(trace).peak)
    )


def lock_text(taken: Snapshot) -> str:
    """Write a lock."""
    head = [f"# convshape lock {VERSION}: {taken.file}"]
    given = [*map(line, taken.inputs), *(line(("needs", need)) for need in taken.needs)]
    layers = list(map(line, taken.layers))
    return "\n".join([*head, *given, "", *layers, "", line((TOTALS, taken.params, taken.macs, taken.memory))]) + "\n"


def line(cells: Iterable[str]) -> str:
    """Write cells; a bar inside one is escaped."""
    return SEPARATOR.join(cell.replace("\\", "\\\\").replace("|", "\\|") for cell in cells)


def cells(text: str) -> tuple[str, ...]:
    """Read the cells of a line."""
    return tuple(re.sub(r"\\(.)", r"\1", cell) for cell in text.split(SEPARATOR))


def read_lock(source: Source) -> Snapshot:
    """Read a lock.

    Raises ReadError where it is none, or one of another version.
    """
    found = HEAD.fullmatch(source.line(1))
    if found is None:
        raise broken(source, f"{source.name} is no lock: its first line is not `# convshape lock {VERSION}: FILE`")
    if int(found[1]) != VERSION:
        words = f"{source.name} is a lock of version {found[1]}, and this convshape reads version {VERSION}"
        raise broken(source, f"{words}: `convshape lock --update` writes it anew")
    text = source.text.rstrip("\n").split("\n")
    try:
        first, last = text.index(""), len(text) - 2
        given, layers, ends = (list(map(cells, text[a:b])) for a, b in ((1, first), (first + 1, last), (last, None)))
        (_, (total, params, macs, memory)) = ends
        lines = tuple(LayerLine(*layer) for layer in layers)
    except (ValueError, TypeError):
        total = ""
    if total != TOTALS:
        raise broken(source, f"{source.name} is damaged: `convshape lock --update` writes it anew")
    needs = tuple(need for key, *rest in given if key == "needs" for need in rest[:1] if len(rest) == 1)
    inputs = tuple(one for one in given if len(one) > 2)  # noqa: PLR2004  # a name, a shape and a dtype
    return Snapshot(found[2], inputs, needs, lines, params, macs, memory)


def broken(source: Source, words: str) -> ReadError:
    """Make an error that points at the first line of a lock."""
    return ReadError("lock", words, source, Span(0, len(source.line(1))))
