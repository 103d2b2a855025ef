"""Text of expressions and facts: short, and Python evaluates it back to the same value."""

from __future__ import annotations

from math import gcd

from convshape.arithmetic.atoms import Atom, Floor, Min, Quotient, Scaled, floor_divide, remainder
from convshape.arithmetic.polynomial import (
    add,
    atoms,
    cancel,
    completed,
    constant,
    exact,
    is_number,
    multiply,
    number,
    order,
    shared,
    split,
)
from convshape.arithmetic.ranges import shifted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convshape.arithmetic.polynomial import Monomial, Terms
    from convshape.arithmetic.ranges import Range


class Remainder(Atom):
    """`n % d`, which only exists in text: the normal form has n - d*(n//d)."""

    __slots__ = ()

    @classmethod
    def of(cls, n: Terms, d: Terms) -> Remainder:
        """Make the atom."""
        written = f"{_operand(n)} % {_divisor(d)}"
        atom = cls("{%}" + written)
        atom.written = written
        return atom


class Max(Atom):
    """`max(a, b)`, which only exists in text: the normal form has -min(-a, -b)."""

    __slots__ = ()

    @classmethod
    def of(cls, parts: list[Terms]) -> Max:
        """Make the atom."""
        written = f"max({_listed(parts)})"
        atom = cls("{max}" + written)
        atom.written = written
        return atom


LOOSE = (Floor, Quotient, Remainder)  # need parentheses in a product


def text(terms: Terms) -> str:
    """Write an expression in the shortest of the ways tried, the plainest first."""
    return _shortest(terms)[1]


def _shortest(terms: Terms) -> tuple[int, str, bool]:
    """Write an expression with its length in front, and whether it is a product that // and % may follow."""
    ways = [(spelling, _sum(spelling)) for spelling in _spellings(terms)]
    found = [(len(way), way, _is_product(spelling)) for spelling, way in ways]
    found += [(len(way), way, product) for spelling, _ in ways for way, product in _factored(spelling)]
    return min(found, key=lambda way: (way[0], not way[2]))


def _is_product(terms: Terms) -> bool:
    """Tell whether terms are one product of names, numbers and calls."""
    return len(terms) == 1 and not any(isinstance(atom, LOOSE) for atom in next(iter(terms)))


def _spellings(terms: Terms) -> Iterator[Terms]:
    """Try remainders in place of floors, maxima in place of minima, and a constant inside a floor."""
    terms = _with_remainders(terms)
    yield terms
    if any(isinstance(atom, Min) for monomial in terms for atom in monomial):
        yield _with_maxima(terms)
    for monomial, atom in sorted(atoms(terms)) if () in terms else ():
        if isinstance(atom, Floor) and constant(terms) % terms[monomial] == 0:
            moved = number(constant(terms) // terms[monomial] * atom.d)  # n//d + q == (n + d*q)//d
            rest = {m: c for m, c in terms.items() if m not in {(), monomial}}
            yield rest | {(Floor.of(add(atom.n, moved), atom.d),): terms[monomial]}


def _with_maxima(terms: Terms) -> Terms:
    """Put -max(-a, -b) for min(a, b)."""
    for monomial, coefficient in sorted(terms.items()):
        atom = next((atom for atom in monomial if isinstance(atom, Min)), None)
        if isinstance(atom, Min):
            shift = max(constant(part) for part in atom.parts if not is_number(part))
            parts = [add(number(shift), part, -1) for part in atom.parts]
            others = cancel(monomial, (atom,)) or ()
            terms = add(terms, {monomial: 1, others: -shift}, -coefficient)  # max(c - a, c - b) == c - min(a, b)
            terms = add(terms, {(*others, Max.of(parts)): 1}, -coefficient)
    return terms


def _with_remainders(terms: Terms) -> Terms:
    """Put n % d for every n - d*(n//d)."""
    for monomial in sorted(terms, key=order):
        for sign, n, d in _remainders(terms, monomial):
            whole = add(n, multiply(d, floor_divide(n, d)), -1)
            if all(terms.get(m) == sign * coefficient for m, coefficient in whole.items() if m):
                terms = add(add(terms, whole, -sign), {(Remainder.of(n, d),): sign})
                break
    return terms


def _remainders(terms: Terms, monomial: Monomial) -> Iterator[tuple[int, Terms, Terms]]:
    """List the sign*(n % d) that the floor in a term may belong to."""
    found = remainder(terms, monomial)
    if found:
        yield found[0], found[1], number(found[2])
    for atom in monomial:
        if isinstance(atom, Quotient):
            n, d = atom.parts
            yield 1, n, d
            yield -1, n, d


def _sum(terms: Terms) -> str:
    """Write terms in order, a positive one first where there is one."""
    if not terms:
        return "0"
    ordered = sorted(terms, key=order)
    first = next((monomial for monomial in ordered if terms[monomial] > 0), ordered[0])
    ordered.remove(first)
    parts = [_product(terms[first], first, leads=True)]
    for monomial in ordered:
        parts += (" - " if terms[monomial] < 0 else " + ", _product(abs(terms[monomial]), monomial))
    return "".join(parts)


def _factored(terms: Terms) -> Iterator[tuple[str, bool]]:
    """Write a product of two sums, or the common factor in front of what it multiplies; tell whether // may follow."""
    factors = split(terms)
    if factors:
        yield "*".join(map(_factor, factors)), True
    lacking = completed(unit) if (unit := {monomial: c for monomial, c in terms.items() if monomial}) else None
    more = constant(terms) - (lacking or 0)
    if lacking is not None and more:
        yield f"{text(add(unit, number(lacking)))} {'-' if more < 0 else '+'} {abs(more)}", False
    if len(terms) > 1:
        common = {shared(terms): gcd(*terms.values()) * (-1 if max(terms.values()) < 0 else 1)}
        ((monomial, coefficient),) = common.items()
        if monomial or coefficient != 1:
            inside = exact(terms, common) or {}
            front = "-" if (monomial, coefficient) == ((), -1) else _product(coefficient, monomial, leads=True) + "*"
            yield f"{front}{_factor(inside)}", False


def _factor(terms: Terms) -> str:
    """Write what stands in a product; one that is a product itself needs no parentheses."""
    _, written, product = _shortest(terms)
    return written if product and len(terms) > 1 else f"({written})"


def _product(coefficient: int, monomial: Monomial, *, leads: bool = False) -> str:
    """Write coefficient*atoms; what leads keeps its sign to itself: -L//2 reads as (-L)//2."""
    if not monomial:
        return str(coefficient)
    powers = {atom: monomial.count(atom) for atom in monomial}
    factors = [] if coefficient in {1, -1} else [str(abs(coefficient))]
    alone = not factors and len(monomial) == 1 and not (leads and coefficient < 0)
    for atom, power in powers.items():
        factor = _atom(atom) if alone else _tight(atom)
        factors.append(factor if power == 1 else f"{factor}**{power}")
    return ("-" if coefficient < 0 else "") + "*".join(factors)


def _tight(atom: str) -> str:
    """Write an atom so that it may stand in a product."""
    return f"({_atom(atom)})" if isinstance(atom, LOOSE) else _atom(atom)


def _atom(atom: str) -> str:
    """Write an atom."""
    if not isinstance(atom, Atom):
        return atom
    if not hasattr(atom, "written"):
        atom.written = _written(atom)
    return atom.written


def _written(atom: Atom) -> str:
    """Write an atom from its parts."""
    if isinstance(atom, Floor):
        return f"{_operand(atom.n)}//{atom.d}"
    if isinstance(atom, Quotient):
        return f"{_operand(atom.parts[0])}//{_divisor(atom.parts[1])}"
    if isinstance(atom, Scaled):
        return f"int({_operand(atom.parts[0])} * {atom.factor!r})"
    return f"min({_listed(atom.parts)})"


def _listed(parts: Iterable[Terms]) -> str:
    """Write the parts of a minimum, a number last."""
    return ", ".join(written for _, written in sorted((is_number(part), text(part)) for part in parts))


def _operand(terms: Terms) -> str:
    """Write what stands left of // % or *: sums and floors in parentheses."""
    _, written, product = _shortest(terms)
    return written if product else f"({written})"


def _divisor(terms: Terms) -> str:
    """Write what stands right of // or %: anything but a name or number in parentheses."""
    written = text(terms)
    return written if written.isidentifier() or written.isdecimal() else f"({written})"


def comparison(unit: Terms, found: Range, *, turned: bool) -> str:
    """Write that an expression is in a range, in the shortest of the ways tried."""
    shown = _with_remainders(unit)
    offset = constant(shown)  # (L + 1) % 2 holds one
    low, high = shifted(found, -offset)
    shown = add(shown, number(offset), -1)
    if low is None or high is None:
        return min(_sides(shown, ">=", low) if high is None else _sides(shown, "<=", high), key=len)
    if low != high:
        return f"{low} <= {text(shown)} <= {high}"
    return min(_sides(shown, "==", low, turned=turned), key=len)


def _sides(unit: Terms, sign: str, bound: int | None, *, turned: bool = False) -> Iterator[str]:
    """Write a comparison with its negative terms on the other side, or with a number there."""
    bound = bound or 0
    lacking = completed(unit)
    if lacking is not None:
        yield f"{text(add(unit, number(lacking)))} {sign} {bound + lacking}"
    left = {monomial: coefficient for monomial, coefficient in unit.items() if coefficient > 0}
    right = {monomial: -coefficient for monomial, coefficient in unit.items() if coefficient < 0}
    if right and (sign, bound) in {(">=", 1), ("<=", -1)}:
        yield f"{text(left)} {sign[0]} {text(right)}"
    if right:
        left, right = (left, add(right, number(bound))) if bound >= 0 else (add(left, number(-bound)), right)
        yield f"{text(right)} {sign} {text(left)}" if turned else f"{text(left)} {sign} {text(right)}"
    yield f"{text(unit)} {sign} {bound}"
