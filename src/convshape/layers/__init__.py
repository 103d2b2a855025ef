"""The registry: which family holds which torch.nn class. A family is imported when one of its layers is first used."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convshape.layer import Layer

FAMILIES = {
    "conv": "Conv1d Conv2d Conv3d LazyConv1d LazyConv2d LazyConv3d",
    "transpose": """ConvTranspose1d ConvTranspose2d ConvTranspose3d
        LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d""",
    "fold": "Fold Unfold",
    "upsample": "Upsample UpsamplingNearest2d UpsamplingBilinear2d",
    "shuffle": "PixelShuffle PixelUnshuffle ChannelShuffle",
    "pad": """ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d ConstantPad2d ConstantPad3d
        ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d
        CircularPad1d CircularPad2d CircularPad3d""",
    "maxpool": "MaxPool1d MaxPool2d MaxPool3d",
    "avgpool": "AvgPool1d AvgPool2d AvgPool3d LPPool1d LPPool2d LPPool3d",
    "adaptive": """AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d
        AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d""",
    "fractional": "FractionalMaxPool2d FractionalMaxPool3d",
    "unpool": "MaxUnpool1d MaxUnpool2d MaxUnpool3d",
    "linear": "Linear LazyLinear Bilinear Identity",
    "reshape": "Flatten Unflatten",
    "activation": """Threshold ReLU ReLU6 Hardtanh RReLU LeakyReLU ELU CELU SELU SiLU Mish Hardswish Hardsigmoid GELU
        Hardshrink Softshrink Softplus""",
    "sigmoid": "LogSigmoid Sigmoid Tanh Softsign Tanhshrink",
    "softmax": "Softmax Softmin LogSoftmax Softmax2d GLU PReLU",
    "norm": """BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d SyncBatchNorm""",
    "instancenorm": """InstanceNorm1d InstanceNorm2d InstanceNorm3d
        LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d""",
    "layernorm": "LayerNorm RMSNorm GroupNorm",
    "response": "LocalResponseNorm CrossMapLRN2d",
    "dropout": "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout FeatureAlphaDropout",
    "embedding": "Embedding EmbeddingBag",
    "distance": "CosineSimilarity PairwiseDistance",
    "recurrent": "RNN GRU",
    "lstm": "LSTM",
    "recurrent_base": "RNNBase RNNCellBase",
    "cells": "RNNCell LSTMCell GRUCell",
    "loss": """L1Loss MSELoss SmoothL1Loss HuberLoss KLDivLoss HingeEmbeddingLoss PoissonNLLLoss GaussianNLLLoss BCELoss
        BCEWithLogitsLoss SoftMarginLoss MultiLabelSoftMarginLoss""",
    "ranking": "CosineEmbeddingLoss MarginRankingLoss TripletMarginLoss TripletMarginWithDistanceLoss",
    "classification": "NLLLoss NLLLoss2d CrossEntropyLoss LinearCrossEntropyLoss",
    "margin": "MultiLabelMarginLoss MultiMarginLoss CTCLoss",
    "adaptive_softmax": "AdaptiveLogSoftmaxWithLoss",
    "container": "Module Container DataParallel ModuleList ModuleDict ParameterList ParameterDict",
    "attention": "MultiheadAttention",
    "transformer": "TransformerEncoderLayer TransformerDecoderLayer Transformer",
    "stack": "TransformerEncoder TransformerDecoder",
}

FAMILY = {name: family for family, names in FAMILIES.items() for name in names.split()}


@cache
def find(name: str) -> type[Layer] | None:
    """Return the layer class of a torch.nn name, or None."""
    family = FAMILY.get(name)
    if family is None:
        return None
    layer: type[Layer] = getattr(import_module(f".{family}", __name__), name)
    return layer
