"""Ask: what the command line asks of sizes, from the texts of its options to an answer."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.faults import ReadError
from convshape.read import parse
from convshape.sizing.answer import Answer, narrowed, of_point, of_sizes
from convshape.sizing.free import ways_out
from convshape.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convshape.asked import Asked
    from convshape.network import Network
    from convshape.sizing import Sizes
    from convshape.source import Source

POINT = re.compile(r"\s*([^\W\d]\w*)\s*=\s*([\d_]+)\s*\Z")


class Loader(NamedTuple):
    """A data loader: how many samples there are, how many a batch, and whether the last, smaller batch is left out."""

    samples: int | None
    batch: int | None
    drop_last: bool

    @property
    def given(self) -> bool:
        """Whether there is one. Raises ReadError for a batch of no data."""
        if self.samples is None and (self.batch or self.drop_last):
            option = "--batch" if self.batch else "--drop-last"
            raise ReadError("dataset", f"{option} goes with the number of samples: --dataset 1001 --batch 8")
        return self.samples is not None

    @property
    def dropped(self) -> int:
        """How many samples are left out."""
        return (self.samples or 0) % (self.batch or 1) if self.drop_last else 0

    @property
    def counts(self) -> dict[int, int]:
        """How many batches there are of which size."""
        full, last = divmod(self.samples or 0, self.batch or 1)
        found = {self.batch or 1: full} | ({last: 1} if last and not self.drop_last else {})
        return {size: count for size, count in found.items() if count}


class Store(NamedTuple):
    """A memory, and what training puts into it: the state of an optimiser, in which numbers."""

    size: str | None
    optimizer: str | None
    momentum: bool
    dtype: str | None

    @property
    def given(self) -> bool:
        """Whether there is one. Raises ReadError for what would be put into no memory."""
        options = {"--optimizer": self.optimizer, "--momentum": self.momentum, "--dtype": self.dtype}
        without = next((option for option, value in options.items() if value), None)
        if self.size is None and without:
            raise ReadError("memory-size", f"{without} goes with a memory: --memory 8GiB")
        return self.size is not None


class Question(NamedTuple):
    """A question about the sizes of a network, as the options of the command line have it."""

    asked: Asked
    free: str

    def sizes(self, network: Network | None = None, also: Sequence[str] = ()) -> Sizes:
        """Solve for the sizes. `also` are axes that are free whether the question says so or not.

        Raises ReadError when nothing is free, and the error of the network when no size can work.
        """
        network = network or self.asked.network
        names = (*filter(None, (name.strip() for name in self.free.split(","))), *also)
        found = self.asked.sizes(network, names)
        if found.error:
            raise found.error
        if not found.symbols:
            words = "the input has no symbols: free some of its axes with --free H,W or --free all"
            raise ReadError("no-symbols", words, network.source)
        return found


def works(question: Question, at: str | None, loader: Loader, store: Store) -> Answer:
    """Answer a question: all sizes that work, or certain ones, the batches of a loader, the largest batch for a memory.

    Raises ReadError where an option cannot be read, and the error of a network for which no size can work.
    """
    source = question.asked.network.source
    if loader.given and store.given:
        raise ReadError("options", "--dataset and --memory are two questions: ask one after the other")
    if loader.given:
        return batches(question, at, loader, source)
    if store.given:
        from convshape.sizing.capacity import Budget, largest

        budget = Budget.read(
            store.size or "", store.optimizer, store.momentum, store.dtype
        )  # what cannot be read is said before anything is solved
        sizes = question.sizes()
        return largest(sizes, point(at, sizes), budget, source, train=question.asked.train)
    sizes = question.sizes()
    if at is not None:
        return of_point(sizes, point(at, sizes), source)
    return of_sizes(sizes, source, pins(question, sizes))


def point(text: str | None, sizes: Sizes) -> dict[str, int]:
    """Read H=500,W=640. Raises ReadError for what is no size, or no symbol of the network."""
    found: dict[str, int] = {}
    for part in () if text is None else text.split(","):
        read_part = POINT.match(part)
        if not read_part:
            raise ReadError("at", f"a size is NAME=NUMBER: --at H=500,W=640, not {part.strip() or 'nothing'}")
        if read_part[1] in found:
            raise ReadError("at", f"{read_part[1]} has two sizes in --at {text}")
        found[read_part[1]] = int(read_part[2])
    for name in found:
        if name not in sizes.symbols:
            words = f"there is no symbol {name}{did_you_mean(name, sizes.symbols)}; there is {', '.join(sizes.symbols)}"
            raise ReadError("at", words)
    return found


def pins(question: Question, sizes: Sizes) -> Iterator[tuple[str, str]]:
    """Say which symbols can be one number only, and the first edit that frees each; it was tried."""
    for name in sizes.symbols:
        only = sizes.alone(name).only
        if only is None:
            continue
        yield "pinned", f"{name} can only be {only}"
        for repair, found in islice(ways_out(sizes, name, lambda source: question.sizes(parse(source))), 1):
            yield "fix", f"{repair.words}: then {name} may be {found.alone(name).words(name)}"


def batches(question: Question, at: str | None, loader: Loader, source: Source) -> Answer:
    """Answer whether the full batches of a loader and its last one work."""
    everything = question.sizes(
        also=() if "N" in question.free.split(",") else () if question.asked.trace().symbols.names else ("all",)
    )
    chosen = point(at, everything)
    sizes = everything.fixed(**chosen)
    if "N" not in sizes.symbols:
        from convshape.sizing.capacity import no_batch

        raise no_batch(source)
    counts = loader.counts
    fine = {size: bool(sizes.fixed(N=size)) for size in counts}
    rows = [(f"{count:,}", str(size), "yes" if fine[size] else "no") for size, count in counts.items()]
    against = (of_point(everything, {**chosen, "N": size}, source).remarks for size in counts if not fine[size])
    remarks = [line for lines in against for line in lines]
    if loader.dropped:
        remarks.append(("note", f"the last {loader.dropped} of {loader.samples:,} samples are dropped"))
    remarks += asked(sizes, [size for size in counts if fine[size]])
    works = all(fine.values())
    bad = next((size for size in counts if not fine[size]), 0)
    lead = "yes: every batch works" if works else f"no: a batch of {bad} does not work"
    found: dict[str, Any] = {"version": 1, "file": source.name, "works": works}
    found["batches"] = [{"count": counts[size], "N": size, "works": fine[size]} for size in counts]
    return Answer(works, lead, ("batches", "N", "works"), rows, remarks, found)


def asked(sizes: Sizes, batches: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Say what a batch asks of the other symbols, where it asks more than the network does anyway."""
    for size in batches:
        words = narrowed(sizes, sizes.fixed(N=size))
        if words:
            yield "note", f"a batch of {size} needs {'; '.join(words)}"
