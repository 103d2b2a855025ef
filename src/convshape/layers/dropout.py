"""Dropouts: they put 0 in place of some numbers while training, and keep the shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import letters_for
from convshape.dim import prod
from convshape.dtypes import CAST, COMPLEX, NOT_IMPLEMENTED, SCALARS
from convshape.faults import Fault, require
from convshape.layer import Layer
from convshape.tensor import Tensor, is_floating

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.tensor import Sizes

PROBABILITY = Fault(
    "probability",
    "needs a probability between 0 and 1, got {p}",
    "ValueError: dropout probability has to be between 0 and 1, but got {p}",
)
NO_PROBABILITY = Fault("probability", PROBABILITY.says, f"RuntimeError: {PROBABILITY.torch_words}")
"""What torch says of NaN, which no comparison with 0 and 1 refuses."""
SEQUENCE_RANK = Fault(
    "rank",
    "takes 2 axes (unbatched) or 3 (batched), got {rank}",
    "RuntimeError: dropout1d: Expected 2D or 3D input, but received a {rank}D input. Note that dropout1d exists to "
    "provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch "
    "dimension (i.e. 2D or 3D inputs).",
)
FEATURE_RANK = Fault(
    "rank",
    "has no channels to drop from an input of {rank} axes",
    "RuntimeError: Feature dropout requires at least 2 dimensions in the input",
)


class Dropout(Layer):
    """Put 0 in place of each number with probability p."""

    init_of = "_DropoutNd"
    keeps = ""

    p: float = 0.5
    inplace: bool = False

    def check(self) -> None:
        """Refuse what is no probability."""
        require(not self.p < 0, PROBABILITY, "p")
        require(not self.p > 1, PROBABILITY, "p")

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        self.need_probability()
        if self.draws:
            self.need_noise(x)
        return x

    def need_probability(self) -> None:
        """Refuse NaN."""
        require(self.p >= 0, NO_PROBABILITY, "p")

    @property
    def draws(self) -> bool:
        """Whether random numbers are drawn at all."""
        return self.training and self.p not in (0, 1)

    @property
    def shares(self) -> bool:
        """Whether the input is given back."""
        return self.inplace or not self.training or self.p == 0

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep the noise."""
        if self.draws:
            yield Tensor(self.noise(output), output.dtype)

    def noise(self, output: Any) -> Sizes:
        """Return the shape of the noise: a number for each."""
        return tuple(output)

    def need_noise(self, x: Tensor) -> None:
        """Refuse a dtype that the scaled noise cannot have; an empty input is given back unread."""
        if x.dtype != "float32":
            told = {"dtype": x.dtype, "scalar": SCALARS[x.dtype]}
            empty = prod(x) == 0
            require(empty | (x.dtype not in COMPLEX), NOT_IMPLEMENTED, kernel="bernoulli_scalar_cpu_", **told)
            require(empty | is_floating(x.dtype), CAST, result="Float", **told)


class Features(Dropout):
    """Put 0 in place of whole channels."""

    def noise(self, output: Any) -> Sizes:
        """Return the shape of the noise: a number for each channel."""
        return (*output[:2], *(1 for _ in output[2:]))

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        self.need_probability()
        rank = len(x) + self.added(len(x))
        require(not self.draws or (rank > 1) | (prod(x) == 0), FEATURE_RANK, rank=len(x))
        return super().out(x)

    def added(self, _rank: int) -> int:
        """Return how many axes torch adds for a batch that was left out."""
        return 0

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the channels before the spatial axes."""
        return letters_for(output, self.axes) if self.axes else ()


class Dropout1d(Features, axes=1):
    """Put 0 in place of each channel of sequences with probability p."""

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        require(len(x) in (2, 3), SEQUENCE_RANK, rank=len(x))
        return super().out(x)


class Dropout2d(Features, axes=2):
    """Put 0 in place of each channel of images with probability p; other ranks still run, the second axis dropped."""


class Dropout3d(Features, axes=3):
    """Put 0 in place of each channel of volumes with probability p; other ranks still run."""

    def added(self, rank: int) -> int:
        """Add the batch to any rank but 5."""
        return int(rank != 5)  # noqa: PLR2004  # (N, C, D, H, W)


class AlphaDropout(Dropout):
    """Dropout that keeps mean 0 and variance 1, for SELU."""

    def need_noise(self, x: Tensor) -> None:
        """Refuse as Dropout does; booleans become integers on the way."""
        if x.dtype == "bool":
            require(prod(x) == 0, CAST, result="Float", dtype="bool", scalar="Long")
        else:
            super().need_noise(x)


class FeatureAlphaDropout(Features, AlphaDropout):
    """AlphaDropout of whole channels."""
