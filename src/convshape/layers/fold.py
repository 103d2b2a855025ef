"""Fold and Unfold: between an image and the columns of its sliding blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import letters_for
from convshape.dim import prod
from convshape.dtypes import COMPLEX, need_floating
from convshape.faults import Fault, require
from convshape.layer import Layer
from convshape.window import slide

if TYPE_CHECKING:
    from convshape.kinds import Entries
    from convshape.tensor import Sizes, Tensor

LENGTH = {
    name: Fault(
        name.replace("_", "-"),
        f"takes one {name} or two, got {{got}}",
        f"RuntimeError: It is expected {name} equals to 2, but got size {{got}}",
    )
    for name in ("output_size", "kernel_size", "dilation", "padding", "stride")
}
TOO_LITTLE = {
    name: Fault(
        name.replace("_", "-"),
        f"takes a {name} of at least {least}, got ({{height}}, {{width}})",
        f"RuntimeError: {words}, but got {short}_height: {{height}} {short}_width: {{width}}",
    )
    for name, short, least, words in (
        ("kernel_size", "kernel", 1, "kernel size should be greater than zero"),
        ("stride", "stride", 1, "stride should be greater than zero"),
        ("dilation", "dilation", 1, "dilation should be greater than zero"),
        ("padding", "pad", 0, "padding should be non-negative"),
    )
}
COLUMNS_RANK = Fault(
    "rank",
    "takes columns of 2 axes (unbatched) or 3 (batched), none of them empty but the batch, got {input}",
    "RuntimeError: Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions "
    "for input, but got: {input}",
)
DIVISIBLE = Fault(
    "divisible",
    "needs columns of a multiple of {taps} values, got {got}",
    "RuntimeError: Expected size of input's dimension 1 to be divisible by the product of kernel_size, "
    "but got input.size(1)={got} and kernel_size=({kernel_size:comma}).",
)
BLOCKS = Fault(
    "blocks",
    "needs {blocks} columns, one for each place of the window, got {got}",
    "RuntimeError: Given output_size=({output_size:comma}), kernel_size=({kernel_size:comma}), "
    "dilation=({dilation:comma}), padding=({padding:comma}), stride=({stride:comma}), expected size of input's "
    "dimension 2 to match the calculated number of sliding blocks {high} * {wide} = {blocks}, "
    "but got input.size(2)={got}.",
)
NO_BLOCKS = Fault(
    "kernel-too-large",
    "slides a window over an output of {output_size:x} that stands nowhere",
    "RuntimeError: Given output_size=({output_size:comma}), kernel_size=({kernel_size:comma}), "
    "dilation=({dilation:comma}), padding=({padding:comma}), stride=({stride:comma}), calculated shape of the array "
    "of sliding blocks as ({high}, {wide}), which is too small (non-positive)",
)
OUTPUT_SIZE = Fault(
    "output-size",
    "makes an image of at least 1x1, got {output_size:x}",
    "RuntimeError: Expected output spatial size to be positive, but got: output_size=({output_size:comma}).",
)
IMAGE_RANK = Fault(
    "rank",
    "takes images of 3 axes (unbatched) or 4 (batched), none of them empty but the batch, got {input}",
    "RuntimeError: Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions "
    "for input, but got: {input}",
)
FEW_AXES = Fault(
    "rank",
    "takes images of 3 axes (unbatched) or 4 (batched), got {rank}",
    "IndexError: Dimension out of range (expected to be in range of [{least}, {most}], but got {axis})",
)
NO_AXES = Fault("rank", FEW_AXES.says, "IndexError: Dimension specified as 1 but tensor has no dimensions")
KERNEL_TOO_LARGE = Fault(
    "kernel-too-large",
    "slides a window over an image of {image:x} that stands nowhere",
    "RuntimeError: Given input with spatial size ({image:comma}), kernel_size=({kernel_size:comma}), "
    "dilation=({dilation:comma}), padding=({padding:comma}), calculated shape of the array of sliding blocks as "
    "({blocks:comma}), but its components must be at least one.",
)
NOT_INTEGERS = ("bool", *COMPLEX)
COLUMNS, IMAGE = 2, 3
"""How many axes the columns of one image have, and the image."""


class Blocks(Layer, axes=2):
    """What Fold and Unfold share: a window that slides over an image."""

    order: ClassVar[tuple[str, ...]] = ()  # in which torch looks at the signs
    if TYPE_CHECKING:
        kernel_size: Entries
        dilation: Entries
        padding: Entries
        stride: Entries

    def check_window(self) -> None:
        """Refuse arguments that are not for two axes, or too small."""
        for name in self.fields:
            values = getattr(self, name)
            require(len(values) == self.axes, LENGTH[name], name, got=len(values))
        for name in self.order:
            values = getattr(self, name)
            for value in values:
                fits = value >= (0 if name == "padding" else 1)
                require(fits, TOO_LITTLE[name], name, height=values[0], width=values[1])

    def places(self, image: Sizes) -> Sizes:
        """Return how many places the window can stand, down and across."""
        settings = zip(image, self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        return tuple(slide(*setting) for setting in settings)


class Fold(Blocks):
    """Add columns of sliding blocks up to an image: (N, C*kh*kw, L) becomes (N, C, H, W)."""

    output_size: Entries
    kernel_size: Entries
    dilation: Entries = 1
    padding: Entries = 0
    stride: Entries = 1
    later: ClassVar[tuple[str, ...]] = ("output_size", "kernel_size", "dilation", "padding", "stride")
    order = ("kernel_size", "stride", "dilation", "padding")

    def out(self, x: Tensor) -> Any:
        """Return (*batch, C, *output_size)."""
        self.check_window()
        require(COLUMNS <= len(x) <= COLUMNS + 1, COLUMNS_RANK, input=x)
        for size in x[-COLUMNS:]:
            require(size > 0, COLUMNS_RANK, input=x)
        *batch, values, columns = x
        taps = prod(self.kernel_size)
        require(values % taps == 0, DIVISIBLE, "kernel_size", got=values, taps=taps)
        high, wide = self.places(self.output_size)
        told = {"high": high, "wide": wide, "blocks": high * wide, "got": columns}
        require(columns == high * wide, BLOCKS, "output_size", **told)
        require((high >= 1) & (wide >= 1), NO_BLOCKS, "output_size", **told)
        for size in self.output_size:
            require(size >= 1, OUTPUT_SIZE, "output_size")
        need_floating(x, "col2im_out_cpu", NOT_INTEGERS)
        return *batch, values // taps, *self.output_size

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the image."""
        return letters_for(output, self.axes)


class Unfold(Blocks):
    """Write every sliding block of an image as a column: (N, C, H, W) becomes (N, C*kh*kw, L)."""

    kernel_size: Entries
    dilation: Entries = 1
    padding: Entries = 0
    stride: Entries = 1
    later: ClassVar[tuple[str, ...]] = ("kernel_size", "dilation", "padding", "stride")
    order = ("kernel_size", "dilation", "padding", "stride")

    def out(self, x: Tensor) -> Any:
        """Return (*batch, C*kh*kw, places of the window)."""
        self.check_window()
        rank = len(x)
        require(rank > 0, NO_AXES, rank=rank)
        require(rank >= IMAGE, FEW_AXES, rank=rank, least=-rank, most=rank - 1, axis=rank)
        require(rank <= IMAGE + 1, IMAGE_RANK, input=x)
        for size in x[-IMAGE:]:
            require(size > 0, IMAGE_RANK, input=x)
        *batch, channels, height, width = x
        blocks = self.places((height, width))
        for count in blocks:
            require(count >= 1, KERNEL_TOO_LARGE, "kernel_size", image=(height, width), blocks=blocks)
        need_floating(x, "im2col_out_cpu", NOT_INTEGERS)
        return *batch, channels * prod(self.kernel_size), prod(blocks)

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the columns."""
        return letters_for(output, 1)
