"""Norms over the last axes and over groups of channels; they keep the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dim import prod
from convshape.dtypes import COMPLEX, need_floating, need_stored_dtype
from convshape.faults import Fault, require
from convshape.kinds import KINDS
from convshape.layer import Layer
from convshape.layers.norm import channels_second
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Amount, Shape
    from convshape.tensor import Sizes

NO_SHAPE = Fault(
    "normalized-shape",
    "needs at least one axis to normalise",
    "RuntimeError: Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, "
    "but got normalized_shape = []",
)
LAST_SIZES = Fault(
    "features",
    "expects an input that ends in {normalized_shape}, got {input}",
    "RuntimeError: Given normalized_shape={normalized_shape}, expected input with shape [*, {normalized_shape:comma}], "
    "but got input of size{input}",
)
RMS_LAST_SIZES = Fault(
    "features",
    LAST_SIZES.says,
    "RuntimeError: Given normalized_shape={normalized_shape}, expected input with shape [*{normalized_shape:comma}], "
    "but got input of size{input}",
)
RMS_RANK = Fault(
    "rank",
    "needs an input of at least {least} axes, got {rank}",
    "ValueError: Input tensor must have at least {least} dimensions, but got {rank}",
)
NO_GROUPS = Fault("groups", "needs at least one group", "ZeroDivisionError: integer modulo by zero")
NEGATIVE_GROUPS = Fault(
    "groups",
    "needs at least one group, got {num_groups}",
    "RuntimeError: Expected num groups to be greater than 0, got {num_groups}",
)
UNEVEN_GROUPS = Fault(
    "divisible",
    "cannot share {num_channels} channels among {num_groups} groups",
    "ValueError: num_channels ({num_channels}) must be divisible by num_groups ({num_groups})",
)
GROUP_TYPE = Fault(
    "argument-type",
    "num_groups takes a whole number, got {num_groups}",
    "TypeError: group_norm(): argument 'num_groups' (position 2) must be int, not {type}",
)
GROUP_RANK = Fault(
    "rank",
    "needs an input of at least 2 axes, got {rank}",
    "RuntimeError: Expected at least 2 dimensions for input tensor but received {rank}",
)
GROUP_ONE_VALUE = Fault(
    "one-value-per-channel",
    "has one value per channel here, and needs more than one to normalise it",
    "ValueError: Expected more than 1 value per channel when training, got input size {grouped}",
)
GROUP_UNEVEN = Fault(
    "divisible",
    "cannot share the {got} channels of the input among {num_groups} groups",
    "RuntimeError: Expected number of channels in input to be divisible by num_groups, but got input of shape {input} "
    "and num_groups={num_groups}",
)
GROUP_CHANNELS = Fault(
    "channels",
    "expects {num_channels} channels, got {got}",
    "RuntimeError: Expected weight to be a vector of size equal to the number of channels in input, "
    "but got weight of shape {weight} and input of shape {input}",
)


class LastAxes(Layer):
    """What the norms over the last axes share."""

    normalized_shape: Shape
    elementwise_affine: bool = True
    layout = "packed"
    later = ("normalized_shape", "eps")

    def check(self) -> None:
        """Refuse at once what no weight can be made of."""
        shape = self.normalized_shape
        early = self.elementwise_affine or not (isinstance(shape, int) or hasattr(shape, "__iter__"))
        if early and self.pending and self.pending.at == "normalized_shape":
            raise self.pending

    def need_last(self, x: Tensor, fault: Fault) -> None:
        """Refuse an input that does not end in normalized_shape."""
        axes = len(self.normalized_shape)
        require(len(x) >= axes, fault, "normalized_shape", input=x)
        for size, want in zip(x[-axes:], self.normalized_shape, strict=True):
            require(size == want, fault, "normalized_shape", input=x)

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give a scale for each number of the last axes."""
        if self.elementwise_affine:
            yield "weight", self.normalized_shape

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of what it normalises."""
        return None if self.holes else ("N", *self.normalized_shape)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the last axis."""
        return {"normalized_shape": x[-1:]} if x else {}


class LayerNorm(LastAxes, order="normalized_shape eps elementwise_affine bias"):
    """Normalise each sample over its last axes."""

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep two numbers for each row."""
        yield Tensor((2, *output[: len(output) - len(self.normalized_shape)]))

    eps: float = 1e-5
    bias: bool = True

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        if self.elementwise_affine:
            need_stored_dtype(x)
        require(len(self.normalized_shape) > 0, NO_SHAPE, "normalized_shape")
        self.need_last(x, LAST_SIZES)
        need_floating(x, "LayerNormKernelImpl")
        return x

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give a scale and a shift for each number of the last axes."""
        yield from super().weights()
        if self.elementwise_affine and self.bias:
            yield "bias", self.normalized_shape


class RMSNorm(LastAxes, order="normalized_shape eps elementwise_affine"):
    """Divide each sample by the root mean square of its last axes."""

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep a number for each row, and the normalised input."""
        yield Tensor(output[: len(output) - len(self.normalized_shape)])
        yield Tensor(output, output.dtype)

    eps: float | None = None
    called = "x"

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        least = len(self.normalized_shape)
        require(least > 0, NO_SHAPE, "normalized_shape")
        require(len(x) >= least, RMS_RANK, least=least, rank=len(x))
        self.need_last(x, RMS_LAST_SIZES)
        need_floating(x, "rms_norm", COMPLEX)
        return x


class GroupNorm(Layer, order="num_groups num_channels eps affine * bias"):
    """Normalise each sample over groups of its channels."""

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep two numbers for each group of each sample."""
        yield Tensor((2 * output[0] * self.num_groups,))

    num_groups: Amount
    num_channels: Amount
    eps: float = 1e-5
    affine: bool = True
    bias: bool = True
    layout = "channels"
    later = ("eps",)
    releases = "In torch 2.4 it has no argument bias."

    def check(self) -> None:
        """Refuse groups that do not share the channels evenly."""
        require(self.num_groups != 0, NO_GROUPS, "num_groups")
        if not self.holes:
            require(self.num_channels % self.num_groups == 0, UNEVEN_GROUPS, "num_groups")

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        require(len(x) > 1, GROUP_RANK, rank=len(x))
        batch, channels, *spatial = x
        groups = self.num_groups
        whole = KINDS["Whole"].accepts(self.num_groups)
        if whole or all(isinstance(size, int) for size in x):  # a float divides a number, too; a symbol it does not
            rows = batch * channels // groups
            require(rows * prod(spatial) != 1, GROUP_ONE_VALUE, "num_groups", grouped=(rows, groups, *spatial))
        require(whole, GROUP_TYPE, "num_groups", type=type(self.num_groups).__name__)
        require(groups > 0, NEGATIVE_GROUPS, "num_groups")
        require(channels % groups == 0, GROUP_UNEVEN, "num_groups", got=channels, input=x)
        if self.affine:
            holds = channels == self.num_channels
            require(holds, GROUP_CHANNELS, "num_channels", got=channels, weight=(self.num_channels,), input=x)
            need_stored_dtype(x)
        need_floating(x, "GroupNormKernelImpl")
        return x

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give a scale and a shift for each channel."""
        if self.affine:
            yield "weight", (self.num_channels,)
            if self.bias:
                yield "bias", (self.num_channels,)

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the channels second."""
        return channels_second(output)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the size of the second axis."""
        return {"num_channels": x[1]} if len(x) > 1 else {}
