"""Read the layers that a container holds: the arguments of a Sequential, the pairs of its OrderedDict."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from convshape.network import Group, Line, Nested

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.network import Names, Node
    from convshape.read.expression import Reader

PAIR = 2


def layers(reader: Reader, node: ast.Call) -> Iterator[Line | Group]:
    """Give the layers of a Sequential: its arguments, or the pairs of its OrderedDict."""
    if node.keywords:
        raise reader.fail("sequential", "a Sequential takes layers, or one OrderedDict of them", node.keywords[0].value)
    for place, argument in enumerate(node.args):
        if isinstance(argument, ast.Call) and _last_word(argument.func) == "OrderedDict":
            yield from _named(reader, argument)
        elif isinstance(argument, ast.List):
            raise reader.fail("sequential", "a Sequential takes its layers one by one, not as a list", argument)
        else:
            yield member(str(place), place, reader.read(argument))


def _named(reader: Reader, call: ast.Call) -> Iterator[Line | Group]:
    """Give the layers of an OrderedDict: of pairs, of a dict, or of keywords."""
    for place, (key, value) in enumerate(_pairs(reader, call)):
        name = key.value if isinstance(key, ast.Constant) else key
        if not isinstance(name, str):
            raise reader.fail("ordered-dict", 'an OrderedDict holds pairs: ("name", layer)', key)
        if not name or "." in name:
            raise reader.fail("bad-name", f"{name!r} cannot name a layer: torch takes no dots and no empty name", key)
        yield member(name, place, reader.read(value))


def _pairs(reader: Reader, call: ast.Call) -> Iterator[tuple[Any, ast.expr]]:
    """Give the keys and values of an OrderedDict."""
    for keyword in call.keywords:
        yield keyword.arg, keyword.value
    for items in call.args:
        if isinstance(items, ast.Dict):
            yield from zip(items.keys, items.values, strict=True)
            continue
        if not isinstance(items, (ast.List, ast.Tuple)):
            raise reader.fail("ordered-dict", 'an OrderedDict holds pairs: ("name", layer)', items)
        for pair in items.elts:
            if not isinstance(pair, (ast.Tuple, ast.List)) or len(pair.elts) != PAIR:
                raise reader.fail("ordered-dict", 'an OrderedDict holds pairs: ("name", layer)', pair)
            yield pair.elts[0], pair.elts[1]


def member(name: str, place: int, value: Node) -> Line | Group:
    """Make a layer of a container; a name that is its position is no name."""
    return line(() if name == str(place) else (name,), value)


def line(names: Names, value: Node, role: str = "") -> Line | Group:
    """Make a group of a Sequential, and a line of everything else."""
    name = names[0] if names else None
    if isinstance(value, Nested) and not names[1:] and not isinstance(name, tuple):
        return Group(name, value.layers, role=role)
    return Line(names, value, role)


def _last_word(node: ast.expr) -> str:
    """Return `Name` of `a.b.Name`."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
