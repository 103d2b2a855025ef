"""Run a layer in torch and by its rule, and compare what both say."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from differences import excuse
from layer_arguments import Spec

from convshape import layers
from convshape.faults import Refusal
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.layer import Layer

WORDED = ("RuntimeError", "ValueError", "IndexError", "AssertionError", "NotImplementedError")
"""The exceptions whose words are held to torch's; of the others (a wrong type, mostly) only that there is one."""


class Case(NamedTuple):
    """A layer, what it is called on, whether it trains, and which arguments were made wrong."""

    spec: Spec
    inputs: tuple[Any, ...]
    keywords: dict[str, Any]
    train: bool
    bad: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Write the call; a tensor with its dtype where that is not the usual one."""
        parts = [*map(shown, self.inputs), *(f"{name}={shown(value)}" for name, value in self.keywords.items())]
        return f"{self.spec!r}({', '.join(parts)}){' in training' if self.train else ''}"


class Answer(NamedTuple):
    """What a layer does: its output and what it stores, or where it refuses and how."""

    stage: str  # "ok", "ctor" or "forward"
    output: Any = None
    parameters: Any = None
    buffers: Any = None
    error: str = ""
    words: str = ""
    at: str = ""  # the argument that a rule refuses


def shown(value: Any) -> str:
    """Write an input."""
    if isinstance(value, Tensor):
        return f"{tuple(value)}{'' if value.dtype == 'float32' else ':' + value.dtype}"
    return f"({', '.join(map(shown, value))})" if isinstance(value, (tuple, list)) else repr(value)


def ruled(case: Case) -> Answer:
    """Ask the rule."""
    stage, layer = "ctor", None
    try:
        layer = made(case.spec, train=case.train)
        stage = "forward"
        layer = layer.ready(case.inputs, case.keywords)
        output = layer(*case.inputs, **case.keywords)
    except Refusal as refusal:
        if layer is not None:
            refusal.about(layer)
        check_sentence(refusal, layers.find(case.spec.name))
        return Answer(stage, error=refusal.fault.torch_type, words=loose(refusal.torch_message), at=refusal.at)
    return Answer("ok", facts(output), shapes(layer.weights()), shapes(layer.buffers()))


def check_sentence(refusal: Refusal, written: Any) -> None:
    """Hold a refusal to a sentence of ours, and to the name of an argument or an input where it points at one."""
    blamed = [one for one in (written, refusal.values.layer) if one is not None]
    names = ("", "unknown", *(name for one in blamed for name in (*one.fields, *one.forward[0])))
    assert refusal.at in names or any(hasattr(one, refusal.at) for one in blamed), (refusal.at, refusal.message)
    assert refusal.message


def made(value: Any, *, train: bool) -> Any:
    """Make the layers of a value."""
    if isinstance(value, Spec):
        kind = layers.find(value.name)
        assert kind is not None
        keywords = {name: made(part, train=train) for name, part in value.keywords.items()}
        layer: Layer = kind(*(made(part, train=train) for part in value.arguments), **keywords)
        layer.training = train
        return layer
    if isinstance(value, dict):
        return {name: made(part, train=train) for name, part in value.items()}
    if isinstance(value, (tuple, list)) and not isinstance(value, Tensor):
        return type(value)(made(part, train=train) for part in value)
    return value


def shapes(pairs: Any) -> list[tuple[str, tuple[Any, ...]]]:
    """Return names with shapes, in their order."""
    return [(name, tuple(shape)) for name, shape in pairs]


def judged(case: Case) -> Answer:
    """Ask torch."""
    stage = "ctor"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = real(case.spec).train(case.train)
            stage = "forward"
            output = module(*map(real, case.inputs), **{name: real(value) for name, value in case.keywords.items()})
            named = [(name, value.shape) for name, value in module.named_parameters()]
    except Exception as error:  # noqa: BLE001  # whatever torch raises is the answer
        return Answer(stage, error=type(error).__name__, words=loose(str(error)))
    buffers = ((name, value.shape) for name, value in module.named_buffers())
    return Answer("ok", facts(output), shapes(named), shapes(buffers))


def real(value: Any) -> Any:
    """Make the modules and tensors of a value: whole numbers are 0, the others 0.5."""
    if isinstance(value, Spec):
        keywords = {name: real(part) for name, part in value.keywords.items()}
        return getattr(torch.nn, value.name)(*map(real, value.arguments), **keywords)
    if isinstance(value, Tensor):
        dtype = getattr(torch, value.dtype)
        return torch.full(tuple(value), 0.5 if dtype.is_floating_point else 0, dtype=dtype)
    if isinstance(value, dict):
        return {name: real(part) for name, part in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(map(real, value))
    return value


def facts(value: Any) -> Any:
    """Return the shapes and dtypes of an output."""
    if isinstance(value, torch.Tensor):
        return tuple(value.shape), str(value.dtype).removeprefix("torch.")
    if isinstance(value, Tensor):
        return tuple(value), value.dtype
    return [facts(part) for part in value] if isinstance(value, (tuple, list)) else value


def loose(message: str) -> str:
    """Return the first line, with Python's sets and white space made comparable."""
    line = message.split("\n", maxsplit=1)[0]
    line = re.sub(r"\{('[^{}]*')\}", lambda found: "{" + ", ".join(sorted(found[1].split(", "))) + "}", line)
    return " ".join(line.split())


def same(want: Answer, got: Answer) -> bool:
    """Compare an answer of torch with one of a rule; of a refusal for a wrong type, only that there is one, and where.

    Equality is that of everything but the argument at fault, which torch does not name.
    """
    if want.stage == "ok" or got.stage == "ok" or want.error in WORDED:
        return want[:AT] == got[:AT]
    return want.stage == got.stage


AT = Answer._fields.index("at")


def agree(case: Case, want: Answer, got: Answer) -> bool:
    """Tell whether both say the same, or differ on purpose."""
    return same(want, got) or excuse(case, want, got) is not None
