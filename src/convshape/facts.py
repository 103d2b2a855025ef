"""Comparisons of symbolic sizes: decided by what is known, or a Fact that the symbols must satisfy."""

from __future__ import annotations

from convshape.bounds import Contradiction
from convshape.polynomial import Floor, Min, Scaled, add, evaluate, is_floor, names, primitive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from convshape.dim import Symbols
    from convshape.polynomial import Monomial, Terms


class Undecided(TypeError):  # noqa: N818 - it names what was found
    """A symbolic size or comparison was used where Python needs its value."""


class Fact:
    """A comparison that the sizes of symbols decide; never silently False."""

    __slots__ = ("symbols",)
    symbols: Symbols

    def __bool__(self) -> NoReturn:
        raise Undecided(f"whether {self} depends on {', '.join(sorted(self.names))}; assume it, or ask with .holds()")

    def __and__(self, other: bool | Fact) -> bool | Fact:
        if isinstance(other, bool):
            return self if other else False
        return Both(self, other) if isinstance(other, Fact) else NotImplemented

    def __or__(self, other: bool | Fact) -> bool | Fact:
        if isinstance(other, bool):
            return True if other else self
        return Either(self, other) if isinstance(other, Fact) else NotImplemented

    __rand__ = __and__
    __ror__ = __or__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fact) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __repr__(self) -> str:
        return str(self)

    @property
    def names(self) -> frozenset[str]:
        """The symbols it is about."""
        raise NotImplementedError

    def narrow(self) -> None:
        """Add it to what is known, without a record."""
        raise NotImplementedError

    def assume(self, why: object = None) -> None:
        """Hold it true from now on and record why; raise Contradiction when it cannot be."""
        self.narrow()
        self.symbols.facts.append((self, why))

    def holds(self, **sizes: int) -> bool:
        """Evaluate it at sizes of all its symbols."""
        raise NotImplementedError


class Within(Fact):
    """`low <= unit <= high` for a primitive expression; an open end is None."""

    __slots__ = ("high", "low", "unit")

    def __init__(self, symbols: Symbols, unit: Terms, low: int | None, high: int | None) -> None:
        self.symbols, self.unit, self.low, self.high = symbols, unit, low, high

    def __str__(self) -> str:
        from convshape.printing import comparison

        return comparison(self.unit, self.low, self.high)

    @property
    def names(self) -> frozenset[str]:
        """The symbols it is about."""
        return names(self.unit)

    def narrow(self) -> None:
        """Narrow the range that is known of the expression."""
        try:
            self.symbols.known.narrow(self.unit, (self.low, self.high))
        except Contradiction as found:
            raise Contradiction(f"{self} contradicts what is known: {found}") from None

    def holds(self, **sizes: int) -> bool:
        """Evaluate it at sizes of all its symbols."""
        value = evaluate(self.unit, sizes)
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)


class Several(Fact):
    """Facts joined by one word."""

    __slots__ = ("parts",)
    word = ""

    def __init__(self, *facts: Fact) -> None:
        parts: list[Fact] = []
        for fact in facts:
            parts.extend(fact.parts if isinstance(fact, type(self)) else (fact,))  # type: ignore[attr-defined]
        self.symbols, self.parts = parts[0].symbols, tuple(dict.fromkeys(parts))

    def __str__(self) -> str:
        texts = (f"({part})" if isinstance(part, Several) else str(part) for part in self.parts)
        return f" {self.word} ".join(texts)

    @property
    def names(self) -> frozenset[str]:
        """The symbols it is about."""
        return frozenset().union(*[part.names for part in self.parts])


class Either(Several):
    """At least one of several facts."""

    __slots__ = ()
    word = "or"

    def narrow(self) -> None:
        """Take the first alternative, the likeliest."""
        self.parts[0].narrow()

    def holds(self, **sizes: int) -> bool:
        """Evaluate it at sizes of all its symbols."""
        return any(part.holds(**sizes) for part in self.parts)


class Both(Several):
    """All of several facts."""

    __slots__ = ()
    word = "and"

    def narrow(self) -> None:
        """Take every part."""
        for part in self.parts:
            part.narrow()

    def assume(self, why: object = None) -> None:
        """Hold every part true, each with a record of its own."""
        for part in self.parts:
            part.assume(why)

    def holds(self, **sizes: int) -> bool:
        """Evaluate it at sizes of all its symbols."""
        return all(part.holds(**sizes) for part in self.parts)


def within(symbols: Symbols, terms: Terms, low: int | None, high: int | None) -> bool | Fact:
    """Decide `low <= terms <= high`, or return the Fact that says so in normal form."""
    least, most = symbols.known.bounds(terms)
    if (low is not None and most is not None and most < low) or (
        high is not None and least is not None and least > high
    ):
        return False
    above = low is None or (least is not None and least >= low)
    below = high is None or (most is not None and most <= high)
    if above and below:
        return True
    if low != high:  # an end that is known need not be said again, but an equality reads better whole
        low, high = None if above else low, None if below else high
    constant, factor, unit = primitive(terms)
    low, high = None if low is None else low - constant, None if high is None else high - constant
    if factor < 0:
        low, high = None if high is None else -high, None if low is None else -low
    low, high = None if low is None else -(-low // abs(factor)), None if high is None else high // abs(factor)
    if low is not None and high is not None and low > high:  # 2*L == 7
        return False
    fact = _without_min(symbols, unit, low, high)
    return _without_floor(symbols, unit, low, high) if fact is None else fact


def _without_floor(symbols: Symbols, unit: Terms, low: int | None, high: int | None) -> bool | Fact:
    """Say `n//d + r >= c` as `n + d*r >= c*d`, and the like."""
    floors = [m for m, c in unit.items() if c in {1, -1} and len(m) == 1 and is_floor(m[0])]
    if len(floors) != 1 or (len(unit) > 1 and low is not None and high is not None):
        scaled = _without_scaling(unit, low, high)
        return within(symbols, *scaled) if scaled else Within(symbols, unit, low, high)
    (monomial,) = floors
    atom, sign = monomial[0], unit[monomial]
    assert isinstance(atom, Floor)
    d = atom.denominator
    assert isinstance(d, int)
    if sign < 0:  # r - n//d is n'//d + r with n' = -n + d - 1
        numerator = add({(): d - 1}, atom.numerator, -1)
    else:
        numerator = atom.numerator
    terms = add(numerator, add(unit, {monomial: sign}, -1), d)
    # n//d >= c means n >= c*d, and n//d <= c means n <= c*d + d - 1
    return within(symbols, terms, None if low is None else low * d, None if high is None else high * d + d - 1)


def _without_min(symbols: Symbols, unit: Terms, low: int | None, high: int | None) -> bool | Fact | None:
    """Say `min(a, b) >= c` as `a >= c and b >= c`, and `min(a, b) <= c` with `or`."""
    minima = [m for m in unit if len(m) == 1 and isinstance(m[0], Min)]
    if not minima or (low is not None and high is not None):
        return None
    monomial: Monomial = minima[0]
    coefficient = unit[monomial]
    rest = add(unit, {monomial: coefficient}, -1)
    assert isinstance(monomial[0], Min)
    first, second = (within(symbols, add(rest, part, coefficient), low, high) for part in monomial[0].parts)
    return first & second if (coefficient > 0) == (low is not None) else first | second


def _without_scaling(unit: Terms, low: int | None, high: int | None) -> tuple[Terms, int | None, int | None] | None:
    """Say `int(n * 0.3) >= c` as `n >= ` the first number that reaches c."""
    ((atom, *others), *more) = unit
    if others or more or not isinstance(atom, Scaled) or atom.factor <= 0:
        return None
    return atom.parts[0], _first(atom, low), None if high is None else (_first(atom, high + 1) or 0) - 1


def _first(atom: Scaled, wanted: int | None) -> int | None:
    """Find the smallest n with int(n * factor) >= wanted."""
    if wanted is None:
        return None
    n = int(wanted / atom.factor)  # near the answer; float64 decides the last step
    while atom.value(n) >= wanted:
        n -= 1
    while atom.value(n) < wanted:
        n += 1
    return n
