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
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Any

    from convshape.arithmetic.sets import Ranges
    from convshape.dim import Symbols
    from convshape.layer import Layer
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


POSITIVE = Numbers.between(1, None)
"""What a symbol may be."""
UNPROVED = Verdict(holds=False, proved=False)


class Study:
    """A network with its inputs and settings: its trace, its sizes, and its trace under an assumption."""

    def __init__(
        self,
        network: Network,
        given: Any,
        settings: Mapping[str, Any],
        *,
        train: bool = False,
        layers: Mapping[str, type[Layer]] | None = None,
    ) -> None:
        """Keep what a trace takes."""
        self.network = network
        self.given = given
        self.settings = dict(settings)
        self.options: dict[str, Any] = {"train": train, "layers": layers}

    def at(self, inputs: Any) -> Trace:
        """Trace the network with other inputs."""
        return Study(self.network, inputs, self.settings, **self.options).trace

    @cached_property
    def trace(self) -> Trace:
        """The trace, whose error knows its repairs."""
        from convshape.api import trace

        return trace(self.network, self.given, self.settings, **self.options)

    @cached_property
    def sizes(self) -> Sizes:
        """The exact sizes for which it works."""
        from convshape.api import sizes

        return sizes(self.network, self.given, self.settings, **self.options)

    def assuming(self, prepare: Callable[[Symbols], None]) -> Trace:
        """Trace it once more, after a callback has narrowed its symbols."""
        from convshape.api import traced

        return traced(self.network, self.given, self.settings, **self.options, prepare=prepare)


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


def works(study: Study, spoken: Collection[str], allowed: Callable[[Symbols], bool | Fact]) -> Verdict:
    """Tell whether a network works at all sizes allowed of the symbols `spoken` of, with some of the others."""
    facts: list[bool | Fact] = []
    study.assuming(lambda symbols: facts.append(allowed(symbols)))
    fact = facts[0]
    if not spoken or fact is False:  # the sizes are numbers, or none is allowed
        return Verdict(holds=True)
    count = len(alternatives(fact)) if isinstance(fact, Fact) else 1
    if all(assumed(study, spoken, allowed, place) for place in range(count)):
        return Verdict(holds=True)
    return compared(study.sizes, spoken, fact)


def assumed(study: Study, spoken: Collection[str], allowed: Callable[[Symbols], bool | Fact], place: int) -> bool:
    """Tell whether a network works where one alternative is assumed, and needs nothing more of the symbols."""

    def suppose(symbols: Symbols) -> None:
        fact = allowed(symbols)
        if isinstance(fact, Fact):
            alternatives(fact)[place].narrow(symbols.known)

    try:
        trace = study.assuming(suppose)
    except Contradiction:  # no sizes satisfy it
        return True
    return trace.error is None and fact_names(trace).isdisjoint(spoken)


def fact_names(trace: Trace) -> set[str]:
    """Return the symbols of which a trace needs anything."""
    return {name for fact, _ in trace.symbols.facts for name in fact.names}


def compared(sizes: Sizes, spoken: Collection[str], fact: bool | Fact) -> Verdict:  # noqa: FBT001  # a comparison
    """Compare what is allowed with what works, symbol by symbol, then by trying sizes."""
    single = solved_alone(fact) if isinstance(fact, Fact) else {}
    if single or fact is True:
        inner = {name: single.get(name, POSITIVE) for name in spoken}
        verdict = first_gap(inner, {name: sizes.alone(name) for name in inner})
        if not verdict.holds or (len(sizes.worlds) == 1 and not sizes.joint) or len(sizes.symbols) == 1:
            return verdict
    if any(joint.names & set(spoken) and joint.names - set(spoken) for joint in sizes.joint):
        return UNPROVED
    tried = samples({name: single.get(name, POSITIVE) for name in sorted(spoken)})
    return refuted((found for found in tried if holds(fact, found) and not completed(sizes, found)), spoken)


def completed(sizes: Sizes, found: Mapping[str, int]) -> bool:
    """Tell whether some world takes sizes, with the least that it takes of the other symbols."""
    for world in sizes.worlds:
        least = {name: numbers.next(1) or 1 for name, numbers in world.alone.items()}
        if world.valid({**least, **found}):
            return True
    return False


def holds(fact: bool | Fact, sizes: Mapping[str, int]) -> bool:  # noqa: FBT001  # what a comparison gives
    """Evaluate a fact at sizes."""
    return fact if isinstance(fact, bool) else fact.holds(**sizes)


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
        found[name] = found.get(name, POSITIVE) & numbers
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
