"""What a size may hold besides symbols: floors, minima and scaled sizes, each with the identities that simplify it."""

from __future__ import annotations

from math import gcd

from convshape.arithmetic.polynomial import (
    add,
    atoms,
    constant,
    content,
    exact,
    is_number,
    leading,
    multiply,
    number,
    plain,
    times,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from convshape.arithmetic.polynomial import Monomial, Terms


class Atom(str):
    """A factor that is not a symbol; its text is its identity, so it hashes, sorts and compares as a string does."""

    __slots__ = ("parts", "written")
    parts: tuple[Terms, ...]
    written: str  # for people; printing.py fills it in

    def rebuild(self, parts: list[Terms]) -> Terms:
        """Apply the same operation to other parts."""
        raise NotImplementedError

    def value(self, parts: list[int]) -> int:
        """Apply the operation to numbers."""
        raise NotImplementedError


class Quotient(Atom):
    """`n // d` by a symbolic size."""

    __slots__ = ()

    @classmethod
    def of(cls, n: Terms, d: Terms) -> Quotient:
        """Make the atom; floor_divide has simplified it."""
        atom = cls("{" + plain(n) + "}//{" + plain(d) + "}")
        atom.parts = n, d
        return atom

    def rebuild(self, parts: list[Terms]) -> Terms:
        """Divide other parts."""
        return floor_divide(*parts)

    def value(self, parts: list[int]) -> int:
        """Divide two numbers."""
        return parts[0] // parts[1]


class Floor(Atom):
    """`n // d` by a number above 1."""

    __slots__ = ("d", "n")
    n: Terms
    d: int

    @classmethod
    def of(cls, n: Terms, d: int) -> Floor:
        """Make the atom; divide has simplified it."""
        atom = cls("{" + plain(n) + "}//" + str(d))
        atom.n, atom.d, atom.parts = n, d, (n,)
        return atom

    def rebuild(self, parts: list[Terms]) -> Terms:
        """Divide another part."""
        return divide(parts[0], self.d)

    def value(self, parts: list[int]) -> int:
        """Divide a number."""
        return parts[0] // self.d


class Min(Atom):
    """The smaller of two sizes when nothing decides which that is."""

    __slots__ = ()

    @classmethod
    def of(cls, a: Terms, b: Terms) -> Min:
        """Make the atom; smaller has simplified it."""
        atom = cls("{min}" + plain(a) + "," + plain(b) + "}")
        atom.parts = a, b
        return atom

    def rebuild(self, parts: list[Terms]) -> Terms:
        """Take the smaller of other parts."""
        return smaller(*parts)

    def value(self, parts: list[int]) -> int:
        """Take the smaller of two numbers."""
        return min(parts)


class Scaled(Atom):
    """`int(size * factor)` in float64, as torch's interpolate computes it."""

    __slots__ = ("factor",)
    factor: float

    @classmethod
    def of(cls, size: Terms, factor: float) -> Scaled:
        """Make the atom; scale has simplified it."""
        atom = cls("{int}" + plain(size) + "*" + repr(factor))
        atom.parts, atom.factor = (size,), factor
        return atom

    def rebuild(self, parts: list[Terms]) -> Terms:
        """Scale another size."""
        return scale(parts[0], self.factor)

    def value(self, parts: list[int]) -> int:
        """Scale a number."""
        return scale_number(parts[0], self.factor)


def divide(p: Terms, d: int) -> Terms:
    """Compute p // d for a number d, in normal form."""
    if d == 0:
        raise ZeroDivisionError("a size is divided by zero")
    if d < 0:
        return divide(times(p, -1), -d)  # n//d == (-n)//(-d)
    whole: Terms = {}
    rest: Terms = {}
    for monomial, coefficient in p.items():  # (d*q + r)//d == q + r//d
        if monomial and coefficient % d:
            rest[monomial] = coefficient
        elif coefficient // d:
            whole[monomial] = coefficient // d
    if not rest:
        return whole
    left = constant(p) % d
    common = gcd(d, *rest.values())
    if common > 1:  # (g*u + c)//(g*m) == (u + c//g)//m
        rest = {monomial: coefficient // common for monomial, coefficient in rest.items()}
        d, left = d // common, left // common
    if left:
        rest[()] = left
    below = _floor(rest, d)
    return add(whole, below) if whole else below


def _floor(rest: Terms, d: int) -> Terms:
    """Compute rest // d where d > 1 shares nothing with the coefficients of rest."""
    inner = floors_alone(rest)
    if len(inner) == 1:
        ((monomial, atom),) = inner.items()
        others = add(rest, {monomial: rest[monomial]}, -1)
        n = atom.n if rest[monomial] > 0 else negated(atom)
        return divide(add(n, others, atom.d), atom.d * d)  # (n//e + r)//d == (n + r*e)//(e*d)
    if rest[leading(rest)] < 0:
        return times(divide(add(number(d - 1), rest, -1), d), -1)  # (-n)//d == -((n + d - 1)//d)
    return {(Floor.of(rest, d),): 1}


def floors_alone(terms: Terms) -> dict[Monomial, Floor]:
    """Find the floors that stand with coefficient 1 or -1."""
    return {m: atom for m, atom in atoms(terms) if isinstance(atom, Floor) and terms[m] in {1, -1}}


def negated(atom: Floor) -> Terms:
    """Find n' with -(n//d) == n'//d: it is -n + d - 1."""
    return add(number(atom.d - 1), atom.n, -1)


def floor_divide(p: Terms, q: Terms) -> Terms:
    """Compute p // q, in normal form."""
    if is_number(q):
        return divide(p, constant(q))
    quotient = exact(p, q)
    if quotient is not None:
        return quotient
    if len(q) == 1:  # (d*q + r)//d == q + r//d
        whole = {m: c for m, c in p.items() if exact({m: c}, q) is not None}
        if whole:
            return add(exact(whole, q) or {}, floor_divide(add(p, whole, -1), q))
    common = content(p, q)
    if common != {(): 1}:  # (g*n)//(g*d) == n//d
        return floor_divide(exact(p, common) or {}, exact(q, common) or {})
    return {(Quotient.of(p, q),): 1}


def modulo(p: Terms, q: Terms) -> Terms:
    """Compute p % q; only floors stay in the normal form, so that L % 2 + 2*(L//2) is L."""
    return add(p, multiply(q, floor_divide(p, q)), -1)


def remainder(terms: Terms, monomial: Monomial) -> tuple[int, Terms, int] | None:
    """Find (sign, n, d) with this term being the -sign*d*(n//d) of sign*(n % d); the caller looks for its rest."""
    atom = monomial[0] if len(monomial) == 1 else None
    coefficient = terms.get(monomial, 0)
    if not isinstance(atom, Floor) or abs(coefficient) <= 1:
        return None
    d = abs(coefficient)
    common = gcd(d, atom.d)
    # with d == g*a and e == g*b, m//e == n//d for n == (m*a)//b: (m*a)//(b*d) == (m*a)//(a*e)
    return -1 if coefficient > 0 else 1, divide(times(atom.n, d // common), atom.d // common), d


def smaller(a: Terms, b: Terms) -> Terms:
    """Write min(a, b) with the constant they share taken out."""
    difference = add(a, b, -1)
    if is_number(difference):
        return a if constant(difference) <= 0 else b
    shift = number(min(constant(terms) for terms in (a, b) if not is_number(terms)))
    first, second = sorted((add(a, shift, -1), add(b, shift, -1)), key=lambda terms: (is_number(terms), plain(terms)))
    return add({(Min.of(first, second),): 1}, shift)  # min(a + c, b + c) == min(a, b) + c


def scale_number(size: int, factor: float) -> int:
    """Compute int(size * factor) in float64."""
    return int(float(size) * factor)


def scale(size: Terms, factor: float) -> Terms:
    """Write int(size * factor), without floats where the factor is a whole or small dyadic number."""
    if is_number(size):
        return number(scale_number(constant(size), factor))
    above, below = factor.as_integer_ratio()
    if below <= 1 << 10:  # size*above stays below 2**53, so float64 is exact
        return divide(times(size, above), below)
    return {(Scaled.of(size, factor),): 1}


def evaluate(terms: Terms, sizes: Mapping[str, int]) -> int:
    """Compute the value at the sizes of every symbol."""
    total = 0
    for monomial, coefficient in terms.items():
        product = coefficient
        for atom in monomial:
            if isinstance(atom, Atom):
                product *= atom.value([evaluate(part, sizes) for part in atom.parts])
            else:
                product *= sizes[atom]
        total += product
    return total


def substitute(terms: Terms, replacements: Mapping[str, Terms]) -> Terms:
    """Put polynomials in place of symbols."""
    total: Terms = {}
    for monomial, coefficient in terms.items():
        product = number(coefficient)
        for atom in monomial:
            if isinstance(atom, Atom):
                factor = atom.rebuild([substitute(part, replacements) for part in atom.parts])
            else:
                factor = replacements.get(atom, {(atom,): 1})
            product = multiply(product, factor)
        total = add(total, product)
    return total


def names(terms: Terms) -> frozenset[str]:
    """List the symbols that occur."""
    found: set[str] = set()
    for monomial in terms:
        for atom in monomial:
            found |= frozenset[str]().union(*map(names, atom.parts)) if isinstance(atom, Atom) else {str(atom)}
    return frozenset(found)
