"""Configuration: what [tool.convshape] says of a network, and the networks that an argument names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from convshape.checking import Options, checked
from convshape.checking.config import glob_pattern, home, nearest
from convshape.checking.gather import gather
from convshape.faults import ReadError

if TYPE_CHECKING:
    from pathlib import Path


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
