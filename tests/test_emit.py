"""Emitted modules run in torch and give the shapes of the trace; the emitted Sequential is the same network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from convshape import cli, ops, trace
from convshape.emitting.torchwords import home
from convshape.faults import ReadError
from convshape.read import parse
from convshape.render.torch_code import module_code, sequential_code
from convshape.source import Source
from test_examples import EXAMPLES, WORKING

sys.path.insert(0, str(Path(__file__).parent / "property"))
from networks import DIALECTS, network  # the generator of the property tests

SHAPES: dict[str, Any] = {
    "resnet18.yaml": (2, 3, 64, 64),
    "alexnet.yaml": (2, 3, 96, 96),
    "vgg16.yaml": (1, 3, 224, 224),
    "unet.yaml": (2, 3, 16, 16),
    "wavenet.yaml": (2, 1, 40),
    "lstm_classifier.yaml": {"tokens": torch.zeros(2, 7, dtype=torch.int64)},
    "lenet5.yaml": (2, 1, 28, 28),
    "grey.yaml": (2, 1, 28, 28),
    "features.yaml": (2, 1, 20),
    "timeseries.yaml": (3, 1, 556),
    "notebook.yaml": (2, 1, 20),
    "mlp.py": (4, 5, 7),
    "cnn.py": (2, 3, 32, 32),
    "printed.txt": (2, 3, 32, 32),
}

OPS = [
    ("s = Conv1d(3, 8, 1) -> Conv1d(8, 8, 3, padding=1) -> x + s -> F.relu(x) -> x.mean(-1)", (2, 3, 9)),
    (
        "q = Linear(8, 16) -> k = Linear(8, 16)(input) -> (q @ k.transpose(-2, -1)) / math.sqrt(16) -> x.softmax(-1)",
        (2, 5, 8),
    ),
    ("r = LSTM(3, 4, batch_first=True) -> r[0][:, -1] -> -x * 2 + 1", (2, 5, 3)),
    ("a, b = x.chunk(2, 1) -> torch.cat([b, a], dim=1) -> x[..., ::2] -> x.flatten(1)", (2, 4, 6)),
    ("n = x.shape[0] -> x.view(n, -1) -> x.unsqueeze(1).expand(n, 3, -1)", (2, 4, 6)),
    ("MultiheadAttention(8, 2, batch_first=True)(x, x, x) -> x[0] -> LayerNorm(8) -> x.to(torch.float64)", (2, 5, 8)),
    ("TransformerEncoder(TransformerEncoderLayer(8, 2, 16, activation=F.gelu, batch_first=True), 2)", (2, 5, 8)),
    ("c = Conv1d(3, 3, 1) -> c(x) -> c(x) -> F.pad(x, (1, 0)) -> torch.fft.rfft(x) -> x.abs()", (2, 3, 9)),
    ("x = x.clone() -> x[:, 0] = 1.5 -> torch.where(x > 0, x, -x)", (2, 3)),
    ("Hardtanh(max_val=float('inf')) -> CrossEntropyLoss(weight=torch.ones(3))(x, x)", (2, 3)),
]

SCOPES = """\
name: my net-2
input: [2, 3, 8, 8]
blocks:
  residual(c):
    - skip: x
    - Conv2d(_, c, 3, padding=1)
    - ReLU()
    - x + skip
layers:
  - class: Conv2d(3, 4, 1)
  - stage:
      - residual(4)
      - residual(4)
  - repeat: 2
    layers:
      - residual(4)
  - skip: AvgPool2d(2)
  - other: residual(4)(skip)
  - x + skip
  - torch.cat([other, skip, x], 1)
"""


def made(text: str) -> Any:
    """Run emitted code, and make its module."""
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102  # the code that is to be held to torch
    if "model" in names:
        return names["model"].eval()
    return next(
        one for one in reversed(names.values()) if isinstance(one, type) and issubclass(one, torch.nn.Module)
    )().eval()


def sizes(output: Any) -> Any:
    """Return nested shapes."""
    if isinstance(output, tuple) and not hasattr(output, "dtype"):
        return tuple(sizes(part) for part in output if part is not None)
    return tuple(output.shape)


def runs(result: Any, given: dict[str, Any] | None = None) -> Any:
    """Emit a trace, run it in torch, and compare the shape of its output; return the module."""
    assert result.error is None, result.error
    module = made(module_code(result))
    inputs = given or {name: torch.zeros(tuple(x)) for name, x in result.inputs.items()}
    assert sizes(module(*inputs.values())) == sizes(result.output)
    return module


@pytest.mark.parametrize("name", WORKING)
def test_every_example_gives_the_shapes_of_its_trace(name: str) -> None:
    """Its parameters are as many, too."""
    given = SHAPES.get(name)
    named = given if isinstance(given, dict) else None
    shape = {key: convshape_tensor(x) for key, x in named.items()} if named else given
    result: Any = trace(EXAMPLES / name, shape)
    module = runs(result, named)
    assert sum(one.numel() for one in module.parameters()) == result.params


def convshape_tensor(x: torch.Tensor) -> Any:
    """Return the static tensor of a real one."""
    from convshape import Tensor

    return Tensor(tuple(x.shape), str(x.dtype).removeprefix("torch."))


@pytest.mark.parametrize(("text", "shape"), OPS)
def test_ops_are_lines_of_forward(text: str, shape: Any) -> None:
    """Functions, methods, operators, indices, several results, shared layers."""
    runs(trace(parse(Source("<net>", text)), shape))


def test_names_stay_in_their_scopes() -> None:
    """Blocks that use one name for different things, a Python word as a name, a block called on something else."""
    runs(trace(SCOPES))


def test_random_networks(pytestconfig: pytest.Config) -> None:
    """In every dialect; the Sequential reads back as the same layers, and emits itself."""
    for seed in range(400 if pytestconfig.getoption("--nightly") else 30):
        net = network(Random(seed))  # noqa: S311  # a sample
        dialect = list(DIALECTS)[seed % len(DIALECTS)]
        parsed = parse(Source("<net>", DIALECTS[dialect](net)))
        result: Any = trace(parsed, net.shape)
        runs(result)
        if dialect != "module":
            text = sequential_code(result)
            back: Any = trace(text, net.shape)
            assert [(step.path, step.call) for step in back.steps] == [(step.path, step.call) for step in result.steps]
            assert sequential_code(back) == text
            assert sizes(made(text)(torch.zeros(net.shape))) == result.output


def test_a_sequential_is_the_same_network() -> None:
    """Where the original is written as emit writes it, the networks are equal."""
    text = "Conv2d(3, 8, 3, padding=1) -> ReLU() -> Flatten() -> Linear(512, 2)"
    emitted = sequential_code(trace(text, (2, 3, 8, 8)))
    assert parse(Source("a", emitted)) == parse(Source("b", text))


def test_functions_become_layers_of_a_sequential() -> None:
    """What has a layer is one; what has none is refused with its place."""
    text = "Conv2d(3, 8, 3) -> F.relu(x) -> F.max_pool2d(x, 2) -> torch.flatten(x, 1) -> Linear(_, 2)"
    module = made(sequential_code(trace(text, (2, 3, 8, 8))))
    assert [type(one).__name__ for one in module] == ["Conv2d", "ReLU", "MaxPool2d", "Flatten", "Linear"]
    view = made(sequential_code(trace("Conv1d(1, 16, 8) -> x.view(-1, 16 * 3) -> Linear(48, 1)", ("N", 1, 10))))
    assert [type(one).__name__ for one in view] == ["Conv1d", "Flatten", "Linear"]
    with pytest.raises(ReadError) as caught:
        sequential_code(trace("Conv1d(3, 8, 1) -> x.view(-1, 8, 4, 2)", (2, 3, 8)))
    assert caught.value.code == "not-sequential"
    with pytest.raises(ReadError) as caught:
        sequential_code(trace("Conv1d(3, 8, 1) -> x.mean(-1)", (2, 3, 8)))
    assert caught.value.code == "not-sequential"
    assert caught.value.span is not None


def test_lazy_keeps_what_was_open() -> None:
    """Lazy classes where `_` stood, numbers where they were written; a symbol needs them."""
    text = "Conv1d(1, 4, 3) -> BatchNorm1d(_) -> Flatten() -> Linear(_, 2)"
    open_size = trace(text, ("N", 1, "L"))
    with pytest.raises(ReadError, match="--lazy"):
        module_code(open_size)
    code = module_code(open_size, lazy=True)
    assert "LazyLinear(2)" in code
    assert "nn.Conv1d(1, 4, 3)" in code
    assert made(code)(torch.zeros(2, 1, 9)).shape == (2, 2)


def test_every_function_is_where_torch_has_it() -> None:
    """The module that is written before each function has it."""
    import math

    names = {"torch": torch, "F": torch.nn.functional, "math": math}
    missing = []
    for name in ops.FAMILY:
        operation = ops.find(name, "function")
        if operation is None or operation.name in ("len", "int", "float", "bool"):
            continue
        first, *rest = home(operation.name, "").split(".")
        value: Any = names[first]
        for part in rest:
            value = getattr(value, part, None)
        if value is None:
            missing.append(name)
    assert missing == []


OWN = """\
import convshape
from convshape.faults import Fault, require


class Scale(convshape.Layer):
    \"\"\"Multiply each channel by a learned number.\"\"\"

    channels: int
    home = "my_modules.parts.ChannelScale"

    def out(self, x):
        require(x[1] == self.channels, Fault("channels", "wants {channels} channels"), "channels")
        return x

    def weights(self):
        yield "scale", (self.channels,)


class Homeless(convshape.Layer):
    \"\"\"Say nothing of where it is.\"\"\"
"""
MODULE = """\
import torch


class ChannelScale(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(channels))

    def forward(self, x):
        return x * self.scale[:, None]
"""


def test_a_layer_of_ones_own_is_imported_from_its_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The module is imported from where the declaration says that it is, runs, and reads back; so does the dry run."""
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "my_modules").mkdir()
    (tmp_path / "my_modules" / "parts.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    text, own = "Conv1d(1, 4, 3) -> Scale(4) -> ReLU()", ["--layers", str(tmp_path / "own.py")]
    printed = {}
    for way in ("--train", "--sequential"):
        monkeypatch.setattr(sys, "argv", ["convshape", "emit", text, "-i", "2,1,9", way, *own])
        with pytest.raises(SystemExit, match="0"):
            cli.run()
        printed[way] = capsys.readouterr().out
        assert "from my_modules.parts import ChannelScale as Scale\nfrom torch import nn\n" in printed[way]
        assert made(printed[way])(torch.zeros(2, 1, 9)).shape == (2, 4, 7)
    monkeypatch.setattr(sys, "argv", ["convshape", "trace", printed["--sequential"], "-i", "2,1,9", "--dry-run", *own])
    with pytest.raises(SystemExit, match="0"):
        cli.run()
    assert "all as convshape says" in capsys.readouterr().out


def test_a_layer_without_a_home_is_not_emitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence says what to add."""
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.setattr(
        sys, "argv", ["convshape", "emit", "Homeless()", "-i", "2,1,9", "--layers", str(tmp_path / "own.py")]
    )
    assert cli.run() == 2
    assert 'home = "package.module.Homeless"' in capsys.readouterr().err


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "plain").iterdir()), ids=lambda path: path.stem)
def test_plain_networks(path: Path) -> None:
    """Torchvision's families: the emitted class has the shape and the parameters of the trace, and reads back."""
    given = {"alexnet.txt": ("N", 3, 224, 224), "unet.txt": ("N", 3, 64, 64)}.get(path.name)
    result: Any = trace(path) if given is None else trace(path, given)
    code, shape = module_code(result), (2, *next(iter(result.inputs.values()))[1:])
    with torch.device("meta"):
        module = made(code)
        output = module(torch.zeros(shape))
    wanted: Any = trace(path, shape)
    assert sizes(output) == wanted.output
    assert sum(one.numel() for one in module.parameters()) == wanted.params
    back: Any = trace(code, shape)
    assert (back.output, back.params) == (wanted.output, wanted.params)


def test_the_code_is_clean(tmp_path: Path) -> None:
    """Ruff finds nothing in it, and would write it the same."""
    for name in WORKING:
        given = SHAPES.get(name)
        shape = {k: convshape_tensor(x) for k, x in given.items()} if isinstance(given, dict) else given
        (tmp_path / f"net_{name.split('.')[0]}.py").write_text(module_code(trace(EXAMPLES / name, shape)))
    select = ["--isolated", "--line-length", "120"]
    rules = ["--select", "E,F,W,I,N,UP,B,D,ANN,RET,SIM,PIE", "--ignore", "D100,D203,D213,D104"]
    for command in (["check", *select, *rules], ["format", "--check", *select]):
        found = subprocess.run(  # ruff, on what was just written
            [sys.executable, "-m", "ruff", *command, str(tmp_path)], capture_output=True, text=True, check=False
        )
        assert found.returncode == 0, found.stdout + found.stderr


def test_a_broken_network_is_not_emitted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Its error is shown, and nothing on standard output."""
    monkeypatch.setattr(sys, "argv", ["convshape", "emit", str(EXAMPLES / "broken" / "patients.yaml")])
    assert cli.run() == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "error[channels]" in shown.err
