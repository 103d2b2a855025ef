"""Limits stand in one place, the documentation shows them, and the environment changes them."""

from __future__ import annotations

import ast
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import convshape
from convshape import ReadError, limits

ROOT = Path(__file__).parents[1]
SOURCE = Path(limits.__file__).read_text(encoding="utf-8")


def declared() -> dict[str, tuple[int, str]]:
    """Read the limits off their declarations: the default and the docstring of each."""
    body = ast.parse(SOURCE).body
    return {
        node.value.args[0].value: (node.value.args[1].value, words.value.value)
        for node, words in itertools.pairwise(body)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(words, ast.Expr)
    }


def command(arguments: list[str], text: str = "", **variables: str) -> tuple[int, str]:
    """Run the command line with limits in the environment; return the exit code and standard error."""
    environment = {**os.environ, "PYTHONPATH": str(Path(convshape.__file__).parents[1]), **variables}
    done = subprocess.run(  # our own code
        [sys.executable, "-m", "convshape", *arguments], input=text, capture_output=True, text=True, check=False,
        env=environment,
    )  # fmt: skip
    return done.returncode, done.stderr


def test_the_documentation_shows_every_limit() -> None:
    """Hold the table to the declarations."""
    text = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `CONVSHAPE_MAX_(\w+)` \| ([\d,]+) \| (.+) \|$", text, re.MULTILINE)
    assert {name: (int(default.replace(",", "")), words) for name, default, words in rows} == declared()
    assert len(rows) > 5


CASES = {
    "BYTES": ("10", "layers: [ReLU, Tanh]"),
    "EXPRESSION": ("210", f"layers: ['Linear({'1 + ' * 60}1, 2)']"),
    "EXPRESSION_DEPTH": ("5", "layers: ['Linear(((((((1 + 1) + 1) + 1) + 1) + 1) + 1), 2)']"),
    "COMMAS": ("3", "layers: ['Conv1d(4, 4, 1, 1, 0)']"),
    "YAML_DEPTH": ("3", "layers: [[[[ReLU]]]]"),
    "YAML_VALUES": ("4", "layers: [ReLU, Tanh, ReLU, Tanh]"),
    "AXES": ("1", "layers: [ReLU]"),
    "BLOCK_DEPTH": ("2", "layers: [[[[ReLU]]]]"),
    "LAYERS": ("3", "layers: [{repeat: 4, layers: [ReLU]}]"),
    "TEXT": ("10", "layers: [\"Linear(3, 'a' * 11)\"]"),
}


def test_every_limit_has_a_case() -> None:
    """Leave none out; the time has a test of its own."""
    assert set(declared()) == {*CASES, "SECONDS"}


@pytest.mark.parametrize("name", CASES)
def test_the_environment_lowers_a_limit(name: str) -> None:
    """Refuse what is over it with code 2; without it the same description can be read."""
    value, text = CASES[name]
    arguments = ["trace", "-", "-i", "4,4", "--format", "plain"]
    code, said = command(arguments, text, **{f"CONVSHAPE_MAX_{name}": value})
    assert code == 2, said
    assert f"CONVSHAPE_MAX_{name}" in said
    assert f"CONVSHAPE_MAX_{name}" not in command(arguments, text)[1]


def test_the_environment_raises_a_limit() -> None:
    """Let a description nest deeper, also deeper than Python can go: that is said, not shown as a traceback."""
    text = "layers: " + "[" * 50 + "ReLU" + "]" * 50
    deeper = {"CONVSHAPE_MAX_YAML_DEPTH": "100000", "CONVSHAPE_MAX_BLOCK_DEPTH": "100000"}
    arguments = ["trace", "-", "-i", "4,4", "--format", "plain"]
    assert command(arguments, text)[0] == 2
    assert command(arguments, text, **deeper)[0] == 0
    code, said = command(arguments, text.replace("[", "[" * 100).replace("]", "]" * 100), **deeper)
    assert (code, said.partition(":")[0]) == (2, "error[too-deep]")


@pytest.mark.parametrize("value", ["many", "0", "-3", "1e6"])
def test_a_limit_that_is_none(value: str) -> None:
    """Say what a limit takes."""
    code, said = command(["trace", "ReLU()", "-i", "4"], CONVSHAPE_MAX_LAYERS=value)
    assert (code, said) == (2, f"error[limit]: CONVSHAPE_MAX_LAYERS takes a whole number above 0, got {value!r}\n")


def test_a_number_with_underscores() -> None:
    """Read 1_000_000 as Python does."""
    assert command(["trace", "ReLU()", "-i", "4"], CONVSHAPE_MAX_LAYERS="1_000_000")[0] == 0


SLOW = """
import sys
from convshape import asked, cli
def traced(*arguments, **keywords):
    while True:
        pass
asked.Asked.trace = traced
sys.argv = ["convshape", "trace", "ReLU()"]
sys.exit(cli.run())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no clock of processor time that interrupts")
def test_time() -> None:
    """End what takes too long, wherever it is."""
    source = str(Path(convshape.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": source, "CONVSHAPE_MAX_SECONDS": "1"}
    done = subprocess.run(  # our own code
        [sys.executable, "-c", SLOW], capture_output=True, text=True, check=False, env=environment, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr == (
        "error[too-slow]: the description takes more than 1 s of processor time\n"
        " = note:  CONVSHAPE_MAX_SECONDS in the environment raises this limit\n"
    )


def test_the_interface_refuses_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the Python interface to the limits."""
    monkeypatch.setattr(limits, "LAYERS", 2)
    with pytest.raises(ReadError, match="write out more than 2 layers"):
        convshape.trace("layers:\n  - {repeat: 9, layers: [ReLU, ReLU]}\n", (4,))
