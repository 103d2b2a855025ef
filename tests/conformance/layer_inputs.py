"""Inputs for every layer: what its forward takes, given how it was made, and nearly that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape import layers
from convshape.dtypes import SCALARS
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from op_cases import Draw

    Given = dict[str, Any]
    Inputs = tuple[tuple[Any, ...], dict[str, Any]]

INPUTS: dict[str, Callable[[Draw, str, Given], Inputs]] = {}
"""By family, or by class where one differs."""


def takes(names: str) -> Callable[[Any], Any]:
    """Say which families and classes take such inputs."""

    def add(build: Any) -> Any:
        INPUTS.update(dict.fromkeys(names.split(), build))
        return build

    return add


def inputs(draw: Draw, name: str, given: Given) -> Inputs:
    """Draw the inputs of a layer; now and then one of them is bent."""
    build = INPUTS.get(name) or INPUTS[layers.FAMILY[name]]
    found, keywords = build(draw, name, given)
    return tuple(near(draw, value) for value in found), keywords


def near(draw: Draw, value: Any) -> Any:
    """Bend an input now and then: another rank, size or dtype, or no tensor."""
    if isinstance(value, tuple) and not isinstance(value, Tensor):
        return tuple(near(draw, part) for part in value)
    if not isinstance(value, Tensor) or draw.chance(76):
        return value
    shape, way = list(value), draw.random.randrange(12)
    if way < 3 and shape:
        del shape[draw.random.randrange(len(shape))]
    elif way < 5:
        shape.insert(draw.random.randint(0, len(shape)), draw.pick((1, 2)))
    elif way < 9 and shape:
        place = draw.random.randrange(len(shape))
        shape[place] = draw.pick((0, 1, max(shape[place] - 1, 0), shape[place] + 1, 7))
    elif way == 9 and shape:
        shape[0] = 0
    elif way == 10:
        return Tensor(shape, draw.pick(("float64", "int64", "bool", *SCALARS)))
    elif draw.chance(10):
        return None
    return Tensor(shape, value.dtype)


def number(value: Any, default: int = 2) -> int:
    """Return a size that an argument means."""
    if isinstance(value, (tuple, list)):
        value = max((size for size in value if isinstance(size, int)), default=default)
    return value if isinstance(value, int) and 0 <= value < 64 else default


def axes_of(name: str) -> int:
    """Return over how many axes a class slides."""
    kind = layers.find(name)
    assert kind is not None
    return kind.axes or draw_axes(name)


def draw_axes(name: str) -> int:
    """Read the axes off a name."""
    return int(name[-2]) if name[-1] == "d" and name[-2].isdigit() else 1


def batch(draw: Draw) -> int:
    """Draw how many samples."""
    return draw.pick((1, 2, 2, 3))


def spatial(draw: Draw, axes: int, least: int = 1) -> tuple[int, ...]:
    """Draw the lengths of the spatial axes."""
    most = {1: 14, 2: 10, 3: 7}.get(axes, 8)
    return tuple(draw.random.randint(min(least, most), most) for _ in range(axes))


def channelled(draw: Draw, channels: int, axes: int, *, batched: int = 75) -> Tensor:
    """Draw (N, C, *spatial), or without a batch."""
    shape = (channels, *spatial(draw, axes))
    return Tensor((batch(draw), *shape) if draw.chance(batched) else shape)


def rows(draw: Draw, features: int, low: int = 0, high: int = 3) -> Tensor:
    """Draw (*, features)."""
    return Tensor((*(batch(draw) for _ in range(draw.random.randint(low, high))), features))


# --- layers with one input ---


@takes("conv transpose norm instancenorm")
def by_channels(draw: Draw, name: str, given: Given) -> Inputs:
    """Draw channels as the layer counts them."""
    channels = number(given.get("in_channels", given.get("num_features")), 2 * number(given.get("groups"), 1))
    batched = 75 if "Conv" in name or "Instance" in name else 97
    axes = draw.pick((0, 1, 2, 3)) if name == "SyncBatchNorm" else axes_of(name)
    if "BatchNorm1d" in name and draw.chance(50):
        axes = 0
    x = channelled(draw, channels, axes, batched=batched)
    if "ConvTranspose" in name and draw.chance(15):
        wanted = [size * number(given.get("stride"), 1) + draw.pick((0, 0, 1, 2)) for size in x[-axes:]]
        return (x, wanted), {}
    return (x,), {}


@takes("fractional")
def roomy(draw: Draw, name: str, _: Given) -> Inputs:
    """Draw any channels, and room for windows that do not overlap."""
    lengths = tuple(draw.random.randint(7, 9) for _ in range(axes_of(name)))
    return (Tensor((*((batch(draw),) if draw.chance(75) else ()), draw.pick((1, 2)), *lengths)),), {}


@takes("pad maxpool avgpool adaptive response Softmax2d Dropout1d Dropout2d Dropout3d Unfold")
def by_axes(draw: Draw, name: str, _: Given) -> Inputs:
    """Draw any channels."""
    axes = draw.pick((0, 1, 2, 3)) if name == "LocalResponseNorm" else axes_of(name)
    return (channelled(draw, draw.pick((1, 2, 3, 4)), axes),), {}


@takes("Fold")
def columns(draw: Draw, _: str, given: Given) -> Inputs:
    """Draw as many columns as windows fit."""
    both = [value if isinstance(value, (tuple, list)) else (value, value) for value in map(given.get, FOLD)]
    if any(len(value) != 2 or not all(isinstance(size, int) for size in value) for value in both):
        return (channelled(draw, 4, 1),), {}
    count = 1
    for length, kernel, dilation, padding, stride in zip(*both, strict=True):
        count *= max((length + 2 * padding - dilation * (kernel - 1) - 1) // max(stride, 1) + 1, 0)
    taps = both[1][0] * both[1][1]
    shape = (draw.pick((1, 2)) * taps, count)
    return (Tensor((batch(draw), *shape) if draw.chance(75) else shape),), {}


FOLD = ("output_size", "kernel_size", "dilation", "padding", "stride")


@takes("upsample")
def resized(draw: Draw, name: str, given: Given) -> Inputs:
    """Draw as many axes as the mode takes."""
    mode = "bilinear" if name == "UpsamplingBilinear2d" else given.get("mode")
    wanted = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}.get(mode)
    axes = wanted if wanted and draw.chance(85) else draw.pick((1, 2, 2, 3))
    for size in (given.get("size"), given.get("scale_factor")):
        if isinstance(size, (tuple, list)) and not wanted:
            axes = len(size)
    return (channelled(draw, draw.pick((1, 2, 3)), axes, batched=97),), {}


@takes("shuffle")
def shuffled(draw: Draw, name: str, given: Given) -> Inputs:
    """Draw channels or lengths that can be shared out."""
    factor = number(given.get("upscale_factor", given.get("downscale_factor", given.get("groups"))), 2) or 1
    lead = tuple(batch(draw) for _ in range(draw.pick((0, 1, 1, 1, 2))))
    channels = draw.pick((1, 2, 3)) * {"PixelShuffle": factor**2, "PixelUnshuffle": 1}.get(name, factor)
    lengths = [length * (factor if name == "PixelUnshuffle" else 1) for length in spatial(draw, 2)]
    return (Tensor((*(lead or (2,) if name == "ChannelShuffle" else lead), channels, *lengths)),), {}


@takes("Linear LazyLinear DataParallel")
def features(draw: Draw, _: str, given: Given) -> Inputs:
    """Draw the features on the last axis."""
    return (rows(draw, number(given.get("in_features"), 3)),), {}


@takes("layernorm")
def normalised(draw: Draw, name: str, given: Given) -> Inputs:
    """Draw the shape that is normalised, or the channels of the groups."""
    if name == "GroupNorm":
        channels = number(given.get("num_channels"), 2)
        return (Tensor((batch(draw), channels, *spatial(draw, draw.pick((0, 1, 2, 3))))),), {}
    shape = given.get("normalized_shape")
    tail = tuple(map(number, shape)) if isinstance(shape, (tuple, list)) else (number(shape),)
    return (Tensor((*(batch(draw) for _ in range(draw.pick((0, 1, 1, 2)))), *tail)),), {}


@takes("activation sigmoid softmax dropout Identity Flatten container recurrent_base")
def anything(draw: Draw, _: str, __: Given) -> Inputs:
    """Draw any tensor."""
    return (Tensor(draw.pick((1, 2, 2, 3, 4)) for _ in range(draw.random.randint(0, 5))),), {}


@takes("Unflatten")
def unflattened(draw: Draw, _: str, given: Given) -> Inputs:
    """Draw an axis that the sizes multiply up to."""
    sizes, dim = given.get("unflattened_size", ()), given.get("dim")
    count = 1
    for size in sizes if isinstance(sizes, (tuple, list)) else ():
        count *= size if isinstance(size, int) and size > 0 else draw.pick((1, 2))
    shape = [draw.pick((1, 2, 3)) for _ in range(draw.random.randint(1, 4))]
    if isinstance(dim, int) and -len(shape) <= dim < len(shape):
        shape[dim] = count
    return (Tensor(shape),), {}


@takes("PReLU")
def by_parameters(draw: Draw, _: str, given: Given) -> Inputs:
    """Draw as many channels as parameters."""
    return (Tensor((batch(draw), number(given.get("num_parameters"), 1), *spatial(draw, draw.pick((0, 1, 2))))),), {}


# --- layers with several ---


@takes("unpool")
def unpooled(draw: Draw, name: str, given: Given) -> Inputs:
    """Draw what was pooled, where it came from, and perhaps how large it was."""
    axes = axes_of(name)
    x = channelled(draw, draw.pick((1, 2)), axes)
    indices = Tensor(x, "int64")
    if draw.chance(75):
        return (x, indices), {}
    step = number(given.get("stride") or given.get("kernel_size"), 2)
    wanted = [size * step + draw.pick((0, 0, 1, -1, 3)) for size in x[-axes:]]
    return (x, indices, draw.pick((wanted, [*x[:-axes], *wanted], tuple(wanted)))), {}


@takes("Bilinear")
def bilinear(draw: Draw, _: str, given: Given) -> Inputs:
    """Draw two rows."""
    lead = tuple(batch(draw) for _ in range(draw.pick((0, 1, 1, 2))))
    return (Tensor((*lead, number(given.get("in1_features")))), Tensor((*lead, number(given.get("in2_features"))))), {}


@takes("distance")
def two_alike(draw: Draw, _: str, __: Given) -> Inputs:
    """Draw two tensors that broadcast, mostly."""
    x = Tensor(draw.pick((1, 2, 3, 4)) for _ in range(draw.random.randint(0, 4)))
    return (x, draw.near(x, "float32")), {}


@takes("Embedding")
def numbers(draw: Draw, _: str, __: Given) -> Inputs:
    """Draw numbers of rows, in any shape."""
    return (Tensor((draw.pick((1, 2, 3)) for _ in range(draw.random.randint(0, 3))), "int64"),), {}


@takes("EmbeddingBag")
def bags(draw: Draw, _: str, __: Given) -> Inputs:
    """Draw rows of numbers; or all in one, with where each bag starts."""
    if draw.chance(50):
        return (Tensor((batch(draw), draw.pick((1, 2, 3))), "int64"),), {}
    x = Tensor((draw.pick((2, 3, 4)),), "int64")
    offsets = {"offsets": Tensor((draw.pick((2, 3)),), "int64")}  # beside none, or one that is the last, torch crashes
    return ((x,), offsets) if draw.chance(75) else ((x,), {**offsets, "per_sample_weights": Tensor(x)})
