"""Proof: whether a fact holds at every size for which a network works, and whether it works at every size of a fact.

First the network is asked under the assumption; then sets are compared, exactly where a fact is about one symbol; then
sizes are tried. What is neither proved nor refuted is said to be so.
"""

from __future__ import annotations

from functools import cached_property
from itertools import islice, product
from typing import TYPE_CHECKING, NamedTuple

from convshape.arithmetic.facts import Both, Either, Fact
from convshape.arithmetic.sets import Numbers
from convshape.arithmetic.solve import Unsolvable, solve
from convshape.dim import Contradiction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from convshape.arithmetic.sets import Ranges
    from convshape.dim import Symbols
    from convshape.network import Network
    from convshape.sizing import Sizes
    from convshape.steps import Trace

PROBES = (1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 33, 63, 64, 100, 224, 225, 1000, 10**6 + 1)
"""Where sizes are tried: at the next one that works from each of these."""
TRIES = 20_000
"""How many sizes are tried together."""


class Verdict(NamedTuple):
    """Whether something holds; if not, the sizes at which it does not, or that it could not be `proved`."""

    holds: bool
    sizes: Mapping[str, int] = {}
    proved: bool = True


UNPROVED = Verdict(holds=False, proved=False)


class Study:
    """A network with its inputs and settings: its trace, its sizes, and its trace under an assumption."""

    def __init__(self, network: Network, given: Any, settings: Mapping[str, Any], *, train: bool = False) -> None:
        """Keep what a trace takes."""
        self.network = network
        self.given = given
        self.settings = dict(settings)
        self.train = train

    def at(self, inputs: Any) -> Trace:
        """Trace the network with other inputs."""
        return Study(self.network, inputs, self.settings, train=self.train).trace

    @cached_property
    def trace(self) -> Trace:
        """The trace, whose error knows its repairs."""
        from convshape.api import trace

        return trace(self.network, self.given, self.settings, train=self.train)

    @cached_property
    def sizes(self) -> Sizes:
        """The exact sizes for which it works."""
        from convshape.api import sizes

        return sizes(self.network, self.given, self.settings, train=self.train)

    def assuming(self, prepare: Callable[[Symbols], None]) -> Trace:
        """Trace it once more, after a callback has narrowed its symbols."""
        from convshape.api import traced

        return traced(self.network, self.given, self.settings, train=self.train, prepare=prepare)


def everywhere(fact: bool | Fact, study: Study) -> Verdict:  # noqa: FBT001  # what a comparison gives
    """Tell whether a fact holds at every size for which a network works."""
    if isinstance(fact, bool):
        return Verdict(fact)
    symbols = study.trace.symbols
    choices = any(isinstance(assumed, Either) for assumed, _ in symbols.facts)
    if not choices and fact.follows(symbols.known):
        return Verdict(holds=True)
    sizes = study.sizes
    single = solved_alone(fact)
    if single and not any(single.keys() & joint.names for joint in sizes.joint):
        return first_gap({name: sizes.alone(name) for name in single}, single)
    tried = samples({name: sizes.alone(name) for name in sizes.symbols})
    failing = (found for found in tried if sizes.valid(**found) and not fact.holds(**found))
    return refuted(failing, fact.names)


def works(study: Study, allowed: Callable[[Symbols], bool | Fact]) -> Verdict:
    """Tell whether a network works at all sizes that are allowed, with some sizes of the symbols not spoken of."""
    facts: list[bool | Fact] = []
    study.assuming(lambda symbols: facts.append(allowed(symbols)))
    fact = facts[0]
    if isinstance(fact, bool):  # the sizes are numbers: there is nothing to choose
        return Verdict(holds=True)
    count = len(alternatives(fact))
    if all(assumed(study, allowed, place) for place in range(count)):
        return Verdict(holds=True)
    return compared(study.sizes, fact)


def assumed(study: Study, allowed: Callable[[Symbols], bool | Fact], place: int) -> bool:
    """Tell whether a network works where one alternative is assumed, and needs nothing more of its symbols."""
    names: set[str] = set()

    def suppose(symbols: Symbols) -> None:
        fact = allowed(symbols)
        assert isinstance(fact, Fact)  # noqa: S101  # it was one before
        names.update(fact.names)
        alternatives(fact)[place].narrow(symbols.known)

    try:
        trace = study.assuming(suppose)
    except Contradiction:  # no sizes satisfy it
        return True
    return trace.error is None and not any(names & fact.names for fact, _ in trace.symbols.facts)


def compared(sizes: Sizes, fact: Fact) -> Verdict:
    """Compare what is allowed with what works, symbol by symbol, then by trying sizes."""
    single = solved_alone(fact)
    if single:
        verdict = first_gap(single, {name: sizes.alone(name) for name in single})
        if not verdict.holds or (len(sizes.worlds) == 1 and not sizes.joint) or len(sizes.symbols) == 1:
            return verdict
    spoken = fact.names
    if any(joint.names & spoken and joint.names - spoken for joint in sizes.joint):
        return UNPROVED
    start = Numbers.between(1, None)
    least = sizes.smallest() or {}
    tried = samples({name: (single or {}).get(name, start) for name in sorted(spoken)})
    failing = (found for found in tried if fact.holds(**found) and not sizes.valid(**{**least, **found}))
    return refuted(failing, spoken)


def refuted(failing: Iterator[dict[str, int]], names: Iterable[str]) -> Verdict:
    """Take the first sizes that fail."""
    found = next(failing, None)
    return UNPROVED if found is None else Verdict(holds=False, sizes={name: found[name] for name in sorted(names)})


def first_gap(inner: Mapping[str, Numbers], outer: Mapping[str, Numbers]) -> Verdict:
    """Tell whether sets are inside others, symbol by symbol; the first number that is not refutes it."""
    for name, numbers in inner.items():
        outside = (numbers & complement(outer[name])).next(1)
        if outside is not None:
            return Verdict(holds=False, sizes={name: outside})
    return Verdict(holds=True)


def solved_alone(fact: Fact) -> dict[str, Numbers]:
    """Return the numbers of each symbol, where a fact says something of each on its own; else nothing."""
    found: dict[str, Numbers] = {}
    for part in fact.parts if isinstance(fact, Both) else (fact,):
        if len(part.names) != 1:
            return {}
        try:
            numbers = solve(part)
        except Unsolvable:
            return {}
        (name,) = part.names
        found[name] = found.get(name, Numbers.between(1, None)) & numbers
    return found


def alternatives(fact: Fact) -> list[Fact]:
    """Return the facts without `or` of which one holds where a fact does."""
    if isinstance(fact, Either):
        return [one for part in fact.parts for one in alternatives(part)]
    if isinstance(fact, Both):
        return [Both(*parts) for parts in product(*map(alternatives, fact.parts))]
    return [fact]


def complement(numbers: Numbers) -> Numbers:
    """Return the whole numbers that are not in a set."""
    return Numbers([gaps(ranges) for ranges in numbers.classes])


def gaps(ranges: Ranges) -> Ranges:
    """Return what ranges leave out of the numbers >= 0."""
    found: list[tuple[int, int | None]] = []
    start = 0
    for low, high in ranges:
        if (low or 0) > start:
            found.append((start, (low or 0) - 1))
        if high is None:
            return tuple(found)
        start = high + 1
    return (*found, (start, None))


def samples(sets: Mapping[str, Numbers]) -> Iterator[dict[str, int]]:
    """Give sizes to try, of all symbols together."""
    probes = [sorted({n for n in map(numbers.next, PROBES) if n is not None}) for numbers in sets.values()]
    for values in islice(product(*probes), TRIES):
        yield dict(zip(sets, values, strict=True))
