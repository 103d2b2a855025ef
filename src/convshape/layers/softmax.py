"""Activations that look along an axis: the softmaxes, the gate that halves an axis, and slopes for each channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import axis, letters_for
from convshape.dtypes import SCALARS, need_floating
from convshape.faults import Fault, require
from convshape.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.kinds import Axis, Whole
    from convshape.tensor import Sizes, Tensor

NEGATION = Fault(
    "dtype",
    "cannot negate bool",
    "RuntimeError: Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert "
    "a mask, use the `~` or `logical_not()` operator instead.",
)
IMAGE_RANK = Fault(
    "rank",
    "takes 3 axes (unbatched) or 4 (batched), got {rank}",
    "ValueError: Softmax2d: expected input to be 3D or 4D, got {rank}D instead",
)
HALVES = Fault(
    "divisible",
    "cannot halve the {length} elements of axis {dim}",
    "RuntimeError: Halving dimension must be even, but dimension {dim} is size {length}",
)
SCALAR_HALVES = Fault(
    "rank",
    "needs an input with at least one axis",
    "RuntimeError: glu does not support scalars because halving size must be even",
)
SLOPES = Fault(
    "channels",
    "expects {num_parameters} channels, got {channels}",
    "RuntimeError: Mismatch of parameter numbers and input channel size. Found parameter numbers = {num_parameters} "
    "and channel size = {channels}.",
)
SCALAR_SLOPES = Fault(
    "rank",
    "needs an input with at least one axis",
    "RuntimeError: Not allow zero-dim input tensor.",
)
SLOPE_DTYPE = Fault(
    "dtype",
    "stores float32, which does not go with {dtype}",
    "RuntimeError: prelu: Type promoting not supported. Got {scalar} and Float",
)


class Softmax(Layer):
    """Make the numbers along an axis positive, so that they sum to 1."""

    keeps = "y"

    dim: Axis | None = None
    kernel: ClassVar[str] = "softmax"
    layout = "packed"
    later = ("dim",)

    def out(self, x: Tensor) -> Any:
        """Return the same shape; without dim the axis is the first of 0, 1 or 3 axes, else the second."""
        place = axis(len(x), self.dim if self.dim is not None else int(len(x) not in (0, 1, 3)))
        last = "_lastdim" if place + 1 >= len(x) else ""
        need_floating(x, f"{self.kernel}{last}_kernel_impl", skips_empty=True)
        return x


class Softmin(Softmax):
    """Softmax of the negated input."""

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        require(x.dtype != "bool", NEGATION)
        return super().out(x)


class LogSoftmax(Softmax):
    """The logarithm of the softmax."""

    kernel = "log_softmax"


class Softmax2d(Layer):
    """Softmax over the channels at each place of an image: (N, C, H, W)."""

    keeps = "y"

    layout = "packed"

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        require(len(x) in (3, 4), IMAGE_RANK, rank=len(x))
        need_floating(x, "softmax_kernel_impl", skips_empty=True)
        return x

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the channels before the spatial axes."""
        return letters_for(output, 2)


class GLU(Layer):
    """Gate the first half of an axis with the second: the axis is halved."""

    dim: Axis = -1
    later = ("dim",)

    def out(self, x: Tensor) -> Any:
        """Return the shape with one axis halved."""
        self.need_axis(x)
        place = axis(len(x), self.dim)
        require(x[place] % 2 == 0, HALVES, "dim", dim=place, length=x[place])
        need_floating(x, "glu_cpu")
        return *x[:place], x[place] // 2, *x[place + 1 :]

    def need_axis(self, x: Tensor) -> None:
        """Refuse a scalar."""
        require(len(x) > 0, SCALAR_HALVES)

    def refuse(self, *inputs: Any) -> None:
        """Look at the rank before the type of dim."""
        self.need_axis(inputs[0])
        super().refuse()


class PReLU(Layer):
    """Multiply what is negative by a learned slope, one for all channels or one for each."""

    num_parameters: Whole = 1
    init: float = 0.25

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        require(x.dtype == "float32", SLOPE_DTYPE, dtype=x.dtype, scalar=SCALARS[x.dtype])
        shared = self.num_parameters == 1
        require(shared | (len(x) > 0), SCALAR_SLOPES)
        channels = x[1] if len(x) > 1 else 1
        require(shared | (self.num_parameters == channels), SLOPES, "num_parameters", channels=channels)
        return x

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give the slopes."""
        yield "weight", (self.num_parameters,)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take one slope for each channel."""
        return {"num_parameters": x[1] if len(x) > 1 else 1}
