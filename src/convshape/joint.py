"""Joint facts: what must hold of several symbols together, solved to the list of all pairs where that is finite.

An expression whose coefficients are positive over symbols and floors grows with each symbol. Written over what a symbol
has above its smallest number (H == least + h), most expressions of shapes are of that kind: the negative coefficients
of (H//4 - 2)*(W//4 - 2) are gone. Then the others at their smallest bound a symbol from above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convshape.arithmetic.atoms import Atom, Floor, Min, substitute
from convshape.arithmetic.facts import Within
from convshape.arithmetic.polynomial import constant, number
from convshape.arithmetic.sets import Numbers
from convshape.arithmetic.solve import Unsolvable, solve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convshape.arithmetic.facts import Fact
    from convshape.arithmetic.polynomial import Terms
    from convshape.sizing import World

MOST = 20_000
"""How many numbers of a symbol are worked through."""


class Block(NamedTuple):
    """All pairs of a number of the first symbol and one of the second."""

    first: Numbers
    second: Numbers


def blocks(world: World) -> list[Block] | None:
    """Return the pairs that two tied symbols can be; None where they are not two, or nothing bounds them."""
    names = [name for name in world.alone if name in world.tied]
    if len(names) != 2:  # noqa: PLR2004  # pairs
        return None
    for name, other in (names, names[::-1]):
        highest = bound(world, name)
        if highest is not None and highest <= MOST:
            found = along(world, name, other, highest)
            return found if name == names[0] else [Block(second, first) for first, second in found]
    return None


def along(world: World, name: str, other: str, highest: int) -> list[Block]:
    """Work through the numbers of a symbol; those that leave the other the same numbers stand together."""
    found: dict[Numbers, list[int]] = {}
    known: dict[object, Numbers] = {}
    for value in world.alone[name]:
        if value > highest:
            break
        held = tuple(limit.fact.at(**{name: value}) for limit in world.joint)
        if held not in known:
            known[held] = world.along(other, {name: value})
        if known[held]:
            found.setdefault(known[held], []).append(value)
    return [Block(Numbers.of(values), numbers) for numbers, values in found.items()]


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
