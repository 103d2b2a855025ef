"""The fuzz targets run, find what is planted, and find nothing else: what once broke a reader breaks none now."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

FUZZ = Path(__file__).parent / "fuzz"
sys.path.insert(0, str(FUZZ))

from run import TARGETS  # noqa: E402  # found in the folder of the fuzzer

CORPUS = sorted((FUZZ / "corpus").iterdir())
SECONDS = 2.0


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_corpus(path: Path) -> None:
    """Read what once broke a reader, with every reader."""
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    for name, target in TARGETS.items():
        began = time.process_time()
        assert target().run(path.read_bytes() if name == "bytes" else text)
        assert time.process_time() - began < SECONDS


def fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the fuzzer as a user does."""
    command = [sys.executable, "-W", "error", str(FUZZ / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # our own code


def test_run(request: pytest.FixtureRequest) -> None:
    """Fuzz a little each day, and more every night."""
    done = fuzz("--count", "200000" if request.config.getoption("--nightly") else "700")
    assert done.returncode == 0, done.stdout
    assert done.stdout.rstrip().endswith("failures: none")


PLANTED = """
import sys, time
sys.path.insert(0, {fuzz!r})
import run, targets
class Planted(targets.Target):
    def make(self, random):
        return random.choice(("fine", "raise", "sleep"))
    def run(self, case):
        if case == "raise":
            raise ZeroDivisionError("planted")
        while case == "sleep" and time.process_time() < self.until():
            pass
        return "fine"
    def until(self):
        self.end = getattr(self, "end", time.process_time() + 3)
        return self.end
run.TARGETS = {{"planted": Planted}}
sys.argv = ["run.py", "--count", "20"]
sys.exit(run.main())
"""


def test_the_fuzzer_can_fail() -> None:
    """Plant a traceback and a hang: both are reported."""
    done = subprocess.run(  # our own code
        [sys.executable, "-c", PLANTED.format(fuzz=str(FUZZ))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "ZeroDivisionError: planted" in done.stdout
    assert "hang 1" in done.stdout
