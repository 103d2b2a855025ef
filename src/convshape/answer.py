"""Answer: a set of sizes as rows and remarks, ready to be written down in any format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.arithmetic.sets import NONE
from convshape.joint import blocks
from convshape.reasons import reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from convshape.arithmetic.sets import Numbers
    from convshape.joint import Block
    from convshape.reasons import Place, Reason
    from convshape.sizing import Sizes, World
    from convshape.source import Source

MOST = 12
"""How many blocks of pairs are shown before they are counted."""


class Answer(NamedTuple):
    """What a command says: a first line, a table, remarks under it, and all of it as JSON; `works` is its exit code."""

    works: bool
    lead: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    remarks: list[tuple[str, str]]
    document: dict[str, Any]


class Line(NamedTuple):
    """What symbols may be: their names, the words for it, and the limits that make it so."""

    names: tuple[str, ...]
    words: str
    reasons: list[Reason]


def lines(sizes: Sizes) -> list[str]:
    """Write a set in lines: `H: 4, 8, 12, ... (H % 4 == 0)`."""
    if not sizes.worlds:
        return ["no size works"]
    return [f"{', '.join(line.names)}: {line.words}" for world in sizes.worlds for line in stated(world, sizes)]


def stated(world: World, sizes: Sizes) -> Iterator[Line]:
    """Say what each symbol of a world may be, and then what ties several together."""
    found = sizes.reasons if len(sizes.worlds) == 1 else reasons(world)
    pairs = blocks(world) if world.tied else None
    tied = [name for name in world.alone if name in world.tied]
    for name, numbers in world.alone.items():
        seen = projected(pairs, tied.index(name)) if pairs is not None and name in tied else numbers
        yield Line((name,), seen.words(name), [reason for reason in found if reason.symbols == (name,)])
    joint = [reason for reason in found if len(reason.symbols) > 1]
    if pairs is not None:
        yield from paired(pairs, tuple(tied), joint)
        return
    for limit in world.joint:
        names = tuple(sorted(limit.fact.names))
        words = str(limit.fact)
        yield Line(names, words, [reason for reason in found if reason.fact == words])


def projected(pairs: Iterable[Block], place: int) -> Numbers:
    """Return the numbers that one symbol of the pairs takes."""
    found = NONE
    for block in pairs:
        found |= block[place]
    return found


def paired(pairs: Sequence[Block], names: tuple[str, ...], joint: list[Reason]) -> Iterator[Line]:
    """Write blocks of pairs, the limits beside the first."""
    if not pairs:
        yield Line(names, "none", joint)
    for place, (first, second) in enumerate(pairs[:MOST]):
        words = f"{first.words(names[0])} with {second.words(names[1])}"
        yield Line(names, words, joint if place == 0 else [])
    if len(pairs) > MOST:
        yield Line(names, f"and {len(pairs) - MOST} more", [])


HEADS = ("symbol", "sizes", "limit", "layer", "at")


def of_sizes(sizes: Sizes, source: Source, more: Iterable[tuple[str, str]] = ()) -> Answer:
    """Return the answer to which sizes work."""
    several = len(sizes.worlds) > 1
    rows = [
        ((f"{case} " if several else "") + row[0], *row[1:])
        for case, world in enumerate(sizes.worlds or sizes.tried, 1)
        for line in stated(world, sizes)
        for row in limited(line, source)
    ]
    works = bool(sizes)
    remarks = [*smallest(sizes), *more]
    if several:
        remarks.append(("note", "each number before a symbol is one way in which the network works"))
    if not works:
        remarks += contradiction(sizes, source)
    return Answer(works, "" if works else "no size works", HEADS, rows, remarks, document(sizes, source, works=works))


def limited(line: Line, source: Source) -> Iterator[tuple[str, ...]]:
    """Give a row for each layer behind a line."""
    shown = f"{', '.join(line.names)}", line.words
    if not line.reasons:
        yield (*shown, "", "", "")
    for reason in line.reasons:
        limit = "" if reason.fact == line.words else reason.fact
        for place in reason.places:
            yield (*shown, limit, layer(place), at(place, source))


def layer(place: Place) -> str:
    """Name a layer: its path and what it is."""
    return f"{place.path} {place.layer}".strip()


def at(place: Place, source: Source) -> str:
    """Write file:line."""
    return f"{source.name}:{source.place(place.span.start).line}" if place.span else ""


def smallest(sizes: Sizes) -> Iterator[tuple[str, str]]:
    """Say which sizes are the smallest, and which square."""
    least = sizes.smallest()
    if least:
        yield "smallest", ", ".join(f"{name}={size}" for name, size in least.items())
    square = sizes.square() if sizes.joint else None
    if square is not None:
        names = [name for name in sizes.symbols if any(name in fact.names for fact in sizes.joint) and name != "N"]
        if len(names) > 1:
            yield "square", f"{' = '.join(names)} = {square}"


def contradiction(sizes: Sizes, source: Source) -> Iterator[tuple[str, str]]:
    """Say which two limits contradict each other."""
    for world in sizes.tried:
        for name, numbers in world.alone.items():
            if numbers:
                continue
            limits = [reason for reason in reasons(world) if reason.symbols == (name,)][-2:]
            words = " but ".join(f"{layer(r.places[0])} ({at(r.places[0], source)}) needs {r.fact}" for r in limits)
            yield "why", words
            return


# --- JSON ---


def document(sizes: Sizes, source: Source, *, works: bool) -> dict[str, Any]:
    """Return a set of sizes as JSON has it."""
    return {
        "version": 1,
        "file": source.name,
        "works": works,
        "symbols": list(sizes.symbols),
        "worlds": [
            {
                "sizes": {name: numbers_of(numbers, name) for name, numbers in world.alone.items()},
                "joint": [str(limit.fact) for limit in world.joint],
                "pairs": pairs_of(world),
            }
            for world in sizes.worlds
        ],
        "smallest": sizes.smallest(),
        "reasons": [reason_of(reason, source) for reason in sizes.reasons],
    }


def numbers_of(numbers: Numbers, name: str) -> dict[str, Any]:
    """Return a set of numbers: the runs before `start`, then the residues of a modulus without end."""
    modulus, residues, start, runs = numbers.form
    return {
        "words": numbers.words(name),
        "runs": [list(run) for run in runs],
        "start": start,
        "modulus": modulus,
        "residues": list(residues),
    }


def pairs_of(world: World) -> list[dict[str, Any]] | None:
    """Return the pairs of two tied symbols, None where there is no finite list."""
    found = blocks(world) if world.tied else None
    names = [name for name in world.alone if name in world.tied]
    if found is None:
        return None
    return [{name: numbers_of(part, name) for name, part in zip(names, block, strict=True)} for block in found]


def reason_of(reason: Reason, source: Source) -> dict[str, Any]:
    """Return a limit and what needs it."""
    return {
        "fact": reason.fact,
        "symbols": list(reason.symbols),
        "places": [
            {"path": one.path, "layer": one.layer, "code": one.code, "at": at(one, source)} for one in reason.places
        ],
    }


# --- yes or no ---


def of_point(sizes: Sizes, point: Mapping[str, int], source: Source) -> Answer:
    """Return the answer to whether certain sizes work, with the nearest that do."""
    works = sizes.valid(**point)
    given = ", ".join(f"{name}={size}" for name, size in point.items())
    near = sizes.nearest(**point)
    rows = [(name, str(point[name]), *(shown(one) for one in near[name])) for name in point]
    full = {**(sizes.smallest() or {}), **point}
    against = [] if works else sizes.against(**full)
    remarks = [
        ("why", f"{reason.fact} ({layer(place)}, {at(place, source)})")
        for reason in against
        if set(reason.symbols) & set(point)
        for place in reason.places
    ]
    remarks += [("why", f"{name} is at least 1") for name, size in point.items() if size < 1]
    found = {
        "version": 1,
        "file": source.name,
        "works": works,
        "at": dict(point),
        "nearest": {name: list(pair) for name, pair in near.items()},
        "reasons": [reason_of(reason, source) for reason in against],
    }
    lead = f"{'yes' if works else 'no'}: {given} {'works' if works else 'does not work'}"
    return Answer(works, lead, ("symbol", "size", "nearest below", "nearest above"), rows, remarks, found)


def shown(number: int | None) -> str:
    """Write a number, or that there is none."""
    return "none" if number is None else str(number)
