"""Differ: align the layers of two networks, and say what was added, removed and changed."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from convshape.comparing.snapshot import LayerLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from convshape.comparing.snapshot import Snapshot

SAME, CHANGED, ADDED, REMOVED = " ", "~", "+", "-"


class Change(NamedTuple):
    """A layer before and after; None where there is none."""

    before: LayerLine | None
    after: LayerLine | None

    @property
    def kind(self) -> str:
        """The mark of the change: nothing, ~, + or -."""
        if self.before is None or self.after is None:
            return ADDED if self.before is None else REMOVED
        return SAME if settled(self.before) == settled(self.after) else CHANGED

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Each field of the layer as it was and is; nothing on the side where there is no layer."""
        blank = ("",) * len(LayerLine._fields)
        return list(zip(self.before or blank, self.after or blank, strict=True))


class Difference(NamedTuple):
    """Two networks, and their layers side by side."""

    before: Snapshot
    after: Snapshot
    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return self.before.shapes != self.after.shapes

    def count(self, kind: str) -> int:
        """Count the layers of a kind of change."""
        return sum(change.kind == kind for change in self.changes)

    @property
    def summary(self) -> str:
        """Say how many layers were changed, added and removed."""
        words = {CHANGED: "changed", ADDED: "added", REMOVED: "removed"}
        counts = [(self.count(kind), word) for kind, word in words.items()]
        said = [f"{count} {word}" for count, word in counts if count]
        return f"layers: {', '.join(said)}" if said else "the layers are the same"


def named(layer: LayerLine) -> str:
    """Return a name without the numbers that count places: they move when a layer comes in."""
    return re.sub(r"(?<![^.])\d+(?![^.])", "", layer.name)


def settled(layer: LayerLine) -> tuple[str, ...]:
    """Return what makes a layer another one: a number that counts its place does not."""
    return (named(layer), *layer[1:])


def kind(layer: LayerLine) -> str:
    """Return the class of a layer, or the text of an op."""
    return layer.layer.partition("(")[0]


KEYS: tuple[Callable[[LayerLine], object], ...] = (
    lambda layer: (named(layer), layer.layer),
    lambda layer: named(layer) or layer,  # a layer without a name has no other like it
    lambda layer: layer.layer,
    kind,
)
"""What makes two layers the same one, the surest first."""


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """Compare two networks."""
    return Difference(before, after, tuple(aligned(before.layers, after.layers)))


def aligned(before: Sequence[LayerLine], after: Sequence[LayerLine], depth: int = 0) -> Iterator[Change]:
    """Pair layers by one key, and what lies between the pairs by the next."""
    start = shared(before, after, KEYS[min(depth, len(KEYS) - 1)])
    yield from map(Change, before[:start], after[:start])
    before, after = before[start:], after[start:]
    if not before or not after or depth == len(KEYS):
        yield from (Change(layer, None) for layer in before)
        yield from (Change(None, layer) for layer in after)
        return
    one, other = (list(map(KEYS[depth], layers)) for layers in (before, after))
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from map(Change, before[a:b], after[c:d])
        else:
            yield from aligned(before[a:b], after[c:d], depth + 1)


def shared(before: Sequence[LayerLine], after: Sequence[LayerLine], key: Callable[[LayerLine], object]) -> int:
    """Count the layers at the start that are the same: they need no search."""
    count = 0
    while count < min(len(before), len(after)) and key(before[count]) == key(after[count]):
        count += 1
    return count
