"""Samples: an example of each layer, made from its declaration. What a declaration cannot say stands in the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.axes import SPATIAL
from convshape.kinds import REQUIRED

if TYPE_CHECKING:
    from convshape.layer import Layer

ARGUMENTS = {
    "in_channels": "16", "out_channels": "32", "kernel_size": "3", "num_features": "16", "in_features": "64",
    "out_features": "10", "in1_features": "8", "in2_features": "6", "input_size": "8", "hidden_size": "16",
    "embed_dim": "16", "num_heads": "4", "d_model": "16", "nhead": "4", "num_embeddings": "100", "embedding_dim": "16",
    "num_channels": "16", "num_groups": "4", "normalized_shape": "16", "padding": "1", "value": "0.5", "size": "2",
    "threshold": "0.1", "norm_type": "2", "downscale_factor": "2", "upscale_factor": "2", "groups": "4",
    "num_layers": "2", "n_classes": "10", "cutoffs": "[4, 7]", "dim": "1", "num_classes": "10",
}  # fmt: skip
"""An argument that must be given, in every example that has it."""
LENGTHS = {"L": 20, "H": 28, "W": 28, "D": 10}
CALLS = {
    "AdaptiveAvgPool1d": "AdaptiveAvgPool1d(1)", "AdaptiveMaxPool1d": "AdaptiveMaxPool1d(1)",
    "AdaptiveAvgPool2d": "AdaptiveAvgPool2d(7)", "AdaptiveMaxPool2d": "AdaptiveMaxPool2d(7)",
    "AdaptiveAvgPool3d": "AdaptiveAvgPool3d(5)", "AdaptiveMaxPool3d": "AdaptiveMaxPool3d(5)",
    "FractionalMaxPool2d": "FractionalMaxPool2d(2, output_ratio=0.5)",
    "FractionalMaxPool3d": "FractionalMaxPool3d(2, output_ratio=0.5)",
    "Fold": "Fold((8, 8), 2, stride=2)", "Unfold": "Unfold(2, stride=2)", "Unflatten": "Unflatten(1, (4, 4))",
    "Upsample": "Upsample(scale_factor=2)", "UpsamplingNearest2d": "UpsamplingNearest2d(scale_factor=2)",
    "UpsamplingBilinear2d": "UpsamplingBilinear2d(scale_factor=2)",
    "TransformerEncoder": "TransformerEncoder(TransformerEncoderLayer(16, 4), 2)",
    "TransformerDecoder": "TransformerDecoder(TransformerDecoderLayer(16, 4), 2)",
    "LPPool1d": "LPPool1d(2, 3)", "LPPool2d": "LPPool2d(2, 3)", "LPPool3d": "LPPool3d(2, 3)",
    "Softmax": "Softmax(dim=1)", "Softmin": "Softmin(dim=1)", "LogSoftmax": "LogSoftmax(dim=1)",
    "LocalResponseNorm": "LocalResponseNorm(5)", "CrossMapLRN2d": "CrossMapLRN2d(5)", "Dropout1d": "Dropout1d(0.2)",
    "Transformer": "Transformer(16, 4)", "ModuleList": "ModuleList([ReLU()])",
}  # fmt: skip
"""How a layer is made where its arguments need more than one word each."""
IMAGE, ROWS, SEQUENCE = "32, 16, 28, 28", "32, 16", "20, 32, 16"
INPUTS: dict[str, dict[str, str]] = {
    "Fold": {"x": "32, 64, 16"}, "Unfold": {"x": IMAGE}, "Bilinear": {"input1": "32, 8", "input2": "32, 6"},
    "PixelShuffle": {"x": IMAGE}, "PixelUnshuffle": {"x": IMAGE}, "ChannelShuffle": {"x": IMAGE},
    "Flatten": {"x": IMAGE}, "Softmax2d": {"x": IMAGE}, "LocalResponseNorm": {"x": IMAGE},
    "CrossMapLRN2d": {"x": IMAGE},
    "Dropout1d": {"x": "32, 16, 20"}, "Dropout2d": {"x": IMAGE}, "Dropout3d": {"x": "32, 16, 10, 28, 28"},
    "LazyLinear": {"x": ROWS}, "Embedding": {"x": "32, 20:int64"}, "EmbeddingBag": {"x": "32, 20:int64"},
    "RNN": {"x": "20, 32, 8"}, "LSTM": {"x": "20, 32, 8"}, "GRU": {"x": "20, 32, 8"},
    "RNNCell": {"x": "32, 8"}, "LSTMCell": {"x": "32, 8"}, "GRUCell": {"x": "32, 8"}, "SyncBatchNorm": {"x": IMAGE},
    "GroupNorm": {"x": IMAGE}, "FeatureAlphaDropout": {"x": IMAGE},
    "LinearCrossEntropyLoss": {"x": "32, 64", "target": "32:int64"},
    "NLLLoss": {"x": "32, 10", "target": "32:int64"},
    "NLLLoss2d": {"x": "32, 10, 28, 28", "target": "32, 28, 28:int64"},
    "CrossEntropyLoss": {"x": "32, 10", "target": "32:int64"}, "MultiMarginLoss": {"x": "32, 10", "target": "32:int64"},
    "MultiLabelMarginLoss": {"x": "32, 10", "target": "32, 10:int64"},
    "CTCLoss": {"log_probs": "50, 32, 20", "targets": "32, 30:int64",
                "input_lengths": "32:int64", "target_lengths": "32:int64"},
    "AdaptiveLogSoftmaxWithLoss": {"target_": "32:int64"}, "MaxUnpool1d": {"indices": "32, 16, 20:int64"},
    "MaxUnpool2d": {"indices": "32, 16, 28, 28:int64"}, "MaxUnpool3d": {"indices": "32, 16, 10, 28, 28:int64"},
    "CosineEmbeddingLoss": {"target": "32"},
    "TransformerEncoderLayer": {"src": SEQUENCE}, "TransformerEncoder": {"src": SEQUENCE}, "Unflatten": {"x": ROWS},
    "GaussianNLLLoss": {"var": ROWS},
}  # fmt: skip
"""The inputs of an example where the declaration does not say them."""
UPSAMPLED = ("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d")


class Sample(NamedTuple):
    """A layer with arguments, called on inputs: a description, and the shapes by name as an option gives them."""

    call: str
    text: str
    inputs: dict[str, str]

    @property
    def option(self) -> list[str]:
        """The shapes as `-i` takes them."""
        return [f"{name}={shape}" for name, shape in self.inputs.items()]


def sample(layer: type[Layer]) -> Sample:
    """Return the example of a layer."""
    name = layer.__name__
    call = CALLS.get(name) or f"{name}({', '.join(required(layer))})"
    inputs = {key: INPUTS.get(name, {}).get(key) or usual(layer) for key in tensors(layer)}
    return Sample(call, f"{call}({', '.join(inputs)})", inputs)


def required(layer: type[Layer]) -> list[str]:
    """Return the arguments that must be given."""
    return [ARGUMENTS.get(name, "1") for name, field in layer.fields.items() if field.default is REQUIRED]


def tensors(layer: type[Layer]) -> tuple[str, ...]:
    """Return the names of the inputs that it must get."""
    names, least = layer.forward
    return tuple(names[:least])


def usual(layer: type[Layer]) -> str:
    """Return the shape that a layer over so many axes is mostly given: a batch of 32, 16 channels."""
    features: Any = layer.fields.get("in_features")
    if layer.__name__ in UPSAMPLED:
        return IMAGE
    if features:
        return "32, 64"
    if layer.axes:
        return ", ".join(map(str, (32, 16, *(LENGTHS[letter] for letter in SPATIAL[layer.axes]))))
    return SEQUENCE if layer.__module__.endswith(("attention", "transformer", "stack")) else ROWS
