"""Time `convshape check` on 1,000 networks of 20 layers, and one process of it against torchinfo.

Run: python tests/benchmarks/check.py
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from timing import interleaved, process, report

from convshape.checking import Job, Options, examined
from convshape.checking.config import Rules

COUNT, UNITS, BASE = 1000, 6, 8


def description(number: int) -> str:
    """Write a network of 20 layers, each a little different."""
    channels = [3, *(BASE + (number + place) % 9 for place in range(UNITS))]
    units = "".join(
        f"  - Conv2d({before}, {after}, 3, padding=1, bias=False)\n  - BatchNorm2d({after})\n  - ReLU()\n"
        for before, after in pairwise(channels)
    )
    head = f"name: net{number}\ninput: [N, 3, 16, 16]\nlayers:\n"
    return f"{head}{units}  - Flatten()\n  - fc: Linear(_, 10)\nexpect: {{output: [N, 10], params: '<= 1M'}}\n"


def module(number: int) -> Any:
    """Build the same network in torch."""
    from torch import nn

    channels = [3, *(BASE + (number + place) % 9 for place in range(UNITS))]
    layers: list[nn.Module] = []
    for before, after in pairwise(channels):
        layers += [nn.Conv2d(before, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels[-1] * 256, 10)).eval()


def processor(work: Any) -> float:
    """Call a function and return the seconds of one core that it took."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print a line for each bar."""
    import torch
    from torchinfo import summary

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"net{number:04}.yaml") for number in range(COUNT)]
        for number, path in enumerate(paths):
            path.write_text(description(number), encoding="utf-8")
        command = [sys.executable, "-m", "convshape", "check", folder]
        two, one = interleaved(lambda: process(command), lambda: process([*command, "-j", "1"]), 3)
        report(f"check of {COUNT:,} networks, in 6 s", two / 6, "< 1", f"{two:.2f} s; {one:.2f} s in one process")
        jobs = [Job(str(path), Options(), Rules()) for path in paths]
        nets = [module(number) for number in range(COUNT)]

        def ours() -> None:
            assert not any(found.problems for found in examined(jobs, 1))

        def theirs() -> None:
            for net in nets:
                str(summary(net, (1, 3, 16, 16), verbose=0))

        gc.set_threshold(100_000, 20, 20)  # as the command line does
        gc.freeze()  # what torch has loaded is not looked through again, for both
        a, b = interleaved(lambda: processor(ours), lambda: processor(theirs), 3)
        report("torchinfo against one process, reading included", b / a, "> 1", f"{b:.2f} s, {a:.2f} s of one core")


if __name__ == "__main__":
    main()
