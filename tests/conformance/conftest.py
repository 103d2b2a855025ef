"""What the conformance tests share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def examples(request: pytest.FixtureRequest) -> int:
    """Say how many cases of each op are generated."""
    return 400 if request.config.getoption("--nightly") else 15
