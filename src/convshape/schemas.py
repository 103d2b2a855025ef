"""The JSON Schema of a description, read off the declarations: every layer, argument, default and docstring.

It refuses nothing that convshape reads, but for one thing: a block, or a layer of the user's, that has the name of a
class of torch and other arguments. What only running the network can tell, it leaves to convshape.
"""

from __future__ import annotations

import json
import keyword
import math
from typing import TYPE_CHECKING, Any

from convshape import layers
from convshape.expect import CHECKS
from convshape.inputs import DTYPES
from convshape.kinds import REQUIRED
from convshape.layer import Layer
from convshape.make import FACTORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.kinds import Field

    Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
NAME = r"[^\s\d!-/:-@\[-^`{-~][^\s!-/:-@\[-^`{-~]*"
"""A name; letters beyond ASCII too, so no `\\w`, which means less in JavaScript."""
WORD = rf"(?!__){NAME}"
"""A name that may be given."""
PREFIX = r"(?:\w+\.)*"
PART = r"[^,]*[^,\s)][^,]*"
"""An argument of a call without calls, lists and strings in it."""
STATEMENTS = sorted({*keyword.kwlist} - {"True", "False", "None", "not", "return"})
"""The words with which no line of a description starts."""
EXAMPLES: dict[str, Any] = {
    "integer": 1, "number": 1.5, "boolean": True, "null": None, "array": (1, 1),
}  # fmt: skip
"""A value of each type of JSON that is no expression: a kind is asked which of them it accepts."""


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


def ref(name: str) -> Schema:
    """Point at a definition."""
    return {"$ref": f"#/$defs/{name}"}


def classes() -> Iterator[tuple[str, type[Layer]]]:
    """Give every layer by its name."""
    for name in layers.FAMILY:
        kind = layers.find(name)
        assert kind is not None  # noqa: S101  # the registry knows its own names
        yield name, kind


# --- the parts of a description ---


def parts() -> Schema:
    """Return what a description is made of, by name."""
    return {
        "network": network(),
        "layers": {"anyOf": [{"type": "array", "minItems": 1, "items": ref("layer")}, ref("line")]},
        "layer": {
            "description": "One layer or expression a line.",
            "if": {"type": "object"},
            "then": {"if": {"required": ["repeat"]}, "then": ref("repeat"), "else": ref("named")},
            "else": {"anyOf": [ref("line"), {"type": "array", "minItems": 1, "items": ref("layer")}]},
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
        "scalars": {
            "description": "No lists and no calls: those would be layers.",
            "items": {"type": ["integer", "number", "boolean", "null", "string"], "pattern": r"^[^(]*$"},
        },
        "value": {"type": ["integer", "number", "boolean", "null", "string", "array"], "items": ref("value")},
        "input": {"anyOf": [ref("shape"), typed(), inputs()]},
        "shape": {
            "description": "The sizes: numbers, or letters for sizes that stay open.",
            "anyOf": [{"type": "array", "items": ref("size")}, ref("size")],
        },
        "size": {"anyOf": [{"type": "integer", "minimum": 0}, {**ref("expression"), "pattern": r"^(?!\s*_\s*$)"}]},
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


# --- layers ---


def named() -> Schema:
    """Return the schema of a mapping of one key: a name for a layer, or a class with its arguments."""
    known = {name: {"anyOf": [ref(f"layer.{name}"), ref("layer")]} for name in layers.FAMILY}
    spelled = {rf"^(?:torch\.)?nn\.{name}$": value for name, value in known.items()}
    block = {"type": "object", "propertyNames": {"pattern": f"^{WORD}$"}, "additionalProperties": ref("value")}
    nothing = {"type": "null"}
    values = {"type": "array", "items": ref("value")}
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": {name: {**value, "description": about(name)} for name, value in known.items()},
        "patternProperties": {
            **spelled,
            f"^(?!(?:{'|'.join(known)})$){WORD}$": {"anyOf": [ref("layer"), block, nothing, values]},
        },
        "additionalProperties": {"anyOf": [block, nothing]},
    }


def about(name: str) -> str:
    """Return the first line of the documentation of a layer."""
    kind = layers.find(name)
    return ((kind and kind.__doc__) or "").strip().partition("\n")[0]


def arguments(kind: type[Layer]) -> Schema:
    """Return the schema of the arguments of a layer: by name, by place, or none."""
    fields = {name: argument(kind, field) for name, field in kind.fields.items()}
    needed = [name for name, field in kind.fields.items() if field.default is REQUIRED]
    home = f"#/$defs/layer.{kind.__name__}/anyOf/0/properties"
    placed = [{"$ref": f"{home}/{name}"} for name in list(fields)[: most(kind)]]
    ways: list[Schema] = [
        {
            "type": "object",
            "properties": {**fields, **{name: {} for name in factory(kind)}},
            "required": needed,
            "additionalProperties": False,
        },
        {
            "type": "array",
            **({"prefixItems": placed} if placed else {}),
            "items": False,
            "allOf": [ref("scalars")],
            "minItems": len(needed),
        },
    ]
    words = {"description": (kind.__doc__ or "").strip()}
    return {**words, "anyOf": ways if needed else [*ways, {"type": "null"}]}


def factory(kind: type[Layer]) -> tuple[str, ...]:
    """Return the keywords that every class with weights takes."""
    return FACTORY if kind.weights is not Layer.weights else ()


def most(kind: type[Layer]) -> int:
    """Return how many arguments may come without their names."""
    return len(kind.fields) if kind.positional is None else kind.positional


def argument(kind: type[Layer], field: Field) -> Schema:
    """Return the schema of an argument: the types that its kinds accept, and any expression; its default."""
    types = [name for name, value in EXAMPLES.items() if accepts(field, value, kind.axes)]
    words = field.phrase[:1].upper() + field.phrase[1:]
    schema: Schema = {"description": f"{words}.", "type": [*types, "string"]}
    if "array" in types:
        schema["items"] = ref("value")
    if isinstance(field.default, (bool, int, float, str, tuple, type(None))) and field.default not in ENDLESS:
        schema["default"] = field.default
    return schema


ENDLESS = (math.inf, -math.inf)
"""The numbers that JSON cannot hold."""


def accepts(field: Field, value: Any, axes: int) -> bool:
    """Tell whether an argument takes a value."""
    try:
        field.read(value, axes)
    except ValueError:
        return False
    return True


def call(name: str, kind: type[Layer]) -> Schema:
    """Return what a call must be that has numbers and names between its brackets alone: arguments of the class.

    A call that opens with a name is left out: a layer may have been named like its class, and runs a tensor there.
    """
    needed = sum(field.default is REQUIRED for field in kind.fields.values())
    names = "|".join((*kind.fields, *factory(kind))) or "(?!)"
    enough = rf"(?={PART}(?:,{PART}){{{needed - 1}}})" if needed else ""
    by_name = rf"\s*(?:{names})\s*={PART}"
    by_place = rf"(?!\s*{NAME}\s*=){PART}"
    taken = rf"(?:{by_place}(?:,{by_place}){{0,{most(kind) - 1}}}(?:,{by_name})*|" if most(kind) else "(?:"
    head = rf"^\s*{PREFIX}{name}\s*\("
    opening = rf"(?=\s*(?:[\d)]|_\s*[,)]|{NAME}\s*=(?!=)))"
    return {
        "if": {"pattern": rf"{head}{opening}[^()\[\]{{}}'\"#$]*\)\s*$", "not": {"pattern": "[=<>!]="}},
        "then": {"pattern": rf"{head}{enough}{taken}{by_name}(?:,{by_name})*|\s*),?\s*\)\s*$"},
    }
