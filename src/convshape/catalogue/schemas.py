"""The JSON Schema of a description, read off the declarations: every layer, argument, default and docstring.

It refuses nothing that convshape reads, but for one thing: a block, or a layer of the user's, that has the name of a
class of torch and other arguments. What only running the network can tell, it leaves to convshape.
"""

from __future__ import annotations

import json
import keyword
from typing import TYPE_CHECKING

from convshape.catalogue.layer_schemas import WORD, arguments, call, classes, named, ref
from convshape.checking.expect import CHECKS
from convshape.inputs import DTYPES

if TYPE_CHECKING:
    from convshape.catalogue.layer_schemas import Schema

DRAFT = "https://json-schema.org/draft/2020-12/schema"
STATEMENTS = sorted({*keyword.kwlist} - {"True", "False", "None", "not", "return"})
"""The words with which no line of a description starts."""


def text(schema: Schema) -> str:
    """Write a schema."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def of_output() -> Schema:
    """Return the schema of what `trace --format json` writes, read off the types of the document."""
    from convshape.render.document import schema

    return {"$schema": DRAFT, "$id": "urn:convshape:output", **schema()}


def of_description() -> Schema:
    """Return the schema of a description."""
    return {
        "$schema": DRAFT,
        "$id": "urn:convshape:description",
        "title": "A network for convshape",
        "if": {"type": "object"},
        "then": ref("network"),
        "else": ref("layers"),
        "$defs": {**parts(), **{f"layer.{name}": arguments(kind) for name, kind in classes()}},
    }


def parts() -> Schema:
    """Return what a description is made of, by name."""
    return {
        "network": network(),
        "layers": {"if": {"type": "array"}, "then": {"minItems": 1, "items": ref("layer")}, "else": ref("line")},
        "layer": {
            "description": "One layer or expression a line.",
            "if": {"type": "object"},
            "then": {"if": {"required": ["repeat"]}, "then": ref("repeat"), "else": ref("named")},
            "else": ref("layers"),
        },
        "repeat": {
            "description": "Layers that stand several times, each time with weights of their own.",
            "type": "object",
            "properties": {"repeat": whole("How often."), "layers": ref("layers")},
            "required": ["repeat", "layers"],
            "additionalProperties": False,
        },
        "named": named(),
        "line": {**ref("expression"), "allOf": [call(name, kind) for name, kind in classes()]},
        "expression": {
            "type": "string",
            "allOf": [{"pattern": STARTS}, {"pattern": CLOSED}, {"pattern": r"^[^\\\0]*$"}],
        },
        "given": given(),
        "value": {"type": ["integer", "number", "boolean", "null", "string", "array"], "items": ref("value")},
        "input": {"anyOf": [ref("shape"), typed(), inputs()]},
        "shape": {
            "description": "The sizes: numbers, or letters for sizes that stay open.",
            "anyOf": [{"type": "array", "items": ref("size")}, ref("size")],
        },
        "size": {"anyOf": [{"type": "integer", "minimum": 0}, {**ref("expression"), "pattern": r"^(?!\s*_\s*$)"}]},
    }


def given() -> Schema:
    """Return the schema of what a key gives its name to."""
    return {
        "description": "What a key gives its name to: a layer, and not the arguments of one.",
        "anyOf": [
            {"type": "object", "required": ["repeat"]},
            {"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": {"pattern": "^[^a-z_]"}},
            {"type": "array", "contains": {"type": ["object", "array"]}},
            {"type": "array", "contains": {"type": "string", "pattern": r"\("}},
            {"type": ["number", "boolean"]},
            {"type": "string", "pattern": r"\S"},
        ],
    }


STARTS = rf"^(?!\s*(?:{'|'.join(STATEMENTS)})\b)\s*\S"
"""Something, and no statement."""


def closed(depth: int) -> str:
    """Write a pattern for brackets that are closed in the order in which they were opened."""
    inner = r"[^()]*"
    for _ in range(depth):
        inner = rf"[^()]*(?:\({inner}\)[^()]*)*"
    return inner


CLOSED = rf"^(?:(?={closed(6)}$)|(?=[\s\S]*['\"#])|(?=(?:[^(]*\(){{7}}))"
"""Brackets that are closed; in strings, comments and deep calls they are not looked at."""


def network() -> Schema:
    """Return the schema of the mapping with `layers:`."""
    return {
        "type": "object",
        "properties": {
            "name": {"type": ["string", "number", "boolean", "null"], "description": "What the network is called."},
            "input": {**ref("input"), "description": "The shape that comes in: [N, 3, 32, 32]; a letter stays open."},
            "vars": {
                "description": "Numbers by name; --set overrides them.",
                "type": ["object", "null"],
                "propertyNames": {"pattern": f"^{WORD}$"},
                "additionalProperties": ref("value"),
            },
            "blocks": {
                "description": "Layers with parameters, used like a layer: unit(c, k=3).",
                "type": ["object", "null"],
                "propertyNames": {"pattern": rf"^\s*{WORD}\s*(?:\([\s\S]*\))?\s*$"},
                "additionalProperties": ref("layers"),
            },
            "layers": {**ref("layers"), "description": "What x runs through, one layer or expression a line."},
            "expect": expectations(),
        },
        "required": ["layers"],
        "additionalProperties": False,
    }


def expectations() -> Schema:
    """Return the schema of `expect:`; a symbol of the input is a key, too."""
    known = {name: {"description": (check.__doc__ or "").strip().partition("\n")[0]} for name, check in CHECKS.items()}
    return {
        "description": "What `convshape check` holds the network to.",
        "type": ["object", "null"],
        "properties": known,
        "additionalProperties": {"description": "What the sizes that work are, of a symbol of the input."},
    }


def inputs() -> Schema:
    """Return the schema of several inputs by name."""
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {"shape": False, "dtype": False},
        "propertyNames": {"pattern": f"^{WORD}$"},
        "additionalProperties": {"anyOf": [ref("shape"), typed()]},
    }


def typed() -> Schema:
    """Return the schema of an input with a dtype."""
    dtypes = [*DTYPES, *(f"torch.{name}" for name in DTYPES)]
    return {
        "type": "object",
        "properties": {"shape": ref("shape"), "dtype": {"enum": dtypes, "default": "float32"}},
        "required": ["shape"],
        "additionalProperties": False,
    }


def whole(words: str) -> Schema:
    """Return the schema of a count."""
    return {"description": words, "anyOf": [{"type": "integer", "minimum": 0}, ref("expression")]}
