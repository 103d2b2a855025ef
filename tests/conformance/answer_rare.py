"""Cases that no change of one or two things comes to: each is there for a refusal that would not be seen otherwise."""

from __future__ import annotations

import math
from typing import Any

from judge import Case
from layer_arguments import Spec

from convshape import layers
from convshape.tensor import Tensor


def case(layer: str, arguments: dict[str, Any], *inputs: Any, train: bool = False, **keywords: Any) -> Case:
    """Write a case."""
    return Case(Spec(layer, (), arguments), inputs, keywords, train)


def tensor(*sizes: int, dtype: str = "float32") -> Tensor:
    """Write a tensor."""
    return Tensor(sizes, dtype)


CONV = {"in_channels": 2, "out_channels": 2, "kernel_size": 3}
SAME = {**CONV, "padding": "same"}
FRACTIONAL = {"kernel_size": 2}
SEQUENCE = {"input_size": 3, "hidden_size": 2}
HEADS = {"embed_dim": 4, "num_heads": 2}
IMAGE = tensor(1, 2, 8, 8)
VOLUME = tensor(1, 2, 2, 2, 2)
ENCODER = Spec("TransformerEncoderLayer", (), {"d_model": 4, "nhead": 2, "batch_first": True})
DECODER = Spec("TransformerDecoderLayer", (), {"d_model": 4, "nhead": 2})
TRANSFORMER = {"d_model": 4, "nhead": 2, "num_encoder_layers": 1, "num_decoder_layers": 1, "dim_feedforward": 3}
BAG = {"num_embeddings": 4, "embedding_dim": 2}
NUMBERS = tensor(2, 3, dtype="int64")
SAMPLES = tensor(2, 3)
SAME_CASES = [
    case("Conv2d", {**SAME, name: value}, IMAGE) for name in ("stride", "dilation") for value in ((1,), (1, 1, 1))
]

RARE = (
    *SAME_CASES,
    case("Conv2d", {**SAME, "kernel_size": (3,)}, IMAGE),
    case("Conv2d", {**CONV, "kernel_size": (3, 0)}, IMAGE),
    case("Conv2d", {**CONV, "kernel_size": (3, 0)}, tensor(0, 2, 8, 8)),
    case("Conv1d", {**CONV, "kernel_size": 0, "dilation": 2}, tensor(1, 2, 8)),
    case("Conv3d", {**CONV, "kernel_size": (2, 0, 3), "dilation": 2}, tensor(1, 2, 8, 8, 8)),
    case("Conv2d", {**CONV, "kernel_size": (3, 0), "dilation": 2}, IMAGE),
    case("Conv2d", {**CONV, "dilation": 0}, IMAGE),
    case("Conv2d", {**CONV, "bias": False}, tensor(1, 2, 8, 8, dtype="float16")),
    case("Conv1d", {**CONV, "kernel_size": ()}, tensor(1, 2, 8)),
    case("ConvTranspose1d", {**CONV, "in_channels": 4, "groups": 2}, tensor(1, 4, 8), [12]),
    case("ConvTranspose2d", CONV, tensor(2), [8, 8]),
    case("ConvTranspose2d", CONV, IMAGE, tensor(2, 5)),
    case("ConvTranspose2d", {**CONV, "padding": 9}, tensor(0, 2, 8, 8)),
    case("ConvTranspose2d", {**CONV, "padding": (5, 1)}, tensor(0, 2, 8, 8)),
    case("ConvTranspose1d", {**CONV, "padding": 9}, tensor(0, 2, 8)),
    case("ConvTranspose2d", {**CONV, "kernel_size": 2, "padding": (5, 1)}, tensor(0, 2, 8, 8)),
    case("LazyConvTranspose1d", {"out_channels": 3, "kernel_size": 2, "groups": 2}, tensor(1, 2, 8)),
    case("MaxPool2d", {"kernel_size": 2, "padding": 2, "dilation": 3}, IMAGE),
    case("MaxPool3d", {"kernel_size": 2, "padding": 2, "dilation": 3}, tensor(1, 2, 8, 8, 8)),
    case("MaxPool2d", {"kernel_size": (2, 3), "padding": (1, 2), "dilation": (1, 2)}, IMAGE),
    *(case("MaxUnpool3d", {"kernel_size": 2, name: (1, 1, 1, 1)}, VOLUME, Tensor(VOLUME, "int64"))
      for name in ("stride", "padding")),
    case("MaxUnpool2d", {"kernel_size": 2}, IMAGE, Tensor(IMAGE, "int64"), tensor(2, 5)),
    case("MaxUnpool2d", {"kernel_size": 2}, tensor(1, 0, 2, 2), tensor(1, 0, 2, 2, dtype="int64")),
    case("MaxUnpool3d", {"kernel_size": 2}, tensor(1, 2, 0, 2, 2), tensor(1, 2, 0, 2, 2, dtype="int64")),
    case("FractionalMaxPool2d", {**FRACTIONAL, "output_ratio": (0.5,)}, IMAGE),
    case("FractionalMaxPool2d", {**FRACTIONAL, "output_ratio": (0.5, 0.5, 0.5)}, IMAGE),
    case("FractionalMaxPool2d", {**FRACTIONAL, "output_ratio": (0.5, 1.5)}, IMAGE),
    case("FractionalMaxPool3d", {**FRACTIONAL, "output_ratio": "a"}, tensor(1, 2, 8, 8, 8)),
    case("FractionalMaxPool3d", {**FRACTIONAL, "output_ratio": (0.5, "a", 0.5)}, tensor(1, 2, 8, 8, 8)),
    *(case(f"{mode}Pad{axes}d", {"padding": -8}, tensor(1, 2, *(8,) * axes))
      for mode in ("Reflection", "Replication", "Constant", "Circular") for axes in (1, 2, 3)),
    *(case(f"{mode}Pad{axes}d", {"padding": -4}, tensor(1, 2, *(8,) * axes))
      for mode in ("Reflection", "Replication", "Circular") for axes in (1, 2, 3)),
    *(case("Upsample", {"mode": "lanczos", "scale_factor": 2, "align_corners": corners}, IMAGE)
      for corners in (None, True)),
    *(case(f"{mode}Pad2d", {"padding": (-5, -5, 0, 0)}, IMAGE) for mode in ("Reflection", "Replication", "Circular")),
    *(case(f"{mode}Pad3d", {"padding": (-5, -5, 0, 0, 0, 0)}, tensor(1, 2, 8, 8, 8))
      for mode in ("Reflection", "Replication", "Circular")),
    case("Fold", {"output_size": 0, "kernel_size": 2, "padding": 2}, tensor(1, 4, 9)),
    case("Upsample", {"size": 4, "recompute_scale_factor": True}, IMAGE),
    case("Upsample", {"scale_factor": 1e300, "recompute_scale_factor": True}, IMAGE),
    case("Upsample", {"scale_factor": float("inf"), "recompute_scale_factor": True}, IMAGE),
    case("Upsample", {"scale_factor": 1e300}, IMAGE),
    case("Upsample", {"mode": "area", "size": -1}, tensor(1, 2, 8)),
    case("Upsample", {"mode": "area", "size": (2, -1)}, IMAGE),
    case("Upsample", {"mode": "area", "size": 2}, tensor(1, 0, 8, 8)),
    case("Hardtanh", {}, tensor(2, dtype="uint8")),
    case("PairwiseDistance", {"p": float("inf")}, tensor(2, 0), tensor(2, 0)),
    case("PairwiseDistance", {"p": -1.5}, tensor(0), tensor(0)),
    case("Embedding", {**BAG, "num_embeddings": 0, "padding_idx": 0}, NUMBERS),
    *(case("EmbeddingBag", {**BAG, "mode": "max", name: True}, NUMBERS) for name in ("sparse", "scale_grad_by_freq")),
    case("EmbeddingBag", {**BAG, "include_last_offset": True}, tensor(3, dtype="int64"), tensor(0, dtype="int64")),
    case("EmbeddingBag", {**BAG, "mode": "mean"}, NUMBERS, None, SAMPLES),
    case("EmbeddingBag", {**BAG, "mode": "sum"}, NUMBERS, None, tensor(3)),
    case("EmbeddingBag", {**BAG, "mode": "sum"}, NUMBERS, None, Tensor(SAMPLES, "float64")),
    case("EmbeddingBag", {**BAG, "mode": "sum"}, NUMBERS, None, SAMPLES),
    *(case("InstanceNorm1d", {"num_features": 3, "track_running_stats": True}, tensor(batch, channels, 4), train=True)
      for batch in (0, 1) for channels in (1, 2)),
    *(case("InstanceNorm1d", {"num_features": 3, "track_running_stats": True}, tensor(batch, channels, 0), train=True)
      for batch in (0, 1, 2) for channels in (1, 2)),
    *(case("BatchNorm2d", {"num_features": -1, "affine": affine}, IMAGE) for affine in (True, False)),
    case("Bilinear", {"in1_features": 2, "in2_features": 0, "out_features": 3}, tensor(2, 2), tensor(2, 0)),
    *(case("RNNCell", SEQUENCE, tensor(3), tensor(*hidden)) for hidden in ((2, 2), (3, 2), (2, 3))),
    *(case(name, SEQUENCE, tensor(3), tensor(2, 2)) for name in ("GRUCell",)),
    case("LSTMCell", SEQUENCE, tensor(3), (tensor(2, 2), tensor(2, 2))),
    *(case("LSTM", {**SEQUENCE, "proj_size": 1}, tensor(4, 1, 3), (tensor(1, 1, 1, dtype=h), tensor(1, 1, 2, dtype=c)))
      for h in ("float32", "float64") for c in ("float64", "int64", "complex64")),
    *(case("LSTM", SEQUENCE, tensor(4, 1, 3), tensor(*state)) for state in ((), (1,), (1, 1, 2), (2, 1, 1, 2))),
    *(case(name, {**SEQUENCE, "proj_size": 1}, tensor(4, 1, 3)) for name in ("RNN", "GRU")),
    case("PReLU", {"num_parameters": 2}, tensor()),
    case("GaussianNLLLoss", {}, tensor(2), tensor(2), -1.5),
    case("MultiMarginLoss", {"weight": tensor(2, 2)}, tensor(3, 2), tensor(3, dtype="int64")),
    *(case("CTCLoss", {}, tensor(4, 2, 3), tensor(2, 1, dtype="int64"), tensor(2, dtype=one), tensor(2, dtype=other))
      for one in ("int64", "float32") for other in ("int64", "float32")),
    case("NLLLoss", {}, tensor(0, 3, 4), tensor(dtype="int64")),
    case("LinearCrossEntropyLoss", {"in_features": 3, "num_classes": 2, "ignore_index": 1}, tensor(4, 3), tensor(4, 2)),
    case("ModuleDict", {"modules": {"one": 1}}),
    case("ModuleDict", {"modules": {1: Spec("ReLU")}}),
    case("ModuleDict", {"modules": [("one", Spec("ReLU"), 3)]}),
    case("ParameterDict", {"parameters": {1: tensor(2)}}),
    case("ModuleList", {"modules": [Spec("ReLU"), 1]}),
    case("LocalResponseNorm", {"size": -9}, tensor(1, 2, 8)),
    case("LocalResponseNorm", {"size": -3}, tensor(1, 9, 8)),
    *(case("CrossMapLRN2d", {"size": -9}, tensor(1, channels, 5, 6)) for channels in (1, 2, 12)),
    *(case("CrossMapLRN2d", {"size": size}, tensor(1, 2, 5, 6)) for size in (math.inf, -math.inf)),
    case("MultiheadAttention", {**HEADS, "add_bias_kv": True}, tensor(3, 1, 4), *[tensor(3, 2, 4)] * 2),
    *(case("MultiheadAttention", {**HEADS, "dropout": dropout}, *[tensor(3, 1, 4)] * 3, train=True, need_weights=needed)
      for needed in (True, False) for dropout in (1.5, -1)),
    *(case("MultiheadAttention", HEADS, *[tensor(3, 1, 4)] * 3, need_weights=needed, is_causal=True)
      for needed in (True, False)),
    *(case("MultiheadAttention", HEADS, *[tensor(3, 1, 4)] * 3, key_padding_mask=tensor(1, 3, dtype=dtype),
           need_weights=needed) for dtype in ("float64", "bool") for needed in (True, False)),
    case("MultiheadAttention", HEADS, *[tensor(3, 0, 4)] * 3, key_padding_mask=tensor(0, 3, dtype="bool")),
    case("MultiheadAttention", HEADS, tensor(3, 1, 4), *[tensor(0, 1, 4)] * 2,
         key_padding_mask=tensor(1, 0, dtype="bool"), need_weights=False),
    *(case("Transformer", TRANSFORMER, *[tensor(3, 1, 4)] * 2, **{f"{name}_is_causal": True})
      for name in ("src", "tgt", "memory")),
    *(case("Transformer", TRANSFORMER, *[tensor(3, 1, 4)] * 2, **{f"{name}_mask": tensor(3, last)})
      for name in ("src", "tgt", "memory") for last in (3, 2)),
    case("TransformerEncoder", {"encoder_layer": Spec("Linear", (4, 4)), "num_layers": 1}, tensor(3, 1, 4)),
    *(case("TransformerEncoder", {"encoder_layer": ENCODER, "num_layers": 1}, tensor(1, 3, 4), None,
           tensor(*mask, dtype="bool")) for mask in ((3,), (1, 3), (1, 2))),
    case("TransformerEncoder", {"encoder_layer": ENCODER, "num_layers": 1}, tensor(1, 0, 4), None,
         tensor(1, 0, dtype="bool")),
)  # fmt: skip


def rare(name: str) -> list[Case]:
    """Return those of a layer."""
    return [one for one in RARE if one.spec.name == name]


assert {one.spec.name for one in RARE} <= set(layers.FAMILY)
