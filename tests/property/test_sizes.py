"""Sizes against brute force: the network is traced with numbers at every size, and the solved set must agree."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

import convshape
from convshape.bind import bind
from convshape.dim import Symbols
from convshape.propagate import propagate
from convshape.read import parse, read
from convshape.source import Source
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convshape.network import Network

EXAMPLES = Path(__file__).parents[2] / "examples"
ONE, TWO = 600, 120
"""How far sizes are tried, for one symbol and for two."""
NIGHTLY, USUAL = 2000, 60
NEAR = 50
"""How far near sizes are tried."""
FEWER = 5
"""One network in so many has two symbols: 14,400 traces instead of 600."""


def brute(network: Network, shape: tuple[Any, ...], dtype: str = "float32") -> Callable[..., bool]:
    """Return a function that traces a network with numbers in the place of symbols."""
    symbols = Symbols()
    names = tuple(network.inputs) or ("input",)
    lines = bind(network, symbols, inputs=names)

    def works(**sizes: int) -> bool:
        x = Tensor((sizes[size] if isinstance(size, str) else size for size in shape), dtype)
        return propagate(network, lines, {names[0]: x}, symbols).error is None

    return works


def compared(network: Network, shape: tuple[Any, ...], most: dict[str, int], dtype: str = "float32") -> None:
    """Compare the solved set with brute force at every size up to `most`; it says so of the first that differs."""
    works, found = brute(network, shape, dtype), convshape.sizes(network, shape)
    others = {name: 1 for name in found.symbols if name not in most}
    wrong = []
    for chosen in product(*(range(1, end + 1) for end in most.values())):
        sizes = {**others, **dict(zip(most, chosen, strict=True))}
        if found.valid(**sizes) != works(**sizes):
            wrong.append(sizes)
    assert not wrong, f"{len(wrong)} sizes differ, the first is {wrong[0]} in\n{network.source.text}\n{shape}\n{found}"


# --- random networks ---


class Writer:
    """Writes a random network for an input of one or two spatial axes, line by line."""

    def __init__(self, random: Random, axes: int) -> None:
        """Start with four channels."""
        self.random, self.axes, self.channels = random, axes, 4
        self.text: list[str] = []
        self.names = 0

    def line(self, text: str, name: str = "") -> None:
        """Write a line."""
        self.text.append(f"  - {name + ': ' if name else ''}{text}")

    def pick(self, *values: Any) -> Any:
        """Choose."""
        return self.random.choice(values)

    def window(self, strides: tuple[int, ...] = (1, 1, 2, 3)) -> str:
        """Write kernel, stride, padding and dilation."""
        kernel = self.pick(1, 2, 3, 4, 5)
        return f"{kernel}, stride={self.pick(*strides)}, padding={self.random.randint(0, kernel // 2)}"

    def conv(self, name: str = "") -> None:
        """Write a convolution."""
        dilation = self.pick("", "", ", dilation=2")
        self.line(f"Conv{self.axes}d({self.channels}, {self.channels}, {self.window()}{dilation})", name)

    def step(self, name: str = "") -> None:
        """Write a layer of any kind."""
        kind = self.random.randrange(8)
        if kind < 4:  # half of them
            self.conv(name)
        elif kind == 4:
            ceil = self.pick("", ", ceil_mode=True")
            self.line(f"{self.pick('Max', 'Avg')}Pool{self.axes}d({self.window()}{ceil})", name)
        elif kind == 5:
            self.line(f"ConvTranspose{self.axes}d(4, 4, {self.window()})", name)
        elif kind == 6:
            self.line(self.pick("ReLU()", f"Upsample(scale_factor={self.pick(2, 3, 1.5)})"), name)
        else:
            pad = self.pick("Constant", "Reflection")
            more = ", 0.0" if pad == "Constant" else ""
            self.line(f"{pad}Pad{self.axes}d({self.pick(1, 2, 3)}{more})", name)

    def residual(self) -> None:
        """Write two branches that are added."""
        self.names += 1
        here, side = f"here{self.names}", f"side{self.names}"
        self.line("x", here)
        self.step()
        if self.pick(True, False):
            self.step()
        self.line(self.pick("ReLU()", f"Conv{self.axes}d(4, 4, {self.window()})") + f"({here})", side)
        self.text[-1] = f"  - {side} = {self.text[-1].partition(': ')[2]}"
        self.line(f"x + {self.pick(here, side)}")

    def skips(self) -> None:
        """Write a U-Net: down, and up again with what was passed on the way."""
        depth = self.pick(1, 2, 2, 3)
        names = []
        for _ in range(depth):
            self.names += 1
            names.append(f"down{self.names}")
            self.conv(names[-1]) if self.pick(True, False) else self.line("ReLU()", names[-1])
            self.line(f"MaxPool{self.axes}d({self.pick(2, 2, 3)})")
        for name in reversed(names):
            self.line(f"ConvTranspose{self.axes}d(4, 4, {self.pick(2, 2, 3)}, stride={self.pick(2, 2, 3)})")
            self.line(f"torch.cat([{name}, x], {self.pick(1, 1, 2)})")
            self.line(f"Conv{self.axes}d(_, 4, {self.pick(1, 3)}, padding={self.pick(0, 1)})")

    def linear(self) -> None:
        """Write a head with a fixed number of features."""
        self.line(self.pick("Flatten()", "x.flatten(1)", "x.reshape(1, -1)", "x.view(x.shape[0], -1)"))
        features = 4 * self.pick(1, 2, 3, 5, 6, 9, 12, 16, 25, 36)
        self.line(self.pick(f"Linear({features}, 2)", f"x.view(-1, {features})"))

    def network(self) -> str:
        """Write a whole network."""
        parts = [self.step, self.step, self.step, self.residual]
        if self.random.randrange(4) == 0:
            self.skips()
        for _ in range(self.random.randint(1, 5)):
            self.pick(*parts)()
        if self.random.randrange(3) == 0:
            self.linear()
        return "layers:\n" + "\n".join(self.text) + "\n"


def written(seed: int) -> tuple[Network, tuple[Any, ...], dict[str, int]]:
    """Return a random network, the shape of its input, and how far its symbols are tried."""
    random = Random(seed)  # noqa: S311  # no secrets
    two = seed % FEWER == 0
    axes = 2 if two else random.choice((1, 1, 2))
    text = Writer(random, axes).network()
    letters: tuple[Any, ...] = ("H", "W") if two else ("L",) if axes == 1 else random.choice((("H", 16), ("H", "H")))
    most = {"H": TWO, "W": TWO} if two else {letters[0]: ONE}
    return parse(Source("random", text)), (1, 4, *letters), most


def cases(config: pytest.Config) -> range:
    """Return the seeds of the networks that are tried."""
    return range(NIGHTLY if config.getoption("--nightly") else USUAL)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give the random test its seeds, many in one."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", cases(metafunc.config))


def test_sizes_of_random_networks_are_those_that_work(seed: int) -> None:
    """The set is exact for chains, residual sums, skips and fixed Linears, with one and with two symbols."""
    compared(*written(seed))


def test_the_smallest_and_the_nearest_are_those_of_brute_force(request: pytest.FixtureRequest) -> None:
    """Of the sizes that work with two symbols, none is smaller, and none is nearer with the other one free."""
    for seed in range(0, 400 if request.config.getoption("--nightly") else 50, FEWER):
        network, shape, _ = written(seed)
        found = convshape.sizes(network, shape)
        works = [(h, w) for h in range(1, NEAR + 1) for w in range(1, NEAR + 1) if found.valid(H=h, W=w)]
        least = found.smallest()
        if works:
            assert least is not None
            assert found.valid(**least)
            assert sum(least.values()) <= min(map(sum, works))
        for size in (1, 7, 20, 33):
            below, above = found.nearest(H=size)["H"]
            assert below == max((h for h, _ in works if h <= size), default=None) or beyond(found, below)
            assert above == min((h for h, _ in works if h >= size), default=None) or beyond(found, above)


def beyond(found: convshape.Sizes, height: int | None) -> bool:
    """Tell whether a height works with a width beyond those that were tried."""
    return height is not None and found.valid(H=height) and not any(found.valid(H=height, W=w) for w in range(1, NEAR))


def questions() -> Iterator[tuple[str, tuple[Any, ...], dict[str, int]]]:
    """Give the examples with an axis free at a time, and images with both."""
    for path in sorted(path for path in EXAMPLES.iterdir() if path.is_file()):
        given = convshape.trace(path)
        (x,) = given.inputs.values()
        letters = {2: ("N", "T"), 3: ("N", "C", "L"), 4: ("N", "C", "H", "W")}[len(x)]
        shape = tuple(size if isinstance(size, int) else letter for size, letter in zip(x, letters, strict=True))
        for axis, letter in enumerate(letters):
            fixed = tuple(24 if isinstance(size, str) else size for size in shape)
            yield path.name, (*fixed[:axis], letter, *fixed[axis + 1 :]), {letter: ONE}
        if len(x) == 4:
            yield path.name, (1, shape[1], "H", "W"), {"H": TWO, "W": TWO}


@pytest.mark.parametrize(("name", "shape", "most"), list(questions()))
def test_sizes_of_the_examples_are_those_that_work(
    name: str, shape: tuple[Any, ...], most: dict[str, int], request: pytest.FixtureRequest
) -> None:
    """The set is exact for every example and each of its axes."""
    if not request.config.getoption("--nightly"):
        most = {letter: end // 8 if len(most) > 1 else end // 3 for letter, end in most.items()}
    network = read(str(EXAMPLES / name))
    dtype = next((spec.dtype for spec in network.inputs.values()), "float32")
    given: Any = Tensor(shape, dtype)
    compared(network, given, most, dtype)
