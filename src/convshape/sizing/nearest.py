"""Nearest: the smallest sizes that work, the smallest square, and the nearest ones on either side of a size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.sizing.joint import choices
from convshape.sizing.world import SEARCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from convshape.arithmetic.sets import Numbers
    from convshape.sizing.joint import Group
    from convshape.sizing.world import World

STEPS = 64
"""How many sizes are tried on either side where the other symbols decide."""


def smallest(world: World) -> dict[str, int] | None:
    """Return the sizes with the smallest sum; what is tied together is searched."""
    sizes = world.least
    for group in world.groups:
        found = smallest_of(world, group)
        if found is None:
            return None
        sizes |= found
    return sizes


def smallest_of(world: World, group: Group) -> dict[str, int] | None:
    """Return the smallest sizes of tied symbols."""
    if group.blocks is not None:
        firsts = [tuple(numbers.next(0) or 0 for numbers in block) for block in group.blocks]
        best = min(firsts, key=lambda sizes: (sum(sizes), max(sizes)), default=None)
        return None if best is None else dict(zip(group.names, best, strict=True))
    least = {name: world.least[name] for name in group.names}
    if allowed(group, least):
        return least
    choice = choices(group.limits[0].fact) if len(group.limits) == 1 else None
    if choice:
        return smallest_choice(world, choice, least)
    value = square_of(world, group)
    known = None if value is None else {**least, **dict.fromkeys(spatial(group), value)}
    most = SEARCH if known is None else sum(known.values())
    for found in solutions(world, group, (), most):
        if known is None or sum(found.values()) < sum(known.values()):
            known = found
    return known


def smallest_choice(world: World, choice: Mapping[str, Numbers], least: dict[str, int]) -> dict[str, int] | None:
    """Return the smallest sizes of which one is in its set: the others are at their least."""
    found = ((name, (world.alone[name] & numbers).next(0)) for name, numbers in choice.items())
    raised = [{**least, name: size} for name, size in found if size is not None]
    return min(raised, key=lambda sizes: sum(sizes.values()), default=None)


def allowed(group: Group, sizes: dict[str, int]) -> bool:
    """Tell whether sizes of tied symbols keep what ties them."""
    return all(limit.fact.holds(**sizes) for limit in group.limits)


def solutions(world: World, group: Group, taken: tuple[int, ...], most: int) -> Iterator[dict[str, int]]:
    """Give sizes of tied symbols after those that are taken, each sum below `most` or the one before."""
    name, *others = group.names[len(taken) :]
    rest = sum(world.least[other] for other in others)
    for value in world.alone[name] if others else world.along(name, dict(zip(group.names, taken, strict=False))):
        if value + rest >= most:
            return
        if not others:
            yield dict(zip(group.names, (*taken, value), strict=True))
            return
        for found in solutions(world, group, (*taken, value), most - value):
            most = min(most, sum(found.values()) - sum(taken))
            yield found


def square(world: World) -> int | None:
    """Return the smallest size that symbols tied together can have all alike, None where there are no such symbols."""
    groups = (group for group in world.groups if len(spatial(group)) > 1)
    return next((square_of(world, group) for group in groups), None)


def square_of(world: World, group: Group) -> int | None:
    """Return the smallest size that all tied symbols can have together, the batch at its smallest."""
    least = {name: world.least[name] for name in group.names}
    names = spatial(group)
    for value in range(max(least[name] for name in names), SEARCH):
        sizes = {**least, **dict.fromkeys(names, value)}
        if all(value in world.alone[name] for name in names) and allowed(group, sizes):
            return value
    return None


def spatial(group: Group) -> Sequence[str]:
    """Return the tied symbols without the batch, unless it is all there is."""
    return [name for name in group.names if name != "N"] or group.names


def near(world: World, name: str, size: int) -> tuple[int | None, int | None]:
    """Return the nearest sizes of one symbol below and above that work with some size of the others."""
    group = next((group for group in world.groups if name in group.names), None)
    numbers = world.alone[name]
    if group is None:
        return numbers.previous(size), numbers.next(size)
    if group.blocks is not None:
        numbers = group.numbers(name)
        return numbers.previous(size), numbers.next(size)

    def works(value: int) -> bool:
        left = world.narrowed(name, value)
        return left is not None and smallest(left) is not None

    return stepped(numbers.previous, size, -1, works), stepped(numbers.next, size, 1, works)


def stepped(follow: Callable[[int], int | None], size: int, step: int, works: Callable[[int], bool]) -> int | None:
    """Step from a size to the first that works, not too far."""
    value = follow(size)
    for _ in range(STEPS):
        if value is None or works(value):
            return value
        value = follow(value + step)
    return None
