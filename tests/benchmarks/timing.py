"""What the benchmarks share: whole processes and functions timed in turn, so that a ratio holds on a noisy machine."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def process(command: Sequence[str]) -> float:
    """Run a command to its end and return the seconds it took."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # our own commands
    return time.perf_counter() - start


def interleaved(first: Callable[[], float], second: Callable[[], float], runs: int) -> tuple[float, float]:
    """Measure two things in turn, A B A B ..., after a warm-up of each; return the medians in seconds."""
    first()
    second()
    pairs = [(first(), second()) for _ in range(runs)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def seconds(work: Callable[[], object]) -> float:
    """Call a function and return the seconds it took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(what: str, ratio: float, bar: str, detail: str) -> None:
    """Print the one line of a benchmark."""
    sys.stdout.write(f"{what}: {ratio:.2f} x (bar: {bar}); {detail}\n")
