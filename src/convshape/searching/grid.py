"""Grid: the candidates of a search, the product of the values of each name, and which of them are still alive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convshape.dim import Symbols
from convshape.faults import Fault, Refusal
from convshape.searching.vector import LARGEST, Mask, Vector

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]


class Grid(Symbols):
    """The environment of one propagation over many candidates: the product of the values of each name."""

    def __init__(self, axes: Mapping[str, Sequence[int]], start: Array | None = None) -> None:
        """Start with every candidate alive, or with some of them."""
        super().__init__()
        self.axes = tuple(axes)
        self.shape = tuple(map(len, axes.values()))
        self.start: Array = np.ones((1,) * len(self.shape), bool) if start is None else start
        self.alive = self.start
        self.failed = False  # whether the last candidates were refused together
        self.drops: list[tuple[Mask, object]] = []  # the facts that were assumed, and why
        self.masks: list[tuple[int, Mask]] = []  # each with how many facts were assumed before it
        self.vectors = {name: self.along(place, values) for place, (name, values) in enumerate(axes.items())}

    def along(self, place: int, values: Sequence[int]) -> Vector:
        """Lay the values of a name along its axis."""
        shape = [1] * len(self.shape)
        shape[place] = len(values)
        wide = max(map(abs, values)) >= LARGEST
        array = np.array(values, object if wide else np.int64).reshape(shape)
        return Vector(self, array, min(values), max(values))

    def names_of(self, array: Array) -> frozenset[str]:
        """Return the names that an array depends on."""
        return frozenset(name for name, size in zip(self.axes, array.shape, strict=True) if size > 1)

    def living(self, values: Array) -> Array:
        """Return the numbers of the candidates that are alive."""
        return np.broadcast_to(values, self.shape)[np.broadcast_to(self.alive & self.start, self.shape)]

    def settled(self, held: Array, *parts: Mask) -> bool | Mask:
        """Return True or False where every living candidate says so, else the mask."""
        living = held & self.alive
        if not living.any():
            return False
        return True if (living == self.alive).all() else Mask(self, held, parts)

    def narrow(self, fact: Mask, why: object) -> None:
        """Drop the candidates for which a fact does not hold, and record it."""
        self.alive = self.alive & fact.held
        self.facts.append((fact, why))
        self.drops.append((fact, why))

    def doubtful(self) -> Array:
        """Return the candidates that a rule may have dropped without looking at them alone.

        A rule that asks `if holds is True` goes the same way for a mask as for False. What it then assumes is right for
        all that live on, as for a symbol; but those for which the mask holds may have been dropped for nothing.
        """
        found = np.zeros((1,) * len(self.shape), bool)
        for since, mask in self.masks:
            if not mask.assumed:
                found = found | (mask.held & self.dropped(since))
        return found & self.start

    def dropped(self, since: int) -> Array:
        """Return the candidates that the step dropped in which a mask was made."""
        found = np.zeros((1,) * len(self.shape), bool)
        places = {(why.path, why.span) for _, why in self.drops[since : since + 1] if isinstance(why, Refusal)}
        for fact, why in self.drops[since:]:
            if not isinstance(why, Refusal) or (why.path, why.span) not in places:
                return found
            found = found | ~fact.held
        return found | self.alive if self.failed else found

    def divisor(self, vector: Vector) -> Vector:
        """Drop the candidates that divide by zero; the rest of the array is made harmless.

        Raises Refusal where all of them do.
        """
        if vector.low > 0 or vector.high < 0:
            return vector
        sound = self.settled(vector.values != 0)
        if sound is False:
            raise divides_by_zero()
        if isinstance(sound, Mask):
            sound.assume(divides_by_zero())
        low, high = vector.low or 1, vector.high or -1
        return Vector(self, np.where(vector.values == 0, 1 if high > 0 else -1, vector.values), low, high)


def divides_by_zero() -> Refusal:
    """Refuse a division that a description writes: no layer declares it, as none divides by zero."""
    return Refusal(Fault("expression", "divides by zero"))
