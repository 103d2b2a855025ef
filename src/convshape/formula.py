"""Numbers that remember how they were written: run through a layer's own rule, they give its formula and an example.

Conv1d(1, 16, 8) on a length of 556 gives `(L + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1`, and
`(556 + 2*0 - 1*(8 - 1) - 1)//1 + 1 = 549`. Nothing is written twice: the text comes from the rule that computes.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from convshape.dim import Dim, Fact, Undecided
from convshape.layer import Layer
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convshape.steps import Step

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
        from convshape.dim import minimum

        return Written(minimum(self.value, value_of(other)), f"min({self.text}, {text_of(other)})", CALL)

    def scaled(self, factor: float) -> Written:
        """Write int(size * factor)."""
        from convshape.dim import scaled

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


class Formula(NamedTuple):
    """How one axis of an output comes about: in names, in numbers, and the size."""

    axis: int
    names: str
    numbers: str
    value: Any

    @property
    def worked(self) -> str:
        """The example with its result."""
        return self.numbers if self.numbers == str(self.value) else f"{self.numbers} = {self.value}"


def formulas(step: Step, letters: Sequence[str] = ()) -> list[Formula]:
    """Return how the axes of a step's output come about, those that its rule computes; `letters` name its input.

    An empty list where the rule keeps its axes, or asks more of a size than arithmetic.
    """
    named, numbered = written(step, letters, named=True), written(step, letters, named=False)
    if named is None or numbered is None:
        return []
    return [
        Formula(axis, one.text, two.text, value)
        for axis, (one, two, value) in enumerate(zip(named, numbered, step.output, strict=True))
        if isinstance(one, Written) and isinstance(two, Written) and one.level < ATOM
    ]


def written(step: Step, letters: Sequence[str] = (), *, named: bool = True) -> tuple[Any, ...] | None:
    """Run the rule of a step on written numbers; None where it cannot, or gives several tensors.

    The numbers are written as they are, or under the names of the axes and of the layer's arguments.
    """
    if not isinstance(step.output, Tensor):
        return None
    names = axis_names(step.tensors, letters)
    inputs = tuple(rewritten(part, names, named=named) for part in step.inputs)
    keywords = {key: rewritten(part, names, named=named) for key, part in (step.keywords or {}).items()}
    try:
        result = rule(step, named=named)(*inputs, **keywords)
    except Exception:  # noqa: BLE001  # a rule that needs plain numbers has no formula, whatever it raises
        return None
    return tuple(result) if isinstance(result, tuple) and same(result, step.output) else None


def same(result: Sequence[Any], output: Sequence[Any]) -> bool:
    """Tell whether written sizes are those that came out."""
    return len(result) == len(output) and all((value_of(a) == b) is True for a, b in zip(result, output, strict=True))


def axis_names(tensors: Sequence[Tensor], letters: Sequence[str]) -> dict[int, tuple[str, ...]]:
    """Name the axes of the inputs: the first by its letters, or else x0, x1, ...; the next ones y0, z0."""
    found: dict[int, tuple[str, ...]] = {}
    for place, tensor in enumerate(tensors):
        plain = tuple(f"{'xyzuvw'[place % 6]}{axis}" for axis in range(len(tensor)))
        found.setdefault(id(tensor), tuple(letters) if place == 0 and len(letters) == len(tensor) else plain)
    return found


def rewritten(value: Any, names: dict[int, tuple[str, ...]], *, named: bool) -> Any:
    """Write the sizes of a tensor."""
    if not isinstance(value, Tensor):
        parts = value if isinstance(value, (list, tuple)) else ()
        return type(value)(rewritten(part, names, named=named) for part in parts) if parts else value
    letters = names.get(id(value)) if named else None
    sizes = map(name, value, letters) if letters else map(number, value)
    return Tensor(sizes, value.dtype)


def rule(step: Step, *, named: bool) -> Callable[..., Any]:
    """Return the rule of a step: of a layer, over its arguments written down."""
    operation = step.op
    if operation is not None:
        return lambda *arguments, **keywords: operation.call(arguments, keywords, bound=True)
    kind = type(step.layer)
    layer: Layer = object.__new__(kind)
    known = vars(step.layer).items()  # but for what cached properties have worked out from the plain numbers
    layer.__dict__.update({key: value for key, value in known if not hasattr(getattr(kind, key, None), "func")})
    for field in layer.fields:
        layer.__dict__[field] = argument(field, layer.__dict__[field], named=named)
    return layer.out


def argument(field: str, value: Any, *, named: bool) -> Any:
    """Write an argument of a layer: kernel_size, or kernel_size[0] where the axes differ."""
    if isinstance(value, tuple) and all(is_size(part) for part in value):
        alike = len(set(value)) == 1
        return tuple(
            name(part, field if alike else f"{field}[{axis}]") if named else number(part)
            for axis, part in enumerate(value)
        )
    if not is_size(value):
        return value
    return name(value, field) if named else number(value)


def is_size(value: Any) -> bool:
    """Tell whether it is a whole number or a symbolic one."""
    return isinstance(value, (int, Dim)) and not isinstance(value, bool)
