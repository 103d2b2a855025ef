"""Sizes: the exact set of input sizes for which a network works, and the layer behind each limit.

The answer is the union of the worlds, the ways in which the network works; `convshape.sizing.explore` finds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.arithmetic.sets import NONE, Numbers
from convshape.sizing.world import World, simplified

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from convshape.arithmetic.facts import Fact
    from convshape.faults import ConvshapeError
    from convshape.sizing.reasons import Reason
    from convshape.steps import Trace


class Sizes:
    """The sizes for which a network works. `symbols` are the names that sizes go by; `str()` writes them out.

    `error` says why none work, where that is so: what stopped every way of tracing the network.
    """

    def __init__(self, symbols: tuple[str, ...], worlds: Iterable[World], traces: Iterable[Trace] = ()) -> None:
        """Keep the worlds that are possible, joined where they can be."""
        self.symbols = symbols
        self.tried = list(worlds)
        self.worlds = simplified([world for world in self.tried if world.possible()])
        self.traces = list(traces)
        self.error: ConvshapeError | None = None
        self.whole: World | None = None

    def __bool__(self) -> bool:
        """Tell whether any sizes work."""
        return self.smallest() is not None

    def __str__(self) -> str:
        """Write the set of each symbol, and what ties several together, a line for each."""
        from convshape.sizing.answer import lines

        return "\n".join(lines(self))

    def valid(self, **sizes: int) -> bool:
        """Tell whether the network works at sizes; a symbol without one may be whatever fits. No trace is run.

        Raises KeyError for a name that is no symbol.
        """
        if len(sizes) == len(self.symbols):
            return any(world.valid(sizes) for world in self.worlds)
        return bool(self.fixed(**sizes))

    def fixed(self, **sizes: int) -> Sizes:
        """Return the sizes of the other symbols when some are given.

        Raises KeyError for a name that is no symbol.
        """
        for name in sizes:
            if name not in self.symbols:
                raise KeyError(f"there is no symbol {name}; there is {', '.join(self.symbols)}")
        left = (world.fixed(sizes) for world in self.tried)  # what was joined has the limits of several
        names = tuple(name for name in self.symbols if name not in sizes)
        return Sizes(names, [world for world in left if world is not None], self.traces)

    def alone(self, name: str) -> Numbers:
        """Return the numbers that a symbol may be, whatever the others are; joint facts are not in it."""
        found = NONE
        for world in self.worlds:
            found |= world.alone[name]
        return found

    @property
    def joint(self) -> list[Fact]:
        """The facts about several symbols, or that can only be asked, of every world."""
        return list(dict.fromkeys(limit.fact for world in self.worlds for limit in world.joint))

    @property
    def reasons(self) -> list[Reason]:
        """What limits the sizes, in the order of the layers; what follows from the others is left out."""
        from convshape.sizing.reasons import reasons

        found = [reason for world in self.explained for reason in reasons(world)]
        return list({reason.fact: reason for reason in found}.values())

    @property
    def explained(self) -> list[World]:
        """The worlds that say why: the first trace with its choices left open, where that is the same set."""
        if not self.worlds:
            return self.tried
        whole = self.whole
        same = len(self.worlds) == 1 and whole is not None and self.worlds[0].same(whole)
        return [whole] if same and whole is not None else self.worlds

    def smallest(self) -> dict[str, int] | None:
        """Return the sizes with the smallest sum, None where none work."""
        from convshape.sizing.nearest import smallest

        found = [one for one in map(smallest, self.worlds) if one is not None]
        return min(found, key=lambda sizes: sum(sizes.values()), default=None)

    def square(self) -> int | None:
        """Return the smallest size that the symbols tied together can have all alike, the batch at its smallest."""
        from convshape.sizing.nearest import square

        found = (size for world in self.worlds for size in [square(world)] if size is not None)
        return min(found, default=None)

    def nearest(self, **sizes: int) -> dict[str, tuple[int | None, int | None]]:
        """Return, for each symbol given, the nearest sizes that work below and above, the others given as they are.

        A symbol that is not given may be whatever fits, and so may the others where as given they fit with nothing.
        Each pair is (below or equal, above or equal). Raises KeyError for a name that is no symbol.
        """
        return {name: self._nearest(name, sizes) for name in sizes}

    def _nearest(self, name: str, sizes: Mapping[str, int]) -> tuple[int | None, int | None]:
        """Return the nearest sizes of one symbol."""
        from convshape.sizing.nearest import near

        others = {other: size for other, size in sizes.items() if other != name}
        pairs = [near(world, name, sizes[name]) for world in self.fixed(**others).worlds]
        below = max((size for size, _ in pairs if size is not None), default=None)
        above = min((size for _, size in pairs if size is not None), default=None)
        if others and below is above is None:
            return self._nearest(name, {name: sizes[name]})
        return below, above

    def against(self, **sizes: int) -> list[Reason]:
        """Return what stands against sizes: the limits they break, in the world where they break the fewest."""
        from convshape.sizing.reasons import broken

        return min((broken(world, sizes) for world in self.worlds), key=len, default=[])
