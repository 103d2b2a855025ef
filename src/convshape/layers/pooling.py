"""How torch's kernels slide a pooling window: what they refuse, in which order, and in which words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from convshape.axes import DIM_RANGE, NO_DIMENSIONS
from convshape.dim import prod
from convshape.dtypes import need_floating
from convshape.faults import Fault, require
from convshape.tensor import Tensor
from convshape.window import extent, slide, slide_ceil

if TYPE_CHECKING:
    from convshape.dim import Fact, Size
    from convshape.tensor import Sizes

Window: TypeAlias = "tuple[Size, Size, Size, Size]"  # of one axis: kernel, stride, padding, dilation
ONCE: Window = (1, 1, 0, 1)
"""The window of the axis that torch adds to run a 1d pool as a 2d one."""

LOW_RANK = Fault(
    "rank",
    "needs an input of at least {least} axes, got {rank}",
    f"{DIM_RANGE.torch_type}: {DIM_RANGE.torch_words}",
)
SCALAR = Fault("rank", NO_DIMENSIONS.says, f"{NO_DIMENSIONS.torch_type}: {NO_DIMENSIONS.torch_words}")
ARGUMENT_RANK = Fault(
    "rank",
    "takes 2 axes (unbatched) or 3 (batched), got {rank}",
    "RuntimeError: Expected 2 to 3 dimensions, but got {rank}-dimensional tensor for argument #1 'self' "
    "(while checking arguments for {native})",
)
NAMES = ("kernel_size", "stride", "padding", "dilation", "output_size")
ONE_INT = {
    name: Fault(
        name.replace("_", "-"),
        f"takes one {name}, got {{got}}",
        f"RuntimeError: {{native}}() argument '{name}' should contain one int (got {{got}})",
    )
    for name in NAMES
}
ONE_OR_EACH = {
    name: Fault(
        name.replace("_", "-"),
        f"takes one {name}, or one for each of its {{axes}} axes, got {{got}}",
        f"RuntimeError: {{native}}: {name} must {{wants}} a single int, or a tuple of {{count}} ints",
    )
    for name in NAMES[:4]
}
COUNTS = {2: "two", 3: "three"}
SIDES = ("t", "h", "w")
ZERO_STRIDE = Fault("stride", "takes a stride of at least 1, got 0", "RuntimeError: stride should not be zero")
PADDING = Fault(
    "padding", "takes a padding of at least 0, got {pad}", "RuntimeError: pad must be non-negative, but got pad: {pad}"
)
HALF_EXTENT = Fault(
    "padding-too-large",
    "takes a padding of at most half its window, got {pad} beside kernel_size={kernel} and dilation={dilation}",
    "RuntimeError: pad should be at most half of effective kernel size, but got pad={pad}, kernel_size={kernel} "
    "and dilation={dilation}",
)
SIGNS = {
    "kernel_size": Fault(
        "kernel-size",
        "takes a kernel_size of at least 1, got {sizes:tuple}",
        "RuntimeError: kernel size should be greater than zero, but got {sizes:each k}",
    ),
    "stride": Fault(
        "stride",
        "takes a stride of at least 1, got {sizes:tuple}",
        "RuntimeError: stride should be greater than zero, but got {sizes:each d}",
    ),
    "dilation": Fault(
        "dilation",
        "takes a dilation of at least 1, got {sizes:tuple}",
        "RuntimeError: dilation should be greater than zero, but got {sizes:each dilation}",
    ),
}
IMAGE_WORDS = (
    "RuntimeError: Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:{input}"
)
IMAGE_RANK = Fault("rank", "takes 3 axes (unbatched) or 4 (batched), got {input}", IMAGE_WORDS)
EMPTY_IMAGE = Fault("empty-axis", "takes no empty axis but the batch, got {input}", IMAGE_WORDS)
EMPTY_VOLUME = Fault(
    "empty-axis",
    EMPTY_IMAGE.says,
    "RuntimeError: {native}: Expected input's non-batch dimensions to have positive length, "
    "but input has a shape of {input} and non-batch dimension {size} has length zero!",
)
HALF = "takes a padding of at most half its kernel_size, got {padding:tuple} beside {kernel:tuple}"
HALF_IMAGE = Fault(
    "padding-too-large",
    HALF,
    "RuntimeError: pad should be smaller than or equal to half of kernel size, but got "
    "padW = {pad_w}, padH = {pad_h}, kW = {k_w}, kH = {k_h}",
)
HALF_VOLUME = Fault(
    "padding-too-large",
    HALF,
    "RuntimeError: pad should be smaller than or equal to half of kernel size, but got "
    "kT: {k_t} kW: {k_w} kH: {k_h} padT: {pad_t} padW: {pad_w} padH: {pad_h}",
)
SMALLER = Fault(
    "kernel-too-large",
    "slides a window of {kernel:x} over an input of {lengths:x}",
    "RuntimeError: input image ({lengths:each }) smaller than kernel size ({kernel:each k})",
)
TOO_SMALL = Fault(
    "output-too-small",
    "slides a window of {window:x} over an input of {lengths:x}, which leaves {output:x}",
    "RuntimeError: Given input size: ({planes}x{lengths:x}). Calculated output size: ({planes}x{output:x}). "
    "Output size is too small",
)


def need_axis(x: Tensor, dim: int) -> None:
    """Refuse an input that has no axis `dim`, as torch's `size` does."""
    rank = len(x)
    require(rank > 0, SCALAR, dim=dim)
    require(rank >= -dim, LOW_RANK, least=-dim, rank=rank, low=-rank, high=rank - 1, dim=dim)


def need_sequence(x: Tensor, native: str) -> None:
    """Refuse what is neither (C, L) nor (N, C, L)."""
    require(2 <= len(x) <= 3, ARGUMENT_RANK, rank=len(x), native=native)  # noqa: PLR2004  # (C, L) and (N, C, L)


def as_image(x: Tensor) -> Tensor:
    """Return a sequence as the image of one row that torch makes of it."""
    return Tensor((*x[:-1], 1, x[-1]), x.dtype)


def need_kernel(x: Tensor, kernel: str, output: Sizes) -> None:
    """Refuse a dtype that a kernel was not written for; torch asks only where there is something to compute."""
    if x.dtype != "float32" and (prod(output) == 0) is not True:
        need_floating(x, kernel)


def need_one(sizes: Sizes, name: str, native: str) -> None:
    """Refuse several numbers where a 1d kernel takes one."""
    require(len(sizes) == 1, ONE_INT[name], name, native=native, got=len(sizes))


def one_or_each(sizes: Sizes, axes: int, name: str, native: str, wants: str) -> Sizes:
    """Give every axis its number, where one is written for all of them."""
    if len(sizes) == 1:
        return sizes * axes
    if len(sizes) != axes:
        told: dict[str, Any] = {"native": native, "wants": wants, "count": COUNTS[axes], "got": len(sizes)}
        require(False, ONE_OR_EACH[name], name, axes=axes, **told)  # it holds never
    return sizes


def fits_half(padding: Size, size: Size) -> bool | Fact:
    """Ask whether a padding is at most half of a size; C++ rounds half of -1 to 0."""
    return (2 * padding <= size) | ((padding == 0) & (size == -1))


def places(length: Size, window: Window, *, ceil: bool) -> Size:
    """Return how many places a window can stand along one axis."""
    kernel, stride, padding, dilation = window
    fine = (stride != 0) & (padding >= 0) & (2 * padding <= dilation * (kernel - 1) + 1)
    if fine is not True:  # the words cost more than the question
        need_window(window)
    return (slide_ceil if ceil else slide)(length, kernel, stride, padding, dilation)


def need_window(window: Window) -> None:
    """Refuse a stride of 0 and a padding that no window covers."""
    kernel, stride, padding, dilation = window
    require(stride != 0, ZERO_STRIDE, "stride")
    require(padding >= 0, PADDING, "padding", pad=padding)
    fits = fits_half(padding, extent(kernel, dilation))
    require(fits, HALF_EXTENT, blamed(padding, kernel), pad=padding, kernel=kernel, dilation=dilation)


def need_signs(windows: tuple[Window, ...]) -> None:
    """Refuse a kernel, stride or dilation below 1 on any axis."""
    fine: bool | Fact = True
    for kernel, stride, _, dilation in windows:
        fine = fine & (kernel > 0) & (stride > 0) & (dilation > 0)
    if fine is True:
        return
    kernels, strides, _, dilations = zip(*windows, strict=True)
    for name, sizes in (("kernel_size", kernels), ("stride", strides), ("dilation", dilations)):
        for size in sizes:
            require(size > 0, SIGNS[name], name, sizes=sizes)


def blamed(padding: Size, kernel: Size) -> str:
    """Name what is wrong where the padding is more than half a window; without padding, what makes that negative."""
    if (padding == 0) is not True:
        return "padding"
    return "dilation" if (kernel > 0) is True else "kernel_size"


def need_half(windows: tuple[Window, ...], fault: Fault) -> None:
    """Refuse a padding of more than half a kernel, dilated or not."""
    for kernel, _, padding, _ in windows:
        holds = 2 * padding <= kernel
        if holds is not True:  # the words cost more than the question
            kernels, _, paddings, _ = zip(*windows, strict=True)
            named = zip(SIDES[-len(windows) :], kernels, paddings, strict=True)
            told = {name: size for axis, k, pad in named for name, size in ((f"k_{axis}", k), (f"pad_{axis}", pad))}
            require(holds, fault, blamed(padding, 0), kernel=kernels, padding=paddings, **told)


def need_output(x: Tensor, windows: tuple[Window, ...], output: Sizes) -> None:
    """Refuse a window that can stand nowhere."""
    axes = len(windows)
    for size in output:
        if size.__class__ is not int or size < 1:  # the words cost more than the question
            window = tuple(extent(kernel, dilation) for kernel, _, _, dilation in windows)
            told = {"planes": x[-axes - 1], "lengths": x[-axes:], "output": output, "window": window}
            require(size >= 1, TOO_SMALL, "kernel_size", **told)


def pool_image(x: Tensor, windows: tuple[Window, ...], *, ceil: bool) -> Sizes:
    """Return the places along the two last axes, as torch's 2d kernels do."""
    output = tuple(places(length, window, ceil=ceil) for length, window in zip(x[-2:], windows, strict=True))
    need_signs(windows)
    require(3 <= len(x) <= 4, IMAGE_RANK, input=x)  # noqa: PLR2004  # (C, H, W) and (N, C, H, W)
    for size in x[-3:]:
        require(size != 0, EMPTY_IMAGE, input=x)
    need_half(windows, HALF_IMAGE)
    need_output(x, windows, output)
    return output


def pool_volume(x: Tensor, windows: tuple[Window, ...], *, ceil: bool, native: str, covered: bool = False) -> Sizes:
    """Return the places along the three last axes, as torch's 3d kernels do; `covered` is the average's own check."""
    lengths = x[-3:]
    output = tuple(places(length, window, ceil=ceil) for length, window in zip(lengths, windows, strict=True))
    need_signs(windows)
    for size in x[-4:]:
        require(size > 0, EMPTY_VOLUME, native=native, input=x, size=size)
    if covered:
        kernel = tuple(window[0] for window in windows)
        for length, size in zip(lengths, kernel, strict=True):
            require(length >= size, SMALLER, "kernel_size", kernel=kernel, lengths=lengths)
    need_half(windows, HALF_VOLUME)
    need_output(x, windows, output)
    return output
