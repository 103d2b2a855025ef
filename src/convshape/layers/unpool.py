"""Pools undone: each number goes back to where it was the largest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import NO_AXIS, SPATIAL, TENSOR_OF_SIZES, letters_for
from convshape.dtypes import SCALARS
from convshape.faults import Fault, require
from convshape.kinds import Numbers, is_int, is_number, leads_with_int, spread
from convshape.layer import Layer
from convshape.layers.pooling import need_kernel
from convshape.tensor import Tensor, alike
from convshape.window import unslide

if TYPE_CHECKING:
    from convshape.dim import Size
    from convshape.tensor import Sizes
    from convshape.window import Window

FEW = {
    name: Fault(
        name.replace("_", "-"),
        f"takes one {name}, or one for each of the {{axes}} axes of its kernel_size, got {{got}}",
        "IndexError: tuple index out of range",
    )
    for name in ("stride", "padding")
}
ELEMENTS = Fault(
    "output-size",
    "takes an output_size of {axes} numbers, or of {most} with the batch and the channels, got {got}",
    "ValueError: output_size should be a sequence containing {axes} or {most} elements, but it has a length of '{got}'",
)
RANGE = Fault(
    "output-size",
    "undoes to a size between {low} and {high} along axis {dim}, both left out, got {given}",
    'ValueError: invalid output_size "{given}" (dim {dim} must be between {low} and {high})',
)
NEGATIVE = Fault(
    "output-size",
    "undoes to a size of at least 0, got {size} along axis {dim}",
    "ValueError: max_unpooling: output_size must contain non-negative spatial dimensions, "
    "but got output_size[{dim}]={size}",
)
NO_LENGTH = Fault(
    "argument-type",
    "takes an output_size of several numbers, got {output_size}",
    "TypeError: object of type '{type}' has no len()",
)
NO_NUMBER = Fault(
    "argument-type",
    "takes whole numbers as output_size, got {size:repr}",
    "TypeError: '<' not supported between instances of 'int' and '{type}'",
)
NOT_WHOLE = Fault(
    "argument-type",
    "undoes to whole sizes, got {name}={sizes:tuple}",
    "TypeError: max_unpool{count}d(): argument '{name}' must be tuple of ints",
)
IMAGE_DTYPE = Fault(
    "dtype",
    "takes indices of int64, got {dtype}",
    "RuntimeError: elements in indices should be type int64 but got: {scalar}",
)
VOLUME_DTYPE = Fault("dtype", IMAGE_DTYPE.says, "RuntimeError: elements in indices should be type int64")
IMAGE_RANK = Fault(
    "rank",
    "takes {plain} axes (unbatched) or {batched} (batched), got {rank}",
    "RuntimeError: Input to max_unpooling2d should be a 3d or 4d Tensor, but got a tensor with {got} dimensions.",
)
VOLUME_RANK = Fault(
    "rank",
    IMAGE_RANK.says,
    "RuntimeError: Input to max_unpooling3d should be a 4d or 5d Tensor, but got a tensor with {got} dimensions.",
)
COUNT_SAYS = "takes one {name}, or one for each of its axes, got {got}"
IMAGE_COUNT = Fault(
    "kernel-size",
    COUNT_SAYS,
    "RuntimeError: There should be exactly two elements (height, width) in output_size, but got {got} elements.",
)
VOLUME_COUNT = Fault(
    "kernel-size",
    COUNT_SAYS,
    "RuntimeError: There should be exactly three elements (depth, height, width) in output_size, "
    "but got {got} elements.",
)
VOLUME_SETTING = {
    name: Fault(
        name,
        COUNT_SAYS,
        f"RuntimeError: There should be exactly three elements (depth, height, width) in {name}, "
        "but got: {got} elements.",
    )
    for name in ("stride", "padding")
}
INDICES = Fault(
    "sizes-match",
    "takes indices of the shape of its input, {input}, got {indices}",
    "RuntimeError: Expected shape of indices to be same as that of the input tensor ({input}) "
    "but got indices tensor with shape: {indices}",
)
EMPTY = Fault(
    "empty-axis",
    "takes no empty axis but the batch, got {input}",
    "RuntimeError: max_unpooling{count}d_forward_out_cpu(): Expected input to have non-zero size for non-batch "
    "dimensions, but got {input} with dimension {dim} being empty.",
)
STRIDES = Fault(
    "stride",
    "takes a stride of at least 1, got {stride:tuple}",
    "RuntimeError: strides should be greater than zero, but got stride: {stride}",
)


class MaxUnpool(Layer):
    """Put each number back where a max pool found it, and 0 everywhere else.

    Nothing is multiplied: it counts no multiply-accumulates.
    """

    kernel_size: Numbers
    stride: Numbers | None = None
    padding: Numbers = 0
    later: ClassVar[tuple[str, ...]] = ("kernel_size", "stride", "padding")

    def windows(self, _lengths: Sizes) -> tuple[Window, ...]:
        """Look where the indices say: no window."""
        return ()

    def out(self, x: Tensor, indices: Tensor, output_size: Any = None) -> Any:
        """Return (*batch, channels, *output_size), or the smallest size that the pool makes the input of."""
        kernel = spread(self.kernel_size, self.axes)
        stride = spread(self.kernel_size if self.stride is None else self.stride, self.axes)
        padding = spread(self.padding, self.axes)
        sizes = self.default(x, kernel, stride, padding)
        if output_size is not None:
            sizes = self.given(output_size, sizes, stride)
        for dim, size in enumerate(sizes):
            require(size >= 0, NEGATIVE, "output_size", size=size, dim=dim)
        require(all(map(is_int, sizes)), NOT_WHOLE, "output_size", name="output_size", sizes=sizes, count=self.axes)
        if self.axes == 3:  # noqa: PLR2004  # a volume
            need_volume(x, indices, sizes, stride, padding)
            need_kernel(x, "max_unpool3d", (*x[:-3], *sizes))
            return *x[:-3], *sizes
        image, places, shape = (x, indices, sizes) if self.axes == 2 else columns(x, indices, sizes)  # noqa: PLR2004
        need_image(image, places, shape, self.axes)
        need_kernel(x, "max_unpool2d", (*x[: -self.axes], *sizes))
        return *x[: -self.axes], *sizes

    def default(self, x: Tensor, kernel: Sizes, stride: Sizes, padding: Sizes) -> Sizes:
        """Return the smallest sizes that the pool makes the input of, one for each number of the kernel."""
        sizes = []
        for place, size in enumerate(kernel):
            dim = place - len(kernel)
            require(len(x) >= -dim, NO_AXIS, "kernel_size", name=f"axis {dim}", rank=len(x))
            for name, settings in (("stride", stride), ("padding", padding)):
                require(place < len(settings), FEW[name], name, axes=len(kernel), got=len(settings))
            sizes.append(unslide(x[dim], size, stride[place], padding[place]))
        return tuple(sizes)

    def given(self, output_size: Any, sizes: Sizes, stride: Sizes) -> Sizes:
        """Return the sizes that were asked for; each may differ from the smallest by less than a stride."""
        axes, told = len(sizes), {"output_size": output_size, "type": type(output_size).__name__}
        require(isinstance(output_size, (tuple, list)), NO_LENGTH, "output_size", **told)
        wanted = output_size[2:] if len(output_size) == axes + 2 else output_size
        require(len(wanted) == axes, ELEMENTS, "output_size", axes=axes, most=axes + 2, got=len(wanted))
        require(not isinstance(output_size, Tensor), TENSOR_OF_SIZES, "output_size")
        for dim, (size, smallest, step) in enumerate(zip(wanted, sizes, stride, strict=False)):
            low, high = smallest - step, smallest + step
            require(is_number(size), NO_NUMBER, "output_size", size=size, type=type(size).__name__)
            told = {"given": Written(wanted), "dim": dim, "low": low, "high": high}
            require((low < size) & (size < high), RANGE, "output_size", **told)
        return tuple(wanted)

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of any number of channels."""
        return ("N", "C", *SPATIAL[self.axes])

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the output."""
        return letters_for(output, self.axes)


class Written:
    """Sizes as Python writes them: [2, 3] or (2, 3)."""

    def __init__(self, sizes: Any) -> None:
        """Keep the sizes as they were given."""
        self.sizes = sizes

    def __str__(self) -> str:
        """Write a list as a list, and any tuple as a tuple."""
        return str(list(self.sizes) if isinstance(self.sizes, list) else tuple(self.sizes))


def columns(x: Tensor, indices: Tensor, sizes: Sizes) -> tuple[Tensor, Tensor, Sizes]:
    """Return a sequence as the image of one column that torch makes of it."""
    return Tensor((*x, 1), x.dtype), Tensor((*indices, 1), indices.dtype), (*sizes, 1)


def need_image(x: Tensor, indices: Tensor, sizes: Sizes, axes: int) -> None:
    """Refuse what torch's 2d kernel refuses."""
    rank, scalar = len(x), SCALARS[indices.dtype]
    require(indices.dtype == "int64", IMAGE_DTYPE, dtype=indices.dtype, scalar=scalar)
    require(len(sizes) == 2, IMAGE_COUNT, "kernel_size", name="kernel_size", got=len(sizes))  # noqa: PLR2004
    told: dict[str, Any] = {"plain": axes + 1, "batched": axes + 2, "rank": rank - 2 + axes, "got": rank}
    require(3 <= rank <= 4, IMAGE_RANK, **told)  # noqa: PLR2004  # (C, H, W) and (N, C, H, W)
    need_indices(x, indices, 2)


def need_volume(x: Tensor, indices: Tensor, sizes: Sizes, stride: Sizes, padding: Sizes) -> None:
    """Refuse what torch's 3d kernel refuses."""
    for name, settings in (("stride", stride), ("padding", padding)):
        require(leads_with_int(settings), NOT_WHOLE, name, name=name, sizes=settings, count=3)
    require(indices.dtype == "int64", VOLUME_DTYPE, dtype=indices.dtype)
    require(4 <= len(x) <= 5, VOLUME_RANK, plain=4, batched=5, rank=len(x), got=len(x))  # noqa: PLR2004
    require(len(sizes) == 3, VOLUME_COUNT, "kernel_size", name="kernel_size", got=len(sizes))  # noqa: PLR2004
    for name, settings in (("stride", stride), ("padding", padding)):
        require(len(settings) == 3, VOLUME_SETTING[name], name, name=name, got=len(settings))  # noqa: PLR2004
    need_indices(x, indices, 3)
    for step in stride:
        require(step > 0, STRIDES, "stride", stride=stride)


def need_indices(x: Tensor, indices: Tensor, count: int) -> None:
    """Refuse indices of another shape, and an input with an empty axis."""
    require(alike(x, indices), INDICES, "indices", input=x, indices=indices)
    for dim in range(1, len(x)):
        require(x[dim] != 0, EMPTY, count=count, input=x, dim=dim)


class MaxUnpool1d(MaxUnpool, axes=1):
    """Undo a max pool along a sequence: (N, C, L)."""


class MaxUnpool2d(MaxUnpool, axes=2):
    """Undo a max pool over an image: (N, C, H, W)."""


class MaxUnpool3d(MaxUnpool, axes=3):
    """Undo a max pool through a volume: (N, C, D, H, W)."""
