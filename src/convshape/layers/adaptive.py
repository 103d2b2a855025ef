"""Pools that are told the size of their output and choose their windows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import SPATIAL, axis, letters_for
from convshape.dtypes import SCALARS, need_floating
from convshape.faults import Fault, require
from convshape.kinds import OutputSize, PerAxis, spread
from convshape.layer import NEGATIVE_WEIGHT, Layer
from convshape.layers.pooling import need_kernel, need_one, need_sequence
from convshape.tensor import Tensor, is_floating
from convshape.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.tensor import Sizes

SHORT_INPUT = Fault(
    "rank",
    "has {wants} sizes to give, which needs more axes than {rank}",
    "ValueError: Input dimension should be at least {least}",
)
RANK_SAYS = "takes {plain} axes (unbatched) or {batched} (batched), got {rank}"
RANK_WORDS = "RuntimeError: {native}(): Expected {plain}D or {batched}D tensor, but got"
RANK = {
    "avg": Fault("rank", RANK_SAYS, f"{RANK_WORDS} {{input}}"),
    "max": Fault("rank", RANK_SAYS, f"{RANK_WORDS}: {{input}}"),
}
EMPTY = Fault(
    "empty-axis",
    "takes no empty axis but the batch, got {input}",
    "RuntimeError: {native}(): Expected input to have non-zero size for non-batch dimensions, "
    "but input has sizes {input} with dimension {dim} being empty",
)
COUNT_SAYS = "takes one output_size, or one for each of its {count} axes, got {got}"
COUNT = {
    "avg": Fault("output-size", COUNT_SAYS, "RuntimeError: {native}: output_size must be {count}"),
    "max": Fault(
        "output-size", COUNT_SAYS, "RuntimeError: {native}(): internal error: output_size.size() must be {count}"
    ),
}
BELOW_0 = "takes an output_size of at least 0, got {sizes:tuple}"
BELOW_0_WORDS = "RuntimeError: {native}: elements of output_size must be greater than or equal to 0 but received"
NEGATIVE_IMAGE = Fault("output-size", BELOW_0, f"{BELOW_0_WORDS} {{{{{{sizes:comma}}}}}}")
NEGATIVE_VOLUME = Fault("output-size", BELOW_0, f"{BELOW_0_WORDS} {{{{{{depth}}, {{height}},{{width}}}}}}")
NEGATIVE = Fault("output-size", BELOW_0, f"{NEGATIVE_WEIGHT.torch_type}: {NEGATIVE_WEIGHT.torch_words}")
MEAN = Fault(
    "dtype",
    "cannot take the mean of {dtype}",
    "RuntimeError: mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
    "Got: {scalar}",
)


def need_filled(x: Tensor, dims: range, native: str) -> None:
    """Refuse an empty axis among some."""
    for dim in dims:
        require(x[dim] != 0, EMPTY, native=native, input=x, dim=dim)


def need_rank(x: Tensor, axes: int, native: str, kind: str) -> None:
    """Refuse what has neither channels alone nor channels and a batch."""
    rank = len(x)
    require(axes < rank <= axes + 2, RANK[kind], native=native, plain=axes + 1, batched=axes + 2, rank=rank, input=x)


def average(x: Tensor, sizes: Sizes, axes: int) -> Sizes:
    """Return the output of adaptive_avg_pool2d or 3d. An output of 1 is a mean to torch, which takes any rank."""
    native = f"adaptive_avg_pool{axes}d"
    require(len(sizes) == axes, COUNT["avg"], "output_size", native=native, count=axes, got=len(sizes))
    for size in sizes:
        need_size(size, sizes, native)
    if all((size == 1) is True for size in sizes):
        need_mean(x, axes)
    else:
        need_average(x, sizes, native)
    return *x[:-axes], *sizes


def need_size(size: Size, sizes: Sizes, native: str) -> None:
    """Refuse an output size below 0; torch lists three of them with one space."""
    if len(sizes) == 2:  # noqa: PLR2004  # an image
        require(size >= 0, NEGATIVE_IMAGE, "output_size", native=native, sizes=sizes)
    else:
        depth, height, width = sizes
        told = {"depth": depth, "height": height, "width": width}
        require(size >= 0, NEGATIVE_VOLUME, "output_size", native=native, sizes=sizes, **told)


def need_mean(x: Tensor, axes: int) -> None:
    """Refuse what has no mean over its last axes."""
    holds = is_floating(x.dtype) or x.dtype.startswith("complex")
    require(holds, MEAN, dtype=x.dtype, scalar=SCALARS[x.dtype])
    for dim in range(axes):
        axis(len(x), -dim - 1, "")


def need_average(x: Tensor, sizes: Sizes, native: str) -> None:
    """Refuse what the kernels of the average refuse; the two of them look at rank and axes in other orders."""
    if len(sizes) == 2:  # noqa: PLR2004  # an image
        need_rank(x, 2, native, "avg")
        need_filled(x, range(len(x) - 2, len(x)), native)
        need_kernel(x, native, (*x[:-2], *sizes))
    else:
        need_filled(x, range(1, len(x)), native)
        need_rank(x, 3, native, "avg")
        need_floating(x, f"{native}_cpu")


def largest(x: Tensor, sizes: Sizes, axes: int) -> Sizes:
    """Return the output of adaptive_max_pool2d or 3d."""
    native = f"adaptive_max_pool{axes}d"
    need_rank(x, axes, native, "max")
    need_filled(x, range(1, len(x)), native)
    require(len(sizes) == axes, COUNT["max"], "output_size", native=native, count=axes, got=len(sizes))
    output = (*x[:-axes], *sizes)
    for size in sizes:
        require(size >= 0, NEGATIVE, "output_size", size=size, sizes=sizes, shape=output)
    need_floating(x, native if axes == 2 else f"{native}_cpu")  # noqa: PLR2004  # an image
    return output


class Adaptive(Layer):
    """Pool to an output of a fixed size."""

    output_size: Any
    later: ClassVar[tuple[str, ...]] = ("output_size",)

    def sizes(self, x: Tensor) -> Sizes:
        """Return the size of the output along each axis; None keeps the input's."""
        given = self.output_size
        if not isinstance(given, (tuple, list)):
            return spread(given, self.axes)  # type: ignore[no-any-return]
        wants = len(given)
        require(len(x) > wants, SHORT_INPUT, "output_size", wants=wants, least=wants + 1, rank=len(x))
        lengths = x[len(x) - wants :]
        return tuple(length if size is None else +size for size, length in zip(given, lengths, strict=True))

    def sequence(self, x: Tensor, native: str) -> tuple[Tensor, Sizes]:
        """Return the image of one row that torch makes of a sequence, and the size of its output."""
        need_sequence(x, native)
        need_one(self.output_size, "output_size", native)
        if native == "adaptive_max_pool1d":
            need_filled(x, range(1, len(x)), native)
        return Tensor((*x[:-1], 1, x[-1]), x.dtype), (1, *self.output_size)

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of any number of channels."""
        return ("N", "C", *SPATIAL[self.axes])

    def windows(self, lengths: Sizes) -> tuple[Window, ...]:
        """Stand equal windows side by side, where the sizes divide."""
        pairs = list(zip(lengths, self.sizes(Tensor((1, *lengths))), strict=True))
        even = all(size != 0 and (length % size == 0) is True for length, size in pairs)
        return tuple(Window(length // size, length // size) for length, size in pairs) if even else ()

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the output."""
        return letters_for(output if isinstance(output, Tensor) else output[0], self.axes)


class AdaptiveAvgPool(Adaptive):
    """Average down, or up, to an output of a fixed size.

    Additions are no multiply-accumulates: it counts none.
    """

    init_of = "_AdaptiveAvgPoolNd"
    output_size: OutputSize

    @property
    def keeps(self) -> str:  # type: ignore[override]  # it depends on the size
        """The input, unless the output is the mean of everything."""
        alone = all((size == 1) is True for size in spread(self.output_size, self.axes))
        return "" if alone and self.axes < 3 else "x"  # noqa: PLR2004

    def out(self, x: Tensor) -> Any:
        """Return (*batch, channels, *output_size)."""
        return average(x, self.sizes(x), self.axes)


class AdaptiveMaxPool(Adaptive):
    """Keep the largest numbers for an output of a fixed size, and where they were if return_indices says so.

    Comparisons are no multiply-accumulates: it counts none.
    """

    init_of = "_AdaptiveMaxPoolNd"
    output_size: OutputSize
    return_indices: bool = False

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep the indices."""
        if not self.return_indices:
            yield Tensor(output, "int64")

    def out(self, x: Tensor) -> Any:
        """Return (*batch, channels, *output_size), twice where the indices are wanted."""
        return self.paired(x, largest(x, self.sizes(x), self.axes))

    def paired(self, x: Tensor, sizes: Sizes) -> Any:
        """Return the output, and the indices where they are wanted."""
        return (Tensor(sizes, x.dtype), Tensor(sizes, "int64")) if self.return_indices else sizes


class AdaptiveAvgPool1d(AdaptiveAvgPool, axes=1):
    """Average a sequence to a fixed length: (N, C, L)."""

    output_size: PerAxis

    def out(self, x: Tensor) -> Any:
        """Return (*batch, channels, output_size)."""
        image, sizes = self.sequence(x, "adaptive_avg_pool1d")
        average(image, sizes, 2)
        return *x[:-1], *self.output_size


class AdaptiveAvgPool2d(AdaptiveAvgPool, axes=2):
    """Average an image to a fixed size: (N, C, H, W)."""


class AdaptiveAvgPool3d(AdaptiveAvgPool, axes=3):
    """Average a volume to a fixed size: (N, C, D, H, W)."""


class AdaptiveMaxPool1d(AdaptiveMaxPool, axes=1):
    """Keep the largest numbers of a sequence for a fixed length: (N, C, L)."""

    output_size: PerAxis

    def out(self, x: Tensor) -> Any:
        """Return (*batch, channels, output_size), twice where the indices are wanted."""
        image, sizes = self.sequence(x, "adaptive_max_pool1d")
        largest(image, sizes, 2)
        return self.paired(x, (*x[:-1], *self.output_size))


class AdaptiveMaxPool2d(AdaptiveMaxPool, axes=2):
    """Keep the largest numbers of an image for a fixed size: (N, C, H, W)."""


class AdaptiveMaxPool3d(AdaptiveMaxPool, axes=3):
    """Keep the largest numbers of a volume for a fixed size: (N, C, D, H, W)."""
