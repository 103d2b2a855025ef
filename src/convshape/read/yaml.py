"""Read the YAML dialect into a Network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convshape.faults import ReadError
from convshape.network import (
    Block,
    Call,
    Group,
    Input,
    Items,
    Line,
    Literal,
    Name,
    Network,
    Node,
    Word,
    below,
)  # fmt: skip
from convshape.read.container import line
from convshape.read.events import Mapping, Scalar, Sequence, Tree, aligned, tree, written
from convshape.read.expression import parse
from convshape.suggest import clipped, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence as Items_

    from convshape.network import Names
    from convshape.source import Source

KEYS = ("name", "input", "vars", "blocks", "layers", "expect")
IDENTIFIER = re.compile(r"[^\W\d]\w*\Z")
CONSTANTS = {
    "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False, "null": None, "none": None,
    "~": None, "": None,
}  # fmt: skip
STRINGS = {"nearest-exact"}
"""The strings of torch that would be read as a subtraction."""


class YamlReader:
    """Reads the parts of a description; what an alias repeats is read once."""

    def __init__(self, source: Source) -> None:
        """Start with nothing read."""
        self.source = source
        self.seen: dict[tuple[int, str | None], Line | Group] = {}
        self.variables: tuple[str, ...] = ()

    def fail(self, code: str, message: str, at: Tree | Node) -> ReadError:
        """Make an error that points at a part."""
        return ReadError(code, message, self.source, at.span)

    # --- the parts ---

    def network(self, root: Tree) -> Network:
        """Read the whole: a mapping with `layers`, or the list of layers itself."""
        if isinstance(root, Sequence):
            return Network(self.source, self.layers(root), {}, {}, {}, {})
        if not isinstance(root, Mapping):
            raise self.fail("description", "a description is a list of layers, or a mapping with `layers:`", root)
        found = self.known(root)
        if "layers" not in found:
            raise self.fail("no-layers", "a description needs `layers:`", key_or_whole(root))
        return Network(
            self.source,
            self.layers(found["layers"]),
            self.inputs(found["input"]) if "input" in found else {},
            self.vars(found["vars"]) if "vars" in found else {},
            self.blocks(found["blocks"]) if "blocks" in found else {},
            {k.text: written(v) for k, v in self.pairs(found["expect"], "expect")} if "expect" in found else {},
            self.scalar(found["name"]).text if "name" in found else "",
        )

    def known(self, root: Mapping) -> dict[str, Tree]:
        """Return the parts by their keys, each of which must be known."""
        for key, _ in root.pairs:
            if key.text not in KEYS:
                words = f"a description has no key {clipped(key.text)}{did_you_mean(key.text, KEYS)}"
                raise self.fail("unknown-key", words, key)
        return {key.text: value for key, value in root.pairs}

    def pairs(self, value: Tree, what: str) -> list[tuple[Scalar, Tree]]:
        """Return the pairs of what must be a mapping; nothing is an empty one."""
        if isinstance(value, Scalar) and not value.text:
            return []
        if not isinstance(value, Mapping):
            raise self.fail("mapping", f"`{what}:` is a mapping, one `name: value` a line", value)
        return value.pairs

    def scalar(self, value: Tree) -> Scalar:
        """Return what must be a word or a number."""
        if not isinstance(value, Scalar):
            raise self.fail("scalar", "a single value belongs here", value)
        return value

    def name(self, key: Scalar, what: str) -> str:
        """Return a key that must be a name."""
        if not IDENTIFIER.match(key.text) or key.text.startswith("__"):
            raise self.fail("bad-name", f"{clipped(key.text)!r} cannot name {what}: a name is a word", key)
        return key.text

    def vars(self, value: Tree) -> dict[str, Node]:
        """Read the variables; each may use the ones before it."""
        pairs = self.pairs(value, "vars")
        late = {self.name(key, "a variable") for key, _ in pairs}
        found: dict[str, Node] = {}
        for key, part in pairs:
            node = self.value(part)
            for name in names(node):
                if name.id in late:
                    words = f"{key.text} uses {name.id}, which is set only {'here' if name.id == key.text else 'later'}"
                    raise self.fail("unknown-variable", words, name)
            late.discard(key.text)
            found[key.text] = node
        return found

    def blocks(self, value: Tree) -> dict[str, Block]:
        """Read the blocks by name."""
        found: dict[str, Block] = {}
        for key, part in self.pairs(value, "blocks"):
            name, block = self.block(key, part)
            if name in found:
                raise self.fail("duplicate-name", f"a block called {name} stands here twice", key)
            found[name] = block
        return found

    def block(self, key: Scalar, value: Tree) -> tuple[str, Block]:
        """Read `name(parameter, other=default):` and its layers."""
        _, head = self.expression(key)
        call = head if isinstance(head, Call) else Call(head.span, head)
        if not isinstance(call.function, Name) or not all(isinstance(part, Name) for part in call.arguments):
            raise self.fail("block", "a block is `name(parameter, other=default):`", key)
        parameters = [(part.id, None) for part in call.arguments if isinstance(part, Name)]
        every = [name for name, _ in (*parameters, *call.keywords)]
        if len(set(every)) < len(every):
            raise self.fail("duplicate-name", f"a parameter of {call.function.id} stands twice", key)
        return call.function.id, Block((*parameters, *call.keywords), self.layers(value), key.span)

    # --- layers ---

    def layers(self, value: Tree) -> tuple[Line | Group, ...]:
        """Read a list of layers."""
        if isinstance(value, Scalar) and value.text.strip():
            return (self.layer(value),)
        if not isinstance(value, Sequence) or not value.items:
            raise self.fail("no-layers", "layers are a list, one `- Layer(...)` a line", value)
        if value.flow:
            self.unsplit(value.items)
        return tuple(map(self.layer, value.items))

    def unsplit(self, items: Items_[Tree]) -> None:
        """Refuse a flow list or mapping whose comma has split a call."""
        for item in items:
            if isinstance(item, Scalar) and not item.quoted and item.text.count("(") > item.text.count(")"):
                words = f"the comma inside [...] or {{...}} splits the call {clipped(item.text)}: put it in quotes"
                raise self.fail("split-call", words, item)

    def layer(self, item: Tree, name: str | None = None) -> Line | Group:
        """Read one layer in either spelling, or a group of them; an alias gives what its anchor gave."""
        known = self.seen.get((id(item), name))
        if known is None:
            known = self.seen[id(item), name] = self.new_layer(item, name)
        return known

    def new_layer(self, item: Tree, name: str | None) -> Line | Group:
        """Read one layer."""
        if isinstance(item, Scalar):
            given, value = self.expression(item)
            if given and name:
                raise self.fail("bad-name", f"the result has a name already: {given[0]}", item)
            return line(given or ((name,) if name else ()), value)
        if isinstance(item, Sequence):
            return Group(name, self.layers(item))
        return self.mapping(item, name)  # type: ignore[arg-type]  # there are three kinds of Tree

    def mapping(self, item: Mapping, name: str | None) -> Line | Group:
        """Read `repeat: n`, `name: layer` or `Layer: {argument: value}`."""
        if item.flow:
            self.unsplit([part for pair in item.pairs for part in pair])
        if any(key.text == "repeat" for key, _ in item.pairs):
            return self.repeat(item, name)
        if len(item.pairs) != 1:
            words = "one layer a line: `- name: Layer(...)` or `- Layer: {argument: value}`"
            raise self.fail("layer", words, item.pairs[1][0] if item.pairs else item)
        key, value = item.pairs[0]
        if name is None and not is_arguments(key, value):
            return self.layer(value, self.name(key, "a layer"))
        return Line((name,) if name else (), self.call(key, value))

    def call(self, key: Scalar, value: Tree) -> Call:
        """Read `Layer: {argument: value}`, `Layer: [value, ...]`, or `Layer:` alone."""
        _, function = self.expression(key)
        arguments: tuple[Node, ...] = ()
        keywords: tuple[tuple[str, Node], ...] = ()
        if isinstance(value, Sequence):
            arguments = tuple(map(self.value, value.items))
        elif isinstance(value, Mapping):
            keywords = tuple((self.name(name, "an argument"), self.value(part)) for name, part in value.pairs)
        elif value.text:  # type: ignore[attr-defined]  # a Scalar
            arguments = (self.value(value),)
        return Call(key.span, function, arguments, keywords)

    def repeat(self, item: Mapping, name: str | None) -> Group:
        """Read `repeat: n` with its `layers:`."""
        found = {key.text: value for key, value in item.pairs}
        if set(found) != {"repeat", "layers"}:
            raise self.fail("repeat", "a repetition is `repeat: n` and `layers:`", item.pairs[0][0])
        return Group(name, self.layers(found["layers"]), self.value(found["repeat"]))

    # --- inputs ---

    def inputs(self, value: Tree) -> dict[str, Input]:
        """Read the input: a shape, or shapes by name."""
        keys = [key.text for key, _ in value.pairs] if isinstance(value, Mapping) else ["shape"]
        if isinstance(value, Mapping) and "shape" not in keys:
            if not keys or "dtype" in keys:
                raise self.fail("input", "an input is a shape like [N, 3, 32, 32]", value)
            return {self.name(key, "an input"): self.input(shape) for key, shape in value.pairs}
        return {"input": self.input(value)}

    def input(self, value: Tree) -> Input:
        """Read `[N, 1, 556]`, `N, 1, 556` or `{shape: [...], dtype: int64}`."""
        if isinstance(value, Mapping):
            found = {key.text: part for key, part in value.pairs}
            if not {"shape"} <= set(found) <= {"shape", "dtype"}:
                raise self.fail("input", "an input is a shape, or {shape: [...], dtype: int64}", value)
            dtype = self.scalar(found["dtype"]).text.removeprefix("torch.") if "dtype" in found else "float32"
            return Input(self.input(found["shape"]).shape, dtype)
        if isinstance(value, Sequence):
            return Input(tuple(map(self.value, value.items)))
        _, shape = self.expression(self.scalar(value))
        return Input(shape.items if isinstance(shape, Items) else (shape,))

    # --- values ---

    def expression(self, value: Scalar) -> tuple[Names, Node]:
        """Read a scalar as an expression."""
        if not value.text.strip():
            raise self.fail("empty", "a layer or a value belongs here", value)
        start = value.span.end - (1 if value.quoted else 0) - len(value.text)  # before it an anchor may stand
        if start >= 0 and self.source.text.startswith(value.text, start):
            return parse(self.source, value.text, start)
        return parse(self.source, value.text, aligned(self.source.text, value))

    def value(self, value: Tree) -> Node:
        """Read the value of an argument or a variable: an expression, a list, or a bare word."""
        if isinstance(value, Sequence):
            return Items(value.span, "tuple", tuple(map(self.value, value.items)))
        scalar = self.scalar(value)
        text = scalar.text.strip()
        if text.lower() in CONSTANTS and not (scalar.quoted and text):
            return Literal(scalar.span, CONSTANTS[text.lower()])
        if text in STRINGS:
            return Literal(scalar.span, text)
        _, node = self.expression(scalar)
        return Word(node.span, node.id) if isinstance(node, Name) and node.id != "_" and "$" not in text else node


def is_arguments(key: Scalar, value: Tree) -> bool:
    """Tell the arguments of a layer from a layer that is being named: classes are capitalised, arguments are not."""
    capital = key.text.rpartition(".")[2][:1].isupper()
    if isinstance(value, Scalar):
        return not value.text.strip()
    if isinstance(value, Sequence):
        return capital and all(isinstance(item, Scalar) and "(" not in item.text for item in value.items)
    inner = [name.text for name, _ in value.pairs]  # type: ignore[attr-defined]  # a Mapping
    if "repeat" in inner or (len(inner) == 1 and inner[0][:1].isupper()):
        return False
    return capital or len(inner) != 1 or not isinstance(value.pairs[0][1], Mapping)  # type: ignore[attr-defined]


def names(node: Node) -> Iterator[Name | Word]:
    """Give the names that the value of a variable uses."""
    if isinstance(node, (Name, Word)):
        yield node
    for part in below(node):
        yield from names(part)


def key_or_whole(root: Mapping) -> Tree:
    """Return the first key of a mapping, to point at."""
    return root.pairs[0][0] if root.pairs else root


def read_yaml(source: Source) -> Network:
    """Read YAML as a network.

    Raises ReadError where it is no description.
    """
    return YamlReader(source).network(tree(source))
