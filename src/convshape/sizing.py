"""Sizes: the exact set of input sizes for which a network works, and the layer behind each limit.

A World is one way in which the network works; the facts about one symbol are solved exactly in it, those about several
are kept and asked. The answer is the union of the worlds. `convshape.explore` finds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convshape.arithmetic.facts import Fact
from convshape.arithmetic.sets import NONE, Numbers
from convshape.arithmetic.solve import Unsolvable, solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from convshape.faults import ConvshapeError
    from convshape.reasons import Reason
    from convshape.steps import Step, Trace

SEARCH = 4096
"""How far a joint fact is searched where nothing bounds it."""


class Limit(NamedTuple):
    """What must hold, and what needs it: the step, as it was written, and the code of the fault it would be."""

    fact: Fact
    step: Step | None
    code: str
    text: str


class World:
    """One way in which a network works: the numbers that each symbol may be, and what must hold of several together."""

    def __init__(self, limits: Iterable[Limit], starts: Mapping[str, Numbers]) -> None:
        """Solve what is about one symbol; a fact that cannot be solved is asked each time."""
        self.limits = list({limit.fact: limit for limit in reversed(list(limits))}.values())[
            ::-1
        ]  # the first that says it
        self.starts = starts
        self.alone = dict(starts)
        self.joint: list[Limit] = []
        self.solved: dict[Fact, Numbers] = {}
        for limit in self.limits:
            self._add(limit)
        self.tied = {name for limit in self.joint for name in limit.fact.names}

    def _add(self, limit: Limit) -> None:
        """Narrow a symbol by a fact, or keep the fact."""
        fact = limit.fact
        try:
            (name,) = fact.names
            self.solved[fact] = solve(fact)
            self.alone[name] &= self.solved[fact]
        except (Unsolvable, ValueError):  # about several symbols, or not periodic
            self.joint.append(limit)

    def valid(self, sizes: Mapping[str, int]) -> bool:
        """Tell whether sizes of all symbols work, from the solved sets alone."""
        for name, numbers in self.alone.items():
            if sizes[name] not in numbers:
                return False
        return all(limit.fact.holds(**sizes) for limit in self.joint)

    def possible(self) -> bool:
        """Tell whether each symbol may be some number."""
        return all(self.alone.values())

    @property
    def least(self) -> dict[str, int]:
        """The smallest number of each symbol, joint facts aside."""
        return {name: numbers.next(0) or 0 for name, numbers in self.alone.items()}

    def fixed(self, sizes: Mapping[str, int]) -> World | None:
        """Return what is left when some symbols have sizes; None where these cannot work."""
        if any(size not in self.alone[name] for name, size in sizes.items()):
            return None
        limits = []
        for limit in self.limits:
            held = limit.fact.at(**{name: sizes[name] for name in limit.fact.names & sizes.keys()})
            if held is False:
                return None
            if isinstance(held, Fact):
                limits.append(limit._replace(fact=held))
        return World(limits, {name: numbers for name, numbers in self.starts.items() if name not in sizes})

    def along(self, name: str, sizes: Mapping[str, int]) -> Numbers:
        """Return the numbers that a symbol may be when the others have sizes."""
        found = self.alone[name]
        for limit in self.joint:
            if name in limit.fact.names:
                found &= solved_at(limit.fact, name, sizes)
        return found

    def covers(self, other: World) -> bool:
        """Tell whether it allows all that another world does; False where that is not plain."""
        narrower = all(other.alone[name] <= numbers for name, numbers in self.alone.items())
        return narrower and self.joint_facts <= other.joint_facts

    def same(self, other: World) -> bool:
        """Tell whether it plainly allows what another does."""
        return self.alone == other.alone and self.joint_facts == other.joint_facts

    @property
    def joint_facts(self) -> set[Fact]:
        """What must hold of several symbols."""
        return {limit.fact for limit in self.joint}

    def merged(self, other: World) -> World | None:
        """Return one world for two that differ in the numbers of one symbol only."""
        differ = [name for name in self.alone if self.alone[name] != other.alone[name]]
        if len(differ) > 1 or self.joint_facts != other.joint_facts:
            return None
        world = World((), self.starts)
        world.__dict__.update(self.__dict__, limits=[*self.limits, *other.limits])
        world.alone = {name: numbers | other.alone[name] for name, numbers in self.alone.items()}
        return world

    def solutions(self, names: list[str], sizes: dict[str, int], most: int) -> Iterator[dict[str, int]]:
        """Give the sizes of some symbols that work with those of the others, each sum below `most` or the last one."""
        if not names:
            if self.valid(sizes):
                yield sizes
            return
        name, *others = names
        rest = sum(self.least[other] for other in others)
        for value in self.alone[name] if others else self.along(name, sizes):
            if value + rest >= most:
                return
            for found in self.solutions(others, {**sizes, name: value}, most - value):
                most = min(most, sum(found[one] for one in names))
                yield found
                if not others:
                    return


class Sizes:
    """The sizes for which a network works. `symbols` are the names that sizes go by; `str()` writes them out.

    `error` says why none work, where that is so: what stopped every way of tracing the network.
    """

    def __init__(self, symbols: tuple[str, ...], worlds: Iterable[World], traces: Iterable[Trace] = ()) -> None:
        """Keep the worlds that are possible, joined where they can be."""
        self.symbols = symbols
        self.tried = list(worlds)
        self.worlds = simplified([world for world in self.tried if world.possible()])
        self.traces = list(traces)
        self.error: ConvshapeError | None = None
        self.whole: World | None = None

    def __bool__(self) -> bool:
        """Tell whether any sizes work."""
        return self.smallest() is not None

    def __str__(self) -> str:
        """Write the set of each symbol, and what ties several together, a line for each."""
        from convshape.answer import lines

        return "\n".join(lines(self))

    def valid(self, **sizes: int) -> bool:
        """Tell whether the network works at sizes; a symbol without one may be whatever fits. No trace is run.

        Raises KeyError for a name that is no symbol.
        """
        if len(sizes) == len(self.symbols):
            return any(world.valid(sizes) for world in self.worlds)
        return bool(self.fixed(**sizes))

    def fixed(self, **sizes: int) -> Sizes:
        """Return the sizes of the other symbols when some are given.

        Raises KeyError for a name that is no symbol.
        """
        for name in sizes:
            if name not in self.symbols:
                raise KeyError(f"there is no symbol {name}; there is {', '.join(self.symbols)}")
        left = (world.fixed(sizes) for world in self.worlds)
        names = tuple(name for name in self.symbols if name not in sizes)
        return Sizes(names, [world for world in left if world is not None], self.traces)

    def alone(self, name: str) -> Numbers:
        """Return the numbers that a symbol may be, whatever the others are; joint facts are not in it."""
        found = NONE
        for world in self.worlds:
            found |= world.alone[name]
        return found

    @property
    def joint(self) -> list[Fact]:
        """The facts about several symbols, or that can only be asked, of every world."""
        return list(dict.fromkeys(limit.fact for world in self.worlds for limit in world.joint))

    @property
    def reasons(self) -> list[Reason]:
        """What limits the sizes, in the order of the layers; what follows from the others is left out."""
        from convshape.reasons import reasons

        found = [reason for world in self.explained for reason in reasons(world)]
        return list({reason.fact: reason for reason in found}.values())

    @property
    def explained(self) -> list[World]:
        """The worlds that say why: the first trace with its choices left open, where that is the same set."""
        if not self.worlds:
            return self.tried
        whole = self.whole
        same = len(self.worlds) == 1 and whole is not None and self.worlds[0].same(whole)
        return [whole] if same and whole is not None else self.worlds

    def smallest(self) -> dict[str, int] | None:
        """Return the sizes with the smallest sum, None where none work."""
        found = [one for one in map(smallest, self.worlds) if one is not None]
        return min(found, key=lambda sizes: sum(sizes.values()), default=None)

    def square(self) -> int | None:
        """Return the smallest size that the symbols tied by joint facts can have together, the others at theirs."""
        found = (value for world in self.worlds for value in [smallest_square(world)] if value is not None)
        return min(found, default=None)

    def nearest(self, **sizes: int) -> dict[str, tuple[int | None, int | None]]:
        """Return, for each symbol given, the nearest sizes that work below and above, those tied to it as given.

        A symbol that is not given has its smallest size. Each pair is (below or equal, above or equal).
        """
        base = {**(self.smallest() or {}), **sizes}
        return {name: self._nearest(name, base) for name in sizes}

    def _nearest(self, name: str, sizes: Mapping[str, int]) -> tuple[int | None, int | None]:
        """Return the nearest sizes of one symbol."""
        found = NONE
        for world in self.worlds:
            tied = {other for limit in world.joint if name in limit.fact.names for other in limit.fact.names} - {name}
            if all(sizes[other] in world.alone[other] for other in tied):
                found |= world.along(name, sizes)
        return found.previous(sizes[name]), found.next(sizes[name])

    def against(self, **sizes: int) -> list[Reason]:
        """Return what stands against sizes: the limits they break, in the world where they break the fewest."""
        from convshape.reasons import broken

        return min((broken(world, sizes) for world in self.worlds), key=len, default=[])


def simplified(worlds: list[World]) -> list[World]:
    """Drop the worlds that others cover, and join those that differ in one symbol."""
    kept: list[World] = []
    for world in worlds:
        if not any(other.covers(world) for other in kept):
            kept = [other for other in kept if not world.covers(other)] + [world]
    for place, world in enumerate(kept):
        for later in kept[place + 1 :]:
            one = world.merged(later)
            if one is not None:
                return simplified([one if other is world else other for other in kept if other is not later])
    return kept


def smallest(world: World) -> dict[str, int] | None:
    """Return the smallest sizes of one world; joint facts are searched, all symbols alike first."""
    least = world.least
    if world.valid(least):
        return least
    value = smallest_square(world)
    known = None if value is None else {**least, **dict.fromkeys(spatial(world), value)}
    tied = [name for name in world.alone if name in world.tied]
    most = SEARCH if known is None else sum(known[name] for name in tied)
    for found in world.solutions(tied, least, most):
        if known is None or sum(found.values()) < sum(known.values()):
            known = found
    return known


def smallest_square(world: World) -> int | None:
    """Return the smallest size that all tied symbols can have together, the batch at its smallest."""
    least = world.least
    names = spatial(world)
    for value in range(max((least[name] for name in names), default=1), SEARCH):
        if world.valid({**least, **dict.fromkeys(names, value)}):
            return value
    return None


def spatial(world: World) -> set[str]:
    """Return the tied symbols without the batch, unless it is all there is."""
    return world.tied - {"N"} or world.tied


def solved_at(fact: Fact, name: str, sizes: Mapping[str, int]) -> Numbers:
    """Return the numbers of one symbol that satisfy a fact when the others have sizes."""
    held = fact.at(**{other: size for other, size in sizes.items() if other != name})
    if isinstance(held, bool):
        return Numbers.between(0, None) if held else NONE
    try:
        return solve(held)
    except Unsolvable:  # not periodic: asked one by one, as far as a search goes
        return Numbers.of(value for value in range(1, SEARCH) if held.holds(**{name: value}))
