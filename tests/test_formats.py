"""The formats of trace carry every field, and stay as they are."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

ALL = "name,layer,input,output,axes,params,macs,weights,receptive-field,formula,memory"


def test_csv_has_every_column(run: Any) -> None:
    """Read the CSV back."""
    rows = list(csv.DictReader(io.StringIO(run("trace", "lenet.yaml", "--format", "csv", "--columns", ALL).out)))
    assert list(rows[0]) == ALL.split(",")
    assert len(rows) == 12
    assert rows[7]["layer"] == "Linear(400, 120)"
    assert rows[7]["params"] == "48120"
    assert sum(int(row["params"]) for row in rows) == 61706


@pytest.mark.parametrize("style", ["markdown", "plain", "table"])
def test_every_format_has_every_column(run: Any, style: str) -> None:
    """Find a title for each column."""
    out = run("trace", "lenet.yaml", "--format", style, "--columns", ALL).out
    head = out.splitlines()[0]
    for title in (
        "name",
        "layer",
        "input",
        "output",
        "axes",
        "parameters",
        "MACs",
        "weights",
        "receptive field",
        "formula",
    ):
        assert title in head


def test_markdown_is_one_table(run: Any) -> None:
    """Give every line as many cells as the head."""
    lines = [
        line for line in run("trace", "lenet.yaml", "--format", "markdown").out.splitlines() if line.startswith("|")
    ]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


KEYS = {
    "version",
    "name",
    "file",
    "inputs",
    "output",
    "layers",
    "totals",
    "symbols",
    "facts",
    "linears",
    "notes",
    "warnings",
    "dry_run",
    "error",
}
LAYER_KEYS = {
    "name", "type", "layer", "inputs", "output", "params", "macs", "shared", "weights", "receptive_field", "formulas",
    "memory", "failed", "torch", "at",
}  # fmt: skip
ERROR_KEYS = {"code", "message", "label", "at", "layer", "field", "stage", "torch", "repairs", "note"}


def test_json_is_stable(run: Any) -> None:
    """Hold the names of version 1."""
    document = json.loads(run("trace", "timeseries.yaml", "--format", "json").out)
    assert set(document) == KEYS
    assert document["version"] == 1
    assert all(set(layer) == LAYER_KEYS for layer in document["layers"])
    conv = document["layers"][0]
    assert conv["output"] == {"shape": ["N", 16, "L - 7"], "axes": ["N", "C", "L"], "dtype": "float32"}
    assert conv["receptive_field"] == [{"size": 8, "jump": 1, "start": 0}]
    assert conv["at"]["line"] == 6
    assert document["linears"] == {"fc": "16*L - 192"}
    assert document["facts"] == ["L >= 13"]


def test_json_of_an_error(run: Any) -> None:
    """Carry what the diagnostic shows."""
    done = run("trace", "patients.yaml", "--format", "json")
    error = json.loads(done.out)["error"]
    assert done.code == 1
    assert set(error) == ERROR_KEYS
    assert (error["code"], error["field"], error["stage"], error["layer"]) == (
        "channels",
        "in_channels",
        "forward",
        "conv",
    )
    assert error["torch"]["message"] in done.err
    assert error["label"] in done.err
    assert all(repair in done.err for repair in error["repairs"])
    assert error["at"] == {"file": "patients.yaml", "line": 5, "column": 18, "end_line": 5, "end_column": 19}
    assert json.loads(done.out)["layers"][-1]["failed"] is True


def test_depth_keeps_the_totals(run: Any) -> None:
    """Fold rows, and nothing gets lost."""
    whole = json.loads(run("trace", "timeseries.yaml", "-i", "2,1,99", "--format", "json").out)
    folded = json.loads(run("trace", "timeseries.yaml", "-i", "2,1,99", "--format", "json", "--depth", "1").out)
    assert len(folded["layers"]) < len(whole["layers"])
    for count in ("params", "macs"):
        assert sum(layer[count] for layer in folded["layers"]) == whole["totals"][count] == folded["totals"][count]
    assert folded["layers"][1]["name"] == "stem"
    assert folded["layers"][1]["type"] == "unit"
    assert folded["layers"][1]["weights"] == {"0.weight": [16, 16, 6], "0.bias": [16]}


def test_shared_weights_count_once(run: Any) -> None:
    """Mark what was counted before."""
    document = json.loads(run("trace", "shared.yaml", "--format", "json", "-i", "x=2,3,16,16").out)
    same = [layer for layer in document["layers"] if layer["name"] == "same"]
    assert [(layer["params"], layer["shared"]) for layer in same] == [(576, False), (0, True)]
    assert "shared" in run("trace", "shared.yaml").out


def test_letters_follow_the_axes(run: Any) -> None:
    """Name the axes after a permute, a cat and a mean."""
    document = json.loads(run("trace", "shared.yaml", "--format", "json").out)
    axes = {layer["layer"]: (layer["output"]["axes"] or []) for layer in document["layers"]}
    assert axes["x.permute(0, 2, 3, 1)"] == ["N", "H", "W", "C"]
    assert axes["torch.cat([stem, same], 1)"] == ["N", "C", "H", "W"]
    assert axes["x.mean(-1)"] == ["N", "C", "H"]


def test_every_layer_has_a_page(run: Any) -> None:
    """List each layer with its documentation, and show each."""
    from convshape import layers

    listed = run("layers").out
    assert "2.13.0" in listed
    for name in layers.FAMILY:
        assert re.search(rf"^  {name} +\S", listed, re.MULTILINE)
        assert run("layers", name).out.startswith(f"{name}(")
