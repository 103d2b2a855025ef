"""Options that the tests share."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import Phase, settings

from convshape import cli
from shell import NETS, Done

settings.register_profile("mutation", phases=(Phase.explicit, Phase.generate), database=None, deadline=None)
"""For mutation testing: a failure is enough, how small it can be made is not asked."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --update-golden: write what the command line prints now as what it should print."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the expected outputs in tests/golden")
    parser.addoption("--nightly", action="store_true", help="generate many more cases in the conformance tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what is fast and sees nearly every change first: with `-x` that is all that mostly runs."""
    items.sort(key=lambda item: "test_answers" not in item.nodeid)


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Tell whether the expected outputs are to be rewritten."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs a command in this process, its standard output no terminal."""
    for variable in ("COLUMNS", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(NETS)

    def command(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["convshape", *arguments])
        try:
            code = cli.run()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return command
