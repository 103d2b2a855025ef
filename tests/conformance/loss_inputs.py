"""Inputs for every loss: what it compares, and nearly that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layer_inputs import batch, number, spatial, takes

from convshape.tensor import Tensor

if TYPE_CHECKING:
    from layer_inputs import Given, Inputs
    from op_cases import Draw

LOSSES = ("loss", "ranking", "classification", "margin", "CTCLoss", "adaptive_softmax")
"""The families and classes that this file is for."""


@takes("loss")
def compared(draw: Draw, name: str, _: Given) -> Inputs:
    """Draw an input and a target that is like it."""
    x = Tensor(draw.pick((1, 2, 3, 4)) for _ in range(draw.random.randint(0, 3)))
    target = x if draw.chance(80) else draw.near(x, "float32")
    if name == "GaussianNLLLoss":
        return (x, target), {"var": draw.pick((Tensor(x), Tensor(x[:-1]), Tensor((*x[:-1], 1)), 1.0))}
    return (x, target), {}


@takes("ranking")
def ranked(draw: Draw, name: str, _: Given) -> Inputs:
    """Draw three tensors."""
    x = Tensor(draw.pick((1, 2, 3)) for _ in range(draw.pick((0, 1, 2, 2, 3))))
    last = Tensor(x[:1] if len(x) > 1 else ()) if name == "CosineEmbeddingLoss" else x
    return (x, draw.near(x, "float32") if draw.chance(25) else x, last), {}


@takes("classification margin")
def classified(draw: Draw, name: str, given: Given) -> Inputs:
    """Draw scores of classes, and which is right."""
    if name == "LinearCrossEntropyLoss":
        lead = tuple(batch(draw) for _ in range(draw.pick((0, 1, 1, 2))))
        return (Tensor((*lead, number(given.get("in_features")))), Tensor(lead, "int64")), {}
    classes, samples = draw.pick((2, 3, 4)), batch(draw)
    more = spatial(draw, draw.pick((0, 0, 1, 2))) if name not in ("MultiMarginLoss", "MultiLabelMarginLoss") else ()
    lead = (samples,) if draw.chance(80) else ()
    x = Tensor((*lead, classes, *(more if lead else ())))
    if name == "MultiLabelMarginLoss" or (name == "CrossEntropyLoss" and draw.chance(20)):
        return (x, Tensor(x, "int64" if name != "CrossEntropyLoss" else "float32")), {}
    return (x, Tensor((*lead, *x[len(lead) + 1 :]), "int64")), {}


@takes("CTCLoss")
def aligned(draw: Draw, _: str, __: Given) -> Inputs:
    """Draw scores over time, labels, and the length of both."""
    time, samples, labels = draw.pick((3, 4, 5)), batch(draw), draw.pick((1, 2))
    lengths = tuple([time] * samples), tuple([labels] * samples)
    if draw.chance(20):
        return (Tensor((time, 3)), Tensor((labels,), "int64"), (time,), (labels,)), {}
    return (Tensor((time, samples, 3)), Tensor((samples, labels), "int64"), *lengths), {}


@takes("adaptive_softmax")
def adaptive(draw: Draw, _: str, given: Given) -> Inputs:
    """Draw rows, and which class each is of."""
    lead = (batch(draw),) if draw.chance(80) else ()
    return (Tensor((*lead, number(given.get("in_features"), 3))), Tensor(lead, "int64")), {}
