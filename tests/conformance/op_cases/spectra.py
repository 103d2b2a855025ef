"""Cases for Fourier transforms."""
# ruff: noqa: D401  # each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from op_cases.drawing import case

if TYPE_CHECKING:
    from op_cases.drawing import Case, Draw


@case("rfft irfft fft ifft")
def fft(draw: Draw) -> Case:
    """How many points, and an axis."""
    x = draw.tensor(1)
    return (x, draw.pick((None, 4, 5, 1, 0)), draw.dim(len(x))), {}


@case("rfft2 irfft2 fft2 ifft2")
def fft2(draw: Draw) -> Case:
    """An image."""
    return (draw.tensor(2),), {}


@case("stft")
def stft(draw: Draw) -> Case:
    """Windows."""
    x = draw.stored(tuple(draw.pick((1, 2, 20, 33)) for _ in range(draw.pick((1, 1, 2, 2, 3)))))
    keywords: dict[str, Any] = {"return_complex": draw.chance(80), "center": draw.chance(50)}
    keywords |= {
        name: value for name, value in (("hop_length", draw.pick((1, 3, 0))), ("win_length", 5)) if draw.chance(40)
    }
    return (x, draw.pick((8, 5, 16))), keywords
