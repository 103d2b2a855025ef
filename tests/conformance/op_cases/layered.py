"""Cases for functions that follow a layer."""
# ruff: noqa: D401  # each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.tensor import Tensor
from op_cases.drawing import CASES, case, flags

if TYPE_CHECKING:
    from op_cases.drawing import Case, Draw


@case("max_pool1d avg_pool1d lp_pool1d adaptive_avg_pool1d adaptive_max_pool1d")
def pool1d(draw: Draw) -> Case:
    """Sequences and a window."""
    return (draw.stored((2, 3, draw.pick((1, 4, 7)))[draw.random.randrange(2) :]), draw.pick((1, 2, 3))), {}


@case("max_pool2d avg_pool2d adaptive_avg_pool2d adaptive_max_pool2d")
def pool2d(draw: Draw) -> Case:
    """Images and a window."""
    return (draw.stored((2, 3, 5, draw.pick((1, 4, 7)))[draw.random.randrange(2) :]), draw.pick((1, 2, 3, (2, 1)))), {}


@case("max_pool3d avg_pool3d adaptive_avg_pool3d adaptive_max_pool3d")
def pool3d(draw: Draw) -> Case:
    """Volumes and a window."""
    return (Tensor((2, 3, 5, 4, draw.pick((1, 4)))[draw.random.randrange(2) :]), draw.pick((1, 2, 3))), {}


@case("lp_pool1d lp_pool2d lp_pool3d")
def lp_pool(draw: Draw) -> Case:
    """A norm and a window."""
    return (draw.tensor(3, 5, "float32"), 2.0, draw.pick((1, 2))), {}


@case("dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout")
def dropout(draw: Draw) -> Case:
    """A probability."""
    return (draw.tensor(3, 3, "float32"), draw.pick((0.5, 0.1, 2))), {}


@case("threshold")
def threshold(draw: Draw) -> Case:
    """A threshold and a value."""
    return (draw.tensor(), 1, 2), {}


@case("unfold")
def columns(draw: Draw) -> Case:
    """An image and a window."""
    return (Tensor((2, 3, draw.pick((1, 4)), 5)), draw.pick((1, 2, (2, 3)))), {}


@case("fold")
def fold(draw: Draw) -> Case:
    """Columns and an image."""
    return (Tensor((2, draw.pick((12, 7)), draw.pick((9, 8)))), (4, 4), (2, 2)), {}


@case("pixel_shuffle pixel_unshuffle channel_shuffle")
def shuffle(draw: Draw) -> Case:
    """A factor."""
    return (draw.stored((2, draw.pick((8, 9, 4)), 4, draw.pick((4, 6)))), draw.pick((1, 2, 3))), {}


@case("local_response_norm")
def response(draw: Draw) -> Case:
    """A size."""
    return (draw.tensor(2, 4, "float32"), 2), {}


@case("conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d")
def conv(draw: Draw, axes: int = 2) -> Case:
    """An image and kernels."""
    channels = draw.pick((1, 2, 4))
    weight = (4, channels, *(draw.pick((1, 2, 3)) for _ in range(axes)))
    x = (2, channels, *(draw.pick((3, 4, 6)) for _ in range(axes)))[draw.random.randrange(2) :]
    keywords = {"stride": draw.pick((1, 2)), "padding": draw.pick((0, 1))}
    return (Tensor(draw.bent(x, 10)), Tensor(weight)), {
        key: value for key, value in keywords.items() if draw.chance(50)
    }


def transposed(draw: Draw, axes: int) -> Case:
    """An image and kernels."""
    (x, weight), keywords = conv(draw, axes)
    return (x, Tensor((weight[1], weight[0], *weight[2:]))), keywords


for number in (1, 2, 3):
    CASES[f"conv{number}d"] = lambda draw, axes=number: conv(draw, axes)
    CASES[f"conv_transpose{number}d"] = lambda draw, axes=number: transposed(draw, axes)


@case("linear")
def linear(draw: Draw) -> Case:
    """Rows, a matrix and a bias."""
    x = draw.tensor(1, 4, "float32")
    weight = Tensor(draw.bent((draw.pick((1, 2, 3)), x[-1])))
    return (x, weight, *((Tensor((draw.pick((weight[0], weight[0], 4)),)),) if draw.chance(40) else ())), {}


@case("layer_norm rms_norm")
def layer_norm(draw: Draw) -> Case:
    """The last axes."""
    x = draw.tensor(1, 4, "float32")
    sizes = tuple(draw.bent(x[-draw.random.randint(1, 2) :]))
    return (x, sizes, *((Tensor(draw.bent(sizes)),) if draw.chance(30) else ())), {}


@case("group_norm")
def group_norm(draw: Draw) -> Case:
    """Groups of channels."""
    return (draw.stored((2, draw.pick((4, 6)), 3)), draw.pick((1, 2, 3, 4))), {}


@case("batch_norm")
def batch_norm(draw: Draw) -> Case:
    """Statistics of channels."""
    x = draw.tensor(2, 4, "float32")
    stored = Tensor((draw.pick((x[1], x[1], 4)),))
    return (x, stored, stored), flags(draw, "training")


@case("interpolate")
def interpolate(draw: Draw) -> Case:
    """A size or a scale."""
    x = draw.tensor(3, 5, "float32")
    return (x,), draw.pick(
        ({"size": 4}, {"scale_factor": 2}, {"scale_factor": 1.5}, {}, {"size": 3, "scale_factor": 2})
    )


@case("embedding")
def embedding(draw: Draw) -> Case:
    """Indices and rows."""
    return (draw.tensor(dtype="int64"), Tensor((5, draw.size()))), {}


@case("prelu")
def prelu(draw: Draw) -> Case:
    """Slopes."""
    x = draw.tensor(1, dtype="float32")
    return (x, Tensor((draw.pick((1, x[1] if len(x) > 1 else 1, 3)),))), {}


@case("pad")
def pad(draw: Draw) -> Case:
    """Amounts for the last axes."""
    x = draw.tensor(1, dtype="float32")
    amounts = tuple(draw.pick((0, 1, 2, -1)) for _ in range(draw.pick((2, 2, 4, 3))))
    return (x, amounts), {"mode": draw.pick(("constant", "constant", "reflect", "replicate", "circular"))}


@case("gumbel_softmax")
def gumbel(draw: Draw) -> Case:
    """An axis."""
    x = draw.tensor(1, dtype="float32")
    return (x,), {"dim": draw.dim(len(x))}
