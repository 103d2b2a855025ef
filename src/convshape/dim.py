"""Whole-number arithmetic over symbols N, L, H, ...: closed under + - * // %, with a normal form and bounds."""

from __future__ import annotations

from convshape.bounds import Contradiction, Known
from convshape.facts import Fact, Undecided, within
from convshape.polynomial import (
    add,
    evaluate,
    floor_divide,
    multiply,
    names,
    scale_by,
    scale_number,
    smaller,
    substitute,
    times,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn, TypeAlias

    from convshape.bounds import Range
    from convshape.polynomial import Terms

__all__ = [
    "Assumption",
    "Contradiction",
    "Dim",
    "Fact",
    "Size",
    "Symbols",
    "Undecided",
    "broadcast",
    "maximum",
    "minimum",
    "prod",
    "same",
    "scaled",
]

Size: TypeAlias = "int | Dim"
Assumption: TypeAlias = "tuple[Fact, object]"  # what is assumed, and whatever the caller gave as the reason


class Symbols:
    """The environment of one trace: its symbols, and what is known about them."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.facts: list[Assumption] = []
        self.known = Known()

    def symbol(self, name: str, low: int = 1, high: int | None = None) -> Dim:
        """Declare a symbol, or narrow the one that has this name."""
        if not name.isidentifier() or name in {"min", "int"}:
            raise ValueError(f"a symbol is a name such as N or L, got {name!r}")
        if name not in self.names:
            self.names.append(name)
        terms: Terms = {(name,): 1}
        self.known.narrow(terms, (low, high))
        return Dim(self, terms)

    def bounds(self, size: Size) -> Range:
        """Bound a size from both sides by what is known, None where it is unbounded."""
        return self.known.bounds(size.terms) if isinstance(size, Dim) else (size, size)

    def summary(self) -> list[str]:
        """List what was assumed."""
        return list(dict.fromkeys(str(fact) for fact, _ in self.facts))


class Dim:
    """A size that depends on symbols; frozen, and an int as soon as nothing symbolic is left in it."""

    __slots__ = ("_text", "symbols", "terms")

    def __init__(self, symbols: Symbols, terms: Terms) -> None:
        self.symbols = symbols
        self.terms = terms

    @property
    def names(self) -> frozenset[str]:
        """The symbols it depends on."""
        return names(self.terms)

    def at(self, **sizes: int) -> Size:
        """Give symbols sizes; a number when all have one. Raises ZeroDivisionError."""
        if self.names <= sizes.keys():
            return evaluate(self.terms, sizes)
        values: dict[str, Terms] = {name: {(): size} if size else {} for name, size in sizes.items()}
        return self._new(substitute(self.terms, lambda name: values[name] if name in values else {(name,): 1}))

    def _new(self, terms: Terms) -> Size:
        """Wrap terms of the same symbols; constants become plain ints."""
        if len(terms) > 1 or (terms and () not in terms):
            return Dim(self.symbols, terms)
        return terms.get((), 0)

    def _terms(self, other: object) -> Terms | None:
        """Read the other operand, None when it is not a size."""
        if isinstance(other, int):
            return {(): int(other)} if other else {}
        if not isinstance(other, Dim):
            return None
        if other.symbols is not self.symbols:
            raise ValueError(f"{self} and {other} belong to different traces")
        return other.terms

    def __add__(self, other: Size) -> Size:
        terms = self._terms(other)
        return NotImplemented if terms is None else self._new(add(self.terms, terms))

    def __sub__(self, other: Size) -> Size:
        terms = self._terms(other)
        return NotImplemented if terms is None else self._new(add(self.terms, terms, -1))

    def __rsub__(self, other: Size) -> Size:
        terms = self._terms(other)
        return NotImplemented if terms is None else self._new(add(terms, self.terms, -1))

    def __mul__(self, other: Size) -> Size:
        if type(other) is int:
            return self._new(times(self.terms, other))
        terms = self._terms(other)
        return NotImplemented if terms is None else self._new(multiply(self.terms, terms))

    def __floordiv__(self, other: Size) -> Size:
        terms = self._terms(other)
        return NotImplemented if terms is None else self._new(floor_divide(self.terms, terms))

    def __rfloordiv__(self, other: Size) -> Size:
        terms = self._terms(other)
        return NotImplemented if terms is None else self._new(floor_divide(terms, self.terms))

    def __mod__(self, other: Size) -> Size:
        terms = self._terms(other)
        return NotImplemented if terms is None else self._new(_modulo(self.terms, terms))

    def __rmod__(self, other: Size) -> Size:
        terms = self._terms(other)
        return NotImplemented if terms is None else self._new(_modulo(terms, self.terms))

    def __pow__(self, power: int) -> Size:
        if not isinstance(power, int) or power < 0:
            return NotImplemented
        return prod([self] * power)

    def __neg__(self) -> Dim:
        return Dim(self.symbols, times(self.terms, -1))

    def __pos__(self) -> Dim:
        return self

    __radd__ = __add__
    __rmul__ = __mul__

    def __eq__(self, other: object) -> bool | Fact:  # type: ignore[override]  # undecided, it is a Fact
        if isinstance(other, Dim) and (other.terms == self.terms or other.symbols is not self.symbols):
            return other.terms == self.terms
        return self._within(other, 0, 0) if isinstance(other, (int, Dim)) else False

    def __ne__(self, other: object) -> bool | Fact:  # type: ignore[override]
        equal = self == other
        if isinstance(equal, bool):
            return not equal
        return self._within(other, None, -1) | self._within(other, 1, None)

    def __lt__(self, other: Size) -> bool | Fact:
        return self._within(other, None, -1)

    def __le__(self, other: Size) -> bool | Fact:
        return self._within(other, None, 0)

    def __gt__(self, other: Size) -> bool | Fact:
        return self._within(other, 1, None)

    def __ge__(self, other: Size) -> bool | Fact:
        return self._within(other, 0, None)

    def _within(self, other: object, low: int | None, high: int | None) -> bool | Fact:
        """Compare the difference with a range."""
        terms = self._terms(other)
        return NotImplemented if terms is None else within(self.symbols, add(self.terms, terms, -1), low, high)

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __bool__(self) -> NoReturn:
        raise Undecided(
            f"{self} has no number yet, it depends on {', '.join(sorted(self.names))}; use .at() to give one"
        )

    __index__ = __int__ = __bool__

    def __str__(self) -> str:
        if not hasattr(self, "_text"):
            from convshape.printing import text

            self._text = text(self.terms)
        return self._text

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def _modulo(p: Terms, q: Terms) -> Terms:
    """Compute p % q; only floors stay in the normal form, so that L % 2 + 2*(L//2) is L."""
    return add(p, multiply(q, floor_divide(p, q)), -1)


def prod(sizes: Iterable[Size]) -> Size:
    """Multiply sizes; 1 when there are none."""
    total: Size = 1
    for size in sizes:
        total = total * size
    return total


def minimum(a: Size, b: Size) -> Size:
    """Take the smaller of two sizes, `min(a, b)` when nothing decides which that is."""
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    decided = a <= b
    if isinstance(decided, bool):
        return a if decided else b
    first, second = _pair(a, b)
    return first._new(smaller(first.terms, second))  # noqa: SLF001 - the same module


def maximum(a: Size, b: Size) -> Size:
    """Take the larger of two sizes: a + b - min(a, b)."""
    if isinstance(a, int) and isinstance(b, int):
        return max(a, b)
    return a + b - minimum(a, b)


def _pair(a: Size, b: Size) -> tuple[Dim, Terms]:
    """Order two sizes so that the first is a Dim."""
    first, second = (a, b) if isinstance(a, Dim) else (b, a)
    assert isinstance(first, Dim)
    return first, first._terms(second) or {}  # noqa: SLF001 - the same module


def scaled(size: Size, factor: float) -> Size:
    """Compute int(size * factor) in float64, as torch's interpolate does; sizes are not negative."""
    if isinstance(size, int):
        return scale_number(size, factor)
    return size._new(scale_by(size.terms, float(factor)))  # noqa: SLF001 - the same module


def same(a: Size, b: Size) -> bool | Fact:
    """Ask whether two sizes are equal."""
    return a == b


def broadcast(a: Size, b: Size) -> tuple[Size, bool | Fact]:
    """Join two broadcast axes: the size, and what must hold (equal sizes first, then either being 1)."""
    equal = same(a, b)
    if equal is True:
        return a, True
    a_is_1, b_is_1 = same(a, 1), same(b, 1)
    if a_is_1 is True or b_is_1 is True:
        return (b if a_is_1 is True else a), True
    fact = equal | a_is_1 | b_is_1
    if equal is False:
        return (a if a_is_1 is False else b), fact
    return (b if isinstance(b, int) else a), fact
