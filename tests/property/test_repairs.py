"""Networks broken by one edit: the likely repair is among the first three, and none that is shown fails in torch."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest  # noqa: TC002  # pytest reads the annotation
from networks import BREAKS, DIALECTS, Net, broken, network

from convshape import trace
from convshape.dryrun import dry_run
from convshape.read import parse
from convshape.source import Source

SAMPLE = 25
"""Every how many networks the repairs run in torch; with --nightly they all do."""
LEAST = 0.9
MANY = 50_000_000
"""So many weights, and a hundred times as many multiply-accumulates, are more than a test should wait for."""


def run(text: str, net: Net) -> Any:
    """Trace a text; code does not say its input, so that the input of the network as it is given goes with it."""
    network = parse(Source("<net>", text))
    return trace(network, None if network.inputs else net.shape)


def cases(count: int) -> Any:
    """Give networks, each with a broken one that torch refuses, in the dialects in turn."""
    names = list(DIALECTS)
    made = seed = 0
    while made < count:
        seed += 1
        random = Random(seed)  # noqa: S311  # a sample
        net, how = network(random), random.choice(BREAKS)
        bad = broken(random, net, how)
        dialect = random.choice(names)  # drawn apart from the edit: each goes with each
        text = DIALECTS[dialect](bad)
        result = run(text, bad)
        if result.error is not None:
            made += 1
            yield net, bad, how, dialect, text, result


def is_right(original: Any, repaired: Any) -> bool:
    """Tell the original, or one as good: it gives what the original gives, and differs from it in one layer."""
    one, two = calls(original), calls(repaired)
    if repaired.error is not None or repaired.output != original.output or len(one) != len(two):
        return False
    return sum(a != b for a, b in zip(one, two, strict=True)) <= 1


def is_original(original: Any, repaired: Any) -> bool:
    """Tell the original itself: the same layers and arguments, whichever way the data was laid out again."""
    return repaired.error is None and calls(original) == calls(repaired)


def calls(result: Any) -> list[str]:
    """Return the layers of a trace as they are made; in a class x.flatten(1) does what Flatten() does elsewhere."""
    return [step.call for step in result.steps if step.layer is not None and step.name != "Flatten"]


def test_the_likely_repair_is_among_the_first_three(pytestconfig: pytest.Config) -> None:
    """At least nine in ten, over all dialects and each kind of edit."""
    nightly = pytestconfig.getoption("--nightly")
    count, every_so_many = (1000, 1) if nightly else (150, SAMPLE)
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    failed = []
    for number, (net, bad, how, dialect, text, result) in enumerate(cases(count)):
        found = [run(repair.applied(Source("<net>", text)).text, bad) for repair in result.error.repairs]
        assert len(found) <= 3
        original = run(DIALECTS[dialect](net), net)
        hit = any(is_right(original, one) for one in found)
        right.update({how: hit, dialect: hit, "original": any(is_original(original, one) for one in found)})
        every.update((how, dialect))
        if not hit:
            failed.append((how, dialect, text, [repair.words for repair in result.error.repairs]))
        if number % every_so_many == 0:
            for one in found:
                in_torch(one)
    shares = {name: right[name] / (every[name] or count) for name in right}
    print(sum(right[how] for how in BREAKS) / count, shares)  # noqa: T201  # the figure, with -s
    assert sum(right[how] for how in BREAKS) >= LEAST * count, (shares, failed[:5])


def in_torch(result: Any) -> None:
    """Run a repaired network in torch, up to where convshape says that it fails; without numbers where it is large."""
    device = "cpu" if result.params < MANY and result.macs < 100 * MANY else "meta"
    assert not dry_run(result, device).differences()
