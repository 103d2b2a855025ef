"""Repairs: the smallest edits that make a network work. Each is tried by propagating again before it is shown."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from convshape.faults import ReadError, ShapeError
from convshape.network import Items
from convshape.repair.candidates import candidates
from convshape.repair.edits import Edit, Repair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convshape.source import Source, Span
    from convshape.steps import Trace

__all__ = ["Edit", "Repair", "mended", "repairs"]

MOST = 3
"""How many repairs are shown."""
TRIES = 48
"""How many candidates are tried."""
STEPS = 20_000
"""About how many steps all tries together may take: a long network gets fewer tries."""
LATER = 2
"""The grade of a repair with which the network gets further, and not to its end."""
ROUNDS = 12
"""How many faults, one behind the other, are mended."""


def repairs(trace: Trace, again: Callable[[Source], Trace]) -> tuple[Repair, ...]:
    """Return up to three repairs of the error that ended a trace, best first; `again` traces an edited source.

    A repair is kept only if the network then works to its end; where none is found, if it fails later at another fault.
    Those that meet what the file expects come first.
    """
    error = trace.error
    if not isinstance(error, ShapeError) or error.source is not trace.network.source or error.span is None:
        return ()
    tries = max(MOST, min(TRIES, STEPS // (len(trace.steps) + 1)))
    found = islice(once(candidates(trace, error)), tries)
    places: Counter[Span] = Counter()
    tried = []
    for repair in found:
        grade = graded(repair, trace, error, again)
        if grade is not None:
            place = repair.edits[0].span
            tried.append((grade, places[place], repair))  # another idea before another number in the same place
            places[place] += 1
    ranked = sorted(tried, key=lambda one: one[:2])
    works = [one for one in ranked if one[0] < LATER]
    return tuple(repair for *_, repair in (works or ranked)[:MOST])


def once(found: Iterator[Repair]) -> Iterator[Repair]:
    """Give repairs that make the same edits only once."""
    seen = set()
    for repair in found:
        if repair.edits not in seen:
            seen.add(repair.edits)
            yield repair


def graded(repair: Repair, trace: Trace, error: ShapeError, again: Callable[[Source], Trace]) -> int | None:
    """Try a repair and say how well the network works with it, 0 best; None where it gets no further."""
    try:
        result = again(repair.applied(trace.network.source))
    except ReadError:
        return None
    if result.error is None:
        return 0 if expected(result) else 1
    later = len(result.steps) > len(trace.steps) + repair.adds
    differs = (result.error.code, result.error.message) != (error.code, error.message)
    return LATER if later and differs else None


def expected(trace: Trace) -> bool:
    """Tell whether an output is the one that the file expects; a file that expects nothing takes any."""
    wanted = trace.network.expect.get("output")
    if not isinstance(wanted, Items) or not isinstance(trace.output, tuple):
        return True
    return [trace.network.source.at(size.span) for size in wanted.items] == list(map(str, trace.output))


def mended(trace: Trace, again: Callable[[Source], Trace]) -> tuple[Trace, list[Repair]]:
    """Make the best repair of each fault until the network works or none helps; return what came of it."""
    made: list[Repair] = []
    while isinstance(trace.error, ShapeError) and len(made) < ROUNDS:
        found = repairs(trace, again)
        if not found:
            break
        made.append(found[0])
        trace = again(found[0].applied(trace.network.source))
    return trace, made
