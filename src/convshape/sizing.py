"""Sizes: the exact set of input sizes for which a network works, and the layer behind each limit.

A trace assumes one thing wherever sizes leave a choice (broadcast axes are equal, or one of them is 1). Here every
choice is followed: each leaves a World, in which the facts about one symbol are solved exactly and those about several
are kept. The answer is the union of the worlds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.arithmetic.facts import Either, Fact
from convshape.arithmetic.sets import Numbers
from convshape.arithmetic.solve import Unsolvable, solve
from convshape.dim import Contradiction, Symbols

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from convshape.source import Span
    from convshape.steps import Trace

LIMIT = 256
"""How many choices are followed before the network is said to be too intricate."""
SEARCH = 4096
"""How far a joint fact is searched where nothing bounds it."""


class Reason(NamedTuple):
    """A limit: what must hold of which symbols, and the step that needs it."""

    fact: str
    symbols: tuple[str, ...]
    path: str
    code: str
    span: Span | None


class World:
    """One way in which a network works: the numbers that each symbol may be, and what must hold of several together."""

    def __init__(self, names: tuple[str, ...], facts: list[tuple[Fact, Any]], starts: Mapping[str, Numbers]) -> None:
        """Solve what is about one symbol; a fact that cannot be solved is asked each time."""
        self.facts = facts
        self.alone = {name: starts[name] for name in names}
        self.joint: list[Fact] = []
        for fact, _ in facts:
            self.add(fact)

    def add(self, fact: Fact) -> None:
        """Narrow a symbol by a fact, or keep the fact."""
        names = tuple(fact.names)
        if len(names) != 1:
            self.joint.append(fact)
            return
        try:
            self.alone[names[0]] = self.alone[names[0]] & solve(fact)
        except Unsolvable:
            self.joint.append(fact)

    def valid(self, sizes: Mapping[str, int]) -> bool:
        """Tell whether sizes work, from the solved set alone."""
        for name, numbers in self.alone.items():
            if sizes[name] not in numbers:
                return False
        return all(fact.holds(**sizes) for fact in self.joint)

    def possible(self) -> bool:
        """Tell whether any sizes may work."""
        return all(self.alone.values())

    def along(self, name: str, sizes: Mapping[str, int]) -> Numbers:
        """Return the numbers that a symbol may be when the others have sizes; those that were asked one by one too."""
        found = self.alone[name]
        for fact in self.joint:
            found &= solved_at(fact, name, sizes)
        return found


class Sizes:
    """The sizes for which a network works. `symbols` are the names that sizes go by."""

    def __init__(self, symbols: tuple[str, ...], worlds: list[World], traces: list[Trace]) -> None:
        """Keep the worlds that are possible."""
        self.symbols = symbols
        self.worlds = [world for world in worlds if world.possible()]
        self.traces = traces

    def valid(self, **sizes: int) -> bool:
        """Tell whether the network works at sizes, one for each symbol. Raises KeyError for one that is missing."""
        return any(world.valid(sizes) for world in self.worlds)

    def alone(self, name: str) -> Numbers:
        """Return the numbers that a symbol may be, whatever the others are; joint facts are not in it."""
        found = Numbers(((),))
        for world in self.worlds:
            found |= world.alone[name]
        return found

    @property
    def joint(self) -> list[Fact]:
        """The facts about several symbols, or that can only be asked, of every world."""
        return list(dict.fromkeys(fact for world in self.worlds for fact in world.joint))

    @property
    def reasons(self) -> list[Reason]:
        """What limits the sizes, in the order of the layers; what follows from the others is left out."""
        found: dict[str, Reason] = {}
        for world in self.worlds:
            for fact, why in needed(world):
                told = (why.path, why.fault.code, why.span) if why is not None else ("", "", None)
                found.setdefault(str(fact), Reason(str(fact), tuple(sorted(fact.names)), *told))
        return list(found.values())

    def smallest(self) -> dict[str, int] | None:
        """Return the sizes with the smallest sum, None where none work."""
        found = [one for one in map(self._smallest, self.worlds) if one]
        return min(found, key=lambda sizes: sum(sizes.values()), default=None)

    def _smallest(self, world: World) -> dict[str, int] | None:
        """Return the smallest sizes of one world."""
        least = {name: numbers.next(0) or 0 for name, numbers in world.alone.items()}
        if world.valid(least):
            return least
        return next(self.solutions(world, least), None)

    def solutions(self, world: World, sizes: Mapping[str, int]) -> Iterator[dict[str, int]]:
        """Give the sizes that satisfy the joint facts: all symbols alike first, then by their sum."""
        tied = sorted({name for fact in world.joint for name in fact.names})
        for value in range(1, SEARCH):
            alike = {**sizes, **dict.fromkeys(tied, value)}
            if world.valid(alike):
                yield alike
                break
        first, *others = tied
        value = world.alone[first].next(0)
        while value is not None and value < SEARCH:
            fixed = {**sizes, first: value}
            for name in others:
                fixed[name] = world.along(name, fixed).next(0) or 0
            if world.valid(fixed):
                yield fixed
            value = world.alone[first].next(value + 1)

    def square(self) -> int | None:
        """Return the smallest size that all spatial symbols can have together, N at its smallest."""
        return next((value for value in range(1, SEARCH) if any(self._square(world, value) for world in self.worlds)), None)

    def _square(self, world: World, value: int) -> bool:
        """Tell whether a world works with one size for all spatial symbols."""
        least = {name: numbers.next(0) or 0 for name, numbers in world.alone.items()}
        return world.valid({**least, **dict.fromkeys(self.spatial, value)})

    @property
    def spatial(self) -> tuple[str, ...]:
        """The symbols that are not the batch."""
        return tuple(name for name in self.symbols if name != "N")

    def nearest(self, **sizes: int) -> dict[str, tuple[int | None, int | None]]:
        """Return, for each symbol given, the nearest sizes that work below and above, the others as given.

        A symbol that is not given has its smallest size. Each pair is (below or equal, above or equal).
        """
        base = {**(self.smallest() or {}), **sizes}
        return {name: self._nearest(name, base) for name in sizes}

    def _nearest(self, name: str, sizes: Mapping[str, int]) -> tuple[int | None, int | None]:
        """Return the nearest sizes of one symbol."""
        found = Numbers(((),))
        for world in self.worlds:
            if all(sizes[other] in numbers for other, numbers in world.alone.items() if other != name):
                found |= world.along(name, sizes)
        return found.previous(sizes[name]), found.next(sizes[name])


def solved_at(fact: Fact, name: str, sizes: Mapping[str, int]) -> Numbers:
    """Return the numbers of one symbol that satisfy a fact when the others have sizes."""
    held = fact.at(**{other: size for other, size in sizes.items() if other != name})
    if isinstance(held, bool):
        return Numbers.between(0, None) if held else Numbers(((),))
    try:
        return solve(held)
    except Unsolvable:  # a float scales it: asked one by one, as far as a search goes
        return Numbers([tuple((value, value) for value in range(SEARCH) if held.holds(**{name: value}))])


def needed(world: World) -> list[tuple[Fact, Any]]:
    """Leave out the facts about one symbol that follow from its other facts."""
    kept: list[tuple[Fact, Any]] = []
    for name in world.alone:
        own = [(fact, why) for fact, why in world.facts if fact.names == {name}]
        kept += minimal(own, name)
    joint = [(fact, why) for fact, why in world.facts if len(fact.names) > 1]
    order = {id(fact): place for place, (fact, _) in enumerate(world.facts)}
    return sorted([*kept, *joint], key=lambda pair: order[id(pair[0])])


def minimal(facts: list[tuple[Fact, Any]], name: str) -> list[tuple[Fact, Any]]:
    """Drop facts of one symbol, later ones first, without which the set is the same."""
    sets = {}
    for fact, _ in facts:
        try:
            sets[id(fact)] = solve(fact)
        except Unsolvable:
            continue
    kept = list(facts)
    for pair in reversed(facts):
        fewer = [one for one in kept if one is not pair]
        if id(pair[0]) in sets and same_set(sets, fewer, kept):
            kept = fewer
    return kept


def same_set(sets: Mapping[int, Numbers], some: list[tuple[Fact, Any]], more: list[tuple[Fact, Any]]) -> bool:
    """Tell whether facts allow the same numbers as more of them do."""
    return intersection(sets, some) == intersection(sets, more)


def intersection(sets: Mapping[int, Numbers], facts: list[tuple[Fact, Any]]) -> tuple[Any, ...]:
    """Return what facts allow, in a form that can be compared."""
    found = Numbers.between(1, None)
    for fact, _ in facts:
        if id(fact) in sets:
            found &= sets[id(fact)]
    return found.canonical()


def explore(run: Callable[[Callable[[Symbols], None]], Trace]) -> Sizes:
    """Follow every choice of a network; `run` traces it, after calling back with its symbols.

    Raises ValueError when there are too many choices.
    """
    worlds: list[World] = []
    traces: list[Trace] = []
    waiting: list[list[Fact]] = [[]]
    names: tuple[str, ...] = ()
    seen = 0
    while waiting:
        assumed = waiting.pop()
        seen += 1
        if seen > LIMIT:
            raise ValueError(f"the sizes leave more than {LIMIT} choices")
        try:
            trace = run(lambda symbols, assumed=assumed: suppose(symbols, assumed))  # type: ignore[misc]
        except Contradiction:
            continue
        names = names or trace.symbols.names
        choices = [(fact, why) for fact, why in trace.symbols.facts if isinstance(fact, Either)]
        waiting += others(assumed, [fact for fact, _ in choices])
        traces.append(trace)
        if trace.error is None:
            facts = [(fact, None) for fact in assumed]
            facts += [(fact.parts[0] if isinstance(fact, Either) else fact, why) for fact, why in trace.symbols.facts]
            worlds.append(World(names, facts, starts(trace.symbols)))
    return Sizes(names, worlds, traces)


def starts(symbols: Symbols) -> dict[str, Numbers]:
    """Return the numbers that each symbol was declared to be."""
    return {name: Numbers.between(low or 0, high) for name, (low, high) in symbols.declared.items()}


def suppose(symbols: Symbols, facts: list[Fact]) -> None:
    """Narrow fresh symbols by facts of an earlier trace; raise Contradiction when no sizes satisfy them."""
    for fact in facts:
        fact.narrow(symbols.known)


def others(assumed: list[Fact], choices: list[Either]) -> Iterator[list[Fact]]:
    """Give the choices that a trace did not take: the first ones as it took them, then another alternative."""
    taken = list(assumed)
    for choice in choices:
        first, *alternatives = choice.parts
        for alternative in alternatives:
            yield [*taken, alternative]
        taken.append(first)
