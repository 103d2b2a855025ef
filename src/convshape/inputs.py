"""The inputs of a trace: what the caller gives, else what the file says, else what the first layer needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape import limits
from convshape.dim import Dim
from convshape.evaluate import Evaluator
from convshape.faults import ReadError
from convshape.network import Name, Word
from convshape.source import Span
from convshape.suggest import clipped, did_you_mean
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convshape.dim import Symbols
    from convshape.layer import Layer
    from convshape.network import Input, Network, Node
    from convshape.source import Source

DTYPES = (
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool",
    "complex64", "complex128",
)  # fmt: skip


class Shapes(Evaluator):
    """Evaluates the sizes of inputs: a bare word is a variable, or else a symbol."""

    def __init__(
        self, network: Network, symbols: Symbols, settings: Mapping[str, Any], source: Source | None = None
    ) -> None:
        """Know the variables of the network; `source` is where the sizes are written, where that is elsewhere."""
        super().__init__(source or network.source)
        self.whole = Span(0, len(source.text)) if source else None
        self.variables = network.variables
        self.symbols = symbols
        self.settings = settings
        self.known: dict[str, Any] = {}

    def lookup(self, name: str, _default: Any) -> Any:
        """Find a variable, or declare a symbol."""
        if name in self.settings:
            return self.settings[name]
        if name in self.variables:
            if name not in self.known:  # each is worked out once: a = b + b, b = c + c, ... would double the work
                self.known[name] = self.evaluate(self.variables[name])
            return self.known[name]
        return self.symbols.symbol(name)

    def tensor(self, spec: Input) -> Tensor:
        """Make the tensor of an input."""
        if spec.dtype not in DTYPES:
            near = did_you_mean(spec.dtype, DTYPES)
            words = f"there is no dtype {clipped(spec.dtype)}{near}; there is {', '.join(DTYPES)}"
            raise ReadError("unknown-dtype", words, self.source, self.whole)
        if len(spec.shape) > limits.AXES:
            words = f"an input has no more than {limits.AXES} axes here"
            span = self.whole or spec.shape[limits.AXES].span
            raise limits.over("AXES", "too-many-values", words, self.source, span)
        return Tensor(map(self.size, spec.shape), spec.dtype)

    def size(self, node: Node) -> Any:
        """Evaluate one size."""
        try:
            value = self.evaluate(node)
            if isinstance(node, (Name, Word)) and isinstance(value, str):
                value = self.symbols.symbol(value)
        except ValueError as error:  # a name that no symbol can have
            raise self.fail("symbol", str(error), node) from None
        if not hasattr(value, "__add__") or isinstance(value, (float, str, bool, tuple)):
            raise self.fail("input", "a size is a whole number or a symbol", node)
        if isinstance(value, int) and value < 0:
            raise self.fail("input", f"a size cannot be {value}", node)
        return value


class Given(NamedTuple):
    """An input as the command line has it: the text, and what it says."""

    source: Source
    spec: Input


def given_inputs(
    network: Network, given: Any, symbols: Symbols, settings: Mapping[str, Any], extra: Mapping[str, type[Layer]]
) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Return the input tensors by name, and a note where they had to be worked out.

    Raises ReadError when an input cannot be read, or is none of those that the network declares.
    """
    named = by_name(network, given)
    shapes = Shapes(network, symbols, settings)
    inputs = {name: shapes.tensor(spec) for name, spec in network.inputs.items() if name not in named}
    inputs.update({name: as_tensor(value, symbols, network, settings) for name, value in named.items()})
    if inputs:
        order = [*network.inputs, *named]
        return {name: inputs[name] for name in dict.fromkeys(order)}, ()
    shape = assumed(network, symbols, extra)
    return {"input": shape}, (f"no input was given: taken to be ({', '.join(map(str, shape))})",)


def by_name(network: Network, given: Any) -> dict[str, Any]:
    """Name what was given: a single input needs no name, and `x` is the first one."""
    declared = list(network.inputs)
    if given is None:
        return {}
    named = dict(given) if isinstance(given, dict) else {next(iter(declared), "input"): given}
    if declared and "x" in named and "x" not in declared:
        named[declared[0]] = named.pop("x")
    for name in named:
        if declared and name not in declared:
            words = f"the network has no input {name}{did_you_mean(name, declared)}; it has {', '.join(declared)}"
            raise unread("unknown-input", words, named[name], network.source)
    return named


def unread(code: str, message: str, value: Any, source: Source) -> ReadError:
    """Make an error that points at the option, where the input comes from one."""
    if isinstance(value, Given):
        return ReadError(code, message, value.source, Span(0, len(value.source.text)))
    return ReadError(code, message, source)


def as_tensor(
    value: Any, symbols: Symbols, network: Network | None = None, settings: Mapping[str, Any] | None = None
) -> Tensor:
    """Make a tensor of a tuple of ints and symbol names, or of what the command line says.

    Raises ReadError where a size is neither.
    """
    if isinstance(value, Given):
        assert network is not None  # noqa: S101  # the command line always has one
        return Shapes(network, symbols, settings or {}, value.source).tensor(value.spec)
    if not isinstance(value, (tuple, list)):
        raise ReadError("input", f"an input is a tuple of sizes, got {value!r}")
    return Tensor((as_size(size, symbols) for size in value), getattr(value, "dtype", "float32"))


def as_size(size: Any, symbols: Symbols) -> Any:
    """Check one size, or declare its symbol."""
    if isinstance(size, str):
        try:
            return symbols.symbol(size)
        except ValueError as error:
            raise ReadError("symbol", str(error)) from None
    if isinstance(size, Dim) or (isinstance(size, int) and size >= 0):
        return size
    raise ReadError("input", f"a size is a whole number or a symbol, got {size!r}")


def pinned(network: Network, inputs: Mapping[str, Tensor], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Add to the settings what the letters stand for: [N, 1, L] given as 32,1,556 makes L 556 everywhere."""
    found: dict[str, Any] = {}
    for name, spec in network.inputs.items():
        if len(spec.shape) == len(inputs[name]):
            found.update(zip(map(letter, spec.shape), inputs[name], strict=True))
    return {**{name: size for name, size in found.items() if name and name not in network.variables}, **settings}


def letter(node: Node) -> str:
    """Return the bare word that stands for a size, or nothing."""
    return node.id if isinstance(node, (Name, Word)) else ""


def letters(network: Network) -> set[str]:
    """Return the bare words that stand for sizes in the inputs of a network."""
    return {letter(node) for spec in network.inputs.values() for node in spec.shape} - {""}


def assumed(network: Network, symbols: Symbols, extra: Mapping[str, type[Layer]]) -> Tensor:
    """Work the input out from the first layer that fixes a rank: Conv2d(3, ...) takes (N, 3, H, W)."""
    from convshape.bind import bind, modules

    for module in modules(bind(network, symbols, extra=extra)):
        axes = module.layer.expects()
        if axes:
            return as_tensor(axes, symbols)
    raise ReadError("no-input", "no input: give one with -i N,3,32,32 or `input:` in the file", network.source)
