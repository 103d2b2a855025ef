"""Repairs: the smallest edits that make a network work. Each is tried by propagating again before it is shown."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from convshape.dim import prod
from convshape.faults import ReadError, ShapeError
from convshape.source import Source, Span
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convshape.steps import Trace

MOST = 3
"""How many repairs are shown."""
TRIES = 12
"""How many candidates are tried."""


class Edit(NamedTuple):
    """A stretch of the source, and what to put in its place; an empty stretch inserts."""

    span: Span
    text: str


class Repair(NamedTuple):
    """An edit, and a sentence that says what it does and when it is right."""

    words: str
    edit: Edit

    def applied(self, source: Source) -> Source:
        """Return the source with the edit made."""
        start, end = self.edit.span
        return Source(source.name, source.text[:start] + self.edit.text + source.text[end:])


def repairs(trace: Trace, again: Callable[[Source], Trace]) -> tuple[Repair, ...]:
    """Return up to three repairs of the error that ended a trace, best first; `again` traces an edited source.

    A repair is kept only if the network then works to its end, or fails later at another fault.
    """
    error = trace.error
    if not isinstance(error, ShapeError) or error.source is None or error.span is None:
        return ()
    tried = (repair for repair in islice(candidates(trace, error), TRIES) if helps(repair, trace, again))
    return tuple(islice(tried, MOST))


def helps(repair: Repair, trace: Trace, again: Callable[[Source], Trace]) -> bool:
    """Try a repair: tell whether the network gets further with it."""
    try:
        result = again(repair.applied(trace.network.source))
    except ReadError:
        return False
    if result.error is None:
        return True
    later = len(result.steps) > len(trace.steps) + 1
    return later and (result.error.code, result.error.message) != (error_of(trace).code, error_of(trace).message)


def error_of(trace: Trace) -> ShapeError:
    """Return the error that ended a trace."""
    assert isinstance(trace.error, ShapeError)  # noqa: S101  # repairs() has checked
    return trace.error


def candidates(trace: Trace, error: ShapeError) -> Iterator[Repair]:
    """Give the edits worth trying, the likeliest first."""
    x = error.inputs[0] if error.inputs and isinstance(error.inputs[0], Tensor) else None
    if x is not None:
        yield from inserted(trace, error, x)
    yield from replaced(error)
    if x is not None:
        yield from other_class(error, x)


def inserted(trace: Trace, error: ShapeError, x: Tensor) -> Iterator[Repair]:
    """Put a layer before: a Flatten that gives the wanted features, a permute that brings the channels forward."""
    wanted = error.wanted
    if error.field == "in_features" and len(x) > 2 and wanted == prod(x[1:]):  # noqa: PLR2004  # (N, features) is flat
        yield before(trace, error, "Flatten()", "Flatten() before this layer: a Linear takes the last axis only")
    for axis in range(1, len(x)):
        if error.field == "in_channels" and x[axis] is not None and same(x[axis], wanted):
            order = (0, axis, *(other for other in range(1, len(x)) if other != axis))
            code = f"x.permute({', '.join(map(str, order))})"
            words = f"{code} before this layer: axis {axis} of its input has the {wanted} channels"
            yield before(trace, error, code, words)
    if error.field == "in_channels" and same(wanted, 1):
        yield before(trace, error, "x.unsqueeze(1)", "x.unsqueeze(1) before this layer: one channel of its own")


def same(size: object, wanted: object) -> bool:
    """Tell whether two numbers are equal; a symbol is equal to none."""
    return isinstance(size, int) and isinstance(wanted, int) and size == wanted


def replaced(error: ShapeError) -> Iterator[Repair]:
    """Write the number that came where another was expected."""
    got = error.values.get("got")
    if error.field and error.span != error.call and isinstance(got, int) and error.span is not None:
        yield Repair(f"{error.field}={got}, the size that comes in", Edit(error.span, str(got)))


def other_class(error: ShapeError, x: Tensor) -> Iterator[Repair]:
    """Use the class for as many axes as the input has: Conv2d for a Conv1d that gets an image."""
    if error.code != "rank" or error.call is None or error.source is None:
        return
    found = re.match(r"(?:[\w.]*\.)?(\w*?)([123])d\b", error.source.at(error.call))
    axes = len(x) - 2
    if found and axes in (1, 2, 3):
        name = f"{found.group(1)}{axes}d"
        start = error.call.start
        span = Span(start + found.start(1), start + found.end())
        yield Repair(f"{name} instead: the input has {axes} axes to slide over", Edit(span, name))


def before(trace: Trace, error: ShapeError, code: str, words: str) -> Repair:
    """Put a line before the layer, in the dialect that the description is written in."""
    text = trace.network.source.text
    at = error.call.start if error.call else 0
    line = text.rfind("\n", 0, at) + 1
    item = re.match(r"(\s*)- ", text[line:])
    if item:
        edit = Edit(Span(line, line), f"{item.group(1)}- {code}\n")
    elif "Sequential(" in text:
        edit = Edit(Span(at, at), f"{code}, ")
    else:
        edit = Edit(Span(at, at), f"{code} -> ")
    return Repair(f"put {words}", edit)
