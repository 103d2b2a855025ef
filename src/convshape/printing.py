"""Text of expressions and facts: short, and Python evaluates it back to the same value."""

from __future__ import annotations

from math import gcd

from convshape.polynomial import Atom, Floor, Min, Scaled, add, divide, exact, is_floor, order, shared, times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.polynomial import Monomial, Terms


class Remainder(Atom):
    """`n % d`, which only exists in text: the normal form has n - d*(n//d)."""

    __slots__ = ()

    def __new__(cls, n: Terms, d: int) -> Remainder:
        atom = str.__new__(cls, "{%}" + str(d) + repr(sorted(n.items())))
        atom.written = f"{operand(n)} % {d}"
        return atom


def text(terms: Terms) -> str:
    """Write an expression in the shortest of the ways tried."""
    return min((way for terms in _spellings(terms) for way in (_sum(terms), *_factored(terms))), key=len)


def _spellings(terms: Terms) -> Iterator[Terms]:
    """Try remainders in place of floors, and a constant inside a floor."""
    terms = _with_remainders(terms)
    yield terms
    constant = terms.get((), 0)
    for monomial, coefficient in terms.items():
        if constant and constant % coefficient == 0 and len(monomial) == 1 and is_floor(monomial[0]):
            yield _absorbed(terms, monomial)


def _absorbed(terms: Terms, monomial: Monomial) -> Terms:
    """Move the constant into a floor: n//d + q == (n + d*q)//d."""
    atom = monomial[0]
    assert isinstance(atom, Floor)
    assert isinstance(atom.denominator, int)
    moved = {(): terms[()] // terms[monomial] * atom.denominator}
    inside = Floor(add(atom.numerator, moved), atom.denominator)
    rest = {m: c for m, c in terms.items() if m not in {(), monomial}}
    return rest | {(inside,): terms[monomial]}


def _with_remainders(terms: Terms) -> Terms:
    """Put n % d for every n - d*(n//d)."""
    for monomial in sorted(terms, key=order):
        found = remainder(terms, monomial)
        if found:
            n, d = found
            sign = -1 if terms[monomial] > 0 else 1
            whole = add(n, {monomial: d}, -1)
            terms = add(add(terms, whole, -sign), {(Remainder(n, d),): sign})
    return terms


def remainder(terms: Terms, monomial: Monomial) -> tuple[Terms, int] | None:
    """Find n and d such that the term is the -d*(n//d) of n % d and the terms of n are there too."""
    coefficient = terms.get(monomial, 0)
    if len(monomial) != 1 or not is_floor(monomial[0]) or abs(coefficient) < 2:
        return None
    atom, d, sign = monomial[0], abs(coefficient), -1 if coefficient > 0 else 1
    assert isinstance(atom, Floor)
    assert isinstance(atom.denominator, int)
    common = gcd(d, atom.denominator)
    # d*(m//e) with d == g*a, e == g*b is d*(n//d) for n == (m*a)//b, as (m*a)//(b*d) == m//e
    n = divide(times(atom.numerator, d // common), atom.denominator // common)
    if all(terms.get(m) == sign * c for m, c in n.items() if m) and divide(n, d) == {monomial: 1}:
        return n, d
    return None


def _sum(terms: Terms) -> str:
    """Write terms in order, a positive one first where there is one."""
    if not terms:
        return "0"
    ordered = sorted(terms, key=order)
    first = next((monomial for monomial in ordered if terms[monomial] > 0), ordered[0])
    ordered.remove(first)
    parts = [_product(terms[first], first, leads=True)]
    for monomial in ordered:
        parts += (" - " if terms[monomial] < 0 else " + ", _product(abs(terms[monomial]), monomial))
    return "".join(parts)


def _factored(terms: Terms) -> Iterator[str]:
    """Write the common factor in front of what it multiplies."""
    if len(terms) > 1:
        ordered = sorted(terms, key=order)
        common = {shared(terms): gcd(*terms.values()) * (1 if terms[ordered[0]] > 0 else -1)}
        ((monomial, coefficient),) = common.items()
        if monomial or coefficient != 1:
            inside = text(exact(terms, common) or {})
            front = "-" if (monomial, coefficient) == ((), -1) else _product(coefficient, monomial, leads=True) + "*"
            yield f"{front}({inside})"


def _product(coefficient: int, monomial: Monomial, *, leads: bool = False) -> str:
    """Write coefficient*atoms; what leads keeps its sign to itself: -L//2 reads as (-L)//2."""
    if not monomial:
        return str(coefficient)
    powers = {atom: monomial.count(atom) for atom in monomial}
    factors = [] if coefficient in {1, -1} else [str(abs(coefficient))]
    alone = not factors and len(monomial) == 1 and not (leads and coefficient < 0)
    for atom, power in powers.items():
        factor = _atom(atom) if alone else _tight(atom)
        factors.append(factor if power == 1 else f"{factor}**{power}")
    return ("-" if coefficient < 0 else "") + "*".join(factors)


def _tight(atom: str) -> str:
    """Write an atom so that it may stand in a product."""
    return f"({_atom(atom)})" if isinstance(atom, (Floor, Remainder)) else _atom(atom)


def _atom(atom: str) -> str:
    """Write an atom."""
    if not isinstance(atom, Atom):
        return atom
    if not hasattr(atom, "written"):
        atom.written = _written(atom)
    return atom.written


def _written(atom: Atom) -> str:
    """Write an atom from its parts."""
    if isinstance(atom, Floor):
        above, below = atom.parts
        bare = isinstance(atom.denominator, int) or _is_symbol(below)
        return f"{operand(above)}//{text(below) if bare else f'({text(below)})'}"
    if isinstance(atom, Min):
        return f"min({', '.join(map(text, atom.parts))})"
    assert isinstance(atom, Scaled)
    return f"int({operand(atom.parts[0])} * {atom.factor!r})"


def _is_symbol(terms: Terms) -> bool:
    """Tell whether an expression is one symbol."""
    return [(len(m), c) for m, c in terms.items()] == [(1, 1)] and not any(isinstance(a, Atom) for (a,) in terms)


def operand(terms: Terms) -> str:
    """Write what stands left of // % or *: sums and floors in parentheses."""
    simple = len(terms) == 1 and not any(isinstance(atom, (Floor, Remainder)) for atom in next(iter(terms)))
    return text(terms) if simple else f"({text(terms)})"


def comparison(unit: Terms, low: int | None, high: int | None) -> str:
    """Write `low <= unit <= high` in the shortest of the ways tried."""
    if low is not None and high is not None and low != high:
        return f"{low} <= {text(unit)} <= {high}"
    sign, bound = ("==", low) if low == high else (">=", low) if high is None else ("<=", high)
    if bound is None:
        return f"{text(unit)} == {text(unit)}"  # nothing is asked
    return min(_sides(unit, sign, bound), key=len)


def _sides(unit: Terms, sign: str, bound: int) -> Iterator[str]:
    """Write a comparison with its negative terms on the other side, or with a number there."""
    left = {monomial: coefficient for monomial, coefficient in unit.items() if coefficient > 0}
    right = {monomial: -coefficient for monomial, coefficient in unit.items() if coefficient < 0}
    if right and (sign, bound) in {(">=", 1), ("<=", -1)}:
        yield f"{text(left)} {sign[0]} {text(right)}"
    if right:
        constant = {(): abs(bound)} if bound else {}
        left, right = (left, right | constant) if bound >= 0 else (left | constant, right)
        yield f"{text(left)} {sign} {text(right)}"
    yield f"{text(unit)} {sign} {bound}"
