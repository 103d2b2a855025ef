"""Read code: a network on one line (`Conv1d(1, 16, 8) -> ReLU`), pasted nn.Sequential, and the lines of a module."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convshape.faults import ReadError
from convshape.network import (
    ASIDE,
    MADE,
    Binary,
    Call,
    Group,
    Items,
    Line,
    Literal,
    Name,
    Network,
    Node,
    Unary,
    below,
)  # fmt: skip
from convshape.read.container import line
from convshape.read.expression import parse
from convshape.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.network import Names

SEPARATOR = re.compile(r"->|\n\s*|[|;()\[\]{}]|'[^'\n]*'|\"[^\"\n]*\"|#[^\n]*|\\\n")
OPEN, CLOSE = "([{", ")]}"
IGNORED = re.compile(r"(import|from)\s|super\(.*\)\.__init__\(\)\Z|pass\Z")
YAML = re.compile(r"-(\s|\Z)|[\"']?[\w.]+(\(.*\))?[\"']?\s*:(\s|\Z)|[\[{&!%@`?]|---")
PYTHON = re.compile(r"^[ \t]*(class|def)\s+\w+", re.MULTILINE)


def without_prompts(source: Source) -> Source:
    """Blank the prompts of a session, `>>> ` and `... `; every position stays what it was."""
    if not source.text.lstrip().startswith(">>>"):
        return source
    blank = re.sub(r"^([ \t]*)(>>>|\.\.\.)", r"\1   ", source.text, flags=re.MULTILINE)
    return Source(source.name, blank)


def is_code(text: str) -> bool:
    """Tell code from YAML by its first line that is no comment: YAML opens with a `-`, a `key:` or a bracket."""
    for found in re.finditer(r"[^\n]+", text):
        opening = found.group().strip()
        if opening and not opening.startswith("#"):
            return YAML.match(opening) is None
    return False


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Split at `->`, `|`, `;` and line ends that stand outside brackets; give the start and end of each piece."""
    depth = start = 0
    for found in SEPARATOR.finditer(text):
        token = found.group()
        if token in OPEN:
            depth += 1
        elif token in CLOSE:
            depth -= 1
        elif depth == 0 and token[0] not in "'\"\\":
            yield start, found.start()
            start = found.end()
    yield start, len(text)


def read_inline(source: Source) -> Network:
    """Read code as a network."""
    found: list[tuple[bool, Names, Node]] = []
    variables: dict[str, Node] = {}
    for start, end in pieces(source.text):
        text = source.text[start:end].strip()
        if not text or IGNORED.match(text):
            continue
        names, value = parse(source, source.text[start:end], start)
        if len(names) == 1 and isinstance(names[0], str) and is_number(value, variables):
            variables[names[0]] = value
        else:
            found.append((text.startswith("self."), names, value))
    if not found:
        raise ReadError("no-layers", "there is no layer here", source, Span(0, min(len(source.text), 40)))
    return Network(source, tuple(unwrap(lines(found))), {}, variables, {}, {})


def is_number(node: Node, variables: dict[str, Node]) -> bool:
    """Tell whether a value is known without running a layer: then its line sets a variable."""
    if isinstance(node, Name):
        return node.id in variables
    return isinstance(node, (Literal, Unary, Binary, Items)) and all(is_number(part, variables) for part in below(node))


def lines(found: list[tuple[bool, Names, Node]]) -> list[Line | Group]:
    """Make lines. Where a `self.name` is called by a later line, those lines are Python: they only make and name."""
    made = {names[0] for own, names, _ in found if own and len(names) == 1}
    python = bool(made) and any(made & set(called(value)) for _, _, value in found)
    return [line(names, value, role(own, names) if python else "") for own, names, value in found]


def role(own: bool, names: Names) -> str:  # noqa: FBT001  # the first of a triple
    """Return the role of a line of Python: `self.conv = ...` makes, `y = ...` names, `x = ...` goes on."""
    if own and names:
        return MADE
    return ASIDE if names and names != ("x",) else ""


def called(node: Node) -> Iterator[str]:
    """Give the names that an expression calls."""
    if isinstance(node, Call) and isinstance(node.function, Name):
        yield node.function.id
    for part in below(node):
        yield from called(part)


def unwrap(layers: list[Line | Group]) -> list[Line | Group]:
    """Take a single Sequential as the network itself, whatever name it was given."""
    if len(layers) == 1 and isinstance(layers[0], Group) and layers[0].repeat is None:
        return list(layers[0].layers)
    return layers
