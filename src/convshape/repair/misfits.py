"""Candidates for repairs of what does not fit: a window, a padding, a rank, groups, a dtype, the size of the data."""

from __future__ import annotations

import re
from math import gcd
from typing import TYPE_CHECKING, Any

from convshape import layers
from convshape.kinds import spread
from convshape.network import Items, Literal
from convshape.repair.edits import Edit, Repair, prefix_of
from convshape.source import Span
from convshape.tensor import alike
from convshape.window import extent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.layer import Layer
    from convshape.repair.candidates import Broken, Rule
    from convshape.tensor import Tensor

KERNELS = (3, 2, 5, 1, 4, 7, 6, 8, 9, 11)
"""The kernels worth trying, those that networks have most often first."""
LENGTHS = (28, 32, 64, 96, 128, 224, 256, 299, 384, 512)
"""The input sizes worth trying."""
FARTHEST = 8
"""By how much data may be too small for it to be the data that is wrong."""
SHARED = ("groups", "num_heads", "nhead", "num_groups")
"""The arguments among which channels or features are shared evenly."""


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
            values = dict(widened(broken, axes))
            given = f", with {', '.join(values)}" if values else ""
            words = f"{name} instead{given}: the input has {axes} axes to slide over"
            yield Repair(words, (Edit(span, name), *values.values()))
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


def widened(broken: Broken, axes: int) -> Iterator[tuple[str, Edit]]:
    """Write the tuples of a layer for more axes: what leaves an axis as it is comes in front of each."""
    layer = broken.layer
    for name, field in layer.fields.items() if layer else ():
        node = broken.node(name)
        if layer and isinstance(node, Items) and len(node.items) == layer.axes < axes:
            neutral = field.default if isinstance(field.default, int) else 1
            text = broken.source.at(node.span)
            wide = text[0] + f"{neutral}, " * (axes - layer.axes) + text[1:]
            yield f"{name}={wide}", Edit(node.span, wide)


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


def resized(broken: Broken) -> Iterator[Repair]:
    """Write another size of the data into the input: the nearest that halves evenly, then usual ones."""
    for name, spec in broken.network.inputs.items():
        axes = [node for node in spec.shape[2:] if isinstance(node, Literal) and isinstance(node.value, int)]
        if not axes:
            continue
        size = int(axes[0].value or 0)
        near = [(size + step - 1) // step * step for step in (2, 4, 8, 16, 32)]
        for new in dict.fromkeys(
            (*near, *(one for one in LENGTHS if size < one <= FARTHEST * size), 2 * size, 4 * size)
        ):
            if new != size:
                edits = tuple(Edit(node.span, str(new)) for node in axes)
                yield Repair(
                    f"{name} with {new} along {'the axis' if len(axes) == 1 else 'each axis'} of the data", edits
                )


def unpacked(broken: Broken) -> Iterator[Repair]:
    """Take the output out of the tuple that a recurrent or attention layer gives."""
    if broken.error.code == "not-a-tensor" and str(broken.error.values.get("got")) == "tuple":
        yield from broken.put("[0]", "", "the layer before gives a tuple, its output first")


def normalised(broken: Broken) -> Iterator[Repair]:
    """Normalise over the last axes as they are, or bring the axis that was meant to the end."""
    x, wanted = broken.x, broken.wanted
    if broken.error.field != "normalized_shape" or x is None or not isinstance(wanted, tuple) or len(x) < len(wanted):
        return
    last = tuple(x[-len(wanted) :])
    if all(isinstance(size, int) for size in last):
        words = "the sizes of the last axes"
        yield from broken.argument("normalized_shape", kernel_value(last) if len(last) == 1 else last, words)
    for axis in range(1, len(x) - 1):
        if alike(wanted, (x[axis],)) is True:
            order = (*(other for other in range(len(x)) if other != axis), axis)
            yield from broken.put(
                f"permute({', '.join(map(str, order))})", "", f"axis {axis} has the {wanted[0]} features"
            )


RULES: tuple[Rule, ...] = (unpacked, fitting, padded, ranked, shared, typed, normalised)
