"""The sliding-window arithmetic that conv, pool, unfold and transpose share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convshape.dim import minimum

if TYPE_CHECKING:
    from convshape.dim import Size


def extent(kernel: Size, dilation: Size = 1) -> Size:
    """Return how many positions a window spans: its taps, and the gaps that dilation leaves between them."""
    return dilation * (kernel - 1) + 1


def slide(length: Size, kernel: Size, stride: Size = 1, padding: Size = 0, dilation: Size = 1) -> Size:
    """Return how many places a window can stand: floor((length + 2*padding - extent)/stride) + 1.

    Source: torch.nn.Conv1d, "Shape".
    """
    return (length + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def slide_ceil(length: Size, kernel: Size, stride: Size, padding: Size, dilation: Size = 1) -> Size:
    """Return the same for ceil mode, where a last window may hang over the end, but not start in the right padding.

    Source: torch.nn.MaxPool1d, "ceil_mode": plain ceil counts windows that start in the right padding.
    """
    room = length + 2 * padding - dilation * (kernel - 1) - 1
    return minimum(room + stride - 1, length + padding - 1) // stride + 1


def unslide(  # noqa: PLR0913, PLR0917  # the six numbers that a transposed window has
    length: Size, kernel: Size, stride: Size = 1, padding: Size = 0, output_padding: Size = 0, dilation: Size = 1
) -> Size:
    """Return the length that a transposed window makes.

    Source: torch.nn.ConvTranspose1d, "Shape".
    """
    return (length - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1


class Window(NamedTuple):
    """What slides along one axis; a transposed one spreads each input over the places that it covers."""

    kernel: Size
    stride: Size = 1
    padding: Size = 0
    dilation: Size = 1
    transposed: bool = False
