"""The receptive field: which stretch of the input one position of an output sees, folded over the whole graph.

Along an axis, output position o sees the `size` input positions from `start + o*jump` on. Source: the windows of the
layers; a layer after another multiplies its steps by the jump so far.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.formula import written
from convshape.steps import every_tensor, first_tensor
from convshape.tensor import Tensor
from convshape.written import Written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.steps import Step
    from convshape.window import Window


class Field(NamedTuple):
    """A receptive field along one axis; a transposed layer makes a jump that is a part of one."""

    size: Fraction
    jump: Fraction
    start: Fraction

    @property
    def positions(self) -> int:
        """How many input positions it spans at the most."""
        return -(-self.size.numerator // self.size.denominator)


Fields = tuple[Field, ...]
POINT = Field(Fraction(1), Fraction(1), Fraction(0))
"""The field of the input itself."""


def fields(steps: Sequence[Step]) -> list[Fields | None]:
    """Return the receptive field of each step's output, an entry for each axis that a window has slid over.

    Empty where none has; None where it is lost: after a layer that mixes positions in another way.
    """
    known: dict[int, Fields | None] = {}
    found = []
    for step in steps:
        field = after(step, [known.get(id(tensor), ()) for tensor in step.tensors])
        found.append(field)
        for part in every_tensor(step.output):
            known[id(part)] = field
    return found


def after(step: Step, before: Sequence[Fields | None]) -> Fields | None:
    """Return the field after a step, from those of its inputs."""
    if not before or any(field is None for field in before):
        return None
    windows = windows_of(step)
    if windows:
        try:
            return slid(before[0], windows)
        except (TypeError, ValueError):  # a symbolic kernel, or a window over other axes than before
            return None
    joined = union([field for field in before if field])
    if joined:
        return joined if keeps(step, len(joined)) else None
    return joined if step.layer is None or not step.layer.axes or keeps(step, step.layer.axes) else None


def windows_of(step: Step) -> Sequence[Window]:
    """Ask a layer for its windows; one that gives as many axes as it takes slides over them."""
    x, layer = next(iter(step.tensors)), step.layer
    if len(x) != len(first_tensor(step.output)):
        return ()
    if layer is None:
        return step.op.windows(step.inputs, step.keywords) if step.op else ()
    return layer.windows(tuple(x[-layer.axes :])) if layer.axes else ()


def slid(before: Fields | None, windows: Sequence[Window]) -> Fields:
    """Slide windows over what has been seen."""
    known = before or (POINT,) * len(windows)
    return tuple(through(field, window) for field, window in zip(known, windows, strict=True))


def through(field: Field, window: Window) -> Field:
    """Let a window slide along one axis; a symbolic one raises Undecided.

    Taps of a transposed window that meet the same output are a stride apart: (kernel - 1)*dilation // stride + 1.
    """
    kernel, stride, padding, dilation, transposed = (int(part) for part in window)
    reach = dilation * (kernel - 1)
    if transposed:
        first = -((reach - padding) // stride)
        return Field(field.size + reach // stride * field.jump, field.jump / stride, field.start + first * field.jump)
    return Field(field.size + reach * field.jump, field.jump * stride, field.start - padding * field.jump)


def union(branches: Sequence[Fields]) -> Fields | None:
    """Join the fields of branches: from the first position that any sees to the last."""
    if not branches or any(len(branch) != len(branches[0]) for branch in branches):
        return None if branches else ()
    return tuple(map(joined, zip(*branches, strict=True)))


def joined(parts: Sequence[Field]) -> Field:
    """Join fields along one axis."""
    start = min(part.start for part in parts)
    end = max(part.start + part.size for part in parts)
    return Field(end - start, max(part.jump for part in parts), start)


def keeps(step: Step, count: int) -> bool:
    """Tell whether a step leaves the last `count` axes where they are: position by position."""
    x = next(iter(step.tensors), None)
    if x is None or not isinstance(step.output, Tensor) or len(x) < count:
        return False
    if step.layer is not None:
        return same(x[-count:], step.output[-count:]) and len(x) == len(step.output)
    names = [f"x{axis}" for axis in range(len(x))]
    result = written(step, names)
    return result is not None and [text(size) for size in result[-count:]] == names[-count:]


def same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Tell whether sizes are known to be equal."""
    return len(one) == len(other) and all((a == b) is True for a, b in zip(one, other, strict=True))


def text(size: Any) -> str:
    """Return how a size was written."""
    return size.text if isinstance(size, Written) else ""
