"""No rule raises anything but a refusal, whatever it is given: numbers, symbols, words, tuples, layers, tensors."""

from __future__ import annotations

import itertools
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from convshape import ConvshapeError, layers, ops, trace
from convshape.dim import Symbols, Undecided
from convshape.faults import Refusal
from convshape.kinds import HOLE, REQUIRED
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.layer import Layer
    from convshape.op import Op

SYMBOLS = Symbols()
N, L = SYMBOLS.symbol("N"), SYMBOLS.symbol("L")
PARTS: tuple[Any, ...] = tuple(
    made(*arguments)
    for name, arguments in (("ReLU", ()), ("Linear", (2, 3)), ("TransformerEncoderLayer", (8, 2)),
                            ("TransformerDecoderLayer", (8, 2)))
    if (made := layers.find(name)) is not None
)  # fmt: skip
PLAIN: tuple[Any, ...] = (1, 2, 3, 8, *PARTS[2:])
VALUES: tuple[Any, ...] = (
    0, -1, 1, 2, 8, 1.5, 0.0, -0.5, float("inf"), 2**62, None, True, "a", "same", "mean", N, HOLE,
    (), (0,), (1, 2), (N,), (N, L), [], [1, 2], *PARTS,
)  # fmt: skip
TENSORS = tuple(
    Tensor(shape, dtype)
    for shape in ((), (0,), (3,), (N,), (2, 3), (N, N), (2, 3, 8), (2, 3, L), (N, 3, 8, 8), (0,) * 5)
    for dtype in ("float32", "int64", "bool")
)
ODD: tuple[Any, ...] = (
    *TENSORS, *TENSORS, None, 5, N, "a", (), (1, 2), (Tensor((2,)),), [Tensor((2, 3))], slice(None), ...,
)  # fmt: skip


@contextmanager
def answered(layer: Layer | None = None) -> Iterator[None]:
    """Let a rule refuse, in words; what is undecided, or over a limit, is told as an error of its line."""
    try:
        yield
    except Refusal as refusal:
        told = refusal.about(layer) if layer else refusal
        assert told.message  # which exception it is does not matter
        assert bool(told.torch_message) == bool(told.fault.torch_words)
    except (ConvshapeError, Undecided) as error:
        assert str(error)  # noqa: PT017


@pytest.fixture
def tries(request: pytest.FixtureRequest) -> int:
    """How often each rule is tried."""
    return 400 if request.config.getoption("--nightly") else 15


def used(layer: Layer, dice: random.Random) -> None:
    """Ask a layer everything, on odd inputs."""
    inputs = dice.choices(ODD, k=dice.choice((1, 1, 2, 3)))
    with answered(layer):
        if layer.holes and isinstance(inputs[0], Tensor):
            layer = layer.fill(inputs[0])
        asked(layer, layer(*inputs), inputs)


def asked(layer: Layer, output: Any, inputs: list[Any]) -> None:
    """Ask a layer what it says of an input that it takes."""
    assert layer.signature()
    assert all(isinstance(shape, tuple) for _, shape in (*layer.weights(), *layer.buffers()))
    assert all(isinstance(kept, Tensor) for kept in layer.kept(output, *inputs))
    assert layer.macs(output, *inputs) is not None


@pytest.mark.parametrize("name", layers.FAMILY)
def test_layers(name: str, tries: int) -> None:
    """A layer takes its arguments and its inputs, or refuses them."""
    kind: Any = layers.find(name)
    dice = random.Random(name)  # noqa: S311  # chance, not secrets
    for _ in range(tries):
        given = {
            key: dice.choice(VALUES if dice.random() < 0.4 else PLAIN)
            for key, field in kind.fields.items()
            if field.default is REQUIRED or dice.random() < 0.15
        }
        with answered():
            layer = kind(**given)
            for _ in range(4):
                used(layer, dice)


def forms() -> list[Op]:
    """Return every op as a function and as a method."""
    found = (ops.find(name, form) for name in ops.FAMILY for form in ("function", "method", "attribute"))
    return [one for one in dict.fromkeys(found) if one is not None]


@pytest.mark.parametrize("operation", forms(), ids=lambda one: f"{one.name}-{one.where}")
def test_ops(operation: Op, tries: int) -> None:
    """An op takes its arguments, or refuses them."""
    given = (*VALUES, *ODD)
    dice = random.Random(operation.name)  # noqa: S311  # chance, not secrets
    pairs = dice.sample([*itertools.product(given, given)], 10 * tries)
    for arguments in ((), *((one,) for one in given), *pairs):
        with answered():
            operation.call((dice.choice(TENSORS), *arguments), {}, bound=operation.where != "function")


@pytest.mark.parametrize(
    ("text", "shape", "words"),
    [
        (
            "input: [N, 3, 8]\nlayers: ['TransformerEncoderLayer(N, 1.5)']",
            None,
            "a number is needed here: what N and 1.5",
        ),
        ("x.unbind()[0]", (10**9, 2), "the tensors made here are more than 30,000"),
        ("x.chunk(10**9)[0]", (10**9, 2), "the tensors made here are more than 30,000"),
        ("y, z = x.relu()", (10**9, 2), "the tensors made here are more than 30,000"),
        ("x * x.size(0) ** 10**9", ("N", 2), "larger than torch can hold"),
    ],
)
def test_what_only_numbers_decide(text: str, shape: Any, words: str) -> None:
    """It is told at its line, in a sentence."""
    try:
        error: ConvshapeError | None = trace(text, shape).error
    except ConvshapeError as caught:
        error = caught
    assert error is not None
    assert words in error.message
    assert error.source is not None
    assert error.span is not None
