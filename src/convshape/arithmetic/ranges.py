"""Arithmetic on ranges of whole numbers; both ends are included, and None is an end without a bound."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

Range: TypeAlias = "tuple[int | None, int | None]"
ANY: Range = (None, None)


class Contradiction(ValueError):  # noqa: N818 - it names what was found
    """Two assumptions that no sizes satisfy together."""


def meet(a: Range, b: Range) -> Range:
    """Intersect two ranges; raise Contradiction when they share nothing."""
    low = a[0] if b[0] is None or (a[0] is not None and a[0] > b[0]) else b[0]
    high = a[1] if b[1] is None or (a[1] is not None and a[1] < b[1]) else b[1]
    if low is not None and high is not None and low > high:
        raise Contradiction(f"at least {low} and at most {high}")
    return low, high


def inside(found: Range, asked: Range) -> bool | None:
    """Tell whether a range lies inside another, None when a part of it does."""
    (least, most), (low, high) = found, asked
    if low is not None and most is not None and most < low:
        return False
    if high is not None and least is not None and least > high:
        return False
    above = low is None or (least is not None and least >= low)
    below = high is None or (most is not None and most <= high)
    return True if above and below else None


def plus(a: Range, b: Range) -> Range:
    """Add two ranges."""
    return None if a[0] is None or b[0] is None else a[0] + b[0], None if a[1] is None or b[1] is None else a[1] + b[1]


def shifted(a: Range, amount: int) -> Range:
    """Add a number to a range."""
    return None if a[0] is None else a[0] + amount, None if a[1] is None else a[1] + amount


def multiplied(a: Range, factor: int) -> Range:
    """Multiply a range by a number."""
    if factor == 0:
        return 0, 0
    low, high = a if factor > 0 else (a[1], a[0])
    return None if low is None else low * factor, None if high is None else high * factor


def divided(a: Range, factor: int) -> Range:
    """Find the whole numbers that end up in a range when multiplied by a number; it may be an empty range."""
    low, high = a if factor > 0 else (a[1], a[0])
    return None if low is None else -(-low // factor), None if high is None else high // factor


def product(a: Range, b: Range) -> Range:
    """Multiply two ranges; unbounded where an unbounded end meets both signs."""
    if (0, 0) in {a, b}:
        return 0, 0
    if a[0] is not None and b[0] is not None and a[0] >= 0 and b[0] >= 0:
        return a[0] * b[0], None if a[1] is None or b[1] is None else a[1] * b[1]
    if a[1] is not None and a[1] <= 0:
        return multiplied(product(multiplied(a, -1), b), -1)
    if b[1] is not None and b[1] <= 0:
        return multiplied(product(a, multiplied(b, -1)), -1)
    if a[0] is None or a[1] is None or b[0] is None or b[1] is None:
        return ANY
    ends = [a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]]
    return min(ends), max(ends)


def quotient(a: Range, b: Range) -> Range:
    """Divide two ranges, rounding down; nothing is said of a denominator that may be below 1."""
    if b[0] is None or b[0] < 1:
        return ANY
    # n//d grows with n; a large d brings it down to 0, or up to -1 where n is negative
    lows = [] if a[0] is None else [a[0] // b[0], 0 if b[1] is None else a[0] // b[1]]
    highs = [] if a[1] is None else [a[1] // b[0], -1 if b[1] is None else a[1] // b[1]]
    return min(lows, default=None), max(highs, default=None)


def lowest(a: Range, b: Range) -> Range:
    """Bound the smaller of two."""
    highs = [end for end in (a[1], b[1]) if end is not None]
    return None if a[0] is None or b[0] is None else min(a[0], b[0]), min(highs, default=None)


def highest(a: Range, b: Range) -> Range:
    """Bound the larger of two."""
    return multiplied(lowest(multiplied(a, -1), multiplied(b, -1)), -1)
