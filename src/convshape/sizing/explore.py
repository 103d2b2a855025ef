"""Explore: follow every choice that sizes leave a network, and collect the worlds in which it works.

A trace assumes one thing wherever sizes leave a choice (broadcast axes are equal, or one of them is 1). Here a trace is
run for each case that is possible.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from convshape.arithmetic.sets import Numbers
from convshape.dim import Contradiction
from convshape.faults import ReadError, Refusal
from convshape.sizing import Sizes
from convshape.sizing.world import Limit, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from convshape.arithmetic.facts import Fact
    from convshape.dim import Symbols
    from convshape.steps import Trace

    Run: TypeAlias = Callable[[Callable[[Symbols], None]], Trace]

LIMIT = 512
"""How many choices are followed before the network is said to be too intricate."""


def explore(run: Run) -> Sizes:
    """Follow every choice of a network; `run` traces it, after calling back with its symbols.

    Raises ReadError when there are too many choices.
    """
    worlds: list[World] = []
    traces: list[Trace] = []
    waiting: list[list[Limit]] = [[]]
    runs = 0
    while waiting:
        assumed = waiting.pop()
        runs += 1
        if runs > LIMIT:
            raise ReadError("too-many-choices", f"the sizes leave more than {LIMIT} choices to follow")
        try:
            trace = run(partial(suppose, facts=[limit.fact for limit in assumed]))
        except Contradiction:
            continue
        limits = list(recorded(trace))
        waiting += others(assumed, limits, starts(trace.symbols))
        traces.append(trace)
        if trace.error is None:
            taken = [limit._replace(fact=fact) for limit in limits for fact in next(limit.fact.cases())]
            worlds.append(World([*assumed, *taken], starts(trace.symbols)))
    found = Sizes(traces[0].symbols.names if traces else (), worlds, traces)
    if worlds and traces[0].error is None:
        found.whole = World(recorded(traces[0]), starts(traces[0].symbols))
    if not worlds and traces:
        found.error = traces[0].error
        blame(run, traces[0])
    return found


def recorded(trace: Trace) -> Iterator[Limit]:
    """Give what a trace assumed, and the step that needed it."""
    steps = {(step.path, step.span): step for step in trace.steps}
    for fact, why in trace.symbols.facts:
        assert isinstance(why, Refusal)  # noqa: S101  # what a rule required
        step = steps.get((why.path, why.span))
        source = trace.network.source
        text = step.call if step and step.layer else " ".join(source.at(why.span).split()) if why.span else ""
        yield Limit(fact, step, why.fault.code, text)


def starts(symbols: Symbols) -> dict[str, Numbers]:
    """Return the numbers that each symbol was declared to be."""
    return {name: Numbers.between(low or 0, high) for name, (low, high) in symbols.declared.items()}


def suppose(symbols: Symbols, facts: list[Fact]) -> None:
    """Narrow fresh symbols by facts of an earlier trace; raise Contradiction when no sizes satisfy them."""
    for fact in facts:
        fact.narrow(symbols.known)


def others(assumed: list[Limit], limits: list[Limit], known: dict[str, Numbers]) -> Iterator[list[Limit]]:
    """Give the choices that a trace did not take: the first ones as it took them, then another case.

    What leaves a symbol no number is left out.
    """
    taken = list(assumed)
    for limit in limits:
        first, *alternatives = ([limit._replace(fact=fact) for fact in case] for case in limit.fact.cases())
        for alternative in alternatives:
            chosen = [*(one for one in taken if one not in alternative), *alternative]
            if World(chosen, known).possible():
                yield chosen
        taken += first


def blame(run: Run, trace: Trace) -> None:
    """Say which earlier limit an error contradicts: the last one that is needed for the error to come up."""
    error, facts = trace.error, trace.symbols.facts
    if error is None or not facts or not fails(run, trace, len(facts)) or fails(run, trace, 0):
        return
    low, high = 0, len(facts)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fails(run, trace, middle) else (middle, high)
    fact, why = facts[high - 1]
    if isinstance(why, Refusal) and why.span:
        line = trace.network.source.place(why.span.start).line
        error.note = f"no size works: {why.path or 'an earlier line'} (line {line}) needs {fact}"


def fails(run: Run, trace: Trace, believed: int) -> bool:
    """Tell whether a trace fails in the same place when it learns from its first facts only."""

    def prepare(symbols: Symbols) -> None:
        symbols.believed = believed

    try:
        error = run(prepare).error
    except Contradiction:
        return True
    return error is not None and trace.error is not None and error.span == trace.error.span
