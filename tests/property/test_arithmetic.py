"""Hold symbolic sizes to plain ints: whatever is said of a Dim is true of the numbers it stands for."""

from __future__ import annotations

import operator

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from convshape.arithmetic import ranges
from convshape.arithmetic.facts import Several
from convshape.dim import Dim, Fact, Symbols, broadcast, maximum, minimum, prod, scaled
from convshape.ops.numbers import largest, smallest

NAMES = ("L", "M", "N")
BUILTINS = {"__builtins__": {}, "min": min, "max": max, "int": int}
COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

size = st.one_of(st.integers(1, 12), st.integers(1, 300), st.integers(10**6, 10**7))
sizes = st.fixed_dictionaries(dict.fromkeys(NAMES, size))
leaf = st.one_of(st.sampled_from(NAMES), st.integers(-20, 20))
divisor = st.one_of(st.sampled_from((1, 2, 3, 4, 6, 8)), st.integers(-9, 9).filter(bool))


def examples(count: int) -> settings:
    """Try a number of examples, on a busy machine too."""
    return settings(max_examples=count, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def grow(inner: st.SearchStrategy) -> st.SearchStrategy:
    """Combine expressions into larger ones."""
    return st.one_of(
        st.tuples(st.sampled_from((operator.add, operator.sub, operator.mul, minimum, maximum)), inner, inner),
        st.tuples(st.sampled_from((operator.add, operator.sub)), inner, inner),
        st.tuples(st.sampled_from((operator.floordiv, operator.mod)), inner, divisor),
        st.tuples(st.sampled_from((operator.floordiv, operator.mod)), inner, inner),
        st.tuples(st.just(operator.floordiv), inner, divisor),
        st.tuples(st.just(operator.neg), inner),
    )


trees = st.recursive(leaf, grow, max_leaves=8)
half_trees = st.recursive(leaf, grow, max_leaves=5)
comparison = st.tuples(half_trees, st.sampled_from(sorted(COMPARISONS)), half_trees)


def compute(tree: object, values: dict) -> object:
    """Evaluate a tree on ints or on Dims: the same operations for both."""
    if isinstance(tree, str):
        return values[tree]
    if isinstance(tree, int):
        return tree
    apply, *parts = tree
    return apply(*[compute(part, values) for part in parts])


def at(tree: object, numbers: dict[str, int]) -> int:
    """Evaluate a tree on ints; examples that divide by zero are left out."""
    try:
        return compute(tree, numbers)
    except ZeroDivisionError:
        reject()


def symbolic(tree: object, symbols: Symbols) -> object:
    """Evaluate a tree on Dims; examples that divide by zero are left out."""
    try:
        return compute(tree, {name: symbols.symbol(name) for name in NAMES})
    except ZeroDivisionError:
        reject()


def likely(fact: Fact, numbers: dict[str, int]) -> bool:
    """Tell whether a fact holds with the first of its alternatives, which is the one that assuming it takes."""
    if not isinstance(fact, Several):
        return fact.holds(**numbers)
    parts = fact.parts[:1] if fact.word == "or" else fact.parts
    return all(likely(part, numbers) for part in parts)


def value(dim: object, numbers: dict[str, int]) -> int:
    """Read the value of a Dim or int at sizes."""
    return dim.at(**numbers) if isinstance(dim, Dim) else dim


def read(text: str, names: dict) -> object:
    """Evaluate text that Dim printed."""
    return eval(text, BUILTINS | names)  # noqa: S307 - our own text


@examples(400)
@given(trees, st.lists(sizes, min_size=1, max_size=4))
def test_value(tree: object, samples: list[dict[str, int]]) -> None:
    """A Dim is the number that ints give, substituted at once or one symbol at a time, and so is its text."""
    dim = symbolic(tree, Symbols())
    for numbers in [dict.fromkeys(NAMES, 1), *samples]:
        try:
            expected = compute(tree, numbers)
        except ZeroDivisionError:
            continue
        assert value(dim, numbers) == expected
        assert read(str(dim), numbers) == expected
        partly = dim
        for name in NAMES:
            partly = value(partly, {name: numbers[name]})
        assert partly == expected


@examples(300)
@given(trees)
def test_normal_form(tree: object) -> None:
    """The text of a Dim, read as arithmetic on symbols, is the same Dim."""
    symbols = Symbols()
    dim = symbolic(tree, symbols)
    names = {name: symbols.symbol(name) for name in NAMES}
    again = read(str(dim), names | {"min": smallest, "max": largest})
    assert type(again) is type(dim)
    assert str(again) == str(dim)
    if isinstance(dim, Dim):
        assert again.terms == dim.terms
        assert hash(again) == hash(dim)


@examples(300)
@given(comparison, st.lists(sizes, min_size=1, max_size=4))
def test_comparison(question: tuple, samples: list[dict[str, int]]) -> None:
    """A comparison is decided rightly, or is a Fact that holds exactly where the ints compare so."""
    left, sign, right = question
    symbols = Symbols()
    found = COMPARISONS[sign](symbolic(left, symbols), symbolic(right, symbols))
    for numbers in [dict.fromkeys(NAMES, 1), *samples]:
        expected = COMPARISONS[sign](at(left, numbers), at(right, numbers))
        assert isinstance(found, (bool, Fact))
        if isinstance(found, bool):
            assert found == expected
        else:
            assert found.holds(**numbers) == expected
            assert read(str(found), numbers) == expected


@examples(300)
@given(st.lists(comparison, max_size=5), comparison, half_trees, sizes)
def test_assumptions(assumed: list[tuple], question: tuple, tree: object, numbers: dict[str, int]) -> None:
    """What follows from assumptions is true wherever the assumptions are."""
    symbols = Symbols()
    for left, sign, right in assumed:
        a, b = symbolic(left, symbols), symbolic(right, symbols)
        holds = COMPARISONS[sign](at(left, numbers), at(right, numbers))
        fact = COMPARISONS[
            sign if holds else {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}[sign]
        ](a, b)
        if isinstance(fact, Fact):
            assert fact.holds(**numbers)
            if likely(fact, numbers):
                fact.assume()
        else:
            assert fact is True
    expected = at(tree, numbers)
    low, high = symbols.bounds(symbolic(tree, symbols))
    assert low is None or low <= expected
    assert high is None or expected <= high
    left, sign, right = question
    expected = COMPARISONS[sign](at(left, numbers), at(right, numbers))
    found = COMPARISONS[sign](symbolic(left, symbols), symbolic(right, symbols))
    assert (found if isinstance(found, bool) else found.holds(**numbers)) == expected
    for line in symbols.summary():
        assert read(line, numbers) is True


@examples(200)
@given(st.integers(-9, 9), st.integers(0, 99), st.integers(1, 12), st.floats(0.01, 8), st.integers(1, 10**6))
def test_scaled(add: int, more: int, step: int, factor: float, length: int) -> None:
    """A scaled size is int(size * factor) in float64, and so is its text."""
    symbols = Symbols()
    grown = symbols.symbol("L") * step + add + more
    expected = scaled(length * step + add + more, factor)
    assume(length * step + add + more >= 0)
    dim = scaled(grown, factor) // step
    assert value(dim, {"L": length}) == expected // step == read(str(dim), {"L": length})
    found = scaled(grown, factor) >= expected
    assert found if isinstance(found, bool) else found.holds(L=length)
    found = scaled(grown, factor) < expected
    assert not (found if isinstance(found, bool) else found.holds(L=length))


@examples(300)
@given(*[st.tuples(st.integers(-9, 9), *[st.one_of(st.none(), st.integers(0, 5))] * 2)] * 2)
def test_ranges(a: tuple, b: tuple) -> None:
    """What ranges say of sums, products and quotients is true of the numbers in them."""
    x, y = a[0], b[0]
    one, other = [
        (None if down is None else middle - down, None if up is None else middle + up) for middle, down, up in (a, b)
    ]
    assert contains(ranges.plus(one, other), x + y)
    assert contains(ranges.product(one, other), x * y)
    assert contains(ranges.lowest(one, other), min(x, y))
    assert contains(ranges.highest(one, other), max(x, y))
    assert contains(ranges.quotient(one, other), x // y if y else 0)
    for factor in (-3, 2):
        assert contains(ranges.multiplied(one, factor), x * factor)
        assert contains(ranges.divided(one, factor), x) == contains(one, x * factor)


def contains(found: tuple, number: int) -> bool:
    """Tell whether a number is in a range."""
    return (found[0] is None or found[0] <= number) and (found[1] is None or number <= found[1])


@examples(100)
@given(half_trees, half_trees, sizes)
def test_broadcast(left: object, right: object, numbers: dict[str, int]) -> None:
    """Two axes broadcast when the fact holds, to the size that ints give when its first part does."""
    a, b = at(left, numbers), at(right, numbers)
    assume(a >= 1 and b >= 1)
    symbols = Symbols()
    joined, fact = broadcast(symbolic(left, symbols), symbolic(right, symbols))
    assert (fact if isinstance(fact, bool) else fact.holds(**numbers)) == broadcast(a, b)[1]
    if fact if isinstance(fact, bool) else likely(fact, numbers):
        assert value(joined, numbers) == broadcast(a, b)[0]


@examples(100)
@given(st.lists(half_trees, max_size=4), sizes)
def test_prod(parts: list[object], numbers: dict[str, int]) -> None:
    """A product is the product of the values."""
    symbols = Symbols()
    expected = prod(at(part, numbers) for part in parts)
    assert value(prod(symbolic(part, symbols) for part in parts), numbers) == expected


@pytest.mark.parametrize("stride", [1, 2, 3])
@examples(100)
@given(kernel=st.integers(1, 9), pad=st.integers(0, 4), length=st.integers(1, 200))
def test_ceil_mode(stride: int, kernel: int, pad: int, length: int) -> None:
    """Pooling's ceil mode, the rule with a minimum, gives the same for a symbol and for a number."""

    def pooled(x: object) -> object:
        return minimum(x + 2 * pad - kernel + stride - 1, x + pad - 1) // stride + 1

    dim = pooled(Symbols().symbol("L"))
    assert dim.at(L=length) == pooled(length) == read(str(dim), {"L": length})
