"""Texts of networks, and what comes of them."""

from __future__ import annotations

from typing import Any

from convshape import trace
from convshape.read import parse
from convshape.source import Source


def steps(text: str, *shape: int | str, **options: Any) -> list[tuple[Any, ...]]:
    """Trace a text; return the name and the output of every step."""
    found = trace(parse(Source("<test>", text)), shape or None, **options)
    if found.error:
        raise found.error
    return [(step.path, tuple(step.output)) for step in found.steps]
