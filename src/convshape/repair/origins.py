"""Where a number comes from: a literal, a variable, or what a block is called with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.network import Call, Items, Literal, Name, Word
from convshape.repair.edits import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.network import Network, Node
    from convshape.source import Span


def literals(network: Network, node: Node, value: Any, seen: set[str] | None = None) -> Iterator[Span]:
    """Give the spans of the literals that an expression may take a value from; None is any value.

    Names may stand for one another, in a circle too: each is followed once.
    """
    seen = set() if seen is None else seen
    items = node.items if isinstance(node, Items) else (node,)
    if items and all(same(item, value) for item in items):
        yield node.span
    elif isinstance(node, (Name, Word)) and node.id not in seen:
        seen.add(node.id)
        for other in named(network, node.id):
            yield from literals(network, other, value, seen)


def same(item: Node, value: Any) -> bool:
    """Tell a literal of a value."""
    return isinstance(item, Literal) and (value is None or item.value == value)


def named(network: Network, name: str) -> Iterator[Node]:
    """Give what a name may stand for: a variable, the argument of a block, or its default."""
    if name in network.variables:
        yield network.variables[name]
    for title, block in network.blocks.items():
        names = [parameter for parameter, _ in block.parameters]
        if name not in names:
            continue
        for node in nodes(network):
            if isinstance(node, Call) and isinstance(node.function, Name) and node.function.id == title:
                given = {**dict(zip(names, node.arguments, strict=False)), **dict(node.keywords)}
                if name in given:
                    yield given[name]
        default = dict(block.parameters)[name]
        if default is not None:
            yield default
