"""What the conformance tests share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def examples(request: pytest.FixtureRequest) -> int:
    """Say how many cases of each op are generated."""
    return 400 if request.config.getoption("--nightly") else 15


@pytest.fixture(scope="session")
def layer_examples(request: pytest.FixtureRequest) -> int:
    """Say how many cases of each layer are generated."""
    return 3000 if request.config.getoption("--nightly") else 130


@pytest.fixture(scope="session")
def chain_examples(request: pytest.FixtureRequest) -> int:
    """Say how many chains of layers are generated, for each number of axes."""
    return 4000 if request.config.getoption("--nightly") else 150


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Let torch compute in one thread: some of its kernels refuse by how many there are."""
    import torch

    torch.set_num_threads(1)
