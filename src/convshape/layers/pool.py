"""Pools that slide a window: the largest number of each place, the average, or a norm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.dtypes import NOT_IMPLEMENTED, SCALARS, need_floating
from convshape.faults import Fault, require
from convshape.kinds import Each, Flag, PerAxis, Whole, spread
from convshape.layer import SPATIAL, Layer, letters_for
from convshape.layers.pooling import (
    ONCE,
    Window,
    need_axis,
    need_one,
    need_sequence,
    one_or_each,
    places,
    pool_image,
    pool_volume,
)
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.dim import Size
    from convshape.tensor import Sizes

INTEGERS = ("uint8", "int8", "int16", "int32", "int64")
VOLUME_RANK = 5  # (N, C, D, H, W)
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
DIVISOR = Fault("divisor", "cannot divide by 0", "RuntimeError: divisor must be not zero")
TOO_FEW = Fault(
    "kernel-size",
    "takes one kernel_size, or one for each of its {axes} axes, got {got}",
    "ValueError: not enough values to unpack (expected {axes}, got {got})",
)
TOO_MANY = Fault("kernel-size", TOO_FEW.says, "ValueError: too many values to unpack (expected {axes})")
NO_FACTOR = Fault(
    "argument-type",
    "multiplies by its kernel_size, which must be one number, got {kernel_size:repr}",
    "TypeError: mul(): argument 'other' (position 1) must be Tensor, not tuple",
)
NO_NORM = Fault("norm-type", "has no norm of order 0", "ZeroDivisionError: float division by zero")
INFINITE = (float("inf"), -float("inf"))


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
        """A batch of any number of channels."""
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


def average_windows(layer: Any, kernel: Sizes, padding: Sizes) -> tuple[Window, ...]:
    """Give every axis its window, as avg_pool2d and avg_pool3d take their arguments."""
    axes, native = layer.axes, f"avg_pool{layer.axes}d"
    either = "either " if axes == 2 else ""  # noqa: PLR2004  # two axes
    kernel = one_or_each(kernel, axes, "kernel_size", native, f"{either}be")
    stride = one_or_each(layer.steps, axes, "stride", native, f"{either}be omitted,")
    padding = one_or_each(padding, axes, "padding", native, f"{either}be")
    return tuple(zip(kernel, stride, padding, (1,) * axes, strict=True))


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


def averages(layer: Any, x: Tensor, kernel: Sizes, padding: Sizes, divisor: Size | None) -> Sizes:
    """Return the places of an average pool over an image or a volume."""
    windows = average_windows(layer, kernel, padding)
    if layer.axes == 2:  # noqa: PLR2004  # an image
        require(divisor is None or divisor != 0, DIVISOR, "divisor_override")
        need_axis(x, -3)
        output = pool_image(x, windows, ceil=layer.ceil_mode)
        need_floating(x, "avg_pool2d", ("int64",))
        return output
    require(VOLUME_RANK - 1 <= len(x) <= VOLUME_RANK, NON_EMPTY, plain=4, batched=5, rank=len(x))
    require(divisor is None or divisor != 0, DIVISOR, "divisor_override")
    output = pool_volume(x, windows, ceil=layer.ceil_mode, native="avg_pool3d()", covered=True)
    known = x.dtype in ("float32", "float64", "int64")
    require(known, NOT_IMPLEMENTED, kernel="avg_pool3d_out_frame", dtype=x.dtype, scalar=SCALARS[x.dtype])
    return output


def averages_in_sequence(layer: Any, x: Tensor, kernel: Sizes, padding: Sizes) -> Sizes:
    """Return the places of avg_pool1d: an image of one row."""
    need_sequence(x, "avg_pool1d")
    stride = layer.steps
    for name, sizes in (("kernel_size", kernel), ("stride", stride), ("padding", padding)):
        need_one(sizes, name, "avg_pool1d")
    window = (kernel[0], stride[0], padding[0], 1)
    output = pool_image(as_image(x), (ONCE, window), ceil=layer.ceil_mode)[1:]
    need_floating(x, "avg_pool2d", ("int64",))
    return output


def as_image(x: Tensor) -> Tensor:
    """Return a sequence as the image of one row that torch makes of it."""
    return Tensor((*x[:-1], 1, x[-1]), x.dtype)


class MaxPool(Pool):
    """Keep the largest number under the window, and where it was if return_indices says so.

    Comparisons are no multiply-accumulates: it counts none.
    """

    kernel_size: PerAxis
    stride: PerAxis | None = None
    padding: PerAxis = 0
    dilation: PerAxis = 1
    return_indices: bool = False
    ceil_mode: Flag = False
    later: ClassVar[tuple[str, ...]] = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def out(self, x: Tensor) -> Any:
        """Return (*batch, channels, *places where the window can stand), twice where the indices are wanted."""
        rule = largest
        if self.axes == 1:
            rule = largest_with_indices if self.return_indices else largest_in_sequence
        sizes = (*x[: -self.axes], *rule(self, x, self.kernel_size, self.padding, self.dilation))
        return (Tensor(sizes, x.dtype), Tensor(sizes, "int64")) if self.return_indices else sizes


class AvgPool(Pool):
    """Keep the average of the numbers under the window.

    Additions are no multiply-accumulates: it counts none.
    """

    kernel_size: PerAxis
    stride: PerAxis | None = None
    padding: PerAxis = 0
    ceil_mode: Flag = False
    count_include_pad: Flag = True
    later: ClassVar[tuple[str, ...]] = (*MaxPool.later, "count_include_pad", "divisor_override")

    def out(self, x: Tensor) -> Any:
        """Return (*batch, channels, *places where the window can stand)."""
        return *x[: -self.axes], *averages(self, x, self.kernel_size, self.padding, self.divisor_override)

    if TYPE_CHECKING:
        divisor_override: Whole | None


class LPPool(Pool):
    """Keep a norm of the numbers under the window: the root of the sum of their powers.

    Powers and additions are no multiply-accumulates: it counts none.
    """

    norm_type: float
    kernel_size: Each
    stride: PerAxis | None = None
    ceil_mode: Flag = False
    later: ClassVar[tuple[str, ...]] = ("norm_type", "kernel_size", "stride", "ceil_mode")

    def _run(self, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Unpack the kernel, which torch does before it looks at any type but the norm's."""
        kernel, axes = self.kernel_size, self.axes
        known = self.pending is None or self.pending.at != "norm_type"
        if axes > 1 and known and isinstance(kernel, (tuple, list, str)):
            require(len(kernel) >= axes, TOO_FEW, "kernel_size", axes=axes, got=len(kernel))
            require(len(kernel) <= axes, TOO_MANY, "kernel_size", axes=axes, got=len(kernel))
        return super()._run(inputs, keywords)

    def out(self, x: Tensor) -> Any:
        """Return (*batch, channels, *places where the window can stand)."""
        axes = self.axes
        kernel, none, ones = spread(self.kernel_size, axes), (0,) * axes, (1,) * axes
        if self.norm_type in INFINITE:
            rule = largest_in_sequence if axes == 1 else largest
            return *x[:-axes], *rule(self, x, kernel, none, ones)
        output = averages_in_sequence(self, x, kernel, none) if axes == 1 else averages(self, x, kernel, none, None)
        if axes == 1:
            require(not isinstance(self.kernel_size, (tuple, list)), NO_FACTOR, "kernel_size")
        require(self.norm_type != 0, NO_NORM, "norm_type")
        return *x[:-axes], *output


class MaxPool1d(MaxPool, axes=1):
    """Keep the largest number under a window along a sequence: (N, C, L)."""


class MaxPool2d(MaxPool, axes=2):
    """Keep the largest number under a window over an image: (N, C, H, W)."""


class MaxPool3d(MaxPool, axes=3):
    """Keep the largest number under a window through a volume: (N, C, D, H, W)."""


class AvgPool1d(AvgPool, axes=1):
    """Keep the average under a window along a sequence: (N, C, L)."""

    def out(self, x: Tensor) -> Any:
        """Return (*batch, channels, places where the window can stand)."""
        return *x[:-1], *averages_in_sequence(self, x, self.kernel_size, self.padding)


class AvgPool2d(AvgPool, axes=2):
    """Keep the average under a window over an image: (N, C, H, W)."""

    divisor_override: Whole | None = None


class AvgPool3d(AvgPool, axes=3):
    """Keep the average under a window through a volume: (N, C, D, H, W)."""

    divisor_override: Whole | None = None


class LPPool1d(LPPool, axes=1):
    """Keep a norm under a window along a sequence: (N, C, L)."""


class LPPool2d(LPPool, axes=2):
    """Keep a norm under a window over an image: (N, C, H, W)."""


class LPPool3d(LPPool, axes=3):
    """Keep a norm under a window through a volume: (N, C, D, H, W)."""
