"""Outcome: what torch did in a dry run, beside what convshape said, and the memory that it took."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convshape.steps import Step, Trace


class Real(NamedTuple):
    """What torch did at one step: the shape it gave, or the error, and the seconds it took."""

    path: str
    name: str
    shape: Any
    error: str
    seconds: float


class Weight(NamedTuple):
    """Bytes: what was weighed (the `peak` of a forward, or what is `kept`), how many convshape says, and how many."""

    what: str
    estimated: int
    measured: int


class Result:
    """A dry run: a row for each step beside the static one, and the bytes that torch held, where it ran to its end."""

    def __init__(self, trace: Trace, steps: tuple[Real, ...], device: str, torch: str, held: Mapping[str, int]) -> None:
        """Keep what came of it; `torch` is its version, `held` the bytes that were weighed."""
        self.trace = trace
        self.steps = steps
        self.device = device
        self.torch = torch
        self.held = held

    def pairs(self) -> list[tuple[Step | None, Real | None]]:
        """Put the static and the real steps side by side."""
        count = max(len(self.trace.steps), len(self.steps))
        static = [*self.trace.steps, *[None] * (count - len(self.trace.steps))]
        real = [*self.steps, *[None] * (count - len(self.steps))]
        return list(zip(static, real, strict=True))

    def differences(self) -> list[str]:
        """Say where the two differ, the first first; nothing when they agree."""
        return [words for words in (different(static, real) for static, real in self.pairs()) if words]

    @cached_property
    def weights(self) -> list[Weight]:
        """The memory beside its estimate: the peak of a forward, in training mode also what autograd keeps."""
        if not self.held:
            return []
        from convshape.memory import Memory, highest

        memory = Memory(self.trace)
        peaks = memory.training_peaks if trains(self.trace) else memory.peaks
        said = {"peak": memory.parameters + memory.buffers + highest(peaks), "kept": memory.kept}
        return [Weight(what, int(said[what]), measured) for what, measured in self.held.items()]


def trains(trace: Trace) -> bool:
    """Tell whether the layers of a trace are in training mode."""
    return any(step.layer is not None and step.layer.training for step in trace.steps)


def different(static: Step | None, real: Real | None) -> str:
    """Say how a step differs, or nothing."""
    if real is None or static is None:
        path = (static or real).path  # type: ignore[union-attr]
        ran = "torch" if static is None else "convshape"
        return "" if static is None and real is not None and real.error else f"{path}: only {ran} ran this step"
    if real.error:
        return f"{real.path}: torch refuses: {real.error}"
    said = shapes(static.output)
    return "" if said == real.shape else f"{real.path}: convshape says {said}, torch gives {real.shape}"


def shapes(value: Any) -> Any:
    """Return nested tuples of sizes, of static or real tensors."""
    if hasattr(value, "shape"):
        return tuple(value.shape)
    return tuple(map(shapes, value)) if isinstance(value, (tuple, list)) else None
