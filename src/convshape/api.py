"""The Python interface: each function reads, binds, propagates and returns a value."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from convshape import limits
from convshape.bind import Module, Refused, bind, modules
from convshape.dim import Symbols
from convshape.faults import ReadError, ShapeError
from convshape.inputs import given_inputs, pinned
from convshape.network import Network
from convshape.propagate import propagate
from convshape.read import parse, read
from convshape.source import Source
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from convshape.dim import Size
    from convshape.layer import Layer
    from convshape.repair import Repair
    from convshape.sizing import Sizes
    from convshape.steps import Trace


def trace(
    net: str | os.PathLike[str] | Network,
    input: Any = None,  # noqa: A002  # the word of the command line
    set: Mapping[str, Any] | None = None,  # noqa: A002  # the word of the command line
    *,
    train: bool = False,
    layers: Mapping[str, type[Layer]] | None = None,
) -> Trace:
    """Propagate shapes through a network.

    `net` is a path, a description or a Network; `input` a shape (ints, or strings for symbols), a Tensor, or a dict of
    them by name; `set` overrides variables. A network that refuses its input gives a Trace too: its `error` says why.
    Raises ReadError when the description cannot be read.
    """
    network = net if isinstance(net, Network) else read(os.fspath(net))

    def run(network: Network) -> Trace:
        again = partial(traced, network, input, dict(set or {}), train=train, layers=layers)
        found = again()
        left = found.symbols.overtaken()
        return again(prepare=lambda symbols: symbols.take(*left)) if left else found

    result = run(network)
    if isinstance(result.error, ShapeError):
        result.error.find = lambda: repairs(result, lambda source: run(parse(source)))
    return result


def traced(  # noqa: PLR0913  # what a trace depends on
    network: Network,
    given: Any,
    settings: dict[str, Any],
    *,
    train: bool = False,
    layers: Mapping[str, type[Layer]] | None = None,
    prepare: Callable[[Symbols], None] = lambda _: None,
) -> Trace:
    """Trace a network once; `prepare` may narrow its symbols before the first layer."""
    symbols = Symbols()
    inputs, notes = given_inputs(network, given, symbols, settings, layers or {})
    prepare(symbols)
    known = pinned(network, inputs, settings)
    lines = bind(network, symbols, settings=known, training=train, extra=layers, inputs=inputs)
    try:
        return propagate(network, lines, inputs, symbols, (*network.notes, *notes))
    except RecursionError:
        raise limits.too_deep(network.source) from None


def sizes(  # noqa: PLR0913  # all but two by name
    net: str | os.PathLike[str] | Network,
    input: Any = None,  # noqa: A002
    set: Mapping[str, Any] | None = None,  # noqa: A002
    *,
    free: Sequence[str] = (),
    train: bool = False,
    layers: Mapping[str, type[Layer]] | None = None,
) -> Sizes:
    """Return the exact set of sizes for which a network works, for the symbols of its input.

    `free` names axes of concrete inputs that become symbols, by the letters that the first layer has for them:
    ("H", "W"), or ("all",) for all but the channels. Raises ReadError when the description cannot be read, when no axis
    is called so, and when the sizes leave too many choices.
    """
    from convshape.sizing.explore import explore

    network = net if isinstance(net, Network) else read(os.fspath(net))
    settings = dict(set or {})
    if free:
        from convshape.sizing.free import freed

        given = freed(traced(network, input, settings, train=train, layers=layers), free)
        input = {**input, **given} if isinstance(input, dict) else given or input  # noqa: A001
    return explore(lambda prepare: traced(network, input, settings, train=train, layers=layers, prepare=prepare))


def repairs(result: Trace, again: Callable[[Source], Trace]) -> Sequence[Repair]:
    """Look for repairs; the code for it is loaded only here."""
    from convshape import repair

    return repair.repairs(result, again)


def linear_in(
    net: str | os.PathLike[str] | Network,
    input: Any = None,  # noqa: A002
    set: Mapping[str, Any] | None = None,  # noqa: A002
    *,
    at: str | None = None,
) -> Size:
    """Return the in_features that the first Linear needs, or the Linear called `at`.

    Without a Linear it is the flattened size per sample of the output. Raises ShapeError when the network refuses its
    input before that, KeyError when no Linear is called `at`.
    """
    from convshape.linears import with_linears_filled

    return with_linears_filled(net, input, set).linear_in_at(at)


def output_shape(description: str, *inputs: Any, train: bool = False, **keywords: Any) -> Any:
    """Return the output shape of any description: a tuple, or nested tuples where the output is nested.

    An input is a tuple of sizes (float32), a Tensor, None, or a nested tuple of them, as forward takes them.
    Raises ShapeError where torch refuses the arguments or the inputs, ReadError where the text cannot be read.
    """
    _, output = _run(description, inputs, keywords, train=train)
    return plain(output)


def weights(description: str, *inputs: Any, train: bool = False, **keywords: Any) -> dict[str, tuple[Size, ...]]:
    """Return the parameters of a description by name with their shapes, as named_parameters gives them after forward.

    Without an input the constructor alone is asked. Raises as `output_shape`.
    """
    if not inputs and not keywords:
        return _made(description, train=train)
    found: dict[str, tuple[Size, ...]] = _run(description, inputs, keywords, train=train)[0]
    return found


def _made(description: str, *, train: bool) -> dict[str, tuple[Size, ...]]:
    """Make what is described, and return its weights."""
    lines = bind(parse(Source("<net>", description)), Symbols(), training=train)
    for line in lines:
        if isinstance(line.value, Refused):
            raise line.value.error
    if len(lines) == 1 and isinstance(lines[0].value, Module):
        return dict(lines[0].value.layer.weights())
    return {f"{module.path}.{name}": shape for module in modules(lines) for name, shape in module.layer.weights()}


def _run(description: str, inputs: tuple[Any, ...], keywords: dict[str, Any], *, train: bool) -> tuple[Any, Any]:
    """Make what is described and call it on the inputs."""
    network = parse(Source("<net>", description))
    symbols = Symbols()
    lines = bind(network, symbols, training=train, inputs=("input",))
    values = tuple(tensor(value) for value in inputs)
    named = {name: tensor(value) for name, value in keywords.items()}
    if len(lines) == 1 and isinstance(lines[0].value, (Module, Refused)):
        return single(lines[0].value, values, named)
    if not values:
        raise ReadError("no-input", "a network of several layers needs an input", network.source)
    result = propagate(network, lines, {"input": values[0]}, symbols)
    if result.error:
        raise result.error
    found = {f"{step.path}.{name}": shape for step in result.steps for name, shape in step.weights.items()}
    return found, result.output


def single(node: Module | Refused, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, Any]:
    """Call one layer on its inputs."""
    from convshape.faults import Refusal

    if isinstance(node, Refused):
        raise node.error
    layer = node.layer
    try:
        layer = layer.ready(inputs, keywords)
        output = layer(*inputs, **keywords)
    except Refusal as refusal:
        raise ShapeError(refusal.about(layer), "forward", type(layer).__name__) from None
    return dict(layer.weights()), output


def tensor(value: Any) -> Any:
    """Make Tensors of an input: a tuple of sizes, or a nested tuple of tuples."""
    if isinstance(value, (list, tuple)) and not isinstance(value, Tensor):
        if value and all(part is None or isinstance(part, (tuple, list)) for part in value):
            return tuple(map(tensor, value))
        return Tensor(value)
    return value


def plain(value: Any) -> Any:
    """Return nested tuples of sizes."""
    if isinstance(value, Tensor):
        return value.shape
    return tuple(map(plain, value)) if isinstance(value, (tuple, list)) else value
