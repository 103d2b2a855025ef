"""The schema takes what convshape reads, and refuses what a schema can refuse; what trace writes is as it says."""

from __future__ import annotations

import json
import random
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import convshape
from convshape import ConvshapeError, ReadError, ShapeError, layers
from convshape.catalogue import found
from convshape.catalogue.schemas import of_description, of_output
from convshape.read import parse
from convshape.source import Source

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
FILES = sorted([*ROOT.glob("examples/**/*.yaml"), *GOLDEN.glob("nets/**/*.yaml")])

sys.path.insert(0, str(ROOT / "tests" / "fuzz"))

from grammar import Grammar  # noqa: E402  # the fuzzer's

from test_read_errors import CASES  # noqa: E402  # the broken descriptions


@cache
def validator(kind: str) -> jsonschema.Draft202012Validator:
    """Make a validator; the schema itself is valid."""
    schema = of_output() if kind == "output" else of_description()
    plain = json.loads(json.dumps(schema))
    jsonschema.Draft202012Validator.check_schema(plain)
    return jsonschema.Draft202012Validator(plain)


def accepts(text: str) -> bool:
    """Tell whether the schema takes a description, as an editor reads it."""
    return not refusals(text)


def refusals(text: str) -> list[str]:
    """Say what the schema refuses of a description: an editor sees keys as words."""
    seen = json.loads(json.dumps(yaml.safe_load(text), default=str))
    return [error.message for error in validator("description").iter_errors(seen)]


def ctor_code(text: str) -> str:
    """Return the code of what convshape refuses before the first layer runs, or nothing."""
    try:
        result = convshape.trace(parse(Source("<test>", text)), None if "\ninput:" in f"\n{text}" else ("N", 3, 9, 9))
    except ReadError as error:
        return error.code
    error = result.error
    early = isinstance(error, ReadError) or (isinstance(error, ShapeError) and error.stage == "ctor")
    return error.code if error and early else ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    """Take every example: a wrong shape is none of a schema's business. What is no YAML is no editor's either."""
    text = path.read_text(encoding="utf-8")
    code = ctor_code(text)
    if code != "yaml":
        assert accepts(text) or code, refusals(text)


REFUSED = {
    "an unknown key": "layer: [ReLU]",
    "an unknown key beside": "layers: [ReLU]\ninputs: [1, 2]",
    "no layers": "name: a",
    "empty layers": "layers: []",
    "a number": "layers: 3",
    "a number as a layer": "- 3",
    "two layers in one item": "- a: ReLU()\n  b: Tanh()",
    "a bad name": "- my conv: ReLU()",
    "a name with underscores": "- __init__: ReLU()",
    "a repetition without layers": "- repeat: 3",
    "a repetition with more": "- {repeat: 3, layers: [ReLU], times: 2}",
    "a repetition less than once": "- {repeat: -1, layers: [ReLU]}",
    "blocks as a list": "blocks: [a]\nlayers: [a]",
    "a block with a bad name": "blocks: {a b: [ReLU]}\nlayers: [ReLU]",
    "a block without layers": "blocks: {a(): []}\nlayers: [ReLU]",
    "a variable with a bad name": "vars: {a-b: 3}\nlayers: [ReLU]",
    "a variable that is a mapping": "vars: {a: {b: 3}}\nlayers: [ReLU]",
    "an input of negative size": "input: [N, -3]\nlayers: [ReLU]",
    "an input of half a size": "input: [N, 1.5]\nlayers: [ReLU]",
    "an input to be worked out": "input: [_, 3]\nlayers: [ReLU]",
    "an unknown dtype": "input: {x: {shape: [N], dtype: int65}}\nlayers: [ReLU]",
    "an input without a shape": "input: {dtype: int64}\nlayers: [ReLU]",
    "an unknown argument in a mapping": "- Conv1d: {in_channels: 1, out: 2, kernel_size: 3}",
    "a missing argument in a mapping": "- Conv1d: {in_channels: 1, out_channels: 2}",
    "an argument of a wrong type": "- Linear: {in_features: 1.5, out_features: 2}",
    "an argument that is null": "- Linear: {in_features: null, out_features: 2}",
    "too many arguments in a list": "- Linear: [1, 2, true, null, null, 3]",
    "too few arguments in a list": "- Linear: [1]",
    "missing arguments": "- Conv1d:",
    "an unknown argument": "- nn.Conv1d(1, 2, kernle_size=3)",
    "an unknown argument by name alone": "- Conv1d(in_channels=1, out_channels=2, kernel=3)",
    "a missing argument": "- Conv1d(1, 2)",
    "no argument": "- conv: Linear()",
    "an argument too many": "- conv: Linear(1, 2, 3, 4, 5, 6)",
    "an argument by place behind one by name": "- Linear(in_features=1, 2)",
    "a bracket that is not closed": "- Conv1d(1, 2, 3",
    "a bracket that was never opened": "- Conv1d(1, 2, 3))",
    "a split call": "layers: [Conv1d(1, 2, 3), ReLU()]",
    "a statement": "- for x in y",
    "an import": "- import os",
    "a lambda": "- 'lambda x: x'",
    "a backslash": "- 'Conv1d(1, \\ 2, 3)'",
    "nothing": "- ''",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str) -> None:
    """Refuse what a schema can refuse; convshape refuses it, too."""
    assert ctor_code(REFUSED[name])
    assert not accepts(REFUSED[name])


TAKEN = (
    "ReLU()",
    "- ReLU\n- x.flatten(1)",
    "layers: ReLU()",
    "- Linear: [3, 4]",
    "- Linear: {in_features: $c, out_features: 2 * c}",
    "- Conv1d: Conv1d(1, 2, 3)\n- Conv1d(x)",
    "- Linear: [ReLU(), Tanh()]",
    "- nn.Linear: {in_features: _, out_features: 3}",
    "- Linear(_, 10, device=None)",
    "- Conv2d(3, 8, (3, 3), padding='same')",
    "- x = Linear(3, 4)",
    "- a, b = torch.chunk(x, 2)",
    "- MultiheadAttention(64, 8)(q, k, v)",
    "- 幅: ReLU()",
    "- fc: {Linear: {in_features: _, out_features: 3}}",
    "- body:\n    - ReLU()\n    - - Tanh()",
    "- unit: {c: 3, k: 4}",
    "- F.relu:",
    "- Mine: [1, 2]",
    "- Linear(3, 4,)",
    "- LSTM(8, 16, batch_first=True)",
    "- Softmax(dim=1)",
    "- Linear(1 + 2, out_features=c // 2)",
    "- x[x == 1]",
    "- x - 1",
    "- Dropout()",
    "- Flatten(1)",
    "- Linear(3, 4)  # (",
    "- ' ReLU() '",
    "- return x",
    "- not_a(x)",
    "input: N, 3\nlayers: [ReLU]",
    "input: {shape: [N], dtype: torch.int64}\nlayers: [ReLU]",
    "input: {x: [N], y: N}\nlayers: [ReLU]",
    "input: []\nlayers: [ReLU]",
    "expect: {output: [N], params: '<= 3', H: '>= 3'}\nlayers: [ReLU]",
    "blocks:\n  a(c, k=3): [ReLU]\n  b: ReLU()\nlayers: [a(3)]",
)


@pytest.mark.parametrize("text", TAKEN)
def test_takes(text: str) -> None:
    """Take what is right, or what no schema can know to be wrong."""
    assert accepts(text), refusals(text)


def test_what_is_refused_is_wrong(request: pytest.FixtureRequest) -> None:
    """Refuse nothing that convshape reads: by chance, and among what it is known to refuse."""
    count = 5_000 if request.config.getoption("--nightly") else 150
    chance = random.Random(0)  # noqa: S311  # no secret
    texts = [*CASES.values(), *(Grammar(chance).write("yaml") for _ in range(count))]
    refused = 0
    for text in texts:
        try:
            yaml.safe_load(text)
        except (yaml.YAMLError, ValueError):
            continue
        if not accepts(text):
            refused += 1
            assert wrong(text), text
    assert refused > count / 10


def wrong(text: str) -> bool:
    """Tell whether convshape refuses a description."""
    shape = None if "input:" in text else ("N", 3, 9, 9)
    try:
        return convshape.trace(parse(Source("<test>", text)), shape).error is not None
    except ConvshapeError:
        return True


def test_every_layer() -> None:
    """Know every argument of every layer, with its default, and say what the layer does."""
    definitions = of_description()["$defs"]
    for name in layers.FAMILY:
        kind, schema = found(name), definitions[f"layer.{name}"]
        properties = schema["properties"]
        assert set(properties) >= set(kind.fields)
        assert schema["description"] == (kind.__doc__ or "").strip()
    assert definitions["layer.Conv1d"]["properties"]["stride"]["default"] == 1


def test_what_is_wrong_with_an_argument_is_told() -> None:
    """Say which argument is wrong, so that an editor can: not that nothing of what could stand there fits."""
    text = "layers:\n- Conv2d: {in_channels: 3, out_chanels: 8, kernel_size: 3}\n"
    assert set(refusals(text)) == {
        "'out_channels' is a required property",
        "Additional properties are not allowed ('out_chanels' was unexpected)",
    }


def documents() -> dict[str, Any]:
    """Find every document of trace among the golden outputs."""
    found_ = {}
    for path in sorted(GOLDEN.glob("expected/trace-*json*.txt")):
        text = path.read_text(encoding="utf-8").partition("--- standard output\n")[2].partition("--- standard error")[0]
        if text.startswith("{"):
            found_[path.stem] = json.loads(text)
    return found_


@pytest.mark.parametrize("name", documents())
def test_golden_documents(name: str) -> None:
    """Hold every golden document to the schema of the output."""
    validator("output").validate(documents()[name])


def test_the_schema_of_the_output_can_refuse() -> None:
    """Refuse a document that lacks a member, and one with a member of another type."""
    document = next(iter(documents().values()))
    lacking = {name: value for name, value in document.items() if name != "totals"}
    assert not validator("output").is_valid(lacking)
    assert not validator("output").is_valid({**document, "layers": [{**document["layers"][0], "params": None}]})
    assert set(document) == set(of_output()["$defs"]["Document"]["properties"])
    assert set(document["layers"][0]) == set(of_output()["$defs"]["Layer"]["properties"])
