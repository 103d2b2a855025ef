"""Space: what a search may choose from. Every `?` gets a name and a range; a range lists the simplest value first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise, product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape import layers
from convshape.faults import ReadError
from convshape.inputs import Given, letter
from convshape.network import Call, Group, Input, Line, Literal, Name, Nested, Node, Sought, below, changed
from convshape.source import Source, Span
from convshape.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from convshape.network import Network

RANGES = {
    "kernel_size": range(1, 32), "stride": range(1, 17), "padding": range(16), "dilation": range(1, 9),
    "output_padding": range(8), "groups": range(1, 65), "size": range(1, 513),
}  # fmt: skip
"""What is tried where nothing is said, by the field that `?` stands in."""
OTHERS = range(1, 257)
COSTS: dict[str, Callable[[int], int]] = {
    "kernel_size": lambda kernel: abs(kernel - 3) + 8 * (kernel % 2 == 0),  # odd ones around 3
    "stride": lambda stride: stride - 1 if stride <= 2 else 2 * stride,  # noqa: PLR2004  # 1 and 2 are usual
    "padding": abs,
    "dilation": lambda dilation: 4 * abs(dilation - 1),
    "groups": lambda groups: 4 * abs(groups - 1),
}
"""How far from usual a value is; elsewhere it is as far as its place in the range."""
VARY = re.compile(r"\s*(\w[\w.\[\]]*)\s*=(?!=)(.*)\Z", re.DOTALL)
RANGE = re.compile(r"\s*(-?\d+)\s*(?:\.\.\s*(-?\d+)\s*(?:\.\.\s*(\d+)\s*)?)?\Z")
MOST_VALUES = 10_000_000
"""The longest range of one name."""


class Axis(NamedTuple):
    """A name that is searched: its values, and how far from usual each is."""

    name: str
    values: tuple[int, ...]
    costs: tuple[int, ...]

    @property
    def words(self) -> str:
        """The range as it would be written: 1..31, 1..9..2 or 1,2,4."""
        ordered = sorted(self.values)
        steps = {after - before for before, after in pairwise(ordered)}
        if len(ordered) < len("abc") or len(steps) > 1:
            return ",".join(map(str, ordered))
        step = steps.pop()
        return f"{ordered[0]}..{ordered[-1]}" + (f"..{step}" if step > 1 else "")


Box = tuple[range, ...]
"""A chunk of a space: which places of each axis."""


class Space:
    """The product of axes."""

    def __init__(self, axes: Iterable[Axis]) -> None:
        """Keep the axes."""
        self.axes = tuple(axes)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are searched."""
        return tuple(axis.name for axis in self.axes)

    @property
    def size(self) -> int:
        """How many candidates there are."""
        return prod(len(axis.values) for axis in self.axes)

    def boxes(self, most: int) -> list[Box]:
        """Cut it into boxes of at most so many candidates, those with the simplest first."""
        cuts: list[list[range]] = []
        room = most
        for axis in reversed(self.axes):  # the last axes stay whole
            length = max(min(len(axis.values), room), 1)
            cuts.append([range(len(axis.values))[at : at + length] for at in range(0, len(axis.values), length)])
            room //= length
        return sorted(product(*reversed(cuts)), key=self.least)

    def simplest(self, most: int) -> Box:
        """Return a box of at most so many candidates, the simplest one among them."""
        room = self.size
        lengths = [len(axis.values) for axis in self.axes]
        while room > most:
            place = max(range(len(lengths)), key=lengths.__getitem__)
            lengths[place] = -(-lengths[place] // 2)
            room = prod(lengths)
        return tuple(range(length) for length in lengths)

    def narrowed(self, most: int) -> list[Axis]:
        """Return the axes that have to be shorter for so many candidates, as short as that."""
        cut = zip(self.axes, self.simplest(most), strict=True)
        return [axis._replace(values=axis.values[: len(r)]) for axis, r in cut if len(r) < len(axis.values)]

    def least(self, box: Box) -> int:
        """Return how far from usual the simplest candidate of a box is."""
        return sum(axis.costs[places[0]] for axis, places in zip(self.axes, box, strict=True))

    def values(self, box: Box) -> dict[str, tuple[int, ...]]:
        """Return the values of each name in a box."""
        return {axis.name: axis.values[places.start : places.stop] for axis, places in zip(self.axes, box, strict=True)}


def axis(name: str, values: Sequence[int] | None, field: str = "") -> Axis:
    """Make an axis, the simplest value first."""
    listed = tuple(dict.fromkeys(RANGES.get(field, OTHERS) if values is None else values))
    cost: Callable[[int], int] = COSTS.get(field, listed.index if len(listed) < len(OTHERS) else abs)
    costs = {value: cost(value) for value in listed}
    ordered = sorted(listed, key=lambda value: costs[value])
    return Axis(name, tuple(ordered), tuple(costs[value] for value in ordered))


def read_vary(texts: Sequence[str] | Mapping[str, Iterable[int]]) -> dict[str, tuple[int, ...]]:
    """Read `k=1..9`, `s=1,2,3`, `c=16..256..16`.

    Raises ReadError.
    """
    if isinstance(texts, Mapping):
        return {name: tuple(values) for name, values in texts.items()}
    found: dict[str, tuple[int, ...]] = {}
    for text in texts:
        named = VARY.match(text)
        if not named:
            raise bad_vary(text)
        found[named[1]] = tuple(number for part in named[2].split(",") for number in numbers(part, text))
    return found


def numbers(part: str, text: str) -> Sequence[int]:
    """Read one number, or a range with both ends in it."""
    found = RANGE.match(part)
    if not found or found[3] == "0":
        raise bad_vary(text)
    first = int(found[1])
    values = range(first, int(found[2] or first) + 1, int(found[3] or 1))
    if not values:
        raise bad_vary(text)
    if len(values) > MOST_VALUES:
        words = f"{part.strip()} are {len(values):,} values; a range has at most {MOST_VALUES:,}"
        raise ReadError("vary", words, Source("--vary", text), Span(0, len(text)))
    return values


def bad_vary(text: str) -> ReadError:
    """Make the error for a range that cannot be read."""
    words = "what varies is NAME=VALUES: --vary k=1..9, --vary s=1,2,3 or --vary c=16..256..16"
    return ReadError("vary", words, Source("--vary", text), Span(0, len(text)))


# --- what `?` stands in ---


class Place(NamedTuple):
    """A `?`: the name that it gets, and the field that it stands in."""

    name: str
    field: str


def opened(
    network: Network, given: dict[str, Any], varied: Collection[str] = ()
) -> tuple[Network, dict[str, Any], list[Place]]:
    """Give every `?` of a network and of its inputs a name; return what they are. Letters that vary are variables."""
    places: dict[int, Place] = {}
    found = list(in_lines(network.layers, ""))
    found += [pair for block in network.blocks.values() for pair in in_lines(block.layers, "")]
    alone = len({label for _, _, label in found}) == 1
    for node, field, label in found:
        name = field or "number"
        places[node.span.start] = Place(unique(name if alone else f"{label}.{name}", places), name)

    def named(leaf: Node) -> Node:
        return Name(leaf.span, places[leaf.span.start].name) if isinstance(leaf, Sought) else leaf

    blocks = {name: block._replace(layers=changed(block.layers, named)) for name, block in network.blocks.items()}
    sizes: list[Place] = []
    inputs = {name: sized(spec, name, network, sizes) for name, spec in network.inputs.items()}
    taken = {name: as_given(value, name, network, sizes, varied) for name, value in given.items()}
    every = [*places.values(), *sizes]
    letters = {letter(node) for value in taken.values() for node in getattr(value, "spec", NO_INPUT).shape}
    fresh = [*(place.name for place in every), *(name for name in varied if name in letters)]
    variables = {**{name: Literal(Span(0, 0), 1) for name in fresh}, **network.variables}
    layers_ = changed(network.layers, named)
    return network._replace(layers=layers_, blocks=blocks, inputs=inputs, variables=variables), taken, every


def unique(name: str, places: Mapping[int, Place]) -> str:
    """Add a number to a name that is taken: padding, padding_2."""
    taken = {place.name for place in places.values()}
    return next(one for one in (name, *(f"{name}_{count}" for count in range(2, len(taken) + 3))) if one not in taken)


def in_lines(lines: Iterable[Line | Group], label: str) -> Iterator[tuple[Node, str, str]]:
    """Find every `?` of lines: its field, and the name of its line."""
    for place, item in enumerate(lines):
        if isinstance(item, Group):
            yield from in_lines(item.layers, item.name or label)
            if item.repeat is not None:
                yield from ((node, "repeat", label) for node, _ in within(item.repeat, "repeat"))
            continue
        name = item.names[0] if item.names and isinstance(item.names[0], str) and item.names[0] != "x" else str(place)
        own = f"{label}.{name}" if label else name
        yield from ((node, field, own) for node, field in within(item.value, ""))


def within(node: Node, field: str) -> Iterator[tuple[Node, str]]:
    """Find every `?` of an expression, by the argument that it stands in."""
    if isinstance(node, Sought):
        yield node, field
    elif isinstance(node, Nested):
        yield from ((found, name) for found, name, _ in in_lines(node.layers, ""))
    elif isinstance(node, Call):
        kind = layers.find(getattr(node.function, "id", ""))
        names = tuple(kind.fields) if kind else ()
        for place, part in enumerate(node.arguments):
            yield from within(part, names[place] if place < len(names) else f"argument_{place}")
        for name, part in node.keywords:
            yield from within(part, name)
        yield from within(node.function, field)
    else:
        for part in below(node):
            yield from within(part, field)


NO_INPUT = Input(())
LETTERS = {3: "NCL", 4: "NCHW", 5: "NCDHW"}
"""What the axes of an input are called, by how many there are."""


def sized(spec: Input, owner: str, network: Network, sizes: list[Place]) -> Input:
    """Give every `?` of a shape the letter of its axis."""
    letters = LETTERS.get(len(spec.shape), "")
    shape = list(spec.shape)
    for place, node in enumerate(shape):
        if isinstance(node, Sought):
            letter = letters[place] if letters else f"size_{place}"
            taken = {one.name for one in sizes} | set(network.variables)
            name = letter if letter not in taken else f"{owner}.{letter}"
            sizes.append(Place(name, "size"))
            shape[place] = Name(node.span, name)
    return spec._replace(shape=tuple(shape))


def as_given(value: Any, owner: str, network: Network, sizes: list[Place], varied: Collection[str]) -> Any:
    """Give every `?` of an input that was given its letter; a tuple may hold "?", and letters that vary."""
    if isinstance(value, Given):
        return value._replace(spec=sized(value.spec, owner, network, sizes))
    if not isinstance(value, (tuple, list)) or not {"?", *varied}.intersection(map(str, value)):
        return value
    span = Span(0, 0)
    nodes = tuple(
        Sought(span) if size == "?" else Name(span, size) if isinstance(size, str) else Literal(span, size)
        for size in value
    )
    spec = Input(nodes, getattr(value, "dtype", "float32"))
    return Given(Source("input", str(tuple(value))), sized(spec, owner, network, sizes))


def space(places: Iterable[Place], vary: Mapping[str, tuple[int, ...]], known: Iterable[str], source: Source) -> Space:
    """Make the space of every `?` and of every variable that varies.

    Raises ReadError where nothing varies, or what varies is not there.
    """
    fields = {place.name: place.field for place in places}
    there = [*fields, *known]
    for name in vary:
        if name not in there:
            words = f"there is no {name} to vary{did_you_mean(name, there)}"
            raise ReadError("vary", f"{words}; there is {', '.join(dict.fromkeys(there))}" if there else words, source)
    axes = [axis(name, vary.get(name), fields.get(name, "")) for name in dict.fromkeys((*fields, *vary))]
    if not axes:
        raise ReadError("nothing-sought", "nothing is sought: write ? for a number, or --vary NAME=1..9", source)
    return Space(axes)
