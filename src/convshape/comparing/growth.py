"""Growth: by how much a total changed, also where it depends on symbols."""

from __future__ import annotations

import re

from convshape.conditions import Judge
from convshape.dim import Dim, Size, Symbols
from convshape.faults import ReadError
from convshape.network import Literal, Network
from convshape.source import Source, Span

NAME = re.compile(r"[^\W\d]\w*")
FUNCTIONS = {"int", "max", "min"}
"""What a size that is written may call; every other name in it is a symbol."""
LARGE, LARGER = 10**9, 10**12
"""Sizes at which a share that settles has settled."""
SETTLED = 1e-4


def growth(before: str, after: str) -> str:
    """Say by how much a total changed: `+768, +124.3%`, `+100.0%`, or what it comes to for large sizes.

    Nothing is said where the share depends on the sizes, or where a text is no total: a hand may have written it.
    """
    found = totals(before, after)
    if found is None:
        return ""
    one, other = found
    change = other - one
    if isinstance(change, int):
        part = f", {change / one:+.1%}" if isinstance(one, int) and one else ""
        return f"{change:+,}{part}" if change else "unchanged"
    small, great = share(one, other, LARGE), share(one, other, LARGER)
    if small is None or great is None or abs(small - great) > SETTLED * great:
        return ""
    told = "unchanged" if abs(great - 1) < SETTLED else f"{great - 1:+.1%}"
    return told if (other * at(one, LARGE) == one * at(other, LARGE)) is True else f"{told} for large sizes"


def totals(*texts: str) -> list[Size] | None:
    """Work totals out; None where one of the texts is none."""
    source, symbols = Source("<total>", ""), Symbols()
    for name in sorted({*NAME.findall(" ".join(texts))} - FUNCTIONS):
        symbols.symbol(name)
    judge = Judge(Network(source, (), {}, {}, {}, {}), symbols, {}, {})
    try:
        found = [judge.expected(Literal(Span(0, 0), text), source) for text in texts]
    except ReadError:
        return None
    return found if all(isinstance(total, (int, Dim)) for total in found) else None


def share(one: Size, other: Size, size: int) -> float | None:
    """Return how many times the one the other is where every symbol has a size; None of nothing."""
    try:
        return at(other, size) / at(one, size)
    except ZeroDivisionError:
        return None


def at(total: Size, size: int) -> int:
    """Give every symbol a size."""
    return int(total.at(**dict.fromkeys(total.names, size))) if isinstance(total, Dim) else total
