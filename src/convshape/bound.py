"""What a network is once its names have a meaning: nodes with layers and functions in them, and lines of those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.network import Call, Group, Items, Literal, Name, Node, below
from convshape.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convshape.faults import ShapeError
    from convshape.layer import Layer
    from convshape.network import Line, Names


class Module(Node):
    """A layer with a place of its own for its weights: `path`, as a state_dict has it. `call` is where it is made."""

    __slots__ = ("layer", "path", "call")  # noqa: RUF023  # the order of the fields
    layer: Layer
    path: str
    call: Node


class Refused(Node):
    """A layer whose constructor refuses: the error waits until propagation comes to it."""

    __slots__ = ("error",)
    error: ShapeError


class Function(Node):
    """A torch function, by its name."""

    __slots__ = ("op",)
    op: Any


class Subnet(Node):
    """Lines that run with a scope of their own: a block that was called, a Sequential, a repetition."""

    __slots__ = ("lines", "path", "title")
    lines: tuple[BoundLine, ...]
    path: str
    title: str


class Aside(Node):
    """A result that is only named: `x` stays what it was."""

    __slots__ = ("value",)
    value: Node


class BoundLine(NamedTuple):
    """A line with its meaning: its name in a state_dict, the names that it gives, and what it evaluates."""

    path: str
    names: Names
    value: Node


def modules(lines: Iterable[BoundLine]) -> Iterator[Module]:
    """Give every layer of bound lines, in the order in which they run; one that is called twice comes twice."""
    for line in lines:
        yield from modules_in(line.value)


def modules_in(node: Node) -> Iterator[Module]:
    """Give the layers in an expression, those of the arguments before what is called on them."""
    if isinstance(node, Module):
        yield node
    elif isinstance(node, Subnet):
        yield from modules(node.lines)
    elif not isinstance(node, (Literal, Name, Function)):
        parts = below(node)
        for part in (*parts[1:], parts[0]) if isinstance(node, Call) else parts:
            yield from modules_in(part)


def argument_span(node: Call, kind: type[Layer], at: str) -> Span:
    """Return where an argument was written, else the whole call."""
    for name, part in node.keywords:
        if name == at:
            return part.span
    names = list(kind.fields)
    if at in names and names.index(at) < len(node.arguments):
        return node.arguments[names.index(at)].span
    return node.span


def flat(names: Names) -> Iterator[str]:
    """Give the names of a line one by one."""
    for name in names:
        if isinstance(name, str):
            yield name
        else:
            yield from flat(name)


def members(held: Module | Subnet) -> tuple[Node, ...]:
    """Return the layers of a Sequential, or what a ModuleList is made of."""
    if isinstance(held, Subnet):
        return tuple(line.value for line in held.lines)
    arguments = held.call.arguments if isinstance(held.call, Call) else ()
    return arguments[0].items if arguments and isinstance(arguments[0], Items) else ()


def join(path: str, name: str) -> str:
    """Write the name of a module inside another."""
    return f"{path}.{name}" if path else name


def first_span(item: Line | Group) -> Span:
    """Return where a group starts; an empty one has no place."""
    while isinstance(item, Group):
        if not item.layers:
            return Span(0, 0)
        item = item.layers[0]
    return item.value.span
