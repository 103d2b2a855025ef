"""Texts of networks, and what comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape import trace
from convshape.bind import bind, modules
from convshape.dim import Symbols
from convshape.read import parse
from convshape.source import Source

if TYPE_CHECKING:
    from convshape.layer import Layer


def steps(text: str, *shape: int | str, **options: Any) -> list[tuple[Any, ...]]:
    """Trace a text; return the name and the output of every step."""
    found = trace(parse(Source("<test>", text)), shape or None, **options)
    if found.error:
        raise found.error
    return [(step.path, tuple(step.output)) for step in found.steps]


def layers_of(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Read and bind a text; return the name, the class and the arguments of every layer."""
    found = modules(bind(parse(Source("<test>", text)), Symbols()))
    return [(node.path, type(node.layer).__name__, comparable(arguments(node.layer))) for node in found]


def arguments(layer: Layer) -> dict[str, Any]:
    """Return the arguments of a layer by name."""
    return {name: vars(layer)[name] for name in layer.fields}


def comparable(fields: dict[str, Any]) -> dict[str, Any]:
    """Make one number and one for each axis equal: print writes either, and a pool's stride where it is the kernel."""
    if fields.get("stride", 0) is None:
        fields = {**fields, "stride": fields["kernel_size"]}
    return {
        name: value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value for name, value in fields.items()
    }
