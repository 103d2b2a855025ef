"""Instance norms: they shift and scale each channel of each sample, and keep the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import BROADCAST, SPATIAL, letters_for
from convshape.dim import prod
from convshape.dtypes import need_stored_dtype
from convshape.faults import Fault, require
from convshape.layers.norm import STORED, TWO_RANKS, Norm
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size

ONE_ELEMENT = Fault(
    "one-value-per-channel",
    "has one spatial element here, and needs more than one to normalise it",
    "ValueError: Expected more than 1 spatial element when training, got input size {input:size}",
)
INSTANCE_CHANNELS = Fault(
    "channels",
    "expects {num_features} channels on axis {dim}, got {got}",
    "ValueError: expected input's size at dim={dim} to match num_features ({num_features}), but got: {got}.",
)
UPDATE = Fault(
    "channels",
    STORED.says,
    "RuntimeError: shape '{shape}' is invalid for input of size {elements}",
)


class InstanceNorm(Norm, order="num_features eps momentum affine track_running_stats * bias"):
    """Normalise each channel of each sample over its spatial axes."""

    init_of = "_InstanceNorm"
    forward_of = "_InstanceNorm"

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep two numbers for each channel of each sample, and the weights repeated for each sample."""
        repeated = bool(self.affine) + 2 * bool(self.track_running_stats)
        batch = output[0] if len(output) > self.axes + 1 else 1
        yield Tensor(((2 * self.measures + repeated) * batch * output[-self.axes - 1],))

    affine: bool = False
    track_running_stats: bool = False
    layout = "packed"

    def out(self, x: Tensor) -> Any:
        """Return the same shape; the batch may be left out."""
        self.need(x)
        *batch, channels = x[: -self.axes]
        self.need_stored(x, channels, prod(batch))
        if self.training and self.track_running_stats:
            self.need_update(channels, prod(batch))
        output = self.scaled(x, prod(batch) * channels)
        if self.affine:
            need_stored_dtype(x, skips_empty=True)
        return output

    def need_update(self, channels: Size, batch: Size) -> None:
        """Refuse channels that an empty input cannot update the statistics of; one without samples makes one mean."""
        equal = channels == self.num_features
        if equal is not True:
            mean = equal | (channels == 1)
            require(mean | (batch != 0), BROADCAST, "num_features", first=self.num_features, second=channels, axis=0)
            told = {"channels": channels, "shape": (batch, channels), "elements": batch * self.num_features}
            require(equal | (batch == 0), UPDATE, "num_features", **told)

    def need(self, x: Tensor) -> None:
        """Refuse a wrong rank, other channels than there are weights, and a single element to normalise."""
        axes = self.axes
        require(axes < len(x) <= axes + 2, TWO_RANKS, low=axes + 1, high=axes + 2, rank=len(x))
        *batch, channels = x[:-axes]
        if self.affine:
            holds = channels == self.num_features
            require(holds, INSTANCE_CHANNELS, "num_features", dim=len(batch), got=channels)
        if self.measures:
            require(prod(x[-axes:]) != 1, ONE_ELEMENT, input=(1, *x)[-axes - 2 :])

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of num_features channels."""
        return None if self.holes else ("N", self.num_features, *SPATIAL[self.axes])

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the channels before the spatial axes."""
        return letters_for(output, self.axes)


class InstanceNorm1d(InstanceNorm, axes=1):
    """Normalise each channel of each sequence: (N, C, L)."""


class InstanceNorm2d(InstanceNorm, axes=2):
    """Normalise each channel of each image: (N, C, H, W)."""


class InstanceNorm3d(InstanceNorm, axes=3):
    """Normalise each channel of each volume: (N, C, D, H, W)."""


class LazyInstanceNorm1d(InstanceNorm1d, lazy="num_features"):
    """InstanceNorm1d that takes num_features from its first input, and stores weights and statistics."""

    init_of = "_LazyNormBase"
    forward_of = "_InstanceNorm"
    affine: bool = True
    track_running_stats: bool = True


class LazyInstanceNorm2d(InstanceNorm2d, lazy="num_features"):
    """InstanceNorm2d that takes num_features from its first input, and stores weights and statistics."""

    init_of = "_LazyNormBase"
    forward_of = "_InstanceNorm"
    affine: bool = True
    track_running_stats: bool = True


class LazyInstanceNorm3d(InstanceNorm3d, lazy="num_features"):
    """InstanceNorm3d that takes num_features from its first input, and stores weights and statistics."""

    init_of = "_LazyNormBase"
    forward_of = "_InstanceNorm"
    affine: bool = True
    track_running_stats: bool = True
