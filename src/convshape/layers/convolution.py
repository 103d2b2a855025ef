"""What plain and transposed convolutions share: their arguments, and the checks that torch makes of both."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from convshape.axes import SPATIAL, letters_for
from convshape.declaration import NOT_INFERRED
from convshape.dim import prod
from convshape.dtypes import COMPLEX, HALVES, NOT_IMPLEMENTED, SCALARS, promoted, tensor_name
from convshape.faults import Fault, Refusal, require
from convshape.kinds import Entries, Kernel, Length, Whole, is_ints
from convshape.layer import NEGATIVE_WEIGHT, Layer
from convshape.tensor import Tensor
from convshape.window import extent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.tensor import Sizes

# --- what the constructors refuse ---

GROUPS = Fault("groups", "needs at least one group, got {groups}", "ValueError: groups must be a positive integer")
IN_GROUPS = Fault(
    "groups",
    "cannot share {in_channels} input channels among {groups} groups",
    "ValueError: in_channels must be divisible by groups",
)
OUT_GROUPS = Fault(
    "groups",
    "cannot share {out_channels} output channels among {groups} groups",
    "ValueError: out_channels must be divisible by groups",
)

# --- what forward refuses ---

RANK = Fault(
    "rank",
    "takes {plain} axes (unbatched) or {batched} (batched), got {rank}",
    "RuntimeError: Expected {plain}D (unbatched) or {batched}D (batched) input to {torch_name}, "
    "but got input of size: {input}",
)
LAZY_RANK = Fault("rank", RANK.says, f"RuntimeError: {RANK.torch_words[:-7]}{{input:size}}")
WEIGHT_RANK = Fault(
    "kernel-size",
    "slides over at least one axis, got the kernel_size {kernel_size:tuple}",
    "RuntimeError: weight should have at least three dimensions",
)
PER_AXIS = {
    name: Fault(
        name.replace("_", "-"),
        f"takes one {name}, or one for each axis of the kernel: {{count}}, not {{{name}:tuple}}",
        f"RuntimeError: expected {name} to be a single integer value or a list of {{count}} values to match the "
        f"convolution dimensions, but got {name}={{{name}}}",
    )
    for name in ("stride", "padding", "dilation", "output_padding")
}
SIGNS = {
    "padding": (0, "negative padding is not supported"),
    "output_padding": (0, "negative output_padding is not supported"),
    "stride": (1, "non-positive stride is not supported"),
    "dilation": (1, "dilation should be greater than zero"),
}
LEAST = {"padding": 0, "output_padding": 0, "stride": 1, "dilation": 0}
TOO_LITTLE = {
    name: Fault(
        name.replace("_", "-"),
        f"takes {'an' if name[0] == 'o' else 'a'} {name} of at least {least}, got {{got}}",
        f"RuntimeError: {words}",
    )
    for name, (least, words) in SIGNS.items()
}
WEIGHT_AXES = Fault(
    "rank",
    "has a kernel over {count} axes, got an input of {rank} axes with its batch",
    "RuntimeError: Expected {weight_rank}-dimensional input for {weight_rank}-dimensional weight {weight}, "
    "but got {rank}-dimensional input of size {input} instead",
)
FEW_CHANNELS = Fault(
    "groups",
    "needs at least one channel for each of its {groups} groups, got a weight of {weight}",
    "RuntimeError: Given groups={groups}, expected weight to be at least {groups} at dimension 0, "
    "but got weight of size {weight} instead",
)
LAZY_GROUPS = Fault(
    "groups",
    OUT_GROUPS.says,
    "RuntimeError: Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, "
    "but got weight of size [{weight}] instead",
)
EMPTY_AXIS = Fault(
    "empty-axis",
    "takes an empty batch or no channels, but no other empty axis, got {input}",
    "RuntimeError: Only zero batch or zero channel inputs are supported, but got input shape: {input}",
)
EMPTY_WEIGHT = Fault(
    "kernel-size",
    "has a weight without elements, {weight}",
    "IndexError: select(): index 0 out of range for tensor of size [0] at dimension 0",
)
DTYPE = "computes in float32, got an input of {dtype}"
WEIGHT_DTYPE = Fault("dtype", DTYPE, "RuntimeError: expected scalar type {scalar} but found {got}")
HALF_DTYPE = Fault(
    "dtype",
    DTYPE,
    "RuntimeError: Input type ({tensor}) and weight type ({other}) should be the same "
    "or input should be a MKLDNN tensor and weight is a dense tensor",
)
COMPLEX_DTYPE = Fault(
    "dtype", DTYPE, "RuntimeError: Input type ({tensor}) and weight type (torch.FloatTensor) should be the same"
)


class Window(NamedTuple):
    """How the kernel moves: for each axis of the kernel one number of each."""

    stride: Sizes
    padding: Sizes
    dilation: Sizes
    output_padding: Sizes
    spans: Sizes  # from the first tap to the last

    @property
    def fits(self) -> bool:
        """Whether the output_padding is known to be small enough beside the stride or the dilation."""
        moves = zip(self.output_padding, self.stride, self.dilation, strict=True)
        return all(((extra < step) | (extra < gap)) is True for extra, step, gap in moves)


class Convolution(Layer):
    """Slide learned kernels over the last axes of the input."""

    in_channels: Length
    out_channels: Whole
    kernel_size: Kernel
    stride: Entries = 1
    padding: Entries = 0
    later: ClassVar[tuple[str, ...]] = ("stride", "padding", "dilation")
    if TYPE_CHECKING:
        output_padding: Entries
        dilation: Entries
        groups: Whole
        bias: bool

    def check(self) -> None:
        """Refuse groups that do not share the channels evenly."""
        for name in self.holes:
            require(name == "in_channels", NOT_INFERRED, name, name=name)
        require(self.groups > 0, GROUPS, "groups")
        if not self.holes:
            require(self.in_channels % self.groups == 0, IN_GROUPS, "groups")
        if not self.lazy:
            require(self.out_channels % self.groups == 0, OUT_GROUPS, "groups")

    def _take(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """Make the kernel of a Lazy class, which has no channels yet."""
        super()._take(arguments, keywords)
        for size in self.kernel_size if self.lazy and self.holes and is_ints(self.kernel_size) else ():
            told = {"weight": "weight", "shape": (0, 0, *self.kernel_size), "size": size}
            require(size >= 0, NEGATIVE_WEIGHT, "kernel_size", **told)

    def batched(self, x: Tensor) -> Sizes:
        """Return the sizes with a batch, which is 1 where there was none."""
        self.check_rank(x, RANK)
        require(x.dtype not in COMPLEX, COMPLEX_DTYPE, dtype=x.dtype, tensor=tensor_name(x.dtype))
        return x.shape if len(x) == self.axes + 2 else (1, *x)

    def check_rank(self, x: Tensor, fault: Fault) -> None:
        """Refuse what is neither (C, ...) nor (N, C, ...)."""
        plain = self.axes + 1
        if not plain <= len(x) <= plain + 1:
            raise Refusal(fault, "", {"plain": plain, "batched": plain + 1, "rank": len(x), "input": x})

    @cached_property
    def window(self) -> Window:
        """The numbers of the window, one for each axis of the kernel."""
        return self.measured(self.output_padding)

    def measured(self, output_padding: Sizes) -> Window:
        """Refuse arguments that do not fit the kernel or are too small, in torch's order."""
        count = len(self.kernel_size)
        require(count > 0, WEIGHT_RANK, "kernel_size")
        stride = self.spread("stride", self.stride, count)
        padding = self.spread("padding", self.margin(count), count)
        dilation = self.spread("dilation", self.dilation, count)
        spans = tuple(map(extent, self.kernel_size, dilation))
        window = Window(stride, padding, dilation, self.spread("output_padding", output_padding, count), spans)
        for name, least in LEAST.items():
            for value in getattr(window, name):
                require(value >= least, TOO_LITTLE[name], name, got=value)
        return window

    def margin(self, _count: int) -> Sizes:
        """Return how much is added to both ends of each axis."""
        return self.padding  # type: ignore[no-any-return]  # a field

    def spread(self, name: str, values: Sizes, count: int) -> Sizes:
        """Give every axis of the kernel its number; one number stands for all of them."""
        told: dict[str, Any] = {"count": count, name: values}
        require(len(values) in (1, count), PER_AXIS[name], name, **told)
        return values * count if len(values) == 1 else values

    def empty(self, at: str) -> str:
        """Name the channels that there are none of; else what is blamed."""
        return next((name for name in ("in_channels", "out_channels") if (getattr(self, name) == 0) is True), at)

    def check_weight(self, x: Sizes, fault: Fault = WEIGHT_AXES) -> None:
        """Refuse a kernel that has more or fewer axes than the input, and groups without channels."""
        rank, count = len(x), len(self.kernel_size)
        if rank != count + 2:
            raise Refusal(fault, "kernel_size", {"count": count, "weight_rank": count + 2, "rank": rank, "input": x})
        first = self.weight[0]
        require(first >= self.groups, FEW_CHANNELS, self.empty("groups"))
        if self.lazy:
            require(first % self.groups == 0, LAZY_GROUPS, "groups")

    @cached_property
    def sound(self) -> bool:
        """Tell whether every number of the kernel and of its dilation is known to be at least 1."""
        return all((size > 0) is True for size in (*self.kernel_size, *self.dilation))

    def check_elements(self, x: Sizes) -> bool:
        """Refuse an empty axis behind the channels, and an empty kernel; return whether there is nothing to compute."""
        nothing = (x[0] == 0) | (x[1] == 0)
        for size in x[2:]:
            require((size > 0) | nothing, EMPTY_AXIS, input=flat(x))
        if nothing is True:
            elements = prod(self.weight) if (x[1] == 0) is not True else 1
            require(elements > 0, EMPTY_WEIGHT, "kernel_size")
        return nothing is True

    def given(self, x: Tensor, shape: Sizes, *, nothing: bool) -> Tensor:
        """Return the output; where there is nothing to compute, torch multiplies the input with the weight instead."""
        dtype = promoted(x.dtype, "float32") if nothing and x.dtype not in ("float32", *HALVES) else x.dtype
        return Tensor(shape if len(x) == self.axes + 2 else shape[1:], dtype)

    def check_dtype(self, x: Tensor, kernel: str, unsupported: tuple[str, ...], *, onednn: bool) -> None:
        """Refuse another dtype than that of the weights; `kernel` is the one that says so, for some of them."""
        if x.dtype != "float32":
            fault = HALF_DTYPE if onednn else NOT_IMPLEMENTED if x.dtype in unsupported else WEIGHT_DTYPE
            told = {"dtype": x.dtype, "scalar": SCALARS[x.dtype], "kernel": kernel, "got": "Float"}
            told |= {"tensor": tensor_name(x.dtype), "other": "torch.FloatTensor"}
            raise Refusal(fault, "", told)

    def onednn(self, x: Sizes, dtype: str) -> bool:
        """Tell whether torch leaves it to oneDNN, whose messages differ: not for one small image."""
        if dtype != "float32":
            return dtype in HALVES
        kernel = flat(self.weight)[-2:]
        large = (kernel[0] > SMALL_KERNEL) is True and (kernel[1] > SMALL_KERNEL) is True
        return large or (self.groups > 1) is True or (x[0] > 1) is True or (prod(flat(x)[:4]) > ONE_IMAGE) is True

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give the kernels, and one bias for each output channel."""
        yield "weight", self.weight
        if self.bias:
            yield "bias", (self.out_channels,)

    @property
    def weight(self) -> Sizes:
        """The shape of the kernels."""
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of in_channels channels."""
        return None if self.holes else ("N", self.in_channels, *SPATIAL[self.axes])

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the output."""
        return letters_for(output, self.axes)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take in_channels from the input; torch's Lazy classes look at the rank, then at the types."""
        self.check_rank(x, LAZY_RANK if self.lazy else RANK)
        if self.pending and self.pending.at == "out_channels":
            raise self.pending
        return {"in_channels": x[-self.axes - 1]}

    @property
    def torch_name(self) -> str:
        """The name that torch's message about the rank gives it."""
        return type(self).__name__ if self.lazy else self.function

    @property
    def function(self) -> str:
        """The torch function behind the layer."""
        raise NotImplementedError


SMALL_KERNEL, ONE_IMAGE = 3, 20_480
"""The largest kernel, and how many elements of an image, torch computes without oneDNN, for one image."""


def flat(x: Sizes) -> Sizes:
    """Return (N, C, L) as (N, C, 1, L): torch computes a sequence as an image of height 1."""
    return (*x[:2], 1, *x[2:]) if len(x) == len("NCL") else x
