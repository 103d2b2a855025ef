"""Trial: what a box of candidates gives, all at once where the rules do arithmetic, else one after the other."""

from __future__ import annotations

import random
from itertools import product
from typing import TYPE_CHECKING, Any

from convshape.dim import Symbols
from convshape.faults import ConvshapeError, ReadError, ShapeError
from convshape.searching import Found, Gate
from convshape.searching.space import Space

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from convshape.searching.space import Box
    from convshape.searching.task import Task
    from convshape.searching.wants import Want

SAMPLE = 24
"""How many candidates tell whether vectors give what numbers give."""
ALONG = 8
"""How many values of each name are tried to learn that."""
TOGETHER = 5
"""How many names are tried together."""


def prepared(task: Task) -> Task:
    """Find the names that rules need one by one, and put them first.

    Raises the error of the description where no candidate can be read at all.
    """
    base = readable(task)
    plain = task.names if numpy_is_missing() else refusing(task, base)
    axes = sorted(task.space.axes, key=lambda axis: axis.name not in plain)
    return task._replace(plain=tuple(plain), space=Space(axes))


def numpy_is_missing() -> bool:
    """Tell whether there is no numpy."""
    try:
        import numpy as np  # noqa: F401
    except ImportError:
        return True
    return False


def readable(task: Task) -> dict[str, int]:
    """Return the candidate of a few that comes farthest."""
    best: tuple[int, dict[str, int]] | None = None
    failed: ReadError | None = None
    for values in samples(task, SAMPLE):
        try:
            trace = task.trace(Symbols(), values, task.trials[0])
        except ReadError as error:
            failed = failed or error
            continue
        depth = len(trace.steps) + (trace.error is None)
        if best is None or depth > best[0]:
            best = depth, values
    if best is None:
        raise failed or ReadError("nothing-sought", "there is nothing to try", task.network.source)
    return best[1]


def samples(task: Task, count: int) -> Iterator[dict[str, int]]:
    """Give a few candidates: the simplest one, and others from all over."""
    dice = random.Random(count)  # noqa: S311  # no secret
    yield {axis.name: axis.values[0] for axis in task.space.axes}
    for _ in range(count - 1):
        yield {axis.name: dice.choice(axis.values) for axis in task.space.axes}


def refusing(task: Task, base: Mapping[str, int]) -> Sequence[str]:
    """Return the names that cannot be vectors: asked one by one around a candidate, then a few together."""

    def rest(name: str) -> tuple[str, ...]:
        return tuple(other for other in task.names if other != name)

    plain = tuple(name for name in task.names if not agrees(narrowed(task, base, {name: ALONG}), rest(name)))
    free = [name for name in task.names if name not in plain]
    together = narrowed(task, base, dict.fromkeys(free[:TOGETHER], 2))
    return plain if free and agrees(together, plain) else task.names


def narrowed(task: Task, base: Mapping[str, int], counts: Mapping[str, int]) -> Task:
    """Return a task with a few values of some names, the others fixed, and nothing wanted."""
    axes = []
    for axis in task.space.axes:
        places = list(range(0, len(axis.values), max(len(axis.values) // counts.get(axis.name, 1), 1)))
        if axis.name not in counts:
            places = [axis.values.index(base[axis.name])]
        axes.append(
            axis._replace(values=tuple(axis.values[p] for p in places), costs=tuple(axis.costs[p] for p in places))
        )
    return task._replace(space=Space(axes), most=None, wants=())


def agrees(few: Task, plain: tuple[str, ...]) -> bool:
    """Tell whether vectors find what numbers find."""
    from convshape.searching.atonce import by_vectors

    box, task = whole(few.space), few._replace(plain=plain)
    try:
        found = by_vectors(task, box)
    except (TypeError, ReadError):
        return False
    return found.settings == by_numbers(task, box).settings


def whole(room: Space) -> Box:
    """Return the box that holds a space."""
    return tuple(range(len(axis.values)) for axis in room.axes)


def tried(task: Task, box: Box) -> Found:
    """Return what a box holds.

    A rule that turns out to need a number, or an answer that a plain trace does not confirm, sends the box through the
    slow loop.
    """
    if set(task.names) <= set(task.plain):
        return by_numbers(task, box)
    from convshape.searching.atonce import by_vectors

    try:
        return by_vectors(task, box)
    except (TypeError, ReadError):
        return by_numbers(task, box)


# --- one after the other ---


def by_numbers(task: Task, box: Box) -> Found:
    """Trace each candidate of a box."""
    room = task.space
    gates: dict[Any, Gate] = {}
    settings = []
    count = 0
    for places in product(*box):
        values = {axis.name: axis.values[place] for axis, place in zip(room.axes, places, strict=True)}
        count += 1
        ranks = judged(task, values, gates)
        if ranks is not None:
            cost = sum(axis.costs[place] for axis, place in zip(room.axes, places, strict=True))
            settings.append(((*ranks, cost, *places), tuple(values.values())))
    settings.sort()
    return Found(settings[: task.most], len(settings), count, gates)


def judged(task: Task, values: Mapping[str, int], gates: dict[Any, Gate]) -> tuple[Any, ...] | None:
    """Return the ranks of a candidate, None where it does not work or does not give what is wanted."""
    ranks: tuple[Any, ...] | None = None
    for trial in task.trials:
        try:
            trace = task.trace(Symbols(), values, trial)
        except ReadError as error:
            note(gates, key_of(error), Gate(0, error.message, 1))
            return None
        if trace.error:
            note(gates, key_of(trace.error), Gate(len(trace.steps), words_of(trace.error), 1))
            return None
        known = task.known(trace, values, trial)
        for want in task.conditions:
            if want.asked(trace, known) is not True:
                reached = want.reached(trace, known)
                plain = reached if isinstance(reached, int) or whole_shape(reached) else None
                note(gates, want.text, Gate(len(trace.steps) + 1, missed(want), 1, plain, plain))
                return None
        ranks = ranks or tuple(want.rank(trace, known) for want in task.ranks)
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
    path, layer = getattr(error, "path", ""), getattr(error.step, "name", "") if isinstance(error, ShapeError) else ""
    place = " ".join(filter(None, (path, layer)))
    words = error.message.removeprefix(f"{path} ").removeprefix(f"{layer} ")
    return f"{place} [{error.code}]: {words}" if place else error.message


def missed(want: Want) -> str:
    """Say which want is missed."""
    return f"misses {want.text}"
