"""Inputs for layers of sequences: recurrent ones, attention, transformers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layer_inputs import batch, near, number, takes

from convshape.tensor import Tensor

if TYPE_CHECKING:
    from layer_inputs import Given, Inputs
    from op_cases import Draw

SEQUENCES = ("recurrent", "lstm", "cells", "attention", "transformer", "stack")
"""The families that this file is for."""


@takes("recurrent lstm")
def sequences(draw: Draw, name: str, given: Given) -> Inputs:
    """Draw a sequence, perhaps with a state."""
    size, hidden = number(given.get("input_size")), number(given.get("hidden_size"))
    batched = draw.chance(75)
    samples, length = batch(draw), draw.pick((1, 2, 4))
    lead = ((samples, length) if given.get("batch_first") is True else (length, samples)) if batched else (length,)
    x = Tensor((*lead, size))
    if draw.chance(60):
        return (x,), {}
    directions = 2 if given.get("bidirectional") is True else 1
    layers_ = number(given.get("num_layers"), 1) * directions
    lead = (layers_, samples) if batched else (layers_,)
    if name != "LSTM":
        return (x, Tensor((*lead, hidden))), {}
    return (x, (Tensor((*lead, number(given.get("proj_size"), 0) or hidden)), Tensor((*lead, hidden)))), {}


@takes("cells")
def steps(draw: Draw, name: str, given: Given) -> Inputs:
    """Draw one step, perhaps with a state."""
    lead = (batch(draw),) if draw.chance(75) else ()
    x, h = (Tensor((*lead, number(given.get(key)))) for key in ("input_size", "hidden_size"))
    if draw.chance(50):
        return (x,), {}
    states = tuple(Tensor(draw.bent(h)) for _ in "hc")
    given_ = {"input": Tensor(draw.bent(x)), "hx": states if name == "LSTMCell" else states[0]}
    return (), given_  # by name, so that no rank is bent: torch reads and writes elsewhere, then crashes


@takes("attention")
def attended(draw: Draw, _: str, given: Given) -> Inputs:
    """Draw query, key and value, and masks."""
    size = number(given.get("embed_dim"), 4)
    key, value = (number(given.get(name), size) if given.get(name) else size for name in ("kdim", "vdim"))
    samples, target, source = batch(draw), draw.pick((1, 2, 3)), draw.pick((1, 2, 4))
    batched = draw.chance(80)

    def shaped(length: int, features: int) -> Tensor:
        lead = (samples, length) if given.get("batch_first") is True else (length, samples)
        return Tensor((*(lead if batched else (length,)), features))

    keywords: dict[str, Any] = {}
    heads = samples * number(given.get("num_heads"), 1) if batched else number(given.get("num_heads"), 1)
    masks = {
        "attn_mask": draw.pick(((target, source), (heads, target, source))),
        "key_padding_mask": (samples, source) if batched else (source,),
    }
    for name, shape in masks.items():
        if draw.chance(20):
            keywords[name] = near(draw, Tensor(shape, draw.pick(("bool", "bool", "float32"))))
    for name in ("need_weights", "average_attn_weights"):
        if draw.chance(25):
            keywords[name] = draw.chance(50)
    return (shaped(target, size), shaped(source, key), shaped(source, value)), keywords


def transformed(draw: Draw, given: Given, size: int, names: tuple[str, ...]) -> Inputs:
    """Draw one or two sequences, and masks for them."""
    samples, lengths = batch(draw), [draw.pick((1, 2, 3)) for _ in names]
    batched, first = draw.chance(80), given.get("batch_first") is True

    def shaped(length: int) -> Tensor:
        return Tensor((*(((samples, length) if first else (length, samples)) if batched else (length,)), size))

    keywords: dict[str, Any] = {}
    for name, length in zip(names, lengths, strict=True):
        if name and draw.chance(20):
            dtype = draw.pick(("bool", "bool", "float32"))
            keywords[f"{name}_mask" if name != "mask" else name] = near(draw, Tensor((length, length), dtype))
        if name in ("src", "tgt") and draw.chance(15):
            padding = (samples, length) if batched else (length,)
            keywords[f"{name}_key_padding_mask"] = near(draw, Tensor(padding, draw.pick(("bool", "float32"))))
    return tuple(map(shaped, lengths)), keywords


@takes("transformer")
def transformers(draw: Draw, name: str, given: Given) -> Inputs:
    """Draw the sequences of each part."""
    names = {"TransformerEncoderLayer": ("src",), "TransformerDecoderLayer": ("tgt", "")}.get(name, ("src", "tgt"))
    return transformed(draw, given, number(given.get("d_model"), 4), names)


@takes("stack")
def stacks(draw: Draw, name: str, given: Given) -> Inputs:
    """Draw what the copied layer takes."""
    layer = given["encoder_layer" if "Encoder" in name else "decoder_layer"]
    return transformed(draw, layer.keywords, layer.arguments[0], ("mask",) if "Encoder" in name else ("tgt", ""))
