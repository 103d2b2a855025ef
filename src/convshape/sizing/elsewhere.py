"""Elsewhere: other sizes of a concrete input, for which a network works that refuses the ones it got."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from convshape.faults import ConvshapeError, ShapeError
from convshape.sizing.free import axes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from convshape.sizing import Sizes
    from convshape.steps import Trace

SLIDES = ("L", "D", "H", "W")
"""The letters of axes that data may have in another size; a batch works or not, and channels belong to the network."""
LONG = 300
"""Networks with more steps are not asked: an error should not take longer than a trace."""
FACTOR = 2
"""A size more than so many times larger or smaller is another kind of data."""


def elsewhere(trace: Trace, sizes: Callable[[Sequence[str]], Sizes]) -> str:
    """Say at which other sizes of its input a network would work; empty where there are none near by.

    `sizes` solves for them when the axes it is given become symbols.
    """
    error, now = trace.error, current(trace)
    if not isinstance(error, ShapeError) or error.stage != "forward" or not now or len(trace.steps) > LONG:
        return ""
    try:
        found = sizes(tuple(now))
    except ConvshapeError:  # a question that has no answer is no second error
        return ""
    point = next(near(found, now), None)
    if point is None:
        return ""
    words = ", ".join(f"{name}={size}" for name, size in point.items())
    return f"{words} would work; `convshape sizes` with --free {','.join(now)} shows all sizes that do"


def current(trace: Trace) -> dict[str, int]:
    """Return the sizes that the data might have otherwise, by their letters; none where a letter is not one size."""
    found: dict[str, int] = {}
    for tensor in trace.inputs.values():
        for letter, size in zip(axes(trace, tensor), tensor, strict=True):
            if letter in SLIDES and (not isinstance(size, int) or found.setdefault(letter, size) != size):
                return {}
    return found


def near(sizes: Sizes, now: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Give sizes that work, the nearest first: every axis moved by the same number, or one of them alone."""
    if sizes.symbols == tuple(now):
        for point in around(now):
            alike = all(size <= FACTOR * now[name] <= FACTOR**2 * size for name, size in point.items())
            if alike and sizes.valid(**point):
                yield point


def around(now: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Give the sizes around some, the nearest first."""
    groups = list(dict.fromkeys([tuple(now), *((name,) for name in now)]))
    for step, sign, names in product(range(1, FACTOR * max(now.values())), (1, -1), groups):
        yield {**now, **{name: now[name] + sign * step for name in names}}
