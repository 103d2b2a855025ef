"""Trial: what a box of candidates gives, all at once where the rules do arithmetic, else one after the other."""

from __future__ import annotations

import random
from itertools import product
from typing import TYPE_CHECKING, Any

from convshape.arithmetic.facts import Fact
from convshape.dim import Symbols
from convshape.faults import ConvshapeError, ReadError, ShapeError
from convshape.searching import Found, Gate
from convshape.space import Space

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from convshape.searching import Problem
    from convshape.space import Box
    from convshape.wants import Want

SAMPLE = 24
"""How many candidates tell whether vectors give what numbers give."""
ALONG = 8
"""How many values of each name are tried to learn that."""
TOGETHER = 5
"""How many names are tried together."""


def prepared(problem: Problem) -> Problem:
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
        import numpy  # noqa: F401
    except ImportError:
        return True
    return False


def readable(problem: Problem) -> dict[str, int]:
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


def samples(problem: Problem, count: int) -> Iterator[dict[str, int]]:
    """Give a few candidates: the simplest one, and others from all over."""
    dice = random.Random(count)  # noqa: S311  # no secret
    yield {axis.name: axis.values[0] for axis in problem.space.axes}
    for _ in range(count - 1):
        yield {axis.name: dice.choice(axis.values) for axis in problem.space.axes}


def refusing(problem: Problem, base: Mapping[str, int]) -> Sequence[str]:
    """Return the names that cannot be vectors: asked one by one around a candidate, then a few together."""
    plain = tuple(name for name in problem.names if not agrees(narrowed(problem, base, {name: ALONG}), ()))
    free = [name for name in problem.names if name not in plain]
    together = narrowed(problem, base, dict.fromkeys(free[:TOGETHER], 2))
    return plain if free and agrees(together, plain) else problem.names


def narrowed(problem: Problem, base: Mapping[str, int], counts: Mapping[str, int]) -> Problem:
    """Return a problem with a few values of some names, and the others fixed."""
    axes = []
    for axis in problem.space.axes:
        places = list(range(0, len(axis.values), max(len(axis.values) // counts.get(axis.name, 1), 1)))
        if axis.name not in counts:
            places = [axis.values.index(base[axis.name])]
        axes.append(axis._replace(values=tuple(axis.values[p] for p in places), costs=tuple(axis.costs[p] for p in places)))
    return problem._replace(space=Space(axes), most=None)


def agrees(few: Problem, plain: tuple[str, ...]) -> bool:
    """Tell whether vectors find what numbers find."""
    box, problem = whole(few.space), few._replace(plain=plain)
    try:
        found = by_vectors(problem, box)
    except (TypeError, ReadError):
        return False
    return found.settings == by_numbers(problem, box).settings


def whole(room: Space) -> Box:
    """Return the box that holds a space."""
    return tuple(range(len(axis.values)) for axis in room.axes)


def tried(problem: Problem, box: Box) -> Found:
    """Return what a box holds.

    A rule that turns out to need a number, or an answer that a plain trace does not confirm, sends the box through the
    slow loop.
    """
    if set(problem.names) <= set(problem.plain):
        return by_numbers(problem, box)
    try:
        found = by_vectors(problem, box)
    except (TypeError, ReadError):
        return by_numbers(problem, box)
    return found if confirmed(problem, box, found) else by_numbers(problem, box)


def confirmed(problem: Problem, box: Box, found: Found) -> bool:
    """Trace the best setting, or any candidate where there is none, as numbers."""
    if found.settings:
        key, values = found.settings[0]
        return judged(problem, dict(zip(problem.space.names, values, strict=True)), {}) == key[: len(problem.ranks)]
    middle = {axis.name: axis.values[places[len(places) // 2]] for axis, places in zip(problem.space.axes, box, strict=True)}
    return judged(problem, middle, {}) is None


# --- one after the other ---


def by_numbers(problem: Problem, box: Box) -> Found:
    """Trace each candidate of a box."""
    room, gates = problem.space, {}
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


def judged(problem: Problem, values: Mapping[str, int], gates: dict[Any, Gate]) -> tuple[Any, ...] | None:
    """Return the ranks of a candidate, None where it does not work or does not give what is wanted."""
    ranks: tuple[Any, ...] | None = None
    for trial in problem.trials:
        try:
            trace = problem.trace(Symbols(), values, trial)
        except ReadError as error:
            note(gates, (error.code,), Gate(0, error.message, 1))
            return None
        if trace.error:
            note(gates, key_of(trace.error), Gate(len(trace.steps), words_of(trace.error), 1))
            return None
        known = problem.known(trace, values, trial)
        for want in problem.conditions:
            if want.asked(trace, known) is not True:
                reached = want.reached(trace, known)
                number = reached if isinstance(reached, int) else None
                note(gates, want.text, Gate(len(trace.steps) + 1, missed(want), 1, number, number))
                return None
        ranks = ranks or tuple(want.rank(trace, known) for want in problem.ranks)
    return ranks


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


# --- all at once ---


def by_vectors(problem: Problem, box: Box) -> Found:
    """Propagate vectors of candidates, once for each choice of what must be plain.

    Raises TypeError where a rule needs a number.
    """
    room = problem.space
    found = Found([], 0, 0, {})
    alone = [place for place, axis in enumerate(room.axes) if axis.name in problem.plain]
    for places in product(*(box[place] for place in alone)):
        fixed = dict(zip(alone, places, strict=True))
        part = tuple(range(fixed[p], fixed[p] + 1) if p in fixed else r for p, r in enumerate(box))
        found = merged(found, at_once(problem, part))
    return found._replace(settings=sorted(found.settings)[: problem.most])


def merged(one: Found, other: Found) -> Found:
    """Join what two boxes hold."""
    gates = dict(one.gates)
    for key, gate in other.gates.items():
        note(gates, key, gate)
    return Found(one.settings + other.settings, one.count + other.count, one.tried + other.tried, gates)


def at_once(problem: Problem, box: Box) -> Found:
    """Propagate a box as vectors."""
    from convshape.vector import Grid

    axes = problem.space.values(box)
    grid = Grid({name: values for name, values in axes.items() if name not in problem.plain})
    values = {name: grid.vectors[name] if name in grid.vectors else numbers[0] for name, numbers in axes.items()}
    ranks: list[Any] | None = None
    for trial in problem.trials:
        trace = problem.trace(grid, values, trial)
        if isinstance(trace.error, ReadError):
            raise trace.error
        if trace.error:
            return nothing(grid, key_of(trace.error), words_of(trace.error))
        known = problem.known(trace, values, trial)
        for want in problem.conditions:
            held = want.asked(trace, known)
            if held is False:
                return nothing(grid, want.text, missed(want), want.reached(trace, known))
            if isinstance(held, Fact):
                held.assume(want)
        ranks = ranks or [want.rank(trace, known) for want in problem.ranks]
    return living(problem, box, grid, ranks or [])


def living(problem: Problem, box: Box, grid: Any, ranks: list[Any]) -> Found:
    """Return the candidates that are alive, with their keys."""
    import numpy as np

    shape = grid.shape
    alive = np.flatnonzero(np.broadcast_to(grid.alive, shape))
    axes = problem.space.axes
    spots = iter(np.unravel_index(alive, shape))
    places = [
        np.full(len(alive), part.start) if axis.name in problem.plain else next(spots) + part.start
        for axis, part in zip(axes, box, strict=True)
    ]
    costs = [np.array(axis.costs)[place] for axis, place in zip(axes, places, strict=True)]
    keys = [*(spread(rank, shape, alive) for rank in ranks), sum(costs), *places]
    order = np.lexsort(keys[::-1])[: problem.most]
    found = [np.array(axis.values)[place[order]].tolist() for axis, place in zip(axes, places, strict=True)]
    settings = list(zip(zip(*(key[order].tolist() for key in keys), strict=True), zip(*found, strict=True), strict=True))
    count = int(np.prod(shape))
    return Found(settings, len(alive), count, gates_of(grid))


def spread(size: Any, shape: tuple[int, ...], alive: Any) -> Any:
    """Return the numbers of the living candidates."""
    import numpy as np

    return np.broadcast_to(np.asarray(getattr(size, "values", size)), shape).reshape(-1)[alive]


def nothing(grid: Any, key: Any, words: str, reached: Any = None) -> Found:
    """Return a box in which the last candidates fail together; say what they reached."""
    gates = gates_of(grid)
    least = most = reached if isinstance(reached, int) else None
    values = getattr(reached, "values", None)
    if values is not None:
        import numpy as np

        left = np.broadcast_to(values, grid.shape)[np.broadcast_to(grid.alive, grid.shape)]
        least, most = int(left.min()), int(left.max())
    note(gates, key, Gate(len(grid.facts), words, counted(grid, grid.alive), least, most))
    size = 1
    for length in grid.shape:
        size *= length
    return Found([], 0, size, gates)


def gates_of(grid: Any) -> dict[Any, Gate]:
    """Count what each fact kept out, in the order in which they were assumed."""
    import numpy as np

    gates: dict[Any, Gate] = {}
    alive = np.ones((1,) * len(grid.shape), bool)
    for place, (fact, why) in enumerate(grid.facts):
        before, alive = alive, alive & fact.held
        lost = counted(grid, before) - counted(grid, alive)
        key, words = reason(why)
        note(gates, key, Gate(place, words, lost))
    return gates


def reason(why: Any) -> tuple[Any, str]:
    """Return what tells a reason apart, and its words: a want, or a refusal."""
    if hasattr(why, "text"):
        return why.text, missed(why)
    layer = type(why.values.layer).__name__ if why.values.layer is not None else ""
    place = " ".join(filter(None, (why.path, layer)))
    return (why.path, why.fault.code), f"{place} [{why.fault.code}]: {why.message}"


def counted(grid: Any, alive: Any) -> int:
    """Count the candidates of a mask that is 1 long along what it does not depend on."""
    import numpy as np

    total = 1
    for length, size in zip(grid.shape, alive.shape, strict=True):
        total *= length // size
    return int(np.count_nonzero(alive)) * total
