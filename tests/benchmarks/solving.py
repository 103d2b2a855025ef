"""Time a search: settings a second on one core for a 10-layer network, and what a second core adds.

Run: OMP_NUM_THREADS=1 python tests/benchmarks/solving.py
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from timing import report

import convshape
from convshape.searching import trial

NET = """
input: [N, 3, 64, 64]
vars: {a: 1, b: 1, k: 1, s: 1, p: 1}
layers:
  - Conv2d(3, a, k, stride=s, padding=p)
  - BatchNorm2d(a)
  - ReLU()
  - MaxPool2d(2)
  - Conv2d(a, b, k, padding=p)
  - BatchNorm2d(b)
  - ReLU()
  - AvgPool2d(2)
  - Flatten()
  - Linear(_, 10)
"""
RANGES = {"a": range(1, 65), "b": range(1, 65), "k": range(1, 16), "s": range(1, 9), "p": range(9)}
WANTS = {
    "a shape": ["output == (N, 10)", "linear_in <= 4096"],
    "all at once": ["params < 20_000", "linear_in <= 1024", "receptive_field >= 20", "macs minimal"],
}


def search(want: list[str], **options: Any) -> convshape.Search:
    """Pose the search; the best twenty are kept, as on the command line."""
    found = convshape.solve(NET, vary=RANGES, want=want, **options)
    found.task = found.task._replace(most=20)
    return found


def rate(one: convshape.Search) -> float:
    """Return how many settings a second a search tries."""
    start = time.perf_counter()
    for _ in one:
        pass
    assert one.complete
    return one.tried / (time.perf_counter() - start)


def one_by_one(one: convshape.Search) -> float:
    """Return the same for the slow loop."""
    start = time.perf_counter()
    return trial.by_numbers(one.task, one.task.space.simplest(500)).tried / (time.perf_counter() - start)


def main() -> None:
    """Print a line for each bar."""
    for name, want in WANTS.items():
        alone = max(rate(search(want)) for _ in range(3))
        slow = one_by_one(search(want))
        detail = f"{alone:,.0f} settings a second on one core; one by one {slow:,.0f}"
        report(f"{name}: in 200,000 settings a second", alone / 200_000, ">= 1", detail)
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        list(pool.map(abs, range(cores)))
        rate(search(WANTS["all at once"], executor=pool))  # the processes load what they need
        together = max(rate(search(WANTS["all at once"], executor=pool)) for _ in range(3))
    report(f"{cores} cores against one", together / alone, "> 1 where they are free", f"{together:,.0f} a second")


if __name__ == "__main__":
    main()
