"""The JSON Schema of layers: arguments by name and by place, and what a call of numbers and names must be."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from convshape import layers
from convshape.declaration import constructor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.kinds import Field
    from convshape.layer import Layer

    Schema = dict[str, Any]

NAME = r"[^\s\d!-/:-@\[-^`{-~][^\s!-/:-@\[-^`{-~]*"
"""A name; letters beyond ASCII too, so no `\\w`, which means less in JavaScript."""
WORD = rf"(?!__){NAME}"
"""A name that may be given."""
PREFIX = r"(?:\w+\.)*"
PART = r"[^,]*[^,\s)][^,]*"
"""An argument of a call without calls, lists and strings in it."""
EXAMPLES: dict[str, Any] = {
    "integer": 1, "number": 1.5, "boolean": True, "null": None, "array": (1, 1),
}  # fmt: skip
"""A value of each type of JSON that is no expression: a kind is asked which of them it accepts."""


def ref(name: str) -> Schema:
    """Point at a definition."""
    return {"$ref": f"#/$defs/{name}"}


def classes() -> Iterator[tuple[str, type[Layer]]]:
    """Give every layer by its name."""
    for name in layers.FAMILY:
        kind = layers.find(name)
        assert kind is not None  # noqa: S101  # the registry knows its own names
        yield name, kind


def named() -> Schema:
    """Return the schema of a mapping of one key: a name for a layer, or a class with its arguments."""
    known = {name: {"if": ref("given"), "then": ref("layer"), "else": ref(f"layer.{name}")} for name in layers.FAMILY}
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
    home = f"#/$defs/layer.{kind.__name__}/properties"
    takes = constructor(kind)  # type: ignore[arg-type]  # a class is hashable
    placed = [{"$ref": f"{home}/{name}"} for name in takes.names[: takes.most]]
    return {
        "description": (kind.__doc__ or "").strip(),
        "type": ["object", "array", *([] if takes.needed else ["null"])],
        "properties": {**fields, **{name: {} for name in kind.factory}},
        "required": list(takes.needed),
        "additionalProperties": False,
        **({"prefixItems": placed} if placed else {}),
        "minItems": len(takes.needed),
        "maxItems": len(placed),
    }


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
    takes = constructor(kind)  # type: ignore[arg-type]  # a class is hashable
    needed, most = len(takes.needed), takes.most
    names = "|".join(takes.names) or "(?!)"
    enough = rf"(?={PART}(?:,{PART}){{{needed - 1}}})" if needed else ""
    by_name = rf"\s*(?:{names})\s*={PART}"
    by_place = rf"(?!\s*{NAME}\s*=){PART}"
    taken = rf"(?:{by_place}(?:,{by_place}){{0,{most - 1}}}(?:,{by_name})*|" if most else "(?:"
    head = rf"^\s*{PREFIX}{name}\s*\("
    opening = rf"(?=\s*(?:[\d)]|_\s*[,)]|{NAME}\s*=(?!=)))"
    return {
        "if": {"pattern": rf"{head}{opening}[^()\[\]{{}}'\"#$]*\)\s*$", "not": {"pattern": "[=<>!]="}},
        "then": {"pattern": rf"{head}{enough}{taken}{by_name}(?:,{by_name})*|\s*),?\s*\)\s*$"},
    }
