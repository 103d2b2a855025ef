"""Warnings: each fires on its own small example, and none does on networks that are plainly right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convshape import trace
from convshape.advice import advise, rules
from convshape.read import parse
from convshape.source import Source
from test_examples import INPUTS, WORKING

EXAMPLES = Path(__file__).parent.parent / "examples"

FIRES: dict[str, list[tuple[str, Any]]] = {
    "linear-after-conv": [
        ("Conv1d(1, 16, 3) -> Linear(18, 10)", (8, 1, 20)),
        ("Conv2d(3, 4, 3) -> ReLU() -> MaxPool2d(2) -> Linear(4, 2)", (2, 3, 10, 10)),
    ],
    "batch-first": [
        ("LSTM(8, 16)", ("N", 20, 8)),
        ("r = RNN(8, 16) -> r[0][:, -1]", (32, 20, 8)),
        ("MultiheadAttention(8, 2)(x, x, x)", ("N", 20, 8)),
    ],
    "flatten-batch": [("Flatten(0)", (8, 3, 5)), ("Flatten(start_dim=0)", ("N", 3))],
    "flatten-unbatched": [("Conv1d(3, 8, 3) -> Flatten()", (3, 20))],
    "unbatched": [("Conv1d(32, 8, 3)", (32, 100))],
    "wrong-axes": [("Conv1d(3, 8, 3) -> MaxPool2d(2)", (4, 3, 20))],
    "broadcast": [
        ("y - x", {"x": (32, 1), "y": (32,)}),
        ("MSELoss()(x, y)", {"x": ("N", 1), "y": ("N",)}),
        ("s = Conv1d(3, 8, 1) -> AdaptiveAvgPool1d(1) -> x + s", (2, 3, 9)),
    ],
    "unread": [("MaxPool1d(2)", (2, 3, 7)), ("Conv1d(3, 8, 3, stride=3)", (2, 3, 10))],
    "pool-to-one": [("AvgPool1d(5, stride=9)", (2, 3, 12)), ("MaxPool2d(4)", (2, 3, 7, 7))],
    "kernel-longer": [("Conv1d(3, 8, 7, padding=3)", (2, 3, 5))],
    "dead-layer": [("Dropout(0)", (2, 3)), ("Identity()", (2, 3)), ("MaxPool2d(1)", (2, 3, 4, 4))],
    "bias-before-norm": [
        ("Conv2d(3, 8, 3) -> BatchNorm2d(8)", (2, 3, 9, 9)),
        ("Linear(3, 8) -> BatchNorm1d(8)", (2, 3)),
    ],
    "activation-before-loss": [
        ("Linear(3, 5) -> ReLU() -> CrossEntropyLoss()(x, y)", {"x": (2, 3), "y": (2, 5)}),
        ("Linear(3, 1) -> torch.sigmoid(x) -> BCEWithLogitsLoss()(x, y)", {"x": (2, 3), "y": (2, 1)}),
    ],
    "unused": [("s = x -> a = Linear(3, 4) -> Linear(3, 5)(s)", (2, 3))],
}

QUIET: dict[str, list[tuple[str, Any]]] = {
    "linear-after-conv": [
        ("Conv1d(1, 16, 3) -> Flatten() -> Linear(_, 10)", (8, 1, 20)),
        ("Conv2d(3, 4, 3) -> x.permute(0, 2, 3, 1) -> LayerNorm(4) -> Linear(4, 8)", (2, 3, 10, 10)),
    ],
    "batch-first": [
        ("LSTM(8, 16, batch_first=True)", ("N", 20, 8)),
        ("LSTM(8, 16)", ("L", "N", 8)),
        ("LSTM(8, 16)", (20, 8)),
    ],
    "flatten-batch": [("Flatten()", (8, 3, 5)), ("Flatten(0)", (8,))],
    "flatten-unbatched": [("Conv1d(3, 8, 3) -> Flatten()", (2, 3, 20)), ("Conv1d(3, 8, 3) -> Flatten(0)", (3, 20))],
    "unbatched": [("Conv2d(3, 8, 3)", (3, 32, 32)), ("Conv1d(32, 8, 3)", (4, 32, 100))],
    "wrong-axes": [("Conv1d(3, 8, 3) -> MaxPool1d(2)", (4, 3, 20)), ("MaxPool2d(2)", (3, 20, 20))],
    "broadcast": [
        ("x + y", {"x": ("N", 5, 8), "y": (5, 8)}),
        ("x * y", {"x": (2, 8, 4, 4), "y": (2, 8, 1, 1)}),
        ("x.unsqueeze(1) - x.unsqueeze(0)", (5, 8)),
        ("MSELoss()(x, y)", {"x": ("N", 1), "y": ("N", 1)}),
    ],
    "unread": [
        ("MaxPool1d(2)", (2, 3, 8)),
        ("MaxPool1d(2)", ("N", 3, "L")),
        ("MaxPool1d(2, ceil_mode=True)", (2, 3, 7)),
        ("Conv2d(3, 8, 1, stride=2)", (2, 3, 56, 56)),
        ("Conv2d(3, 96, 7, stride=2)", (2, 3, 224, 224)),
    ],
    "pool-to-one": [("AvgPool1d(12)", (2, 3, 12)), ("AdaptiveAvgPool1d(1)", (2, 3, 12))],
    "kernel-longer": [("Conv1d(3, 8, 5, padding=2)", (2, 3, 5)), ("ConvTranspose1d(3, 8, 9)", (2, 3, 5))],
    "dead-layer": [("Dropout(0.1)", (2, 3)), ("Conv2d(3, 3, 1)", (2, 3, 4, 4)), ("AdaptiveAvgPool2d(7)", (2, 3, 7, 7))],
    "bias-before-norm": [
        ("Conv2d(3, 8, 3, bias=False) -> BatchNorm2d(8)", (2, 3, 9, 9)),
        ("Conv2d(3, 8, 3) -> ReLU() -> BatchNorm2d(8)", (2, 3, 9, 9)),
        ("Linear(3, 8) -> LayerNorm(8)", (2, 3)),
    ],
    "activation-before-loss": [
        ("ReLU() -> Linear(3, 5) -> CrossEntropyLoss()(x, y)", {"x": (2, 3), "y": (2, 5)}),
        ("Linear(3, 5) -> LogSoftmax(1) -> KLDivLoss()(x, y)", {"x": (2, 3), "y": (2, 5)}),
    ],
    "unused": [("r = LSTM(3, 4) -> r[0]", (2, 5, 3)), ("a = Linear(3, 3) -> ReLU() -> torch.cat([x, a], 1)", (2, 3))],
}


def found(text: str, given: Any, *ignored: str) -> list[str]:
    """Return the codes of the warnings of a network that works."""
    result = trace(parse(Source("<net>", text)), given)
    assert result.error is None, result.error
    return [one.code for one in advise(result, ignored)]


@pytest.mark.parametrize(("code", "text", "given"), [(code, *case) for code, cases in FIRES.items() for case in cases])
def test_each_fires_on_its_own_example(code: str, text: str, given: Any) -> None:
    """It is the only one, and the option silences it."""
    assert found(text, given) == [code]
    assert found(text, given, code) == []


@pytest.mark.parametrize(("code", "text", "given"), [(code, *case) for code, cases in QUIET.items() for case in cases])
def test_each_is_quiet_beside_it(code: str, text: str, given: Any) -> None:
    """What is nearly the same, and right, is left alone."""
    assert code not in found(text, given)


def test_every_warning_has_examples() -> None:
    """None is declared without a test."""
    assert set(rules()) == set(FIRES) == set(QUIET)


@pytest.mark.parametrize("name", WORKING)
def test_no_example_is_warned_of(name: str) -> None:
    """The examples are right, with symbols and with numbers."""
    result = trace(EXAMPLES / name, INPUTS.get(name))
    assert advise(result) == ()


PLAIN = {
    "resnet18": ("resnet18.yaml", (2, 3, 224, 224)),
    "alexnet": ("alexnet.yaml", (2, 3, 224, 224)),
    "unet": ("unet.yaml", (2, 3, 64, 64)),
    "vgg16": ("vgg16.yaml", (2, 3, 224, 224)),
    "mobilenet": (
        " -> ".join(
            f"Conv2d({i}, {i}, 3, stride={s}, padding=1, groups={i}, bias=False) -> BatchNorm2d({i}) -> ReLU6() -> "
            f"Conv2d({i}, {o}, 1, bias=False) -> BatchNorm2d({o}) -> ReLU6()"
            for i, o, s in ((3, 32, 2), (32, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2), (512, 1024, 2))
        )
        + " -> AdaptiveAvgPool2d(1) -> Flatten() -> Dropout(0.2) -> Linear(1024, 1000)",
        (2, 3, 224, 224),
    ),
    "squeezenet": (
        (
            "Conv2d(3, 96, 7, stride=2) -> ReLU() -> MaxPool2d(3, 2, ceil_mode=True) -> Conv2d(96, 16, 1) -> ReLU() -> "
            "Dropout(0.5) -> Conv2d(16, 1000, 1) -> ReLU() -> AdaptiveAvgPool2d(1) -> Flatten()"
        ),
        (2, 3, 224, 224),
    ),
    "densenet": (
        (
            "a = Conv2d(3, 64, 7, stride=2, padding=3, bias=False) -> BatchNorm2d(64) -> ReLU() -> "
            "Conv2d(64, 32, 3, padding=1, bias=False) -> torch.cat([a, x], 1) -> BatchNorm2d(96) -> ReLU() -> "
            "Conv2d(96, 48, 1, bias=False) -> AvgPool2d(2, 2) -> AdaptiveAvgPool2d(1) -> Flatten() -> Linear(48, 10)"
        ),
        (2, 3, 224, 224),
    ),
    "vit": (
        (
            "Conv2d(3, 64, 16, stride=16) -> x.flatten(2) -> x.transpose(1, 2) -> "
            "TransformerEncoderLayer(64, 4, batch_first=True) -> LayerNorm(64) -> x[:, 0] -> Linear(64, 10)"
        ),
        ("N", 3, 224, 224),
    ),
    "squeeze and excite": (
        (
            "a = Conv2d(3, 16, 3, padding=1) -> AdaptiveAvgPool2d(1) -> Conv2d(16, 4, 1) -> ReLU() -> Conv2d(4, 16, 1) -> "  # noqa: E501
            "Sigmoid() -> a * x -> AdaptiveAvgPool2d(1) -> Flatten() -> Linear(16, 10)"
        ),
        ("N", 3, 32, 32),
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_no_plain_network_is_warned_of(name: str) -> None:
    """Networks as torchvision writes them, at the sizes that they are made for."""
    text, shape = PLAIN[name]
    if text.endswith(".yaml"):
        assert advise(trace(EXAMPLES / text, shape)) == ()
    else:
        assert found(text, shape) == []


IGNORING = """\
{top}
input: [2, 3, 7]
layers:
  - MaxPool1d(2)    {beside}
  - ReLU()
  - Dropout(0)
"""


@pytest.mark.parametrize(
    ("top", "beside", "wanted"),
    [
        ("", "", ["unread", "dead-layer"]),
        ("", "# convshape: ignore[unread]", ["dead-layer"]),
        ("", "# convshape: ignore[dead-layer]", ["unread", "dead-layer"]),
        ("# convshape: ignore[dead-layer]", "", ["unread"]),
        ("# convshape: ignore[dead-layer, unread]", "", []),
    ],
)
def test_comments_silence(top: str, beside: str, wanted: list[str]) -> None:
    """In its line, or at the top for the whole file."""
    assert found(IGNORING.format(top=top, beside=beside), None) == wanted


def test_a_place_is_named_once() -> None:
    """A block that is used twice has one line that is wrong."""
    text = "input: [2, 3, 20]\nblocks:\n  u:\n    - Conv1d(3, 3, 1)\n    - BatchNorm1d(3)\nlayers:\n  - u\n  - u\n"
    assert found(text, None) == ["bias-before-norm"]
