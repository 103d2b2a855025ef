"""Formulas: a layer's own rule, run on numbers that remember how they were written.

Conv1d(1, 16, 8) on a length of 556 gives `(L + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1`, and
`(556 + 2*0 - 1*(8 - 1) - 1)//1 + 1 = 549`. Nothing is written twice: the text comes from the rule that computes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.dim import Dim
from convshape.faults import Refusal
from convshape.report.written import ATOM, Written, name, number, value_of
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convshape.steps import Step


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
    except (Refusal, TypeError, ValueError, AttributeError):  # a rule that needs plain numbers has no formula
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
    sizes: Any = map(name, value, letters) if letters else map(number, value)
    return Tensor(sizes, value.dtype)


def rule(step: Step, *, named: bool) -> Callable[..., Any]:
    """Return the rule of a step: of a layer, over its arguments written down."""
    operation = step.op
    if operation is not None:
        return lambda *arguments, **keywords: operation.call(arguments, keywords, bound=True)
    rule: Callable[..., Any] = noted(step.layer, named=named).out
    return rule


def noted(known: Any, *, named: bool) -> Any:
    """Return a layer whose arguments are written down: as their names, or as the numbers they are."""
    kind: type[Any] = type(known)
    layer = object.__new__(kind)
    values = vars(known).items()  # but for what cached properties have worked out from the plain numbers
    layer.__dict__.update({key: value for key, value in values if not hasattr(getattr(kind, key, None), "func")})
    for field in layer.fields:
        layer.__dict__[field] = argument(field, layer.__dict__[field], named=named)
    return layer


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
