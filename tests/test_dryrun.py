"""The dry run: torch beside convshape, step by step, on the devices that every machine has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
WRONG = '''
import convshape

class Double(convshape.Layer):
    """Say that the channels double, and do not double them."""

    channels: int

    def out(self, x):
        batch, channels, *rest = x
        return batch, 2 * channels, *rest

    def module(self):
        import torch

        return torch.nn.Identity()
'''


def convshape(*arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, after a line of Python."""
    code = f"{before}\nimport sys; from convshape.__main__ import main; sys.exit(main())"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "name", ["lenet5.yaml", "timeseries.yaml", "lstm_classifier.yaml", "unet.yaml", "wavenet.yaml", "cnn.py"]
)
def test_torch_does_what_the_examples_say(name: str) -> None:
    done = convshape("trace", str(EXAMPLES / name), "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    assert "all as convshape says" in done.stdout


def test_the_meta_device_runs_too() -> None:
    done = convshape("trace", str(EXAMPLES / "lenet5.yaml"), "--dry-run", "--device", "meta")
    assert done.returncode == 0
    assert "on meta at N=2" in done.stdout


def test_a_difference_names_the_layer_and_is_exit_1(tmp_path: Path) -> None:
    layers = tmp_path / "wrong.py"
    layers.write_text(WRONG)
    text = "Conv1d(1, 3, 3) -> Double(3)"
    done = convshape("trace", text, "-i", "2,1,8", "--dry-run", "--layers", str(layers))
    assert done.returncode == 1
    assert "error[dry-run]: 1: convshape says (2, 6, 6), torch gives (2, 3, 6)" in done.stderr
    assert "(2, 3, 6)" in done.stdout


def test_a_device_that_is_not_there_leaves_the_static_table() -> None:
    done = convshape("trace", str(EXAMPLES / "lenet5.yaml"), "--dry-run", "--device", "cuda:7")
    assert done.returncode == 2
    assert done.stderr.startswith("error[device]: there is no device cuda:7 here: torch has cpu")
    assert "Linear(84, 10)" in done.stdout


def test_without_torch_the_static_table_stands() -> None:
    block = "import sys; sys.modules['torch'] = None"
    done = convshape("trace", str(EXAMPLES / "lenet5.yaml"), "--dry-run", before=block)
    assert done.returncode == 2
    assert done.stderr == "error[no-torch]: torch is not installed here: python -m pip install 'convshape[torch]'\n"
    assert "Linear(84, 10)" in done.stdout


def test_too_little_memory_is_one_sentence() -> None:
    limit = "import torch, resource; resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))"
    done = convshape("trace", "Conv1d(1, 16, 3)", "-i", "4000,1,1000000", "--dry-run", before=limit)
    assert done.returncode == 2
    assert done.stderr.startswith("error[device-memory]: ")
    assert "Traceback" not in done.stderr
    assert "Conv1d(1, 16, 3)" in done.stdout
