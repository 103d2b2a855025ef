"""Memory: what a network takes in bytes, as formulas in the symbols of its input.

Inference holds the parameters, the buffers, and at each step what a later one still reads: the peak over the steps.
Training holds the gradients, the state of the optimiser, and every tensor that autograd keeps for the backward. A view
shares the memory of what it looks at, and memory that several keep is counted once.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from convshape.dim import maximum, prod
from convshape.dtypes import BYTES
from convshape.keeping import tensors_in
from convshape.tensor import Tensor, is_floating

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from convshape.dim import Size
    from convshape.steps import Step, Trace

STATES = {"sgd": 0, "adam": 2, "adamw": 2}
"""How many numbers an optimiser keeps for each parameter; SGD keeps one with a momentum."""


class Memory:
    """The bytes of a traced network; each part is a number, or a Dim that prints as a formula.

    `estimated` names the layers whose share of `kept` is a bound: torch keeps what its kernels of the day need.
    """

    def __init__(
        self, trace: Trace, dtype: str = "float32", optimizer: str = "adam", *, momentum: bool = False
    ) -> None:
        """Count what the network holds; `dtype` is that of its parameters and of every floating tensor."""
        self.dtype = dtype
        own = [step for step in trace.steps if step.layer and not step.shared]
        weights = [shape for step in own if step.layer for _, shape in step.layer.weights()]
        buffers = [(name, shape) for step in own if step.layer for name, shape in step.layer.buffers()]
        self.parameters = sum(prod(shape) for shape in weights) * BYTES[dtype]
        self.buffers = sum(prod(shape) * (BYTES[dtype] if shape else BYTES["int64"]) for _, shape in buffers)
        self.gradients = self.parameters
        state = self.parameters * (STATES[optimizer] or int(momentum))
        self.optimizer = state + (len(weights) * BYTES["float32"] if STATES[optimizer] else 0)  # and the count of steps
        storages = Storages(trace, dtype)
        self.kept = sum(storages.kept.values())
        inference, training = zip(*storages.live(trace), strict=True)
        self.held: Sequence[Size] = inference[1:]  # while each step runs
        self.peaks = largest_of(inference)
        self.training_peaks = largest_of(training)
        self.estimated = storages.estimated

    @property
    def fixed(self) -> Size:
        """What is held whatever the input, in training: parameters, buffers, gradients, the optimiser's state."""
        return self.parameters + self.buffers + self.gradients + self.optimizer

    @property
    def peak(self) -> Size:
        """What inference holds at its peak, whatever the sizes: where several steps may be the largest, a maximum."""
        return self.parameters + self.buffers + highest(self.peaks)

    @property
    def words(self) -> str:
        """The peak of inference and what it is made of, as `sizes --memory` has it."""
        from convshape.report.columns import sized

        own = self.parameters + self.buffers
        if len(self.peaks) > 1:
            return f"inference holds the largest of these, and {sized(own)} in parameters and buffers"
        return f"inference holds {sized(self.peak)} at its peak, {sized(own)} of it in parameters and buffers"

    def inference(self, **sizes: int) -> int:
        """Return the peak of a forward without gradients, at sizes of all symbols."""
        peak = max((at(one, sizes) for one in self.peaks), default=0)
        return at(self.parameters + self.buffers, sizes) + peak

    def trained(self, **sizes: int) -> int:
        """Return the peak of a forward in training, at sizes of all symbols: what autograd keeps is part of it."""
        return at(self.fixed, sizes) + max((at(one, sizes) for one in self.training_peaks), default=0)


class Storages:
    """The memory behind the tensors of a trace: which tensors share it, how long it lives, and what autograd keeps."""

    def __init__(self, trace: Trace, dtype: str) -> None:
        """Follow the steps once."""
        self.dtype = dtype
        self.homes: dict[int, Tensor] = {}  # the tensor that the memory was made for, by the id of one that shares it
        self.kept: dict[int, Size] = {}
        self.learns: set[int] = set()
        self.estimated: list[str] = []
        self.fresh: list[Tensor] = []  # what is made on the way lives as long as this does: ids are not given twice
        self.since: dict[int, int] = {}  # the step that keeps it first, by the id of its tensor
        for place, step in enumerate(trace.steps):
            self.follow(step)
            self.since.update(dict.fromkeys(self.kept.keys() - self.since.keys(), place))

    def home(self, tensor: Tensor) -> Tensor:
        """Return the tensor that the memory of another was made for."""
        return self.homes.get(id(tensor), tensor)

    def follow(self, step: Step) -> None:
        """Note what a step shares, and what it keeps where there is something to learn before it."""
        inputs = step.tensors
        learns = [one for one in inputs if id(self.home(one)) in self.learns]
        weights = bool(step.weights)
        if inputs and shares(step):
            for part in tensors_in(step.output):
                self.homes[id(part)] = self.home(inputs[0])
        if weights or learns:
            self.learns.update(id(self.home(part)) for part in tensors_in(step.output) if is_floating(part.dtype))
            self.keep(step, inputs, learns, weights=weights)

    def keep(self, step: Step, inputs: Sequence[Tensor], learns: Sequence[Tensor], *, weights: bool) -> None:
        """Count what autograd keeps of a step: of two inputs, each only where the other one learns."""
        if step.layer is not None and step.layer.estimated:
            self.estimated.append(step.path)
        for tensor in kept(step):
            others = [one for one in inputs if one is not tensor]
            is_input = len(others) < len(inputs)
            if is_input and not weights and others and not any(one is other for one in learns for other in others):
                continue
            home = self.home(tensor)
            self.fresh.append(tensor)
            self.kept[id(home)] = self.bytes(home)

    def bytes(self, tensor: Tensor) -> Size:
        """Return the bytes of a tensor; floating ones are all of one dtype."""
        width = BYTES[self.dtype if is_floating(tensor.dtype) else tensor.dtype]
        return prod(tensor) * width

    def live(self, trace: Trace) -> Iterator[tuple[Size, Size]]:
        """Give the bytes that are held before the first step and at each one: in inference, and in training.

        In inference it is what is still read or has a name, and what the step makes; training holds what is kept, too.
        """
        last = self.last(trace)
        held = {id(one): self.bytes(one) for one in trace.inputs.values()}
        behind: Size = 0  # what is kept, and held for nothing else
        yield sum(held.values()), sum(held.values())
        for place, step in enumerate(trace.steps):
            made = {id(self.home(one)): self.home(one) for one in tensors_in(step.output)}
            held.update({key: self.bytes(one) for key, one in made.items()})
            behind = behind + self.kept_of(
                key for key, since in self.since.items() if since == place and key not in held
            )
            now = sum(held.values())
            yield now, now + behind
            left = [key for key in held if last.get(key, place) <= place]
            behind = behind + self.kept_of(key for key in left if self.since.get(key, place + 1) <= place)
            held = {key: size for key, size in held.items() if key not in left}

    def kept_of(self, keys: Iterable[int]) -> Size:
        """Add what is kept of some."""
        return sum(self.kept[key] for key in keys)

    def last(self, trace: Trace) -> dict[int, int]:
        """Return the last step that needs each memory."""
        found = {id(self.home(one)): place for place, step in enumerate(trace.steps) for one in step.tensors}
        found |= {id(self.home(one)): len(trace.steps) for one in (*tensors_in(trace.output), *trace.inputs.values())}
        for value, end in trace.held:
            for one in tensors_in(value):
                home = id(self.home(one))
                found[home] = max(found.get(home, 0), end - 1)
        return found


def shares(step: Step) -> bool:
    """Tell whether the output of a step is the memory of its input."""
    if step.layer is not None:
        return step.layer.shares
    return step.op is not None and step.op.shares(step.inputs)


def kept(step: Step) -> Iterator[Tensor]:
    """Give the tensors that autograd keeps of a step."""
    if step.layer is not None:
        return step.layer.kept(step.output, *step.layer.positional_inputs(step.inputs, step.keywords))
    return step.op.kept(step.output, step.inputs, step.keywords) if step.op else iter(())


def largest_of(sizes: Sequence[Size]) -> list[Size]:
    """Return the sizes of which each may be the largest: those that another one is known to reach are left out."""
    found: list[Size] = []
    for size in sizes:
        if not any((other >= size) is True for other in found):
            found = [other for other in found if (size >= other) is not True] + [size]
    return found


def highest(sizes: Sequence[Size]) -> Size:
    """Return the largest of some sizes: where several may be it, a maximum; 0 of none."""
    return reduce(maximum, largest_of(sizes) or [0])


def at(size: Size, sizes: Mapping[str, int]) -> int:
    """Return a size at sizes of its symbols."""
    if isinstance(size, int):
        return size
    value = size.at(**{name: sizes[name] for name in size.names})
    assert isinstance(value, int)  # noqa: S101  # every symbol has a size
    return value
