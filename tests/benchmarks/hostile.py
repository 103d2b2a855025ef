"""Measure what a hostile megabyte costs: the worst time and memory of each reader, a process for each description.

Run: python tests/benchmarks/hostile.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

MEGA = 1_000_000
SECONDS, MEGABYTES = 2.0, 300


def filled(pattern: str, before: str = "", after: str = "") -> str:
    """Repeat a pattern up to a megabyte; {n} counts."""
    size = len(pattern.format(n=100_000))
    count = (MEGA - len(before) - len(after)) // size
    return before + "".join(pattern.format(n=n) for n in range(count)) + after


READERS: dict[str, dict[str, str]] = {
    "yaml": {
        "layers": filled("- Conv1d(16, 16, 3, padding=1)\n", "input: [N, 16, 99]\nlayers:\n"),
        "names": filled("- a{n}: ReLU()\n", "input: [4]\nlayers:\n"),
        "arguments": "- Conv1d(" + "1, " * (MEGA // 3),
        "brackets": "[" * MEGA,
        "quotes": "- '" + "''" * (MEGA // 2),
        "keys": filled("  v{n}: {n}\n", "layers: [ReLU]\nvars:\n"),
        "anchors": filled("- &a{n} x\n", "layers:\n"),
        "aliases": filled("- *a\n", "- &a [ReLU, ReLU, ReLU, ReLU, ReLU]\n"),
        "folded": "- Conv1d(" + "\n  1," * (MEGA // 5) + ")",
        "escapes": '- "' + "\\x41" * (MEGA // 4) + '"',
        "comments": "# (\n" * (MEGA // 4),
        "expectations": filled("  a{n}: {n}\n", "input: [4]\nlayers: [ReLU]\nexpect:\n"),
        "shapes": "layers: [ReLU]\ninput: [" + "1, " * (MEGA // 3) + "1]",
    },
    "inline": {
        "layers": filled("ReLU() -> ")[:-4],
        "sums": "x = relu(x)\nx" + " + x" * (MEGA // 4),
        "methods": "relu(x)" + ".relu()" * (MEGA // 7),
        "parentheses": "relu(" * (MEGA // 5),
        "quotes": "x -> '" + "' '" * (MEGA // 3),
        "numbers": f"Conv1d({'9' * MEGA}, 1, 1)",
        "words": "relu(" + "a" * MEGA + ")",
        "names": filled("a{n} = relu(x)\n"),
        "Sequentials": "nn.Sequential(" + "ReLU(), " * (MEGA // 8) + "ReLU())",
        "tuples": "Conv1d(1, 1, (" + "1, " * (MEGA // 3) + "))",
    },
    "module": {
        "layers": filled(
            "        self.a{n} = nn.ReLU()\n",
            "class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n",
        ),
        "lines": filled("        x = x + {n}\n", "class A(nn.Module):\n    def forward(self, x):\n"),
        "classes": filled("class A{n}(nn.Module):\n    def forward(self, x):\n        return relu(x)\n"),
        "blanks": "class A(nn.Module):\n" + "\n" * MEGA,
        "strings": 'class A(nn.Module):\n    """' + "a" * MEGA + '"""\n    def forward(self, x):\n        return x\n',
    },
    "printed": {
        "layers": filled("  ({n}): ReLU()\n", "Sequential(\n", ")"),
        "parts": "Net(\n" + "(a): B(\n" * (MEGA // 8),
        "copies": "ModuleList(\n  (0-999999998): 999999999 x ReLU()\n)" + " " * MEGA,
        "words": "Net(\n  (a): B(" + "a" * MEGA + ")\n)",
        "spaces": "Net(\n  (a): " + " " * MEGA + "\n)",
        "closing": "Net(\n  (a): ReLU()\n" + ")" * MEGA,
    },
    "bytes": {"noise": "\ufffd\u0001é(" * (MEGA // 7), "marks": "\ufeff" * (MEGA // 3), "ends": "\r\n" * (MEGA // 2)},
}
"""A megabyte, or a little more or less, for each reader."""


def measured(text: str, folder: str) -> tuple[float, int, int]:
    """Trace a file in a process of its own; return the seconds of the processor, the megabytes, and the exit code."""
    path = Path(folder, "hostile")
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "convshape", "trace", str(path), "--format", "csv"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, process.returncode


def report(reader: str, folder: str) -> bool:
    """Measure a reader, print its worst time and memory, and tell whether they are within the bars.

    What is no network is refused; what is one takes what its layers take, and has no bar.
    """
    costs = {name: measured(text, folder) for name, text in READERS[reader].items()}
    refused = {name: cost for name, cost in costs.items() if cost[2]}
    slow, large = (max(refused, key=lambda name: refused[name][place]) for place in (0, 1))
    seconds, megabytes = refused[slow][0], refused[large][1]
    words = f"{seconds:.2f} s ({slow}; bar: {SECONDS:.0f}), {megabytes} MB ({large}; bar: {MEGABYTES})"
    sys.stdout.write(f"{reader}: {words}\n")
    for name in costs.keys() - refused.keys():
        sys.stdout.write(f"  {name} is a network: {costs[name][0]:.2f} s, {costs[name][1]} MB\n")
    return seconds <= SECONDS and megabytes <= MEGABYTES


def main() -> int:
    """Measure every reader; exit with 1 where one of them takes too much."""
    with tempfile.TemporaryDirectory() as folder:
        within = [report(reader, folder) for reader in READERS]
    return int(not all(within))


if __name__ == "__main__":
    sys.exit(main())
