"""Upsampling: make a sequence, an image or a volume larger or smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import SPATIAL
from convshape.dim import scaled
from convshape.dtypes import need_floating
from convshape.faults import Fault, Refusal, require
from convshape.layer import Layer

if TYPE_CHECKING:
    from convshape.kinds import Flag, Lengths, Scale
    from convshape.tensor import Sizes, Tensor

ALIGN_CORNERS = Fault(
    "choice",
    "takes align_corners with the interpolating modes alone, got mode={mode:repr}",
    "ValueError: align_corners option can only be set with the interpolating modes: "
    "linear | bilinear | bicubic | trilinear",
)
BOTH = Fault(
    "size-or-scale",
    "takes a size or a scale_factor, got both",
    "ValueError: only one of size or scale_factor should be defined",
)
NEITHER = Fault(
    "size-or-scale", "needs a size or a scale_factor", "ValueError: either size or scale_factor should be defined"
)
HOW_MANY_SIZES = Fault(
    "rank",
    "needs one size for each axis of {spatial}, got {size:repr}",
    "ValueError: Input and output must have the same number of spatial dimensions, but got input with spatial "
    "dimensions of {spatial} and output size of {size:repr}. Please provide input tensor in (N, C, d1, d2, ...,dK) "
    "format and output size in (o1, o2, ...,oK) format.",
)
HOW_MANY_SCALES = Fault(
    "rank",
    "needs one scale_factor for each axis of {spatial}, got {scale_factor:repr}",
    "ValueError: Input and scale_factor must have the same number of spatial dimensions, but got input with spatial "
    "dimensions of {spatial} and scale_factor of shape {scale_factor:repr}. Please provide input tensor in "
    "(N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.",
)
RECOMPUTE = Fault(
    "size-or-scale",
    "recomputes a scale_factor, got a size",
    "ValueError: recompute_scale_factor is not meaningful with an explicit size.",
)
LANCZOS = Fault("choice", "cannot antialias, which lanczos needs", "ValueError: Lanczos mode requires antialias=True")
LANCZOS_CORNERS = Fault(
    "choice", "has no align_corners with lanczos", "ValueError: Lanczos mode does not support align_corners=True"
)
MODE_RANK = Fault(
    "rank",
    "takes {needed} axes with mode={mode:repr}, got {rank}",
    "NotImplementedError: Got {rank}D input, but {mode} mode needs {needed}D input",
)
MODE = Fault(
    "rank",
    "has no mode {mode:repr} for an input of {rank} axes",
    "NotImplementedError: Input Error: Only 3D, 4D and 5D input Tensors supported (got {rank}D) for the modes: "
    "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got {mode:tuple})",
)
TOO_LARGE = Fault(
    "scale",
    "cannot scale by {factor}",
    "RuntimeError: value cannot be converted to type int64_t without overflow",
)
TOO_LARGE_FIRST = Fault("scale", TOO_LARGE.says, "OverflowError: cannot convert float infinity to integer")
TOO_SMALL = {
    axes: Fault(
        "output-too-small",
        "makes {made:x} of {given:x}",
        f"RuntimeError: Input and output sizes should be greater than 0, but got input {words}",
    )
    for axes, words in {
        1: "(W: {w}) and output (W: {new_w})",
        2: "(H: {h}, W: {w}) output (H: {new_h}, W: {new_w})",
        3: "(D: {d}, H: {h}, W: {w}) output (D: {new_d}, H: {new_h}, W: {new_w})",
    }.items()
}
EMPTY = Fault(
    "empty-axis",
    "needs at least one channel, got {input}",
    "RuntimeError: Non-empty {rank}D data tensor expected but got a tensor with sizes {input}",
)
NEGATIVE_AREA = Fault(
    "output-too-small",
    "makes {made:x}",
    "RuntimeError: {function}: elements of output_size must be greater than or equal to 0 "
    "but received {{{made:comma}}}",
)
EMPTY_AREA = Fault(
    "empty-axis",
    "averages at least one value along every axis, got {input}",
    "RuntimeError: {function}(): Expected input to have non-zero size for non-batch dimensions, "
    "but input has sizes {input} with dimension {axis} being empty",
)
UNALIGNED = ("nearest", "area", "nearest-exact")
RANKS = {
    **dict.fromkeys(UNALIGNED, (3, 4, 5)),
    "linear": (3,),
    "bilinear": (4,),
    "bicubic": (4,),
    "lanczos": (4,),
    "trilinear": (5,),
}
NEEDED = {"linear": 3, "bilinear": 4, "trilinear": 5}
LARGEST = 2.0**63


class Resize(Layer):
    """Give the spatial axes another size, or scale them: (N, C, *) keeps its batch and its channels."""

    keeps = ""

    layout = "channels"

    size: Lengths | None = None
    scale_factor: Scale | None = None
    later: ClassVar[tuple[str, ...]] = ("size",)
    if TYPE_CHECKING:
        mode: Any
        align_corners: Any
        recompute_scale_factor: Any

    def out(self, x: Tensor) -> Any:
        """Return (N, C, *sizes), where a scale gives int(size * scale) in float64."""
        self.check_arguments(x)
        if self.first:
            made = self.made(x[2:], TOO_LARGE_FIRST)
            self.check_rank(x)
        else:
            self.check_rank(x)
            made = self.made(x[2:], TOO_LARGE)
        if self.mode == "area":
            self.check_area(x, made)
        else:
            self.check_sizes(x, made)
        need_floating(x, *self.kernel(len(x)))
        return *x[:2], *made

    def refuse(self, x: Tensor) -> None:
        """Look at the rank before the type of a size; at how many there are, where there are several."""
        self.check_arguments(x)
        if not isinstance(self.size, (tuple, list)):
            self.check_rank(x)
        super().refuse(x)

    @property
    def first(self) -> bool:
        """Tell whether torch works the sizes out before it chooses a function."""
        return self.size is None and (self.mode == "area" or bool(self.recompute_scale_factor))

    def check_arguments(self, x: Tensor) -> None:
        """Refuse arguments that contradict each other, or that are not for the axes of the input."""
        require(self.align_corners is None or self.mode not in UNALIGNED, ALIGN_CORNERS, "align_corners")
        require(self.size is None or self.scale_factor is None, BOTH, "size")
        require(self.size is not None or self.scale_factor is not None, NEITHER)
        for name, fault in (("size", HOW_MANY_SIZES), ("scale_factor", HOW_MANY_SCALES)):
            values = getattr(self, name)
            if isinstance(values, (tuple, list)):
                require(len(values) == len(x) - 2, fault, name, spatial=x[2:])
        require(self.size is None or not self.recompute_scale_factor, RECOMPUTE, "recompute_scale_factor")

    def check_rank(self, x: Tensor) -> None:
        """Refuse a mode that is not for the rank of the input."""
        rank, mode = len(x), str(self.mode)
        needed = NEEDED.get(mode) if rank - 2 in SPATIAL else None
        fault = MODE_RANK if needed else MODE
        require(rank in RANKS.get(mode, ()), fault, "mode", rank=rank, needed=needed)
        if mode == "lanczos":
            require(not self.align_corners, LANCZOS_CORNERS, "align_corners")
            raise Refusal(LANCZOS, "mode")

    def made(self, given: Sizes, fault: Fault) -> Sizes:
        """Return the sizes of the output."""
        if self.size is not None:
            return tuple(self.size) if isinstance(self.size, (tuple, list)) else (self.size,) * len(given)
        scale: Any = self.scale_factor
        factors = scale if isinstance(scale, tuple) else (scale,) * len(given)
        for factor in factors:
            require(-LARGEST < factor < LARGEST, fault, "scale_factor", factor=factor)
        return tuple(scaled(size, factor) for size, factor in zip(given, factors, strict=True))

    def check_sizes(self, x: Tensor, made: Sizes) -> None:
        """Refuse an empty image, and to make one."""
        given = x[2:]
        told: dict[str, Any] = {"given": given, "made": made}
        for letter, before, after in zip("dhw"[-len(made) :], given, made, strict=True):
            told |= {letter: before, f"new_{letter}": after}
        at = "size" if self.size is not None else "scale_factor"
        for before, after in zip(given, made, strict=True):
            require((before > 0) & (after > 0), TOO_SMALL[len(made)], at, **told)
        require(x[1] > 0, EMPTY, rank=len(x), input=x)

    def check_area(self, x: Tensor, made: Sizes) -> None:
        """Refuse what adaptive average pooling refuses; it sees a sequence as an image of height 1."""
        seen = (*x[:2], 1, x[2]) if len(made) == 1 else tuple(x)
        function = f"adaptive_avg_pool{len(seen) - 2}d"
        for size in made:
            require(size >= 0, NEGATIVE_AREA, "size", made=(1, *made)[-len(seen) + 2 :], function=function)
        first = 2 if len(seen) < max(RANKS["area"]) else 1
        for axis, size in enumerate(seen[first:], first):
            require(size > 0, EMPTY_AREA, function=function, input=seen, axis=axis)

    def kernel(self, rank: int) -> tuple[str, tuple[str, ...]]:
        """Return the kernel that computes it, and the dtypes it takes beside the floating-point ones."""
        mode = self.mode.removesuffix("-exact")
        if mode == "area":
            return "adaptive_avg_pool3d_cpu" if rank == RANKS["trilinear"][0] else "adaptive_avg_pool2d", ()
        if mode in ("nearest", "bilinear") and rank == RANKS["bilinear"][0]:
            return f"upsample_{mode}2d_channels_last", ("uint8",)
        kind = {"nearest": "nearest", "bicubic": "cubic"}.get(mode, "linear")
        return f"compute_indices_weights_{kind}", () if kind == "linear" else ("uint8",)

    def letters(self, output: Any) -> tuple[str, ...]:
        """Name the axes of the output, which has a batch."""
        return ("N", "C", *SPATIAL[len(output) - 2]) if len(output) - 2 in SPATIAL else ()


class Upsample(Resize):
    """Give the spatial axes another size, or scale them: (N, C, *) keeps its batch and its channels."""

    mode: Any = "nearest"
    align_corners: Flag | None = None
    recompute_scale_factor: Any = None
    later: ClassVar[tuple[str, ...]] = (*Resize.later, "align_corners")


class UpsamplingNearest2d(Resize):
    """Upsample that repeats the nearest value."""

    forward_of = "Upsample"
    mode = "nearest"
    align_corners = None
    recompute_scale_factor = None


class UpsamplingBilinear2d(Resize):
    """Upsample that interpolates an image, its corners kept."""

    forward_of = "Upsample"
    mode = "bilinear"
    align_corners = True
    recompute_scale_factor = None
