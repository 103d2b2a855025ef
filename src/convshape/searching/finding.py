"""Finding: what the command line asks of a search, from the texts of its options to an answer."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.faults import ReadError
from convshape.network import Items
from convshape.options import parsed
from convshape.report import shape_text
from convshape.searching import Here, Search
from convshape.searching.space import opened
from convshape.searching.task import pose
from convshape.searching.trial import numpy_is_missing
from convshape.searching.wants import MEASURES
from convshape.sizing.answer import Answer
from convshape.source import Source
from convshape.terminal import note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from convshape.asked import Asked
    from convshape.network import Network
    from convshape.searching import Executor, Setting
    from convshape.searching.task import Task

    Each = Callable[[Sequence[str]], None]

MANY = 12
"""A search of more boxes than that is worth starting other processes for."""
BLINK = 0.2
"""How many seconds pass between two signs of life."""
USUAL = ("output", "params", "macs")


class Wish(NamedTuple):
    """What a search is asked for, as the options of the command line have it."""

    asked: Asked
    output: str | None
    vary: Sequence[str] | None
    want: Sequence[str] | None
    top: int

    def only_mirrored(self) -> None:
        """Raise ReadError where a mirror is asked for together with what a search is asked for."""
        options = {"--output": self.output, "--vary": self.vary, "--want": self.want}
        option = next((option for option, value in options.items() if value), None)
        if option is not None:
            raise ReadError("options", f"--mirror and {option} are two questions: a mirror has nothing to choose from")

    def task(self) -> Task:
        """Read the options.

        Raises ReadError.
        """
        asked = self.asked
        wanted = [*([] if self.output is None else [f"output == {shape(self.output)}"]), *(self.want or ())]
        return pose(
            asked.network,
            dict(asked.inputs(asked.network) or {}),
            asked.settings,
            vary=tuple(self.vary or ()),
            want=wanted,
            train=asked.train,
            layers=asked.layers,
            most=self.top or None,
        )


def solved(wish: Wish, *, mirror: bool, each: Each | None = None) -> Answer | str:
    """Answer a wish: with the description of a mirror, the pads that "same" would need, or what a search finds.

    Raises ReadError where an option cannot be read, and the error of an encoder that does not work.
    """
    asked = wish.asked
    if mirror:
        from convshape.searching.decoder import backwards

        wish.only_mirrored()
        return backwards(asked.trace())
    if not wish.vary and not asks(asked.network, asked.inputs(asked.network)):
        from convshape.searching.uneven import padded

        pads = padded(asked.network, asked.trace)
        if pads:
            return pads
    return found(wish, each)


def asks(network: Network, given: dict[str, Any] | None) -> bool:
    """Tell whether a `?` stands anywhere."""
    return bool(opened(network, dict(given or {}))[2])


def shape(text: str) -> str:
    """Write a shape as a tuple; its brackets may be left out.

    Raises ReadError.
    """
    bare = re.sub(r"\s*,\s*", ", ", text.strip())
    node = parsed(Source("--output", bare), 0, len(bare)) if bare.startswith("(") else None
    if isinstance(node, Items) and node.kind == "tuple":
        return bare
    bare = bare.rstrip(", ")
    parsed(Source("--output", f"({bare},)"), 0, len(bare) + 3)
    return f"({bare})" if "," in bare else f"({bare},)"


def found(wish: Wish, each: Each | None = None) -> Answer:
    """Search, and say what was found; Ctrl-C ends a search early. `each` gets the heads, and rows as they are found.

    Raises ReadError where an option cannot be read.
    """
    if numpy_is_missing():
        note("numpy is not installed: settings are tried one by one; pip install 'convshape[solve]' is much faster")
    with executor() as processes:
        search = Search(wish.task(), Here(), Blinker())
        if len(search.boxes) > MANY and not wish.asked.layers:  # another process does not know the layers of a file
            search.executor = processes()
        table = Table(search, wish.top, each)
        try:
            table.extend(search)
        except KeyboardInterrupt:
            table.extend(search.rest())
        finally:
            search.watch.wipe()  # type: ignore[union-attr]  # the Blinker
    if each and not search.complete:
        note(f"after {progress(search)}", "stopped")
    return table.answer()


@contextmanager
def executor() -> Iterator[Any]:
    """Start processes when they are asked for, one for each core, and end them."""
    started: list[Any] = []

    def processes() -> Executor:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        pool = ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), undisturbed)
        started.append(pool)
        return pool

    try:
        yield processes
    finally:
        for pool in started:
            pool.shutdown(wait=False, cancel_futures=True)


def undisturbed() -> None:
    """Leave Ctrl-C to the process that asked."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Blinker:
    """Shows on a terminal how far a search is."""

    def __init__(self) -> None:
        """Start with nothing shown."""
        self.last = monotonic()
        self.shown = False

    def __call__(self, search: Search) -> None:
        """Write the line, not too often."""
        if sys.stderr.isatty() and monotonic() - self.last > BLINK:
            self.last, self.shown = monotonic(), True
            sys.stderr.write(f"\r\x1b[Ksearched {progress(search)}, {search.count:,} found")
            sys.stderr.flush()

    def wipe(self) -> None:
        """Wipe the line."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def progress(search: Search) -> str:
    """Write how far a search is: 31,072 of 100,000 (31%)."""
    return f"{search.tried:,} of {search.size:,} ({100 * search.tried // search.size}%)"


# --- the answer ---


class Table:
    """What a search finds, as rows: the values of each setting and what they give."""

    def __init__(self, search: Search, top: int, each: Each | None = None) -> None:
        """Know what is measured; `top` rows are kept, or all where it is 0."""
        self.search = search
        self.top = top
        self.each = each
        wants = search.task.wants
        self.measures = [name for name in MEASURES if name in USUAL or any(name in want.names for want in wants)]
        self.heads = ("rank", *search.task.names, *self.measures)
        self.rows: list[tuple[str, ...]] = []
        self.settings: list[dict[str, Any]] = []

    def extend(self, settings: Iterable[Setting]) -> None:
        """Take settings as they come."""
        for setting in settings:
            if not self.top or len(self.rows) < self.top:
                self.add(setting)

    def add(self, setting: Setting) -> None:
        """Measure a setting, letters open, and pass its row on."""
        given = {name: MEASURES[name](setting.trace) for name in self.measures}
        self.rows.append(
            (str(len(self.rows) + 1), *map(str, setting.values.values()), *map(shape_text, given.values()))
        )
        self.settings.append({"values": setting.values, **{name: number(value) for name, value in given.items()}})
        if self.each:
            for line in [self.heads, *self.rows] if len(self.rows) == 1 else self.rows[-1:]:
                self.each(line)

    def answer(self) -> Answer:
        """Return it all."""
        search = self.search
        document = {
            "version": 1,
            "file": search.task.network.source.name,
            "complete": search.complete,
            "tried": search.tried,
            "of": search.size,
            "found": search.count,
            "ranges": {axis.name: axis.words for axis in search.task.space.axes},
            "settings": self.settings,
            "reasons": [gate._asdict() for gate in search.reasons],
        }
        lead = "" if self.rows else "no setting gives what is wanted"
        works = bool(self.rows) and search.complete
        heads = self.heads if self.rows else ()
        return Answer(works, lead, heads, self.rows, remarks(search, self.rows), document, stopped=not search.complete)


def number(value: Any) -> Any:
    """Return a number or a shape as JSON has it; a formula is text."""
    if isinstance(value, tuple):
        return [number(part) for part in value]
    return value if isinstance(value, int) else str(value)


def remarks(search: Search, shown: Sequence[object]) -> list[tuple[str, str]]:
    """Say where it was searched and how far, how many there are, and what kept the others out."""
    ranges = {axis.name: axis.words for axis in search.task.space.axes}
    said = [("searched", f"{', '.join(f'{name} {ranges[name]}' for name in search.task.names)}")]
    if search.complete:
        said.append(("complete", f"all {search.size:,} settings: {search.count:,} fit"))
    else:
        said.append(("stopped", f"after {progress(search)}: {search.count:,} fit so far"))
    if search.count > len(shown):
        said.append(("shown", f"the first {len(shown):,}; --top 0 shows all"))
    far = search.task.far
    if far:
        at = ", ".join(f"{name}={search.task.trials[0][name]}" for name in far)
        holds = "; what is wanted must hold at each" if search.task.conditions else ""
        ranked = f"; ranked at {at}" if search.task.ranks else ""
        said.append(("open", f"{', '.join(far)} may be any size that fits{holds}{ranked}"))
    if search.count:
        return said
    hint = [("hint", f"for certain sizes of {far[0]} give -i a number, or --vary {far[0]}=1..512")] if far else []
    return [*said, *(("why", words) for words in search.why), *hint]
