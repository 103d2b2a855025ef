"""Chains of layers: what a network gives is what torch's modules give one after the other, in ints and in symbols."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import torch
from judge import loose, real
from layer_arguments import Spec
from op_cases import Draw

import convshape
from convshape.dim import Dim

HOLE = "_"
LARGEST = 40_000
"""How many numbers a tensor of a chain may have: larger ones are not built on."""


class Chain:
    """A network as text, and beside it what torch does."""

    def __init__(self, draw: Draw, axes: int) -> None:
        """Start with an input that has channels."""
        self.draw = draw
        self.axes = axes
        lengths = (draw.random.randint(5, 12) for _ in range(axes))
        self.x = torch.zeros(draw.pick((1, 2, 3)), draw.pick((1, 2, 4)), *lengths)
        self.shape = tuple(self.x.shape)
        self.rows: list[str] = []
        self.shapes: list[tuple[int, ...]] = []
        self.parameters = 0
        self.error = ""

    def layer(self, spec: Spec, written: str = "") -> None:
        """Add a layer; `written` is how it stands in the text."""
        self.add(written or repr(spec), lambda: self.run(spec))

    def run(self, spec: Spec) -> Any:
        """Make a module and call it."""
        module = real(spec).eval()
        self.parameters += sum(p.numel() for p in module.parameters())
        return module(self.x)

    def add(self, text: str, work: Any) -> None:
        """Add a line."""
        self.rows.append(f"  - s{len(self.rows)}: {text}" if "(" in text else f"  - {text}")
        try:
            self.x = work()
        except Exception as error:  # noqa: BLE001  # whatever torch raises is the answer
            self.error = f"{type(error).__name__}: {loose(str(error))}"
        else:
            self.shapes.append(tuple(self.x.shape))

    @property
    def text(self) -> str:
        """The description."""
        return "layers:\n" + "\n".join(self.rows) + "\n"


def step(chain: Chain) -> None:
    """Add a layer that fits, mostly."""
    draw, axes, channels = chain.draw, chain.axes, int(chain.x.shape[1])
    way = draw.random.randrange(10)
    if draw.chance(3):
        channels += 1
    if way < 3:
        convolve(chain, channels)
    elif way == 3:
        kind = draw.pick(("MaxPool", "AvgPool"))
        chain.layer(Spec(f"{kind}{axes}d", (2,), {"ceil_mode": draw.chance(50), "padding": draw.pick((0, 1))}))
    elif way == 4:
        chain.layer(draw.pick((Spec(f"BatchNorm{axes}d", (channels,)), Spec("GroupNorm", (1, channels)))))
    elif way == 5:
        chain.layer(Spec(draw.pick(("ReLU", "Tanh", "GELU", "Identity", "Dropout", "SiLU"))))
    elif way == 6:
        chain.layer(Spec(f"ReflectionPad{axes}d", (draw.pick((1, 2)),)))
    elif way == 7:
        residual(chain, channels)
    elif way == 8:
        chain.layer(Spec(f"ConvTranspose{axes}d", (channels, draw.pick((1, 2)), 2), {"stride": draw.pick((1, 2))}))
    else:
        chain.layer(Spec("Upsample", (), {"scale_factor": draw.pick((2, 1.5, 0.5, 0.29))}))


def convolve(chain: Chain, channels: int) -> None:
    """Add a convolution; now and then its in_channels is left open."""
    draw = chain.draw
    kernel = draw.pick((1, 2, 3, 3, 5))
    more = {"stride": draw.pick((1, 1, 2)), "padding": draw.pick((0, 0, 1, 2)), "dilation": draw.pick((1, 1, 2))}
    spec = Spec(f"Conv{chain.axes}d", (channels, draw.pick((2, 3, 4)), kernel), more)
    left_open = channels == chain.x.shape[1] and draw.chance(30)
    chain.layer(spec, repr(spec).replace(f"({channels}, ", f"({HOLE}, ", 1) if left_open else "")


def residual(chain: Chain, channels: int) -> None:
    """Add a convolution that keeps the shape, and add what went in."""
    if not chain.rows or "(" not in chain.rows[-1]:
        chain.layer(Spec("ReLU"))
    before, name = chain.x, f"s{len(chain.rows) - 1}"
    chain.layer(Spec(f"Conv{chain.axes}d", (channels, channels, 3), {"padding": chain.draw.pick((1, 1, 1, 0))}))
    if not chain.error:
        chain.add(f"x + {name}", lambda: chain.x + before)


def drawn(random: Random, axes: int) -> Chain:
    """Draw a chain; half of them end in a Linear whose in_features is worked out."""
    chain = Chain(Draw(random), axes)
    for _ in range(random.randint(2, 7)):
        if chain.error or chain.x.numel() > LARGEST:
            break
        step(chain)
    if not chain.error and chain.x.numel() and random.random() < 0.5:
        chain.layer(Spec("Flatten"))
        chain.layer(Spec("Linear", (int(chain.x.shape[1]), 3)), f"Linear({HOLE}, 3)")
    return chain


def number(size: Any, sizes: dict[str, int]) -> int:
    """Return a size at sampled sizes."""
    return size.at(**{name: sizes[name] for name in size.names}) if isinstance(size, Dim) else size


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_chains(axes: int, chain_examples: int) -> None:
    """Every step has torch's shape, the totals are torch's, and the symbols agree at the sizes."""
    seen = {"runs": 0, "stops": 0}

    for place in range(chain_examples):
        chain = drawn(Random(f"{axes} {place}"), axes)  # noqa: S311  # cases, no secrets
        trace = convshape.trace(chain.text, chain.shape)
        seen["stops" if chain.error else "runs"] += 1
        assert [tuple(step.output) for step in trace.steps] == chain.shapes, chain.text
        if chain.error:
            assert trace.error is not None, chain.text
            assert f"{trace.error.torch_type}: {loose(trace.error.torch_message)}" == chain.error, chain.text
        else:
            assert trace.error is None, (chain.text, trace.error)
            assert trace.params == chain.parameters
        check_symbols(chain)
    assert seen["runs"] > chain_examples / 2
    assert seen["stops"] > chain_examples / 50


def check_symbols(chain: Chain) -> None:
    """Trace the chain with a letter for each axis but the channels, and put the sizes in."""
    letters = ("N", "", *"DHW"[-chain.axes :])
    names = tuple(letter or size for letter, size in zip(letters, chain.shape, strict=True))
    sizes = {letter: size for letter, size in zip(letters, chain.shape, strict=True) if letter}
    trace = convshape.trace(chain.text, names)
    steps = [tuple(number(size, sizes) for size in step.output) for step in trace.steps]
    if trace.error is None and not chain.error:
        assert steps == chain.shapes, chain.text
        assert number(trace.params, sizes) == chain.parameters
        assert all(fact.holds(**sizes) for fact, _ in trace.symbols.facts), (chain.text, trace.symbols.facts)
    elif trace.error is None:
        assert not all(fact.holds(**sizes) for fact, _ in trace.symbols.facts), chain.text
    else:
        assert chain.error, (chain.text, trace.error)
