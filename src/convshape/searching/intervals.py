"""Intervals: what is known of a size before it is computed, for each operation on two of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Protocol

    class Interval(Protocol):
        """What has a least and a largest number."""

        low: int
        high: int


def added(one: Interval, two: Interval) -> tuple[int, int]:
    """Bound a sum."""
    return one.low + two.low, one.high + two.high


def taken(one: Interval, two: Interval) -> tuple[int, int]:
    """Bound a difference."""
    return one.low - two.high, one.high - two.low


def multiplied(one: Interval, two: Interval) -> tuple[int, int]:
    """Bound a product by those of the ends."""
    ends = [a * b for a in (one.low, one.high) for b in (two.low, two.high)]
    return min(ends), max(ends)


def divided(one: Interval, two: Interval) -> tuple[int, int]:
    """Bound a quotient: by the ends where the divisor keeps its sign, else by the dividend."""
    if two.low > 0 or two.high < 0:
        ends = [a // b for a in (one.low, one.high) for b in (two.low, two.high)]
        return min(ends), max(ends)
    most = max(abs(one.low), abs(one.high))
    return -most, most


def left_over(_one: Interval, two: Interval) -> tuple[int, int]:
    """Bound a remainder, which has the sign of the divisor."""
    return min(two.low + 1, 0), max(two.high - 1, 0)


def smaller(one: Interval, two: Interval) -> tuple[int, int]:
    """Bound the smaller of two."""
    return min(one.low, two.low), min(one.high, two.high)
