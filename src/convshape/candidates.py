"""Candidates for repairs: what may have been meant where a layer or an op refuses, the likeliest first."""

from __future__ import annotations

import re
from math import gcd
from typing import TYPE_CHECKING, Any

from convshape import layers, ops
from convshape.dim import prod
from convshape.edits import Edit, Repair, before, line_at, nodes, prefix_of
from convshape.kinds import spread
from convshape.network import Call, Items, Literal
from convshape.origins import literals
from convshape.source import Span
from convshape.tensor import Tensor
from convshape.window import extent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convshape.faults import ShapeError
    from convshape.layer import Layer
    from convshape.network import Node
    from convshape.steps import Step, Trace

KERNELS = (3, 2, 5, 1, 4, 7, 6, 8, 9, 11)
"""The kernels worth trying, those that networks have most often first."""
LENGTHS = (28, 32, 64, 96, 128, 224, 256, 299, 384, 512)
"""The input sizes worth trying."""
SHARED = ("groups", "num_heads", "nhead", "num_groups")
"""The arguments among which channels or features are shared evenly."""
MAKES = ("out_", "hidden_", "embedding_", "proj_")
"""How the arguments are called that say what a layer makes."""
BACK = 6
"""How many arguments of earlier layers are looked at."""


class Broken:
    """A trace that an error ended: what came in, and how the layer or op that refuses was written."""

    def __init__(self, trace: Trace, error: ShapeError) -> None:
        """Find the call in the network, and where its arguments stand."""
        self.trace = trace
        self.error = error
        self.network = trace.network
        self.source = trace.network.source
        inputs = error.step.tensors if error.step else []
        self.x: Tensor | None = inputs[0] if inputs else None
        self.inputs = inputs
        at = error.call or error.span
        self.call = next((node for node in nodes(trace.network) if node.span == at and isinstance(node, Call)), None)
        self.layer = error.layer
        self.operation = ops.find(error.step.name) if error.step and error.layer is None and error.step.name else None
        self.got = error.values.get("got", error.values.get("channels"))
        self.wanted = error.wanted
        self.what = (error.field or "positions").removeprefix("in_").removeprefix("num_")

    # --- edits ---

    def put(self, method: str, layer: str, words: str) -> Iterator[Repair]:
        """Change the tensor before the layer: wrap what it is called on, or put a line before it."""
        code = layer or f"x.{method}"
        if self.error.applied is not None:
            span = self.error.applied
            text = self.source.at(span)
            held = text if re.fullmatch(r"[\w.]+|[\w.]+\([^()]*\)", text) else f"({text})"
            yield Repair(f"put {held}.{method} in: {words}", (Edit(span, f"{held}.{method}"),), adds=1)
            return
        line = line_at(self.network, self.error.call.start) if self.error.call else None
        edit = before(self.network, line, method, layer) if line and not line.role else None
        if edit is not None:
            yield Repair(f"put {code} before this layer: {words}", (edit,), adds=1)

    def argument(self, name: str, value: Any, words: str, old: Any = None) -> Iterator[Repair]:
        """Write another value for an argument: where its number comes from, then in the call itself."""
        node = self.node(name)
        if node is None:
            yield from self.added(name, value, words)
            return
        for span in literals(self.network, node, old):
            yield Repair(f"{name}={value}, {words}", (Edit(span, str(value)),))
        yield Repair(f"{name}={value}, {words}", (Edit(node.span, str(value)),))

    def added(self, name: str, value: Any, words: str) -> Iterator[Repair]:
        """Write an argument that the call leaves to its default."""
        call = self.call
        if call is None or not self.source.at(call.span).endswith(")"):
            return
        comma = ", " if call.arguments or call.keywords else ""
        edit = Edit(Span(call.span.end - 1, call.span.end - 1), f"{comma}{name}={value}")
        yield Repair(f"{name}={value}, {words}", (edit,))

    def node(self, name: str) -> Node | None:
        """Return how an argument of the layer was written."""
        if self.call is None or self.layer is None:
            return None
        return argument(self.call, list(self.layer.fields), name)


def argument(call: Call, names: list[str], name: str) -> Node | None:
    """Return an argument of a call, given by name or by its place."""
    given = dict(zip(names, call.arguments, strict=False))
    return {**given, **dict(call.keywords)}.get(name)


def candidates(trace: Trace, error: ShapeError) -> Iterator[Repair]:
    """Give the edits worth trying, the likeliest first."""
    broken = Broken(trace, error)
    if broken.layer is None:
        from convshape.rewrites import rewrites

        yield from rewrites(broken)
    else:
        for rule in RULES:
            yield from rule(broken)
    yield from resized(broken)


# --- a size that is not the one a layer expects ---


def folded(broken: Broken) -> Iterator[Repair]:
    """Flatten before a layer that works on the last axis, where that gives the features it wants."""
    x, wanted = broken.x, broken.wanted
    if x is None or broken.error.field != "in_features" or len(x) <= 2:  # noqa: PLR2004  # (N, features) is flat
        return
    words = "a Linear takes the last axis only"
    if same(prod(x[1:]), wanted):
        yield from broken.put("flatten(1)", "Flatten()", words)


def moved(broken: Broken) -> Iterator[Repair]:
    """Bring the axis that has the wanted size to where the layer looks for it."""
    x, wanted = broken.x, broken.wanted
    if x is None or not isinstance(wanted, int) or broken.got is None:
        return
    for axis in range(1, len(x)):
        if same(x[axis], wanted):
            rest = [other for other in range(1, len(x)) if other != axis]
            for order in ((0, axis, *rest), (0, *rest, axis)):
                words = f"axis {axis} of its input has the {wanted} {broken.what}"
                yield from broken.put(f"permute({', '.join(map(str, order))})", "", words)
    yield from swapped(broken, x, wanted)
    if same(wanted, 1):
        yield from broken.put("unsqueeze(1)", "", "one channel of its own")


def swapped(broken: Broken, x: Tensor, wanted: int) -> Iterator[Repair]:
    """Write the sizes of the input in another order, where the layer takes the input itself."""
    for name, tensor in broken.trace.inputs.items():
        spec = broken.network.inputs.get(name)
        if tensor is x and spec is not None:
            place = next((axis for axis in range(2, len(x)) if same(x[axis], wanted)), 0)
            one, two = (spec.shape[axis] for axis in (1, place)) if place else (None, None)
            if isinstance(one, Literal) and isinstance(two, Literal):
                edits = Edit(one.span, str(two.value)), Edit(two.span, str(one.value))
                yield Repair(f"{name} with {wanted} on axis 1, if that is how the data lies", edits)


def written(broken: Broken) -> Iterator[Repair]:
    """Write the number that comes in where another was expected, or `_` where it is not the same every time."""
    name, got = broken.error.field, broken.got
    if broken.node(name) is None or got is None or broken.error.stage == "ctor":
        return
    if isinstance(got, int) and (isinstance(broken.wanted, int) or got != broken.wanted):
        yield from broken.argument(name, got, "the size that comes in", broken.wanted)
    node, x, layer = broken.node(name), broken.x, broken.layer
    exact = isinstance(node, Literal) and isinstance(got, int)
    if node is not None and layer is not None and x is not None and not exact and name in layer.infer(x):
        yield Repair(f"{name}=_, worked out from what comes in", (Edit(node.span, "_"),))


def producers(broken: Broken) -> Iterator[Repair]:
    """Let an earlier layer make the size that is wanted: out_channels, out_features, or the input itself."""
    got, wanted = broken.got, broken.wanted
    if not isinstance(got, int) or not isinstance(wanted, int) or got <= 0:
        return
    yield from made_of(broken, broken.x, got, wanted)


def made_of(broken: Broken, x: Tensor | None, got: int, wanted: int) -> Iterator[Repair]:
    """Scale the argument of an earlier layer, or the size of an input, that a size comes from."""
    left = BACK
    for step in reversed(broken.trace.steps):
        for name, node, old in outputs(broken, step):
            if left and old * wanted % got == 0:
                left -= 1
                new = old * wanted // got
                words = f"{name}={new} in {label(step.path)}, which makes the {wanted} {broken.what}"
                for span in literals(broken.network, node, old):
                    yield Repair(words, (Edit(span, str(new)),))
    yield from input_sizes(broken, x, got, wanted)


def outputs(broken: Broken, step: Step) -> Iterator[tuple[str, Node, int]]:
    """Give the arguments of a layer that its output has as a size, and its input does not: what it makes."""
    if step.layer is None or not isinstance(step.output, Tensor):
        return
    call = broken_call(broken, step)
    for name in step.layer.fields:
        value = step.layer.__dict__.get(name)
        node = argument(call, list(step.layer.fields), name) if call else None
        if node is not None and name.startswith(MAKES) and isinstance(value, int) and value > 0:
            yield name, node, value


def label(path: str) -> str:
    """Name a layer for a sentence."""
    return path if path.rpartition(".")[2].isidentifier() else f"layer {path}"


def broken_call(broken: Broken, step: Step) -> Call | None:
    """Return how the layer of a step was written."""
    found = (node for node in nodes(broken.network) if isinstance(node, Call) and node.span == step.span)
    return next(found, None)


def input_sizes(broken: Broken, x: Tensor | None, got: int, wanted: int) -> Iterator[Repair]:
    """Write another size into the input, where a layer takes the input itself."""
    for name, tensor in broken.trace.inputs.items():
        spec = broken.network.inputs.get(name)
        if tensor is x and spec is not None and x is not None:
            for axis, node in enumerate(spec.shape):
                if axis and same(x[axis], got):
                    for span in literals(broken.network, node, got):
                        words = f"{name} with {wanted} on axis {axis}, if that is what the data has"
                        yield Repair(words, (Edit(span, str(wanted)),))


# --- windows, ranks, shares, dtypes ---


class Room:
    """The windows of a layer that do not fit: the kernel and the room for it along each axis."""

    def __init__(self, layer: Layer, x: Tensor) -> None:
        """Take what the layer says, and the sizes that come in."""
        self.kernel = layer.__dict__["kernel_size"]
        self.kernels = spread(self.kernel, layer.axes)
        self.lengths = tuple(x[-layer.axes :])
        self.windows = layer.windows(self.lengths)
        pairs = zip(self.lengths, self.windows, strict=False)
        self.sizes = [length + 2 * window.padding for length, window in pairs]

    @property
    def known(self) -> bool:
        """Whether all of it is numbers."""
        return bool(self.windows) and all(isinstance(size, int) for size in (*self.sizes, *self.kernels))


def fitting(broken: Broken) -> Iterator[Repair]:
    """Make a window fit: a smaller kernel, a pool that adapts, or more padding."""
    layer, x = broken.layer, broken.x
    if broken.error.code not in ("kernel-too-large", "output-too-small") or layer is None or x is None:
        return
    if "kernel_size" not in layer.fields:  # an upsampling of nothing
        return
    room = Room(layer, x)
    if room.known:
        yield from smaller(broken, room)
        yield from adapting(broken, f"Adaptive{type(layer).__name__}")
        if "padding" in layer.fields:
            yield from wider(broken, room)


def smaller(broken: Broken, room: Room) -> Iterator[Repair]:
    """Write a smaller kernel: the usual ones, the largest that fits, or each axis cut to its room."""
    words = "a window that fits into what comes in"
    most = min((size - 1) // window.dilation + 1 for size, window in zip(room.sizes, room.windows, strict=True))
    for size in dict.fromkeys((*(kernel for kernel in KERNELS if kernel <= most), most)):
        if size > 0:
            yield from broken.argument("kernel_size", size, words, kernel_value(room.kernel))
    if len(set(room.kernels)) > 1:
        shrunk = tuple(map(min, room.kernels, room.sizes))
        yield from broken.argument("kernel_size", shrunk, words)


def adapting(broken: Broken, name: str) -> Iterator[Repair]:
    """Use the pool that adapts, where there is one."""
    text = broken.source.at(broken.call.span) if broken.call else ""
    if broken.call and name in layers.FAMILY and text.endswith(")"):
        code = f"{prefix_of(text)}{name}(1)"
        yield Repair(f"{code} instead: it fits any size", (Edit(broken.call.span, code),))


def wider(broken: Broken, room: Room) -> Iterator[Repair]:
    """Write more padding: the least that makes room, or half a window."""
    spans = [extent(kernel, window.dilation) for kernel, window in zip(room.kernels, room.windows, strict=True)]
    least = max((span - length + 1) // 2 for span, length in zip(spans, room.lengths, strict=True))
    for size in dict.fromkeys((least, max(spans) // 2)):
        yield from broken.argument("padding", size, "so that the window fits")


def kernel_value(kernel: Any) -> Any:
    """Return the one number of a kernel that is the same along each axis."""
    return kernel[0] if isinstance(kernel, tuple) and len(set(kernel)) == 1 else kernel


def padded(broken: Broken) -> Iterator[Repair]:
    """Pad at most half a window; let `same` go with a stride of 1."""
    layer = broken.layer
    kernel = kernel_value(layer.__dict__.get("kernel_size")) if layer else None
    if broken.error.field == "padding" and isinstance(kernel, int):
        for size in (kernel // 2, 0):
            yield from broken.argument("padding", size, "at most half a window", kernel_value(broken.wanted))
    if broken.error.code == "stride" and isinstance(kernel, int):
        yield from broken.argument("padding", kernel // 2, "which keeps length/stride positions")
        yield from broken.argument("stride", 1, "which padding='same' needs", kernel_value(broken.wanted))
    if broken.error.field == "output_padding":
        yield from broken.argument("output_padding", 0, "smaller than the stride", kernel_value(broken.wanted))


def ranked(broken: Broken) -> Iterator[Repair]:
    """Use the class for as many axes as the input has, or give the input the axes that the layer takes."""
    error, x, layer = broken.error, broken.x, broken.layer
    if error.code != "rank" or x is None or layer is None:
        return
    found = re.match(r"(?:[\w.]*\.)?(\w*?)([123])d\b", broken.source.at(error.call)) if error.call else None
    for axes in (len(x) - 2, len(x) - 1):
        name = f"{found.group(1)}{axes}d" if found else ""
        if found and error.call and name in layers.FAMILY:
            start = error.call.start
            span = Span(start + found.start(1), start + found.end())
            yield Repair(f"{name} instead: the input has {axes} axes to slide over", (Edit(span, name),))
    kernel = broken.node("kernel_size")
    if isinstance(kernel, Items) and len(kernel.items) > layer.axes > 0:
        for item in kernel.items:
            text = broken.source.at(item.span)
            yield Repair(f"kernel_size={text}: one number slides over one axis", (Edit(kernel.span, text),))
    yield from broken.put("unsqueeze(1)", "", "the axis of channels")
    yield from broken.put("unsqueeze(0)", "", "a batch of one")
    yield from broken.put("flatten(1)", "Flatten()", "one row for each sample")
    if len(x) > 1:
        yield from broken.put("flatten(0, 1)", "", "the first two axes as one batch")


def shared(broken: Broken) -> Iterator[Repair]:
    """Share channels evenly: another number of groups or heads, or of channels."""
    layer, name = broken.layer, broken.error.field
    share = layer.__dict__.get(name) if layer else None
    if layer is None or name not in SHARED or not isinstance(share, int):
        return
    sizes = {n: v for n, v in layer.__dict__.items() if n in layer.fields and n != name and is_channels(n, v)}
    whole = gcd(*sizes.values())
    for count in sorted((n for n in range(1, min(whole, 1024) + 1) if whole % n == 0), key=lambda n: abs(n - share))[
        :4
    ]:
        yield from broken.argument(name, count, f"which shares {', '.join(map(str, sizes.values()))} evenly", share)
    for size_name, size in sizes.items():
        if share > 0 and size % share:
            new = max(round(size / share), 1) * share
            yield from broken.argument(size_name, new, f"which {name}={share} divides", size)


def is_channels(name: str, value: Any) -> bool:
    """Tell the arguments that are shared: how many channels or features."""
    return name.endswith(("channels", "embed_dim", "d_model")) and isinstance(value, int) and value > 0


def typed(broken: Broken) -> Iterator[Repair]:
    """Make another dtype of the input."""
    if broken.error.code == "dtype":
        yield from broken.put("float()", "", "the weights are float32")
        yield from broken.put("long()", "", "an index is a whole number")


RULES: tuple[Callable[[Broken], Iterator[Repair]], ...] = (
    folded, moved, fitting, written, producers, padded, ranked, shared, typed,
)  # fmt: skip


def resized(broken: Broken) -> Iterator[Repair]:
    """Write another size of the data into the input: the nearest that halves evenly, then usual ones."""
    for name, spec in broken.network.inputs.items():
        axes = [node for node in spec.shape[2:] if isinstance(node, Literal) and isinstance(node.value, int)]
        if not axes:
            continue
        size = int(axes[0].value or 0)
        near = [(size + step - 1) // step * step for step in (2, 4, 8, 16, 32)]
        for new in dict.fromkeys((*near, *(one for one in LENGTHS if one > size), 2 * size, 4 * size)):
            if new != size:
                edits = tuple(Edit(node.span, str(new)) for node in axes)
                yield Repair(
                    f"{name} with {new} along {'the axis' if len(axes) == 1 else 'each axis'} of the data", edits
                )


def same(size: object, wanted: object) -> bool:
    """Tell whether two numbers are equal; a symbol is equal to none."""
    return isinstance(size, int) and isinstance(wanted, int) and size == wanted
