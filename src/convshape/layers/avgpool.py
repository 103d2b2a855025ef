"""Pools that keep the average, or a norm, of the numbers under a sliding window."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, ClassVar

from convshape.dtypes import NOT_IMPLEMENTED, SCALARS, as_floating, as_real, need_floating
from convshape.faults import Fault, require
from convshape.kinds import Each, Entries, Flag, PerAxis, Whole, spread
from convshape.layers.maxpool import NON_EMPTY, MaxPool, Pool, largest, largest_in_sequence
from convshape.layers.pooling import (
    ONCE,
    as_image,
    need_axis,
    need_one,
    need_sequence,
    one_or_each,
    pool_image,
    pool_volume,
)
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.dim import Size
    from convshape.layers.pooling import Window
    from convshape.tensor import Sizes

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
INFINITE = (inf, -inf)


def average_windows(layer: Any, kernel: Sizes, padding: Sizes) -> tuple[Window, ...]:
    """Give every axis its window, as avg_pool2d and avg_pool3d take their arguments."""
    axes, native = layer.axes, f"avg_pool{layer.axes}d"
    either = "either " if axes == 2 else ""  # noqa: PLR2004  # two axes
    kernel = one_or_each(kernel, axes, "kernel_size", native, f"{either}be")
    stride = one_or_each(layer.steps, axes, "stride", native, f"{either}be omitted,")
    padding = one_or_each(padding, axes, "padding", native, f"{either}be")
    return tuple(zip(kernel, stride, padding, (1,) * axes, strict=True))


def averages(layer: Any, x: Tensor, kernel: Sizes, padding: Sizes, divisor: Size | None) -> Sizes:
    """Return the places of an average pool over an image or a volume."""
    windows = average_windows(layer, kernel, padding)
    if layer.axes == 2:  # noqa: PLR2004  # an image
        require(divisor is None or divisor != 0, DIVISOR, "divisor_override")
        need_axis(x, -3)
        output = pool_image(x, windows, ceil=layer.ceil_mode)
        need_floating(x, "avg_pool2d", ("int64",))
        return output
    require(4 <= len(x) <= 5, NON_EMPTY, plain=4, batched=5, rank=len(x))  # noqa: PLR2004  # with a batch or without
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

    init_of = "_LPPoolNd"
    estimated = True

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
            rule, y = largest_in_sequence if axes == 1 else largest, magnitude(x)
            return Tensor((*x[:-axes], *rule(self, y, kernel, none, ones)), y.dtype)
        y = Tensor(x, as_floating(x.dtype))
        output = averages_in_sequence(self, y, kernel, none) if axes == 1 else averages(self, y, kernel, none, None)
        if axes == 1:
            require(not isinstance(self.kernel_size, (tuple, list)), NO_FACTOR, "kernel_size")
        require(self.norm_type != 0, NO_NORM, "norm_type")
        return Tensor((*x[:-axes], *output), y.dtype)


def magnitude(x: Tensor) -> Tensor:
    """Return what abs makes of a tensor: complex numbers become real ones, and there is no abs of bools."""
    require(x.dtype != "bool", NOT_IMPLEMENTED, kernel="abs_cpu", dtype=x.dtype, scalar="Bool")
    return Tensor(x, as_real(x.dtype))


class AvgPool1d(AvgPool, axes=1):
    """Keep the average under a window along a sequence: (N, C, L)."""

    kernel_size: Entries  # torch makes a tuple of each, of what it can go through
    stride: Entries | None = None
    padding: Entries = 0

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
