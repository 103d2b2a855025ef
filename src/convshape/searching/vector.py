"""Vector: one size for each of many candidates at once, so that one propagation tries them all.

A Vector is a Dim whose numbers are known: what a rule does to a symbol it does to a whole array. A comparison that
candidates decide differently is a Mask, a Fact: assuming it drops the candidates for which it does not hold. An array
is as long along an axis of the Grid as it depends on it, else 1.

Only a search loads this module: it needs numpy.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from convshape.arithmetic.facts import Fact, Undecided
from convshape.dim import Dim
from convshape.searching.intervals import added, divided, left_over, multiplied, smaller, taken

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from convshape.searching.grid import Grid

    Array = NDArray[Any]

LARGEST = 2**62
"""Beyond it an array holds Python's numbers, which have no end."""


class Mask(Fact):
    """A comparison that holds for some of the candidates and not for others."""

    __slots__ = ("assumed", "held", "parts")
    symbols: Grid

    def __init__(self, grid: Grid, held: Array, parts: tuple[Mask, ...] = ()) -> None:
        """Keep what each candidate says, and the masks that it joins."""
        self.symbols = grid
        self.held = held
        self.parts = parts
        self.assumed = False
        grid.masks.append((len(grid.drops), self))

    def __and__(self, other: bool | Fact) -> bool | Fact:
        if isinstance(other, Mask):
            return self.symbols.settled(self.held & other.held, self, other)
        return super().__and__(other)

    def __or__(self, other: bool | Fact) -> bool | Fact:
        if isinstance(other, Mask):
            return self.symbols.settled(self.held | other.held, self, other)
        return super().__or__(other)

    __rand__ = __and__
    __ror__ = __or__

    def __str__(self) -> str:
        return "a comparison of candidates"

    @property
    def key(self) -> object:
        """Nothing but itself."""
        return id(self)

    @property
    def names(self) -> frozenset[str]:
        """The names it depends on."""
        return self.symbols.names_of(self.held)

    def assume(self, why: object = None) -> None:
        """Drop the candidates for which it does not hold."""
        self.symbols.narrow(self, why)
        self.settle()

    def settle(self) -> None:
        """Note that nothing was decided by it but what it says."""
        self.assumed = True
        for part in self.parts:
            part.settle()

    def select(self, then: Any, other: Any) -> Vector:
        """Take one size where it holds, and another where it does not."""
        one, two = self.vector_of(then), self.vector_of(other)
        return Vector(
            self.symbols, np.where(self.held, one.values, two.values), min(one.low, two.low), max(one.high, two.high)
        )

    def vector_of(self, size: Any) -> Vector:
        """Return a size as a vector of this grid."""
        return size if isinstance(size, Vector) else constant(self.symbols, size)


class Vector(Dim):
    """A size of every candidate; `low` and `high` hold all of them, the dropped ones too."""

    __slots__ = ("high", "low", "values")
    counted = True
    symbols: Grid

    def __init__(self, grid: Grid, values: Array, low: int, high: int) -> None:
        """Keep the sizes and their bounds."""
        self.symbols = grid
        self.values = values
        self.low = low
        self.high = high

    @property
    def names(self) -> frozenset[str]:
        """The names it depends on."""
        return self.symbols.names_of(self.values)

    def _other(self, size: Any) -> Vector | None:
        """Read the other operand, None when it is not a whole number."""
        if isinstance(size, Vector):
            return size
        whole = size.numerator if getattr(size, "denominator", 0) == 1 else None
        return None if whole is None else constant(self.symbols, whole)

    def _made(self, sign: Callable[[Any, Any], Any], other: Any, bounds: Bounds, *, turned: bool = False) -> Any:
        """Compute with another operand, in numbers without end where the bounds leave 64 bits."""
        found = self._other(other)
        if found is None:
            return NotImplemented
        one, two = (found, self) if turned else (self, found)
        if sign in DIVISIONS:
            two = self.symbols.divisor(two)
        low, high = bounds(one, two)
        ends = (low, high, one.low, one.high, two.low, two.high)
        wide = not -LARGEST < min(ends) <= max(ends) < LARGEST
        left, right = (np.asarray(part.values, object) if wide else part.values for part in (one, two))
        return Vector(self.symbols, sign(left, right), low, high)

    def __add__(self, other: Any) -> Any:
        return self._made(operator.add, other, added)

    def __sub__(self, other: Any) -> Any:
        return self._made(operator.sub, other, taken)

    def __rsub__(self, other: Any) -> Any:
        return self._made(operator.sub, other, taken, turned=True)

    def __mul__(self, other: Any) -> Any:
        return self if type(other) is int and other == 1 else self._made(operator.mul, other, multiplied)

    def __floordiv__(self, other: Any) -> Any:
        return self._made(operator.floordiv, other, divided)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._made(operator.floordiv, other, divided, turned=True)

    def __mod__(self, other: Any) -> Any:
        return self._made(operator.mod, other, left_over)

    def __rmod__(self, other: Any) -> Any:
        return self._made(operator.mod, other, left_over, turned=True)

    def __neg__(self) -> Vector:
        return Vector(self.symbols, -self.values, -self.high, -self.low)

    __radd__ = __add__
    __rmul__ = __mul__

    def minimum(self, other: Any) -> Vector:
        """Take the smaller of this and another size."""
        found: Vector = self._made(np.minimum, other, smaller)
        return found

    def scaled(self, factor: float) -> Vector:
        """Compute int(size * factor) in float64."""
        values = np.floor(self.values.astype(np.float64) * factor)
        wide = max(abs(self.low), abs(self.high)) * abs(factor) >= LARGEST
        whole = values.astype(np.int64) if not wide else np.vectorize(int, otypes=[object])(values)
        return Vector(self.symbols, whole, int(whole.min()), int(whole.max()))

    def __eq__(self, other: object) -> Any:
        return self._compared(operator.eq, other, apart=False)

    def __ne__(self, other: object) -> Any:
        return self._compared(operator.ne, other, apart=True)

    def __lt__(self, other: Any) -> Any:
        return self._compared(operator.lt, other)

    def __le__(self, other: Any) -> Any:
        return self._compared(operator.le, other)

    def __gt__(self, other: Any) -> Any:
        return self._compared(operator.gt, other)

    def __ge__(self, other: Any) -> Any:
        return self._compared(operator.ge, other)

    def _compared(self, sign: Callable[[Any, Any], Any], other: Any, *, apart: bool | None = None) -> Any:
        """Compare with another size: by the bounds where they tell, else candidate by candidate.

        `apart` is what equality and inequality say of sizes whose bounds do not meet; an order asks the bounds.
        """
        found = self._real(other)
        if found is None:
            return NotImplemented if apart is None else apart
        low, high, values = found
        if apart is not None:
            if self.high < low or self.low > high:
                return apart
        elif sign(self.low, high) == sign(self.high, low):  # the ends agree, and so does all between
            return sign(self.low, high)
        return self.symbols.settled(sign(self.values, values))

    def _real(self, size: Any) -> tuple[Any, Any, Any] | None:
        """Return the bounds and the values of what it is compared with: a limit such as 1e6 need not be whole."""
        if isinstance(size, Vector):
            return size.low, size.high, size.values
        return (size, size, size) if isinstance(size, (int, float)) else None

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> NoReturn:
        raise Undecided(f"a rule needs one number of {', '.join(sorted(self.names))}, not many")

    __index__ = __int__ = __bool__

    def __str__(self) -> str:
        living = self.symbols.living(self.values)
        low, high = (living.min(), living.max()) if living.size else (self.low, self.high)
        return str(low) if low == high else f"{low}..{high}"

    __repr__ = __str__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a vector belongs to its grid")


if TYPE_CHECKING:
    Bounds = Callable[[Vector, Vector], tuple[int, int]]
DIVISIONS = (operator.floordiv, operator.mod)


def constant(grid: Grid, number: int) -> Vector:
    """Return the same size for every candidate: numpy takes a number for an array of it."""
    values: Any = number
    return Vector(grid, values, number, number)
