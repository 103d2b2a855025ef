"""Task: what a search is to find, where, and what it must give; it can be sent to other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.bind import bind
from convshape.dim import Dim, Symbols
from convshape.inputs import given_inputs, letters, pinned
from convshape.propagate import propagate
from convshape.searching.space import opened, read_vary, space
from convshape.searching.wants import wants
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from convshape.layer import Layer
    from convshape.network import Network
    from convshape.searching.space import Space
    from convshape.searching.wants import Want
    from convshape.steps import Trace


FAR = 512
"""Letters of axes that stay open are tried at sizes from here on, where most windows fit."""
TURNS = 4
"""At how many sizes, one after the other: halves, thirds and quarters come out differently."""


class Task(NamedTuple):
    """All that a box needs to know; it can be sent elsewhere."""

    network: Network
    given: dict[str, Any]
    settings: dict[str, Any]
    names: tuple[str, ...]
    space: Space
    wants: tuple[Want, ...]
    trials: tuple[dict[str, int], ...]  # the sizes of the letters that stay open: a want that names one is asked twice
    train: bool = False
    layers: Mapping[str, type[Layer]] = {}
    plain: tuple[str, ...] = ()  # the names that a rule needs one by one
    far: tuple[str, ...] = ()  # the letters of other axes than the batch that stay open
    most: int | None = None  # how many of a box's settings are kept, the best ones

    @property
    def ranks(self) -> tuple[Want, ...]:
        """What settings are ranked by before how usual they are."""
        return tuple(want for want in self.wants if want.sign)

    @property
    def conditions(self) -> tuple[Want, ...]:
        """What must hold."""
        return tuple(want for want in self.wants if not want.sign)

    def trace(self, symbols: Symbols, values: Mapping[str, Any], trial: Mapping[str, int]) -> Trace:
        """Trace the network with values for what is sought, numbers or vectors."""
        settings = {**self.settings, **values}
        inputs, notes = given_inputs(self.network, self.given, symbols, settings, self.layers)
        fixed = {name: Tensor(at(x, trial), x.dtype) for name, x in inputs.items()}
        known = pinned(self.network, fixed, settings)
        lines = bind(self.network, symbols, settings=known, training=self.train, extra=self.layers, inputs=fixed)
        return propagate(self.network, lines, fixed, symbols, notes)

    def known(self, trace: Trace, values: Mapping[str, Any], trial: Mapping[str, int]) -> dict[str, Any]:
        """Return the numbers that a want may name: settings, letters, and what is sought."""
        return {**trial, **pinned(self.network, trace.inputs, self.settings), **values}


def at(sizes: Iterable[Any], trial: Mapping[str, int]) -> Iterator[Any]:
    """Give the letters of a shape their sizes."""
    for size in sizes:
        yield size.at(**trial) if isinstance(size, Dim) and not size.counted else size


def pose(  # noqa: PLR0913  # what a search may be told
    net: Network,
    given: dict[str, Any],
    settings: Mapping[str, Any],
    *,
    output: Any = None,
    vary: Mapping[str, Iterable[int]] | Sequence[str] = (),
    want: str | Sequence[str] = (),
    train: bool = False,
    layers: Mapping[str, type[Layer]] | None = None,
    most: int | None = None,
) -> Task:
    """Say what is sought, where, and what it must give.

    Raises ReadError where nothing is sought, or a want is no comparison.
    """
    sizes = read_vary(vary)
    network, taken, places = opened(net, given, sizes)
    if sizes and not net.inputs and not given:  # the letters of the shape that is taken may vary
        shapes, _ = given_inputs(network, None, Symbols(), {}, dict(layers or {}))
        taken = {name: tuple(size if isinstance(size, int) else str(size) for size in x) for name, x in shapes.items()}
        network, taken, _ = opened(network, taken, sizes)
    asked = tuple(wants(want if isinstance(want, str) else tuple(want), output))
    start = Symbols()
    inputs, _ = given_inputs(network, taken, start, dict(settings), dict(layers or {}))
    known = [*network.variables, *sorted(letters(net)), *start.names]
    room = space(places, sizes, known, net.source)
    names = [name for name in start.names if name not in room.names]
    trials, far = tuple(open_letters(inputs, names, asked)), tuple(far_letters(inputs, names))
    task = Task(network, taken, dict(settings), room.names, room, asked, trials, train, dict(layers or {}))
    return task._replace(most=most, far=far)


def open_letters(inputs: Mapping[str, Tensor], names: Sequence[str], asked: Iterable[Want]) -> Iterator[dict[str, int]]:
    """Give the letters that stay open sizes to try: small ones for a batch, large ones in a row for other axes.

    A want that names a letter must hold at any size, and is asked more than once.
    """
    far = far_letters(inputs, names)
    named = any(set(names) & want.names for want in asked)
    for turn in range(TURNS if far else 1 + named):
        yield {
            name: FAR * (place + 1) + turn if name in far else place + 2 if turn else 1
            for place, name in enumerate(names)
        }


def far_letters(inputs: Mapping[str, Tensor], names: Sequence[str]) -> list[str]:
    """Return the letters of other axes than the batch: what fits depends on them."""
    behind = {name for x in inputs.values() for size in x[1:] if isinstance(size, Dim) for name in size.names}
    return [name for name in names if name in behind]
