"""Joint facts: what must hold of several symbols together, solved to the list of all that they can be where it ends.

An expression whose coefficients are positive over symbols and floors grows with each symbol. Written over what a symbol
has above its smallest number (H == least + h), most expressions of shapes are of that kind: the negative coefficients
of (H//4 - 2)*(W//4 - 2) are gone. Then the others at their smallest bound a symbol from above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from convshape.arithmetic.atoms import Atom, Floor, Min, names, substitute
from convshape.arithmetic.facts import Within
from convshape.arithmetic.polynomial import constant, number
from convshape.arithmetic.ranges import Contradiction
from convshape.arithmetic.sets import NONE, Numbers
from convshape.arithmetic.solve import Unsolvable, solve
from convshape.arithmetic.summary import known_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convshape.arithmetic.facts import Fact
    from convshape.arithmetic.polynomial import Terms
    from convshape.sizing.world import Limit, World

MOST = 10_000
"""How many numbers of symbols are worked through."""

Block: TypeAlias = "tuple[Numbers, ...]"
"""The numbers of each symbol of a group; they go together in every way."""


class Group(NamedTuple):
    """Symbols that facts tie together, and all that they can be: None where nothing bounds them, or it is too much."""

    names: tuple[str, ...]
    limits: tuple[Limit, ...]
    blocks: list[Block] | None

    def numbers(self, name: str) -> Numbers:
        """Return the numbers that one symbol takes in the blocks."""
        place = self.names.index(name)
        found = NONE
        for block in self.blocks or ():
            found |= block[place]
        return found


def groups(world: World) -> list[Group]:
    """Put together the symbols that joint facts tie, directly or through others."""
    tied: list[set[str]] = []
    for limit in world.joint:
        apart = [one for one in tied if not one & limit.fact.names]
        met = [one for one in tied if one & limit.fact.names]
        tied = [*apart, set(limit.fact.names).union(*met)]
    return [group(world, together) for together in tied]


def group(world: World, together: set[str]) -> Group:
    """List what symbols that are tied can be."""
    ordered = tuple(name for name in world.alone if name in together)
    limits = tuple(limit for limit in world.joint if limit.fact.names <= together)
    try:
        return Group(ordered, limits, Lister().blocks(world, ordered))
    except EndlessError:
        return Group(ordered, limits, None)


class EndlessError(Exception):
    """Nothing bounds what symbols can be, or it is too much to list."""


class Lister:
    """Works through the numbers of symbols, as many as are worth it."""

    def __init__(self) -> None:
        """Start with all of them to go."""
        self.left = MOST
        self.known: dict[object, list[Block]] = {}

    def blocks(self, world: World, ordered: tuple[str, ...]) -> list[Block]:
        """Return all that some symbols of a world can be.

        Raises EndlessError.
        """
        if not any(limit.fact.names & set(ordered) for limit in world.joint):
            block = tuple(world.alone[name] for name in ordered)
            return [block] if all(block) else []
        key = ordered, tuple(world.alone.values()), frozenset(world.joint_facts)
        if key not in self.known:
            self.known[key] = self.along(world, ordered)
        return self.known[key]

    def along(self, world: World, ordered: tuple[str, ...]) -> list[Block]:
        """Work through the numbers of the first symbol that has a bound; those that leave the others alike go together.

        Raises EndlessError.
        """
        name, highest = self.bounded(world, ordered)
        others = tuple(other for other in ordered if other != name)
        found: dict[tuple[Block, ...], list[int]] = {}
        for value in world.alone[name]:
            if value > highest:
                break
            self.left -= 1
            left = world.narrowed(name, value)
            blocks = tuple(self.blocks(left, others)) if left is not None else ()
            if blocks:
                found.setdefault(blocks, []).append(value)
        place = ordered.index(name)
        return [
            (*block[:place], Numbers.of(values), *block[place:]) for blocks, values in found.items() for block in blocks
        ]

    def bounded(self, world: World, ordered: Sequence[str]) -> tuple[str, int]:
        """Return a symbol and a number that it cannot exceed.

        Raises EndlessError.
        """
        for name in ordered:
            highest = bound(world, name)
            if highest is not None and highest <= self.left:
                return name, highest
        raise EndlessError


def bound(world: World, name: str) -> int | None:
    """Return a number that a symbol cannot exceed, None where none is found."""
    found = [upper(limit.fact, name, world.least) for limit in world.joint if name in limit.fact.names]
    if world.alone[name].finite:
        found.append(world.alone[name].previous(MOST + 1))
    return min((one for one in found if one is not None), default=None)


def upper(fact: Fact, name: str, least: Mapping[str, int]) -> int | None:
    """Return the largest number of a symbol that a fact leaves it while the others are at their smallest."""
    if not isinstance(fact, Within) or fact.high is None or not grows(shifted(fact.unit, least)):
        return None
    others = {other: size for other, size in least.items() if other in fact.names and other != name}
    highest = Within(fact.symbols, fact.unit, (None, fact.high)).at(**others)
    try:
        numbers = None if isinstance(highest, bool) else solve(highest)
    except Unsolvable:
        return None
    return numbers.previous(MOST + 1) if numbers is not None and numbers.finite else None


def shifted(terms: Terms, least: Mapping[str, int]) -> Terms:
    """Write terms over what each symbol has above its smallest number."""
    return substitute(terms, {name: {(name,): 1, **number(size)} for name, size in least.items()})


def grows(terms: Terms) -> bool:
    """Tell whether terms are plain to grow with each of their symbols, all of them at least 0."""
    return all(coefficient > 0 and all(map(rises, monomial)) for monomial, coefficient in terms.items() if monomial)


def rises(atom: str) -> bool:
    """Tell whether an atom grows with its symbols and is at least 0."""
    if not isinstance(atom, Atom):
        return True
    return isinstance(atom, (Floor, Min)) and all(grows(part) and constant(part) >= 0 for part in atom.parts)


# --- what follows from the rest ---


def needed(world: World) -> list[Limit]:
    """Return the joint limits that do not follow from all the others, later ones first where two say the same."""
    kept = world.asked
    chosen = {limit.fact: choices(limit.fact) for limit in kept}
    for limit in world.asked[::-1]:
        others = [other.fact for other in kept if other is not limit]
        own = chosen[limit.fact]
        if any(narrower(chosen[other], own) for other in others) or follows(limit.fact, others, world):
            kept = [other for other in kept if other is not limit]
    return kept


def follows(fact: Fact, others: Sequence[Fact], world: World) -> bool:
    """Tell whether a fact is known to follow from others and from what is solved."""
    try:
        return fact.follows(known_of(fact.symbols, [*world.solved, *others]))
    except Contradiction:
        return False


def choices(fact: Fact) -> dict[str, Numbers]:
    """Read a*b*c >= 2 of sizes that are at least 1 as a >= 2, b >= 2 or c >= 2: what each symbol may be; or nothing."""
    if not isinstance(fact, Within) or (fact.low, fact.high) != (2, None) or len(fact.unit) > 1:
        return {}
    found: dict[str, Numbers] = {}
    declared = known_of(fact.symbols, [])
    for atom in next(iter(fact.unit)):
        unit: Terms = {(atom,): 1}
        if declared.decide(unit, (1, None)) is not True or len(names(unit)) > 1:
            return {}
        (name,) = names(unit)
        found[name] = found.get(name, NONE) | solve(Within(fact.symbols, unit, (2, None)))
    return found


def narrower(one: Mapping[str, Numbers], other: Mapping[str, Numbers]) -> bool:
    """Tell whether a choice is plain to leave no more than another does."""
    return bool(one) and all(name in other and numbers <= other[name] for name, numbers in one.items())
