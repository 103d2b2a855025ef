"""JSON: everything that is known of a trace, in a form that stays. A size that depends on symbols is a string."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from convshape.dim import Dim
from convshape.faults import ShapeError
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.advice import Advice
    from convshape.faults import ConvshapeError
    from convshape.rehearsal import Rehearsal
    from convshape.render.document import Axis, Document, DryRun, Error, Layer, Place, Real, Torch, Warned, Weight
    from convshape.render.document import Tensor as Shaped
    from convshape.report import Report, Row
    from convshape.report.columns import Column
    from convshape.source import Source, Span
    from convshape.terminal import Screen

VERSION = 1
"""Raised when a field changes its meaning or goes; a new field does not raise it."""


def render(report: Report, _columns: Sequence[Column] | None, _screen: Screen) -> str:
    """Write all there is; columns are for tables."""
    return json.dumps(document(report), indent=2, ensure_ascii=False) + "\n"


def document(report: Report) -> Document:
    """Return a trace as JSON has it."""
    trace = report.trace
    return {
        "version": VERSION,
        "name": trace.network.name,
        "file": trace.network.source.name,
        "inputs": {name: shape(tensor) for name, tensor in trace.inputs.items()},
        "output": None if trace.error else value(trace.output),
        "layers": [layer(row) for row in report.rows],
        "totals": {"params": size(trace.params), "macs": size(trace.macs), "memory": size(report.memory.peak)},
        "symbols": list(trace.symbols.names),
        "facts": report.needs,
        "linears": {name: size(features) for name, features in trace.linears().items()},
        "notes": list(trace.notes),
        "dry_run": rehearsed(report.rehearsal) if report.rehearsal else None,
        "warnings": [warning(one) for one in report.warnings],
        "error": fault(trace.error) if trace.error else None,
    }


def layer(row: Row) -> Layer:
    """Return a row."""
    return {
        "name": row.name,
        "type": row.type,
        "layer": row.layer,
        "inputs": [value(one) for one in row.inputs],
        "output": None if row.failed else value(row.output, row.letters),
        "params": size(row.params),
        "macs": size(row.macs),
        "shared": row.shared,
        "weights": {name: list(map(size, sizes)) for name, sizes in row.weights.items()},
        "receptive_field": receptive(row),
        "formulas": [
            {"axis": f.axis, "formula": f.names, "worked": f.numbers, "value": size(f.value)} for f in row.formulas
        ],
        "memory": size(row.memory),
        "failed": row.failed,
        "torch": real(row),
        "at": place(row.report.trace.network.source, row.last.span),
    }


def rehearsed(rehearsal: Rehearsal) -> DryRun:
    """Return what a dry run was, and where it differed."""
    result = rehearsal.result
    return {
        "torch": result.torch if result else None,
        "device": result.device if result else None,
        "sizes": dict(rehearsal.sizes),
        "memory": [weighed(one) for one in result.weights] if result else [],
        "differences": rehearsal.differences,
        "error": rehearsal.error.message if rehearsal.error else None,
    }


def weighed(weight: Any) -> Weight:
    """Return the memory that was measured, beside the estimate."""
    return {"what": weight.what, "estimated": weight.estimated, "measured": weight.measured}


def real(row: Row) -> Real | None:
    """Return what torch did."""
    if row.real is None:
        return None
    return {"shape": row.real.shape, "error": row.real.error or None, "seconds": row.seconds}


def receptive(row: Row) -> list[Axis] | None:
    """Return the receptive field of each axis; a jump that is a part of one is a string such as 1/2."""
    if row.receptive is None:
        return None
    return [{"size": f.positions, "jump": number(f.jump), "start": number(f.start)} for f in row.receptive]


def number(fraction: Any) -> int | str:
    """Return a whole number, or the fraction as text."""
    return int(fraction) if fraction == int(fraction) else str(fraction)


def fault(error: ConvshapeError) -> Error:
    """Return an error with all that its diagnostic shows."""
    return {
        "code": error.code,
        "message": error.message,
        "label": error.label,
        "at": place(error.source, error.span) if error.source else None,
        "layer": error.step.path if error.step else None,
        "field": getattr(error, "field", None),
        "stage": getattr(error, "stage", None),
        "torch": torch(error),
        "repairs": [repair.words for repair in error.repairs],
        "note": error.note or None,
    }


def warning(advice: Advice) -> Warned:
    """Return a warning."""
    at = place(advice.source, advice.span)
    return {"code": advice.code, "message": advice.message, "why": advice.why, "layer": advice.path, "at": at}


def torch(error: ConvshapeError) -> Torch | None:
    """Return what torch raises."""
    if not isinstance(error, ShapeError) or not error.torch_type:
        return None
    return {"type": error.torch_type, "message": error.torch_message}


def place(source: Source, span: Span | None) -> Place | None:
    """Return where something was written: lines and columns from 1, the end excluded."""
    if span is None:
        return None
    (line, column), (end_line, end_column) = source.place(span.start), source.place(span.end)
    return {"file": source.name, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def value(item: Any, letters: Sequence[str] = ()) -> Any:
    """Return a tensor, or a list of them."""
    if isinstance(item, Tensor):
        return shape(item, letters)
    if isinstance(item, (tuple, list)):
        return [value(part) for part in item]
    return item if isinstance(item, (str, int, float, type(None))) else str(item)


def shape(tensor: Tensor, letters: Sequence[str] = ()) -> Shaped:
    """Return a tensor."""
    return {"shape": list(map(size, tensor)), "axes": list(letters) or None, "dtype": str(tensor.dtype)}


def size(number: Any) -> int | str:
    """Return a number, or a formula as text."""
    return str(number) if isinstance(number, Dim) else number
