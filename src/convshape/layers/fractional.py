"""Pools whose windows stand at random places, so that the output has any size below the input's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import SPATIAL, letters_for
from convshape.dim import scaled
from convshape.dtypes import COMPLEX, need_floating
from convshape.faults import Fault, require
from convshape.kinds import Each, is_int, is_number, per_axis, spread
from convshape.layer import NEGATIVE_WEIGHT, Layer
from convshape.layers.pooling import SCALAR, need_axis, need_kernel
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.dim import Size
    from convshape.tensor import Sizes

NO_SIZE = Fault(
    "output-size",
    "needs an output_size or an output_ratio",
    "ValueError: {name} requires specifying either an output size, or a pooling ratio",
)
BOTH = Fault(
    "output-size",
    "takes an output_size or an output_ratio, got both",
    "ValueError: only one of output_size and output_ratio may be specified",
)
FEW_RATIOS = Fault(
    "output-ratio",
    "takes one output_ratio, or one for each of its {axes} axes, got {got}",
    "IndexError: tuple index out of range",
)
MANY_RATIOS = Fault(
    "output-ratio",
    FEW_RATIOS.says,
    "ValueError: fractional_max_pool2d requires output_ratio to either be a single Int or tuple of Ints.",
)
RATIO = Fault(
    "output-ratio",
    "takes an output_ratio between 0 and 1, got {output_ratio:repr}",
    "ValueError: output_ratio must be between 0 and 1 (got {output_ratio:repr})",
)
KERNEL = Fault(
    "kernel-size",
    "takes a kernel_size of at least 1, got {kernel_size:repr}",
    "ValueError: kernel_size must be greater than 0, but got {kernel_size:repr}",
)
NO_RATIO = Fault(
    "argument-type",
    "takes a number as output_ratio, or one for each axis, got {output_ratio:repr}",
    "TypeError: '<' not supported between instances of 'int' and '{type}'",
)
NO_NUMBER = Fault(
    "argument-type",
    "takes an int as kernel_size, or one for each axis, got {kernel_size:repr}",
    "TypeError: '>' not supported between instances of '{type}' and 'int'",
)
SEVERAL = {2: "Ints", 3: "three Ints"}
COUNT = {
    name: Fault(
        name.replace("_", "-"),
        f"takes one {name}, or one for each of its {{axes}} axes, got {{got}}",
        f"RuntimeError: fractional_max_pool{{axes}}d: {name} must either be a single Int or tuple of {{several}}",
    )
    for name in ("kernel_size", "output_size")
}
RANK = Fault(
    "rank",
    "takes {plain} axes (unbatched) or {batched} (batched), got {rank}",
    "RuntimeError: {native}(): Expected {plain}D or {batched}D tensor, but got: {input}",
)
EMPTY = Fault(
    "empty-axis",
    "takes no empty axis but the batch, got {input}",
    "RuntimeError: {native}(): Expected input to have non-zero size for non-batch dimensions, "
    "but got{input} with dimension {dim} being empty.",
)
TOO_LARGE = Fault(
    "kernel-too-large",
    "has no room for {places} windows of {kernel} in an input of {length}",
    "RuntimeError: {native}(): pool {side} {kernel} too large relative to input {side} {length}",
)
NEGATIVE = Fault(
    "output-size",
    "takes an output_size of at least 0, got {sizes:tuple}",
    f"{NEGATIVE_WEIGHT.torch_type}: {NEGATIVE_WEIGHT.torch_words}",
)
IMAGE = (("height", -2), ("width", -1))
VOLUME = (("time", -3), ("width", -1), ("height", -2))
"""The axes by torch's names, in the order in which it looks at them."""


class FractionalMaxPool(Layer):
    """Keep the largest number of windows at random places, and where it was if return_indices says so.

    Comparisons are no multiply-accumulates: it counts none.
    """

    kernel_size: Each
    output_size: Each | None = None
    output_ratio: Any = None
    return_indices: bool = False
    _random_samples: Tensor | None = None
    later: ClassVar[tuple[str, ...]] = ("kernel_size", "output_size")
    margin: ClassVar[int] = 0  # how much longer the input must be than its windows, laid with a step of 1

    def check(self) -> None:
        """Refuse what the constructor refuses."""
        sized, ratio = self.output_size is not None, self.output_ratio
        require(sized or ratio is not None, NO_SIZE, "output_size", name=type(self).__name__)
        require(not sized or ratio is None, BOTH, "output_ratio")
        if ratio is not None:
            self.check_ratios(spread(ratio, self.axes))

    def check_ratios(self, ratios: tuple[Any, ...]) -> None:
        """Refuse ratios outside 0 to 1, the first before a missing one."""
        for place in range(self.axes):
            require(place < len(ratios), FEW_RATIOS, "output_ratio", axes=self.axes, got=len(ratios))
            ratio = ratios[place]
            require(is_number(ratio), NO_RATIO, "output_ratio", type=type(ratio).__name__)
            require(0 < ratio < 1, RATIO, "output_ratio")

    def out(self, x: Tensor) -> Any:
        """Return (*batch, channels, *output_size), twice where the indices are wanted."""
        axes = self.axes
        output = self.sizes(x)
        if len(x) != axes + 1:  # torch draws places for each of the batch
            require(len(x) > 0, SCALAR, dim=0)
        need_axis(x, -axes - 1)
        need_floating(x, "check_uniform_bounds", COMPLEX)
        self.need_windows(x, per_axis(self.kernel_size, axes), output)
        shape = (*x[:-axes], *output)
        for size in output:
            require(size >= 0, NEGATIVE, "output_size", size=size, sizes=output, shape=shape)
        need_kernel(x, f"fractional_max_pool{axes}d_out_frame", output)
        return (Tensor(shape, x.dtype), Tensor(shape, "int64")) if self.return_indices else shape

    def sizes(self, x: Tensor) -> Sizes:
        """Return the size of the output along each axis, as given or as a part of the input's."""
        axes = self.axes
        if self.output_size is not None:
            return per_axis(self.output_size, axes)  # type: ignore[no-any-return]
        ratios = spread(self.output_ratio, axes)
        require(axes > 2 or len(ratios) == axes, MANY_RATIOS, "output_ratio", axes=axes, got=len(ratios))  # noqa: PLR2004
        for dim in range(-axes, 0):
            need_axis(x, dim)
        return tuple(scaled(length, ratio) for length, ratio in zip(x[-axes:], ratios, strict=False))

    def need_windows(self, x: Tensor, kernel: Sizes, output: Sizes) -> None:
        """Refuse windows that have no room."""
        axes, rank = self.axes, len(x)
        for name, sizes in (("kernel_size", kernel), ("output_size", output)):
            require(len(sizes) == axes, COUNT[name], name, axes=axes, several=SEVERAL[axes], got=len(sizes))
        native = "fractional_max_pool2d" if axes == 2 else "fractional_max_pool3d_out"  # noqa: PLR2004  # an image
        told: dict[str, Any] = {"native": native, "plain": axes + 1, "batched": axes + 2, "rank": rank}
        require(axes < rank <= axes + 2, RANK, input=x, **told)
        for dim in range(1, rank):
            require(x[dim] != 0, EMPTY, native=native, input=x, dim=dim)
        for side, dim in IMAGE if axes == 2 else VOLUME:  # noqa: PLR2004
            size, length, places = kernel[dim], x[dim], output[dim]
            told = {"native": native, "side": side, "kernel": size, "length": length, "places": places}
            require(places + size - 1 + self.margin <= length, TOO_LARGE, "kernel_size", **told)

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of any number of channels."""
        return ("N", "C", *SPATIAL[self.axes])

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the output."""
        return letters_for(output if isinstance(output, Tensor) else output[0], self.axes)


class FractionalMaxPool2d(FractionalMaxPool, axes=2):
    """Keep the largest number of windows at random places over an image: (N, C, H, W)."""


class FractionalMaxPool3d(FractionalMaxPool, axes=3):
    """Keep the largest number of windows at random places through a volume: (N, C, D, H, W)."""

    margin = 1
    releases = "In torch 2.4 it takes a kernel_size of 0."

    def check(self) -> None:
        """Refuse what the constructor refuses; of the two only this one compares the kernel with 0."""
        for size in compared(self.kernel_size):
            require(is_number(size), NO_NUMBER, "kernel_size", type=type(size).__name__)
            require(size > 0, KERNEL, "kernel_size")
        super().check()


def compared(kernel: Any) -> Any:
    """Return the numbers of a kernel that torch compares with 0 when it is given."""
    return kernel if isinstance(kernel, (tuple, list)) else (kernel,) * is_int(kernel)
