"""Response norms: they divide each channel by what its neighbours have, and keep the shape."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from convshape.dim import maximum, prod
from convshape.dtypes import CAST, NOT_IMPLEMENTED, SCALARS, as_floating
from convshape.faults import Fault, require
from convshape.layer import Layer
from convshape.layers.norm import channels_second
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.kinds import Whole

RESPONSE_RANK = Fault(
    "rank",
    "needs an input of at least 3 axes, got {rank}",
    "ValueError: Expected 3D or higher dimensionality                          input (got {rank} dimensions)",
)
NARROW = Fault(
    "padding",
    "leaves no channels: size {size} pads {channels} channels to {padded}",
    "RuntimeError: narrow(): length must be non-negative.",
)
PAD_HALF = Fault(
    "kernel-size",
    "needs a size of at least 1, got {size}",
    "RuntimeError: pad should be at most half of effective kernel size, but got pad=0, kernel_size={size} "
    "and dilation=1",
)
NO_KERNEL_2D = Fault(
    "kernel-size",
    PAD_HALF.says,
    "RuntimeError: kernel size should be greater than zero, but got kH: {size} kW: 1",
)
NO_KERNEL_3D = Fault(
    "kernel-size",
    PAD_HALF.says,
    "RuntimeError: kernel size should be greater than zero, but got kT: {size} kH: 1 kW: 1",
)
CROSS_RANK = Fault(
    "rank",
    "takes 4 axes, got {rank}",
    "ValueError: CrossMapLRN2d: Expected input to be 4D, got {rank}D instead.",
)
CROSS_CHANNELS = Fault(
    "channels",
    "needs at least one channel",
    "IndexError: select(): index 0 out of range for tensor of size {input} at dimension 1",
)
CROSS_WINDOW = Fault(
    "kernel-size",
    "needs a size of at least 1, got {size}",
    "IndexError: select(): index {index} out of range for tensor of size {input} at dimension 1",
)
CROSS_SIZE = Fault("kernel-size", "divides by its size, which is 0", "ZeroDivisionError: float division by zero")


class LocalResponseNorm(Layer):
    """Divide each channel by what its neighbours have at the same place."""

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep the squares over the neighbours, and two numbers for each output."""
        yield Tensor((output[0], output[1] + self.size - 1, *output[2:]), output.dtype)
        yield Tensor(output, output.dtype)
        yield Tensor(output, output.dtype)

    size: Whole
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0
    later = ("size", "alpha", "beta", "k")

    def out(self, x: Tensor) -> Any:
        """Return the same shape; an empty input is given back unread."""
        self.need_rank(x)
        rank, size = len(x), self.size
        empty = prod(x) == 0
        if empty is True:
            return Tensor(x, self.pooled(x))
        padded = x[1] + size // 2 + (size - 1) // 2
        require(empty | (padded >= 0), NARROW, "size", channels=x[1], padded=padded)
        require(empty | (size >= -1), PAD_HALF, "size")
        require(empty | (size > 0), NO_KERNEL_2D if rank == 3 else NO_KERNEL_3D, "size")  # noqa: PLR2004
        return Tensor(x, self.pooled(x))

    def need_rank(self, x: Tensor) -> None:
        """Refuse an input without axes beside batch and channels."""
        require(len(x) > 2, RESPONSE_RANK, rank=len(x))  # noqa: PLR2004

    def refuse(self, *inputs: Any) -> None:
        """Look at the rank before the type of size; an empty input is given back unread."""
        self.need_rank(inputs[0])
        if (prod(inputs[0]) == 0) is not True:
            super().refuse()

    def pooled(self, x: Tensor) -> str:
        """Return the dtype of the output, where the pooling inside takes that of the input."""
        dtype = x.dtype
        flat = len(x) == 3  # noqa: PLR2004  # a sequence is pooled as an image, all else as a volume
        known = dtype in ("float32", "float64", "int64") or (flat and dtype in ("float16", "bfloat16"))
        kernel = "avg_pool2d" if flat else "avg_pool3d_out_frame"
        empty = prod(x) == 0
        require(empty | known, NOT_IMPLEMENTED, kernel=kernel, dtype=dtype, scalar=SCALARS[dtype])
        return dtype if empty is True else as_floating(dtype)

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the channels second."""
        return channels_second(output)


NOT_FINITE = Fault("kernel-size", "needs a finite size, got {size}", "ValueError: cannot convert float NaN to integer")


class CrossMapLRN2d(Layer):
    """Divide each channel of an image by what its neighbours have at the same place."""

    keeps = "x y"

    size: float
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1
    later = ("size", "alpha", "beta", "k")

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        self.need_rank(x)
        require(x.dtype != "bool", CAST, result="Long", dtype="bool", scalar="Bool")
        require(x[1] != 0, CROSS_CHANNELS, input=x)
        require(self.size != 0, CROSS_SIZE, "size")
        require(abs(self.size) < inf, NOT_FINITE, "size")
        self.check_negative(x)
        require(as_floating(x.dtype) == x.dtype, CAST, result="Float", dtype=x.dtype, scalar=SCALARS[x.dtype])
        return x

    def check_negative(self, x: Tensor) -> None:
        """Refuse a window before the first channel, where a channel has none so far away."""
        ahead = int((self.size - 1) / 2 + 1)
        if ahead < 0:
            require((x[1] == 1) | (x[1] >= -ahead), CROSS_WINDOW, "size", index=ahead, input=x)
            index = maximum(1, x[1] + ahead) - ahead
            require(x[1] == 1, CROSS_WINDOW, "size", index=index, input=x)

    def need_rank(self, x: Tensor) -> None:
        """Refuse what is no batch of images."""
        require(len(x) == 4, CROSS_RANK, rank=len(x))  # noqa: PLR2004

    def refuse(self, *inputs: Any) -> None:
        """Look at the rank before the type of size."""
        self.need_rank(inputs[0])
        super().refuse()

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the channels second."""
        return channels_second(output)
