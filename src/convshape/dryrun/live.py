"""Live: the same propagation over real tensors, a step at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import torch

from convshape.dryrun.devices import DryRunError, is_memory, no_memory, wait
from convshape.dryrun.making import function, module, real
from convshape.faults import ConvshapeError
from convshape.outcome import Real, shapes
from convshape.propagate import Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convshape.bind import Module
    from convshape.network import Names, Node
    from convshape.steps import Trace


class Live(Run):
    """A propagation over real tensors."""

    tensor = torch.Tensor

    def __init__(self, trace: Trace, inputs: Mapping[str, Any], device: torch.device) -> None:
        """Know the layers as the static trace filled them in."""
        super().__init__(trace.network, inputs, trace.symbols)
        self.device = device
        self.layers = {step.path: step.layer for step in trace.steps if step.layer}
        self.modules: dict[str, Any] = {}
        self.real: list[Real] = []
        self.stopped = False
        self.after: Live | None = None

    @classmethod
    def again(cls, before: Live, inputs: Mapping[str, Any], trace: Trace) -> Live:
        """Run once more with the same modules; what no line reads by its name is let go, as a forward does."""
        live = cls(trace, inputs, before.device)
        live.modules, live.after = before.modules, before
        return live

    def leave(self, x: Any, outer: Mapping[str, Any]) -> None:
        """Note nothing: what a block lets go is let go."""

    def give(self, names: Names, result: Any, node: Node) -> None:
        """Name a result, unless nothing reads it."""
        super().give(names, result, node)
        if self.after is not None:
            for name in [name for name in self.values if name not in self.after.reads]:
                del self.values[name]

    def apply(self, node: Module, inputs: tuple[Any, ...], keywords: dict[str, Any] | None) -> Any:
        """Make the module, unless an earlier step did, and run it."""
        if node.path not in self.modules:
            self.modules[node.path] = module(self.layers.get(node.path, node.layer), self.device)
        return self.timed(node.path, type(node.layer).__name__, self.modules[node.path], inputs, keywords or {})

    def operate(
        self,
        operation: Any,
        node: Node,  # noqa: ARG002
        arguments: tuple[Any, ...],
        keywords: dict[str, Any],
        *,
        bound: bool = False,
    ) -> Any:
        """Run a torch function or method; a dry run needs no position."""
        name = operation.name
        work = function(name, bound=bound)
        return self.timed(self.path, name, work, real(arguments, self.device), real(keywords, self.device))

    def timed(self, path: str, name: str, work: Any, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Run one step and note what came of it."""
        wait(self.device)
        start = time.perf_counter()
        try:
            output = work(*inputs, **keywords)
            wait(self.device)
        except (RuntimeError, ValueError, TypeError, IndexError, AssertionError, NotImplementedError) as error:
            if is_memory(error):
                raise no_memory(path, self.device) from None
            words = f"{type(error).__name__}: {first_line(error)}"
            self.real.append(Real(path, name, None, words, time.perf_counter() - start))
            raise Stopped from None
        if holds_tensor(output):
            self.real.append(Real(path, name, shapes(output), "", time.perf_counter() - start))
        return output


def first_line(error: Exception) -> str:
    """Return the first line of an error, which may have none."""
    return next(iter(str(error).splitlines()), "")


class Stopped(Exception):  # noqa: N818  # no error: the end of a dry run at a step that torch refused
    """Ends a dry run."""


def holds_tensor(value: Any) -> bool:
    """Tell whether a result is a tensor, or a tuple that starts with one."""
    return isinstance(value, torch.Tensor) or (
        isinstance(value, (tuple, list)) and len(value) > 0 and holds_tensor(value[0])
    )


def ran(live: Live, trace: Trace) -> Live:
    """Run the lines of a trace, as far as they go."""
    try:
        live.lines(trace.lines)
    except (Stopped, ConvshapeError) as stopped:
        if isinstance(stopped, DryRunError):
            raise
        live.stopped = True
    return live
