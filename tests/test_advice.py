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

FORGOTTEN = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 4)
        self.out = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)
"""
CALLED = FORGOTTEN.replace("self.out =", "self.shortcut = nn.Sequential()\n        self.out =").replace(
    "self.fc(x)", "self.out(self.shortcut(self.fc(x)))"
)

FIRES: dict[str, list[tuple[str, Any]]] = {
    "linear-after-conv": [
        ("Conv1d(1, 16, 3) -> Linear(18, 10)", (8, 1, 20)),
        ("Conv2d(3, 4, 3) -> ReLU() -> MaxPool2d(2) -> Linear(4, 2)", (2, 3, 10, 10)),
        ("Conv1d(1, 16, 3) -> F.relu(x) -> F.dropout(x, 0.1) -> Linear(18, 10)", (8, 1, 20)),
    ],
    "batch-first": [
        ("LSTM(8, 16)", ("N", 20, 8)),
        ("r = RNN(8, 16) -> r[0][:, -1]", (32, 20, 8)),
        ("MultiheadAttention(8, 2)(x, x, x)", ("N", 20, 8)),
    ],
    "flatten-batch": [
        ("Flatten(0)", (8, 3, 5)),
        ("Flatten(start_dim=0)", ("N", 3)),
        ("x.flatten() -> Linear(_, 3)", (8, 3, 5)),
        ("torch.flatten(x) -> Linear(_, 3)", ("N", 3)),
    ],
    "flatten-unbatched": [("Conv1d(3, 8, 3) -> Flatten()", (3, 20))],
    "unbatched": [("Conv1d(32, 8, 3)", (32, 100))],
    "wrong-axes": [("Conv1d(3, 8, 3) -> MaxPool2d(2)", (4, 3, 20)), ("MaxPool2d(2)", ("N", 4, 20))],
    "broadcast": [
        ("y - x", {"x": (32, 1), "y": (32,)}),
        ("MSELoss()(x, y)", {"x": ("N", 1), "y": ("N",)}),
        ("s = Conv1d(3, 8, 1) -> AdaptiveAvgPool1d(1) -> x + s", (2, 3, 9)),
    ],
    "unread": [("MaxPool1d(2)", (2, 3, 7)), ("Conv1d(3, 8, 3, stride=3)", (2, 3, 10))],
    "pool-to-one": [("AvgPool1d(5, stride=9)", (2, 3, 12)), ("MaxPool2d(4)", (2, 3, 7, 7))],
    "kernel-longer": [
        ("Conv1d(3, 8, 7, padding=3)", (2, 3, 5)),
        ("Conv2d(3, 8, 3, padding=1)", (2, 3, 1, 1)),
        ("Conv3d(3, 8, 3, padding=1)", (2, 3, 1, 7, 7)),
    ],
    "dead-layer": [("Dropout(0)", (2, 3)), ("Identity()", (2, 3)), ("MaxPool2d(1)", (2, 3, 4, 4))],
    "bias-before-norm": [
        ("Conv2d(3, 8, 3) -> BatchNorm2d(8)", (2, 3, 9, 9)),
        ("Linear(3, 8) -> BatchNorm1d(8)", (2, 3)),
        (
            "Conv1d(8, 8, 1, bias=False) -> BatchNorm1d(8) -> " * 2 + "Conv1d(8, 8, 1) -> BatchNorm1d(8)",
            (2, 8, 9),
        ),
    ],
    "activation-before-loss": [
        ("Linear(3, 5) -> ReLU() -> CrossEntropyLoss()(x, y)", {"x": (2, 3), "y": (2, 5)}),
        ("Linear(3, 1) -> torch.sigmoid(x) -> BCEWithLogitsLoss()(x, y)", {"x": (2, 3), "y": (2, 1)}),
    ],
    "unused": [("s = x -> a = Linear(3, 4) -> Linear(3, 5)(s)", (2, 3)), (FORGOTTEN, (2, 3))],
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
    "flatten-batch": [
        ("Flatten()", (8, 3, 5)),
        ("Flatten(0)", (8,)),
        ("torch.flatten(x, 1)", ("N", 3, 5)),
        ("x.flatten(0, 1)", ("N", 3, 5)),
        ("Linear(3, 1) -> x.flatten()", ("N", 3)),
        ("Conv1d(3, 8, 3) -> Flatten(0)", (3, 20)),
    ],
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
    "kernel-longer": [
        ("Conv1d(3, 8, 5, padding=2)", (2, 3, 5)),
        ("ConvTranspose1d(3, 8, 9)", (2, 3, 5)),
        ("Conv3d(3, 8, 3, padding=1)", (2, 3, 2, 7, 7)),
        ("Conv2d(3, 8, (1, 3), padding=(0, 1))", (2, 3, 1, 8)),
    ],
    "dead-layer": [
        ("s = x -> Conv1d(3, 3, 3, padding=1) -> y = x -> Identity()(s) -> x + y", (2, 3, 9)),
        ("Linear(3, 3) -> Dropout(0.0) -> " * 3 + "Linear(3, 2)", (2, 3)),
        ("Dropout(0.1)", (2, 3)),
        ("Conv2d(3, 3, 1)", (2, 3, 4, 4)),
        ("AdaptiveAvgPool2d(7)", (2, 3, 7, 7)),
    ],
    "bias-before-norm": [
        ("Conv2d(3, 8, 3, bias=False) -> BatchNorm2d(8)", (2, 3, 9, 9)),
        ("Conv2d(3, 8, 3) -> ReLU() -> BatchNorm2d(8)", (2, 3, 9, 9)),
        ("Linear(3, 8) -> LayerNorm(8)", (2, 3)),
        ("Conv1d(3, 3, 1) -> BatchNorm1d(3) -> " * 2 + "Conv1d(3, 3, 1) -> BatchNorm1d(3)", (2, 3, 9)),
    ],
    "activation-before-loss": [
        ("ReLU() -> Linear(3, 5) -> CrossEntropyLoss()(x, y)", {"x": (2, 3), "y": (2, 5)}),
        ("Linear(3, 5) -> LogSoftmax(1) -> KLDivLoss()(x, y)", {"x": (2, 3), "y": (2, 5)}),
    ],
    "unused": [
        (CALLED, (2, 3)),
        ("r = LSTM(3, 4) -> r[0]", (2, 5, 3)),
        ("a = Linear(3, 3) -> ReLU() -> torch.cat([x, a], 1)", (2, 3)),
    ],
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


PLAIN = Path(__file__).parent / "plain"
"""Networks as torchvision writes them, and a U-Net as many repositories have it."""
CLASSES = {"alexnet.txt": ("N", 3, 224, 224), "unet.txt": ("N", 3, 64, 64)}


@pytest.mark.parametrize("path", sorted(PLAIN.iterdir()), ids=lambda path: path.stem)
@pytest.mark.parametrize("batch", [None, 1, 32])
def test_no_plain_network_is_warned_of(path: Path, batch: int | None) -> None:
    """At the sizes that they are made for, with a batch of any size, in eval and in training."""
    given = CLASSES.get(path.name) or tuple(trace(path).inputs["input"])
    shape = given if batch is None else (batch, *given[1:])
    for train in (False, True):
        result = trace(path, shape, train=train)
        assert result.error is None or (train and batch == 1)
        assert advise(result) == ()


@pytest.mark.parametrize("size", [96, 128, 160, 192, 256, 320, 384, 512])
@pytest.mark.parametrize("name", ["resnet50", "vgg11_bn", "mobilenet_v2", "efficientnet", "densenet", "shufflenet_v2"])
def test_plain_networks_are_quiet_at_other_sizes(name: str, size: int) -> None:
    """A multiple of 32 halves evenly five times; so do the networks."""
    assert advise(trace(PLAIN / f"{name}.yaml", ("N", 3, size, size))) == ()


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


def test_a_block_that_forgets_a_layer_says_so_once() -> None:
    """Each class is looked at where it is used, and its line named once."""
    block = FORGOTTEN.replace("class Net", "class Block")
    net = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = Block()\n"
        "        self.b = Block()\n\n    def forward(self, x):\n        return self.a(x) + self.b(x)\n"
    )
    result = trace(parse(Source("<net>", f"{block}\n{net}")), (2, 3))
    assert [(one.code, one.path) for one in advise(result)] == [("unused", "a.out")]
