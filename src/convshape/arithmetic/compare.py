"""Comparisons of symbolic sizes: decided by what is known, or a Fact in normal form."""

from __future__ import annotations

from convshape.arithmetic.atoms import Min, Scaled, floors_alone, negated
from convshape.arithmetic.facts import Within
from convshape.arithmetic.polynomial import add, atoms, cancel, primitive, shared
from convshape.arithmetic.ranges import divided, shifted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from convshape.arithmetic.facts import Fact
    from convshape.arithmetic.polynomial import Terms
    from convshape.arithmetic.ranges import Range
    from convshape.dim import Symbols

Question: TypeAlias = "tuple[Terms, Range]"  # is the expression in the range?


def within(symbols: Symbols, terms: Terms, asked: Range, *, turned: bool = False) -> bool | Fact:
    """Decide whether terms lie in a range, or return the Fact that says so in normal form."""
    offset, factor, unit = primitive(terms)
    low, high = divided(shifted(asked, -offset), factor)
    if low is not None and high is not None and low > high:  # 2*L == 7
        return False
    decided = symbols.known.decide(unit, (low, high))
    if decided is not None:
        return decided
    turned ^= factor < 0
    if low is not None and high is not None and low != high:  # an equality reads better whole
        low = None if symbols.known.decide(unit, (low, None)) else low
        high = None if symbols.known.decide(unit, (None, high)) else high
    question = unit, (low, high)
    simpler = _without_factor(symbols, *question) or _without_floor(*question) or _without_scaling(*question)
    if simpler:
        return within(symbols, *simpler, turned=turned)
    fact = _without_min(symbols, *question)
    return Within(symbols, *question, turned=turned) if fact is None else fact


def _without_factor(symbols: Symbols, unit: Terms, asked: Range) -> Question | None:
    """Say `N*a >= 0` as `a >= 0`, and the like, for an N that is at least 1."""
    common = shared(unit) if len(unit) > 1 else ()
    if not common or asked[0] not in {None, 0, 1} or asked[1] not in {None, 0, -1}:
        return None
    if not symbols.known.decide({common: 1}, (1, None)):
        return None
    return {cancel(monomial, common) or (): coefficient for monomial, coefficient in unit.items()}, asked


def _without_floor(unit: Terms, asked: Range) -> Question | None:
    """Say `n//d + r >= c` as `n + d*r >= c*d`, and `n//d + r <= c` as `n + d*r <= c*d + d - 1`."""
    floors = floors_alone(unit)
    if len(floors) != 1 or (len(unit) > 1 and None not in asked):  # an equality reads better with its floor
        return None
    ((monomial, atom),) = floors.items()
    low, high = asked
    n = atom.n if unit[monomial] > 0 else negated(atom)
    terms = add(n, add(unit, {monomial: unit[monomial]}, -1), atom.d)
    return terms, (None if low is None else low * atom.d, None if high is None else high * atom.d + atom.d - 1)


def _without_scaling(unit: Terms, asked: Range) -> Question | None:
    """Say `int(n * 0.3) >= c` as n being at least the first number that reaches c."""
    atom = next((atom for _, atom in atoms(unit)), None) if len(unit) == 1 else None
    if not isinstance(atom, Scaled) or atom.factor <= 0:
        return None
    low, high = asked
    return atom.parts[0], (
        None if low is None else first(atom, low),
        None if high is None else first(atom, high + 1) - 1,
    )


def first(atom: Scaled, wanted: int) -> int:
    """Find the smallest n with int(n * factor) >= wanted."""
    n = int(wanted / atom.factor)  # near the answer; float64 decides the last step
    while atom.value([n]) >= wanted:
        n -= 1
    while atom.value([n]) < wanted:
        n += 1
    return n


def _without_min(symbols: Symbols, unit: Terms, asked: Range) -> bool | Fact | None:
    """Say `min(a, b) >= c` as `a >= c and b >= c`, and `min(a, b) <= c` with `or`."""
    for monomial, atom in atoms(unit):
        if isinstance(atom, Min) and None in asked:
            coefficient = unit[monomial]
            rest = add(unit, {monomial: coefficient}, -1)
            a, b = (within(symbols, add(rest, part, coefficient), asked) for part in atom.parts)
            return a & b if (coefficient > 0) == (asked[1] is None) else a | b
    return None
