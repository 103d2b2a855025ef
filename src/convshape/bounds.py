"""What is known about expressions: ranges, residues and equalities, and the bounds that follow from them."""

from __future__ import annotations

from math import lcm

from convshape.polynomial import Atom, Floor, Min, Scaled, add, cancel, is_floor, multiply, primitive, shared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from convshape.polynomial import Monomial, Terms

Range: TypeAlias = "tuple[int | None, int | None]"  # both ends included, None is unbounded
Key: TypeAlias = "frozenset[tuple[Monomial, int]]"  # the items of a primitive expression
ANY: Range = (None, None)


class Contradiction(ValueError):  # noqa: N818 - it names what was found
    """Two assumptions that no sizes satisfy together."""


class Known:
    """The ranges assumed so far, keyed by primitive expressions, and the bounds of everything else."""

    def __init__(self) -> None:
        self.ranges: dict[Key, Range] = {}
        self._derived: dict[Key, Range] = {}  # emptied whenever more is known

    def bounds(self, terms: Terms) -> Range:
        """Bound an expression from both sides."""
        constant, factor, unit = primitive(terms)
        return shifted(scaled(self.unit(unit), factor), constant) if unit else (constant, constant)

    def narrow(self, unit: Terms, found: Range) -> None:
        """Add a range for a primitive expression; raise Contradiction when nothing is left of it."""
        key = frozenset(unit.items())
        meet(found, self.unit(unit))
        self.ranges[key] = meet(found, self.ranges.get(key, ANY))
        self._derived.clear()

    def unit(self, unit: Terms) -> Range:
        """Bound a primitive expression: what is known of it, met with what follows from its terms."""
        key = frozenset(unit.items())
        found = self._derived.get(key)
        if found is None:
            found = meet(self.ranges.get(key, ANY), self._interval(unit))
            if len(unit) > 1 or len(next(iter(unit))) > 1:
                found = meet(meet(found, self._relaxed(unit)), self._cases(unit))
            self._derived[key] = found
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
            total = plus(total, scaled(self.unit({monomial: 1}), coefficient))
        return total

    def _product(self, monomial: Monomial) -> Range:
        """Multiply the ranges of atoms."""
        total: Range = (1, 1)
        for atom in monomial:
            total = product(total, self.unit({(atom,): 1}))
        return total

    def _atom(self, atom: str) -> Range:
        """Bound an atom by its parts; nothing is said of a symbol here."""
        if not isinstance(atom, Atom):
            return ANY
        parts = [self.bounds(part) for part in atom.parts]
        if isinstance(atom, Floor):
            return quotient(*parts)
        if isinstance(atom, Min):
            return lowest(parts[0], parts[1])
        assert isinstance(atom, Scaled)
        ends = [None if end is None else atom.value(end) for end in parts[0]]
        return (ends[0], ends[1]) if atom.factor >= 0 else (ends[1], ends[0])

    def _relaxed(self, unit: Terms) -> Range:
        """Bound through n//d == (n - n % d)/d, everything collected over one denominator."""
        floors = {monomial: atom for monomial in unit for atom in monomial if is_floor(atom)}
        if not floors:
            return ANY
        below = lcm(*[atom.denominator for atom in floors.values()])  # type: ignore[attr-defined]
        total: Terms = {}
        slack: Range = (0, 0)
        for monomial, coefficient in unit.items():
            atom = floors.get(monomial)
            if not isinstance(atom, Floor) or not isinstance(atom.denominator, int):
                total = add(total, {monomial: coefficient * below})
                continue
            factor = coefficient * (below // atom.denominator)
            others = cancel(monomial, (atom,)) or ()
            total = add(total, multiply({others: factor}, atom.numerator))
            slack = plus(slack, scaled(product(self._product(others), (0, atom.denominator - 1)), -factor))
        low, high = plus(self.bounds(total), slack)
        return None if low is None else -(-low // below), None if high is None else high // below

    def _cases(self, unit: Terms) -> Range:
        """Bound through min(a, b) being a or b, and never above either."""
        for monomial, coefficient in unit.items():
            atom = monomial[0] if len(monomial) == 1 else None
            if isinstance(atom, Min):
                rest = add(unit, {monomial: coefficient}, -1)
                first, second = (self.bounds(add(rest, part, coefficient)) for part in atom.parts)
                return lowest(first, second) if coefficient > 0 else highest(first, second)
        return ANY


def meet(a: Range, b: Range) -> Range:
    """Intersect two ranges; raise Contradiction when they share nothing."""
    low = a[0] if b[0] is None or (a[0] is not None and a[0] > b[0]) else b[0]
    high = a[1] if b[1] is None or (a[1] is not None and a[1] < b[1]) else b[1]
    if low is not None and high is not None and low > high:
        raise Contradiction(f"a size would have to be at least {low} and at most {high}")
    return low, high


def plus(a: Range, b: Range) -> Range:
    """Add two ranges."""
    return None if a[0] is None or b[0] is None else a[0] + b[0], None if a[1] is None or b[1] is None else a[1] + b[1]


def shifted(a: Range, constant: int) -> Range:
    """Add a number to a range."""
    return None if a[0] is None else a[0] + constant, None if a[1] is None else a[1] + constant


def scaled(a: Range, factor: int) -> Range:
    """Multiply a range by a number."""
    low, high = a if factor >= 0 else (a[1], a[0])
    if factor == 0:
        return 0, 0
    return None if low is None else low * factor, None if high is None else high * factor


def product(a: Range, b: Range) -> Range:
    """Multiply two ranges; unbounded where an unbounded end meets both signs."""
    if (0, 0) in {a, b}:
        return 0, 0
    if a[0] is not None and b[0] is not None and a[0] >= 0 and b[0] >= 0:
        return a[0] * b[0], 0 if 0 in {a[1], b[1]} else None if a[1] is None or b[1] is None else a[1] * b[1]
    if a[1] is not None and a[1] <= 0:
        return scaled(product(scaled(a, -1), b), -1)
    if b[1] is not None and b[1] <= 0:
        return scaled(product(a, scaled(b, -1)), -1)
    if a[0] is None or a[1] is None or b[0] is None or b[1] is None:
        return ANY
    ends = [x * y for x in a for y in b]
    return min(ends), max(ends)


def quotient(a: Range, b: Range) -> Range:
    """Divide two ranges, rounding down; nothing is said of a denominator that may be below 1."""
    if b[0] is None or b[0] < 1:
        return ANY
    # n//d grows with n; a larger d brings it closer to 0 from above, to -1 from below
    lows = [] if a[0] is None else [a[0] // b[0], (-1 if a[0] < 0 else 0) if b[1] is None else a[0] // b[1]]
    highs = [] if a[1] is None else [a[1] // b[0], (-1 if a[1] < 0 else 0) if b[1] is None else a[1] // b[1]]
    return min(lows, default=None), max(highs, default=None)


def lowest(a: Range, b: Range) -> Range:
    """Bound the smaller of two."""
    low = None if a[0] is None or b[0] is None else min(a[0], b[0])
    highs = [end for end in (a[1], b[1]) if end is not None]
    return low, min(highs, default=None)


def highest(a: Range, b: Range) -> Range:
    """Bound the larger of two."""
    return scaled(lowest(scaled(a, -1), scaled(b, -1)), -1)
