"""An error about the sizes of an input says at which others the network works, and these do."""

from __future__ import annotations

import re
from typing import Any

import pytest

import convshape
from convshape.sizing.elsewhere import elsewhere

LENET = "Conv2d(1, 6, 5) -> MaxPool2d(2) -> Conv2d(6, 16, 5) -> MaxPool2d(2) -> Flatten() -> Linear(400, 10)"
UNEVEN = "down = MaxPool2d(4) -> Upsample(scale_factor=4) -> x + input"


def note(net: str, shape: tuple[Any, ...]) -> str:
    """Return what is noted of a network that refuses a shape."""
    trace = convshape.trace(net, shape)
    assert trace.error is not None
    return elsewhere(trace, lambda free: convshape.sizes(net, shape, free=free))


@pytest.mark.parametrize(
    ("net", "shape", "point"),
    [
        (LENET, (2, 1, 28, 28), {"H": 32, "W": 32}),
        (LENET, (2, 1, 40, 40), {"H": 35, "W": 35}),
        (UNEVEN, (1, 3, 30, 32), {"H": 32, "W": 32}),
        ("Conv1d(1, 4, 8)", (1, 1, 6), {"L": 8}),
    ],
)
def test_the_sizes_that_are_noted_work(net: str, shape: tuple[int, ...], point: dict[str, int]) -> None:
    """The note names the nearest sizes, and a trace at these has no error."""
    words = note(net, shape)
    found = {name: int(size) for name, size in re.findall(r"(\w)=(\d+)", words)}
    assert found == point
    assert f"--free {','.join(point)}" in words
    assert convshape.trace(net, (*shape[: -len(found)], *found.values())).error is None


@pytest.mark.parametrize(
    ("net", "shape"),
    [
        ("Conv1d(3, 4, 3)", (1, 2, 20)),  # the channels are the network's
        (LENET, (2, 1, 200, 200)),  # other data
        (LENET, (2, 1, "H", "W")),  # no sizes to be off
        ("Conv1d(1, 4, 0)", (1, 1, 20)),  # no input helps
        ("x.view(3, 7)", (2, 10)),  # letters that say nothing of data
    ],
)
def test_nothing_is_noted_where_other_sizes_would_not_help(net: str, shape: tuple[int | str, ...]) -> None:
    """An error that is not about the size of the data is left alone."""
    assert convshape.trace(net, shape).error is None or note(net, shape) == ""
