"""Arguments for every layer: right values by the name of the argument, written as its kind allows, and wrong ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape import layers
from convshape.kinds import KINDS, REQUIRED
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from op_cases import Draw

    from convshape.kinds import Field
    from convshape.layer import Layer

    Given = dict[str, Any]


class Spec(NamedTuple):
    """A layer as it is written: `Conv1d(1, 16, kernel_size=3)`."""

    name: str
    arguments: tuple[Any, ...] = ()
    keywords: Any = {}  # noqa: RUF012  # never changed

    def __repr__(self) -> str:
        """Write the call."""
        parts = [*map(repr, self.arguments), *(f"{name}={value!r}" for name, value in self.keywords.items())]
        return f"{self.name}({', '.join(parts)})"


HUGE = 2**40
"""More than any memory holds: what torch says of it is said before it asks for the memory, or is that there is none."""

WRONG = (
    None, True, False, 0, -1, -3, 1.5, 2.0, -0.5, math.nan, math.inf, "a", "", (), (2,), [2], (1, 2), (1, 2, 3),
    (1, 2, 3, 4), [2, 2], (None, 2), (2, None), (1.0, 2), (True, 2), (1, "a"), (0, 1), (-1, 1), HUGE, -HUGE, (1, HUGE),
    2**63, 2**64, 10**30,
)  # fmt: skip
"""What people, and programs, write where something else belongs."""
GIVEN = (
    "d_model", "nhead", "dim_feedforward", "num_encoder_layers", "num_decoder_layers", "output_size", "output_ratio",
    "scale_factor",
)  # fmt: skip
"""What is given nearly always: the default is large, or none."""
SMALL = WRONG[: WRONG.index(HUGE)]
COUNTS = ("num_layers", "num_encoder_layers", "num_decoder_layers", "num_heads", "nhead", "ignore_index", "blank")
"""Where torch counts up to a huge number, or takes it."""


def sizes(*choices: Any) -> Callable[[Draw, Given], Any]:
    """Draw one of these."""
    return lambda draw, _: draw.pick(choices)


def divisor(*names: str) -> Callable[[Draw, Given], int]:
    """Draw a divisor of earlier arguments, mostly 1."""

    def drawn(draw: Draw, given: Given) -> int:
        numbers = [given[name] for name in names if isinstance(given.get(name), int)]
        common = math.gcd(*numbers) if numbers else 2
        return draw.pick([1, 1, *(size for size in (2, 3, 4) if common % size == 0)])

    return drawn


def multiple(name: str) -> Callable[[Draw, Given], int]:
    """Draw a multiple of an earlier argument."""
    return lambda draw, given: draw.pick((1, 2, 3)) * given.get(name, 1)


def half(draw: Draw, given: Given) -> int:
    """Draw a padding of at most half the kernel."""
    kernel = given.get("kernel_size", 2)
    least = min(kernel) if isinstance(kernel, (tuple, list)) and kernel else kernel
    return draw.random.randint(0, int(least) // 2) if draw.chance(90) else draw.pick((1, 2))


def vector(*lengths: Any) -> Callable[[Draw, Given], Any]:
    """Draw a tensor of one axis, or nothing."""
    return lambda draw, _: draw.pick((None, None, Tensor((draw.pick(lengths),))))


def table(given: Given) -> Tensor:
    """Return the weight of an embedding."""
    return Tensor((given["num_embeddings"], given["embedding_dim"]))


CHANNELS = sizes(1, 2, 3, 4, 6)
FLAGS = (
    "bias", "return_indices", "ceil_mode", "count_include_pad", "inplace", "affine", "keepdim",
    "track_running_stats", "elementwise_affine", "scale_grad_by_freq", "sparse", "_freeze", "include_last_offset",
    "batch_first", "bidirectional", "log_target", "log_input", "full", "swap", "zero_infinity", "head_bias",
    "add_bias_kv", "add_zero_attn", "norm_first", "mask_check", "enable_nested_tensor", "recompute_scale_factor",
)  # fmt: skip


def flag(draw: Draw, _: Given) -> bool:
    """Draw True or False."""
    return draw.chance(50)


NUMBER = sizes(0.5, 1, 2.0, 0.1)
LAYER_OR_NONE = sizes(None, None, Spec("LayerNorm", (4,)), Spec("LayerNorm", (8,)))
ENCODERS = (Spec("TransformerEncoderLayer", (4, 2, 8)),
            Spec("TransformerEncoderLayer", (8, 1, 4), {"batch_first": True}),
            Spec("TransformerEncoderLayer", (4, 1, 4), {"norm_first": True, "activation": "gelu"}))  # fmt: skip
DECODERS = (
    Spec("TransformerDecoderLayer", (4, 2, 8)),
    Spec("TransformerDecoderLayer", (8, 1, 4), {"batch_first": True}),
)

VALUES: dict[str, Callable[[Draw, Given], Any]] = {
    **dict.fromkeys(("in_channels", "out_channels", "num_features", "num_parameters"), CHANNELS),
    **dict.fromkeys(("in_features", "in1_features", "in2_features", "out_features", "embedding_dim"), CHANNELS),
    **dict.fromkeys(("input_size", "hidden_size", "num_groups", "kdim", "vdim"), CHANNELS),
    **dict.fromkeys(("embed_dim", "d_model"), sizes(4, 4, 8, 6, 3)),
    **dict.fromkeys(("num_heads", "nhead"), divisor("embed_dim", "d_model")),
    **dict.fromkeys(FLAGS, flag),
    "align_corners": lambda draw, given: draw.chance(50) if "linear" in str(given.get("mode")) else None,
    **dict.fromkeys(("eps", "layer_norm_eps", "min_val", "lower", "negative_slope", "init"), sizes(1e-3, 0.1, 0)),
    "label_smoothing": sizes(1e-3, 0.1, 0),
    **dict.fromkeys(("alpha", "beta", "delta", "lambd", "threshold", "value", "max_val", "upper"), NUMBER),
    **dict.fromkeys(("k", "margin"), NUMBER),
    **dict.fromkeys(("min_value", "max_value", "process_group", "options"), sizes(None)),
    **dict.fromkeys(("custom_encoder", "custom_decoder"), sizes(None)),
    **dict.fromkeys(("size_average", "reduce"), lambda draw, _: draw.pick((None, None, None, True, False))),
    **dict.fromkeys(("upscale_factor", "downscale_factor"), sizes(1, 2, 2, 3)),
    **dict.fromkeys(("start_dim", "end_dim", "dim"), sizes(0, 1, 1, 2, -1, -1, -2, 3, -4)),
    **dict.fromkeys(("num_layers", "num_encoder_layers", "num_decoder_layers"), sizes(1, 1, 2)),
    **dict.fromkeys(("weight", "pos_weight"), vector(1, 2, 3, 4)),
    "_weight": lambda draw, given: draw.pick((None, table(given), Tensor((4, 2)))),
    "_random_samples": sizes(None),  # random numbers for a test of torch's own
    **dict.fromkeys(("encoder_layer",), sizes(*ENCODERS)),
    "kernel_size": sizes(1, 2, 2, 3, 3, 4),
    "stride": sizes(1, 1, 2, 2, 3),
    "padding": half,
    "dilation": sizes(1, 1, 2, 3),
    "groups": divisor("in_channels", "out_channels"),
    "padding_mode": sizes("zeros", "zeros", "reflect", "replicate", "circular"),
    "output_padding": sizes(0, 0, 0, 1),
    "output_size": sizes(1, 2, 3, 4, 5),
    "output_ratio": lambda draw, given: draw.pick((0.5, 0.7, 0.3, 1.0)) if "output_size" not in given else None,
    "size": sizes(1, 2, 3, 5, 6),
    "scale_factor": lambda draw, given: draw.pick((2, 1.5, 0.5, 0.29, 3)) if "size" not in given else None,
    "mode": sizes("nearest", "nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact"),
    "divisor_override": sizes(None, 1, 3, 0),
    "norm_type": sizes(1, 2, 2.0, 3, 1.5),
    "unflattened_size": sizes(1, 2, 3, -1),
    "approximate": sizes("none", "tanh"),
    "momentum": sizes(0.1, None, 0.5, 0),
    "normalized_shape": sizes(1, 2, 3, 4),
    "num_channels": multiple("num_groups"),
    "p": sizes(0.5, 0.2, 1, 2, 0),
    "num_embeddings": sizes(1, 4, 10),
    "padding_idx": sizes(None, 0, 0, -1),
    "max_norm": sizes(None, None, 1.0),
    "nonlinearity": sizes("tanh", "relu"),
    "dropout": sizes(0.0, 0.1, 0.5, 0),
    "proj_size": sizes(0, 0, 1, 2),
    "reduction": sizes("mean", "sum", "none"),
    "distance_function": sizes(None, Spec("PairwiseDistance"), Spec("CosineSimilarity")),
    "ignore_index": sizes(-100, 0, 1),
    "num_classes": sizes(2, 3, 5),
    "blank": sizes(0, 0, 1),
    "n_classes": sizes(6, 8, 10),
    "cutoffs": lambda draw, _: sorted(draw.random.sample((1, 2, 3, 4, 5), draw.pick((1, 2, 2)))),
    "div_value": sizes(4.0, 2.0, 1),
    "modules": lambda draw, _: draw.pick(((), [Spec("ReLU"), Spec("Linear", (2, 3))])),
    "module": sizes(Spec("Linear", (3, 2)), Spec("ReLU"), Spec("BatchNorm1d", (3,))),
    **dict.fromkeys(("device_ids", "output_device"), sizes(None)),
    "num_chunks": sizes(1, 3, 4),
    "values": sizes(None),
    "parameters": sizes(None),
    "dim_feedforward": sizes(1, 4, 8),
    "activation": sizes("relu", "gelu", Spec("Tanh")),
    "norm": LAYER_OR_NONE,
    "decoder_layer": sizes(*DECODERS),
}  # fmt: skip
"""What a layer may be given, by the name of the argument: one number where a kind takes one for each axis."""

OWN: dict[tuple[str, str], Callable[[Draw, Given], Any]] = {
    ("EmbeddingBag", "mode"): sizes("mean", "sum", "max"),
    ("ChannelShuffle", "groups"): sizes(1, 2, 2, 3),
    ("LinearCrossEntropyLoss", "out_features"): sizes(1, 2, 3),
    ("MultiMarginLoss", "p"): sizes(1, 2),
    ("RNNBase", "mode"): sizes("LSTM", "GRU", "RNN_TANH", "RNN_RELU", "RNN"),
    ("ModuleDict", "modules"): lambda draw, _: draw.pick((None, {"one": Spec("ReLU"), "two": Spec("Linear", (2, 3))})),
}
"""The arguments that mean something else in one class."""


def pair(value: Callable[[], Any], axes: int) -> tuple[Any, ...]:
    """Draw a value for each axis."""
    return tuple(value() for _ in range(axes))


def per_axis(draw: Draw, value: Callable[[], Any], axes: int) -> Any:
    """Write one number, or one for each axis as a tuple or a list."""
    if draw.chance(55) or value() is None:
        return value()
    found = pair(value, axes or 2)
    return list(found) if draw.chance(15) else found


def several(draw: Draw, value: Callable[[], Any], _: int) -> Any:
    """Write several numbers."""
    found = pair(value, draw.pick((1, 2, 2, 3)))
    return list(found) if draw.chance(20) else found


FORMS: dict[str, Callable[[Draw, Callable[[], Any], int], Any]] = {
    **dict.fromkeys(("PerAxis", "Each", "Kernel", "Numbers", "Lengths", "Scale"), per_axis),
    "PerSide": lambda draw, value, axes: per_axis(draw, value, 2 * axes),
    "OutputSize": lambda draw, value, axes: per_axis(draw, lambda: None if draw.chance(15) else value(), axes),
    "Shape": lambda draw, value, axes: several(draw, value, axes) if draw.chance(60) else value(),
    "Several": several,
}
"""How a kind is written; any other kind is one value."""
BACK = {id(kind): name for name, kind in KINDS.items()}


def right(draw: Draw, kind: type[Layer], field: Field, given: Given) -> Any:
    """Draw a right value of an argument."""
    name = field.name
    rule = OWN.get((kind.__name__, name)) or VALUES[name]
    if name == "cutoffs":
        return rule(draw, given)
    if name == "padding" and "str" in forms(field) and draw.chance(20):
        return draw.pick(("same", "valid"))
    form = next((FORMS[word] for word in forms(field) if word in FORMS), None)
    return form(draw, lambda: rule(draw, given), kind.axes) if form else rule(draw, given)


def forms(field: Field) -> list[str]:
    """Return the names of the kinds of an argument."""
    return [BACK.get(id(kind), "Tensor") for kind in field.kinds]


def wrong(draw: Draw, kind: type[Layer], name: str) -> Any:
    """Draw a value that an argument hardly takes."""
    return draw.pick(wrong_values(kind, name))


def wrong_values(kind: type[Layer], name: str) -> list[Any]:
    """Return what an argument may be given by mistake; not what torch works at for hours, or crashes of."""
    walks = "kernel_size" in kind.fields and "groups" not in kind.fields  # along a huge window
    values = SMALL if name in COUNTS or walks else WRONG
    if name == "hidden_size":  # of an empty one a cell makes weights that end the process
        return [value for value in values if not isinstance(value, (tuple, list))]
    return list(values)


def spec(draw: Draw, name: str) -> tuple[Spec, Given, tuple[str, ...]]:
    """Draw a layer, its arguments by name as they are meant, and which of them were made wrong."""
    kind = layers.find(name)
    assert kind is not None
    given: Given = {}
    for field in kind.fields.values():
        if field.default is REQUIRED or draw.chance(96 if field.name in GIVEN else 40):
            given[field.name] = right(draw, kind, field, given)
    meant = {**{field.name: field.default for field in kind.fields.values() if field.default is not REQUIRED}, **given}
    bad = [draw.pick(kind.fields) for percent in (22, 5) if kind.fields and draw.chance(percent)]
    for field_name in bad:
        given[field_name] = wrong(draw, kind, field_name)
    return written(draw, kind, given), meant, tuple(bad)


def written(draw: Draw, kind: type[Layer], given: Given) -> Spec:
    """Write some arguments by position, the others by keyword; now and then one too few, or one that is unknown."""
    names, count = list(kind.fields), 0
    most = len(names) if kind.positional is None else kind.positional
    while count < most and names[count] in given and draw.chance(80):
        count += 1
    keywords = {key: value for key, value in given.items() if key not in names[:count]}
    if draw.chance(1):
        keywords["unknown"] = 1
    if keywords and draw.chance(1):
        keywords.popitem()
    return Spec(kind.__name__, tuple(given[key] for key in names[:count]), keywords)
