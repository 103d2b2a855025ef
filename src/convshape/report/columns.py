"""Columns: what a table can show of a row, by the name that `--columns` has for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.faults import ReadError
from convshape.report import LONG, shape_text
from convshape.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convshape.report import Row


class Column(NamedTuple):
    """A column: its name, its title, its cell as text for a machine, and whether it holds numbers."""

    name: str
    title: str
    cell: Callable[[Row], str]
    number: bool = False


def output(row: Row) -> str:
    """Write the output shape, or what went wrong."""
    return f"error[{row.report.trace.error.code}]" if row.failed and row.report.trace.error else shape_text(row.output)


def inputs(row: Row) -> str:
    """Write the shapes that go in."""
    return ", ".join(map(shape_text, row.inputs))


def weights(row: Row) -> str:
    """Write the parameters with their shapes."""
    return ", ".join(f"{name} {shape_text_of(shape)}" for name, shape in row.weights.items())


def shape_text_of(sizes: Sequence[Any]) -> str:
    """Write plain sizes as a shape."""
    return f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"


def receptive(row: Row) -> str:
    """Write a receptive field: 12x12 step 4 from -2, one number where the axes agree on the step or the start."""
    field = row.receptive
    if not field:
        return ""
    size = "x".join(str(axis.positions) for axis in field)
    return f"{size} step {by_axis([axis.jump for axis in field])} from {by_axis([axis.start for axis in field])}"


def by_axis(values: Sequence[object]) -> str:
    """Write a value for each axis: 3x5, or the one that all have."""
    return "x".join(map(str, values[:1] if len(set(values)) == 1 else values))


def formula(row: Row) -> str:
    """Write how the sizes came about, worked through; the same sum only once."""
    return "; ".join(dict.fromkeys(one.worked for one in row.formulas))


def count(size: Any) -> str:
    """Write a count; nothing where there is nothing to count."""
    return "" if isinstance(size, int) and size == 0 else str(size)


def torch(row: Row) -> str:
    """Write the shape that torch gave, or why it gave none."""
    if row.real is None:
        return ""
    return row.real.error or nested(row.real.shape)


def nested(shape: Any) -> str:
    """Write a real shape, or several."""
    if isinstance(shape, tuple) and any(isinstance(part, tuple) for part in shape):
        return ", ".join(map(nested, shape))
    return shape_text_of(shape) if isinstance(shape, tuple) else ""


def milliseconds(row: Row) -> str:
    """Write how long torch took."""
    return "" if row.seconds is None else f"{row.seconds * 1e3:.2f} ms"


COLUMNS = (
    Column("name", "name", lambda row: row.name),
    Column("layer", "layer", lambda row: row.layer),
    Column("input", "input", inputs),
    Column("output", "output", output),
    Column("axes", "axes", lambda row: " ".join(row.letters)),
    Column("params", "parameters", lambda row: str(row.params), number=True),
    Column("macs", "MACs", lambda row: str(row.macs), number=True),
    Column("weights", "weights", weights),
    Column("receptive-field", "receptive field", receptive),
    Column("formula", "formula", formula),
    Column("memory", "memory held", lambda row: "" if row.failed else str(row.memory), number=True),
    Column("torch", "torch", torch),
    Column("time", "time", milliseconds),
)
BY_NAME = {column.name: column for column in COLUMNS}
USUAL = tuple(BY_NAME[name] for name in ("name", "layer", "output", "axes", "params", "macs"))
"""What is shown unless the user says otherwise."""
LIVE = tuple(BY_NAME[name] for name in ("name", "layer", "output", "torch", "time"))
"""What is shown of a dry run."""


def choose(names: str | None) -> tuple[Column, ...] | None:
    """Return the columns of a list with commas; None for the usual ones.

    Raises ReadError for a name that no column has.
    """
    if names is None:
        return None
    chosen = []
    for name in filter(None, (part.strip().lower() for part in names.split(","))):
        if name not in BY_NAME:
            words = f"there is no column {name}{did_you_mean(name, BY_NAME)}; there is {', '.join(BY_NAME)}"
            raise ReadError("unknown-column", words)
        chosen.append(BY_NAME[name])
    if not chosen:
        raise ReadError("unknown-column", f"--columns names no column; there is {', '.join(BY_NAME)}")
    return tuple(chosen)


def grouped(text: str) -> str:
    """Put separators between the thousands, 117600*N becomes 117,600*N, as far as Python makes numbers of digits."""
    return re.sub(r"(?<!\d)\d{4,4000}(?!\d)", lambda found: f"{int(found[0]):,}", text)


UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def sized(size: Any) -> str:
    """Write a number of bytes for a person."""
    if not isinstance(size, int):
        return f"{grouped(str(size))} B"
    unit, amount = 0, float(size)
    while amount >= 1024 and unit < len(UNITS) - 1:  # noqa: PLR2004  # a binary thousand
        unit, amount = unit + 1, amount / 1024
    return f"{size} B" if unit == 0 else f"{amount:.1f} {UNITS[unit]}"


def shown(column: Column, row: Row) -> str:
    """Write a cell for a person: separators, units, nothing where there is nothing to count."""
    if column.name == "memory":
        return sized(row.memory) if not row.failed else ""
    if not column.number:
        return column.cell(row)
    if column.name == "params" and row.shared:
        return "shared"
    return grouped(count(getattr(row, column.name)))


def total(column: Column, rows: Sequence[Row]) -> str:
    """Write the sum of a column, where it has one."""
    if column.name not in ("params", "macs"):
        return ""
    text = str(getattr(rows[0].report.trace, column.name)) if rows else "0"
    return "see below" if column.name == "macs" and len(text) > LONG else grouped(text)
