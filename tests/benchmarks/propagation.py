"""Time the propagation of Conv1d/BatchNorm1d/ReLU chains against torch's meta device, long against short, and symbols.

Run: python tests/benchmarks/propagation.py
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from timing import interleaved, report, seconds

from convshape.bind import bind
from convshape.dim import Symbols
from convshape.propagate import propagate
from convshape.read import parse
from convshape.source import Source
from convshape.tensor import Tensor

UNIT = "  - Conv1d(16, 16, 3, padding=1)\n  - BatchNorm1d(16)\n  - ReLU()\n"
MEMORY = """
import convshape
convshape.trace("layers:\\n" + {unit!r} * 33334, (8, 16, 256))
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(int(status["VmHWM"].split()[0]) / 1024)  # ru_maxrss would count the parent's memory, too
"""


def chain(layers: int, unit: str = UNIT) -> Any:
    """Return a function that propagates through a chain of layers, already read and bound."""
    text = "layers:\n" + unit * max(layers // unit.count("\n"), 1)
    network, symbols = parse(Source("chain", text)), Symbols()
    lines = bind(network, symbols)

    def run(shape: tuple[Any, ...] = (8, 16, 256)) -> None:
        inputs = {"input": Tensor(symbols.symbol(size) if isinstance(size, str) else size for size in shape)}
        assert propagate(network, lines, inputs, symbols).error is None

    return run


def on_meta(layers: int) -> Any:
    """Return a function that runs the same chain in torch on the meta device."""
    import torch
    from torch import nn

    def unit() -> list[nn.Module]:
        return [nn.Conv1d(16, 16, 3, padding=1), nn.BatchNorm1d(16), nn.ReLU()]

    with torch.device("meta"):
        net = nn.Sequential(*(layer for _ in range(layers // 3) for layer in unit())).eval()
        x = torch.empty(8, 16, 256)

    def run() -> None:
        with torch.no_grad():
            net(x)

    return run


def main() -> None:
    """Print a line for each bar."""
    ours, theirs = chain(3000), on_meta(3000)
    a, b = interleaved(lambda: seconds(ours), lambda: seconds(theirs), 5)
    report("3,000 layers, torch's meta device against propagation", b / a, ">= 40", f"{a / 3e-3:.1f} us a layer")
    conv = "  - Conv1d(16, 16, 3, padding=1)\n"
    one, many = chain(1, conv), chain(100_000, conv)
    a, b = interleaved(lambda: min(seconds(one) for _ in range(200)), lambda: seconds(many) / 100_000, 5)
    report("1 Conv1d against 100,000, time a layer", max(a / b, b / a), "<= 1.5", f"{a * 1e6:.1f} us, {b * 1e6:.1f} us")
    a, b = interleaved(lambda: seconds(lambda: ours(("N", 16, "L"))), lambda: seconds(ours), 5)
    report("symbols against numbers", a / b, "<= 15", f"{a / 3e-3:.1f} us a layer")
    code = MEMORY.format(unit=UNIT)
    peak = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    report("peak memory of 100,002 layers, in 400 MB", float(peak.stdout) / 400, "< 1", f"{float(peak.stdout):.0f} MB")


if __name__ == "__main__":
    main()
