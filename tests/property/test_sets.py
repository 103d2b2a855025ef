"""Hold sets of numbers, and the solving of facts, to counting one by one."""

from __future__ import annotations

from itertools import takewhile

from hypothesis import given
from hypothesis import strategies as st
from test_arithmetic import examples

from convshape.arithmetic.atoms import smaller
from convshape.arithmetic.facts import Fact
from convshape.arithmetic.sets import Numbers, merged
from convshape.arithmetic.solve import between, difference, monotone, solve, value
from convshape.dim import Symbols, minimum

MOST = 90
"""As far as sets are counted: past every start and several times every modulus."""

ends = st.one_of(st.none(), st.integers(0, 6))
ranges = st.lists(st.tuples(st.integers(0, 6), ends), max_size=3).map(
    lambda found: merged((low, high) for low, high in found if high is None or high >= low)
)
numbers = st.lists(ranges, min_size=1, max_size=4).map(Numbers)
polynomials = st.lists(st.integers(-9, 9), max_size=4).map(tuple)


def counted(found: Numbers) -> list[int]:
    """Return the numbers of a set, asked one by one."""
    return [value for value in range(MOST) if value in found]


@examples(150)
@given(a=numbers, b=numbers, start=st.integers(0, 40))
def test_sets(a: Numbers, b: Numbers, start: int) -> None:
    """Joining, comparing, walking and looking for the nearest are what counting gives."""
    one, other = counted(a), counted(b)
    assert counted(a & b) == [value for value in one if value in other]
    assert counted(a | b) == [value for value in range(MOST) if value in one or value in other]
    assert (a == b) == (one == other)
    assert (a <= b) == (set(one) <= set(other))
    assert list(takewhile(MOST.__gt__, a)) == one
    assert a.next(start) == min((value for value in one if value >= start), default=None)
    assert a.previous(start) == max((value for value in one if value <= start), default=None)
    assert [value for low, high in a.runs(start) for value in range(low, high + 1)] == [v for v in one if v < start]
    assert a.only == (one[0] if len(one) == 1 else None)
    assert a.finite == all(value < MOST - a.modulus for value in one)


@examples(150)
@given(p=polynomials, low=st.one_of(st.none(), st.integers(-50, 50)), high=st.one_of(st.none(), st.integers(-50, 50)))
def test_polynomials(p: tuple[int, ...], low: int | None, high: int | None) -> None:
    """A polynomial lies between bounds where it does, rises or falls throughout a piece, and steps as it does."""
    inside = Numbers([between(p, low, high)])
    wanted = [q for q in range(MOST) if (low is None or value(p, q) >= low) and (high is None or value(p, q) <= high)]
    assert counted(inside) == wanted
    assert [value(difference(p), q) for q in range(9)] == [value(p, q + 1) - value(p, q) for q in range(9)]
    for start, end in monotone(p):
        steps = [value(p, q + 1) - value(p, q) for q in range(start, MOST if end is None else end)]
        assert all(step >= 0 for step in steps) or all(step <= 0 for step in steps)
    assert [start for start, _ in monotone(p)][1:] == [end for _, end in monotone(p)][:-1]


@examples(60)
@given(
    lines=st.tuples(*[st.tuples(st.integers(-3, 3), st.integers(-20, 20), st.integers(1, 4))] * 2),
    least=st.integers(-15, 15),
)
def test_facts_with_a_minimum(lines: tuple[tuple[int, int, int], ...], least: int) -> None:
    """The sizes of a fact about the smaller of two floors are those at which it holds."""
    size = Symbols().symbol("L", 0)
    first, second = ((factor * size + more) // step for factor, more, step in lines)
    fact = size * minimum(first, second) >= least  # alone, or with something added, it would be two facts
    holds = [n for n in range(MOST) if n * min((f * n + m) // s for f, m, s in lines) >= least]
    if isinstance(fact, Fact):
        assert counted(solve(fact)) == holds
    else:
        assert fact is bool(holds)
        assert len(holds) in (0, MOST)


def test_smaller_is_one_form() -> None:
    """Both orders of a minimum are the same atom."""
    size = Symbols().symbol("L")
    a, b = (size // 2 + 1).terms, (size // 3 + 5).terms
    assert smaller(a, b) == smaller(b, a)
