"""`linear-in` starts fast: it loads neither rich nor torch. The check runs in a process of its own, and can fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import convshape

NETS = Path(__file__).parent / "golden" / "nets"
HEAVY = ("rich", "torch", "numpy", "pydantic", "fractions", "decimal")
"""What `linear-in` has no use for."""

CODE = """
import sys
{first}
from convshape import cli
sys.argv = ["convshape", *{arguments!r}]
try:
    code = cli.run()
except SystemExit as ended:
    code = ended.code
loaded = sorted({{name.partition(".")[0] for name in sys.modules}} & set({forbidden!r}))
print("loaded:", *loaded)
sys.exit(code or 0)
"""


def environment() -> dict[str, str]:
    """Let a process find the package that is tested."""
    source = str(Path(convshape.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([source, os.environ.get("PYTHONPATH", "")])}


def loaded(*arguments: str, first: str = "") -> list[str]:
    """Run a command in a process of its own; return which of the forbidden modules it loaded."""
    code = CODE.format(first=first, arguments=list(arguments), forbidden=HEAVY)
    done = subprocess.run(  # our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=NETS, env=environment()
    )
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.startswith("loaded:"), done.stdout
    return last.split()[1:]


@pytest.mark.parametrize(
    "arguments",
    [
        ("linear-in", "lenet.yaml"),
        ("linear-in", "lenet.yaml", "--all"),
        ("linear-in", "timeseries.yaml", "-i", "N,1,L"),
        ("linear-in", "wrong_linear.yaml"),
        ("--version",),
        ("-h",),
        ("trace", "-h"),
    ],
)
def test_starts_light(arguments: tuple[str, ...]) -> None:
    """Load nothing heavy."""
    assert loaded(*arguments) == []


@pytest.mark.parametrize("style", ["json", "csv", "markdown", "plain"])
def test_only_a_table_needs_rich(style: str) -> None:
    """Load rich for a table alone."""
    assert "rich" not in loaded("trace", "lenet.yaml", "--format", style)


FAMILIES = {
    ("linear-in", "lenet.yaml"): {"conv", "maxpool", "activation", "reshape", "linear"},
    ("linear-in", "Conv1d(1, 2, 3) -> Linear(_, 1)", "-i", "N,1,L"): {"conv", "linear"},
    ("linear-in", "LSTM(8, 16)", "-i", "5,3,8"): {"lstm"},
}
"""The families of layers that a network uses."""


@pytest.mark.parametrize("arguments", FAMILIES)
def test_only_the_families_that_are_used_are_imported(arguments: tuple[str, ...]) -> None:
    """A family is imported with its first layer; with it come those that it is made from."""
    used = FAMILIES[arguments]
    needed = modules(*(f"import convshape.layers.{family}" for family in used))
    found = modules(RUN.format(arguments=list(arguments)))
    assert {f"convshape.layers.{family}" for family in used} <= found
    assert found - needed == set()
    assert modules("from convshape import layers", "[layers.find(name) for name in layers.FAMILY]") - needed


RUN = """
import contextlib, sys
from convshape import cli
sys.argv = ["convshape", *{arguments!r}]
with contextlib.suppress(SystemExit):
    cli.run()
"""


def modules(*lines: str) -> set[str]:
    """Run lines of Python in a process of their own; return the families of layers that they imported."""
    tell = "import sys; print('loaded:', *(name for name in sys.modules if name.startswith('convshape.layers.')))"
    done = subprocess.run(  # our own code
        [sys.executable, "-c", "\n".join((*lines, tell))], capture_output=True, text=True, check=True, cwd=NETS,
        env=environment(),
    )  # fmt: skip
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_the_check_can_fail() -> None:
    """Show that a module that is loaded is seen: by the command, or before it."""
    assert "rich" in loaded("trace", "lenet.yaml")
    assert loaded("linear-in", "lenet.yaml", first="import decimal") == ["decimal"]


def test_nothing_imports_torch() -> None:
    """Find no import of torch in the package but in the dry run, and no rich but in the table."""
    package = Path(__file__).parents[1] / "src" / "convshape"
    for word, home in (("torch", "dryrun"), ("rich", "table")):
        found = {
            path.parent.name if path.parent.name == home else path.stem
            for path in package.rglob("*.py")
            if any(
                line.strip().startswith((f"import {word}", f"from {word}")) for line in path.read_text().splitlines()
            )
        }
        assert found <= {home}
