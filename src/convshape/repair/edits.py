"""Edits of a source text: another number, another word, a line before a layer; the rest stays as it was written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from convshape.network import Group, Line, Nested, below
from convshape.read.events import Mapping, Scalar, Sequence, tree
from convshape.read.inline import PYTHON, is_code
from convshape.read.printed import is_printed
from convshape.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convshape.network import Network, Node
    from convshape.read.events import Tree


class Edit(NamedTuple):
    """A stretch of the source, and what to put in its place; an empty stretch inserts."""

    span: Span
    text: str


class Repair(NamedTuple):
    """Edits that belong together, and a sentence that says what they do and when they are right."""

    words: str
    edits: tuple[Edit, ...]
    adds: int = 0  # how many steps it puts before the layer that refuses

    def applied(self, source: Source) -> Source:
        """Return the source with the edits made."""
        return Source(source.name, edited(source.text, self.edits))


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Make edits, the last first, so that the places of the others stay what they are."""
    for (start, end), new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


PAIR = re.compile(r"""\(\s*["'][^"']+["']\s*,\s*\Z""")
KEY = re.compile(r"""["'][^"']+["']\s*:\s*\Z""")
KEYWORD = re.compile(r"(?<=[(,\s])[^\W\d]\w*\s*=\s*\Z")
PRINTED = re.compile(r"[ \t]*\([^()\s]+\):[ ]\Z")
INSIDE = re.compile(r"[(,]\s*\Z")


def before(network: Network, line: Line, code: str, layer: str) -> Edit | None:
    """Put a line before another one, in the dialect in which the description is written.

    `layer` is the class for it, or nothing where only the `code` of a tensor does it. None where it cannot be written.
    """
    code = layer or code
    text, start = network.source.text, line.value.span.start
    head = text[:start]
    if is_printed(text):
        return before_printed(head, layer)
    if not is_code(text):
        edit = before_item(network.source, start, code)
        if edit is not None:
            return edit
    prefix = prefix_of(text[start:]) if layer else ""
    for pattern, new in (
        (PAIR, f'("{word(code, text)}", {prefix}{code}), '),
        (KEY, f'"{word(code, text)}": {prefix}{code}, '),
        (INSIDE, f"{prefix}{code}, "),
    ):
        found = pattern.search(head)
        if found:
            at = start if pattern is INSIDE else found.start()
            return Edit(Span(at, at), new)
    if PYTHON.search(text) or not is_code(text):
        return None
    named = KEYWORD.search(f" {head}")
    at = named.start() - 1 if named else start
    return Edit(Span(at, at), f"{prefix}{code} -> ")


def before_printed(head: str, layer: str) -> Edit | None:
    """Put a part before the one that a text ends at; print shows layers alone."""
    found = PRINTED.search(head)
    if found is None or not layer:
        return None
    return Edit(Span(found.start(), found.start()), f"{indent(found.group())}(flatten): {layer}\n")


def indent(text: str) -> str:
    """Return the spaces that a text opens with."""
    return text[: len(text) - len(text.lstrip(" \t"))]


def prefix_of(text: str) -> str:
    """Return `nn.` where a call is written with it."""
    found = re.match(r"(?:\w+\.)*", text)
    return found.group() if found else ""


def word(code: str, text: str) -> str:
    """Return a name for a line that the description does not have yet."""
    found = re.search(r"([a-z]+)\(", code.lower())
    name = found.group(1) if found else "line"
    return next(one for one in (name, *(f"{name}{number}" for number in range(2, 99))) if f'"{one}"' not in text)


def before_item(source: Source, start: int, code: str) -> Edit | None:
    """Put an item before the one of YAML that a line is; None where the line stands inside the text of one."""
    found = item_at(tree(source), start)
    if found is None:
        return None
    sequence, item = found
    text = source.text
    if sequence.flow:
        return Edit(Span(item.span.start, item.span.start), f'"{code}", ')
    dash = text.rfind("-", 0, item.span.start)
    column = dash - text.rfind("\n", 0, dash) - 1
    return Edit(Span(dash, dash), f"- {code}\n{' ' * column}")


def item_at(value: Tree, start: int) -> tuple[Sequence, Tree] | None:
    """Find the innermost item of a list that says what starts at a place: as a whole, or under a name."""
    if isinstance(value, Sequence):
        for item in value.items:
            if item.span.start <= start < item.span.end:
                return item_at(item, start) or ((value, item) if opens(item, start) else None)
    if isinstance(value, Mapping):
        for _, part in value.pairs:
            found = item_at(part, start)
            if found:
                return found
    return None


def opens(item: Tree, start: int) -> bool:
    """Tell whether the layer of an item starts at a place, whatever names it."""
    if isinstance(item, Scalar):
        head = start - item.span.start - item.quoted
        return head <= 0 or bool(re.fullmatch(r"\w+\s*=\s*", item.text[:head]))
    if isinstance(item, Mapping) and len(item.pairs) == 1:
        key, part = item.pairs[0]
        return key.span.start == start or opens(part, start)
    return False


def line_at(network: Network, start: int) -> Line | None:
    """Find the innermost line that starts at a place."""
    return next((line for line in reversed([*lines(network)]) if line.value.span.start == start), None)


def lines(network: Network) -> Iterator[Line]:
    """Give every line as it is written, those of blocks too, what holds others before them."""
    for layers in (network.layers, *(block.layers for block in network.blocks.values())):
        yield from lines_in(layers)


def lines_in(layers: Iterable[Line | Group]) -> Iterator[Line]:
    """Give the lines of layers."""
    for item in layers:
        if isinstance(item, Group):
            yield from lines_in(item.layers)
            continue
        yield item
        for node in nodes_in(item.value):
            if isinstance(node, Nested):
                yield from lines_in(node.layers)


def nodes(network: Network) -> Iterator[Node]:
    """Give every part of every line."""
    for line in lines(network):
        yield from nodes_in(line.value)


def nodes_in(node: Node) -> Iterator[Node]:
    """Give a node and what it is made of."""
    yield node
    for part in below(node):
        yield from nodes_in(part)
