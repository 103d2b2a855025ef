"""Fourier transforms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import NO_DIMENSIONS, axis, several
from convshape.dtypes import COMPLEXES, HALVES, SCALARS, as_floating, category
from convshape.faults import Fault, require
from convshape.op import Flag, IntList, function, op
from convshape.ops.attribute import own_axis
from convshape.strides import strided
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.dim import Size

LENGTHS = Fault(
    "rank",
    "takes as many lengths as axes",
    "RuntimeError: When given, dim and shape arguments must have the same length",
)
POINTS = Fault("empty-axis", "transforms {n} numbers", "RuntimeError: Invalid number of data points ({n}) specified")
REAL = Fault(
    "dtype",
    "takes real numbers, got {dtype}",
    "RuntimeError: {name} expects a real{valued} input tensor, but got {dtype}",
)
COMPLEX_FLAG = Fault(
    "complex-flag",
    "needs return_complex",
    "RuntimeError: stft requires the return_complex parameter be given for real inputs, and will further require that "
    "return_complex=True in a future PyTorch release.",
)
STFT = (
    "RuntimeError: stft(torch.{kind}Tensor{shape}, n_fft={n_fft}, hop_length={hop}, win_length={win}, window={window}, "
    "normalized={normalized}, onesided={onesided}, return_complex={complex}, align_to_window=None) : "
)
STFT_RANK = Fault("rank", "takes one or two axes, got {rank}", STFT + "expected a 1D or 2D tensor")
STFT_LENGTH = Fault(
    "kernel-too-large", "windows {n_fft} of {length}", STFT + "expected 0 < n_fft < {length}, but got n_fft={win}"
)
STFT_HOP = Fault("stride", "hops by {hop}", STFT + "expected hop_length > 0, but got hop_length={hop}")
STFT_WINDOW = Fault(
    "kernel-size",
    "needs a window of at most {n_fft}, got {win}",
    STFT + "expected 0 < win_length <= n_fft, but got win_length={win}",
)
STFT_WINDOW_SIZE = Fault(
    "sizes-match",
    "needs a window of {win}, got {got}",
    STFT + "expected a 1D window tensor of size equal to win_length={win}, but got window with size {got}",
)
HALF = Fault("dtype", "transforms no {dtype}", "RuntimeError: Unsupported dtype {dtype}")


def to_complex(dtype: str) -> str:
    """Return the complex dtype of a floating one; halves are not transformed here."""
    require(dtype not in HALVES, HALF, dtype=SCALARS[dtype])
    return "complex128" if dtype in ("float64", "complex128") else "complex64"


def to_real(dtype: str) -> str:
    """Return the floating dtype of a complex one."""
    require(dtype not in HALVES, HALF, dtype=SCALARS[dtype])
    return "float64" if dtype in ("float64", "complex128") else "float32"


def along(x: Tensor, dim: int, size: Size, dtype: str) -> Tensor:
    """Return the tensor with another size along one axis."""
    place = axis(len(x), dim)
    return Tensor((*x[:place], size, *x[place + 1 :]), dtype)


def points(x: Tensor, n: Size | None, dim: int, inverse: bool) -> Size:
    """Return how many numbers are transformed."""
    require(len(x) > 0, NO_DIMENSIONS, dim=dim)
    place = axis(len(x), dim)
    count: Size = n if n is not None else 2 * (x[place] - 1) if inverse else x[place]
    require(count >= 1, POINTS, "n", n=count)
    return count


@function(names="rfft")
def rfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    """Transform real numbers: half of the frequencies and the middle one."""
    require(category(input.dtype) != COMPLEXES, REAL, name="rfft", valued="", dtype=SCALARS[input.dtype])
    dtype = to_complex(as_floating(input.dtype))
    return along(input, dim, points(input, n, dim, inverse=False) // 2 + 1, dtype)


@function(names="irfft")
def irfft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    """Transform back to real numbers."""
    dtype = to_real(as_floating(input.dtype))
    return along(input, dim, points(input, n, dim, inverse=True), dtype)


@function(names="fft ifft")
def fft(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Any:
    """Transform complex numbers."""
    dtype = to_complex(as_floating(input.dtype))
    return along(input, dim, points(input, n, dim, inverse=False), dtype)


@function(names="rfft2")
def rfft2(input: Tensor, s: IntList | None = None, dim: IntList = (-2, -1), norm: str | None = None) -> Any:
    """Transform real images."""
    require(category(input.dtype) != COMPLEXES, REAL, name="rfftn", valued="-valued", dtype=SCALARS[input.dtype])
    return planes(input, s, dim, to_complex(as_floating(input.dtype)), half=True, inverse=False)


@function(names="irfft2")
def irfft2(input: Tensor, s: IntList | None = None, dim: IntList = (-2, -1), norm: str | None = None) -> Any:
    """Transform back to real images."""
    return planes(input, s, dim, to_real(as_floating(input.dtype)), half=False, inverse=True)


@function(names="fft2 ifft2")
def fft2(input: Tensor, s: IntList | None = None, dim: IntList = (-2, -1), norm: str | None = None) -> Any:
    """Transform complex images."""
    return planes(input, s, dim, to_complex(as_floating(input.dtype)), half=False, inverse=False)


def planes(x: Tensor, s: Any, dims: Any, dtype: str, *, half: bool, inverse: bool) -> Tensor:
    """Transform along several axes; the last one is halved, or doubled on the way back."""
    require(len(x) > 0 or not dims, NO_DIMENSIONS, dim=next(iter(dims), 0))
    require(s is None or len(s) == len(dims), LENGTHS, "s")
    places = several(len(x), dims)
    shape = list(x)
    for number, place in enumerate(places):
        last = number == len(places) - 1
        require(x[place] > 0, POINTS, "s", n=x[place])
        count = points(x, s[number] if s else None, place, inverse and last)
        shape[place] = count // 2 + 1 if half and last else count
    return Tensor(shape, dtype)


@function(names="fftshift ifftshift")
def fftshift(input: Tensor, dim: int | IntList | None = None) -> Any:
    """Move the zero frequency to the middle."""
    for one in dim if isinstance(dim, tuple) else () if dim is None else (dim,):
        own_axis(input, one)
    return tuple(input)


@op
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: Flag = True,
    pad_mode: str = "reflect",
    normalized: Flag = False,
    onesided: Flag | None = None,
    return_complex: Flag | None = None,
) -> Any:
    """Transform windows that slide along the last axis: (frequencies, windows)."""
    hop = n_fft // 4 if hop_length is None else hop_length
    win = n_fft if win_length is None else win_length
    x = centered(input, n_fft, pad_mode) if center else input
    require(return_complex is not None or category(x.dtype) == COMPLEXES, COMPLEX_FLAG, "return_complex")
    told: dict[str, Any] = {"kind": SCALARS[x.dtype], "shape": tuple(x), "n_fft": n_fft, "hop": hop, "win": win}
    told |= {"window": written(window), "normalized": int(normalized), "complex": int(bool(return_complex))}
    told |= {"onesided": "None" if onesided is None else int(onesided)}
    require(len(x) in (1, 2), STFT_RANK, rank=len(x), **told)
    length = x[-1]
    require((n_fft > 0) & (n_fft <= length), STFT_LENGTH, "n_fft", length=length, **told)
    require(hop > 0, STFT_HOP, "hop_length", **told)
    require((win > 0) & (win <= n_fft), STFT_WINDOW, "win_length", **told)
    if window is not None:
        require(len(window) == 1 and window[0] == win, STFT_WINDOW_SIZE, "window", got=tuple(window), **told)
    return frames(x, n_fft, hop, onesided, return_complex)


def frames(x: Tensor, n_fft: int, hop: int, onesided: bool | None, complex_out: bool | None) -> Tensor:
    """Return the frequencies of every window; in memory those of one window stand together."""
    count = (x[-1] - n_fft) // hop + 1
    one_side = category(x.dtype) != COMPLEXES if onesided is None else onesided
    frequencies = n_fft // 2 + 1 if one_side else n_fft
    batch = x[:-1]
    if complex_out:
        strides = (frequencies * count,) * len(batch) + (1, frequencies)
        return strided((*batch, frequencies, count), to_complex(x.dtype), strides)
    strides = (2 * frequencies * count,) * len(batch) + (2, 2 * frequencies, 1)
    return strided((*batch, frequencies, count, 2), to_real(x.dtype), strides)


def centered(x: Tensor, n_fft: int, mode: str) -> Tensor:
    """Pad half a window on both sides."""
    from convshape.ops.layered import layered

    if len(x) > 3:  # noqa: PLR2004  # no padding has more axes
        return Tensor((*x[:-1], x[-1] + 2 * (n_fft // 2)), x.dtype)
    extended = Tensor((1,) * (3 - len(x)) + tuple(x), x.dtype)
    kinds = {"constant": "ConstantPad1d", "reflect": "ReflectionPad1d", "replicate": "ReplicationPad1d"}
    padded = layered(kinds.get(mode, "CircularPad1d"), padding=(n_fft // 2, n_fft // 2))(extended)
    return Tensor(padded[len(padded) - len(x) :], x.dtype)


def written(window: Tensor | None) -> str:
    """Write a window as the message of stft does."""
    return "None" if window is None else f"torch.{SCALARS[window.dtype]}Tensor{{{list(window)}}}"
