"""Whole-number arithmetic over symbols N, L, H, ...: closed under + - * // %, with a normal form and bounds."""

from __future__ import annotations

from convshape.arithmetic.atoms import evaluate, floor_divide, modulo, names, scale, scale_number, smaller, substitute
from convshape.arithmetic.bounds import Known
from convshape.arithmetic.compare import within
from convshape.arithmetic.facts import Either, Fact, Undecided
from convshape.arithmetic.polynomial import add, multiply, number, times
from convshape.arithmetic.ranges import ANY, Contradiction, meet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import NoReturn, TypeAlias

    from convshape.arithmetic.polynomial import Terms
    from convshape.arithmetic.ranges import Range

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
    "symbolic",
]

Size: TypeAlias = "int | Dim"
Assumption: TypeAlias = "tuple[Fact, object]"  # what is assumed, and whatever the caller gave as the reason


class Symbols:
    """The environment of one trace: its symbols, and what is known about them."""

    def __init__(self) -> None:
        self.declared: dict[str, Range] = {}
        self.facts: list[Assumption] = []
        self.known = Known()
        self.believed: int | None = None  # how many facts are learned from; the later ones are recorded only

    @property
    def believes(self) -> bool:
        """Whether the next fact is learned from."""
        return self.believed is None or len(self.facts) < self.believed

    @property
    def names(self) -> tuple[str, ...]:
        """The symbols in the order of their declaration."""
        return tuple(self.declared)

    def symbol(self, name: str, low: int = 1, high: int | None = None) -> Dim:
        """Declare a symbol, or narrow the one that has this name. Raises ValueError, Contradiction."""
        if not name.isidentifier() or name in {"min", "max", "int"}:
            raise ValueError(f"a symbol has a name such as N or L, not {name!r}")
        terms: Terms = {(name,): 1}
        self.declared[name] = meet(self.declared.get(name, ANY), (low, high))
        self.known.learn(terms, (low, high))
        return Dim(self, terms)

    def bounds(self, size: Size) -> Range:
        """Bound a size from both sides by what is known, None where it is unbounded."""
        return self.known.bounds(size.terms) if isinstance(size, Dim) else (size, size)

    def strongest(self) -> list[Fact]:
        """Merge the assumptions into the fewest facts that say the same."""
        from convshape.arithmetic.summary import strongest

        return strongest(self)

    def take(self, fact: Fact, why: object = None) -> None:
        """Hold a fact true from now on and record why; raise Contradiction when it cannot be."""
        if self.believes:
            fact.narrow(self.known)
        self.facts.append((fact, why))

    def overtaken(self) -> tuple[Fact, object] | None:
        """Return what is left of a choice, and why, where later facts exclude what was taken of it."""
        if not any(isinstance(fact, Either) for fact, _ in self.facts):
            return None
        from convshape.arithmetic.summary import overtaken

        return overtaken(self)

    def summary(self) -> list[str]:
        """Write the strongest facts, such as `L >= 13`, `L == M` and `H % 32 == 0`."""
        return [str(fact) for fact in self.strongest()]


class Dim:
    """A size that depends on symbols; frozen, and an int as soon as nothing symbolic is left in it."""

    __slots__ = ("_text", "symbols", "terms")
    counted = False  # whether it is numbers, one for each candidate of a search

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
        return self._new(substitute(self.terms, {name: number(size) for name, size in sizes.items()}))

    def minimum(self, other: Size) -> Size:
        """Take the smaller of this and another size."""
        least, most = self.symbols.bounds(self - other)
        if most is not None and most <= 0:
            return self
        return other if least is not None and least >= 0 else self._new(smaller(self.terms, self._terms(other) or {}))

    def scaled(self, factor: float) -> Size:
        """Compute int(self * factor) in float64."""
        return self._new(scale(self.terms, factor))

    def _new(self, terms: Terms) -> Size:
        """Wrap terms of the same symbols; constants become plain ints."""
        if len(terms) > 1 or (terms and () not in terms):
            return Dim(self.symbols, terms)
        return terms.get((), 0)

    def _terms(self, other: object) -> Terms | None:
        """Read the other operand, None when it is not a size."""
        if isinstance(other, int):
            return number(int(other))
        if isinstance(other, float):
            raise Undecided(f"what {self} and {other} make depends on {', '.join(sorted(self.names))}")
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
        return NotImplemented if terms is None else self._new(modulo(self.terms, terms))

    def __rmod__(self, other: Size) -> Size:
        terms = self._terms(other)
        return NotImplemented if terms is None else self._new(modulo(terms, self.terms))

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
        return self._minus(other, (0, 0)) if isinstance(other, (int, Dim)) else False

    def __ne__(self, other: object) -> bool | Fact:  # type: ignore[override]
        equal = self == other
        return not equal if isinstance(equal, bool) else self._minus(other, (None, -1)) | self._minus(other, (1, None))

    def __lt__(self, other: Size) -> bool | Fact:
        return self._minus(other, (None, -1))

    def __le__(self, other: Size) -> bool | Fact:
        return self._minus(other, (None, 0))

    def __gt__(self, other: Size) -> bool | Fact:
        return self._minus(other, (1, None))

    def __ge__(self, other: Size) -> bool | Fact:
        return self._minus(other, (0, None))

    def _minus(self, other: object, asked: Range) -> bool | Fact:
        """Ask whether the difference is in a range."""
        terms = self._terms(other)
        return NotImplemented if terms is None else within(self.symbols, add(self.terms, terms, -1), asked)

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __bool__(self) -> NoReturn:
        raise Undecided(
            f"{self} has no number yet, it depends on {', '.join(sorted(self.names))}; use .at() to give one"
        )

    __index__ = __int__ = __abs__ = __bool__

    def __str__(self) -> str:
        if not hasattr(self, "_text"):
            from convshape.arithmetic.printing import text

            self._text = text(self.terms)
        return self._text

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def symbolic(size: object) -> bool:
    """Tell whether a size has no number; candidates of a search, where a rule asks this, are tried one by one."""
    return isinstance(size, Dim) and (not size.counted or bool(size))


def prod(sizes: Iterable[Size]) -> Size:
    """Multiply sizes; 1 when there are none."""
    total: Size = 1
    for size in sizes:
        total = total * size
    return total


def minimum(a: Size, b: Size) -> Size:
    """Take the smaller of two sizes, `min(a, b)` when nothing decides which that is."""
    first, second = (b, a) if isinstance(a, int) else (a, b)
    return min(first, second) if isinstance(first, int) else first.minimum(second)


def maximum(a: Size, b: Size) -> Size:
    """Take the larger of two sizes, -min(-a, -b) when nothing decides which that is."""
    return max(a, b) if isinstance(a, int) and isinstance(b, int) else -minimum(-a, -b)


def scaled(size: Size, factor: float) -> Size:
    """Compute int(size * factor) in float64, as torch's interpolate does; sizes are not negative."""
    if isinstance(size, int):
        return scale_number(size, factor)
    return size.scaled(float(factor))


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
    chosen = a_is_1.select(b, a) if isinstance(a_is_1, Fact) else None
    if chosen is not None:
        return chosen, fact
    if equal is False:
        return (a if a_is_1 is False else b), fact
    return (b if isinstance(b, int) else a), fact
