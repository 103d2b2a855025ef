"""torch.nn.functional: functions that follow the rule of a layer.

`FUNCTIONS` says which, and torch's order of the arguments where it is not the layer's. Functions that take their
weights as tensors stand below it: each makes its layer from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape import layers
from convshape.axes import axis, broadcast_shapes
from convshape.dim import prod
from convshape.dtypes import SCALARS, as_floating
from convshape.faults import Fault, require
from convshape.kinds import REQUIRED, Field, PerAxis
from convshape.op import DECLARED, Flag, IntList, Number, function, need_shape
from convshape.ops.expand import expanded
from convshape.ops.layered import LayerOp, called, layer_function, layered
from convshape.ops.pointwise import elementwise
from convshape.ops.product import BATCH_SIZES, folds
from convshape.strides import strided, strides_of
from convshape.tensor import Tensor, is_floating
from convshape.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convshape.dim import Size
    from convshape.layer import Layer

MAX_POOL = "kernel_size stride padding dilation ceil_mode return_indices"
AVG_POOL = "kernel_size stride padding ceil_mode count_include_pad"
DROPOUT = "p training inplace"
WEIGHT_RANK = Fault(
    "rank",
    "needs a weight of at least 3 axes, got {rank}",
    "RuntimeError: weight should have at least three dimensions",
)
EXPONENTIAL = Fault(
    "dtype",
    "draws floating-point numbers, got {dtype}",
    "RuntimeError: Exponential distribution is a continuous probability distribution. "
    "dtype must be a floating point but you specified {scalar}",
)
LINEAR_RANKS = Fault(
    "rank",
    "takes an input and a weight of at least 1 axis, got {one} and {two}",
    "RuntimeError: both arguments to linear need to be at least 1D, but they are {one}D and {two}D",
)
LINEAR_MATRIX = Fault(
    "rank",
    "takes a matrix as its weight, got {rank} axes",
    "RuntimeError: t() expects a tensor with <= 2 dimensions, but self is {rank}D",
)
FUNCTIONS = {
    "relu": "ReLU", "relu6": "ReLU6", "hardtanh": "Hardtanh min_val max_val inplace", "elu": "ELU", "celu": "CELU",
    "selu": "SELU", "silu": "SiLU", "mish": "Mish", "hardswish": "Hardswish", "hardsigmoid": "Hardsigmoid",
    "gelu": "GELU", "hardshrink": "Hardshrink", "softshrink": "Softshrink", "softplus": "Softplus",
    "logsigmoid": "LogSigmoid", "tanhshrink": "Tanhshrink", "softsign": "Softsign", "leaky_relu": "LeakyReLU",
    "rrelu": "RReLU lower upper training inplace", "threshold": "Threshold", "glu": "GLU",
    "softmax": "Softmax dim _stacklevel dtype", "log_softmax": "LogSoftmax dim _stacklevel dtype",
    "softmin": "Softmin dim _stacklevel dtype",
    "max_pool1d": f"MaxPool1d {MAX_POOL}", "max_pool2d": f"MaxPool2d {MAX_POOL}", "max_pool3d": f"MaxPool3d {MAX_POOL}",
    "avg_pool1d": f"AvgPool1d {AVG_POOL}", "avg_pool2d": f"AvgPool2d {AVG_POOL} divisor_override",
    "avg_pool3d": f"AvgPool3d {AVG_POOL} divisor_override",
    "lp_pool1d": "LPPool1d", "lp_pool2d": "LPPool2d", "lp_pool3d": "LPPool3d",
    "adaptive_avg_pool1d": "AdaptiveAvgPool1d", "adaptive_avg_pool2d": "AdaptiveAvgPool2d",
    "adaptive_avg_pool3d": "AdaptiveAvgPool3d", "adaptive_max_pool1d": "AdaptiveMaxPool1d",
    "adaptive_max_pool2d": "AdaptiveMaxPool2d", "adaptive_max_pool3d": "AdaptiveMaxPool3d",
    "dropout": f"Dropout {DROPOUT}", "dropout1d": f"Dropout1d {DROPOUT}", "dropout2d": f"Dropout2d {DROPOUT}",
    "dropout3d": f"Dropout3d {DROPOUT}", "alpha_dropout": f"AlphaDropout {DROPOUT}",
    "feature_alpha_dropout": f"FeatureAlphaDropout {DROPOUT}",
    "fold": "Fold", "unfold": "Unfold", "pixel_shuffle": "PixelShuffle", "pixel_unshuffle": "PixelUnshuffle",
    "channel_shuffle": "ChannelShuffle", "local_response_norm": "LocalResponseNorm",
}  # fmt: skip
"""The layer whose rule a function follows, and the order of its arguments."""
TRAINING = ("dropout", "dropout1d", "dropout2d", "dropout3d")
"""The functions that train unless they are told otherwise."""
METHODS = ("relu", "softmax", "log_softmax", "hardshrink")
"""The functions that are Tensor methods, too."""
IN_PLACE = ("relu", "elu", "celu", "selu", "leaky_relu", "hardtanh", "rrelu", "threshold")
"""The functions that have an in-place form."""
BESIDE = {
    "training": Field("training", "Flag", default=True),
    "inplace": Field("inplace", "bool", default=False),
    "_stacklevel": Field("_stacklevel", "int", default=3),
    "dtype": Field("dtype", "Dtype | None", default=None),
}
"""The arguments that a function has beside those of its layer."""

TABLE = 2
"""How many axes a table of rows has."""
TABLE_RANK = Fault("rank", "looks up in a table of rows, got {rank} axes", "RuntimeError: 'weight' must be 2-D")


def declare(name: str) -> None:
    """Declare a function of the table."""
    base = name.removesuffix("_")
    if base not in FUNCTIONS:
        return
    title, *order = FUNCTIONS[base].split()
    kind = layers.find(title)
    if kind is None:
        return
    own = {**BESIDE, **{field: kind.fields[field] for field in kind.fields}}
    fields = {"input": Field("input", "Tensor", REQUIRED), **{field: own[field] for field in order or kind.fields}}
    where = "both" if base in METHODS else "function"
    build = builder(title, trains=base in TRAINING)
    DECLARED[base] = LayerOp(build, base, where, fields)
    if base in IN_PLACE:
        DECLARED[f"{base}_"] = LayerOp(build, f"{base}_", where, fields)


def builder(title: str, *, trains: bool) -> Callable[..., tuple[Layer, tuple[Tensor, ...]]]:
    """Return what makes the layer of a call, and its inputs."""

    def build(
        input: Tensor, *, dtype: Any = None, training: bool = trains, _stacklevel: int = 3, **given: Any
    ) -> tuple[Layer, tuple[Tensor, ...]]:
        x = Tensor(input, dtype, input.strides) if dtype else input
        return layered(title, training=training, **given), (x,)

    return build


# --- functions that take weights ---


def convolution(axes: int) -> None:
    """Declare conv1d, conv2d or conv3d."""

    def build(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: PerAxis = 1,
        padding: PerAxis | str = 0,
        dilation: PerAxis = 1,
        groups: int = 1,
    ) -> Any:
        require(len(weight) > 2, WEIGHT_RANK, "weight", rank=len(weight))  # noqa: PLR2004  # the channels, and a kernel
        out_channels, in_channels, *kernel = weight
        given = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        given |= {"in_channels": in_channels * groups, "out_channels": out_channels, "kernel_size": tuple(kernel)}
        return layered(f"Conv{axes}d", bias=bias is not None, stores=weight, **given), (input,)

    layer_function(build, f"conv{axes}d")


def transposed(axes: int) -> None:
    """Declare conv_transpose1d, conv_transpose2d or conv_transpose3d."""

    def build(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: PerAxis = 1,
        padding: PerAxis = 0,
        output_padding: PerAxis = 0,
        groups: int = 1,
        dilation: PerAxis = 1,
    ) -> Any:
        require(len(weight) > 2, WEIGHT_RANK, "weight", rank=len(weight))  # noqa: PLR2004  # the channels, and a kernel
        in_channels, out_channels, *kernel = weight
        given = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation}
        given |= {"in_channels": in_channels, "out_channels": out_channels * groups, "kernel_size": tuple(kernel)}
        return layered(f"ConvTranspose{axes}d", bias=bias is not None, groups=groups, stores=weight, **given), (input,)

    layer_function(build, f"conv_transpose{axes}d")


for number in (1, 2, 3):
    convolution(number)
    transposed(number)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Any:
    """Multiply the last axis by a matrix: (*, in_features) becomes (*, out_features)."""
    require(min(len(input), len(weight)) > 0, LINEAR_RANKS, "weight", one=len(input), two=len(weight))
    require(len(weight) <= 2, LINEAR_MATRIX, "weight", rank=len(weight))  # noqa: PLR2004  # a matrix
    out_features, in_features = weight if len(weight) > 1 else (1, *weight)
    layer = layered("Linear", in_features=in_features, out_features=out_features, bias=False, stores=weight)
    if len(input) > 2 and not folds(input):  # noqa: PLR2004  # a batch that is not folded into rows
        batch, inner = prod(input[:-2]), input[-1]
        require(inner == in_features, BATCH_SIZES, want=(batch, inner), got=(batch, in_features))
    output = called(layer, (input,))
    if bias is not None and (len(input) < 3 or input.strides is None):  # noqa: PLR2004  # rows, or what can be them
        expanded(bias, (prod(output[:-1]), output[-1]))
    elif bias is not None:
        need_shape(output, Tensor(broadcast_shapes(output, bias)))
    return layer, (input,)


layer_function(linear, "linear")


def interpolate(
    input: Tensor,
    size: int | IntList | None = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: Flag | None = None,
    recompute_scale_factor: Flag | None = None,
    antialias: Flag = False,
) -> Any:
    """Make an image larger or smaller."""
    given = {"size": size, "scale_factor": scale_factor, "mode": mode, "align_corners": align_corners}
    return layered("Upsample", recompute_scale_factor=recompute_scale_factor, **given), (input,)


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: Flag = False,
    sparse: Flag = False,
) -> Any:
    """Look rows up by their index."""
    require(len(weight) == TABLE, TABLE_RANK, "weight", rank=len(weight))
    return layered("Embedding", num_embeddings=weight[0], embedding_dim=weight[1], _weight=weight), (input,)


def prelu(input: Tensor, weight: Tensor) -> Any:
    """Multiply what is negative by a slope."""
    return layered("PReLU", num_parameters=weight[0] if weight else 1, stores=weight), (input,)


for build in (interpolate, embedding, prelu):
    layer_function(build, build.__name__, where="both" if build is prelu else "function")


def pad_windows(pad: Sequence[Size], **_others: Any) -> tuple[Window, ...]:
    """Look at one position, what was added before the input aside."""
    return tuple(Window(1, 1, amount) for amount in reversed(pad[::2]))


@function(windows=pad_windows)
def pad(input: Tensor, pad: IntList, mode: str = "constant", value: Number | None = None) -> Any:
    """Add to both ends of the last axes; two amounts for each, the last axis first."""
    from convshape.layers.pad import padded

    result = padded(input, tuple(pad), mode)
    if mode != "constant" or any((amount <= 0) is not True for amount in pad):
        return result
    return elementwise(input.dtype, strided(result, input.dtype, strides_of(input)))  # a copy of a part


@function
def gumbel_softmax(logits: Tensor, tau: Number = 1, hard: Flag = False, eps: Number = 1e-10, dim: int = -1) -> Any:
    """Draw from a softmax."""
    nothing = (prod(logits) == 0) is True
    told = {"dtype": logits.dtype, "scalar": SCALARS[logits.dtype]}
    require(is_floating(logits.dtype) or nothing, EXPONENTIAL, **told)
    axis(len(logits), dim)
    return Tensor(logits, as_floating(logits.dtype))
