"""The inputs of a trace: what the caller gives, else what the file says, else what the first layer needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.evaluate import Evaluator
from convshape.faults import ReadError
from convshape.network import Name, Word
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convshape.dim import Symbols
    from convshape.layer import Layer
    from convshape.network import Input, Network, Node

DTYPES = (
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool",
    "complex64", "complex128",
)  # fmt: skip


class Shapes(Evaluator):
    """Evaluates the sizes of inputs: a bare word is a variable, or else a symbol."""

    def __init__(self, network: Network, symbols: Symbols, settings: Mapping[str, Any]) -> None:
        """Know the variables of the network."""
        super().__init__(network.source)
        self.variables = network.variables
        self.symbols = symbols
        self.settings = settings

    def lookup(self, name: str, _default: Any) -> Any:
        """Find a variable, or declare a symbol."""
        if name in self.settings:
            return self.settings[name]
        if name in self.variables:
            return self.evaluate(self.variables[name])
        return self.symbols.symbol(name)

    def tensor(self, spec: Input) -> Tensor:
        """Make the tensor of an input."""
        if spec.dtype not in DTYPES:
            raise ReadError("dtype", f"there is no dtype {spec.dtype}: one of {', '.join(DTYPES)}", self.source)
        return Tensor(map(self.size, spec.shape), spec.dtype)

    def size(self, node: Node) -> Any:
        """Evaluate one size."""
        value = self.evaluate(node)
        if isinstance(node, (Name, Word)) and isinstance(value, str):
            value = self.symbols.symbol(value)
        if not hasattr(value, "__add__") or isinstance(value, (float, str, bool, tuple)):
            raise self.fail("input", "a size is a whole number or a symbol", node)
        if isinstance(value, int) and value < 0:
            raise self.fail("input", f"a size cannot be {value}", node)
        return value


def given_inputs(
    network: Network, given: Any, symbols: Symbols, settings: Mapping[str, Any], extra: Mapping[str, type[Layer]]
) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Return the input tensors by name, and a note where they had to be worked out."""
    shapes = Shapes(network, symbols, settings)
    inputs = {name: shapes.tensor(spec) for name, spec in network.inputs.items()}
    if given is not None:
        named = given if isinstance(given, dict) else {next(iter(inputs), "input"): given}
        inputs.update({name: as_tensor(value, symbols) for name, value in named.items()})
    if inputs:
        return inputs, ()
    shape = assumed(network, symbols, extra)
    return {"input": shape}, (f"no input was given: taken to be ({', '.join(map(str, shape))})",)


def as_tensor(value: Any, symbols: Symbols) -> Tensor:
    """Make a tensor of a tuple of ints and symbol names."""
    sizes = (symbols.symbol(size) if isinstance(size, str) else size for size in value)
    return Tensor(sizes, getattr(value, "dtype", "float32"))


def assumed(network: Network, symbols: Symbols, extra: Mapping[str, type[Layer]]) -> Tensor:
    """Work the input out from the first layer that fixes a rank: Conv2d(3, ...) takes (N, 3, H, W)."""
    from convshape.bind import bind

    for layer in made_layers(bind(network, symbols, extra=extra)):
        axes = layer.expects()
        if axes:
            return as_tensor(axes, symbols)
    raise ReadError("no-input", "no input: give one with -i N,3,32,32 or `input:` in the file", network.source)


def made_layers(lines: Any) -> Any:
    """Give the layers in the order in which they are written."""
    from convshape.bind import Module, Subnet

    for line in lines:
        if isinstance(line.value, Module):
            yield line.value.layer
        elif isinstance(line.value, Subnet):
            yield from made_layers(line.value.lines)


