"""Written: a number that remembers how it was written. Arithmetic makes the size and its text together."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, NoReturn

from convshape.dim import Dim, Fact, Undecided, minimum, scaled

if TYPE_CHECKING:
    from collections.abc import Callable

SUM, PRODUCT, CALL, ATOM = 1, 2, 3, 4
"""How tightly a text holds together: what is looser needs brackets where something tighter is wanted."""


class Written:
    """A size and the text it was written as; arithmetic makes both, a comparison looks at the size alone."""

    __slots__ = ("before", "level", "text", "value")

    def __init__(self, value: Any, text: str, level: int) -> None:
        """Keep a size, its text, and how tightly the text holds together."""
        self.value = value
        self.text = text
        self.level = level
        self.before: tuple[int, Written] | None = None  # the number of the rule's own that was added last, and to what

    def moved(self, sign: str, number: int) -> Written:
        """Add or take away a number that the rule itself brings in; what it took before is given back: + 1 - 1."""
        step = number if sign == "+" else -number
        if step == 0:
            return self
        if self.before and self.before[0] == -step:
            return self.before[1]
        made: Written = join(self, sign, number)
        made.before = step, self
        return made

    def __repr__(self) -> str:
        """Show the text."""
        return self.text

    def within(self, level: int) -> str:
        """Write it where at least this level is wanted."""
        return self.text if self.level >= level else f"({self.text})"

    def __add__(self, other: Any) -> Any:
        return self.moved("+", other) if isinstance(other, int) else join(self, "+", other)

    def __radd__(self, other: Any) -> Any:
        return self if is_plain(other, 0) else join(other, "+", self)

    def __sub__(self, other: Any) -> Any:
        return self.moved("-", other) if isinstance(other, int) else join(self, "-", other)

    def __rsub__(self, other: Any) -> Any:
        return join(other, "-", self)

    def __mul__(self, other: Any) -> Any:
        return self if is_plain(other, 1) else join(self, "*", other)

    def __rmul__(self, other: Any) -> Any:
        return self if is_plain(other, 1) else join(other, "*", self)

    def __floordiv__(self, other: Any) -> Any:
        return join(self, "//", other)

    def __rfloordiv__(self, other: Any) -> Any:
        return join(other, "//", self)

    def __mod__(self, other: Any) -> Any:
        return join(self, "%", other)

    def __rmod__(self, other: Any) -> Any:
        return join(other, "%", self)

    def __neg__(self) -> Written:
        return Written(-self.value, f"-{self.within(CALL)}", PRODUCT)

    def __pos__(self) -> Written:
        return self

    def __eq__(self, other: object) -> Any:
        return compare(operator.eq, self, other)

    def __ne__(self, other: object) -> Any:
        return compare(operator.ne, self, other)

    def __lt__(self, other: Any) -> Any:
        return compare(operator.lt, self, other)

    def __le__(self, other: Any) -> Any:
        return compare(operator.le, self, other)

    def __gt__(self, other: Any) -> Any:
        return compare(operator.gt, self, other)

    def __ge__(self, other: Any) -> Any:
        return compare(operator.ge, self, other)

    def __hash__(self) -> int:
        return hash(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __index__(self) -> int:
        return operator.index(self.value)

    __int__ = __index__

    def minimum(self, other: Any) -> Written:
        """Write the smaller of two: `min(a, b)`."""
        return Written(minimum(self.value, value_of(other)), f"min({self.text}, {text_of(other)})", CALL)

    def scaled(self, factor: float) -> Written:
        """Write int(size * factor)."""
        return Written(scaled(self.value, factor), f"int({self.within(PRODUCT)}*{factor})", CALL)


class Open:
    """A comparison that the symbols decide. The rule has run before: what it assumes has been assumed already."""

    __slots__ = ()

    def assume(self, _why: object = None) -> None:
        """Take it as given."""

    def __and__(self, other: Any) -> Any:
        return False if other is False else self

    def __or__(self, other: Any) -> Any:
        return True if other is True else self

    __rand__ = __and__
    __ror__ = __or__

    def __bool__(self) -> NoReturn:
        raise Undecided


OPEN = Open()

LEVELS = {"+": (SUM, SUM, SUM), "-": (SUM, SUM, PRODUCT), "*": (PRODUCT, PRODUCT, CALL), "//": (PRODUCT, PRODUCT, CALL),
          "%": (PRODUCT, PRODUCT, CALL)}  # fmt: skip
"""The level of a result, and what is wanted of the operands on the left and on the right."""
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod,
}  # fmt: skip


def join(left: Any, sign: str, right: Any) -> Any:
    """Do arithmetic on the sizes, and write it down."""
    if not all(isinstance(part, (int, Dim, Written)) for part in (left, right)):
        return NotImplemented
    one, two = (part if isinstance(part, Written) else number(part) for part in (left, right))
    level, before, after = LEVELS[sign]
    space = " " if level == SUM else ""
    text = f"{one.within(before)}{space}{sign}{space}{two.within(after)}"
    return Written(OPERATORS[sign](one.value, two.value), text, level)


def compare(sign: Callable[[Any, Any], Any], left: Written, right: Any) -> Any:
    """Compare the sizes; what is undecided stays so."""
    found = sign(left.value, value_of(right))
    return OPEN if isinstance(found, Fact) else found


def is_plain(value: Any, number: int) -> bool:
    """Tell a number that the rule itself brings in, such as the 1 that a product starts from."""
    return isinstance(value, int) and value == number


def value_of(value: Any) -> Any:
    """Return the size."""
    return value.value if isinstance(value, Written) else value


def text_of(value: Any) -> str:
    """Return the text."""
    return value.text if isinstance(value, Written) else str(value)


def number(value: Any) -> Written:
    """Write a size as itself."""
    text = str(value)
    return Written(value, text, ATOM if text.isalnum() or text.isidentifier() else SUM)


def name(value: Any, text: str) -> Written:
    """Write a size as a name."""
    return Written(value, text, ATOM)
