"""What each output position sees, on random stacks, against the support of torch's gradient."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

import convshape
from convshape.report.receptive import fields, seen

if TYPE_CHECKING:
    import pytest

SIZE = {1: 90, 2: 48}
NIGHTLY, USUAL = 300, 40


class Stack(nn.Module):
    """A random stack, run by torch line by line as convshape writes it; sums and joins have no windows of their own."""

    def __init__(self, random: Random, axes: int) -> None:
        """Write the lines and make the modules."""
        super().__init__()
        self.random, self.axes = random, axes
        self.lines: list[tuple[str, str]] = []
        self.parts = nn.ModuleDict()
        for _ in range(random.randint(1, 4)):
            if random.random() < 0.3:  # a branch now and then
                self.branch()
            else:
                self.layer(self.window())

    def each(self, low: int, high: int) -> Any:
        """Pick a number for each axis."""
        found = tuple(self.random.randint(low, high) for _ in range(self.axes))
        return found[0] if self.axes == 1 else found

    def window(self) -> str:
        """Write a layer that slides."""
        kind = self.random.choice(("Conv", "Conv", "ConvTranspose", "AvgPool"))
        if kind == "AvgPool":
            return f"AvgPool{self.axes}d({self.each(2, 3)}, {self.each(1, 3)})"
        settings = f"{self.each(1, 4)}, stride={self.each(1, 3)}, padding={self.each(0, 1)}"
        return f"{kind}{self.axes}d(1, 1, {settings}, dilation={self.each(1, 2)})"

    def layer(self, text: str) -> None:
        """Add a line."""
        name = f"n{len(self.lines)}"
        self.lines.append((name, text))
        self.parts[name] = eval(text, vars(nn)).double()  # noqa: S307  # our own text
        for weight in self.parts[name].parameters():
            nn.init.uniform_(weight, 0.5, 1.5)

    def branch(self) -> None:
        """Add two branches of one length that are summed."""
        kernel, dilation = self.random.choice((1, 3, 5)), self.random.choice((1, 2))
        self.layer(f"Conv{self.axes}d(1, 1, 1)")
        self.lines.append(("", f"keep = n{len(self.lines) - 1}"))
        self.layer(f"Conv{self.axes}d(1, 1, {kernel}, padding={dilation * (kernel - 1) // 2}, dilation={dilation})")
        self.lines.append(("", "x + keep"))

    def text(self) -> str:
        """Write it as convshape reads it."""
        lines = (f"  - {name}: {text}" if name else f"  - {text}" for name, text in self.lines)
        return "layers:\n" + "\n".join(lines) + "\n"

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Run the lines."""
        keep = x
        for name, text in self.lines:
            if name:
                x = self.parts[name](x)
            elif text.startswith("keep"):
                keep = x
            else:
                x = x + keep
        return x


def support(stack: Stack, place: tuple[int, ...]) -> list[tuple[int, int] | None]:
    """Return the first and last input position along each axis that the gradient of one output reaches."""
    x = torch.rand((1, 1, *(SIZE[stack.axes] for _ in place)), dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(stack(x)[(0, 0, *place)], x)
    reached = gradient[0, 0].nonzero()
    if not len(reached):
        return [None] * len(place)
    return [(int(axis.min()), int(axis.max())) for axis in reached.T]


def drawn(random: Random) -> tuple[Stack, Any]:
    """Return a random stack that its input is large enough for, and its trace."""
    while True:
        stack = Stack(random, random.choice((1, 1, 2)))
        trace = convshape.trace(stack.text(), (1, 1, *(SIZE[stack.axes],) * stack.axes))
        if trace.error is None:
            return stack, trace


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give the random test its seeds."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(NIGHTLY if metafunc.config.getoption("--nightly") else USUAL))


def test_every_position_sees_what_its_gradient_reaches(seed: int) -> None:
    """In the middle, away from what padding cuts off, the first and the last position are the gradient's."""
    random = Random(seed)  # noqa: S311  # no secrets
    torch.manual_seed(seed)
    stack, trace = drawn(random)
    axes: Any = seen(trace.steps)[-1]
    lengths: Any = trace.output[2:]
    periods = max(len(axis.seen) for axis in axes)
    middle = [tuple(length // 2 + step for length in lengths) for step in range(-periods // 2, periods // 2 + 1)]
    widest = [0] * len(axes)
    compared = 0
    for place in middle:
        if not all(0 <= one < length for one, length in zip(place, lengths, strict=True)):
            continue
        wanted = [axis.at(one) for axis, one in zip(axes, place, strict=True)]
        if None in wanted:  # an axis that sees nothing leaves nothing along the others
            wanted = [None] * len(wanted)
        inside = all(one is None or (one[0] >= 0 and one[1] < SIZE[stack.axes]) for one in wanted)
        if inside:
            compared += 1
            assert support(stack, place) == wanted, f"{stack.text()} at {place}"
            widest = [max(a, one[1] - one[0] + 1 if one else 0) for a, one in zip(widest, wanted, strict=True)]
    assert compared or max(field.positions for field in fields(trace.steps)[-1] or ()) > min(SIZE.values()) // 2
    for most, field in zip(widest, fields(trace.steps)[-1] or (), strict=True):
        assert most <= field.positions
