"""Time `convshape check` on 1,000 networks of 20 layers, and one process of it against torchinfo.

Run: python tests/benchmarks/check.py
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from timing import interleaved, process, report

COUNT, UNITS, BASE = 1000, 6, 8
OURS = """
import gc, sys, time
from convshape.checking import Options, checked
gc.set_threshold(100_000, 20, 20)  # as the command line does
start = time.process_time()
assert not any(found.problems for found in checked([sys.argv[1]], Options(), 1))
print(time.process_time() - start)
"""


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


def ours(folder: str) -> float:
    """Check the networks of a folder in a process of its own, without torch in it; return the seconds of one core."""
    done = subprocess.run([sys.executable, "-c", OURS, folder], capture_output=True, text=True, check=True)
    return float(done.stdout)


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
        nets = [module(number) for number in range(COUNT)]

        def theirs() -> None:
            for net in nets:
                str(summary(net, (1, 3, 16, 16), verbose=0))

        gc.freeze()  # what torch has loaded is not looked through again
        a, b = interleaved(lambda: ours(folder), lambda: processor(theirs), 3)
        report("torchinfo against one process, reading included", b / a, "> 1", f"{b:.2f} s, {a:.2f} s of one core")


if __name__ == "__main__":
    main()
