"""What `trace --format json` writes: its types, which mypy holds the writer to, and the JSON Schema read off them."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    TypeAlias,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Size: TypeAlias = int | str
Value: TypeAlias = Any


class Tensor(TypedDict):
    """A tensor: its sizes, each a number or a formula, and the letters of its axes where they have some."""

    shape: list[Size]
    axes: Annotated[list[str] | None, "N, C, H, W: one for each axis, or an empty text."]
    dtype: str


class Place(TypedDict):
    """Where something was written: lines and columns from 1, the end excluded."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


class Formula(TypedDict):
    """How a size that comes out was computed."""

    axis: Annotated[int, "The place of the axis."]
    formula: Annotated[str, "With names."]
    worked: Annotated[str, "With numbers."]
    value: Size


class Axis(TypedDict):
    """The receptive field along an axis, in positions of the input."""

    size: int | None
    jump: Annotated[Size, "From one output to the next; a part of one is a text such as 1/2."]
    start: Annotated[Size, "The first position that the first output sees."]


class Real(TypedDict):
    """What torch did in a dry run."""

    shape: Annotated[Value, "The shape that came out, nested as the output is."]
    error: str | None
    seconds: float | None


class Layer(TypedDict):
    """A row of the table: a layer, an op, or several that are folded into one."""

    name: Annotated[str, "As in a state_dict."]
    type: Annotated[str, "The class of the layer, or the name of the op."]
    layer: Annotated[str, "As it is made, every argument that is not the default."]
    inputs: list[Value]
    output: Annotated[Value, "A tensor, a list of them as they are nested; null where it failed."]
    params: Annotated[Size, "The parameters; 0 where an earlier row counts them."]
    macs: Annotated[Size, "The multiply-accumulates."]
    shared: Annotated[bool, "Whether an earlier row counts the weights."]
    weights: Annotated[dict[str, list[Size]], "The parameters by name, with their shapes."]
    receptive_field: list[Axis] | None
    formulas: list[Formula]
    memory: Annotated[Size, "The bytes that inference holds while it runs, parameters and buffers aside."]
    failed: Annotated[bool, "Whether this is the row that refuses."]
    torch: Annotated[Real | None, "What torch did, where there was a dry run."]
    at: Place | None


class Totals(TypedDict):
    """The sums of all rows."""

    params: Size
    macs: Size
    memory: Annotated[Size, "What inference holds at its peak, in bytes, parameters and buffers included."]


class Torch(TypedDict):
    """What torch raises: the type of the exception, and the first line of its message."""

    type: str
    message: str


class Error(TypedDict):
    """Why the network is wrong."""

    code: Annotated[str, "Stable: kebab-case."]
    message: str
    label: str
    at: Place | None
    layer: Annotated[str | None, "The name of the row."]
    field: Annotated[str | None, "The argument at fault."]
    stage: Annotated[Literal["ctor", "forward"] | None, "Where torch refuses."]
    torch: Torch | None
    repairs: Annotated[list[str], "Each was tried: the network was propagated again with it."]
    note: str | None


class Weight(TypedDict):
    """The memory of a dry run, in bytes."""

    what: Annotated[Literal["peak", "kept"], "The peak of a forward; in training mode also what autograd keeps."]
    estimated: int
    measured: int


class DryRun(TypedDict):
    """What a dry run was, and where it differed."""

    torch: Annotated[str | None, "The version of torch."]
    device: str | None
    sizes: Annotated[dict[str, int], "The sizes that the symbols were given."]
    memory: Annotated[list[Weight], "The memory that it took, beside the estimate."]
    differences: list[str]
    error: str | None


class Warned(TypedDict):
    """What works, and is rarely meant."""

    code: str
    message: str
    why: str
    layer: str
    at: Place | None


class Document(TypedDict):
    """A trace, as `convshape trace --format json` writes it. A size that depends on symbols is a text."""

    version: Annotated[int, "Raised when a field changes its meaning or goes."]
    name: str
    file: str
    inputs: dict[str, Tensor]
    output: Annotated[Value, "A tensor, or a list of them as they are nested; null where the network refuses."]
    layers: list[Layer]
    totals: Totals
    symbols: list[str]
    facts: Annotated[list[str], "What the symbols must satisfy."]
    linears: Annotated[dict[str, Size], "The in_features of each Linear by its name."]
    notes: list[str]
    dry_run: DryRun | None
    warnings: list[Warned]
    error: Error | None


VALUE = {
    "anyOf": [
        {"$ref": "#/$defs/Tensor"},
        {"type": "array", "items": {"$ref": "#/$defs/Value"}},
        {"type": ["string", "number", "boolean", "null"]},
    ]
}
"""A tensor, a nested list of them, or what an op gives that is no tensor."""


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the document."""
    found: dict[str, Any] = {"Value": VALUE}
    whole = typed(Document, found)
    return {"title": "What convshape trace --format json writes", **whole, "$defs": found}


def typed(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type; a TypedDict is kept in `found`, and pointed at."""
    origin, parts = get_origin(kind), get_args(kind)
    if kind in PLAIN:
        return PLAIN[kind]
    if origin in NESTED:
        return NESTED[origin](parts, found)
    if kind.__name__ not in found:
        found[kind.__name__] = {}  # it may hold itself
        found[kind.__name__] = members(kind, found)
    return {"$ref": f"#/$defs/{kind.__name__}"}


PLAIN: dict[Any, dict[str, Any]] = {
    Any: {"$ref": "#/$defs/Value"},
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
}
NESTED: dict[Any, Callable[[Any, dict[str, Any]], dict[str, Any]]] = {
    Annotated: lambda parts, found: {**typed(parts[0], found), "description": parts[1]},
    UnionType: lambda parts, found: {"anyOf": [typed(part, found) for part in parts]},
    Union: lambda parts, found: {"anyOf": [typed(part, found) for part in parts]},
    Literal: lambda parts, _: {"enum": list(parts)},
    list: lambda parts, found: {"type": "array", "items": typed(parts[0], found)},
    dict: lambda parts, found: {"type": "object", "additionalProperties": typed(parts[1], found)},
}
"""How the types of typing are written as a schema. `Literal[...] | None` is a Union, `int | None` a UnionType."""


def members(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a TypedDict: a later version may have more members, none fewer."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        "description": " ".join((kind.__doc__ or "").split()),
        "type": "object",
        "properties": {name: typed(part, found) for name, part in hints.items()},
        "required": list(hints),
    }
