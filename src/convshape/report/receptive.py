"""The receptive field: which stretch of the input one position of an output sees, folded over the whole graph.

Along an axis, output position o sees the `size` input positions from `start + o*jump` on. After a transposed layer the
positions differ, and repeat: those of a period are kept one by one, so that every later window finds exactly what it
meets. Source: the windows of the layers.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from math import gcd, lcm
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from convshape.dim import Dim, minimum
from convshape.report.formula import written
from convshape.report.written import Written
from convshape.steps import every_tensor, first_tensor
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from convshape.steps import Step
    from convshape.window import Window


class Field(NamedTuple):
    """A receptive field along one axis; a transposed layer makes a jump that is a part of one.

    `size` is that of the widest position where they differ, `start` that of the first one that sees anything.
    """

    size: Fraction
    jump: Fraction
    start: Fraction

    @property
    def positions(self) -> int:
        """How many input positions it spans at the most."""
        return -(-self.size // 1)


MOST = 1_000_000
"""How many taps are looked at; a network with transposed windows that large has no receptive field worth knowing."""
Seen: TypeAlias = "tuple[int, int]"
"""The first and the last input position that an output position sees."""


class Axis(NamedTuple):
    """What each position along an axis sees: the first ones one by one, and then again `shift` further on.

    Position q*len(seen) + r sees seen[r], moved by q*shift; None sees nothing, as between the taps of a transposed
    window with dilation.
    """

    seen: tuple[Seen | None, ...]
    shift: int

    def at(self, place: int) -> Seen | None:
        """Return what a position sees."""
        q, r = divmod(place, len(self.seen))
        found = self.seen[r]
        return found and (found[0] + q * self.shift, found[1] + q * self.shift)

    def through(self, window: Window) -> Axis:
        """Let a window slide along it; a symbolic one raises Undecided, one that is too large ValueError.

        A window meets o*stride - padding + k*dilation for each tap k; a transposed one meets
        (o + padding - k*dilation)/stride, where that is whole.
        """
        kernel, stride, padding, dilation, transposed = map(counted, window)
        if not transposed and len(self.seen) == 1 and self.seen[0]:  # all positions see alike, an axis of the input say
            (first, last), before = self.seen[0], padding * self.shift
            after = (dilation * (kernel - 1) - padding) * self.shift
            return Axis(((first - before, last + after),), self.shift * stride)
        taps = range(0, kernel * dilation, dilation)
        period = len(self.seen)
        if period * stride * kernel > MOST:
            raise ValueError("too many taps to be looked at one by one")
        if transposed:
            made = [
                hull(self.at((o + padding - tap) // stride) for tap in taps if (o + padding - tap) % stride == 0)
                for o in range(period * stride)
            ]
            return Axis(tuple(made), self.shift)
        again = period // gcd(period, stride)
        made = [hull(self.at(o * stride - padding + tap) for tap in taps) for o in range(again)]
        return Axis(tuple(made), self.shift * stride * again // period)

    def field(self) -> Field:
        """Sum it up."""
        known = [(r, seen) for r, seen in enumerate(self.seen) if seen]
        jump = exact(self.shift) / len(self.seen) if len(self.seen) > 1 else exact(self.shift)
        size = -least([first - last - 1 for _, (first, last) in known] or [0])
        start = next((first - r * jump for r, (first, _) in known), Fraction(0))
        return Field(exact(size), jump, start)


def hull(parts: Iterable[Seen | None]) -> Seen | None:
    """Return what parts see together: from the first position that any sees to the last."""
    known = [part for part in parts if part]
    return (least([first for first, _ in known]), -least([-last for _, last in known])) if known else None


def least(numbers: Sequence[Any]) -> Any:
    """Return the smallest, for each candidate where there are many."""
    counts = sorted(numbers, key=lambda number: not isinstance(number, Dim))
    return reduce(minimum, counts) if isinstance(counts[0], Dim) else min(counts)


def counted(part: Any) -> Any:
    """Return a number, or those of the candidates of a search; a symbolic one raises Undecided."""
    return part if isinstance(part, Dim) and part.counted else int(part)


def exact(part: Any) -> Any:
    """Return a number that may be a part of one; those of candidates are whole."""
    return part if isinstance(part, Dim) else Fraction(part)


Fields: TypeAlias = "tuple[Field, ...]"
Axes: TypeAlias = "tuple[Axis, ...]"
POINT = Axis(((0, 0),), 1)
"""The input itself."""


def fields(steps: Sequence[Step]) -> list[Fields | None]:
    """Return the receptive field of each step's output, an entry for each axis that a window has slid over.

    Empty where none has; None where it is lost: after a layer that mixes positions in another way.
    """
    return [None if axes is None else tuple(axis.field() for axis in axes) for axes in seen(steps)]


def seen(steps: Sequence[Step]) -> list[Axes | None]:
    """Return what the positions of each step's output see, exactly; empty and None as for `fields`."""
    known: dict[int, Axes | None] = {}
    found = []
    for step in steps:
        axes = after(step, [known.get(id(tensor), ()) for tensor in step.tensors])
        found.append(axes)
        for part in every_tensor(step.output):
            known[id(part)] = axes
    return found


def after(step: Step, before: Sequence[Axes | None]) -> Axes | None:
    """Return what is seen after a step, from what its inputs see."""
    if not before or any(axes is None for axes in before):
        return None
    windows = windows_of(step)
    if windows:
        try:
            return slid(before[0], windows)
        except ValueError:  # a window over other axes than before, or one that is too large to be followed
            return None
        except TypeError:  # a symbolic kernel
            if any(getattr(part, "counted", False) for window in windows for part in window):
                raise
            return None
    joined = union([axes for axes in before if axes])
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


def slid(before: Axes | None, windows: Sequence[Window]) -> Axes:
    """Slide windows over what has been seen."""
    known = before or (POINT,) * len(windows)
    return tuple(axis.through(window) for axis, window in zip(known, windows, strict=True))


def union(branches: Sequence[Axes]) -> Axes | None:
    """Join what branches see: from the first position that any sees to the last."""
    if not branches or any(len(branch) != len(branches[0]) for branch in branches):
        return None if branches else ()
    return tuple(map(joined, zip(*branches, strict=True)))


def joined(parts: Sequence[Axis]) -> Axis:
    """Join branches along one axis; where they differ in the jump, the largest one is kept."""
    period = lcm(*(len(part.seen) for part in parts))
    shift = -least([-part.shift * (period // len(part.seen)) for part in parts])
    return Axis(tuple(hull(part.at(o) for part in parts) for o in range(period)), shift)


def keeps(step: Step, count: int) -> bool:
    """Tell whether a step leaves the last `count` axes where they are: position by position."""
    x = step.first
    if x is None or not isinstance(step.output, Tensor) or len(x) < count:
        return False
    if step.layer is not None:
        return len(x) == len(step.output) and same(x[-count:], step.output[-count:])
    names = [f"x{axis}" for axis in range(len(x))]
    result = written(step, names)
    return result is not None and [text(size) for size in result[-count:]] == names[-count:]


def same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Tell whether sizes are known to be equal; candidates that disagree raise Undecided."""
    return len(one) == len(other) and all(is_equal(a, b) for a, b in zip(one, other, strict=True))


def is_equal(a: Any, b: Any) -> bool:
    """Tell whether two sizes are known to be equal."""
    held = a == b
    return bool(held) if getattr(a, "counted", False) or getattr(b, "counted", False) else held is True


def text(size: Any) -> str:
    """Return how a size was written."""
    return size.text if isinstance(size, Written) else ""
