"""Reasons: the limits behind a set of sizes, merged where several say one thing, with the layers that need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convshape.arithmetic.facts import Either
from convshape.arithmetic.sets import Numbers
from convshape.arithmetic.wording import rule
from convshape.sizing.joint import choices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convshape.arithmetic.facts import Fact
    from convshape.sizing.world import Limit, World
    from convshape.source import Span


class Place(NamedTuple):
    """What needs something: the path of a step, its layer or op, the code of the fault, and where it was written."""

    path: str
    layer: str
    code: str
    span: Span | None


class Reason(NamedTuple):
    """A limit: what must hold of which symbols, and what needs it."""

    fact: str
    symbols: tuple[str, ...]
    places: tuple[Place, ...]


def reasons(world: World) -> list[Reason]:
    """Return the limits of a world, in the order of its layers; what follows from the others is left out."""
    return [reason for _, reason in stated(world)]


def stated(world: World) -> list[tuple[Sequence[Limit], Reason]]:
    """Return the same with the limits that each reason stands for."""
    found = [pair for name in world.alone for pair in alone(world, name)]
    found += [([limit], reason_of([limit])) for limit in world.joint]
    return sorted(found, key=lambda pair: world.limits.index(pair[0][0]))


def broken(world: World, sizes: Mapping[str, int]) -> list[Reason]:
    """Return the limits that sizes do not keep."""
    return [reason for limits, reason in stated(world) if not all(limit.fact.holds(**sizes) for limit in limits)]


def alone(world: World, name: str) -> list[tuple[Sequence[Limit], Reason]]:
    """Return what limits one symbol: bounds one by one, the rest as one rule where it is one."""
    kept = needed(
        [limit for limit in world.limits if limit.fact in world.solved and name in limit.fact.names], world, name
    )
    rest = [limit for limit in kept if not is_interval(world.solved[limit.fact])]
    together = intersection(rest, world.solved)
    found: list[tuple[Sequence[Limit], Reason]] = [([one], reason_of([one])) for one in kept if one not in rest]
    if not rest:
        return found
    modulus, residues, start, runs = together.form
    if runs or start > modulus or len(residues) != 1:
        return [*found, *(([limit], reason_of([limit], as_numbers(limit, world, name))) for limit in rest)]
    return [*found, (rest, reason_of(rest, rule(modulus, residues, name)))]


def as_numbers(limit: Limit, world: World, name: str) -> str:
    """Write a choice by the numbers that it leaves: `L is 1..5 and odd from 7`; nothing for what is plain itself."""
    own = world.solved[limit.fact] & Numbers.between(1, None)
    return f"{name} is {own.words(name)}" if isinstance(limit.fact, Either) else ""


def reason_of(limits: Sequence[Limit], fact: str = "") -> Reason:
    """Make a reason of limits that say one thing together."""
    names = tuple(sorted({name for limit in limits for name in limit.fact.names}))
    return Reason(fact or in_words(limits[0].fact), names, tuple(dict.fromkeys(map(place, limits))))


def in_words(fact: Fact) -> str:
    """Write a fact; one about several symbols that leaves a choice as that: N >= 2 or H >= 33."""
    choice = choices(fact) if len(fact.names) > 1 else {}
    words = ((name, numbers.words(name)) for name, numbers in sorted(choice.items(), key=by_batch))
    return " or ".join(f"{name} {'' if text.startswith('>') else 'is '}{text}" for name, text in words) or str(fact)


def by_batch(pair: tuple[str, object]) -> tuple[bool, str]:
    """Put the batch first."""
    return pair[0] != "N", pair[0]


def place(limit: Limit) -> Place:
    """Return what needs a limit."""
    step = limit.step
    return Place(step.path, limit.text, limit.code, step.span) if step else Place("", limit.text, limit.code, None)


def needed(limits: list[Limit], world: World, name: str) -> list[Limit]:
    """Drop limits of one symbol, later ones first, without which the set is the same."""
    before = [world.starts[name]]
    for limit in limits:
        before.append(before[-1] & world.solved[limit.fact])
    kept: list[Limit] = []
    after = Numbers.between(0, None)
    for limit, known in zip(reversed(limits), reversed(before[:-1]), strict=True):
        own = world.solved[limit.fact]
        if not known & after <= own:
            kept.append(limit)
            after &= own
    return kept[::-1]


def intersection(limits: Sequence[Limit], solved: Mapping[Fact, Numbers]) -> Numbers:
    """Return what limits allow together."""
    found = Numbers.between(0, None)
    for limit in limits:
        found &= solved[limit.fact]
    return found


def is_interval(numbers: Numbers) -> bool:
    """Tell whether a set is a single stretch of numbers."""
    modulus, residues, _, runs = numbers.form
    return modulus == 1 and len(runs) + len(residues) <= 1
