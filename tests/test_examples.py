"""The examples: every figure that was asked for, and totals that are torch's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from convshape import output_shape, trace, weights
from convshape.checking.expect import missed
from convshape.inputs import letters
from convshape.read import read
from convshape.sizing.proof import Study

EXAMPLES = Path(__file__).parent.parent / "examples"
WORKING = sorted(path.name for path in EXAMPLES.iterdir() if path.is_file())
BROKEN = sorted(path.name for path in (EXAMPLES / "broken").iterdir())
INPUTS: dict[str, tuple[int | str, ...]] = {
    "notebook.yaml": ("N", 1, 20),
    "mlp.py": (4, 5, 7),
    "cnn.py": ("N", 3, 32, 32),
}


def run(name: str, shape: tuple[int | str, ...] | None = None, **options: Any) -> Any:
    """Trace an example that must work."""
    found = trace(EXAMPLES / name, shape or INPUTS.get(name), **options)
    assert found.error is None, found.error
    return found


def sizes(shape: Any) -> tuple[Any, ...]:
    """Write the symbols of a shape as text."""
    return tuple(size if isinstance(size, int) else str(size) for size in shape)


@pytest.mark.parametrize("name", WORKING)
def test_every_example_runs_and_meets_its_expectations(name: str) -> None:
    """An example works as it stands, and is what its `expect:` says."""
    study = Study(read(str(EXAMPLES / name)), INPUTS.get(name), {})
    assert study.trace.error is None
    assert list(missed(study, study.network.expect, study.network.source)) == []


TORCH_SAYS = {
    "image.yaml": "Expected 2D (unbatched) or 3D (batched) input to conv1d, but got input of size: [1, 1, 7, 7]",
    "kernel.yaml": "Expected 4-dimensional input for 4-dimensional weight [1, 2, 2, 1], "
    "but got 3-dimensional input of size [1, 2, 10] instead",
    "no_flatten.yaml": "mat1 and mat2 shapes cannot be multiplied (128x18 and 288x10)",
    "patients.yaml": "Given groups=1, weight of size [5, 5, 3], "
    "expected input[239, 49, 5] to have 5 channels, but got 49 channels instead",
    "view_batch.yaml": "shape '[1, 1]' is invalid for input of size 16",
    "view_input.yaml": "shape '[1, 1, 556]' is invalid for input of size 17792",
    "view_pinned.yaml": "shape '[1, 16]' is invalid for input of size 512",
    "volume.yaml": "Expected 3D (unbatched) or 4D (batched) input to conv2d, "
    "but got input of size: [20, 16, 10, 50, 100]",
}


@pytest.mark.parametrize("name", BROKEN)
def test_every_broken_example_says_what_torch_says(name: str) -> None:
    """A broken example stops with torch's own words, and points into its file."""
    error: Any = trace(EXAMPLES / "broken" / name).error
    assert error.torch_type == "RuntimeError"
    assert error.torch_message == TORCH_SAYS[name]
    assert error.source.at(error.span)


# --- the time-series classifier ---


def test_timeseries() -> None:
    """The lengths, the pool, the parameters; and a batch changes N alone."""
    found = run("timeseries.yaml")
    convolutions = [step for step in found.steps if step.name == "Conv1d"]
    assert [step.output[2] for step in convolutions] == [549, 544, 541, 540]
    assert sizes(found["pool"].output) == ("N", 16, 1)
    assert found.linear_in == 16
    assert found.params == 3281
    assert run("timeseries.yaml", set={"filters": 128}).params == 198_273
    for batch in (1, 32):
        assert run("timeseries.yaml", (batch, 1, 556)).output == (batch, 1)
    assert not [name for name in letters(found.network) if name != "N"]


def test_timeseries_is_what_torch_makes() -> None:
    """The real network has the same parameters and the same output."""
    found = run("timeseries.yaml", (2, 1, 556))
    layers: list[nn.Module] = []
    for inside, outside, kernel in zip((1, 16, 16, 16), (16,) * 4, (8, 6, 4, 2), strict=True):
        layers += [nn.Conv1d(inside, outside, kernel), nn.ReLU(), nn.Dropout(0.1)]
    real = nn.Sequential(*layers, nn.AvgPool1d(540), nn.Flatten(), nn.Linear(16, 1))
    assert sum(parameter.numel() for parameter in real.parameters()) == found.params
    assert tuple(real(torch.zeros(2, 1, 556)).shape) == found.output


# --- one layer at a time: the notebook, the thread, the tutorial ---

LAYERS = [
    ("Conv1d(5, 3, 3)", (1, 5, 10), (1, 3, 8)),
    ("Conv1d(2, 1, 2)", (1, 2, 10), (1, 1, 9)),
    ("Conv1d(1, 5, 3)", (100, 1, 100), (100, 5, 98)),
    ("Conv1d(1, 32, 3, stride=2, padding=2)", (10, 1, 10), (10, 32, 6)),
    ("Conv2d(1, 2, (2, 2))", (5, 1, 3, 3), (5, 2, 2, 2)),
    ("Conv3d(16, 8, 3)", (20, 16, 10, 50, 100), (20, 8, 8, 48, 98)),
    ("Conv1d(100, 100, 1)", (32, 100, 1), (32, 100, 1)),
    ("Conv1d(5, 5, 3)", (239, 5, 49), (239, 5, 47)),
    ("Conv1d(5, 5, 49, groups=5, bias=False)", (239, 5, 49), (239, 5, 1)),
    ("Conv2d(1, 1, (3, 3), stride=2)", (1, 1, 7, 7), (1, 1, 3, 3)),
    ("Conv1d(1, 1, 3)", (1, 1, 10), (1, 1, 8)),
    ("Conv1d(1, 1, 3, stride=2)", (1, 1, 10), (1, 1, 4)),
    ("Conv1d(1, 1, 2)", (1, 1, 10), (1, 1, 9)),
    ("Conv1d(1, 5, 3)", (1, 1, 10), (1, 5, 8)),
    ("Conv1d(2, 1, 3)", (1, 2, 5), (1, 1, 3)),
    ("Conv1d(2, 1, 3, stride=2)", (1, 2, 5), (1, 1, 2)),
    ("Conv1d(2, 1, 2)", (1, 2, 5), (1, 1, 4)),
    ("Conv1d(2, 5, 3)", (1, 2, 5), (1, 5, 3)),
    ("Conv2d(3, 1, 3)", (1, 3, 3, 10), (1, 1, 1, 8)),
    ("Conv2d(3, 1, 3, stride=2)", (1, 3, 3, 10), (1, 1, 1, 4)),
    ("Conv2d(3, 1, 2)", (1, 3, 3, 10), (1, 1, 2, 9)),
    ("Conv2d(3, 5, 3)", (1, 3, 3, 10), (1, 5, 1, 8)),
]


@pytest.mark.parametrize(("layer", "shape", "wanted"), LAYERS)
def test_one_layer(layer: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """The figures of the notebook, the thread and the tutorial."""
    assert output_shape(layer, shape) == wanted


def test_weights_of_the_notebook() -> None:
    """The weights have the shapes that torch gives them."""
    assert weights("Conv1d(5, 3, 3)") == {"weight": (3, 5, 3), "bias": (3,)}  # 48 parameters
    assert weights("Conv1d(2, 1, 2)")["weight"] == (1, 2, 2)
    assert weights("Conv2d(1, 2, (2, 2))")["weight"] == (2, 1, 2, 2)
    assert weights("Conv1d(2, 1, (2, 1))")["weight"] == (1, 2, 2, 1)


def test_notebook() -> None:
    """32*(L//2) features: 320 of a length of 20."""
    found = run("notebook.yaml", (10, 1, 20))
    assert (found.output, found.linear_in, found.params) == ((10, 2), 320, 770)
    assert str(run("notebook.yaml", ("N", 1, "L")).linear_in) == "32*(L//2)"


def test_pointwise_is_a_linear() -> None:
    """A kernel of one position has the parameters of a Linear."""
    assert run("pointwise.yaml").params == sum(p.numel() for p in nn.Linear(100, 100).parameters()) == 10_100


def test_patients() -> None:
    """After permute the features are channels; depthwise each has its own kernel."""
    assert run("patients.yaml").output == (239, 5, 47)
    assert (run("depthwise.yaml").output, run("depthwise.yaml").params) == ((239, 5, 1), 245)


def test_into_a_linear() -> None:
    """Without Flatten the last axis, with it 288 features; 4704 of a grey image; a list of lists keeps its axes."""
    assert run("last_axis.yaml").output == (8, 16, 10)
    found = run("features.yaml", (8, 1, 20))
    assert (found.output, found.linear_in) == ((8, 10), 288)
    grey = run("grey.yaml")
    assert grey["fc"].weights["weight"] == (10, 4704)
    assert sum(torch.Size(shape).numel() for shape in grey["fc"].weights.values()) == 47_050 == 4704 * 10 + 10
    assert grey.params == 47_206
    assert run("mlp.py", (4, 5, 7)).output == (4, 5, 3)


def test_tutorial() -> None:
    """The tutorial's variables change what it shows."""
    assert run("tutorial.yaml").output == (1, 1, 8)
    assert run("tutorial.yaml", set={"stride": 2}).output == (1, 1, 4)
    assert run("tutorial.yaml", set={"kernel": 2}).output == (1, 1, 9)
    assert run("tutorial.yaml", set={"filters": 5}).output == (1, 5, 8)
    assert run("tutorial2d.yaml", set={"kernel": 2}).output == (1, 1, 2, 9)


# --- networks ---


def test_known_totals() -> None:
    """The parameters of well-known networks are the ones that torchvision counts."""
    assert run("lenet5.yaml").params == 61_706
    assert run("alexnet.yaml").params == 61_100_840
    assert run("vgg16.yaml").params == 138_357_544
    assert run("resnet18.yaml").params == 11_689_512
    assert run("cnn.py").params == 62_006


@pytest.mark.parametrize("side", [224, 65, 33])
def test_resnet18_takes_any_image(side: int) -> None:
    """The stem and the stages halve the image five times, rounding up."""
    found = run("resnet18.yaml", (2, 3, side, side))
    assert found.output == (2, 1000)
    assert found["layer4"].output == (2, 512, -(-side // 32), -(-side // 32))


def test_resnet18_names_its_weights_as_modules_are_named() -> None:
    """A block's weights stand under the names of its lines."""
    found = run("resnet18.yaml")
    assert found["layer1.0.1.conv1"].weights["weight"] == (64, 64, 3, 3)
    assert found["layer2.0.downsample.0"].weights["weight"] == (128, 64, 1, 1)


def test_unet_keeps_the_size_of_an_image_in_steps_of_four() -> None:
    """An image whose sides are multiples of 4 comes out as large as it went in; another one stops at a skip."""
    assert run("unet.yaml", (1, 3, 64, 48)).output == (1, 2, 64, 48)
    assert sizes(run("unet.yaml").output) == ("N", 2, "H", "W")
    error: Any = trace(EXAMPLES / "unet.yaml", (1, 3, 62, 48)).error
    wanted = "Sizes of tensors must match except in dimension 1. "
    wanted += "Expected size 31 but got size 30 for tensor number 1 in the list."
    assert error.torch_message == wanted
    with pytest.raises(RuntimeError, match="Expected size 31 but got size 30"):
        torch.cat([torch.zeros(1, 32, 31, 24), torch.zeros(1, 32, 30, 24)], 1)


def test_wavenet_keeps_the_length() -> None:
    """A causal padding as long as the dilation keeps every length."""
    found = run("wavenet.yaml")
    assert sizes(found.output) == ("N", 256, "L")
    one = nn.ModuleList([nn.Conv1d(32, 32, 2), nn.Conv1d(32, 32, 2), nn.Conv1d(32, 32, 1)])
    rest = nn.ModuleList([nn.Conv1d(1, 32, 1), nn.Conv1d(320, 64, 1), nn.Conv1d(64, 256, 1)])
    assert found.params == 10 * count(one) + count(rest)


def test_lstm_classifier() -> None:
    """Embedding, LSTM in both directions and Linear hold what torch's hold."""
    found = run("lstm_classifier.yaml")
    parts = [nn.Embedding(10_000, 128), nn.LSTM(128, 64, bidirectional=True), nn.Linear(128, 4)]
    assert found.params == sum(map(count, parts))
    assert sizes(found["lstm"].output[0]) == ("N", "T", 128)


def test_cnn_is_the_class_that_torch_runs() -> None:
    """The pasted class gives the names, the weights and the output that it has in torch."""
    names: dict[str, Any] = {}
    exec((EXAMPLES / "cnn.py").read_text(), names)  # noqa: S102  # our own example, in the test alone
    real = names["Net"]()
    found = run("cnn.py", (2, 3, 32, 32))
    ours = {f"{step.path}.{name}": tuple(shape) for step in found.steps for name, shape in step.weights.items()}
    assert ours == {name: tuple(parameter.shape) for name, parameter in real.named_parameters()}
    assert tuple(real(functional.pad(torch.zeros(2, 3, 30, 30), (1, 1, 1, 1))).shape) == found.output


def count(module: nn.Module) -> int:
    """Count the parameters of a real module."""
    return sum(parameter.numel() for parameter in module.parameters())
