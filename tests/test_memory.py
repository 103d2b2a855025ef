"""Memory against torch: what autograd really keeps, as its hooks for saved tensors see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import convshape
from convshape.bind import bind
from convshape.dim import Symbols
from convshape.dryrun import dry_run
from convshape.dryrun.live import Live
from convshape.dryrun.making import make
from convshape.dryrun.weighing import kept
from convshape.faults import ReadError
from convshape.inputs import pinned
from convshape.memory import Memory
from convshape.sizing.capacity import Budget

EXAMPLES = Path(__file__).parent.parent / "examples"


LAYERS = [
    "Conv1d(4,6,3)",
    "Conv1d(4,6,3,padding=1)",
    "ConvTranspose1d(4,6,3)",
    "Linear(9,3)",
    "ReLU()",
    "ReLU6()",
    "Hardtanh()",
    "Threshold(0.,1.)",
    "LeakyReLU()",
    "RReLU()",
    "ELU()",
    "CELU()",
    "SELU()",
    "SiLU()",
    "Mish()",
    "Hardswish()",
    "Hardsigmoid()",
    "GELU()",
    "Hardshrink()",
    "Softshrink()",
    "Softplus()",
    "LogSigmoid()",
    "Sigmoid()",
    "Tanh()",
    "Softsign()",
    "Tanhshrink()",
    "Softmax(1)",
    "LogSoftmax(1)",
    "Softmin(1)",
    "GLU(1)",
    "PReLU()",
    "Dropout(0.5)",
    "Dropout1d(0.5)",
    "AlphaDropout(0.5)",
    "FeatureAlphaDropout()",
    "BatchNorm1d(4)",
    "LayerNorm(9)",
    "RMSNorm(9)",
    "GroupNorm(2,4)",
    "InstanceNorm1d(4)",
    "LocalResponseNorm(3)",
    "MaxPool1d(2)",
    "AvgPool1d(2)",
    "AdaptiveAvgPool1d(1)",
    "AdaptiveAvgPool1d(2)",
    "AdaptiveMaxPool1d(2)",
    "Flatten()",
    "Identity()",
    "ZeroPad1d(1)",
    "ConstantPad1d(1,0.)",
    "ReflectionPad1d(1)",
    "ReplicationPad1d(1)",
    "CircularPad1d(1)",
    "Upsample(scale_factor=2)",
]
IMAGES = [
    "Conv2d(4,6,3)",
    "ConvTranspose2d(4,6,3)",
    "Dropout2d(0.5)",
    "BatchNorm2d(4)",
    "InstanceNorm2d(4)",
    "MaxPool2d(2)",
    "AvgPool2d(2)",
    "AdaptiveAvgPool2d(1)",
    "AdaptiveAvgPool2d(2)",
    "AdaptiveMaxPool2d(2)",
    "PixelShuffle(2)",
    "PixelUnshuffle(3)",
    "ChannelShuffle(2)",
    "CrossMapLRN2d(3)",
    "LocalResponseNorm(2)",
]
CASES = [(text, (5, 4, 9)) for text in LAYERS] + [(text, (5, 4, 9, 9)) for text in IMAGES]


@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize(("text", "shape"), CASES)
def test_a_layer_keeps_what_torch_keeps(text: str, shape: tuple[int, ...], train: bool) -> None:
    """After a convolution of one tap, which makes the input one that is learned, the bytes are torch's."""
    axes = len(shape) - 2
    text = f"Conv{axes}d(4, 4, 1) -> {text}"
    layer: Any = eval(text.split(" -> ")[1], vars(nn))  # noqa: S307  # our own text
    first: Any = getattr(nn, f"Conv{axes}d")(4, 4, 1)
    net = nn.Sequential(first, layer).train(train)
    x = torch.rand(shape)
    wanted = kept(lambda: net(x), [*net.parameters(), *net.buffers()])
    found = Memory(convshape.trace(text, shape, train=train))
    assert found.kept == wanted
    assert found.parameters == sum(one.nbytes for one in net.parameters())
    assert found.buffers == sum(one.nbytes for one in net.buffers())


SIZES = {"N": 2, "H": 64, "W": 64, "L": 40, "T": 12}
WITHIN = {"lstm_classifier.yaml": 0.4}
"""How far an estimate may be off, where a layer says that it is one."""


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.yaml")))
@pytest.mark.parametrize("train", [False, True])
def test_an_example_keeps_what_torch_keeps(name: str, train: bool) -> None:
    """The whole of a network keeps what torch keeps; its formula gives the number of the trace with numbers."""
    symbolic = convshape.trace(EXAMPLES / name, train=train)
    given = {
        one: convshape.Tensor((size if isinstance(size, int) else SIZES[str(size)] for size in x), x.dtype)
        for one, x in symbolic.inputs.items()
    }
    traced = convshape.trace(EXAMPLES / name, given, train=train)
    wanted = kept_by_torch(traced, given)
    found = Memory(traced)
    formula = Memory(symbolic).kept
    value = formula if isinstance(formula, int) else formula.at(**{key: SIZES[key] for key in formula.names})
    assert value == found.kept
    assert abs(found.kept - wanted) <= WITHIN.get(name, 0) * wanted
    assert bool(found.estimated) == (name in WITHIN)


HELD = {"lstm_classifier.yaml": 0.03, "notebook.yaml": 0.2}
"""How far a peak may be off: torch weighs the gates of an LSTM, and in inference a MaxPool1d with its indices."""


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir() if path.is_file()))
@pytest.mark.parametrize("train", [False, True])
def test_an_example_holds_what_torch_holds(name: str, train: bool) -> None:
    """The peak of a forward is that of the tensors alive in torch, in inference and in training."""
    symbolic = convshape.trace(EXAMPLES / name)
    given = {
        one: convshape.Tensor((size if isinstance(size, int) else SIZES[str(size)] for size in x), x.dtype)
        for one, x in symbolic.inputs.items()
    }
    if name == "cnn.py":
        given = {"input": convshape.Tensor((2, 3, 32, 32))}
    peak, *kept = dry_run(convshape.trace(EXAMPLES / name, given, train=train)).weights
    assert peak.what == "peak"
    assert 0 <= peak.measured - peak.estimated <= HELD.get(name, 0) * peak.measured
    assert [one.what for one in kept] == ["kept"] * train
    assert all(abs(one.estimated - one.measured) <= WITHIN.get(name, 0) * one.measured for one in kept)


def kept_by_torch(traced: Any, given: dict[str, convshape.Tensor]) -> int:
    """Run a traced network in torch twice, the second time to see what it keeps."""
    settings = pinned(traced.network, given, {})
    training = any(step.layer is not None and step.layer.training for step in traced.steps)
    lines = bind(traced.network, Symbols(), settings=settings, training=training, inputs=given)
    device = torch.device("cpu")
    inputs = {one: make(x, device) for one, x in given.items()}
    first, second = (Live(traced, inputs, device) for _ in range(2))
    first.lines(lines)
    second.modules = first.modules
    modules = [one for one in first.modules.values() if isinstance(one, nn.Module)]
    return kept(lambda: second.lines(lines), [one for m in modules for one in (*m.parameters(), *m.buffers())])


def test_views_share_memory() -> None:
    """A flatten, a permute and a dropout that does nothing take no memory of their own."""
    plain = Memory(convshape.trace("Conv1d(1, 2, 3) -> Flatten() -> Linear(16, 3)", (4, 1, 10)))
    wrapped = Memory(
        convshape.trace("Conv1d(1, 2, 3) -> Dropout() -> Flatten() -> Identity() -> Linear(16, 3)", (4, 1, 10))
    )
    assert wrapped.peaks == plain.peaks
    assert wrapped.kept == plain.kept == 4 * (40 + 64)


def test_a_skip_keeps_its_tensor_alive() -> None:
    """What a later line reads is held until then, also across an activation."""
    short = Memory(convshape.trace("Conv1d(4, 4, 1) -> ReLU() -> ReLU() -> ReLU()", (1, 4, 100)))
    text = "layers:\n  - first: Conv1d(4, 4, 1)\n  - ReLU()\n  - ReLU()\n  - ReLU()\n  - x + first\n"
    long = Memory(convshape.trace(text, (1, 4, 100)))
    one = 4 * 400
    assert short.peaks == [3 * one]  # the input is the caller's, an input and an output
    assert long.peaks == [4 * one]


@pytest.mark.parametrize(("optimizer", "momentum", "wanted"), [("sgd", False, 0), ("sgd", True, 1), ("adam", False, 2)])
def test_the_state_of_an_optimizer_is_torchs(optimizer: str, momentum: bool, wanted: int) -> None:
    """The state after a step has the bytes that are counted."""
    net = nn.Linear(10, 5)
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    tuned = kind(net.parameters(), lr=0.1, **({"momentum": 0.9} if momentum else {}))
    net(torch.rand(2, 10)).sum().backward()
    tuned.step()
    state = [one for kept in tuned.state.values() for one in kept.values() if isinstance(one, torch.Tensor)]
    found = Memory(convshape.trace("Linear(10, 5)", (2, 10)), optimizer=optimizer, momentum=momentum)
    assert found.optimizer == sum(one.nbytes for one in state)
    assert found.optimizer // found.parameters == wanted


def test_formulas_keep_their_symbols() -> None:
    """The bytes are formulas, and at a size they are the bytes of a trace with that size."""
    found = Memory(convshape.trace(EXAMPLES / "lenet5.yaml"))
    assert str(found.kept) == "48080*N"
    assert found.inference(N=3) == Memory(convshape.trace(EXAMPLES / "lenet5.yaml", (3, 1, 28, 28))).inference()
    half = Memory(convshape.trace(EXAMPLES / "lenet5.yaml"), "bfloat16")
    assert half.parameters * 2 == found.parameters


@pytest.mark.parametrize(("text", "wanted"), [("8GiB", 8 << 30), ("1.5 kB", 1500), ("512M", 512_000_000), ("7", 7)])
def test_a_budget_is_read(text: str, wanted: int) -> None:
    """Binary and decimal units are told apart."""
    assert Budget.read(text, "adam", False, None).bytes == wanted


def test_a_budget_that_is_none_is_refused() -> None:
    """The error shows what one looks like."""
    with pytest.raises(ReadError, match="8GiB"):
        Budget.read("plenty", "adam", False, None)


@pytest.mark.parametrize(
    "text",
    [
        "LSTM(16, 32, batch_first=True)",
        "LSTM(16, 32, num_layers=2, batch_first=True, bidirectional=True)",
        "GRU(16, 32, batch_first=True)",
        "RNN(16, 32, batch_first=True)",
        "TransformerEncoderLayer(16, 4, 64, batch_first=True)",
    ],
)
def test_an_estimate_is_within_a_factor_of_two(text: str) -> None:
    """Where torch's kernels decide what is kept, the estimate is said to be one, and not far off."""
    layer: Any = eval(text, vars(nn))  # noqa: S307
    x = torch.rand(4, 20, 16)
    wanted = kept(lambda: layer(x), list(layer.parameters()))
    found = Memory(convshape.trace(text, (4, 20, 16), train=True))
    assert found.estimated == ["0"]
    assert wanted / 2 < found.kept < wanted * 2
