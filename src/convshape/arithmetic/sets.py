"""Sets of whole numbers that are eventually periodic: for each residue of a modulus, the ranges that it fills."""

from __future__ import annotations

from math import lcm
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from convshape.arithmetic.ranges import Range

Ranges: TypeAlias = "tuple[Range, ...]"  # in ascending order, none touching the next; only the last may have no end


class Form(NamedTuple):
    """A set in its one form: the `runs` below `start`, and from there on the `residues` of a `modulus`."""

    modulus: int
    residues: tuple[int, ...]
    start: int
    runs: tuple[tuple[int, int], ...]


class Numbers:
    """A set of whole numbers >= 0: `classes[r]` holds ranges of q, and q stands for the number modulus*q + r."""

    __slots__ = ("classes", "modulus")

    def __init__(self, classes: Iterable[Ranges]) -> None:
        """Keep the ranges of every residue; alike residues are one."""
        self.classes = alike(tuple(classes))
        self.modulus = len(self.classes)

    @classmethod
    def between(cls, low: int, high: int | None) -> Numbers:
        """Make the set of the numbers from low to high, both included."""
        return cls([((max(low, 0), high),)])

    @classmethod
    def of(cls, values: Iterable[int]) -> Numbers:
        """Make the set of some numbers."""
        return cls([merged((value, value) for value in values)])

    def __contains__(self, value: object) -> bool:
        """Tell whether a number is in the set, in less than a microsecond: no generator, no call."""
        if not isinstance(value, int) or value < 0:
            return False
        q, r = divmod(value, self.modulus)
        for low, high in self.classes[r]:  # noqa: SIM110  # a generator takes as long as all the rest
            if (low is None or low <= q) and (high is None or q <= high):
                return True
        return False

    def __bool__(self) -> bool:
        """Tell whether there is any number in it."""
        return any(self.classes)

    def __eq__(self, other: object) -> bool:
        """Compare the numbers, whatever the moduli they are written with."""
        return isinstance(other, Numbers) and (self.classes == other.classes or self.form == other.form)

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self.form)

    def __le__(self, other: Numbers) -> bool:
        """Tell whether every number is in the other set, too."""
        return (self & other) == self

    def __and__(self, other: Numbers) -> Numbers:
        """Return the numbers that are in both."""
        return self._joined(other, both)

    def __or__(self, other: Numbers) -> Numbers:
        """Return the numbers that are in either."""
        return self._joined(other, lambda a, b: merged([*a, *b]))

    def _joined(self, other: Numbers, join: Callable[[Ranges, Ranges], Ranges]) -> Numbers:
        """Join the two residue by residue."""
        modulus = lcm(self.modulus, other.modulus)
        return Numbers(map(join, self.lifted(modulus), other.lifted(modulus)))

    def lifted(self, modulus: int) -> Iterator[Ranges]:
        """Write the classes for a multiple of the modulus: residue r + s*m has the q that are s modulo the factor."""
        factor = modulus // self.modulus
        for residue in range(modulus):
            step, r = divmod(residue, self.modulus)
            yield tuple(found for found in (thinned(one, step, factor) for one in self.classes[r]) if found)

    def settled(self) -> int:
        """Return the number from which on the set repeats with its modulus."""
        ends = [low if high is None else high + 1 for one in self.classes for low, high in one]
        value = max((end or 0 for end in ends), default=0) * self.modulus
        while value > 0 and (value - 1 in self) == (value - 1 + self.modulus in self):
            value -= 1
        return value

    @property
    def form(self) -> Form:
        """What two equal sets have alike, whatever their moduli."""
        endless = [bool(one) and one[-1][1] is None for one in self.classes]
        modulus = min(m for m in divisors(self.modulus) if endless == endless[:m] * (self.modulus // m))
        start = self.settled()
        return Form(modulus, tuple(r for r in range(modulus) if endless[r]), start, tuple(self.runs(start)))

    def runs(self, until: int) -> Iterator[tuple[int, int]]:
        """Give the runs of numbers below `until`, as first and last."""
        value = self.next(0)
        while value is not None and value < until:
            gap = self.gap(value, until)
            yield value, gap - 1
            value = self.next(gap)

    def gap(self, value: int, until: int) -> int:
        """Return the first number from `value` on that is not in the set, at most `until`."""
        found = until
        for r in range(self.modulus):
            q = max(-(-(value - r) // self.modulus), 0)
            for low, high in self.classes[r]:
                if (low or 0) <= q:
                    q = until if high is None else max(q, high + 1)
            found = min(found, q * self.modulus + r)
        return found

    @property
    def only(self) -> int | None:
        """The number, where there is only one."""
        first = self.next(0)
        return first if first is not None and self.next(first + 1) is None else None

    @property
    def finite(self) -> bool:
        """Tell whether there is a largest number."""
        return all(high is not None for one in self.classes for _, high in one)

    def __iter__(self) -> Iterator[int]:
        """Give the numbers in ascending order; without end where there is none."""
        value = self.next(0)
        while value is not None:
            yield value
            value = self.next(value + 1)

    def words(self, name: str) -> str:
        """Write the set for a symbol of this name: `32..35`, `>= 13`, `4, 8, 12, ... (H % 4 == 0)`."""
        from convshape.arithmetic.wording import words

        return words(self.form, name)

    def next(self, value: int) -> int | None:
        """Return the smallest number of the set that is at least `value`, None if there is none."""
        found = (self._above(r, value) for r in range(self.modulus))
        return min((one for one in found if one is not None), default=None)

    def previous(self, value: int) -> int | None:
        """Return the largest number of the set that is at most `value`, None if there is none."""
        found = (self._below(r, value) for r in range(self.modulus))
        return max((one for one in found if one is not None), default=None)

    def _above(self, r: int, value: int) -> int | None:
        """Return the first number of a residue from `value` on."""
        wanted = max(-(-(value - r) // self.modulus), 0)
        for low, high in self.classes[r]:
            if high is None or high >= wanted:
                return max(low or 0, wanted) * self.modulus + r
        return None

    def _below(self, r: int, value: int) -> int | None:
        """Return the last number of a residue up to `value`."""
        wanted = (value - r) // self.modulus
        for low, high in reversed(self.classes[r]):
            if (low or 0) <= wanted:
                return (wanted if high is None else min(high, wanted)) * self.modulus + r
        return None


def thinned(found: Range, step: int, factor: int) -> Range | None:
    """Return the range of p with factor*p + step inside a range."""
    low, high = found
    first = -(-((low or 0) - step) // factor)
    last = None if high is None else (high - step) // factor
    return None if last is not None and last < first else (first, last)


def both(a: Ranges, b: Ranges) -> Ranges:
    """Intersect two lists of ranges."""
    found = []
    for low, high in a:
        for other_low, other_high in b:
            first = max(low or 0, other_low or 0)
            ends = [end for end in (high, other_high) if end is not None]
            if not ends or first <= min(ends):
                found.append((first, min(ends, default=None)))
    return tuple(found)


def merged(ranges: Iterable[Range]) -> Ranges:
    """Sort ranges, and join those that touch."""
    found: list[tuple[int, int | None]] = []
    for low, high in sorted(((low or 0, high) for low, high in ranges), key=lambda one: one[0]):
        if found and (found[-1][1] is None or found[-1][1] >= low - 1):
            last = found[-1][1]
            found[-1] = found[-1][0], None if last is None or high is None else max(last, high)
        else:
            found.append((low, high))
    return tuple(found)


def alike(classes: tuple[Ranges, ...]) -> tuple[Ranges, ...]:
    """Drop the modulus where every residue is empty."""
    return classes if any(classes) else ((),)


def divisors(number: int) -> list[int]:
    """Return the divisors of a number in ascending order."""
    small = [d for d in range(1, int(number**0.5) + 1) if number % d == 0]
    return sorted({*small, *(number // d for d in small)})


NONE = Numbers(((),))
"""No number."""
