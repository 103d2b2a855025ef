"""Time `convshape sizes` as a whole process, and an answer from the solved set.

Run: python tests/benchmarks/sizes.py
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import timeit
from pathlib import Path

from timing import process, report

import convshape

EXAMPLES = Path(__file__).parents[2] / "examples"
RUNS = 7


def deep(levels: int) -> str:
    """Write a U-Net of so many levels."""
    lines = ["input: [N, 3, H, W]", "layers:", "  - Conv2d(3, 8, 3, padding=1)"]
    for level in range(levels):
        lines += [f"  - down{level}: Conv2d(8, 8, 3, padding=1)", "  - ReLU()", "  - MaxPool2d(2)"]
    for level in reversed(range(levels)):
        lines += ["  - ConvTranspose2d(8, 8, 2, stride=2)", f"  - torch.cat([down{level}, x], 1)"]
        lines += ["  - Conv2d(16, 8, 3, padding=1)"]
    return "\n".join(lines) + "\n"


def chain(layers: int) -> str:
    """Write a chain of windows, of which every one leaves a bound."""
    strides = (1, 2, 3, 2)
    lines = [
        f"  - Conv1d(4, 4, {2 + place % 4}, stride={1 if place % 50 else strides[place // 50]})"
        for place in range(layers)
    ]
    return "input: [N, 4, L]\nlayers:\n" + "\n".join(lines) + "\n"


def seconds(path: Path, *options: str) -> tuple[float, float]:
    """Return the median time of a whole process, and what it used of a processor: a busy machine makes it wait."""
    command = [sys.executable, "-m", "convshape", "sizes", str(path), "--format", "json", *options]
    process(command)
    before = used()
    waited = statistics.median(process(command) for _ in range(RUNS))
    return waited, (used() - before) / RUNS


def used() -> float:
    """Return the seconds of processor time that the processes so far have used."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print a line for each bar."""
    with tempfile.TemporaryDirectory() as folder:
        unet, long = Path(folder, "unet.yaml"), Path(folder, "chain.yaml")
        unet.write_text(deep(5))
        long.write_text(chain(200))
        for name, path, options, bar in (
            ("ResNet-18", EXAMPLES / "resnet18.yaml", (), 0.5),
            ("VGG16", EXAMPLES / "vgg16.yaml", ("--free", "all"), 0.5),
            ("U-Net of 5 levels", unet, (), 0.5),
            ("chain of 200 layers", long, (), 2.0),
        ):
            waited, busy = seconds(path, *options)
            report(f"sizes of {name}", waited / bar, f"< 1, of {bar} s", f"{waited:.3f} s, processor {busy:.3f} s")
    sizes = convshape.sizes(EXAMPLES / "unet.yaml")
    each = timeit.timeit(lambda: sizes.valid(N=1, H=500, W=640), number=20_000) / 20_000
    report("valid(N=1, H=500, W=640)", each / 10e-6, "< 1, of 10 us", f"{each * 1e6:.1f} us")


if __name__ == "__main__":
    main()
