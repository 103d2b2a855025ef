"""Searching: the inverse of a trace. It finds the values that make a network work, and give what is wanted.

A space of candidates is cut into boxes. One box is one propagation over vectors of candidates, where numpy is there
and the rules do arithmetic only; else one propagation for each. Boxes depend on nothing but the Problem: whatever has
a `map` can take them.
"""

from __future__ import annotations

import os
from functools import cached_property, partial
from heapq import heappop, heappush
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.dim import Symbols
from convshape.faults import ReadError
from convshape.inputs import by_name
from convshape.network import Network
from convshape.read import read
from convshape.searching.task import pose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Protocol

    from convshape.layer import Layer
    from convshape.searching.space import Box
    from convshape.searching.task import Task
    from convshape.steps import Trace

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


ALONE, BEHIND_ALL = "some sizes", 1 << 30
"""The gate of what fits at some sizes of an open letter and not at all; it comes after all others."""


class Gate(NamedTuple):
    """What keeps candidates out: where it stands, in words, how many it kept out, and what they reached there."""

    order: int
    words: str
    lost: int
    least: Any = None
    most: Any = None

    def joined(self, other: Gate) -> Gate:
        """Add what another box found."""
        least, most = chosen(min, self.least, other.least), chosen(max, self.most, other.most)
        return Gate(min(self.order, other.order), self.words, self.lost + other.lost, least, most)


def chosen(pick: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    """Pick one of two numbers, or of two shapes axis by axis; what is None says nothing."""
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, tuple):
        return tuple(map(pick, one, other)) if len(one) == len(other) else None
    return pick(one, other)


class Found(NamedTuple):
    """What a box held: the keys of its settings, best first, each with its values; how many there were; its gates."""

    settings: list[tuple[tuple[Any, ...], tuple[int, ...]]]
    total: int
    tried: int
    gates: dict[Any, Gate]


class Setting:
    """One answer: a value for each name; `trace` is the network with them."""

    def __init__(self, task: Task, values: Sequence[int]) -> None:
        """Keep the values, in the order in which they were asked for."""
        self.task = task
        found = dict(zip(task.space.names, values, strict=True))
        self.values = {name: found[name] for name in task.names}

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
        return self.task.trace(Symbols(), self.values, {})

    @cached_property
    def everywhere(self) -> bool:
        """Whether it gives what is wanted at every size of the letters that stay open, and not just at those tried."""
        from convshape.sizing.proof import Study, everywhere

        task = self.task
        study = Study(task.network, task.given, {**task.settings, **self.values}, train=task.train, layers=task.layers)
        symbols = self.trace.symbols
        letters = {name: symbols.symbol(name) for name in symbols.names}
        known = letters | task.known(self.trace, self.values, {})
        asked = (want.asked(self.trace, known) for want in task.conditions)
        return not self.trace.error and all(everywhere(held, study).holds for held in asked)


class Here:
    """The executor that runs boxes one after the other, in this process."""

    map = staticmethod(map)


class Search:
    """A search: iterate over it for the settings, best first, each as soon as nothing better can come.

    `tried`, `count` and `complete` say how far it is; `gates` what kept the others out.
    """

    def __init__(self, task: Task, executor: Executor, watch: Callable[[Search], None] | None = None) -> None:
        """Cut the space into boxes; `watch` is called after each."""
        from convshape.searching.trial import prepared

        self.task = prepared(task)
        if self.size > LIMIT:
            raise too_large(self)
        self.executor = executor
        self.watch = watch
        self.tried = self.count = 0
        self.complete = False
        self.gates: dict[Any, Gate] = {}
        self.waiting: list[tuple[tuple[Any, ...], tuple[int, ...]]] = []

    @property
    def size(self) -> int:
        """How many candidates there are."""
        return self.task.space.size

    @cached_property
    def boxes(self) -> list[Box]:
        """The boxes, the simplest first."""
        return self.task.space.boxes(PLAIN_BOX if self.alone else BOX)

    @property
    def alone(self) -> bool:
        """Whether each candidate is a propagation of its own."""
        return set(self.task.names) <= set(self.task.plain)

    def __iter__(self) -> Iterator[Setting]:
        """Give the settings."""
        bounds = [self.task.space.least(box) for box in self.boxes[1:]]
        from convshape.searching.trial import tried

        results = self.executor.map(partial(tried, self.task), self.boxes)
        for bound, found in zip([*bounds, None], results, strict=True):
            self.take(found)
            while self.waiting and (bound is None or (not self.task.ranks and self.waiting[0][0][0] < bound)):
                yield from self.best()
        self.complete = True

    @property
    def reasons(self) -> list[Gate]:
        """What kept candidates out, in the order in which they came to it."""
        return sorted(self.gates.values(), key=lambda gate: gate.order)

    @property
    def why(self) -> Iterator[str]:
        """What kept all candidates out, in words: the first bound that fails for those that came so far."""
        left = self.tried
        for gate in self.reasons:
            if gate.lost:
                reach = "" if gate.least is None else f", which is {between(gate.least, gate.most)} for them"
                yield f"{gate.lost:,} of {left:,}: {gate.words}{reach}"
                left -= gate.lost

    def rest(self) -> Iterator[Setting]:
        """Give what has been found of a search that was interrupted."""
        while self.waiting:
            yield from self.best()

    def best(self) -> Iterator[Setting]:
        """Give the best setting that waits, unless some size of an open letter speaks against it."""
        setting = Setting(self.task, heappop(self.waiting)[1])
        if not self.task.far or setting.everywhere:
            yield setting
            return
        self.count -= 1
        gate = Gate(BEHIND_ALL, f"gives what is wanted at some sizes of {', '.join(self.task.far)} alone", 1)
        self.gates[ALONE] = self.gates[ALONE].joined(gate) if ALONE in self.gates else gate

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


def too_large(search: Search) -> ReadError:
    """Say how large a search would be, how long it would take, and which ranges bring it down."""
    from convshape.searching.trial import tried

    start = monotonic()
    box = search.task.space.simplest(PLAIN_BOX if search.alone else BOX)
    rate = tried(search.task, box).tried / (monotonic() - start)
    narrower = [f"--vary {axis.name}={axis.words}" for axis in search.task.space.narrowed(LIMIT)]
    words = (
        f"{search.size:,} settings are too many: on one core they would take {duration(search.size / rate)}; "
        f"at most {LIMIT:,} are tried, as with {' '.join(narrower)}"
    )
    return ReadError("too-many-settings", words, search.task.network.source)


def duration(seconds: float) -> str:
    """Write a time in the unit that fits."""
    for name, length in (("years", 31_557_600), ("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= length:
            return f"{seconds / length:,.0f} {name}"
    return f"{seconds:,.0f} seconds"


def between(least: Any, most: Any) -> str:
    """Write the numbers that candidates reach, or the shapes: 4 to 9, (1, 16, 4 to 9)."""
    if isinstance(least, tuple):
        sizes = (between(*ends).replace(",", "") for ends in zip(least, most, strict=True))
        return f"({', '.join(sizes)}{',' if len(least) == 1 else ''})"
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


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
    task = pose(network, given, set or {}, output=output, vary=vary, want=want, train=train, layers=layers)
    return Search(task, executor or Here())
