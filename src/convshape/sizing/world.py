"""World: one way in which a network works. Facts about one symbol are solved exactly in it, joint ones are asked."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from convshape.arithmetic.facts import Fact
from convshape.arithmetic.sets import NONE, Numbers
from convshape.arithmetic.solve import Unsolvable, solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from convshape.sizing.joint import Group
    from convshape.steps import Step

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
        first = {limit.fact: limit for limit in reversed(list(limits))}  # the first that says it
        self.limits = list(first.values())[::-1]
        self.starts = starts
        self.alone = dict(starts)
        self.asked: list[Limit] = []
        self.solved: dict[Fact, Numbers] = {}
        for limit in self.limits:
            self._add(limit)

    def _add(self, limit: Limit) -> None:
        """Narrow a symbol by a fact, or keep the fact."""
        fact = limit.fact
        try:
            (name,) = fact.names
            self.solved[fact] = solve(fact)
            self.alone[name] &= self.solved[fact]
        except (Unsolvable, ValueError):  # about several symbols, or not periodic
            self.asked.append(limit)

    @cached_property
    def joint(self) -> list[Limit]:
        """What must hold of several symbols; what follows from the rest is left out."""
        from convshape.sizing.joint import needed

        return needed(self) if self.asked else []

    @cached_property
    def groups(self) -> list[Group]:
        """The symbols that joint facts tie together."""
        from convshape.sizing.joint import groups

        return groups(self)

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
        return self._left(sizes, self.limits, self.starts)

    def narrowed(self, name: str, size: int) -> World | None:
        """Return the same for one symbol, quicker: what the others may be stays solved, without the reasons."""
        return self._left({name: size}, self.joint, self.alone)

    def _left(self, sizes: Mapping[str, int], limits: Iterable[Limit], starts: Mapping[str, Numbers]) -> World | None:
        """Give symbols sizes in some limits, the others as they start."""
        if any(size not in self.alone[name] for name, size in sizes.items()):
            return None
        left = []
        for limit in limits:
            held = limit.fact.at(**{name: sizes[name] for name in limit.fact.names & sizes.keys()})
            if held is False:
                return None
            if isinstance(held, Fact):
                left.append(limit._replace(fact=held))
        return World(left, {name: numbers for name, numbers in starts.items() if name not in sizes})

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
        world = copy(self)
        world.limits = [*self.limits, *other.limits]
        world.alone = {name: numbers | other.alone[name] for name, numbers in self.alone.items()}
        return world


def simplified(worlds: Iterable[World]) -> list[World]:
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


def solved_at(fact: Fact, name: str, sizes: Mapping[str, int]) -> Numbers:
    """Return the numbers of one symbol that satisfy a fact when the others have sizes."""
    held = fact.at(**{other: size for other, size in sizes.items() if other != name})
    if isinstance(held, bool):
        return Numbers.between(0, None) if held else NONE
    try:
        return solve(held)
    except Unsolvable:  # not periodic: asked one by one, as far as a search goes
        return Numbers.of(value for value in range(1, SEARCH) if held.holds(**{name: value}))
