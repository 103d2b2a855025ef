"""Layers of the user's own: what is wrong with them is told as theirs, in a sentence."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import pytest

from convshape.extensions import GROUP, from_file, installed
from convshape.faults import ReadError

if TYPE_CHECKING:
    from pathlib import Path

OWN = """
from convshape import Layer


class Twice(Layer):
    size: int

    def out(self, x):
        return *x[:-1], {last}
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("class A(", r"SyntaxError: .*never closed"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("x = 1", "declares no subclass of convshape.Layer"),
        ("\nx = [][1]", r"own\.py:2: IndexError: list index out of range"),
        (
            OWN.format(last="1").replace("Twice", "Conv1d"),
            "declares Conv1d, which torch.nn has: give it another name",
        ),
        (OWN.format(last="1").replace("int", "'Some'"), "the argument size is annotated with Some, which is none of "),
    ],
)
def test_a_file_that_cannot_be_imported(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "own.py"
    path.write_text(text)
    with pytest.raises(ReadError, match=words):
        from_file(str(path))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    for name in ("missing.py", "net.yaml"):
        with pytest.raises(ReadError, match="it is no Python file"):
            from_file(str(tmp_path / name))


def test_an_error_in_a_layer_is_the_users(tmp_path: Path, run: Any) -> None:
    """The line of their file is named, and convshape is not blamed."""
    path = tmp_path / "own.py"
    path.write_text(OWN.format(last="x[-1] * self.size"))
    done = run("trace", "Twice(2)", "-i", "3,4", "--layers", str(path), "--format", "plain")
    assert "(3, 8)" in done.out
    path.write_text(OWN.format(last="undefined"))
    done = run("trace", "Twice(2)", "-i", "3,4", "--layers", str(path))
    assert done.code == 2
    assert done.err == f"error[layers]: {path}:9 raises NameError: name 'undefined' is not defined\n"


@pytest.mark.parametrize("output", ["None", "'abc'", "3", "(3, x[-1] / 2)"])
def test_an_output_that_is_no_shape(tmp_path: Path, run: Any, output: str) -> None:
    """The layer is named, and what an output is."""
    path = tmp_path / "own.py"
    path.write_text(OWN.replace("*x[:-1], {last}", output))
    done = run("trace", "Twice(2)", "-i", "3,4", "--layers", str(path))
    assert done.code == 2
    assert done.err.startswith("error[layers]: the layer Twice raises TypeError: an output is a tuple of whole numbers")


def test_a_package_that_names_no_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("Mine", "math:sqrt", GROUP)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [entry] if group == GROUP else [])
    with pytest.raises(ReadError, match=r"math:sqrt, the layer Mine, is no subclass of convshape\.Layer"):
        installed()


def test_a_package_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint("Mine", "nowhere_at_all:Mine", GROUP)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [entry] if group == GROUP else [])
    with pytest.raises(ReadError, match="cannot read the layer Mine of nowhere_at_all:Mine: ModuleNotFoundError"):
        installed()
