"""Polynomials with whole coefficients; their atoms are strings, and what an atom stands for does not matter here."""

from __future__ import annotations

from math import gcd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

Monomial: TypeAlias = "tuple[str, ...]"  # sorted atoms, repeated for powers; () is the constant's
Terms: TypeAlias = "dict[Monomial, int]"  # no coefficient is 0; never changed once made


def number(value: int) -> Terms:
    """Write a number as terms."""
    return {(): value} if value else {}


def constant(terms: Terms) -> int:
    """Read the term without atoms."""
    return terms.get((), 0)


def is_number(terms: Terms) -> bool:
    """Tell whether no atom is left."""
    return not any(terms)


def order(monomial: Monomial) -> tuple[int, Monomial]:
    """Rank monomials by degree, then by name, the constant last; products keep the order."""
    return -len(monomial), monomial


def leading(terms: Terms) -> Monomial:
    """Pick the first monomial in `order`."""
    return min(terms, key=order)


def plain(terms: Terms) -> str:
    """Spell terms the same way whenever they are equal; for identity, not for people."""
    return "+".join("*".join((str(terms[monomial]), *monomial)) for monomial in sorted(terms))


def add(p: Terms, q: Terms, factor: int = 1) -> Terms:
    """Add `factor` times q to p."""
    total = p.copy()
    for monomial, coefficient in q.items():
        changed = total.get(monomial, 0) + factor * coefficient
        if changed:
            total[monomial] = changed
        else:
            total.pop(monomial, None)
    return total


def times(p: Terms, factor: int) -> Terms:
    """Multiply by a number."""
    return {monomial: factor * coefficient for monomial, coefficient in p.items()} if factor else {}


def multiply(p: Terms, q: Terms) -> Terms:
    """Multiply two polynomials."""
    total: Terms = {}
    for m, a in p.items():
        for n, b in q.items():
            monomial = tuple(sorted(m + n)) if m and n else m or n
            total[monomial] = total.get(monomial, 0) + a * b
    return {monomial: coefficient for monomial, coefficient in total.items() if coefficient}


def cancel(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """Divide one monomial by another, None when it does not divide."""
    left = list(monomial)
    for atom in divisor:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


def shared(terms: Terms) -> Monomial:
    """Find the largest monomial that divides every term."""
    first, *others = terms
    return tuple(
        atom for rank, atom in enumerate(first) if all(other.count(atom) > first[:rank].count(atom) for other in others)
    )


def primitive(terms: Terms) -> tuple[int, int, Terms]:
    """Split into constant + factor*unit: the unit has no constant, coprime coefficients and a positive lead."""
    unit = {monomial: coefficient for monomial, coefficient in terms.items() if monomial} if () in terms else terms
    if len(unit) == 1:
        ((monomial, factor),) = unit.items()
        return constant(terms), factor, {monomial: 1}
    if not unit:
        return constant(terms), 1, unit
    factor = gcd(*unit.values()) * (1 if unit[leading(unit)] > 0 else -1)
    return constant(terms), factor, (unit if factor == 1 else {m: c // factor for m, c in unit.items()})


def exact(p: Terms, q: Terms) -> Terms | None:
    """Divide p by q when nothing remains, else None."""
    lead = leading(q)
    quotient: Terms = {}
    while p:
        top = leading(p)
        rest = cancel(top, lead)
        if rest is None or p[top] % q[lead]:
            return None
        quotient[rest] = p[top] // q[lead]
        p = add(p, multiply({rest: quotient[rest]}, q), -1)
    return quotient


def linear(terms: Terms) -> Iterator[tuple[str, Terms, Terms]]:
    """Write terms as atom*q + r, for each atom that is in them once and has a sum beside it."""
    for atom in dict.fromkeys(atom for monomial in sorted(terms, key=order) for atom in monomial):
        beside = {cancel(monomial, (atom,)) or (): c for monomial, c in terms.items() if atom in monomial}
        if len(beside) > 1 and not any(atom in monomial for monomial in beside):
            yield atom, beside, {monomial: c for monomial, c in terms.items() if atom not in monomial}


def split(terms: Terms) -> tuple[Terms, Terms] | None:
    """Split a product of two sums: a*q + r == (a + r/q)*q."""
    for atom, beside, rest in linear(terms):
        over = exact(rest, beside)
        if over:
            return add(over, {(atom,): 1}), beside
    return None


def completed(unit: Terms) -> int | None:
    """Find the number that makes terms without one a product of two sums: a*q + k*q == (a + k)*q."""
    for _, beside, rest in linear(unit):
        lead = leading(beside)
        k, left = divmod(rest.get(lead, 0), beside[lead])
        lacking = add(rest, beside, -k)
        if k and not left and is_number(lacking):
            return -constant(lacking)
    return None


def content(p: Terms, q: Terms) -> Terms:
    """Find the largest single term that divides every term of both and leaves q a positive lead."""
    return {shared(p | q): gcd(*p.values(), *q.values()) * (1 if q[leading(q)] > 0 else -1)}


def atoms(terms: Terms) -> Iterator[tuple[Monomial, str]]:
    """List the terms that are one atom times a number."""
    return ((monomial, monomial[0]) for monomial in terms if len(monomial) == 1)
