"""Time `convshape linear-in` as a whole process against a bare Typer program, and against torchinfo.

Run: python tests/benchmarks/startup.py
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from timing import interleaved, process, report

LENET = Path(__file__).parents[2] / "examples" / "lenet5.yaml"

BARE = """
import typer, yaml
app = typer.Typer()

@app.command()
def load(path: str) -> None:
    print(len(yaml.safe_load(open(path))))

@app.command()
def other() -> None:
    pass

app()
"""

TORCHINFO = """
import sys
from torch import nn
from torchinfo import summary
net = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
print(summary(net, (1, 1, 28, 28)))
"""


def main() -> None:
    """Print both ratios."""
    with tempfile.TemporaryDirectory() as folder:
        bare, torchinfo = Path(folder, "bare.py"), Path(folder, "torchinfo_lenet.py")
        bare.write_text(BARE)
        torchinfo.write_text(TORCHINFO)
        ours = [sys.executable, "-m", "convshape", "linear-in", str(LENET)]
        plain = [sys.executable, str(bare), "load", str(LENET)]
        theirs = [sys.executable, str(torchinfo)]
        a, b = interleaved(lambda: process(ours), lambda: process(plain), 31)
        report("linear-in against a bare Typer program", a / b, "<= 1.35", f"{a * 1e3:.0f} ms, {b * 1e3:.0f} ms")
        a, b = interleaved(lambda: process(ours), lambda: process(theirs), 5)
        report("torchinfo against linear-in", b / a, ">= 10", f"{b * 1e3:.0f} ms, {a * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
