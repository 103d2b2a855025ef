"""Layers with states, masks, weights and several inputs do and say what torch does, case by drawn case."""

from __future__ import annotations

import warnings
from random import Random
from typing import Any

import pytest
import torch
from draws import DRAWS, Call, Case, Draw, Shape

from convshape.faults import Refusal
from convshape.layers import find
from convshape.tensor import Tensor

UNWORDED = ("TypeError", "AttributeError")
"""What torch raises for a wrong Python type: those are refused in words of our own."""


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> int:
    """Say how many cases of each layer are drawn."""
    return 1500 if request.config.getoption("--nightly") else 60


def made(value: Any, *, real: bool) -> Any:
    """Make torch's own tensors and modules of a value, or ours."""
    if isinstance(value, Shape):
        return torch.zeros(value.sizes, dtype=getattr(torch, value.dtype)) if real else Tensor(*value)
    if isinstance(value, Call):
        kind = getattr(torch.nn, value.name) if real else find(value.name)
        return kind(*(made(one, real=real) for one in value.arguments), **named(value.keywords, real=real))
    return tuple(made(one, real=real) for one in value) if isinstance(value, tuple) else value


def named(values: dict[str, Any], *, real: bool) -> dict[str, Any]:
    """Make what is given by name."""
    return {name: made(value, real=real) for name, value in values.items()}


def shapes(value: Any) -> Any:
    """Return nested tuples of sizes."""
    if isinstance(value, (torch.Tensor, Tensor)):
        return tuple(value.shape)
    return None if value is None else tuple(map(shapes, value))


def torch_does(case: Case, *, train: bool) -> tuple[Any, ...]:
    """Run a case in torch: the stage and the shapes, or the error."""
    stage = "ctor"
    try:
        module = made(case.layer, real=True).train(train)
        stage = "forward"
        output = shapes(module(*inputs(case, real=True), **named(case.keywords, real=True)))
    except Exception as error:  # noqa: BLE001  # whatever torch raises is the answer
        return stage, type(error).__name__, " ".join(str(error).split("\n")[0].split())
    stored = [
        {name: tuple(one.shape) for name, one in some} for some in (module.named_parameters(), module.named_buffers())
    ]
    return "ok", output, *stored


def convshape_does(case: Case, *, train: bool) -> tuple[Any, ...]:
    """Run a case here."""
    stage = "ctor"
    try:
        layer = made(case.layer, real=False)
        layer.training = train
        stage = "forward"
        output = shapes(layer(*inputs(case, real=False), **named(case.keywords, real=False)))
    except Refusal as refusal:
        return stage, refusal.fault.torch_type, " ".join(refusal.torch_message.split())
    return "ok", output, dict(layer.weights()), dict(layer.buffers())


def inputs(case: Case, *, real: bool) -> list[Any]:
    """Make the inputs; one that is given twice is one object."""
    once = {id(value): made(value, real=real) for value in case.inputs}
    return [once[id(value)] for value in case.inputs]


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.filterwarnings("ignore")
def test_draws(name: str, examples: int) -> None:
    """The shapes, weights and buffers are torch's, and the refusals are at its stage and in its words."""
    random = Random(f"convshape {name}")  # noqa: S311  # no secret
    for _ in range(examples):
        case, train = DRAWS[name](Draw(random)), random.random() < 0.5
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wanted = torch_does(case, train=train)
        if "out of bounds" in str(wanted[-1]):  # a target that no empty row of classes has
            continue
        got = convshape_does(case, train=train)
        if wanted[0] != "ok" and wanted[1] in UNWORDED:
            wanted, got = wanted[:1], got[:1]
        assert got == wanted, (case, train)
