"""What is known about expressions: ranges, residues and equalities, and the bounds that follow from them."""

from __future__ import annotations

from math import gcd, lcm

from convshape.arithmetic.atoms import Atom, Floor, Min, Quotient, Scaled, modulo, names, remainder, substitute
from convshape.arithmetic.polynomial import (
    add,
    atoms,
    cancel,
    constant,
    is_number,
    multiply,
    number,
    primitive,
    shared,
    times,
)
from convshape.arithmetic.ranges import (
    ANY,
    Contradiction,
    divided,
    highest,
    inside,
    lowest,
    meet,
    multiplied,
    plus,
    product,
    quotient,
    shifted,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from convshape.arithmetic.polynomial import Monomial, Terms
    from convshape.arithmetic.ranges import Range

Key: TypeAlias = "frozenset[tuple[Monomial, int]]"  # the items of a primitive expression
Residue: TypeAlias = "tuple[int, int]"  # (m, r): r modulo m; m is 1 when nothing is known, 0 for the number r


class Known:
    """What was learned so far, keyed by primitive expressions, and the bounds of everything else."""

    def __init__(self) -> None:
        self.ranges: dict[Key, Range] = {}
        self.residues: dict[Key, Residue] = {}
        self.equal: dict[str, Terms] = {}  # symbols that are written with the others
        self._derived: dict[Key, Range] = {}  # emptied whenever more is known

    def decide(self, terms: Terms, asked: Range) -> bool | None:
        """Tell whether an expression is in a range, None when some sizes put it there and some do not."""
        found = inside(self.bounds(terms), asked)
        if found is None and self.residues and asked[0] is not None and asked[1] is not None:
            m, r = self.residue(terms)
            if m and asked[0] + (r - asked[0]) % m > asked[1]:  # the first number that has the residue is too large
                return False
        return found

    def bounds(self, terms: Terms) -> Range:
        """Bound an expression from both sides."""
        offset, factor, unit = primitive(terms)
        return shifted(multiplied(self._bounds(unit), factor), offset) if unit else (offset, offset)

    def _bounds(self, unit: Terms) -> Range:
        """Bound a primitive expression, once until more is learned."""
        key = frozenset(unit.items())
        found = self._derived.get(key)
        if found is None:
            written = substitute(unit, self.equal) if self.equal else unit
            found = self._derive(unit, key) if written == unit else self.bounds(written)
            self._derived[key] = found
        return found

    def _derive(self, unit: Terms, key: Key) -> Range:
        """Meet what is known of an expression with what follows from its terms."""
        found = meet(self.ranges.get(key, ANY), self._interval(unit))
        if len(unit) > 1 or len(next(iter(unit))) > 1:
            found = meet(meet(found, self._relaxed(unit)), self._cases(unit))
        m, r = self.residue(unit) if self.residues else (1, 0)
        if m > 1:
            low, high = found
            found = None if low is None else low + (r - low) % m, None if high is None else high - (high - r) % m
        return found

    def _interval(self, unit: Terms) -> Range:
        """Add up the ranges of the terms, after their common factor is taken out."""
        if len(unit) == 1:
            (monomial,) = unit
            return self._atom(monomial[0]) if len(monomial) == 1 else self._product(monomial)
        common = shared(unit)
        if common:
            rest = {cancel(monomial, common) or (): coefficient for monomial, coefficient in unit.items()}
            return product(self._product(common), self.bounds(rest))
        total: Range = (0, 0)
        for monomial, coefficient in unit.items():
            total = plus(total, multiplied(self._bounds({monomial: 1}), coefficient))
        return total

    def _product(self, monomial: Monomial) -> Range:
        """Multiply the ranges of atoms."""
        total: Range = (1, 1)
        for atom in monomial:
            total = product(total, self._bounds({(atom,): 1}))
        return total

    def _atom(self, atom: str) -> Range:
        """Bound an atom by its parts, which a symbol does not have."""
        if isinstance(atom, Floor):
            return quotient(self.bounds(atom.n), (atom.d, atom.d))
        if isinstance(atom, Quotient):
            return quotient(self.bounds(atom.parts[0]), self.bounds(atom.parts[1]))
        if isinstance(atom, Min):
            return lowest(self.bounds(atom.parts[0]), self.bounds(atom.parts[1]))
        if isinstance(atom, Scaled):
            low, high = (None if end is None else atom.value([end]) for end in self.bounds(atom.parts[0]))
            return (low, high) if atom.factor >= 0 else (high, low)
        return ANY

    def _relaxed(self, unit: Terms) -> Range:
        """Bound through n//d == (n - n % d)/d, everything collected over one denominator."""
        floors = {monomial: atom for monomial in unit for atom in monomial if isinstance(atom, Floor)}
        if not floors:
            return ANY
        below = lcm(*[atom.d for atom in floors.values()])
        total = times(
            {monomial: coefficient for monomial, coefficient in unit.items() if monomial not in floors}, below
        )
        slack: Range = (0, 0)
        for monomial, atom in floors.items():
            factor = unit[monomial] * (below // atom.d)
            others = cancel(monomial, (atom,)) or ()
            total = add(total, multiply({others: factor}, atom.n))
            slack = plus(slack, multiplied(product(self._product(others), self._remainder(atom)), -factor))
        return divided(plus(self.bounds(total), slack), below)

    def _remainder(self, atom: Floor) -> Range:
        """Bound n % d of a floor n//d."""
        common, r = self.residue(atom.n) if self.residues else (1, 0)
        common = gcd(common, atom.d)
        return r % common, atom.d - common + r % common

    def _cases(self, unit: Terms) -> Range:
        """Bound through min(a, b) being a or b, and never above either."""
        for monomial, atom in atoms(unit):
            if isinstance(atom, Min):
                rest = add(unit, {monomial: unit[monomial]}, -1)
                first, second = (self.bounds(add(rest, part, unit[monomial])) for part in atom.parts)
                return lowest(first, second) if unit[monomial] > 0 else highest(first, second)
        return ANY

    def residue(self, terms: Terms) -> Residue:
        """Find the strongest (m, r) that the residues of the terms give."""
        offset, factor, unit = primitive(substitute(terms, self.equal))
        known = self.residues.get(frozenset(unit.items()))
        if known:
            return abs(factor) * known[0], offset + factor * known[1]
        m, r = 0, offset
        for monomial, coefficient in unit.items():
            n, s = 0, 1
            for atom in monomial:  # (n*i + s)*(m*j + r) is s*r modulo n*m, n*r and m*s
                o, t = self.residues.get(frozenset({((atom,), 1)}), (1, 0))
                n, s = gcd(n * o, n * t, o * s), s * t
            m, r = gcd(m, factor * coefficient * n), r + factor * coefficient * s
        return m, r

    def learn(self, terms: Terms, found: Range) -> None:
        """Narrow the range of an expression; raise Contradiction when nothing is left of it."""
        offset, factor, unit = primitive(substitute(terms, self.equal))
        if not unit:
            meet(found, (offset, offset))
            return
        low, high = meet(divided(shifted(found, -offset), factor), self._bounds(unit))
        before = (self.ranges.copy(), self.residues.copy(), self.equal) if low is not None and low == high else None
        self.ranges[frozenset(unit.items())] = low, high
        self._derived.clear()
        if before and low is not None:
            try:
                self._learn_equality(unit, low)
            except Contradiction:
                self.ranges, self.residues, self.equal = before
                raise

    def _learn_equality(self, unit: Terms, value: int) -> None:
        """Read `n % d == r` as a residue, and write one symbol with the others where that is possible."""
        found = as_residue(unit, value)
        if found:
            self._learn_residue(*found)
            return
        for monomial, symbol in atoms(unit):
            rest = add(unit, {monomial: unit[monomial]}, -1)
            if unit[monomial] in {1, -1} and not isinstance(symbol, Atom) and symbol not in names(rest):
                self._replace(symbol, times(add(number(value), rest, -1), unit[monomial]))
                return

    def _replace(self, symbol: str, value: Terms) -> None:
        """Write a symbol with the others from now on, in what was learned too."""
        self.equal = {name: substitute(terms, {symbol: value}) for name, terms in self.equal.items()} | {symbol: value}
        ranges, residues = self.ranges, self.residues
        self.ranges, self.residues = {}, {}
        self._derived.clear()
        for key, found in ranges.items():
            self.learn(dict(key), found)
        for key, (m, r) in residues.items():
            self._learn_residue(substitute(dict(key), self.equal), m, r)

    def _learn_residue(self, n: Terms, d: int, r: int) -> None:
        """Add that n is r modulo d; raise Contradiction when another residue excludes it."""
        offset, factor, unit = primitive(n)
        common = gcd(factor, d)
        if (r - offset) % common:
            raise Contradiction(f"{r} modulo {d}")
        d //= common  # factor*x == r - offset modulo d
        r = (r - offset) // common * pow(factor // common, -1, d) % d
        inner = self._inside(unit)
        if inner:  # n == e*(n//e) + n % e
            self._learn_residue(inner.n, inner.d * d, inner.d * r + self.residue(inner.n)[1] % inner.d)
            return
        key = frozenset(unit.items())
        self.residues[key] = joined(self.residues.get(key, (1, 0)), (d, r))
        self._derived.clear()
        for other in [other for other in self.residues if self._inside(dict(other))]:
            self._learn_residue(dict(other), *self.residues.pop(other, (1, 0)))

    def _inside(self, unit: Terms) -> Floor | None:
        """Find the floor n//d that an expression is, when n % d is known."""
        atom = next((atom for _, atom in atoms(unit)), None) if len(unit) == 1 else None
        return atom if isinstance(atom, Floor) and self.residue(atom.n)[0] % atom.d == 0 else None


def as_residue(unit: Terms, value: int) -> tuple[Terms, int, int] | None:
    """Read `unit == value` as n being r modulo d, None when it is something else."""
    for monomial in unit:
        sign, n, d = remainder(unit, monomial) or (1, {}, 1)
        rest = add(unit, modulo(n, number(d)), -sign)
        if d > 1 and is_number(rest):
            return n, d, sign * (value - constant(rest))
    return None


def joined(a: Residue, b: Residue) -> Residue:
    """Find the residue that two of them make together (the Chinese remainder theorem)."""
    common = gcd(a[0], b[0])
    if (a[1] - b[1]) % common:
        raise Contradiction(f"{a[1]} modulo {a[0]} and {b[1]} modulo {b[0]}")
    m = b[0] // common
    steps = (b[1] - a[1]) // common * pow(a[0] // common, -1, m) % m
    return a[0] * m, (a[1] + a[0] * steps) % (a[0] * m)
