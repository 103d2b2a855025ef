"""Making: what a description says, as torch has it: modules, functions, dtypes and tensors."""

from __future__ import annotations

import operator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch

from convshape.dryrun.devices import DryRunError, is_memory, no_memory
from convshape.dtypes import Dtype
from convshape.layer import Layer
from convshape.op import Op
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.kinds import Field
    from convshape.steps import Trace

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
    """Make the real module of a layer, on the device; an older torch may not know an argument that is left as it is.

    Raises DryRunError where this torch does not know one that is given.
    """
    values = {name: getattr(layer, name) for name, field in layer.fields.items() if differs(layer, field)}
    arguments = {name: real(value, device) for name, value in values.items()}
    with torch.device(device):
        own = layer.module() or made(type(layer), arguments)
    return own.train(layer.training)


def differs(layer: Layer, field: Field) -> bool:
    """Tell whether an argument of a layer is another one than its default."""
    value = getattr(layer, field.name)
    return type(value) is not type(field.default) or bool(value != field.default)


def made(kind: type[Layer], arguments: dict[str, Any]) -> Any:
    """Make a module of torch, or of a layer's home."""
    try:
        return real_class(kind)(**arguments)
    except TypeError as error:
        words = f"torch {torch.__version__} makes no {kind.__name__} of these arguments: {error}"
        raise DryRunError("dry-run", words) from None


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


def make(tensor: Tensor, device: torch.device) -> Any:
    """Make a real input: random numbers from 0 to 1, which may be probabilities, or whole ones, all 0, for a lookup."""
    dtype = DTYPES[tensor.dtype]
    if dtype.is_floating_point or dtype.is_complex:
        return torch.rand(tuple(map(int, tensor)), dtype=dtype, device=device)
    return torch.zeros(tuple(map(int, tensor)), dtype=dtype, device=device)


def given(name: str, tensor: Tensor, device: torch.device) -> Any:
    """Make the input of a name, or say that it does not fit."""
    try:
        return make(tensor, device)
    except RuntimeError as error:
        if is_memory(error):
            raise no_memory(name, device) from None
        raise


def inputs_of(trace: Trace, device: torch.device) -> dict[str, Any]:
    """Make the inputs of a trace."""
    return {name: given(name, tensor, device) for name, tensor in trace.inputs.items()}
