"""The registry: which family holds which torch.nn class. A family is imported when one of its layers is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convshape.layer import Layer

FAMILIES = {
    "conv": """Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d
        LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d""",
    "fold": "Fold Unfold",
    "pad": """ZeroPad1d ZeroPad2d ZeroPad3d ConstantPad1d ConstantPad2d ConstantPad3d
        ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d
        CircularPad1d CircularPad2d CircularPad3d""",
    "linear": "Linear LazyLinear Bilinear Identity",
    "reshape": "Flatten Unflatten",
    "activation": "ReLU",
    "recurrent": "RNN LSTM GRU",
    "cells": "RNNCell LSTMCell GRUCell",
    "attention": "MultiheadAttention",
}

FAMILY = {name: family for family, names in FAMILIES.items() for name in names.split()}


def find(name: str) -> type[Layer] | None:
    """Return the layer class of a torch.nn name, or None."""
    family = FAMILY.get(name)
    if family is None:
        return None
    layer: type[Layer] = getattr(import_module(f".{family}", __name__), name)
    return layer
