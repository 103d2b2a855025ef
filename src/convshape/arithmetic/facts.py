"""Facts: comparisons of symbolic sizes that nothing decides yet, and that the symbols must satisfy."""

from __future__ import annotations

from itertools import chain, product

from convshape.arithmetic.atoms import evaluate, names, substitute
from convshape.arithmetic.polynomial import constant, is_number, number, primitive
from convshape.arithmetic.ranges import Contradiction, divided, shifted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, NoReturn

    from convshape.arithmetic.bounds import Known
    from convshape.arithmetic.polynomial import Terms
    from convshape.arithmetic.ranges import Range
    from convshape.dim import Size, Symbols


class Undecided(TypeError):  # noqa: N818 - it names what was found
    """A symbolic size or comparison was used where Python needs its value."""


class Fact:
    """A comparison that the sizes of symbols decide; never silently False."""

    __slots__ = ("symbols",)
    symbols: Symbols

    def __bool__(self) -> NoReturn:
        raise Undecided(f"whether {self} depends on {', '.join(sorted(self.names))}; assume it, or ask with .holds()")

    def __and__(self, other: bool | Fact) -> bool | Fact:
        if isinstance(other, bool):
            return self if other else False
        return Both(self, other) if isinstance(other, Fact) else NotImplemented

    def __or__(self, other: bool | Fact) -> bool | Fact:
        if isinstance(other, bool):
            return True if other else self
        return Either(self, other) if isinstance(other, Fact) else NotImplemented

    __rand__ = __and__
    __ror__ = __or__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fact) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return str(self)

    @property
    def key(self) -> object:
        """What facts have in common when they say the same in the same form."""
        raise NotImplementedError

    @property
    def names(self) -> frozenset[str]:
        """The symbols it is about."""
        raise NotImplementedError

    def narrow(self, known: Known) -> None:
        """Add it to what is known, without a record."""
        raise NotImplementedError

    def follows(self, known: Known) -> bool:
        """Tell whether it holds at every size that is still possible."""
        raise NotImplementedError

    def assume(self, why: object = None) -> None:
        """Hold it true from now on and record why; raise Contradiction when it cannot be."""
        self.symbols.take(self, why)

    def select(self, then: Size, other: Size) -> Any:  # noqa: ARG002  # candidates know
        """Take one size where it holds and another where it does not; None where symbols leave that open."""
        return None

    def holds(self, **sizes: int) -> bool:
        """Evaluate it at sizes of all its symbols."""
        raise NotImplementedError

    def cases(self) -> Iterator[tuple[Fact, ...]]:
        """Give the ways in which it can be true, each as facts without a choice; the likeliest first."""
        yield (self,)

    def at(self, **sizes: int) -> bool | Fact:
        """Give some of its symbols sizes; what is left is a fact about the others, or decided."""
        raise NotImplementedError


class Within(Fact):
    """`low <= unit <= high` for a primitive expression; an open end is None."""

    __slots__ = ("high", "low", "turned", "unit")

    def __init__(self, symbols: Symbols, unit: Terms, found: Range, *, turned: bool = False) -> None:
        self.symbols = symbols
        self.unit = unit
        self.low, self.high = found
        self.turned = turned  # an equality was asked the other way round

    def __str__(self) -> str:
        from convshape.arithmetic.printing import comparison

        return comparison(self.unit, (self.low, self.high), turned=self.turned)

    @property
    def key(self) -> object:
        """The expression and its range."""
        return frozenset(self.unit.items()), self.low, self.high

    @property
    def names(self) -> frozenset[str]:
        """The symbols it is about."""
        return names(self.unit)

    def narrow(self, known: Known) -> None:
        """Narrow the range that is known of the expression."""
        try:
            known.learn(self.unit, (self.low, self.high))
        except Contradiction as found:
            raise Contradiction(f"{self} contradicts what is known: {found}") from None

    def follows(self, known: Known) -> bool:
        """Tell whether it holds at every size that is still possible."""
        return known.decide(self.unit, (self.low, self.high)) is True

    def holds(self, **sizes: int) -> bool:
        """Evaluate it at sizes of all its symbols."""
        value = evaluate(self.unit, sizes)
        return self._allows(value)

    def at(self, **sizes: int) -> bool | Fact:
        """Give some of its symbols sizes; what is left is a fact about the others, or decided."""
        terms = substitute(self.unit, {name: number(size) for name, size in sizes.items()})
        if is_number(terms):
            return self._allows(constant(terms))
        offset, factor, unit = primitive(terms)
        low, high = divided(shifted((self.low, self.high), -offset), factor)
        return False if low is not None and high is not None and low > high else Within(self.symbols, unit, (low, high))

    def _allows(self, value: int) -> bool:
        """Tell whether a value of the expression is in the range."""
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)


class Several(Fact):
    """Facts joined by one word."""

    __slots__ = ("parts",)
    parts: tuple[Fact, ...]
    word = ""

    def __init__(self, *facts: Fact) -> None:
        parts: list[Fact] = []
        for fact in facts:
            parts += fact.parts if isinstance(fact, Several) and fact.word == self.word else [fact]
        self.symbols, self.parts = parts[0].symbols, tuple(dict.fromkeys(parts))

    def __str__(self) -> str:
        texts = (f"({part})" if isinstance(part, Several) else str(part) for part in self.parts)
        return f" {self.word} ".join(texts)

    @property
    def key(self) -> object:
        """The word and the parts in any order."""
        return self.word, frozenset(self.parts)

    @property
    def names(self) -> frozenset[str]:
        """The symbols it is about."""
        return frozenset().union(*[part.names for part in self.parts])


class Either(Several):
    """At least one of several facts."""

    __slots__ = ()
    word = "or"

    def narrow(self, known: Known) -> None:
        """Take the first alternative that is possible; the likeliest comes first."""
        likeliest, *others = self.parts
        try:
            likeliest.narrow(known)
        except Contradiction:
            if not others:
                raise
            Either(*others).narrow(known)

    def cases(self) -> Iterator[tuple[Fact, ...]]:
        """Give the cases of each part."""
        return chain.from_iterable(part.cases() for part in self.parts)

    def follows(self, known: Known) -> bool:
        """Tell whether it holds at every size that is still possible."""
        return any(part.follows(known) for part in self.parts)

    def holds(self, **sizes: int) -> bool:
        """Evaluate it at sizes of all its symbols."""
        return any(part.holds(**sizes) for part in self.parts)

    def at(self, **sizes: int) -> bool | Fact:
        """Give some of its symbols sizes; what is left is a fact about the others, or decided."""
        held: bool | Fact = False
        for part in self.parts:
            held = part.at(**sizes) | held
        return held


class Both(Several):
    """All of several facts."""

    __slots__ = ()
    word = "and"

    def narrow(self, known: Known) -> None:
        """Take every part."""
        for part in self.parts:
            part.narrow(known)

    def assume(self, why: object = None) -> None:
        """Hold every part true, each with a record of its own."""
        for part in self.parts:
            part.assume(why)

    def cases(self) -> Iterator[tuple[Fact, ...]]:
        """Give every combination of the cases of its parts."""
        for chosen in product(*(part.cases() for part in self.parts)):
            yield tuple(chain.from_iterable(chosen))

    def follows(self, known: Known) -> bool:
        """Tell whether it holds at every size that is still possible."""
        return all(part.follows(known) for part in self.parts)

    def holds(self, **sizes: int) -> bool:
        """Evaluate it at sizes of all its symbols."""
        return all(part.holds(**sizes) for part in self.parts)

    def at(self, **sizes: int) -> bool | Fact:
        """Give some of its symbols sizes; what is left is a fact about the others, or decided."""
        held: bool | Fact = True
        for part in self.parts:
            held = part.at(**sizes) & held
        return held
