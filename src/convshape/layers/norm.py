"""Batch norms: they shift and scale each channel over the batch, and keep the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import NO_AXIS, SPATIAL
from convshape.dim import prod
from convshape.dtypes import as_floating, need_floating, need_stored_dtype
from convshape.faults import Fault, require
from convshape.kinds import is_number
from convshape.layer import Layer
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Whole
    from convshape.tensor import Sizes

TWO_RANKS = Fault(
    "rank",
    "takes {low} or {high} axes, got {rank}",
    "ValueError: expected {low}D or {high}D input (got {rank}D input)",
)
ONE_RANK = Fault("rank", "takes {want} axes, got {rank}", "ValueError: expected {want}D input (got {rank}D input)")
LEAST_RANK = Fault(
    "rank",
    "takes at least 2 axes, got {rank}",
    "ValueError: expected at least 2D input (got {rank}D input)",
)
ONE_VALUE = Fault(
    "one-value-per-channel",
    "has one value per channel here, and needs more than one to normalise it",
    "ValueError: Expected more than 1 value per channel when training, got input size {input:size}",
)
STORED = Fault(
    "channels",
    "expects {num_features} channels, got {channels}",
    "RuntimeError: {stored} should contain {got} elements not {elements}",
)
NO_WEIGHT = Fault(
    "elements",
    "has no weight for an empty input",
    "IndexError: select(): index 0 out of range for tensor of size [0] at dimension 0",
)
NO_CHANNELS = Fault(
    "channels",
    "needs at least one channel",
    "ValueError: SyncBatchNorm number of input channels should be non-zero",
)
NEGATIVE_STATISTICS = Fault(
    "negative-weight",
    "would have statistics of {num_features} channels",
    "RuntimeError: zeros: Dimension size must be non-negative.",
)


EPS = Fault(
    "eps",
    "needs an eps above 0 to normalise by the input's own statistics, got {eps}",
    "ValueError: batch_norm eps must be positive during training, but got {eps}",
)
NEGATIVE_EPS = Fault(
    "eps", "needs an eps of at least 0, got {eps}", "ValueError: batch_norm eps must be non-negative, but got {eps}"
)


def channels_second(output: Sizes) -> tuple[str, ...]:
    """Name the axes of a batch whose second axis is channels: (N, C), (N, C, L), ..."""
    return ("N", "C", *SPATIAL.get(len(output) - 2, ()))[: len(output)]


class Norm(Layer):
    """What batch and instance norms store."""

    num_features: Whole
    eps: float = 1e-5
    momentum: float | None = 0.1
    affine: bool = True
    track_running_stats: bool = True
    bias: bool = True
    later = ("eps", "momentum")
    releases = "In torch 2.4 it has no argument bias."

    def check(self) -> None:
        """Refuse num_features where something of that size is stored; it is not looked at otherwise."""
        stored = self.track_running_stats and not self.affine  # of weights, the allocation says it
        if stored and not self.holes and not self.pending:
            require(self.num_features >= 0, NEGATIVE_STATISTICS, "num_features")

    def unread(self) -> tuple[str, ...]:
        """Name num_features where nothing of that size is stored."""
        return () if self.affine or self.track_running_stats else ("num_features",)

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give a scale and a shift for each channel."""
        if self.affine:
            yield "weight", (self.num_features,)
            if self.bias:
                yield "bias", (self.num_features,)

    def buffers(self) -> Iterator[tuple[str, Sizes]]:
        """Give the mean and the variance of each channel, and the number of batches they come from."""
        if self.track_running_stats:
            yield "running_mean", (self.num_features,)
            yield "running_var", (self.num_features,)
            yield "num_batches_tracked", ()

    def need_stored(self, x: Tensor, channels: Size, batch: Size = 1) -> None:
        """Refuse channels other than those of the statistics, else those of the weights; none in an empty input."""
        stored = "running_mean" if self.track_running_stats else "weight" if self.affine else ""
        if stored and (channels == self.num_features) is not True:
            told = {"stored": stored, "channels": channels, "elements": batch * self.num_features}
            holds = (channels == self.num_features) | (prod(x) == 0)
            require(holds, STORED, "num_features", got=batch * channels, **told)

    def scaled(self, x: Tensor, length: Size) -> Tensor:
        """Return the output; torch gives an empty input back, times the first of the weights."""
        if self.affine and (length != 0) is not True:
            require((length != 0) | (prod(x) != 0), NO_WEIGHT)
        if x.dtype == "float32":
            return x
        if (prod(x) == 0) is True:
            return Tensor(x, as_floating(x.dtype)) if self.affine else x
        need_floating(x, "batch_norm")
        return x

    def need(self, x: Tensor) -> None:
        """Refuse what torch refuses before it looks at eps and momentum."""

    def refuse(self, *inputs: Any) -> None:
        """Look at the input before the types of eps and momentum."""
        self.need(inputs[0])
        super().refuse()

    @property
    def measures(self) -> bool:
        """Whether it normalises by the input's own statistics."""
        return self.training or not self.track_running_stats

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the size of the second axis, as torch's Lazy classes do."""
        if not self.affine and not self.track_running_stats:
            return {"num_features": 0}
        if self.lazy:
            require(len(x) > 1, NO_AXIS, name="num_features", rank=len(x))
        return {"num_features": x[1]} if len(x) > 1 else {}


class BatchNorm(Norm, order="num_features eps momentum affine track_running_stats * bias"):
    """Normalise each channel over the batch."""

    init_of = "_BatchNorm"
    forward_of = "_BatchNorm"
    layout = "channels"
    releases = "In torch 2.4 it has no argument bias, and takes an eps of 0 in training."

    def need_rank(self, rank: int) -> None:
        """Refuse a rank that it does not take."""
        require(rank == self.axes + 2, ONE_RANK, want=self.axes + 2, rank=rank)

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        self.need(x)
        self.need_stored(x, x[1])
        output = self.scaled(x, self.num_features)
        if self.affine or self.track_running_stats:
            need_stored_dtype(x, skips_empty=True)
        return output

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep the mean and the deviation of each channel, where they are the input's own."""
        if self.measures:
            yield Tensor((2 * output[1],))

    def need(self, x: Tensor) -> None:
        """Refuse a wrong rank, and a single value to normalise."""
        self.need_rank(len(x))
        if self.measures:
            require(x[0] * prod(x[2:]) != 1, ONE_VALUE, input=x)
        if is_number(self.eps):
            require(not (self.measures and self.eps <= 0), EPS, "eps")
            require(not self.eps < 0, NEGATIVE_EPS, "eps")

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of num_features channels."""
        return None if self.holes else ("N", self.num_features, *SPATIAL[self.axes])

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the channels second."""
        return channels_second(output)


class BatchNorm1d(BatchNorm, axes=1):
    """Normalise each channel of a batch of rows (N, C) or sequences (N, C, L)."""

    def need_rank(self, rank: int) -> None:
        """Take rows, too."""
        require(rank in (2, 3), TWO_RANKS, low=2, high=3, rank=rank)

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of rows."""
        return None if self.holes else ("N", self.num_features)


class BatchNorm2d(BatchNorm, axes=2):
    """Normalise each channel of a batch of images (N, C, H, W)."""


class BatchNorm3d(BatchNorm, axes=3):
    """Normalise each channel of a batch of volumes (N, C, D, H, W)."""


class BatchNormAnywhere(BatchNorm):
    """What torch.nn.functional.batch_norm follows: any number of axes, the channels second."""

    def need_rank(self, rank: int) -> None:
        """Take any; the function has looked."""


class LazyBatchNorm1d(BatchNorm1d, lazy="num_features"):
    """BatchNorm1d that takes num_features from its first input."""

    init_of = "_LazyNormBase"
    forward_of = "_BatchNorm"


class LazyBatchNorm2d(BatchNorm2d, lazy="num_features"):
    """BatchNorm2d that takes num_features from its first input."""

    init_of = "_LazyNormBase"
    forward_of = "_BatchNorm"


class LazyBatchNorm3d(BatchNorm3d, lazy="num_features"):
    """BatchNorm3d that takes num_features from its first input."""

    init_of = "_LazyNormBase"
    forward_of = "_BatchNorm"


class SyncBatchNorm(BatchNorm, order="num_features eps momentum affine track_running_stats process_group * bias"):
    """Normalise each channel over the batches of all processes; alone, as BatchNorm does."""

    init_of = forward_of = "SyncBatchNorm"
    process_group: Any = None

    def need_rank(self, rank: int) -> None:
        """Take any batch with channels."""
        require(rank > 1, LEAST_RANK, rank=rank)

    def need(self, x: Tensor) -> None:
        """Refuse an input without channels, too."""
        self.need_rank(len(x))
        require(x[1] != 0, NO_CHANNELS)
        super().need(x)

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect nothing: any number of axes will do."""
        return None
