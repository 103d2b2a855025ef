"""Layers that move values between the channels and the image, or among the channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import SPATIAL, letters_for
from convshape.dim import prod
from convshape.faults import Fault, require
from convshape.layer import Layer

if TYPE_CHECKING:
    from convshape.kinds import Whole
    from convshape.tensor import Tensor

RANK = {
    name: Fault(
        "rank",
        "takes (*, C, H, W), got {rank} axes",
        f"RuntimeError: {name} expects input to have at least 3 dimensions, but got input with {{rank}} dimension(s)",
    )
    for name in ("pixel_shuffle", "pixel_unshuffle")
}
UPSCALE = Fault(
    "scale",
    "takes an upscale_factor of at least 1, got {upscale_factor}",
    "RuntimeError: pixel_shuffle expects a positive upscale_factor, but got {upscale_factor}",
)
DOWNSCALE = Fault(
    "scale",
    "takes a downscale_factor of at least 1, got {downscale_factor}",
    "RuntimeError: pixel_unshuffle expects a positive downscale_factor, but got {downscale_factor}",
)
CHANNELS = Fault(
    "divisible",
    "makes pixels of {square} channels each, got {got} channels",
    "RuntimeError: pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
    "upscale_factor, but input.size(-3)={got} is not divisible by {square}",
)
SIDES = tuple(
    (
        axis,
        Fault(
            "divisible",
            f"needs a {name} divisible by {{downscale_factor}}, got {{got}}",
            f"RuntimeError: pixel_unshuffle expects {name} to be divisible by downscale_factor, "
            f"but input.size({axis})={{got}} is not divisible by {{downscale_factor}}",
        ),
    )
    for axis, name in ((-2, "height"), (-1, "width"))
)
SHUFFLE_RANK = Fault(
    "rank",
    "takes (N, C, *) of at least 3 axes, got {rank}",
    "RuntimeError: channel_shuffle expects input with > 2 dims, but got input with sizes {input}",
)
SHUFFLE_GROUPS = Fault(
    "groups",
    "needs at least one group, got {groups}",
    "RuntimeError: Number of groups to divide channels in must be positive. Value of groups:{groups}",
)
SHUFFLE_CHANNELS = Fault(
    "divisible",
    "cannot share {got} channels among {groups} groups",
    "RuntimeError: Number of channels must be divisible by groups. Got {got} channels and {groups} groups.",
)


class PixelShuffle(Layer, axes=2):
    """Make every square number of channels a block of pixels: (*, C*r*r, H, W) becomes (*, C, H*r, W*r)."""

    keeps = ""

    upscale_factor: Whole
    later: ClassVar[tuple[str, ...]] = ("upscale_factor",)

    def out(self, x: Tensor) -> Any:
        """Return (*, C/r**2, H*r, W*r)."""
        require(len(x) > self.axes, RANK["pixel_shuffle"], rank=len(x))
        factor = self.upscale_factor
        require(factor > 0, UPSCALE, "upscale_factor")
        *batch, channels, height, width = x
        square = factor * factor
        require(channels % square == 0, CHANNELS, "upscale_factor", got=channels, square=square)
        return *batch, channels // square, height * factor, width * factor

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the output."""
        return letters_for(output, self.axes)


class PixelUnshuffle(Layer, axes=2):
    """Make every block of pixels channels: (*, C, H*r, W*r) becomes (*, C*r*r, H, W)."""

    keeps = ""

    downscale_factor: Whole
    later: ClassVar[tuple[str, ...]] = ("downscale_factor",)

    def out(self, x: Tensor) -> Any:
        """Return (*, C*r**2, H/r, W/r)."""
        require(len(x) > self.axes, RANK["pixel_unshuffle"], rank=len(x))
        factor = self.downscale_factor
        require(factor > 0, DOWNSCALE, "downscale_factor")
        for axis, fault in SIDES:
            require(x[axis] % factor == 0, fault, "downscale_factor", got=x[axis])
        if (prod(x) == 0) is True:  # torch gives an empty input back as it is
            return x
        *batch, channels, height, width = x
        return *batch, channels * factor * factor, height // factor, width // factor

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the output."""
        return letters_for(output, self.axes)


class ChannelShuffle(Layer):
    """Deal the channels out anew: those of every group are spread over all groups."""

    keeps = ""

    groups: Whole
    later: ClassVar[tuple[str, ...]] = ("groups",)

    def out(self, x: Tensor) -> Any:
        """Return the shape of the input."""
        require(len(x) > 2, SHUFFLE_RANK, rank=len(x), input=x)  # noqa: PLR2004  # N and C
        require(self.groups > 0, SHUFFLE_GROUPS, "groups")
        require(x[1] % self.groups == 0, SHUFFLE_CHANNELS, "groups", got=x[1])
        return x

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the output, which has a batch."""
        return ("N", "C", *SPATIAL[len(output) - 2]) if len(output) - 2 in SPATIAL else ()
