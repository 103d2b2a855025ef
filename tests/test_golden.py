"""Every command, format and message prints what tests/golden says; `pytest --update-golden` rewrites it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from convshape import cli

GOLDEN = Path(__file__).parent / "golden"
CASES = dict(
    line.split(":", 1)
    for line in (GOLDEN / "cases.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
TERMINAL = ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TERM", "LINES", "GITHUB_ACTIONS")


def split(text: str) -> tuple[dict[str, str], list[str]]:
    """Tell the variables of a case from its arguments."""
    words = shlex.split(text)
    count = next((place for place, word in enumerate(words) if not word.partition("=")[0].isupper()), len(words))
    return dict(word.split("=", 1) for word in words[:count]), words[count:]


def run() -> int | str | None:
    """Run the command line and return its exit code."""
    try:
        return cli.run()
    except SystemExit as ended:
        return ended.code


@pytest.mark.parametrize("name", CASES)
def test_golden(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, update_golden: bool
) -> None:
    """Compare the exit code, standard output and standard error."""
    variables, arguments = split(CASES[name])
    for variable in TERMINAL:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("TERMINAL_WIDTH", "80")  # what typer wraps its help at
    monkeypatch.chdir(GOLDEN / "nets")
    monkeypatch.setattr(sys, "argv", ["convshape", *arguments])
    code = run() or 0
    captured = capsys.readouterr()
    head = f"$ {CASES[name].strip()}\nexit code {code}"
    found = f"{head}\n--- standard output\n{captured.out}--- standard error\n{captured.err}"
    expected = GOLDEN / "expected" / f"{name}.txt"
    if update_golden:
        expected.write_text(found, encoding="utf-8", newline="\n")
    assert expected.read_text(encoding="utf-8") == found


def test_every_expected_output_has_a_case() -> None:
    """Leave no file behind that nothing checks."""
    assert {path.stem for path in (GOLDEN / "expected").glob("*.txt")} == set(CASES)
