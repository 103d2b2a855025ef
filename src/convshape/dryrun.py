"""The dry run: the same propagation over real tensors, each step compared with what the rules said.

This is the only file that imports torch. It needs torch >= 2.4; the modules are made on the device itself.
"""

from __future__ import annotations

import operator
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from convshape.dtypes import Dtype
from convshape.faults import ConvshapeError
from convshape.layer import Layer
from convshape.limits import stop_clock
from convshape.op import Op
from convshape.propagate import Run
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convshape.bind import Module
    from convshape.network import Node
    from convshape.steps import Step, Trace

DTYPES = {name: getattr(torch, name) for name in (
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64",
    "complex128",
)}  # fmt: skip


def assign(x: Any, index: Any, value: Any) -> Any:
    """Assign to a part of a tensor, and return it."""
    x[index] = value
    return x


OPERATORS = {
    "getitem": operator.getitem, "neg": operator.neg, "add": operator.add, "sub": operator.sub, "mul": operator.mul,
    "div": operator.truediv, "floor_divide": operator.floordiv, "remainder": operator.mod, "pow": operator.pow,
    "matmul": operator.matmul, "bitwise_and": operator.and_, "bitwise_or": operator.or_, "bitwise_xor": operator.xor,
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "invert": operator.invert, "setitem": assign, "positive": operator.pos, "len": len,
}  # fmt: skip


class DryRunError(ConvshapeError):
    """What keeps a dry run from running: a device that is not there, or memory that does not suffice."""


class Real(NamedTuple):
    """What torch did at one step: the shape it gave, or the error, and the seconds it took."""

    path: str
    name: str
    shape: Any
    error: str
    seconds: float


class Result(NamedTuple):
    """A dry run: a row for each step beside the static one; the peak memory in bytes where the device reports it."""

    trace: Trace
    steps: tuple[Real, ...]
    device: str
    peak: int | None
    torch: str = torch.__version__

    def pairs(self) -> list[tuple[Step | None, Real | None]]:
        """Put the static and the real steps side by side."""
        count = max(len(self.trace.steps), len(self.steps))
        static = [*self.trace.steps, *[None] * (count - len(self.trace.steps))]
        real = [*self.steps, *[None] * (count - len(self.steps))]
        return list(zip(static, real, strict=True))

    def differences(self) -> list[str]:
        """Say where the two differ, the first first; nothing when they agree."""
        return [words for words in (different(static, real) for static, real in self.pairs()) if words]


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
    if isinstance(value, (Tensor, torch.Tensor)):
        return tuple(value.shape)
    return tuple(map(shapes, value)) if isinstance(value, (tuple, list)) else None


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


def is_memory(error: Exception) -> bool:
    """Tell whether memory ran out, as an accelerator or as the CPU's allocator says it."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def no_memory(path: str, device: torch.device) -> DryRunError:
    """Make the error for a step that does not fit."""
    return DryRunError(
        "device-memory", f"{path}: {device} has not enough memory for this step: give smaller sizes with -i"
    )


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


def function(name: str, *, bound: bool = False) -> Any:
    """Find the torch function behind an op, or the method where it is written as one."""
    if name in OPERATORS and not bound:
        return OPERATORS[name]
    homes = (torch.nn.functional, torch.fft, torch, torch.linalg, torch.Tensor)
    for home in reversed(homes) if bound else homes:
        if hasattr(home, name):
            found = getattr(home, name)
            return found if callable(found) else lambda x: getattr(x, name)
    raise DryRunError("dry-run", f"this torch ({torch.__version__}) has no {name}")


def module(layer: Layer, device: torch.device) -> Any:
    """Make the real module of a layer, on the device."""
    arguments = {name: real(getattr(layer, name), device) for name in layer.fields}
    with torch.device(device):
        own = layer.module() or real_class(type(layer))(**arguments)
    return own.train(layer.training)


def real_class(kind: type[Layer]) -> Any:
    """Return the class of torch.nn, or the one that a layer names as its home.

    Raises DryRunError where it cannot be imported.
    """
    place, _, name = (kind.home or f"torch.nn.{kind.__name__}").rpartition(".")
    try:
        return getattr(import_module(place), name)
    except (ImportError, AttributeError) as error:
        raise DryRunError("dry-run", f"cannot import {name} from {place}: {error}") from None


def real(value: Any, device: torch.device) -> Any:
    """Turn what a description says into torch's: layers into modules, dtypes into its own, ops into functions."""
    if type(value) in (tuple, list):
        return type(value)(real(part, device) for part in value)
    if isinstance(value, dict):
        return {name: real(part, device) for name, part in value.items()}
    if isinstance(value, Layer):
        return module(value, device)
    if isinstance(value, Tensor):
        return make(value, device)
    if isinstance(value, Dtype):
        return getattr(torch, value)
    return function(value.name) if isinstance(value, Op) else value


def find_device(name: str) -> torch.device:
    """Return a device that is there.

    Raises DryRunError when there is none of that name.
    """
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise DryRunError("device", f"there is no device {name} here: torch has {', '.join(devices())}") from None
    return device


def devices() -> list[str]:
    """Return the kinds of device that this torch can use here."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "meta": True}
    return [name for name, usable in there.items() if usable]


def wait(device: torch.device) -> None:
    """Let a device finish, so that the time is the step's own."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def peak_memory(device: torch.device) -> int | None:
    """Return the peak memory in bytes, where the device reports it."""
    return torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None


def make(tensor: Tensor, device: torch.device) -> Any:
    """Make a real input: random numbers, or zeros where they are whole, which every Embedding can look up."""
    dtype = DTYPES[tensor.dtype]
    if dtype.is_floating_point or dtype.is_complex:
        return torch.randn(tuple(map(int, tensor)), dtype=dtype, device=device)
    return torch.zeros(tuple(map(int, tensor)), dtype=dtype, device=device)


def given(name: str, tensor: Tensor, device: torch.device) -> Any:
    """Make the input of a name, or say that it does not fit."""
    try:
        return make(tensor, device)
    except RuntimeError as error:
        if is_memory(error):
            raise no_memory(name, device) from None
        raise


def dry_run(trace: Trace, device: str = "cpu") -> Result:
    """Run a traced network in torch, step by step, with inputs of the sizes of the trace.

    Raises DryRunError when the device is not there or its memory does not suffice.
    """
    stop_clock()
    place = find_device(device)
    if place.type == "cuda":
        torch.cuda.reset_peak_memory_stats(place)
    with torch.no_grad():
        inputs = {name: given(name, tensor, place) for name, tensor in trace.inputs.items()}
        live = Live(trace, inputs, place)
        try:
            live.lines(trace.lines)
        except (Stopped, ConvshapeError) as stopped:
            if isinstance(stopped, DryRunError):
                raise
    return Result(trace, tuple(live.real), str(place), peak_memory(place))
