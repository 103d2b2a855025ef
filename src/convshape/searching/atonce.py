"""At once: a box of candidates as one propagation over vectors. It needs numpy, and is loaded only where there is."""

from __future__ import annotations

import random
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from convshape.arithmetic.facts import Fact, Undecided
from convshape.faults import ReadError
from convshape.searching import Found, Gate
from convshape.searching.grid import Grid
from convshape.searching.trial import judged, key_of, missed, note, words_of
from convshape.searching.vector import Vector

if TYPE_CHECKING:
    from convshape.searching.space import Box
    from convshape.searching.task import Task

    Last = tuple[Any, str, Any]
    """What no candidate is left to pass: what tells it apart, its words, and what they reached."""

ROUNDS = 24
"""How often the candidates of a box are divided before each goes alone."""
DOUBTS = 24
"""How many candidates of a box are traced as numbers where the first one fails elsewhere."""


def by_vectors(task: Task, box: Box) -> Found:
    """Propagate vectors of candidates, once for each choice of what must be plain.

    Raises TypeError where a rule needs a number.
    """
    alone = [place for place, axis in enumerate(task.space.axes) if axis.name in task.plain]
    spots = product(*(box[place] for place in alone))
    return joined(task, [at_once(task, fixed(box, alone, places)) for places in spots])


def joined(task: Task, parts: list[Found]) -> Found:
    """Join what the parts of a box hold."""
    if len(parts) == 1:
        return parts[0]
    gates: dict[Any, Gate] = {}
    for part in parts:
        for key, gate in part.gates.items():
            note(gates, key, gate)
    settings = sorted(setting for part in parts for setting in part.settings)
    total, tried = sum(part.total for part in parts), sum(part.tried for part in parts)
    return Found(settings[: task.most], total, tried, gates)


def fixed(box: Box, alone: list[int], places: tuple[int, ...]) -> Box:
    """Narrow a box to one place on some of its axes."""
    chosen = dict(zip(alone, places, strict=True))
    return tuple(range(chosen[p], chosen[p] + 1) if p in chosen else whole for p, whole in enumerate(box))


def at_once(task: Task, box: Box) -> Found:
    """Propagate a box as vectors; candidates that were dropped for what others are go again, on their own."""
    axes = {name: values for name, values in task.space.values(box).items() if name not in task.plain}
    waiting: list[Any] = [None]
    parts: list[Found] = []
    for _ in range(ROUNDS):
        if not waiting:
            return joined(task, parts)
        grid = Grid(axes, waiting.pop())
        found, doubts = went(task, box, grid)
        parts.append(found)
        waiting += doubts
    raise Undecided


def went(task: Task, box: Box, grid: Grid) -> tuple[Found, list[Any]]:
    """Propagate some candidates of a box; return what was found, and those that must go again."""
    numbers = {name: values[0] for name, values in task.space.values(box).items()}
    ranks, last = propagated(task, grid, {**numbers, **grid.vectors})
    grid.failed = last is not None
    again = grid.doubtful()
    doubts = [again] if again.any() else []
    if doubts and counted(grid, again) == counted(grid, grid.start):  # alone they say no more: tell them apart
        mask = next(mask.held for _, mask in grid.masks if not mask.assumed)
        doubts = [part for part in (again & mask, again & ~mask) if part.any()]
    grid.start = grid.start & ~again
    found = living(task, box, grid, ranks) if last is None else nothing(grid, *last)
    check(task, box, grid, found, last[0] if last else None)
    return found, doubts


def propagated(task: Task, grid: Grid, values: dict[str, Any]) -> tuple[list[Any], Last | None]:
    """Narrow a grid to the candidates that work and give what is wanted; return their ranks, or what none passes."""
    ranks: list[Any] | None = None
    for trial in task.trials:
        trace = task.trace(grid, values, trial)
        if isinstance(trace.error, ReadError):
            raise trace.error
        if trace.error:
            return [], (key_of(trace.error), words_of(trace.error), None)
        known = task.known(trace, values, trial)
        for want in task.conditions:
            held = want.asked(trace, known)
            if held is False:
                return [], (want.text, missed(want), want.reached(trace, known))
            if isinstance(held, Fact):
                held.assume(want)
        ranks = [want.rank(trace, known) for want in task.ranks] if ranks is None else ranks
    return ranks or [], None


def check(task: Task, box: Box, grid: Grid, found: Found, last: Any) -> None:
    """Hold the best setting of a box, and a candidate from its middle, to what numbers say; raise Undecided.

    A candidate that fails elsewhere as a number, as one with two faults may, sends more of them the same way.
    """
    room = task.space
    if found.settings:
        key, values = found.settings[0]
        if judged(task, dict(zip(room.names, values, strict=True)), {}) != key[: len(task.ranks)]:
            raise Undecided
    doubts = differs(task, box, grid, last, [len(places) // 2 for places in box])
    dice = random.Random(len(box))  # noqa: S311  # no secret
    for _ in range(DOUBTS if doubts else 0):
        differs(task, box, grid, last, [dice.randrange(len(places)) for places in box])


def differs(task: Task, box: Box, grid: Grid, last: Any, places: list[int]) -> bool:
    """Tell whether a candidate fails elsewhere as a number; raise Undecided where only one of the two works."""
    axes = task.space.axes
    here = [place for place, axis in zip(places, axes, strict=True) if axis.name not in task.plain]
    values = {
        axis.name: axis.values[part[0] if axis.name in task.plain else part[place]]
        for axis, part, place in zip(axes, box, places, strict=True)
    }
    if not at(grid.start, here):
        return False
    gates: dict[Any, Gate] = {}
    judged(task, values, gates)
    kept_out = (reason(why)[0] for fact, why in grid.drops if not at(fact.held, here))
    expected = next(kept_out, last)
    got = next(iter(gates), None)
    if (expected is None) != (got is None):
        raise Undecided
    return bool(expected != got)


def at(held: Any, places: list[int]) -> bool:
    """Return what a mask says of a candidate."""
    return bool(held[tuple(place if size > 1 else 0 for place, size in zip(places, held.shape, strict=True))])


def living(task: Task, box: Box, grid: Grid, ranks: list[Any]) -> Found:
    """Return the candidates that are alive, with their keys."""
    shape = grid.shape
    alive = np.flatnonzero(np.broadcast_to(grid.alive & grid.start, shape))
    axes = task.space.axes
    spots = iter(np.unravel_index(alive, shape))
    places = [
        np.full(len(alive), part.start) if axis.name in task.plain else next(spots) + part.start
        for axis, part in zip(axes, box, strict=True)
    ]
    costs = [np.array(axis.costs)[place] for axis, place in zip(axes, places, strict=True)]
    keys = [*(spread(rank, shape, alive) for rank in ranks), sum(costs), *places]
    order = np.lexsort(keys[::-1])[: task.most]
    found = [np.array(axis.values)[place[order]].tolist() for axis, place in zip(axes, places, strict=True)]
    settings = list(
        zip(zip(*(key[order].tolist() for key in keys), strict=True), zip(*found, strict=True), strict=True)
    )
    return Found(settings, len(alive), counted(grid, grid.start), gates_of(grid))


def spread(size: Any, shape: tuple[int, ...], alive: Any) -> Any:
    """Return the numbers of the living candidates."""
    return np.broadcast_to(np.asarray(getattr(size, "values", size)), shape).reshape(-1)[alive]


def nothing(grid: Grid, key: Any, words: str, reached: Any = None) -> Found:
    """Return a box in which the last candidates fail together; say what they reached."""
    gates = gates_of(grid)
    least, most = ends(grid, reached)
    note(gates, key, Gate(len(grid.drops), words, counted(grid, grid.alive & grid.start), least, most))
    return Found([], 0, counted(grid, grid.start), gates)


def ends(grid: Grid, reached: Any) -> tuple[Any, Any]:
    """Return the least and the most that the living candidates reach: numbers, or the sizes of a shape."""
    if isinstance(reached, tuple) and all(isinstance(size, (int, Vector)) for size in reached):
        pairs = [ends(grid, size) for size in reached]
        return tuple(low for low, _ in pairs), tuple(high for _, high in pairs)
    if isinstance(reached, Vector):
        values = grid.living(reached.values)
        return (int(values.min()), int(values.max())) if len(values) else (None, None)
    return (reached, reached) if isinstance(reached, int) else (None, None)


def gates_of(grid: Grid) -> dict[Any, Gate]:
    """Count what each fact kept out, in the order in which they were assumed."""
    gates: dict[Any, Gate] = {}
    last, alive = grid.alive, grid.start
    for place, (fact, why) in enumerate(grid.drops):
        before, alive = alive, alive & fact.held
        grid.alive = before & ~fact.held  # the words are about those that it keeps out
        key, words = reason(why)
        note(gates, key, Gate(place, words, counted(grid, grid.alive)))
    grid.alive = last
    return gates


def reason(why: Any) -> tuple[Any, str]:
    """Return what tells a reason apart, and its words: a want, or a refusal."""
    if hasattr(why, "text"):
        return why.text, missed(why)
    layer = type(why.values.layer).__name__ if why.values.layer is not None else ""
    place = " ".join(filter(None, (why.path, layer)))
    return (why.path, why.fault.code), f"{place} [{why.fault.code}]: {why.message}"


def counted(grid: Grid, alive: Any) -> int:
    """Count the candidates of a mask that is 1 long along what it does not depend on."""
    spread_over: int = prod(grid.shape) // alive.size
    return int(np.count_nonzero(alive)) * spread_over
