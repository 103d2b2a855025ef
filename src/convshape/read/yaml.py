"""Read the YAML dialect into a Network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convshape.faults import ReadError
from convshape.network import Block, Call, Group, Input, Items, Line, Literal, Name, Network, Node, Word
from convshape.read.events import Mapping, Scalar, Sequence, Tree, tree
from convshape.read.expression import parse
from convshape.read.inline import line as as_line

if TYPE_CHECKING:
    from convshape.source import Source, Span

KEYS = ("name", "input", "vars", "blocks", "layers", "expect")
LIMIT = 200_000
"""How many lines a description may hold, aliases written out."""
IDENTIFIER = re.compile(r"[^\W\d]\w*\Z")
CONSTANTS = {"true": True, "false": False, "null": None, "~": None}


class YamlReader:
    """Reads the parts of a description; `lines` counts them, so that aliases cannot explode."""

    def __init__(self, source: Source) -> None:
        """Start with no lines."""
        self.source = source
        self.lines = 0

    def fail(self, code: str, message: str, at: Tree | Node) -> ReadError:
        """Make an error that points at a part."""
        return ReadError(code, message, self.source, at.span)

    def network(self, root: Tree) -> Network:
        """Read the whole: a mapping with `layers`, or the list of layers itself."""
        if isinstance(root, Sequence):
            return Network(self.source, self.layers(root), {}, {}, {}, {})
        if not isinstance(root, Mapping):
            raise self.fail("description", "a description is a list of layers, or a mapping with `layers:`", root)
        found = {key.text: value for key, value in root.pairs}
        for key, _ in root.pairs:
            if key.text not in KEYS:
                raise self.fail("unknown-key", f"a description has no {key.text!r}{did_you_mean(key.text, KEYS)}", key)
        if "layers" not in found:
            raise self.fail("no-layers", "a description needs `layers:`", root)
        return Network(
            self.source,
            self.layers(found["layers"]),
            self.inputs(found["input"]) if "input" in found else {},
            {k.text: self.value(v) for k, v in self.pairs(found["vars"], "vars")} if "vars" in found else {},
            dict(self.block(k, v) for k, v in self.pairs(found["blocks"], "blocks")) if "blocks" in found else {},
            {k.text: (plain(v), v.span) for k, v in self.pairs(found["expect"], "expect")} if "expect" in found else {},
            self.scalar(found["name"]).text if "name" in found else "",
        )

    def pairs(self, value: Tree, what: str) -> list[tuple[Scalar, Tree]]:
        """Return the pairs of what must be a mapping."""
        if not isinstance(value, Mapping):
            raise self.fail("mapping", f"`{what}:` is a mapping, one `name: value` a line", value)
        return value.pairs

    def scalar(self, value: Tree) -> Scalar:
        """Return what must be a word or a number."""
        if not isinstance(value, Scalar):
            raise self.fail("scalar", "a single value belongs here", value)
        return value

    def layers(self, value: Tree) -> tuple[Line | Group, ...]:
        """Read a list of layers."""
        if isinstance(value, Scalar) and value.text.strip():
            return (self.layer(value),)
        if not isinstance(value, Sequence) or not value.items:
            raise self.fail("no-layers", "layers are a list, one `- Layer(...)` a line", value)
        return tuple(map(self.layer, value.items))

    def layer(self, item: Tree, name: str | None = None) -> Line | Group:
        """Read one layer in either spelling, or a group of them."""
        self.lines += 1
        if self.lines > LIMIT:
            raise self.fail("too-many-layers", f"the description has more than {LIMIT:,} lines", item)
        if isinstance(item, Scalar):
            names, value = self.expression(item)
            made = as_line(self.source, names or ((name,) if name else ()), value)
            return made
        if isinstance(item, Sequence):
            return Group(name, self.layers(item))
        return self.mapping(item, name)  # type: ignore[arg-type]

    def mapping(self, item: Mapping, name: str | None) -> Line | Group:
        """Read `repeat: n`, `name: layer` or `Layer: {argument: value}`."""
        keys = [key.text for key, _ in item.pairs]
        if "repeat" in keys:
            return self.repeat(item, name)
        if len(item.pairs) != 1:
            raise self.fail("layer", "one layer a line: `- name: Layer(...)` or `- Layer: {argument: value}`", item)
        key, value = item.pairs[0]
        if name is None and not self.is_arguments(value):
            if not IDENTIFIER.match(key.text):
                raise self.fail("bad-name", f"{key.text!r} cannot name a layer: a name is a word", key)
            return self.layer(value, key.text)
        pairs = value.pairs if isinstance(value, Mapping) else []
        keywords = tuple((k.text, self.value(v)) for k, v in pairs)
        return Line((name,) if name else (), Call(key.span, Name(key.span, key.text), (), keywords))

    def is_arguments(self, value: Tree) -> bool:
        """Tell the arguments of a layer from a layer that is being named."""
        if isinstance(value, Scalar):
            return not value.text.strip()
        if not isinstance(value, Mapping) or any(key.text == "repeat" for key, _ in value.pairs):
            return False
        return not (len(value.pairs) == 1 and isinstance(value.pairs[0][1], Mapping))

    def repeat(self, item: Mapping, name: str | None) -> Group:
        """Read `repeat: n` with its `layers:`."""
        found = {key.text: value for key, value in item.pairs}
        if set(found) != {"repeat", "layers"}:
            raise self.fail("repeat", "a repetition is `repeat: n` and `layers:`", item)
        return Group(name, self.layers(found["layers"]), self.value(found["repeat"]))

    def block(self, key: Scalar, value: Tree) -> tuple[str, Block]:
        """Read `name(parameter, other=default):` and its layers."""
        _, head = self.expression(key)
        call = head if isinstance(head, Call) else Call(head.span, head)
        if not isinstance(call.function, Name) or not all(isinstance(a, Name) for a in call.arguments):
            raise self.fail("block", "a block is `name(parameter, other=default):`", key)
        parameters = [(a.id, None) for a in call.arguments if isinstance(a, Name)]
        return call.function.id, Block((*parameters, *call.keywords), self.layers(value), key.span)

    def inputs(self, value: Tree) -> dict[str, Input]:
        """Read the input: a shape, or shapes by name."""
        if isinstance(value, Mapping) and "shape" not in [key.text for key, _ in value.pairs]:
            return {key.text: self.input(shape) for key, shape in value.pairs}
        return {"input": self.input(value)}

    def input(self, value: Tree) -> Input:
        """Read `[N, 1, 556]`, `N, 1, 556` or `{shape: [...], dtype: int64}`."""
        if isinstance(value, Mapping):
            found = {key.text: part for key, part in value.pairs}
            if not {"shape"} <= set(found) <= {"shape", "dtype"}:
                raise self.fail("input", "an input is a shape, or {shape: [...], dtype: int64}", value)
            dtype = self.scalar(found["dtype"]).text if "dtype" in found else "float32"
            return Input(self.input(found["shape"]).shape, dtype)
        if isinstance(value, Sequence):
            return Input(tuple(map(self.value, value.items)))
        _, shape = self.expression(self.scalar(value))
        return Input(shape.items if isinstance(shape, Items) else (shape,))

    def expression(self, value: Scalar) -> tuple[tuple[str, ...], Node]:
        """Read a scalar as an expression; an escape in a quoted one moves no position: then it has the whole span."""
        start, end = value.span
        start += self.source.text[start:end].find(value.text) if value.text in self.source.text[start:end] else 0
        exact = self.source.text.startswith(value.text, start)
        return parse(self.source, value.text, (lambda offset: start + offset) if exact else (lambda offset: start))

    def value(self, value: Tree) -> Node:
        """Read the value of an argument or a variable: an expression, a list, or a bare word."""
        if isinstance(value, Sequence):
            return Items(value.span, "tuple", tuple(map(self.value, value.items)))
        scalar = self.scalar(value)
        if scalar.text in CONSTANTS or not scalar.text.strip():
            return Literal(scalar.span, CONSTANTS.get(scalar.text))
        _, node = self.expression(scalar)
        return Word(node.span, node.id) if isinstance(node, Name) and node.id != "_" else node


def plain(value: Tree) -> object:
    """Return an expectation as it was written: text, lists and mappings."""
    if isinstance(value, Scalar):
        return value.text
    if isinstance(value, Sequence):
        return [plain(item) for item in value.items]
    return {key.text: plain(item) for key, item in value.pairs} if isinstance(value, Mapping) else None


def did_you_mean(word: str, known: object) -> str:
    """Suggest the nearest known word."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), 1)  # type: ignore[call-overload]
    return f"; did you mean {close[0]}?" if close else ""


def read_yaml(source: Source) -> Network:
    """Read YAML as a network.

    Raises ReadError where it is no description.
    """
    return YamlReader(source).network(tree(source))


def span_of(value: Tree) -> Span:
    """Return where a value stands."""
    return value.span
