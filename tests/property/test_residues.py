"""What is known of a symbol modulo several numbers is what the numbers say that satisfy it, one by one."""

from __future__ import annotations

import itertools
from math import lcm
from typing import TYPE_CHECKING

import pytest

from convshape.arithmetic.solve import solve
from convshape.arithmetic.wording import rule
from convshape.dim import Contradiction, Dim, Fact, Symbols, scaled

if TYPE_CHECKING:
    from collections.abc import Callable

MODULI = range(2, 10)


def symbol() -> Dim:
    """Return a symbol of an environment of its own."""
    return Symbols().symbol("N")


def possible(*facts: Callable[[Dim], bool | Fact]) -> Dim | None:
    """Assume facts of a symbol; None where it has no sizes then."""
    size = symbol()
    for fact in facts:
        found = fact(size)
        try:
            if isinstance(found, Fact):
                found.assume()
        except Contradiction:
            return None
        if found is False:
            return None
    return size


@pytest.mark.parametrize(("factor", "modulus"), list(itertools.product(range(1, 9), MODULI)))
def test_a_factor_is_divided_away(factor: int, modulus: int) -> None:
    """What a multiple leaves says what the number leaves, or that there is none."""
    for residue in range(modulus):
        sizes = [n for n in range(modulus) if factor * n % modulus == residue]
        size = possible(lambda size, r=residue: factor * size % modulus == r)
        assert (size is not None) is bool(sizes)
        if size is not None:
            apart = modulus // len(sizes)
            assert apart == 1 or (size % apart == sizes[0]) is True


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(MODULI, 2)))
def test_two_moduli_make_one(first: int, second: int) -> None:
    """Two residues together are one modulo the least common multiple, or contradict each other."""
    whole = lcm(first, second)
    for one, other in itertools.product(range(first), range(second)):
        sizes = [n for n in range(whole) if n % first == one and n % second == other]
        size = possible(lambda size, r=one: size % first == r, lambda size, r=other: size % second == r)
        assert (size is not None) is bool(sizes)
        assert size is None or (size % whole == sizes[0]) is True


@pytest.mark.parametrize("modulus", range(2, 9))
def test_a_rule_in_words_reads_back(modulus: int) -> None:
    """Residues are written by those that there are, or by the others where that is shorter; runs as runs."""
    for count in range(1, modulus):
        for residues in itertools.combinations(range(modulus), count):
            text = rule(modulus, residues, "N")
            assert {n for n in range(modulus) if reads(text, n)} == set(residues), text


def reads(text: str, n: int) -> bool:
    """Read a rule: `N % 5 == 1`, `N % 5 != 1`, `N % 8 is 1 or 3..5`, `N % 8 is not 1 or 3`."""
    _, _, modulus, how, *words = text.split()
    runs = [run.partition("..") for run in words if run not in ("not", "or")]
    held = any(int(first) <= n % int(modulus) <= int(last or first) for first, _, last in runs)
    assert words.count("or") == max(len(runs) - 1, 0)
    return held is not (how == "!=" or "not" in words)


def test_the_shorter_rule_is_written() -> None:
    """What a symbol has is preferred, unless that is longer by more than the word `not`."""
    assert rule(8, (1, 3, 4, 5), "N") == "N % 8 is 1 or 3..5"
    assert rule(9, (0, 1, 2, 4, 5, 7, 8), "N") == "N % 9 is not 3 or 6"
    assert rule(9, (0, 1, 3, 4, 6, 7), "N") == "N % 9 is not 2 or 5 or 8"


def test_alternatives_and_fractions_at_sizes() -> None:
    """A fact of alternatives is decided, or narrowed, by what its symbols are; a scaled size becomes a number."""
    symbols = Symbols()
    n, length = symbols.symbol("N"), symbols.symbol("L")
    either = (n == 3) | (length == 5)
    assert either.at(N=3, L=7) is True
    assert either.at(N=4, L=7) is False
    assert str(either.at(N=4)) == "L == 5"
    assert scaled(n + 2 * length, 0.29).at(N=100).at(L=7) == int(114 * 0.29)


FACTS: tuple[Callable[[Dim], Fact], ...] = (
    lambda n: n // 3 >= 2,
    lambda n: n % 4 == 1,
    lambda n: 7 - n >= 0,
    lambda n: n * n - 9 * n >= -14,
    lambda n: (2 * n + 3) % 5 == 4,
)


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(FACTS, 2)))
def test_facts_together_are_solved(first: Callable[[Dim], Fact], second: Callable[[Dim], Fact]) -> None:
    """Both, or either: the set is that of the numbers that satisfy it."""
    n = symbol()
    for fact in (first(n) & second(n), first(n) | second(n), (first(n) | second(n)) & (n >= 3)):
        found = solve(fact)
        assert [size for size in range(1, 80) if size in found] == [size for size in range(1, 80) if fact.holds(N=size)]


def test_a_symbol_that_is_declared_twice_is_narrowed() -> None:
    """Both ranges hold."""
    symbols = Symbols()
    symbols.symbol("N", 4)
    n = symbols.symbol("N", 1, 9)
    assert symbols.declared["N"] == (4, 9) == symbols.bounds(n)
