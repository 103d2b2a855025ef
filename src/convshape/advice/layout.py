"""Advice about axes: what stands where a layer looks for something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape import ops
from convshape.advice import advice
from convshape.dim import prod
from convshape.report import shape_text
from convshape.report.receptive import same
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.advice import At

BATCH = ("N", "B", "BATCH", "BATCH_SIZE")
"""What a batch axis is called."""
PLANES = 4
"""Up to so many channels a picture has that comes alone: grey, colours, and one for what is transparent."""
POINTWISE = ("functional", "pointwise")
"""The families of functions that leave numbers where they are, where they keep the shape."""
TABLE = 3
"""The axes of (N, L, C)."""


@advice(
    "linear-after-conv",
    "A Linear multiplies the last axis alone: after a convolution that is the positions, and every channel gets the "
    "same weights. Flatten() before it lets it see all of them.",
    "in_features",
    "out_features",
)
def linear_after_conv(at: At) -> str | None:
    """Find a Linear whose last axis is one that a layer slides over."""
    if len(at.x) < TABLE:
        return None
    before = at.before()
    while before is not None and pointwise(before):
        before = before.before()
    if before is None or before.layer is None or not before.layer.axes:
        return None
    return f"{at.step.name} works on the last axis of {shape_text(at.x)}, the positions of each channel"


def pointwise(at: At) -> bool:
    """Tell whether a layer or a function works on each number alone: the shape stays, and no window slides."""
    output = at.step.output
    plain = not at.layer.axes if at.layer is not None else ops.FAMILY.get(at.step.name) in POINTWISE
    return plain and isinstance(output, Tensor) and same(at.x, output)


@advice(
    "batch-first",
    "Without batch_first=True torch reads (L, N, C): the samples of a batch become the steps of one sequence, and the "
    "shapes come out all the same.",
    "batch_first",
)
def batch_first(at: At) -> str | None:
    """Find a recurrent or attention layer that reads the batch as time."""
    if at.get("batch_first") is not False or len(at.x) != TABLE:
        return None
    letters = at.letters
    if str(at.x[0]).upper() in BATCH or letters[:1] == ("N",) or takes_last(at):
        return f"{at.step.name} reads {shape_text(at.x)} as (L, N, C): its batch is axis 1"
    return None


def takes_last(at: At) -> bool:
    """Tell whether the next step takes x[:, -1], the last time of a batch that comes first."""
    later = at.view.trace.steps[at.place + 1 : at.place + 2]
    index: Any = later[0].inputs[1] if later and later[0].name == "getitem" else ()
    return isinstance(index, tuple) and index[:2] == (slice(None), -1)


@advice(
    "flatten-batch",
    "The first axis is the batch: what folds it mixes the samples, and the number of features changes with their "
    "number. Flatten() starts at axis 1.",
)
def flatten_batch(at: At) -> str | None:
    """Find what folds the samples of a batch and all that each has into one axis."""
    if at.step.name not in ("Flatten", "flatten") or at.get("start_dim") != 0 or len(at.x) < 2:  # noqa: PLR2004  # a batch
        return None
    folds = isinstance(at.step.output, Tensor) and len(at.step.output) == 1 and (prod(at.x[1:]) == 1) is not True
    if folds and at.letters[:1] in ((), ("N",)):
        return f"{at.step.name}(start_dim=0) folds the {at.x[0]} samples of {shape_text(at.x)} together"
    return None


@advice(
    "flatten-unbatched",
    "Flatten() leaves axis 0 alone, which it takes for the batch: of a single sample (C, L) that is the channels. "
    "Give the input a batch axis, or write Flatten(0).",
    "start_dim",
)
def flatten_unbatched(at: At) -> str | None:
    """Find a Flatten of one sample without a batch axis."""
    letters = at.letters if at.get("start_dim") == 1 and len(at.x) > 1 else ()
    if letters and letters[0] != "N":
        return f"{at.step.name} takes the {at.x[0]} channels of the single sample {shape_text(at.x)} for a batch"
    return None


@advice(
    "unbatched",
    "A layer that slides takes (N, C, L) or one sample (C, L): a batch of series without an axis of channels "
    "looks like one sample with many channels. If it is a batch, put x.unsqueeze(1) before it, and in_channels=1.",
    "in_channels",
)
def unbatched(at: At) -> str | None:
    """Find a first layer that reads its input as one sample with many channels."""
    channels = at.get("in_channels")
    one = at.layer is not None and at.layer.axes > 0 and len(at.x) == at.layer.axes + 1
    if one and at.before() is None and isinstance(channels, int) and channels > PLANES:
        return f"{at.step.name} reads {shape_text(at.x)} as one sample of {channels} channels, not as a batch"
    return None


@advice(
    "wrong-axes",
    "A 2d layer takes (N, C, H, W), and a single (C, H, W): given (N, C, L) it takes the batch for channels, and "
    "slides over the channels. Use the 1d class.",
    "axes",
)
def wrong_axes(at: At) -> str | None:
    """Find a layer that slides over the channels of what comes in."""
    layer = at.layer
    if layer is None or layer.axes < 2 or len(at.x) != layer.axes + 1:  # noqa: PLR2004  # an image has two
        return None
    named = at.before() is None and str(at.x[0]).upper() in BATCH
    if named or at.letters[:1] == ("N",):
        return f"{at.step.name} reads (N, C, ...) = {shape_text(at.x)} as one sample, and slides over the channels"
    return None


@advice(
    "broadcast",
    "Axes are lined up from the last: (N, 1) and (N,) make (N, N), a number for each pair of samples. Give both the "
    "same shape: x.squeeze(1), or y.unsqueeze(1).",
)
def broadcast(at: At) -> str | None:
    """Find an addition or a loss that makes more of both of its tensors."""
    tensors = [value for value in at.step.inputs if isinstance(value, Tensor)]
    loss = at.has("reduction")
    if len(tensors) != 2 or not (loss or at.step.name in ("add", "sub", "mul", "div")):  # noqa: PLR2004  # two operands
        return None
    one, two = tensors
    pair = f"{shape_text(one)} and {shape_text(two)}"
    if len(one) != len(two) and one and two and grows(one, two) and grows(two, one):
        return f"{at.step.name} makes {shape_text(both(one, two))} of {pair}"
    if at.step.name in ("add", "sub") and len(one) == len(two):
        for x, other in ((one, two), (two, one)):
            if stretched(at, x, other):
                return f"{at.step.name} repeats {shape_text(x)} along an axis to line it up with {shape_text(other)}"
    return None


def grows(x: Tensor, other: Tensor) -> bool:
    """Tell whether an axis of one tensor is repeated to line it up with another."""
    padded = (1,) * (len(other) - len(x)) + tuple(x)
    pairs = zip(reversed(padded), reversed(other), strict=False)
    return any((a == 1) is True and (b == 1) is not True for a, b in pairs)


def both(one: Tensor, two: Tensor) -> tuple[Any, ...]:
    """Return the shape of two tensors that are lined up."""
    short, long = sorted((tuple(one), tuple(two)), key=len)
    short = (1,) * (len(long) - len(short)) + short
    return tuple(b if (a == 1) is True else a for a, b in zip(short, long, strict=True))


def stretched(at: At, x: Tensor, other: Tensor) -> bool:
    """Tell whether an axis that a sliding layer made 1 long is repeated."""
    maker = at.before(x)
    slides = maker is not None and maker.layer is not None and maker.layer.axes > 0 and len(x) > 2  # noqa: PLR2004
    return slides and any((a == 1) is True and (b == 1) is not True for a, b in zip(x[2:], other[2:], strict=True))
