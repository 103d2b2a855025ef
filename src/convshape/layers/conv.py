"""Convolutions; the transposed ones are in transpose.py."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from convshape.dim import prod
from convshape.dtypes import C_NAMES
from convshape.faults import Fault, Refusal, require
from convshape.kinds import Entries, PerAxis, Whole, is_ints, is_number, spread
from convshape.layers.convolution import (
    DTYPE,
    PER_AXIS,
    TOO_LITTLE,
    WEIGHT_AXES,
    WEIGHT_RANK,
    Convolution,
    Window,
    flat,
)
from convshape.layers.pad import padded
from convshape.window import extent, slide

if TYPE_CHECKING:
    from convshape.dim import Size
    from convshape.tensor import Sizes, Tensor

PADDING_WORD = Fault(
    "choice",
    "takes the padding 'same' or 'valid', got {padding:repr}",
    "ValueError: Invalid padding string {padding:repr}, should be one of {{'same', 'valid'}}",
)
SAME_STRIDE = Fault(
    "stride",
    "keeps the length with padding='same', which takes a stride of 1",
    "ValueError: padding='same' is not supported for strided convolutions",
)
PADDING_MODE = Fault(
    "choice",
    "takes the padding_mode 'zeros', 'reflect', 'replicate' or 'circular', got {padding_mode:repr}",
    "ValueError: padding_mode must be one of {{'zeros', 'reflect', 'replicate', 'circular'}}, "
    "but got padding_mode='{padding_mode:tuple}'",
)
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")
BIAS_DTYPE = Fault("dtype", DTYPE, "RuntimeError: Input type ({c_name}) and bias type (float) should be the same")
SAME_PER_AXIS = {
    name: Fault(name, PER_AXIS[name].says, f"RuntimeError: {name} cannot broadcast to {{count}} dimensions")
    for name in ("stride", "dilation")
}
SAME_WEIGHT_AXES = Fault(
    "rank", WEIGHT_AXES.says, f"RuntimeError: {WEIGHT_AXES.torch_words.replace(' {weight}', '{weight}')}"
)
CHANNELS = Fault(
    "channels",
    "expects {in_channels} channels, got {got}",
    "RuntimeError: Given groups={groups}, weight of size {weight}, expected input{input} "
    "to have {in_channels} channels, but got {got} channels instead",
)
KERNEL_TOO_LARGE = Fault(
    "kernel-too-large",
    "slides a window of {window:x} over an input of {padded:x}",
    "RuntimeError: Calculated padded input size per channel: ({padded:apart}). Kernel size: ({window:apart}). "
    "Kernel size can't be greater than actual input size",
)
NO_PRIMITIVE = (
    "RuntimeError: could not create a primitive descriptor for the convolution forward propagation primitive. "
    "Run workload with environment variable ONEDNN_VERBOSE=all to get additional diagnostic information."
)
EMPTY_KERNEL = {
    name: Fault("kernel-size", "takes a kernel_size of at least 1, got {kernel_size:tuple}", words)
    for name, words in {
        "onednn": NO_PRIMITIVE,
        "slow_conv_dilated<>": "RuntimeError: kernel size should be greater than zero, but got {taps}",
        "slow_conv2d_cpu": "RuntimeError: kernel size should be greater than zero, "
        "but got kernel_height: {height} kernel_width: {width}",
        "compute_columns3d": "RuntimeError: kernel size should be greater than zero, "
        "but got: {kernel_size:apart} (TxHxW)",
    }.items()
}
NO_DILATION = Fault("dilation", TOO_LITTLE["dilation"].says, "RuntimeError: non-positive dilation is not supported")
ZERO_DILATION = Fault(
    "dilation",
    TOO_LITTLE["dilation"].says,
    "RuntimeError: dilation should be greater than zero, but got {dilations}",
)


class Conv(Convolution):
    """Slide learned kernels over the last axes of the input."""

    padding: PerAxis | str = 0
    dilation: Entries = 1
    groups: Whole = 1
    bias: bool = True
    padding_mode: Any = "zeros"

    def check(self) -> None:
        """Refuse what the constructor refuses."""
        super().check()
        if isinstance(self.padding, str):
            require(self.padding in ("same", "valid"), PADDING_WORD, "padding")
            if self.padding == "same":
                self.check_same()
        require(self.padding_mode in PADDING_MODES, PADDING_MODE, "padding_mode")

    def check_same(self) -> None:
        """Refuse a stride, and a dilation that cannot be multiplied, where the padding follows from the kernel."""
        for stride in spread(self.stride, 1):
            require(stride == 1, SAME_STRIDE, "stride")
        if self.pending and self.pending.at == "dilation" and not all(map(is_number, spread(self.dilation, 1))):
            raise self.pending

    @cached_property
    def word(self) -> str:
        """The word that the padding is given by, unless the input is padded beforehand."""
        return self.padding if self.padding_mode == "zeros" and isinstance(self.padding, str) else ""

    @property
    def output_padding(self) -> Sizes:
        """Nothing: torch checks it all the same."""
        return (0,) * self.axes

    def out(self, x: Tensor) -> Any:
        """Return (*batch, out_channels, *places where the window can stand)."""
        if self.padding_mode != "zeros":
            x = padded(x, self.sides(), self.padding_mode)
        if x.dtype != "float32" and self.bias and not self.word:
            raise Refusal(BIAS_DTYPE, "", {"dtype": x.dtype, "c_name": C_NAMES[x.dtype]})
        batch = self.batched(x)
        if self.word == "same":
            batch = self.padded_unevenly(batch)
        window = self.window
        self.check_weight(batch)
        got = batch[1]
        holds = got == self.in_channels
        if holds is not True:
            require(holds, CHANNELS, "in_channels", got=got, input=batch)
        places = self.slide(batch[2:], window)
        nothing = self.check_elements(batch)
        if not nothing:
            self.check_computing(x, batch, window)
        channels = 0 if (self.in_channels == 0) is True else self.out_channels
        return self.given(x, (batch[0], channels, *places), nothing=nothing)

    def refuse(self, x: Tensor) -> None:
        """Pad the input before the types of the other arguments matter."""
        known = isinstance(self.padding, str) or is_ints(self.padding)
        if self.padding_mode != "zeros" and self.pending and self.pending.at != "padding" and known:
            padded(x, self.sides(), self.padding_mode)
        super().refuse(x)

    def sides(self) -> Sizes:
        """Return what is added to both sides of each axis beforehand, the last axis first."""
        if not isinstance(self.padding, str):
            return tuple(margin for margin in reversed(self.padding) for _ in "12")
        sides: list[Size] = [0, 0] * len(self.kernel_size)
        if self.padding == "same":
            dilations = spread(self.dilation, len(self.kernel_size))
            for place, (dilation, kernel) in enumerate(zip(dilations, self.kernel_size, strict=False), 1):
                total, at = extent(kernel, dilation) - 1, 2 * (len(self.kernel_size) - place)
                sides[at : at + 2] = total // 2, total - total // 2
        return tuple(sides)

    def padded_unevenly(self, batch: Sizes) -> Sizes:
        """Add to the right what "same" cannot add to both ends: torch pads an even kernel beforehand."""
        kernels = self.kernel_size
        require(len(kernels) > 0, WEIGHT_RANK, "kernel_size")
        told = {"count": len(kernels), "weight_rank": len(kernels) + 2, "rank": len(batch), "input": batch}
        require(len(batch) == len(kernels) + 2, SAME_WEIGHT_AXES, "kernel_size", **told)
        dilations = self.window.dilation
        extra = (halved(extent(kernel, dilation) - 1)[1] for kernel, dilation in zip(kernels, dilations, strict=True))
        return (*batch[:2], *(length + more for length, more in zip(batch[2:], extra, strict=True)))

    def margin(self, count: int) -> Sizes:
        """Return how much is added to both ends of each axis: with "same" half of what the window takes away."""
        if self.word == "same":
            dilations = self.spread("dilation", self.dilation, count)
            pairs = zip(self.kernel_size, dilations, strict=True)
            return tuple(halved(extent(kernel, dilation) - 1)[0] for kernel, dilation in pairs)
        if isinstance(self.padding, str) or self.padding_mode != "zeros":
            return (0,) * (count if self.word else self.axes)
        return self.padding  # type: ignore[no-any-return]  # a field

    def spread(self, name: str, values: Sizes, count: int) -> Sizes:
        """Give every axis its number; with "same" torch says it in other words."""
        if self.word == "same" and name in SAME_PER_AXIS:
            require(len(values) in (1, count), SAME_PER_AXIS[name], name, count=count)
        return super().spread(name, values, count)

    def slide(self, lengths: Sizes, window: Window) -> Sizes:
        """Return how many places the window can stand along each axis."""
        places = []
        for length, stride, margin, span in zip(lengths, window.stride, window.padding, window.spans, strict=True):
            holds = length + 2 * margin >= span
            if holds is not True:
                padded_lengths = tuple(size + 2 * more for size, more in zip(lengths, window.padding, strict=True))
                require(holds, KERNEL_TOO_LARGE, "kernel_size", padded=padded_lengths, window=window.spans)
            places.append(slide(length, span, stride, margin))
        return tuple(places)

    def check_computing(self, x: Tensor, batch: Sizes, window: Window) -> None:
        """Refuse a kernel or a dilation of 0, and another dtype, in the words of whatever torch computes it with."""
        if self.sound and x.dtype == "float32":
            return
        if self.onednn(batch, x.dtype):
            self.check_dtype(x, *self.native(window), onednn=True)
            self.check_dilation(window, NO_DILATION)
            self.check_kernel(EMPTY_KERNEL["onednn"])
        else:
            self.check_kernel(EMPTY_KERNEL[self.native(window)[0]])
            self.check_dilation(window, ZERO_DILATION)
            self.check_dtype(x, *self.native(window), onednn=False)

    def check_kernel(self, fault: Fault) -> None:
        """Refuse a kernel without taps."""
        kernel = flat(self.weight)[2:]
        for size in kernel:
            require(size > 0, fault, "kernel_size", taps=kernel, height=kernel[-2], width=kernel[-1])

    def check_dilation(self, window: Window, fault: Fault) -> None:
        """Refuse taps that lie on each other."""
        dilations = flat((1, 1, *window.dilation))[2:]
        for size in dilations:
            require(size > 0, fault, "dilation", got=size, dilations=dilations)

    def native(self, window: Window) -> tuple[str, tuple[str, ...]]:
        """Return the kernel that computes it without oneDNN, and the dtypes that it was not written for."""
        if any((size == 1) is not True for size in window.dilation):
            return "slow_conv_dilated<>", NARROW
        return ("compute_columns3d" if len(window.dilation) == VOLUME else "slow_conv2d_cpu"), ("bool",)

    def macs(self, output: Any, *_inputs: Any) -> Size:
        """Count one multiply-accumulate for every weight of a kernel at every output position."""
        return prod(output) * prod(self.weight[1:])

    @property
    def function(self) -> str:
        """The torch function behind it."""
        return f"conv{self.axes}d"


VOLUME = 3
NARROW = ("bool", "uint8", "int8", "int16", "int32")
"""The dtypes that some kernels were not written for."""


def halved(total: Size) -> tuple[Size, Size]:
    """Return half of it and what is left over; C++ rounds towards 0 what an empty window takes away."""
    return (-(-total // 2), -(-total % 2)) if (total < 0) is True else (total // 2, total % 2)


class Conv1d(Conv, axes=1):
    """Slide learned kernels along a sequence: (N, C, L)."""


class Conv2d(Conv, axes=2):
    """Slide learned kernels over an image: (N, C, H, W)."""


class Conv3d(Conv, axes=3):
    """Slide learned kernels through a volume: (N, C, D, H, W)."""


class LazyConv(Conv, lazy="in_channels"):
    """Take in_channels from the first input; torch looks at the rest of the weight then, too."""

    later: ClassVar[tuple[str, ...]] = (*Conv.later, "out_channels")


class LazyConv1d(LazyConv, Conv1d):
    """Conv1d that takes in_channels from its first input."""


class LazyConv2d(LazyConv, Conv2d):
    """Conv2d that takes in_channels from its first input."""


class LazyConv3d(LazyConv, Conv3d):
    """Conv3d that takes in_channels from its first input."""
