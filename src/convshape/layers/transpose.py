"""Transposed convolutions: what undoes the shape of a convolution."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import NO_DIMENSIONS, TENSOR_OF_SIZES
from convshape.dim import prod
from convshape.faults import Fault, require
from convshape.kinds import Entries, Whole, is_ints
from convshape.layers.conv import NARROW
from convshape.layers.convolution import Convolution, Window, flat
from convshape.tensor import Tensor
from convshape.window import unslide

if TYPE_CHECKING:
    from convshape.dim import Size
    from convshape.tensor import Sizes

PADDING_MODE = Fault(
    "choice",
    "pads with zeros alone, got padding_mode={padding_mode:repr}",
    'ValueError: Only "zeros" padding mode is supported for {owner}',
)
CHANNELS = Fault(
    "channels",
    "expects {in_channels} channels, got {got}",
    "RuntimeError: Given transposed=1, weight of size {weight}, expected input{input} "
    "to have {in_channels} channels, but got {got} channels instead",
)
BIAS = Fault(
    "groups",
    "cannot share {out_channels} output channels among {groups} groups",
    "RuntimeError: Given transposed=1, weight of size {weight}, expected bias to be 1-dimensional "
    "with {made} elements, but got bias of size [{out_channels}] instead",
)
NOT_SIZES = Fault(
    "argument-type",
    "takes an output_size of whole numbers, got {got}",
    "TypeError: object of type '{type}' has no len()",
)
HOW_MANY_SIZES = Fault(
    "output-size",
    "takes an output_size of {axes} or {all} sizes here, got {got}",
    "ValueError: ConvTranspose{axes}D: for {rank}D input, output_size must have {axes} or {all} elements (got {got})",
)
SIZE_OF_AXIS = Fault(
    "dim-range",
    "has an output_size for more axes than the {rank} of its input",
    "IndexError: Dimension out of range (expected to be in range of [{least}, {most}], but got {axis})",
)
SHORT_WINDOW = Fault(
    "kernel-size", "needs a number for each axis where output_size is given", "IndexError: tuple index out of range"
)
OUTPUT_SIZE = Fault(
    "output-size",
    "makes {least} to {most} of an input of {input}, got output_size={wanted}",
    "ValueError: requested an output size of {written}, but valid sizes range from {least} to {most} "
    "(for an input of {input:size})",
)
OUTPUT_TOO_SMALL = Fault(
    "output-too-small",
    "makes {made:x} of an input of {lengths:x}",
    "RuntimeError: Given input size per channel: ({lengths:apart}). "
    "Calculated output size per channel: ({made:apart}). Output size is too small",
)
NEGATIVE_OUTPUT = Fault(
    "output-too-small",
    OUTPUT_TOO_SMALL.says,
    "RuntimeError: could not construct a memory descriptor using a format tag",
)
NEGATIVE_VIEW = Fault(
    "output-too-small",
    OUTPUT_TOO_SMALL.says,
    "RuntimeError: invalid shape dimension {size} at index {index} of shape {shape}",
)
AMBIGUOUS_VIEW = Fault(
    "output-too-small",
    OUTPUT_TOO_SMALL.says,
    "RuntimeError: cannot reshape tensor of 0 elements into shape {shape} because the unspecified dimension size -1 "
    "can be any value and is ambiguous",
)
DIRECTIONS = ("depth", "height", "width")


def each(name: str, axes: int, separator: str) -> str:
    """Write a number for each direction as torch's messages do: `stride_height: 1 stride_width: 1`."""
    return separator.join(f"{name}_{word}: {{{name}_{word}}}" for word in DIRECTIONS[-axes:])


OUTPUT_PADDING = {
    axes: Fault(
        "output-padding",
        "takes an output_padding below its stride or its dilation",
        "RuntimeError: output padding must be smaller than either stride or dilation, but got "
        + " ".join(each(name, axes, " ") for name in ("output_padding", "stride", "dilation")),
    )
    for axes in (2, 3)
}
DILATION = {
    axes: Fault(
        "dilation",
        "takes a dilation of at least 1, got {dilation:tuple}",
        f"RuntimeError: dilation should be greater than zero, but got {each('dilation', axes, ', ')}",
    )
    for axes in (2, 3)
}
KERNEL = Fault(
    "kernel-size",
    "takes a kernel_size of at least 1, got {kernel_size:tuple}",
    f"RuntimeError: kernel size should be greater than zero, but got {each('kernel', 2, ' ')}",
)
WEIGHT = {
    axes: Fault(
        "kernel-size", "has a weight without elements, {weight}", f"RuntimeError: non-empty {words}, but got: {{seen}}"
    )
    for axes, words in {
        2: "2D or 4D weight tensor expected",
        3: "5D (n_output_plane x n_input_plane x kernel_depth x kernel_height x kernel_width) "
        "tensor expected for weight",
    }.items()
}
NO_PRIMITIVE = Fault(
    "kernel-size",
    WEIGHT[2].says,
    "RuntimeError: could not create a primitive descriptor for the deconvolution forward propagation primitive. "
    "Run workload with environment variable ONEDNN_VERBOSE=all to get additional diagnostic information.",
)
INVALID = Fault("dilation", DILATION[2].says, "RuntimeError: dimensions are invalid")
NO_DILATION = Fault("dilation", DILATION[2].says, f"{NO_PRIMITIVE.torch_type}: {NO_PRIMITIVE.torch_words}")


class ConvTranspose(Convolution):
    """Spread every value over the places that a kernel covers: what a convolution of the same arguments came from."""

    in_channels: int  # the first axis of the weight, which torch makes of no bool
    output_padding: Entries = 0
    groups: Whole = 1
    bias: bool = True
    dilation: Entries = 1
    padding_mode: Any = "zeros"
    later: ClassVar[tuple[str, ...]] = (*Convolution.later, "output_padding")

    def check(self) -> None:
        """Refuse what the constructor refuses."""
        require(self.padding_mode == "zeros", PADDING_MODE, "padding_mode", owner=type(self).__name__)
        super().check()

    def out(self, x: Tensor, output_size: Any = None) -> Any:
        """Return (*batch, out_channels, *lengths); output_size chooses among the lengths that a stride leaves open."""
        if output_size is None:
            batch, window = self.batched(x), self.window
        else:
            output_padding = self.chosen(x, output_size)
            batch, window = self.batched(x), self.measured(output_padding)
        self.check_weight(batch)
        got, made = batch[1], self.weight[1] * self.groups
        require(got == self.in_channels, CHANNELS, "in_channels", got=got, input=batch)
        if self.lazy and self.bias:
            require(self.out_channels == made, BIAS, "groups", made=made)
        lengths = tuple(map(unslide, batch[2:], self.kernel_size, *window[:2], window.output_padding, window.dilation))
        nothing = self.check_elements(batch)
        if nothing:
            self.check_view(batch, lengths)
        else:
            self.check_computing(x, batch, window, lengths)
        return self.given(x, (batch[0], made if self.lazy else self.out_channels, *lengths), nothing=nothing)

    def chosen(self, x: Tensor, output_size: Any) -> Sizes:
        """Return the output_padding that makes this output size."""
        rank, axes = len(x), self.axes
        known = isinstance(output_size, (tuple, list)) and is_ints(output_size)
        require(known, NOT_SIZES, "output_size", got=output_size, type=type(output_size).__name__)
        first = 2 if rank == axes + 2 else 1
        wanted = tuple(output_size)[first if len(output_size) == first + axes else 0 :]
        told = {"axes": axes, "rank": rank, "all": first + axes, "got": len(wanted)}
        require(len(wanted) == axes, HOW_MANY_SIZES, "output_size", **told)
        require(rank > 0, NO_DIMENSIONS, dim=first)
        told |= {"least": -rank, "most": rank - 1, "axis": max(rank, first)}
        require(rank >= first + axes, SIZE_OF_AXIS, "output_size", **told)
        moves = (self.kernel_size, self.stride, self.padding)
        require(all(len(move) >= axes for move in (*moves, self.dilation)), SHORT_WINDOW)
        least = tuple(map(unslide, x[first:], *moves, (0,) * axes, self.dilation))
        most = tuple(low + stride - 1 for low, stride in zip(least, self.stride, strict=False))
        require(not isinstance(output_size, Tensor), TENSOR_OF_SIZES, "output_size")
        for size, low, high in zip(wanted, least, most, strict=True):
            fits = (low <= size) & (size <= high)
            shown = {"wanted": wanted, "written": str(type(output_size)(wanted)), "input": x[2:]}
            require(fits, OUTPUT_SIZE, "output_size", least=least, most=most, **shown)
        return tuple(size - low for size, low in zip(wanted, least, strict=True))

    def check_view(self, batch: Sizes, lengths: Sizes) -> None:
        """Refuse a negative length of an empty batch, as a view of it does."""
        shape = flat((batch[0], self.out_channels, *lengths))
        told = {"shape": shape, "made": lengths, "lengths": batch[2:]}
        for index, size in enumerate(shape):
            require(size >= -1, NEGATIVE_VIEW, "padding", size=size, index=index, **told)
        for size in shape:
            require(size >= 0, AMBIGUOUS_VIEW, "padding", **told)

    def check_computing(self, x: Tensor, batch: Sizes, window: Window, lengths: Sizes) -> None:
        """Refuse what oneDNN refuses, or torch's own kernels where they compute it; which of them decides the words."""
        if self.sound and window.fits and x.dtype == "float32" and all((size > 0) is True for size in lengths):
            return
        stride, output_padding = window.stride, window.output_padding
        big = any((extra < step) is not True for extra, step in zip(output_padding, stride, strict=True))
        kernel = f"slow_conv_transpose{max(2, len(lengths))}d_out_cpu"
        if not big and self.onednn(batch, x.dtype):
            self.check_dtype(x, kernel, NARROW, onednn=True)
            self.check_onednn(batch, window, lengths)
        else:
            self.check_native(batch, window, lengths)
            self.check_dtype(x, kernel, NARROW, onednn=False)

    @cached_property
    def sound(self) -> bool:
        """Tell whether the weight has elements, and the numbers of the kernel are at least 1."""
        return (prod(self.weight) > 0) is True and super().sound

    def check_native(self, batch: Sizes, window: Window, lengths: Sizes) -> None:
        """Refuse what torch's own kernels refuse, one group at a time."""
        made, seen = flat((1, 1, *lengths))[2:], flat((self.in_channels // self.groups, *self.weight[1:]))
        if len(made) == len(DIRECTIONS):
            self.check_spacing(window)
            require(prod(seen) > 0, WEIGHT[3], self.empty("kernel_size"), seen=seen)
        else:
            for size in seen[2:]:
                require(size > 0, KERNEL, "kernel_size", kernel_height=seen[2], kernel_width=seen[3])
            self.check_spacing(window)
            require(prod(seen) > 0, WEIGHT[2], self.empty("kernel_size"), seen=seen)
        for size in made:
            require(size >= 1, OUTPUT_TOO_SMALL, "padding", made=made, lengths=flat(batch)[2:])

    def check_spacing(self, window: Window) -> None:
        """Refuse a dilation of 0, and an output_padding that is not below the stride or the dilation."""
        told: dict[str, Any] = {}
        for name, neutral in (("output_padding", 0), ("stride", 1), ("dilation", 1)):
            numbers = getattr(window, name)
            numbers = (neutral, *numbers) if len(numbers) == 1 else numbers
            told |= {
                f"{name}_{word}": number for word, number in zip(DIRECTIONS[-len(numbers) :], numbers, strict=True)
            }
        axes = max(2, len(window.stride))
        for size in window.dilation:
            require(size > 0, DILATION[axes], "dilation", **told)
        for extra, step, gap in zip(window.output_padding, window.stride, window.dilation, strict=True):
            require((extra < step) | (extra < gap), OUTPUT_PADDING[axes], "output_padding", **told)

    def check_onednn(self, batch: Sizes, window: Window, lengths: Sizes) -> None:
        """Refuse what oneDNN refuses: it makes an output of no length."""
        for size in lengths:
            require(size >= 0, NEGATIVE_OUTPUT, "padding", made=lengths, lengths=batch[2:])
        require(prod(self.weight) > 0, NO_PRIMITIVE, self.empty("kernel_size"))
        for size in window.dilation:
            require(size > 0, INVALID if len(lengths) == len(DIRECTIONS) else NO_DILATION, "dilation")

    @property
    def weight(self) -> Sizes:
        """The shape of the kernels."""
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    def macs(self, _output: Any, *inputs: Any) -> Size:
        """Count one multiply-accumulate for every weight of a kernel at every input position."""
        return prod(inputs[0]) * prod(self.weight[1:])

    @property
    def function(self) -> str:
        """The torch function behind it."""
        return f"conv_transpose{self.axes}d"


class ConvTranspose1d(ConvTranspose, axes=1):
    """Undo the shape of a Conv1d: (N, C, L)."""


class ConvTranspose2d(ConvTranspose, axes=2):
    """Undo the shape of a Conv2d: (N, C, H, W)."""


class ConvTranspose3d(ConvTranspose, axes=3):
    """Undo the shape of a Conv3d: (N, C, D, H, W)."""


class LazyConvTranspose(ConvTranspose, lazy="in_channels"):
    """Take in_channels from the first input; torch looks at the rest of the weight then, too."""

    later: ClassVar[tuple[str, ...]] = (*ConvTranspose.later, "out_channels")


class LazyConvTranspose1d(LazyConvTranspose, ConvTranspose1d):
    """ConvTranspose1d that takes in_channels from its first input."""


class LazyConvTranspose2d(LazyConvTranspose, ConvTranspose2d):
    """ConvTranspose2d that takes in_channels from its first input."""


class LazyConvTranspose3d(LazyConvTranspose, ConvTranspose3d):
    """ConvTranspose3d that takes in_channels from its first input."""
