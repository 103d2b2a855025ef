"""Trial: what a box of candidates gives, all at once where the rules do arithmetic, else one after the other."""

from __future__ import annotations

import random
from itertools import product
from typing import TYPE_CHECKING, Any

from convshape.dim import Symbols
from convshape.faults import ConvshapeError, ReadError, ShapeError
from convshape.searching import Found, Gate
from convshape.space import Space

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from convshape.space import Box
    from convshape.task import Task
    from convshape.wants import Want

SAMPLE = 24
"""How many candidates tell whether vectors give what numbers give."""
ALONG = 8
"""How many values of each name are tried to learn that."""
TOGETHER = 5
"""How many names are tried together."""


def prepared(problem: Task) -> Task:
    """Find the names that rules need one by one, and put them first.

    Raises the error of the description where no candidate can be read at all.
    """
    base = readable(problem)
    plain = problem.names if numpy_is_missing() else refusing(problem, base)
    axes = sorted(problem.space.axes, key=lambda axis: axis.name not in plain)
    return problem._replace(plain=tuple(plain), space=Space(axes))


def numpy_is_missing() -> bool:
    """Tell whether there is no numpy."""
    try:
        import numpy as np  # noqa: F401
    except ImportError:
        return True
    return False


def readable(problem: Task) -> dict[str, int]:
    """Return the candidate of a few that comes farthest."""
    best: tuple[int, dict[str, int]] | None = None
    failed: ReadError | None = None
    for values in samples(problem, SAMPLE):
        try:
            trace = problem.trace(Symbols(), values, problem.trials[0])
        except ReadError as error:
            failed = failed or error
            continue
        depth = len(trace.steps) + (trace.error is None)
        if best is None or depth > best[0]:
            best = depth, values
    if best is None:
        raise failed or ReadError("nothing-sought", "there is nothing to try", problem.network.source)
    return best[1]


def samples(problem: Task, count: int) -> Iterator[dict[str, int]]:
    """Give a few candidates: the simplest one, and others from all over."""
    dice = random.Random(count)  # noqa: S311  # no secret
    yield {axis.name: axis.values[0] for axis in problem.space.axes}
    for _ in range(count - 1):
        yield {axis.name: dice.choice(axis.values) for axis in problem.space.axes}


def refusing(problem: Task, base: Mapping[str, int]) -> Sequence[str]:
    """Return the names that cannot be vectors: asked one by one around a candidate, then a few together."""

    def rest(name: str) -> tuple[str, ...]:
        return tuple(other for other in problem.names if other != name)

    plain = tuple(name for name in problem.names if not agrees(narrowed(problem, base, {name: ALONG}), rest(name)))
    free = [name for name in problem.names if name not in plain]
    together = narrowed(problem, base, dict.fromkeys(free[:TOGETHER], 2))
    return plain if free and agrees(together, plain) else problem.names


def narrowed(problem: Task, base: Mapping[str, int], counts: Mapping[str, int]) -> Task:
    """Return a problem with a few values of some names, the others fixed, and nothing wanted."""
    axes = []
    for axis in problem.space.axes:
        places = list(range(0, len(axis.values), max(len(axis.values) // counts.get(axis.name, 1), 1)))
        if axis.name not in counts:
            places = [axis.values.index(base[axis.name])]
        axes.append(
            axis._replace(values=tuple(axis.values[p] for p in places), costs=tuple(axis.costs[p] for p in places))
        )
    return problem._replace(space=Space(axes), most=None, wants=())


def agrees(few: Task, plain: tuple[str, ...]) -> bool:
    """Tell whether vectors find what numbers find."""
    from convshape.atonce import by_vectors

    box, problem = whole(few.space), few._replace(plain=plain)
    try:
        found = by_vectors(problem, box)
    except (TypeError, ReadError):
        return False
    return found.settings == by_numbers(problem, box).settings


def whole(room: Space) -> Box:
    """Return the box that holds a space."""
    return tuple(range(len(axis.values)) for axis in room.axes)


def tried(problem: Task, box: Box) -> Found:
    """Return what a box holds.

    A rule that turns out to need a number, or an answer that a plain trace does not confirm, sends the box through the
    slow loop.
    """
    if set(problem.names) <= set(problem.plain):
        return by_numbers(problem, box)
    from convshape.atonce import by_vectors

    try:
        return by_vectors(problem, box)
    except (TypeError, ReadError):
        return by_numbers(problem, box)


# --- one after the other ---


def by_numbers(problem: Task, box: Box) -> Found:
    """Trace each candidate of a box."""
    room = problem.space
    gates: dict[Any, Gate] = {}
    settings = []
    count = 0
    for places in product(*box):
        values = {axis.name: axis.values[place] for axis, place in zip(room.axes, places, strict=True)}
        count += 1
        ranks = judged(problem, values, gates)
        if ranks is not None:
            cost = sum(axis.costs[place] for axis, place in zip(room.axes, places, strict=True))
            settings.append(((*ranks, cost, *places), tuple(values.values())))
    settings.sort()
    return Found(settings[: problem.most], len(settings), count, gates)


def judged(problem: Task, values: Mapping[str, int], gates: dict[Any, Gate]) -> tuple[Any, ...] | None:
    """Return the ranks of a candidate, None where it does not work or does not give what is wanted."""
    ranks: tuple[Any, ...] | None = None
    for trial in problem.trials:
        try:
            trace = problem.trace(Symbols(), values, trial)
        except ReadError as error:
            note(gates, key_of(error), Gate(0, error.message, 1))
            return None
        if trace.error:
            note(gates, key_of(trace.error), Gate(len(trace.steps), words_of(trace.error), 1))
            return None
        known = problem.known(trace, values, trial)
        for want in problem.conditions:
            if want.asked(trace, known) is not True:
                reached = want.reached(trace, known)
                plain = reached if isinstance(reached, int) or whole_shape(reached) else None
                note(gates, want.text, Gate(len(trace.steps) + 1, missed(want), 1, plain, plain))
                return None
        ranks = ranks or tuple(want.rank(trace, known) for want in problem.ranks)
    return ranks


def whole_shape(reached: Any) -> bool:
    """Tell whether it is a shape of numbers."""
    return isinstance(reached, tuple) and all(isinstance(size, int) for size in reached)


def note(gates: dict[Any, Gate], key: Any, gate: Gate) -> None:
    """Add a gate to those that are known."""
    gates[key] = gates[key].joined(gate) if key in gates else gate


def key_of(error: ConvshapeError) -> tuple[str, str]:
    """Tell refusals apart by the layer and the fault."""
    return getattr(error, "path", ""), error.code


def words_of(error: ConvshapeError) -> str:
    """Say what refuses."""
    layer = getattr(error.step, "name", "") if isinstance(error, ShapeError) else ""
    place = " ".join(filter(None, (getattr(error, "path", ""), layer)))
    return f"{place} [{error.code}]: {error.message}" if place else error.message


def missed(want: Want) -> str:
    """Say which want is missed."""
    return f"misses {want.text}"
