"""Pools that keep the largest number under a sliding window, and what all sliding pools share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import SPATIAL, letters_for
from convshape.dtypes import need_floating
from convshape.faults import Fault, require
from convshape.kinds import Flag, PerAxis, spread
from convshape.layer import Layer
from convshape.layers.pooling import (
    ONCE,
    Window,
    as_image,
    need_one,
    need_sequence,
    one_or_each,
    places,
    pool_image,
    pool_volume,
)
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.tensor import Sizes

INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
NON_EMPTY = Fault(
    "rank",
    "takes {plain} axes (unbatched) or {batched} (batched), got {rank}",
    "RuntimeError: non-empty {plain}D or {batched}D (batch mode) tensor expected for input",
)
SEQUENCE_WORDS = (
    "RuntimeError: max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, "
    "but got:{input}"
)
SEQUENCE_RANK = Fault("rank", "takes 2 axes (unbatched) or 3 (batched), got {input}", SEQUENCE_WORDS)
EMPTY_SEQUENCE = Fault("empty-axis", "takes no empty axis but the batch, got {input}", SEQUENCE_WORDS)
LENGTH_WORDS = {
    "kernel_size": "an int, list of ints or tuple of ints",
    "stride": "None, an int, list of ints, or tuple of ints",
    "padding": "an int, list of ints, or tuple of ints",
    "dilation": "an int, list of ints or tuple of ints",
}
LENGTHS = {
    name: Fault(
        name.replace("_", "-"),
        f"takes one {name}, got {{got}}",
        f"RuntimeError: max_pool1d() {name} must be {words} of size 1 but got size {{got}}",
    )
    for name, words in LENGTH_WORDS.items()
}
POSITIVE = {
    name: Fault(
        name.replace("_", "-"),
        f"takes a {name} of at least 1, got {{got}}",
        f"RuntimeError: max_pool1d() {name} must be greater than zero, but got {{got}}",
    )
    for name in ("kernel_size", "stride", "dilation")
}
NEGATIVE_PADDING = Fault(
    "padding",
    "takes a padding of at least 0, got {got}",
    "RuntimeError: max_pool1d() padding must be non-negative, but got {got}",
)
HALF = Fault(
    "padding-too-large",
    "takes a padding of at most half its kernel_size, got {padding} beside {kernel}",
    "RuntimeError: max_pool1d() padding should be at most half of kernel size, but got padding={padding} "
    "and kernel_size={kernel}",
)
NO_PLACE = Fault(
    "output-too-small",
    "slides a window of {kernel} over an input of {length}, which leaves {output}",
    "RuntimeError: max_pool1d() Invalid computed output size: {output}",
)


class Pool(Layer):
    """Slide a window over the last axes, each channel by itself."""

    if TYPE_CHECKING:
        kernel_size: Any
        stride: PerAxis | None
        ceil_mode: bool

    @property
    def steps(self) -> Sizes:
        """The stride: the kernel where none is given."""
        stride: Sizes = self.stride or spread(self.kernel_size, self.axes)
        return stride

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of any number of channels."""
        return ("N", "C", *SPATIAL[self.axes])

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the output."""
        return letters_for(output if isinstance(output, Tensor) else output[0], self.axes)


def maximum_windows(layer: Any, kernel: Sizes, padding: Sizes, dilation: Sizes) -> tuple[Window, ...]:
    """Give every axis its window, as max_pool2d and max_pool3d take their arguments."""
    axes, native = layer.axes, f"max_pool{layer.axes}d"
    kernel = one_or_each(kernel, axes, "kernel_size", native, "either be")
    stride = one_or_each(layer.steps, axes, "stride", native, "either be omitted,")
    padding = one_or_each(padding, axes, "padding", native, "either be")
    dilation = one_or_each(dilation, axes, "dilation", native, "be either")
    return tuple(zip(kernel, stride, padding, dilation, strict=True))


def largest(layer: Any, x: Tensor, kernel: Sizes, padding: Sizes, dilation: Sizes) -> Sizes:
    """Return the places of a max pool over an image or a volume."""
    axes = layer.axes
    windows = maximum_windows(layer, kernel, padding, dilation)
    require(axes < len(x) <= axes + 2, NON_EMPTY, plain=axes + 1, batched=axes + 2, rank=len(x))
    if axes == 2:  # noqa: PLR2004  # an image
        output = pool_image(x, windows, ceil=layer.ceil_mode)
    else:
        native = "max_pool3d_with_indices_out_cpu_template()"
        output = pool_volume(x, windows, ceil=layer.ceil_mode, native=native)
    need_floating(x, f"max_pool{axes}d", INTEGERS)
    return output


def largest_in_sequence(layer: Any, x: Tensor, kernel: Sizes, padding: Sizes, dilation: Sizes) -> Sizes:
    """Return the places of max_pool1d, which has checks of its own."""
    require(2 <= len(x) <= 3, SEQUENCE_RANK, input=x)  # noqa: PLR2004  # (C, L) and (N, C, L)
    for size in x[-2:]:
        require(size != 0, EMPTY_SEQUENCE, input=x)
    stride = layer.steps
    for name, sizes in (("kernel_size", kernel), ("stride", stride), ("padding", padding), ("dilation", dilation)):
        require(len(sizes) == 1, LENGTHS[name], name, got=len(sizes))
    window = (kernel[0], stride[0], padding[0], dilation[0])
    need_plain_window(window)
    output = places(x[-1], window, ceil=layer.ceil_mode)
    require(output > 0, NO_PLACE, "kernel_size", kernel=kernel[0], length=x[-1], output=output)
    need_floating(x, "max_pool1d_impl")
    return (output,)


def need_plain_window(window: Window) -> None:
    """Refuse a window as max_pool1d does; a dilation does not make room for more padding there."""
    kernel, stride, padding, dilation = window
    require(kernel > 0, POSITIVE["kernel_size"], "kernel_size", got=kernel)
    require(stride > 0, POSITIVE["stride"], "stride", got=stride)
    require(padding >= 0, NEGATIVE_PADDING, "padding", got=padding)
    require(2 * padding <= kernel, HALF, "padding", padding=padding, kernel=kernel)
    require(dilation > 0, POSITIVE["dilation"], "dilation", got=dilation)


def largest_with_indices(layer: Any, x: Tensor, kernel: Sizes, padding: Sizes, dilation: Sizes) -> Sizes:
    """Return the places of max_pool1d_with_indices: an image of one row."""
    need_sequence(x, "max_pool1d")
    stride = layer.steps
    for name, sizes in (("kernel_size", kernel), ("stride", stride), ("padding", padding), ("dilation", dilation)):
        need_one(sizes, name, "max_pool1d")
    window = (kernel[0], stride[0], padding[0], dilation[0])
    output = pool_image(as_image(x), (ONCE, window), ceil=layer.ceil_mode)[1:]
    need_floating(x, "max_pool2d", INTEGERS)
    return output


class MaxPool(Pool):
    """Keep the largest number under the window, and where it was if return_indices says so.

    Comparisons are no multiply-accumulates: it counts none.
    """

    init_of = "_MaxPoolNd"
    kernel_size: PerAxis
    stride: PerAxis | None = None
    padding: PerAxis = 0
    dilation: PerAxis = 1
    return_indices: bool = False
    ceil_mode: Flag = False
    later: ClassVar[tuple[str, ...]] = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep the indices."""
        if not self.return_indices:
            yield Tensor(output, "int64")

    def kept(self, output: Any, *inputs: Any) -> Iterator[Tensor]:
        """Keep the indices that are given out, too."""
        yield from super().kept(output, *inputs)
        if self.return_indices:
            yield output[1]

    def out(self, x: Tensor) -> Any:
        """Return (*batch, channels, *places where the window can stand), twice where the indices are wanted."""
        rule = largest
        if self.axes == 1:
            rule = largest_with_indices if self.return_indices else largest_in_sequence
        sizes = (*x[: -self.axes], *rule(self, x, self.kernel_size, self.padding, self.dilation))
        return (Tensor(sizes, x.dtype), Tensor(sizes, "int64")) if self.return_indices else sizes


class MaxPool1d(MaxPool, axes=1):
    """Keep the largest number under a window along a sequence: (N, C, L)."""


class MaxPool2d(MaxPool, axes=2):
    """Keep the largest number under a window over an image: (N, C, H, W)."""


class MaxPool3d(MaxPool, axes=3):
    """Keep the largest number under a window through a volume: (N, C, D, H, W)."""
