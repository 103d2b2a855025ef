"""Solve facts about one symbol exactly: every expression of it is, for each residue of a modulus, a polynomial."""

from __future__ import annotations

from math import lcm

from convshape.arithmetic.atoms import Atom, Floor, Min
from convshape.arithmetic.facts import Both, Either, Fact, Within
from convshape.arithmetic.sets import Numbers, both, merged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from convshape.arithmetic.polynomial import Terms
    from convshape.arithmetic.ranges import Range
    from convshape.arithmetic.sets import Ranges

Polynomial: TypeAlias = "tuple[int, ...]"  # the coefficients of 1, q, q**2, ...
Pieces: TypeAlias = "list[tuple[tuple[int, int | None], Polynomial]]"  # a polynomial for each range of q

LIMIT = 20_000
"""The largest modulus that is worked through."""


class Unsolvable(ValueError):  # noqa: N818  # it names what was found
    """A fact that is not periodic, or whose period is too long: its sizes can only be tried one by one."""


def solve(fact: Fact) -> Numbers:
    """Return the numbers that satisfy a fact about one symbol.

    Raises Unsolvable where the fact divides by a symbol, scales by a float, or has too long a period.
    """
    if isinstance(fact, Both):
        return joined([solve(part) for part in fact.parts], Numbers.__and__)
    if isinstance(fact, Either):
        return joined([solve(part) for part in fact.parts], Numbers.__or__)
    if not isinstance(fact, Within):
        raise Unsolvable(f"{fact} is of no known kind")
    modulus = period(fact.unit)
    if modulus > LIMIT:
        raise Unsolvable(f"{fact} repeats only after {modulus:,} sizes")
    return Numbers([solved(fact, modulus, r) for r in range(modulus)])


def joined(sets: list[Numbers], join: Callable[[Numbers, Numbers], Numbers]) -> Numbers:
    """Join several sets."""
    first, *others = sets
    for other in others:
        first = join(first, other)
    return first


def period(terms: Terms) -> int:
    """Return a modulus m for which the terms are polynomials with whole coefficients in q, for a size m*q + r."""
    found = 1
    for monomial in terms:
        for atom in monomial:
            if isinstance(atom, Floor):
                found = lcm(found, atom.d * period(atom.n))
            elif isinstance(atom, Min):
                found = lcm(found, *map(period, atom.parts))
            elif isinstance(atom, Atom):
                raise Unsolvable(f"{atom} has no period")
    return found


def solved(fact: Within, modulus: int, r: int) -> Ranges:
    """Return the q for which modulus*q + r satisfies a fact."""
    found: list[Range] = []
    for (start, end), polynomial in pieces(fact.unit, modulus, r):
        found += both(between(polynomial, fact.low, fact.high), ((start, end),))
    return merged(found)


def pieces(terms: Terms, modulus: int, r: int) -> Pieces:
    """Write terms as polynomials of q, a single one where there is no minimum in them."""
    total: Pieces = [((0, None), ())]
    for monomial, coefficient in terms.items():
        product: Pieces = [((0, None), (coefficient,))]
        for atom in monomial:
            product = together(product, atom_pieces(atom, modulus, r), multiplied)
        total = together(total, product, added)
    return total


def atom_pieces(atom: str, modulus: int, r: int) -> Pieces:
    """Write a symbol, a floor or a minimum as polynomials of q."""
    if isinstance(atom, Floor):
        return [(where, tuple(c // atom.d for c in p)) for where, p in pieces(atom.n, modulus, r)]
    if isinstance(atom, Min):
        return least(*(pieces(part, modulus, r) for part in atom.parts))
    return [((0, None), (r, modulus))]


def least(a: Pieces, b: Pieces) -> Pieces:
    """Take the smaller of two, each where it is."""
    found: Pieces = []
    for (start, end), p, q in overlaps(a, b):
        difference = added(p, multiplied(q, (-1,)))
        for bounds, smaller in (((None, 0), p), ((1, None), q)):
            for low, high in both(between(difference, *bounds), ((start, end),)):
                found.append(((low or 0, high), smaller))
    return found


def together(a: Pieces, b: Pieces, join: Callable[[Polynomial, Polynomial], Polynomial]) -> Pieces:
    """Join two piece by piece."""
    return [(where, join(p, q)) for where, p, q in overlaps(a, b)]


def overlaps(a: Pieces, b: Pieces) -> list[tuple[tuple[int, int | None], Polynomial, Polynomial]]:
    """Cut two into the ranges where each is one polynomial."""
    return [((low or 0, high), p, q) for one, p in a for other, q in b for low, high in both((one,), (other,))]


def added(p: Polynomial, q: Polynomial) -> Polynomial:
    """Add two polynomials."""
    longer, shorter = (p, q) if len(p) >= len(q) else (q, p)
    return tuple(c + (shorter[i] if i < len(shorter) else 0) for i, c in enumerate(longer))


def multiplied(p: Polynomial, q: Polynomial) -> Polynomial:
    """Multiply two polynomials."""
    total = [0] * max(len(p) + len(q) - 1, 0)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            total[i + j] += a * b
    return tuple(total)


def value(p: Polynomial, q: int) -> int:
    """Evaluate a polynomial."""
    total = 0
    for coefficient in reversed(p):
        total = total * q + coefficient
    return total


def between(p: Polynomial, low: int | None, high: int | None) -> Ranges:
    """Return the q >= 0 with low <= p(q) <= high."""
    found: list[Range] = []
    for start, end in monotone(p):
        rising = value(p, start + 1) >= value(p, start)
        ends = (low, high) if rising else (None if high is None else -high, None if low is None else -low)
        found += stretch(p if rising else multiplied(p, (-1,)), ends, start, end)
    return merged(found)


def monotone(p: Polynomial) -> list[tuple[int, int | None]]:
    """Cut q >= 0 into ranges on each of which p rises or falls throughout; they share their ends."""
    while p and p[-1] == 0:
        p = p[:-1]
    if len(p) <= 2:  # noqa: PLR2004  # a line
        return [(0, None)]
    step = difference(p)
    cuts = {0}
    for start, end in (*between(step, 0, None), *between(step, None, 0)):
        cuts |= {start or 0} | ({end + 1} if end is not None else set())
    ordered = sorted(cuts)
    return list(zip(ordered, [*ordered[1:], None], strict=True))


def difference(p: Polynomial) -> Polynomial:
    """Return p(q + 1) - p(q)."""
    shifted: Polynomial = ()
    for coefficient in reversed(p):
        shifted = added(multiplied(shifted, (1, 1)), (coefficient,))
    return added(shifted, multiplied(p, (-1,)))[:-1]


def stretch(p: Polynomial, wanted: Range, start: int, end: int | None) -> list[Range]:
    """Return the q from start to end with low <= p(q) <= high, where p does not fall."""
    low, high = wanted
    constant = end is None and all(c == 0 for c in p[1:])
    if constant:
        inside = (low is None or low <= value(p, 0)) and (high is None or value(p, 0) <= high)
        return [(start, None)] if inside else []
    first = start if low is None else search(p, low, start, end)
    last = end if high is None else search(p, high + 1, start, end)
    if first is None:
        return []
    if high is not None:
        last = end if last is None else last - 1
    return [] if last is not None and last < first else [(first, last)]


def search(p: Polynomial, wanted: int, start: int, end: int | None) -> int | None:
    """Return the first q from start to end with p(q) >= wanted, None where there is none; p does not fall."""
    step = 1
    while end is None and value(p, start + step) < wanted:
        step *= 2
    low, high = start, start + step if end is None else end
    if value(p, high) < wanted:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if value(p, middle) >= wanted else (middle + 1, high)
    return low
