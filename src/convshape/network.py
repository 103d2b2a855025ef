"""Network: what the user wrote, still without meaning. Nodes are equal when they say the same, wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from convshape.source import Source, Span

    Names = tuple[str | "Names", ...]
    """The names that a line gives: none, one, or one for each part of a tuple, which may be nested."""


class Node:
    """A piece of an expression: its fields, and the span where it was written, which does not count for equality."""

    __slots__ = ("span",)
    fields: tuple[str, ...] = ()
    visited: str = ""  # the method of an evaluator that takes it
    span: Span

    def __init_subclass__(cls) -> None:
        """Take the slots of a kind of node as its fields, and its name for the methods that take it."""
        cls.fields = tuple(cls.__dict__.get("__slots__", ()))
        cls.visited = cls.__name__.lower()

    def __init__(self, span: Span, *values: Any) -> None:
        """Fill the fields in their order."""
        self.span = span
        for name, value in zip(self.fields, values, strict=True):
            setattr(self, name, value)

    def parts(self) -> tuple[Any, ...]:
        """Return the values of the fields."""
        return tuple(getattr(self, name) for name in self.fields)

    def __eq__(self, other: object) -> bool:
        """Compare what is said, not where."""
        return type(self) is type(other) and isinstance(other, Node) and self.parts() == other.parts()

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash((type(self).__name__, self.parts()))

    def __repr__(self) -> str:
        """Show the fields."""
        return f"{type(self).__name__}({', '.join(map(repr, self.parts()))})"


class Literal(Node):
    """A number, a string in quotes, True, False, None or `...`."""

    __slots__ = ("value",)
    value: float | str | bool | None

    def __init__(self, span: Span, value: Any) -> None:
        """Keep the value."""
        self.span = span
        self.value = value

    def parts(self) -> tuple[Any, ...]:
        """Tell 1 from 1.0 and True: torch does."""
        return (type(self.value).__name__, self.value)


class Name(Node):
    """A bare word: a layer, a block, a variable, a symbol or an earlier output. `_` is a number to be worked out."""

    __slots__ = ("id",)
    id: str

    def __init__(self, span: Span, id: str) -> None:  # noqa: A002  # the word of Python's own tree
        """Keep the word."""
        self.span = span
        self.id = id


class Sought(Node):
    """`?`: a number to be found. Only a search knows what to do with it."""

    __slots__ = ()


class Word(Node):
    """A bare word where the mapping spelling has an argument: a variable, or else that string itself."""

    __slots__ = ("id",)
    id: str


class Call(Node):
    """A call: `function(arguments, keyword=...)`."""

    __slots__ = ("arguments", "function", "keywords")
    function: Node
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...]

    def __init__(
        self, span: Span, function: Node, arguments: tuple[Node, ...] = (), keywords: tuple[tuple[str, Node], ...] = ()
    ) -> None:
        """Keep the three parts of a call."""
        self.span = span
        self.function = function
        self.arguments = arguments
        self.keywords = keywords


class Attribute(Node):
    """`value.name`."""

    __slots__ = ("value", "name")  # noqa: RUF023  # the order of the fields
    value: Node
    name: str


class Index(Node):
    """`value[index]`."""

    __slots__ = ("value", "index")  # noqa: RUF023  # the order of the fields
    value: Node
    index: Node


class Slice(Node):
    """`start:stop:step` in an index; a part that is not written is None."""

    __slots__ = ("start", "stop", "step")  # noqa: RUF023  # the order of the fields
    start: Node | None
    stop: Node | None
    step: Node | None


class Unary(Node):
    """`-x`, `+x`, `~x` or `not x`."""

    __slots__ = ("operator", "value")
    operator: str
    value: Node


class Binary(Node):
    """Arithmetic or a comparison of two values, the operator as Python writes it."""

    __slots__ = ("operator", "left", "right")  # noqa: RUF023  # the order of the fields
    operator: str
    left: Node
    right: Node


class Items(Node):
    """A tuple or a list, told apart by `kind`, since torch tells them apart."""

    __slots__ = ("kind", "items")  # noqa: RUF023  # the order of the fields
    kind: str
    items: tuple[Node, ...]


class Pairs(Node):
    """A mapping of an expectation; the key of each pair is a text."""

    __slots__ = ("pairs",)
    pairs: tuple[tuple[Literal, Node], ...]


class Store(Node):
    """`value[index] = new`, which changes a tensor in place."""

    __slots__ = ("target", "new")  # noqa: RUF023  # the order of the fields
    target: Index
    new: Node


class Nested(Node):
    """A Sequential inside an expression."""

    __slots__ = ("layers",)
    layers: tuple[Line | Group, ...]


MADE = "made"
"""The role of a line that only makes its layer, as `self.conv = nn.Conv1d(...)` does: a later line calls it."""
ASIDE = "aside"
"""The role of a line that only names its result, as `y = conv(x)` does: `x` stays what it was."""


class Line(NamedTuple):
    """One line of a description: an expression, and the names that it gives to its result (several for a tuple).

    A line takes `x` and gives the next one its `x`, unless its role says otherwise.
    """

    names: Names
    value: Node
    role: str = ""


class Group(NamedTuple):
    """Layers that stand together: a nested list, a nested Sequential, a container, or `repeat` repetitions."""

    name: str | None
    layers: tuple[Line | Group, ...]
    repeat: Node | None = None
    title: str = ""  # the class name that print(model) shows for a container
    role: str = ""


class Block(NamedTuple):
    """Layers with parameters, used like a layer; a parameter may have a default."""

    parameters: tuple[tuple[str, Node | None], ...]
    layers: tuple[Line | Group, ...]
    span: Span


class Input(NamedTuple):
    """A named input: the expressions of its sizes, and its dtype."""

    shape: tuple[Node, ...]
    dtype: str = "float32"


class Network(NamedTuple):
    """A network description as it was written."""

    source: Source
    layers: tuple[Line | Group, ...]
    inputs: Mapping[str, Input]
    variables: Mapping[str, Node]
    blocks: Mapping[str, Block]
    expect: Mapping[str, Node]
    name: str = ""
    notes: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Compare what is said: neither the text, nor the name that it goes by, nor notes."""
        return isinstance(other, Network) and self[1:6] == other[1:6]

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self.layers)


def written(layers: tuple[Line | Group, ...]) -> int:
    """Count the lines of a description, those of its groups too; what an alias repeats stands there once."""
    count, waiting, seen = 0, [layers], {id(layers)}
    while waiting:
        for item in waiting.pop():
            count += 1
            if isinstance(item, Group) and id(item.layers) not in seen:
                seen.add(id(item.layers))
                waiting.append(item.layers)
    return count


def below(node: Node) -> Sequence[Node]:
    """Return the nodes that a node is made of, in the order in which they are written."""
    if isinstance(node, Call):
        return (node.function, *node.arguments, *(part for _, part in node.keywords))
    if isinstance(node, Literal):
        return ()
    flat = (inner for part in node.parts() for inner in (part if isinstance(part, tuple) else (part,)))
    return [inner for inner in flat if isinstance(inner, Node)]


def replaced(node: Any, known: Mapping[str, Node]) -> Any:
    """Return a node, or layers, with what is known in the place of its names."""
    return changed(node, lambda leaf: known.get(leaf.id, leaf) if isinstance(leaf, Name) else leaf)


def changed(node: Any, change: Callable[[Node], Node]) -> Any:
    """Return a node, or layers, with every node that has no parts changed."""
    if isinstance(node, Call):
        keywords = tuple((name, changed(part, change)) for name, part in node.keywords)
        return Call(node.span, changed(node.function, change), changed(node.arguments, change), keywords)
    if isinstance(node, (Line, Group)):
        fields = ("value",) if isinstance(node, Line) else ("layers", "repeat")
        return node._replace(**{field: changed(getattr(node, field), change) for field in fields})
    if isinstance(node, tuple):
        return tuple(changed(part, change) for part in node)
    if isinstance(node, (Name, Literal, Sought)):
        return change(node)
    if isinstance(node, Node):
        return type(node)(node.span, *(changed(getattr(node, name), change) for name in node.fields))
    return node
