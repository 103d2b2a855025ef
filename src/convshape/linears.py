"""What each Linear needs: a propagation in which a Linear that was given another number takes what comes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from convshape import api
from convshape.bind import Module, bind
from convshape.dim import Symbols, prod
from convshape.faults import ShapeError
from convshape.inputs import given_inputs, pinned
from convshape.kinds import HOLE
from convshape.network import Network
from convshape.propagate import Run, traced
from convshape.read import read
from convshape.steps import wrong_linear

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convshape.dim import Size
    from convshape.layer import Layer
    from convshape.steps import Step, Trace
    from convshape.tensor import Tensor


class FillingRun(Run):
    """A propagation that fills `in_features` in where the number that is written is wrong."""

    def apply(self, node: Module, inputs: tuple[Any, ...], keywords: dict[str, Any] | None) -> Any:
        """Apply a layer; a Linear that refuses its input is applied again with the number left open."""
        try:
            return super().apply(node, inputs, keywords)
        except ShapeError as error:
            if not wrong_linear(error):
                raise
            self.notes.append(correction(node, inputs[0]))
            self.filled.pop(node.path)
            return super().apply(Module(node.span, opened(node.layer), node.path, node.call), inputs, keywords)


def opened(layer: Layer) -> Layer:
    """Return a Linear whose in_features is left open."""
    copy: Layer = object.__new__(type(layer))
    copy.__dict__.update(layer.__dict__)
    copy.__dict__.update(in_features=HOLE, holes=("in_features",))
    return copy


def correction(node: Module, x: Tensor) -> str:
    """Say what is written and what is needed; a Flatten is what is missing where that number fits the whole sample."""
    written: Size = node.layer.__dict__["in_features"]
    name = node.path if node.path.rpartition(".")[2].isidentifier() else f"layer {node.path}"
    words = f"{name} says in_features={written}; its input {tuple(x)} has {x[-1]} on the last axis"
    fits = prod(x[1:]) == written
    return f"{words}; {written} is right after a Flatten()" if len(x) > 1 and fits is True else words


def with_linears_filled(
    net: str | os.PathLike[str] | Network,
    given: Any = None,
    settings: Mapping[str, Any] | None = None,
    *,
    train: bool = False,
    layers: Mapping[str, type[Layer]] | None = None,
) -> Trace:
    """Trace a network whose Linears all take what comes; the notes of the trace say which numbers were wrong.

    Raises ReadError when the description cannot be read.
    """
    network = net if isinstance(net, Network) else read(os.fspath(net))
    symbols = Symbols()
    inputs, notes = given_inputs(network, given, symbols, dict(settings or {}), layers or {})
    known = pinned(network, inputs, settings or {})
    lines = bind(network, symbols, settings=known, training=train, extra=layers, inputs=inputs)
    trace = traced(FillingRun(network, inputs, symbols), network, lines, inputs, notes)
    if isinstance(trace.error, ShapeError):
        trace.error.find = lambda: getattr(
            api.trace(network, given, settings, train=train, layers=layers).error, "repairs", ()
        )
    return trace


class Origin:
    """How the features of a Linear come about: the sizes that were folded into its last axis."""

    __slots__ = ("factors", "name", "size")

    def __init__(self, name: str, size: Size, factors: tuple[Size, ...]) -> None:
        """Keep the name of the Linear, the number, and its factors: one where nothing was folded."""
        self.name = name
        self.size = size
        self.factors = factors


def origins(trace: Trace) -> list[Origin]:
    """Find for each Linear of a trace how its in_features come about."""
    made: dict[int, list[Step]] = {}
    for step in trace.steps:
        for part in parts(step.output):
            made.setdefault(id(part), []).append(step)
    steps = {step.path: step for step in trace.steps}
    if trace.error and trace.error.step and wrong_linear(trace.error):
        steps[trace.error.step.path] = trace.error.step
    return [Origin(name, size, folded(steps[name].inputs[0], made)) for name, size in trace.linears().items()]


def parts(output: Any) -> tuple[Any, ...]:
    """Return the tensors of an output, the tuple itself apart."""
    return (output,) if hasattr(output, "dtype") else tuple(output)


def folded(x: Tensor, made: Mapping[int, list[Step]]) -> tuple[Size, ...]:
    """Follow a tensor back to where its last axis was folded, and return the sizes that went into it."""
    visits: dict[int, int] = {}  # a layer may give its input back: then several steps made the same tensor
    before: Any = x
    while True:
        visits[id(before)] = visits.get(id(before), 0) + 1
        steps = made.get(id(before), ())
        if visits[id(before)] > len(steps) or not steps[-visits[id(before)]].inputs:
            return (x[-1],)
        before = steps[-visits[id(before)]].inputs[0]
        if not hasattr(before, "dtype") or len(before) < len(x):
            return (x[-1],)
        tail = tuple(before[len(x) - 1 :])
        if len(tail) > 1 or (tail[-1] == x[-1]) is not True:
            return tail if (prod(tail) == x[-1]) is True else (x[-1],)
