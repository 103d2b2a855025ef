"""Options that the tests share."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --update-golden: write what the command line prints now as what it should print."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the expected outputs in tests/golden")
    parser.addoption("--nightly", action="store_true", help="generate many more cases in the conformance tests")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Tell whether the expected outputs are to be rewritten."""
    return bool(request.config.getoption("--update-golden"))
