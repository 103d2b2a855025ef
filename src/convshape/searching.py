"""Searching: the inverse of a trace. It finds the values that make a network work, and give what is wanted.

A space of candidates is cut into boxes. One box is one propagation over vectors of candidates, where numpy is there
and the rules do arithmetic only; else one propagation for each. Boxes depend on nothing but the Problem: whatever has
a `map` can take them.
"""

from __future__ import annotations

import os
from functools import cached_property, partial
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.bind import bind
from convshape.dim import Dim, Symbols
from convshape.faults import ReadError
from convshape.inputs import by_name, given_inputs, letters, pinned
from convshape.network import Network
from convshape.propagate import propagate
from convshape.read import read
from convshape.space import opened, read_vary, space
from convshape.tensor import Tensor
from convshape.wants import wants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Protocol

    from convshape.layer import Layer
    from convshape.space import Box, Space
    from convshape.steps import Trace
    from convshape.wants import Want

    class Executor(Protocol):
        """What takes the boxes of a search: its `map` gives results in their order, as concurrent.futures has it."""

        def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
            """Apply a function to each item."""


BOX = 1 << 17
"""How many candidates a box holds at most, where they run as vectors; along most axes an array is short."""
PLAIN_BOX = 256
"""How many where each is a propagation of its own."""
LIMIT = 2_000_000_000
"""How many candidates a search tries without being told to."""


class Problem(NamedTuple):
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


class Gate(NamedTuple):
    """What keeps candidates out: where it stands, in words, how many it kept out, and what they reached there."""

    order: int
    words: str
    lost: int
    least: Any = None
    most: Any = None

    def joined(self, other: Gate) -> Gate:
        """Add what another box found."""
        least = min((one for one in (self.least, other.least) if one is not None), default=None)
        most = max((one for one in (self.most, other.most) if one is not None), default=None)
        return Gate(min(self.order, other.order), self.words, self.lost + other.lost, least, most)


class Found(NamedTuple):
    """What a box held: the keys of its settings, best first, each with its values; how many there were; its gates."""

    settings: list[tuple[tuple[Any, ...], tuple[int, ...]]]
    total: int
    tried: int
    gates: dict[Any, Gate]


class Setting:
    """One answer: a value for each name; `trace` is the network with them."""

    def __init__(self, problem: Problem, values: Sequence[int]) -> None:
        """Keep the values, in the order in which they were asked for."""
        self.problem = problem
        found = dict(zip(problem.space.names, values, strict=True))
        self.values = {name: found[name] for name in problem.names}

    def __getitem__(self, name: str) -> int:
        """Return the value of a name."""
        return self.values[name]

    def __eq__(self, other: object) -> bool:
        """Compare the values."""
        return isinstance(other, Setting) and self.values == other.values

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(tuple(self.values.items()))

    def __repr__(self) -> str:
        """Show the values."""
        return ", ".join(f"{name}={value}" for name, value in self.values.items())

    @cached_property
    def trace(self) -> Trace:
        """The network with these values, letters open again."""
        return self.problem.trace(Symbols(), self.values, {})


class Here:
    """The executor that runs boxes one after the other, in this process."""

    map = staticmethod(map)


class Search:
    """A search: iterate over it for the settings, best first, each as soon as nothing better can come.

    `tried`, `count` and `complete` say how far it is; `gates` what kept the others out.
    """

    def __init__(self, problem: Problem, executor: Executor, watch: Callable[[Search], None] | None = None) -> None:
        """Cut the space into boxes; `watch` is called after each."""
        from convshape.trial import prepared

        self.problem = prepared(problem)
        self.executor = executor
        self.watch = watch
        self.tried = self.count = 0
        self.complete = False
        self.gates: dict[Any, Gate] = {}
        self.waiting: list[tuple[tuple[Any, ...], tuple[int, ...]]] = []

    @property
    def size(self) -> int:
        """How many candidates there are."""
        return self.problem.space.size

    @cached_property
    def boxes(self) -> list[Box]:
        """The boxes, the simplest first."""
        alone = set(self.problem.names) <= set(self.problem.plain)
        return self.problem.space.boxes(PLAIN_BOX if alone else BOX)

    def __iter__(self) -> Iterator[Setting]:
        """Give the settings."""
        bounds = [self.problem.space.least(box) for box in self.boxes[1:]]
        from convshape.trial import tried

        results = self.executor.map(partial(tried, self.problem), self.boxes)
        for bound, found in zip([*bounds, None], results, strict=True):
            self.take(found)
            while self.waiting and (bound is None or (not self.problem.ranks and self.waiting[0][0][0] <= bound)):
                yield Setting(self.problem, heappop(self.waiting)[1])
        self.complete = True

    def rest(self) -> Iterator[Setting]:
        """Give what has been found of a search that was interrupted."""
        while self.waiting:
            yield Setting(self.problem, heappop(self.waiting)[1])

    def take(self, found: Found) -> None:
        """Add what a box held."""
        self.tried += found.tried
        self.count += found.total
        for key, gate in found.gates.items():
            self.gates[key] = self.gates[key].joined(gate) if key in self.gates else gate
        for setting in found.settings:
            heappush(self.waiting, setting)
        if self.watch:
            self.watch(self)


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
) -> Problem:
    """Say what is sought, where, and what it must give.

    Raises ReadError where nothing is sought, a want is no comparison, or a letter would have to have a size.
    """
    network, taken, places = opened(net, given)
    asked = tuple(wants(want if isinstance(want, str) else tuple(want), output))
    sizes = read_vary(vary)
    start = Symbols()
    inputs, _ = given_inputs(network, taken, start, dict(settings), dict(layers or {}))
    known = [*net.variables, *sorted(letters(net)), *start.names]
    room = space(places, sizes, known, net.source)
    trials = tuple(open_letters(network, inputs, [name for name in start.names if name not in room.names], asked))
    problem = Problem(network, taken, dict(settings), room.names, room, asked, trials, train, dict(layers or {}))
    return problem._replace(most=most)


def open_letters(
    network: Network, inputs: Mapping[str, Tensor], names: Sequence[str], asked: Iterable[Want]
) -> Iterator[dict[str, int]]:
    """Give the letters of batches a size: 1, and others where a want names one, which must then hold at any.

    Raises ReadError for the letter of another axis: what fits depends on its size.
    """
    behind = {name for x in inputs.values() for size in x[1:] if isinstance(size, Dim) for name in size.names}
    for name in names:
        if name in behind:
            words = f"{name} has no size: give the input with one (-i), or let it vary (--vary {name}=1..512)"
            raise ReadError("no-size", words, network.source)
    yield dict.fromkeys(names, 1)
    if any(set(names) & want.names for want in asked):
        yield {name: place for place, name in enumerate(names, 2)}


def solve(  # noqa: PLR0913  # what a search may be told
    net: str | os.PathLike[str] | Network,
    input: Any = None,  # noqa: A002  # the word of the command line
    set: Mapping[str, Any] | None = None,  # noqa: A002  # the word of the command line
    *,
    output: Any = None,
    vary: Mapping[str, Iterable[int]] | Sequence[str] = (),
    want: str | Sequence[str] = (),
    train: bool = False,
    layers: Mapping[str, type[Layer]] | None = None,
    executor: Executor | None = None,
) -> Search:
    """Find the values of every `?` of a network, and of variables that vary, that give what is wanted.

    `vary` maps names to values; `output` is a shape, `want` conditions as the command line takes them. Iterate over the
    result: settings come as they are found, the most usual first, or ranked where a want is "minimal" or "maximal".
    `executor` has the `map` of concurrent.futures; without one the search runs here.
    Raises ReadError when the description, a range or a want cannot be read, or nothing is sought.
    """
    network = net if isinstance(net, Network) else read(os.fspath(net))
    given = by_name(network, input)
    problem = pose(network, given, set or {}, output=output, vary=vary, want=want, train=train, layers=layers)
    return Search(problem, executor or Here())
