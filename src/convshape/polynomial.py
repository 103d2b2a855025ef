"""Polynomials with whole coefficients over symbols, and over the floors, minima and scaled sizes made from them."""

from __future__ import annotations

from math import floor, gcd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

Monomial: TypeAlias = "tuple[str, ...]"  # sorted atoms, repeated for powers; () is the constant's
Terms: TypeAlias = "dict[Monomial, int]"  # no coefficient is 0; treated as frozen once made


class Atom(str):
    """A factor that is not a symbol: its text is its identity, so it hashes, sorts and compares as a string does."""

    __slots__ = ("parts", "written")
    parts: tuple[Terms, ...]
    written: str  # what printing.py made of it, once asked

    def build(self, *parts: Terms) -> Terms:
        """Make the same operation on other parts."""
        raise NotImplementedError

    def value(self, *parts: int) -> int:
        """Compute the operation on the parts' values."""
        raise NotImplementedError


class Floor(Atom):
    """`numerator // denominator`, after every identity of `divide` was applied."""

    __slots__ = ("denominator", "numerator")
    numerator: Terms
    denominator: int | Terms

    def __new__(cls, numerator: Terms, denominator: int | Terms) -> Floor:
        below = {(): denominator} if isinstance(denominator, int) else denominator
        atom = str.__new__(cls, "{" + plain(numerator) + "}//{" + plain(below) + "}")
        atom.numerator, atom.denominator, atom.parts = numerator, denominator, (numerator, below)
        return atom

    def build(self, *parts: Terms) -> Terms:
        """Divide other parts."""
        return floor_divide(*parts)

    def value(self, *parts: int) -> int:
        """Divide two numbers."""
        return parts[0] // parts[1]


class Min(Atom):
    """The smaller of two sizes when nothing decides which that is."""

    __slots__ = ()

    def __new__(cls, first: Terms, second: Terms) -> Min:
        atom = str.__new__(cls, "{min}" + plain(first) + "," + plain(second) + "}")
        atom.parts = (first, second)
        return atom

    def build(self, *parts: Terms) -> Terms:
        """Take the smaller of other parts."""
        return smaller(*parts)

    def value(self, *parts: int) -> int:
        """Take the smaller of two numbers."""
        return min(parts)


class Scaled(Atom):
    """`int(size * factor)` in float64, as torch's interpolate computes it."""

    __slots__ = ("factor",)
    factor: float

    def __new__(cls, size: Terms, factor: float) -> Scaled:
        atom = str.__new__(cls, "{int}" + plain(size) + "*" + repr(factor))
        atom.parts, atom.factor = (size,), factor
        return atom

    def build(self, *parts: Terms) -> Terms:
        """Scale another size."""
        return scale_by(parts[0], self.factor)

    def value(self, *parts: int) -> int:
        """Scale a number."""
        return scale_number(parts[0], self.factor)


def order(monomial: Monomial) -> tuple[int, Monomial]:
    """Rank monomials by degree, then by name, the constant last; products keep the order."""
    return -len(monomial), monomial


def leading(terms: Terms) -> Monomial:
    """Pick the first monomial in `order`."""
    return min(terms, key=order) if len(terms) > 1 else next(iter(terms))


def plain(terms: Terms) -> str:
    """Spell terms the same way whenever they are equal; for identity, not for people."""
    if len(terms) == 1:
        ((monomial, coefficient),) = terms.items()
        return "*".join(monomial) if coefficient == 1 and monomial else "*".join((str(coefficient), *monomial))
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
    for other in others:
        if not first:
            break
        left = list(other)
        first = tuple(atom for atom in first if atom in left and not left.remove(atom))  # type: ignore[func-returns-value]
    return first


def primitive(terms: Terms) -> tuple[int, int, Terms]:
    """Split into constant + factor*unit: the unit has no constant, coprime coefficients and a positive lead."""
    constant = terms.get((), 0)
    unit = {monomial: coefficient for monomial, coefficient in terms.items() if monomial} if constant else terms
    if len(unit) == 1:
        ((monomial, factor),) = unit.items()
        return constant, factor, (unit if factor == 1 else {monomial: 1})
    if not unit:
        return constant, 1, unit
    factor = gcd(*unit.values()) * (1 if unit[leading(unit)] > 0 else -1)
    return constant, factor, (unit if factor == 1 else {m: c // factor for m, c in unit.items()})


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


def divide(p: Terms, d: int) -> Terms:
    """Compute p // d for a number d, in normal form."""
    if d == 0:
        raise ZeroDivisionError(f"{plain(p)} is divided by zero")
    if d < 0:
        return divide(times(p, -1), -d)  # n//d == (-n)//(-d)
    if d == 1:
        return p
    whole: Terms = {}
    rest: Terms = {}
    for monomial, coefficient in p.items():  # (d*q + r)//d == q + r//d
        if monomial and coefficient % d:
            rest[monomial] = coefficient
        elif coefficient // d:
            whole[monomial] = coefficient // d
    if not rest:
        return whole
    constant = p.get((), 0) % d
    common = gcd(d, *rest.values())
    if common > 1:  # (g*u + c)//(g*m) == (u + c//g)//m
        rest = {monomial: coefficient // common for monomial, coefficient in rest.items()}
        d, constant = d // common, constant // common
    if constant:
        rest[()] = constant
    below = _floor(rest, d)
    return add(whole, below) if whole else below


def _floor(rest: Terms, d: int) -> Terms:
    """Compute rest // d where d > 1 shares nothing with the coefficients of rest."""
    inner = [m for m, c in rest.items() if c in {1, -1} and len(m) == 1 and is_floor(m[0])]
    if len(inner) == 1:
        (monomial,) = inner
        atom = monomial[0]
        assert isinstance(atom, Floor)
        assert isinstance(atom.denominator, int)
        n, e = atom.numerator, atom.denominator
        others = add(rest, {monomial: rest[monomial]}, -1)
        if rest[monomial] < 0:  # -(n//e) == (-n + e - 1)//e
            n = add({(): e - 1}, n, -1)
        return divide(add(n, others, e), e * d)  # (n//e + r)//d == (n + r*e)//(e*d)
    if rest[leading(rest)] < 0:  # (-n)//d == -((n + d - 1)//d)
        return times(divide(add({(): d - 1}, rest, -1), d), -1)
    return {(Floor(rest, d),): 1}


def is_floor(atom: str) -> bool:
    """Tell whether an atom is a floor by a number."""
    return isinstance(atom, Floor) and isinstance(atom.denominator, int)


def floor_divide(p: Terms, q: Terms) -> Terms:
    """Compute p // q, in normal form."""
    if len(q) <= 1 and all(not monomial for monomial in q):
        return divide(p, q.get((), 0))
    quotient = exact(p, q)
    if quotient is not None:
        return quotient
    if len(q) == 1:  # (d*q + r)//d == q + r//d
        whole = {m: c for m, c in p.items() if exact({m: c}, q) is not None}
        if whole:
            return add(exact(whole, q) or {}, floor_divide(add(p, whole, -1), q))
    common = {shared(p | q): gcd(*p.values(), *q.values()) * (1 if q[leading(q)] > 0 else -1)}
    if common != {(): 1}:  # (g*n)//(g*d) == n//d
        return floor_divide(exact(p, common) or {}, exact(q, common) or {})
    return {(Floor(p, q),): 1}


def smaller(a: Terms, b: Terms) -> Terms:
    """Write min(a, b) with the constant they share taken out."""
    difference = add(a, b, -1)
    if not any(difference):
        return a if difference.get((), 0) <= 0 else b
    constants = [terms.get((), 0) for terms in (a, b) if any(terms)]
    shift = {(): min(constants)}
    first, second = sorted((add(a, shift, -1), add(b, shift, -1)), key=lambda terms: (not any(terms), plain(terms)))
    return add({(Min(first, second),): 1}, shift if shift[()] else {})  # min(a + c, b + c) == min(a, b) + c


def scale_number(size: int, factor: float) -> int:
    """Compute int(size * factor) in float64."""
    return floor(float(size) * factor)


def scale_by(size: Terms, factor: float) -> Terms:
    """Write int(size * factor), exactly where the factor is a whole or small dyadic number."""
    if not any(size):
        return {(): value} if (value := scale_number(size.get((), 0), factor)) else {}
    above, below = factor.as_integer_ratio()
    if below <= 1 << 10:  # size*above stays below 2**53, so float64 is exact
        return divide(times(size, above), below)
    return {(Scaled(size, factor),): 1}


def evaluate(terms: Terms, sizes: Mapping[str, int]) -> int:
    """Compute the value at the sizes of every symbol."""
    total = 0
    for monomial, coefficient in terms.items():
        product = coefficient
        for atom in monomial:
            if isinstance(atom, Atom):
                product *= atom.value(*[evaluate(part, sizes) for part in atom.parts])
            else:
                product *= sizes[atom]
        total += product
    return total


def substitute(terms: Terms, replace: Callable[[str], Terms]) -> Terms:
    """Put polynomials in place of symbols."""
    total: Terms = {}
    for monomial, coefficient in terms.items():
        product = {(): coefficient}
        for atom in monomial:
            if isinstance(atom, Atom):
                product = multiply(product, atom.build(*[substitute(part, replace) for part in atom.parts]))
            else:
                product = multiply(product, replace(atom))
        total = add(total, product)
    return total


def names(terms: Terms) -> frozenset[str]:
    """List the symbols that occur."""
    found: set[str] = set()
    for monomial in terms:
        for atom in monomial:
            if isinstance(atom, Atom):
                found.update(*map(names, atom.parts))
            else:
                found.add(atom)
    return frozenset(found)
