"""Answer: a set of sizes as rows and remarks, ready to be written down in any format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.sizing.reasons import in_words, reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from convshape.arithmetic.sets import Numbers
    from convshape.sizing import Sizes
    from convshape.sizing.joint import Group
    from convshape.sizing.reasons import Place, Reason
    from convshape.sizing.world import World
    from convshape.source import Source

MOST = 12
"""How many blocks of pairs are shown before they are counted."""


class Answer(NamedTuple):
    """What a command says: a first line, a table, remarks under it, and all of it as JSON; `works` is its exit code.

    `stopped` says that a person ended it before it was all there.
    """

    works: bool
    lead: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    remarks: list[tuple[str, str]]
    document: dict[str, Any]
    stopped: bool = False


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
    tied = {name: group for group in world.groups if group.blocks is not None for name in group.names}
    for name, numbers in world.alone.items():
        seen = tied[name].numbers(name) if name in tied else numbers
        yield Line((name,), seen.words(name), [reason for reason in found if reason.symbols == (name,)])
    for group in world.groups:
        joint = [reason for reason in found if set(reason.symbols) <= set(group.names) and len(reason.symbols) > 1]
        yield from open_ended(group, found) if group.blocks is None else listed(group, joint)


def open_ended(group: Group, found: Iterable[Reason]) -> Iterator[Line]:
    """Write each fact of a group that has no list."""
    for limit in group.limits:
        words = in_words(limit.fact)
        names = tuple(name for name in group.names if name in limit.fact.names)
        yield Line(names, words, [reason for reason in found if reason.fact == words])


def listed(group: Group, joint: list[Reason]) -> Iterator[Line]:
    """Write what goes together, the limits beside the first."""
    blocks = group.blocks or []
    if not blocks:
        yield Line(group.names, "none", joint)
    for place, block in enumerate(blocks[:MOST]):
        words = " with ".join(alike(numbers.words(name)) for name, numbers in zip(group.names, block, strict=True))
        yield Line(group.names, words, joint if place == 0 else [])
    if len(blocks) > MOST:
        yield Line(group.names, f"and {len(blocks) - MOST} more", [])


def alike(words: str) -> str:
    """Write the numbers that go together with others: 4 or 5."""
    return words if "..." in words else words.replace(", ", " or ")


def narrowed(sizes: Sizes, left: Sizes) -> list[str]:
    """Say what symbols may be that are left when others got sizes, where it is less than before."""
    before = {(line.names, line.words) for world in sizes.worlds for line in stated(world, sizes)}
    now = [line for world in left.worlds for line in stated(world, left) if (line.names, line.words) not in before]
    return [f"{line.names[0]} {line.words}" if len(line.names) == 1 else line.words for line in now]


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
    """Say which sizes are the smallest; where there is no list, also of each symbol alone, and which square."""
    least = sizes.smallest()
    if least:
        yield "smallest", at_sizes(least)
    endless = {name for world in sizes.worlds for group in world.groups if group.blocks is None for name in group.names}
    found = ((name, sizes.nearest(**{name: 0})[name][1]) for name in sizes.symbols if name in endless)
    each = {name: size for name, size in found if size is not None}
    if least and any(least[name] != size for name, size in each.items()):
        yield "each alone", at_sizes(each)
    square = sizes.square()
    if square is not None:
        names = [name for name in sizes.symbols if any(name in fact.names for fact in sizes.joint) and name != "N"]
        yield "square", f"{' = '.join(names)} = {square}"


def at_sizes(sizes: Mapping[str, int]) -> str:
    """Write sizes: N=1, H=4."""
    return ", ".join(f"{name}={size}" for name, size in sizes.items())


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
                "tied": [tied(group) for group in world.groups],
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


def tied(group: Group) -> dict[str, Any]:
    """Return symbols that are tied, what ties them, and the list of all that they can be, None where it has no end."""
    blocks = group.blocks
    return {
        "symbols": list(group.names),
        "facts": [str(limit.fact) for limit in group.limits],
        "together": None
        if blocks is None
        else [
            {name: numbers_of(part, name) for name, part in zip(group.names, block, strict=True)} for block in blocks
        ],
    }


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
    remarks += [("needs", words) for words in narrowed(sizes, sizes.fixed(**point))] if works else []
    remarks += [("why", f"{name} is at least 1") for name, size in point.items() if size < 1]
    found = {
        "version": 1,
        "file": source.name,
        "works": works,
        "at": dict(point),
        "nearest": {name: list(pair) for name, pair in near.items()},
        "reasons": [reason_of(reason, source) for reason in against],
    }
    lead = f"{'yes' if works else 'no'}: {at_sizes(point)} {'works' if works else 'does not work'}"
    return Answer(works, lead, ("symbol", "size", "nearest below", "nearest above"), rows, remarks, found)


def shown(number: int | None) -> str:
    """Write a number, or that there is none."""
    return "none" if number is None else str(number)
