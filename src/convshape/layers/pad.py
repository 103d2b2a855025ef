"""Padding: layers that add to, or crop, both ends of the last axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import letters_for
from convshape.dim import minimum
from convshape.dtypes import NOT_IMPLEMENTED
from convshape.faults import Fault, require
from convshape.layer import Layer
from convshape.tensor import Tensor
from convshape.window import Window

if TYPE_CHECKING:
    from convshape.dim import Size
    from convshape.kinds import PerSide
    from convshape.tensor import Sizes

    Sides = tuple[tuple[int, Size, Size], ...]  # (axis, before, after), the last axis first

ODD_PADDING = Fault(
    "padding", "needs an even number of paddings, got {got}", "RuntimeError: Padding length must be divisible by 2"
)
PADDED_AXES = Fault(
    "rank",
    "pads {padded} axes, got an input of {rank}",
    "RuntimeError: Padding length should be less than or equal to two times the input dimension "
    "but got padding length {length} and input of dimension {rank}",
)
PADDING_RANK = Fault(
    "rank",
    "pads {padded} axes, so it takes one or two more, got {rank}",
    "NotImplementedError: Padding size {length} is not supported for {rank}D input tensor.",
)
CIRCULAR_RANK = Fault(
    "rank",
    "takes {plain} axes (unbatched) or {batched} (batched), got {rank}",
    "ValueError: expected {plain}D or {batched}D input (got {rank}D input)",
)
EMPTY_AXIS = Fault(
    "empty-axis",
    "takes an empty batch but no other empty axis, got {input}",
    "RuntimeError: Expected {plain}D or {batched}D (batch mode) tensor with possibly 0 batch size and other "
    "non-zero dimensions for input, but got: {input}",
)
OVERCROPPED = Fault(
    "padding-too-small",
    "crops {before} and {after} from an axis of {size}",
    "RuntimeError: narrow(): length must be non-negative.",
)
REFLECTS_TOO_MUCH = Fault(
    "padding-too-large",
    "reflects less than the axis has, got a padding of ({before}, {after}) on {size}",
    "RuntimeError: Argument #{argument}: Padding size should be less than the corresponding input dimension, "
    "but got: padding ({before}, {after}) at dimension {axis} of input {input}",
)
WRAPS_TWICE = Fault(
    "padding-too-large",
    "wraps around at most once, got a padding of ({before}, {after}) on an axis of {size}",
    "RuntimeError: Padding value causes wrapping around more than once.",
)
CIRCULAR_NEGATIVE = Fault(
    "output-too-small",
    "crops ({before}, {after}) from an axis of {size}",
    "RuntimeError: Negative padding value is resulting in an empty dimension",
)
NEGATIVE_SIZE = Fault(
    "output-too-small",
    "crops the input to {shape}",
    "RuntimeError: Trying to create tensor with negative dimension {size}: {shape}",
)
NEGATIVE_IMAGE = Fault(
    "output-too-small", "crops the input to {shape}", "RuntimeError: numel: integer multiplication overflow"
)
CROPPED = {
    axes: Fault("output-too-small", "crops {old:x} to {new:x}", f"RuntimeError: {words}")
    for axes, words in {
        1: "input (W: {w}) is too small. Calculated output W: {new_w}",
        2: "input (H: {h}, W: {w}{gap}) is too small. Calculated output H: {new_h} W: {new_w}",
        3: "input (D: {d} H: {h}, W: {w}) is too small. Calculated output D: {new_d} H: {new_h} W: {new_w}",
    }.items()
}


def padded(x: Tensor, amounts: Sizes, mode: str) -> Tensor:
    """Return what torch.nn.functional.pad gives; `amounts` are two for each axis, the last axis first."""
    rank, length = len(x), len(amounts)
    require(length % 2 == 0, ODD_PADDING, "padding", got=length)
    require(length <= 2 * rank, PADDED_AXES, "padding", length=length, padded=length // 2, rank=rank)
    sides = tuple((rank - 1 - i, amounts[2 * i], amounts[2 * i + 1]) for i in range(length // 2))
    if mode != "constant":
        told = {"length": length, "padded": length // 2, "rank": rank}
        require(1 <= len(sides) <= rank - 1 <= len(sides) + 1 <= SPACE + 1, PADDING_RANK, "padding", **told)
    MODES[mode](x, sides)
    shape = list(x)
    for axis, before, after in sides:
        shape[axis] = shape[axis] + before + after
    if mode in ("reflect", "replicate"):
        allocated(x, tuple(shape), len(sides), mode)
        kernel = f"{mode.replace('reflect', 'reflection').replace('replicate', 'replication')}_pad{len(sides)}d"
        require(x.dtype != "bool", NOT_IMPLEMENTED, dtype=x.dtype, kernel=kernel, scalar="Bool")
    return Tensor(shape, x.dtype)


SPACE = 3
"""The most axes that can be padded with other values than a constant."""


def cropped(x: Sizes, sides: Sides) -> None:
    """Refuse to crop more than there is."""
    for axis, before, after in reversed(sides):
        left = x[axis] + minimum(before, 0) + minimum(after, 0)
        require(left >= 0, OVERCROPPED, "padding", before=before, after=after, size=x[axis])


def reflected(x: Sizes, sides: Sides) -> None:
    """Refuse to reflect what is not there: the edge itself is not repeated."""
    filled(x, sides)
    for place, (axis, before, after) in enumerate(sides):
        told: dict[str, Any] = {"before": before, "after": after, "size": x[axis], "axis": axis, "input": x}
        fits = (before < x[axis]) & (after < x[axis])
        require(fits, REFLECTS_TOO_MUCH, "padding", argument=4 + 2 * place, **told)


def filled(x: Sizes, sides: Sides) -> None:
    """Refuse an empty axis that is not the batch."""
    axes = len(sides)
    for size in x[1:] if len(x) == axes + 2 else x:
        require(size > 0, EMPTY_AXIS, plain=axes + 1, batched=axes + 2, input=x)


def wrapped(x: Sizes, sides: Sides) -> None:
    """Refuse to wrap around more than once."""
    for axis, before, after in reversed(sides):
        told = {"before": before, "after": after, "size": x[axis]}
        require((before <= x[axis]) & (after <= x[axis]), WRAPS_TWICE, "padding", **told)
        require(x[axis] + before + after >= 0, CIRCULAR_NEGATIVE, "padding", **told)


def allocated(x: Sizes, shape: Sizes, axes: int, mode: str) -> None:
    """Refuse to crop every axis to nothing, or one to less; torch asks no more than that one of them is left."""
    old, new = x[-axes:], shape[-axes:]
    left: Any = False
    told: dict[str, Any] = {"old": old, "new": new, "gap": " " if mode == "replicate" else ""}
    for letter, before, after in zip("dhw"[-axes:], old, new, strict=True):
        left = left | (after >= 1)
        told |= {letter: before, f"new_{letter}": after}
    require(left, CROPPED[axes], "padding", **told)
    fault = NEGATIVE_IMAGE if (mode, axes) == ("reflect", 2) else NEGATIVE_SIZE
    for size in new:
        require(size >= 0, fault, "padding", shape=shape, size=size)


MODES = {"constant": cropped, "reflect": reflected, "replicate": filled, "circular": wrapped}


EMPTY_AXIS_IN_2_4 = "In torch 2.4 it refuses to leave an axis of 0 as it is."


class Pad(Layer):
    """Add to both ends of the last axes; a negative amount crops."""

    keeps = ""

    padding: PerSide
    mode: ClassVar[str] = "constant"
    later: ClassVar[tuple[str, ...]] = ("padding",)

    def out(self, x: Tensor) -> Any:
        """Return the input with both amounts added to each of the last axes."""
        return padded(x, self.padding, self.mode)

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the output."""
        return letters_for(output, self.axes)

    def windows(self, _lengths: Sizes) -> tuple[Window, ...]:
        """Look at one position, what was added before the input aside."""
        first = self.padding[::2] if len(self.padding) == 2 * self.axes else ()
        return tuple(Window(1, 1, amount) for amount in reversed(first))


class ZeroPad1d(Pad, axes=1):
    """Add zeros to both ends of a sequence."""

    forward_of = "_ConstantPadNd"


class ZeroPad2d(Pad, axes=2):
    """Add zeros around an image."""

    forward_of = "_ConstantPadNd"
    releases = EMPTY_AXIS_IN_2_4


class ZeroPad3d(Pad, axes=3):
    """Add zeros around a volume."""

    forward_of = "_ConstantPadNd"
    releases = EMPTY_AXIS_IN_2_4


class ConstantPad(Pad):
    """Add one value to both ends of the last axes."""

    forward_of = "_ConstantPadNd"
    releases = EMPTY_AXIS_IN_2_4

    value: float | None
    later: ClassVar[tuple[str, ...]] = ("padding", "value")


class ConstantPad1d(ConstantPad, axes=1):
    """Add one value to both ends of a sequence."""


class ConstantPad2d(ConstantPad, axes=2):
    """Add one value around an image."""


class ConstantPad3d(ConstantPad, axes=3):
    """Add one value around a volume."""


class ReflectionPad(Pad):
    """Mirror the values next to both ends of the last axes."""

    forward_of = "_ReflectionPadNd"
    keeps = "x"

    mode = "reflect"


class ReflectionPad1d(ReflectionPad, axes=1):
    """Mirror both ends of a sequence."""


class ReflectionPad2d(ReflectionPad, axes=2):
    """Mirror the borders of an image."""


class ReflectionPad3d(ReflectionPad, axes=3):
    """Mirror the borders of a volume."""


class ReplicationPad(Pad):
    """Repeat the values at both ends of the last axes."""

    forward_of = "_ReplicationPadNd"
    keeps = "x"

    mode = "replicate"


class ReplicationPad1d(ReplicationPad, axes=1):
    """Repeat both ends of a sequence."""


class ReplicationPad2d(ReplicationPad, axes=2):
    """Repeat the borders of an image."""


class ReplicationPad3d(ReplicationPad, axes=3):
    """Repeat the borders of a volume."""


class CircularPad(Pad):
    """Continue both ends of the last axes with the values of the other end."""

    forward_of = "_CircularPadNd"
    mode = "circular"
    layout = "packed"

    def out(self, x: Tensor) -> Any:
        """Return the input with both amounts added to each of the last axes."""
        self.check_rank(x)
        return padded(x, self.padding, self.mode)

    def refuse(self, x: Tensor) -> None:
        """Look at the rank before the types of the arguments."""
        self.check_rank(x)
        super().refuse(x)

    def check_rank(self, x: Tensor) -> None:
        """Refuse what is neither (C, ...) nor (N, C, ...)."""
        plain = self.axes + 1
        require(plain <= len(x) <= plain + 1, CIRCULAR_RANK, plain=plain, batched=plain + 1, rank=len(x))


class CircularPad1d(CircularPad, axes=1):
    """Continue a sequence with its other end."""


class CircularPad2d(CircularPad, axes=2):
    """Continue an image with its other side."""


class CircularPad3d(CircularPad, axes=3):
    """Continue a volume with its other side."""
