"""What the options of the command line mean: shapes, names, settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from convshape.faults import ReadError
from convshape.options import read_input, read_inputs, read_settings
from convshape.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from convshape.network import Network


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("32,1,556", "(32, 1, 556)"),
        ("N,1,L", "(N, 1, L)"),
        ("(N, 1, 2*L)", "(N, 1, 2*L)"),
        ("[4, 5]", "(4, 5)"),
        ("7", "(7)"),
        ("x=N,3,32,32", "(N, 3, 32, 32)"),
    ],
)
def test_shapes(run: Any, text: str, expected: str) -> None:
    """Read a shape however it is written."""
    done = run("trace", "ReLU()", "-i", text, "--format", "plain", "--columns", "output")
    assert done.out.splitlines()[1].strip("()").rstrip(",") == expected.strip("()")


def network(inputs: str = "") -> Network:
    """Make a network with inputs."""
    from convshape.read import parse

    return parse(Source("<net>", f"{inputs}\nlayers:\n  - ReLU()\n"))


def test_inputs_by_name() -> None:
    """Name inputs, or let them take the names of the network in turn."""
    two = network("input: {x: [N, 3], ids: {shape: [N, 2], dtype: int64}}")
    assert list(read_inputs(["1,3", "1,2:int64"], two) or ()) == ["x", "ids"]
    assert list(read_inputs(["ids=1,2:int64", "1,3"], two) or ()) == ["ids", "x"]
    name, given = read_input("ids=N,16:int64")
    assert (name, given.spec.dtype, len(given.spec.shape)) == ("ids", "int64", 2)
    assert read_inputs(None, two) is None
    for texts in (["1", "2", "3"], ["x=1", "x=2"], [" "], ["x="], ["1,,2"], ["1,2:"]):
        with pytest.raises(ReadError):
            read_inputs(texts, two)


def test_dtypes_of_inputs(run: Any) -> None:
    """Keep the dtype of the file, or take the one that is given."""
    document = json.loads(run("trace", "shared.yaml", "--format", "json").out)
    assert document["inputs"]["ids"] == {"shape": ["N", 7], "axes": None, "dtype": "int64"}
    document = json.loads(run("trace", "shared.yaml", "--format", "json", "-i", "ids=N,7:int32").out)
    assert document["inputs"]["ids"]["dtype"] == "int32"


def test_settings() -> None:
    """Read numbers, words, booleans and tuples."""
    texts = ["a=1", "b=same", "c=True", "d=(1, 2)", "e=0.5", "f=2*3", "g='x y'"]
    expected = {"a": 1, "b": "same", "c": True, "d": (1, 2), "e": 0.5, "f": 6, "g": "x y"}
    assert read_settings(texts) == expected
    for text in ("a", "=1", "a=", "a=f(", "1a=2"):
        with pytest.raises(ReadError):
            read_settings([text])


def test_a_letter_can_be_set(run: Any) -> None:
    """Give a letter of the input a number."""
    document = json.loads(run("trace", "timeseries.yaml", "--set", "L=556", "--format", "json").out)
    assert document["inputs"]["input"]["shape"] == ["N", 1, 556]


def test_a_letter_takes_the_number_of_the_input(tmp_path: Path, run: Any) -> None:
    """Let a layer that is written with a letter see the number that is given for it."""
    net = tmp_path / "net.yaml"
    net.write_text("input: [N, 1, L]\nlayers:\n  - Conv1d(1, 4, 3)\n  - Flatten()\n  - fc: Linear(4*(L - 2), 2)\n")
    assert run("trace", str(net), "-i", "8,1,20").code == 0
    assert run("trace", str(net), "-i", "8,1,T").code == 0
