"""Uneven: the explicit pads for padding="same" where torch has none, because the window strides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.bind import bind, modules
from convshape.dim import Dim, Symbols
from convshape.faults import ReadError, ShapeError
from convshape.network import Call, Line, Literal
from convshape.read.expression import parse
from convshape.report import shape_text
from convshape.sizing.answer import Answer
from convshape.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from convshape.layer import Layer
    from convshape.network import Group, Network
    from convshape.steps import Trace

HEADS = ("name", "layer", "input", "output")
NOTE = (
    "torch has no padding='same' beside a stride: these pads give ceil(length/stride); the network was traced with them"
)


def same_pads(length: int, kernel: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """Return what goes before and after an axis so that ceil(length/stride) windows fit; what is odd goes after it.

    Source: tf.nn.convolution, padding="SAME".
    """
    places = -(-length // stride)
    total = max((places - 1) * stride + dilation * (kernel - 1) + 1 - length, 0)
    return total // 2, total - total // 2


def padded(network: Network, trace: Callable[[Network], Trace]) -> Answer | None:
    """Write the pads for each layer that asks for "same" beside a stride; None where there is none.

    Raises ReadError where the length of an axis is a symbol, or the layer stands inside a block.
    """
    rows: list[tuple[str, ...]] = []
    result = trace(network)
    while result.error is not None and is_uneven(result.error):
        place, line = standing(network, result.error)
        before, network = result, replaced(network, place, (line._replace(value=plain(line.value)),))
        layer = made(network, line)
        pads = sides(layer, before)
        network = replaced(network, place, (padding(pads), network.layers[place]))
        result = trace(network)
        text = f"F.pad(x, {pads}) -> {layer.signature()}"
        output = next((step.output for step in result.steps if step.span == line.value.span), None)
        rows.append((str(line.names[0]) if line.names else str(place), text, given(before), shape_text(output)))
    if not rows:
        return None
    document = {"version": 1, "file": network.source.name, "pads": [dict(zip(HEADS, row, strict=True)) for row in rows]}
    if result.error is not None:
        raise result.error
    return Answer(True, "", HEADS, rows, [("note", NOTE)], document)  # noqa: FBT003  # it works


def is_uneven(error: Any) -> bool:
    """Tell whether a layer was refused for a stride beside "same"."""
    return isinstance(error, ShapeError) and "padding='same' is not supported" in error.torch_message


def standing(network: Network, error: Any) -> tuple[int, Line]:
    """Find the line of a refused layer."""
    for place, line in enumerate(network.layers):
        if isinstance(line, Line) and isinstance(line.value, Call):
            span = line.value.span
            if span.start <= error.span.start < span.end:
                return place, line
    words = "write this layer as a line of its own, outside blocks, to have its pads worked out"
    raise ReadError("same", words, network.source, error.span)


def replaced(network: Network, place: int, lines: tuple[Line | Group, ...]) -> Network:
    """Return a network with other lines in the place of one."""
    return network._replace(layers=(*network.layers[:place], *lines, *network.layers[place + 1 :]))


def plain(call: Any) -> Call:
    """Return a call without its "same"."""

    def is_same(node: Any) -> bool:
        return isinstance(node, Literal) and node.value == "same"

    arguments = tuple(Literal(node.span, 0) if is_same(node) else node for node in call.arguments)
    return Call(call.span, call.function, arguments, tuple(pair for pair in call.keywords if not is_same(pair[1])))


def made(network: Network, line: Line) -> Layer:
    """Return the layer that a line makes."""
    lines = bind(network, Symbols(), inputs=network.inputs or ("input",))
    return next(module.layer for module in modules(lines) if module.span == line.value.span)


def sides(layer: Any, before: Trace) -> tuple[int, ...]:
    """Return the pads of each axis as F.pad takes them, the last axis first.

    Raises ReadError where a length is a symbol.
    """
    assert before.error is not None and before.error.step is not None  # noqa: S101, PT018  # it stopped there
    lengths = before.error.step.inputs[0][-layer.axes :]
    for length in lengths:
        if isinstance(length, Dim):
            words = f"the pads depend on {length}: give the input its sizes, -i 1,3,224,224"
            raise ReadError("no-size", words, before.network.source, before.error.span)
    windows = zip(lengths, layer.kernel_size, layer.stride, layer.dilation, strict=True)
    return tuple(side for window in reversed(list(windows)) for side in same_pads(*window))


def padding(pads: tuple[int, ...]) -> Line:
    """Make the line that pads."""
    text = f"F.pad(x, {pads})"
    return Line((), parse(Source("<pads>", text), text, 0)[1])


def given(trace: Trace) -> str:
    """Write what came to the layer where a trace stopped."""
    return shape_text(trace.error.step.inputs[0]) if trace.error and trace.error.step else ""
