"""Convolutions, and the transposed ones that undo them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.dim import prod
from convshape.faults import Fault, require
from convshape.kinds import PerAxis
from convshape.layer import SPATIAL, Layer
from convshape.window import extent, slide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.tensor import Sizes, Tensor

GROUPS = Fault("groups", "needs at least one group", "ValueError: groups must be a positive integer")
IN_GROUPS = Fault(
    "in-groups",
    "cannot share {in_channels} input channels among {groups} groups",
    "ValueError: in_channels must be divisible by groups",
)
OUT_GROUPS = Fault(
    "out-groups",
    "cannot share {out_channels} output channels among {groups} groups",
    "ValueError: out_channels must be divisible by groups",
)
RANK = Fault(
    "rank",
    "takes {plain} axes (unbatched) or {batched} (batched), got {rank}",
    "RuntimeError: Expected {plain}D (unbatched) or {batched}D (batched) input to {torch_name}, "
    "but got input of size: {input}",
)
CHANNELS = Fault(
    "channels",
    "expects {in_channels} channels, got {got}",
    "RuntimeError: Given groups={groups}, weight of size {weight}, expected input{input} to have {in_channels} channels, "
    "but got {got} channels instead",
)
KERNEL_TOO_LARGE = Fault(
    "kernel-too-large",
    "slides a window of {window:x} over an input of {padded:x}",
    "RuntimeError: Calculated padded input size per channel: ({padded:apart}). Kernel size: ({window:apart}). "
    "Kernel size can't be greater than actual input size",
)


class Conv(Layer):
    """Slide learned kernels over the last axes of the input."""

    in_channels: int
    out_channels: int
    kernel_size: PerAxis
    stride: PerAxis = 1
    padding: PerAxis | str = 0
    dilation: PerAxis = 1
    groups: int = 1
    bias: bool = True
    padding_mode: str = "zeros"
    later: ClassVar[tuple[str, ...]] = ("stride", "padding", "dilation")

    def check(self) -> None:
        """Refuse what the constructor refuses."""
        require(self.groups > 0, GROUPS, "groups")
        if not self.holes:
            require(self.in_channels % self.groups == 0, IN_GROUPS, "groups")
        require(self.out_channels % self.groups == 0, OUT_GROUPS, "groups")

    def out(self, x: Tensor) -> Any:
        """Return (*batch, out_channels, *places where the window can stand)."""
        axes = self.axes
        rank = len(x)
        require(axes < rank <= axes + 2, RANK, plain=axes + 1, batched=axes + 2, rank=rank, input=x)
        *batch, channels = x[:-axes]
        require(channels == self.in_channels, CHANNELS, "in_channels", got=channels, input=x)
        return *batch, self.out_channels, *self.slide(x[-axes:])

    def slide(self, lengths: Sizes) -> Sizes:
        """Return how many places the window can stand along each axis."""
        if self.padding == "same":
            return lengths
        padding = (0,) * self.axes if self.padding == "valid" else self.padding
        settings = tuple(zip(lengths, self.kernel_size, self.stride, padding, self.dilation, strict=True))
        padded = tuple(length + 2 * pad for length, _, _, pad, _ in settings)
        window = tuple(extent(kernel, dilation) for _, kernel, _, _, dilation in settings)
        for size, span in zip(padded, window, strict=True):
            require(size >= span, KERNEL_TOO_LARGE, "kernel_size", padded=padded, window=window)
        return tuple(slide(*setting) for setting in settings)

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """One kernel of in_channels/groups channels for each output channel, and one bias each."""
        yield "weight", self.weight
        if self.bias:
            yield "bias", (self.out_channels,)

    @property
    def weight(self) -> Sizes:
        """The shape of the kernels."""
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    @property
    def torch_name(self) -> str:
        """The function that torch names in its messages."""
        return f"conv{self.axes}d"

    def macs(self, output: Any, *_inputs: Any) -> Size:
        """One multiply-accumulate for every weight of a kernel at every output position."""
        return prod(output) * prod(self.weight[1:])

    def expects(self) -> tuple[Size | str, ...] | None:
        """A batch of in_channels channels."""
        return None if self.holes else ("N", self.in_channels, *SPATIAL[self.axes])

    def infer(self, x: Tensor) -> dict[str, Any]:
        """The channels of the input."""
        return {"in_channels": x[-self.axes - 1]} if len(x) > self.axes else {}


class Conv1d(Conv, axes=1):
    """Slide learned kernels along a sequence: (N, C, L)."""


class Conv2d(Conv, axes=2):
    """Slide learned kernels over an image: (N, C, H, W)."""


class Conv3d(Conv, axes=3):
    """Slide learned kernels through a volume: (N, C, D, H, W)."""


class LazyConv1d(Conv1d, lazy="in_channels"):
    """Conv1d that takes in_channels from its first input."""


class LazyConv2d(Conv2d, lazy="in_channels"):
    """Conv2d that takes in_channels from its first input."""


class LazyConv3d(Conv3d, lazy="in_channels"):
    """Conv3d that takes in_channels from its first input."""
