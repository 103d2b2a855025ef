"""What was assumed, merged: one line for each expression, and nothing that follows from the rest."""

from __future__ import annotations

from convshape.arithmetic.atoms import modulo
from convshape.arithmetic.bounds import Known, as_residue
from convshape.arithmetic.facts import Either, Fact, Within
from convshape.arithmetic.polynomial import number
from convshape.arithmetic.ranges import ANY, Contradiction, meet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from convshape.arithmetic.bounds import Key
    from convshape.dim import Symbols

LIMIT = 40  # comparing each line with all others is left out above this many


def strongest(symbols: Symbols) -> list[Fact]:
    """Merge the assumptions into the fewest facts that say the same, in the order they came up."""
    ranges: dict[Key, Within] = {}
    residues = Known()
    others: dict[Fact, None] = {}
    for fact, _ in symbols.facts:
        if not isinstance(fact, Within):
            others[fact] = None
        elif fact.low is not None and fact.low == fact.high and as_residue(fact.unit, fact.low):
            residues.learn(fact.unit, (fact.low, fact.high))
        else:
            key = frozenset(fact.unit.items())
            before = ranges.get(key)
            found = meet((fact.low, fact.high), (before.low, before.high) if before is not None else ANY)
            ranges[key] = Within(symbols, fact.unit, found, turned=fact.turned)
    merged = [Within(symbols, modulo(dict(key), number(m)), (r, r)) for key, (m, r) in residues.residues.items()]
    return _needed(symbols, [*ranges.values(), *merged, *others])


def assumed(symbols: Symbols) -> list[str]:
    """Say what is taken to hold where sizes leave a choice, such as that two axes that are lined up are equal."""
    choices = [fact.parts for fact in strongest(symbols) if isinstance(fact, Either)]
    return [str(next((part for part in parts if part.follows(symbols.known)), parts[0])) for parts in choices]


def overtaken(symbols: Symbols) -> tuple[Fact, object] | None:
    """Return what is left of a choice, and why, where later facts exclude what was taken; None where they do not."""
    if is_possible(symbols.known):
        return None
    choices = [(fact, why) for fact, why in symbols.facts if isinstance(fact, Either)]
    sure = [fact for fact, _ in symbols.facts if isinstance(fact, Within)]
    left = ((part, why) for choice, why in choices for part in choice.parts if is_left(part, symbols, sure))
    return next(left, None)


def is_left(part: Fact, symbols: Symbols, sure: Iterable[Fact]) -> bool:
    """Tell whether what is sure leaves a part of a choice."""
    try:
        known = known_of(symbols, sure)
        part.narrow(known)
    except Contradiction:
        return False
    return is_possible(known)


def is_possible(known: Known) -> bool:
    """Tell whether what is known leaves any sizes, as far as its bounds show."""
    try:
        for key in [*known.ranges]:
            known.bounds(dict(key))
    except Contradiction:
        return False
    return True


def _needed(symbols: Symbols, facts: list[Fact]) -> list[Fact]:
    """Leave out what follows from the other facts, later ones first."""
    for fact in facts[::-1] if len(facts) <= LIMIT else ():
        others = [other for other in facts if other is not fact]
        if fact.follows(known_of(symbols, others)):
            facts = others
    return facts


def known_of(symbols: Symbols, facts: Iterable[Fact]) -> Known:
    """Know the declared sizes and the facts that leave no alternative."""
    known = Known()
    for name, declared in symbols.declared.items():
        known.learn({(name,): 1}, declared)
    for fact in facts:
        if isinstance(fact, Within):
            fact.narrow(known)
    return known
