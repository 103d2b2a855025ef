"""Read a network on one line (`Conv1d(1, 16, 8) -> ReLU`), and pasted nn.Sequential code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convshape.faults import ReadError
from convshape.network import Call, Group, Items, Line, Literal, Name, Network, Node
from convshape.source import Span
from convshape.read.expression import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.source import Source

SEPARATOR = re.compile(r"->|[|\n;()\[\]{}]|'[^'\n]*'|\"[^\"\n]*\"|#[^\n]*")
OPEN, CLOSE = "([{", ")]}"


def is_code(text: str) -> bool:
    """Tell code from YAML: its first word is called or followed by an arrow, not by a colon."""
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return re.match(r"[A-Za-z_][\w.]*\s*(\(|->|\||=[^=]|$)|x\s*[-+*/@.\[]", first) is not None


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Split at `->`, `|`, `;` and line ends that stand outside brackets; give the start and end of each piece."""
    depth = start = 0
    for found in SEPARATOR.finditer(text):
        token = found.group()
        if token in OPEN:
            depth += 1
        elif token in CLOSE:
            depth -= 1
        elif token[0] == "#" or (depth == 0 and token[0] not in "'\""):
            if depth == 0:
                yield start, found.start()
            start = found.end() if depth == 0 else start
    yield start, len(text)


def read_inline(source: Source) -> Network:
    """Read code as a network."""
    lines: list[Line | Group] = []
    for start, end in pieces(source.text):
        text = source.text[start:end]
        if text.strip():
            names, value = parse(source, text, lambda offset, start=start: start + offset)  # type: ignore[misc]
            lines.append(line(source, names, value))
    return Network(source, tuple(unwrap(lines)), {}, {}, {}, {})


def unwrap(lines: list[Line | Group]) -> list[Line | Group]:
    """Take a single Sequential as the network itself."""
    if len(lines) == 1 and isinstance(lines[0], Group) and lines[0].count is None:
        return list(lines[0].layers)
    return lines


def line(source: Source, names: tuple[str, ...], value: Node) -> Line | Group:
    """Make a group of a Sequential, and a line of everything else."""
    if is_call(value, "Sequential"):
        return Group(names[0] if names else None, tuple(children(source, value)))
    return Line(names, value)


def is_call(node: Node, name: str) -> bool:
    """Tell whether a node calls a name."""
    return isinstance(node, Call) and isinstance(node.function, Name) and node.function.id == name


def children(source: Source, call: Any) -> Iterator[Line | Group]:
    """Give the layers of a Sequential: its arguments, or the pairs of its OrderedDict."""
    for argument in call.arguments:
        if is_call(argument, "OrderedDict"):
            yield from pairs(source, argument)
        else:
            yield line(source, (), argument)


def pairs(source: Source, call: Any) -> Iterator[Line | Group]:
    """Give the named layers of an OrderedDict."""
    for items in call.arguments:
        for pair in getattr(items, "items", ()):
            if not (isinstance(pair, Items) and len(pair.items) == 2 and isinstance(pair.items[0], Literal)):
                raise ReadError("ordered-dict", 'an OrderedDict holds pairs: ("name", layer)', source, pair.span)
            yield line(source, (str(pair.items[0].value),), pair.items[1])


def whole(source: Source) -> Span:
    """Return the span of the whole text."""
    return Span(0, len(source.text))
