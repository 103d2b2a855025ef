"""Read the text that print(model) shows: classes with their arguments, and in brackets the name of each part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from convshape import limits
from convshape.faults import ReadError
from convshape.network import Call, Group, Line, Name, Network, Word
from convshape.read.container import line
from convshape.read.expression import parse
from convshape.source import Span
from convshape.suggest import clipped

if TYPE_CHECKING:
    from convshape.network import Node
    from convshape.source import Source

PART = r"\(([^()\s]+)\):\s+(?:(\d+)\s+x\s+)?([^\W\d][\w.]*)"
ABOVE = re.compile(r"\s+|(?:>>>|#|In ?\[\d+\]:)[^\n]*\n|Out ?\[\d+\]:")
OPENING = re.compile(rf"(?:[^\W\d][\w.]*\((?:\n[^()\n]*)?\s+{PART}|{PART}\()")
TOKEN = re.compile(rf"{PART}\(|(?<![\w.])[^\W\d][\w.]*\(|[()]|'[^'\n]*'|\"[^\"\n]*\"")

LOST = {
    "MultiheadAttention": "num_heads",
    "TransformerEncoderLayer": "nhead",
    "TransformerDecoderLayer": "nhead",
    "TransformerEncoder": "the nhead of its layers",
    "TransformerDecoder": "the nhead of its layers",
    "Transformer": "nhead",
    "FractionalMaxPool2d": "kernel_size",
    "FractionalMaxPool3d": "kernel_size",
    "AdaptiveLogSoftmaxWithLoss": "cutoffs",
}
"""The classes of torch that cannot be made from what print shows, and what is missing first."""
HIDDEN = {
    "AvgPool1d": "ceil_mode",
    "AvgPool2d": "ceil_mode",
    "AvgPool3d": "ceil_mode",
    "EmbeddingBag": "include_last_offset",
    "CosineSimilarity": "dim",
    "PairwiseDistance": "keepdim",
}
"""The arguments that change a shape and that print does not show: they are taken to be torch's defaults."""
FIXED = {"UpsamplingNearest2d": "mode", "UpsamplingBilinear2d": "mode"}
"""What print shows although the class does not take it."""
RENAMED = {"NonDynamicallyQuantizableLinear": "Linear"}
ORDER = "print(model) does not show forward: the layers are taken in the order in which they are printed"


class Part(NamedTuple):
    """A module that has been opened: its name, how often it stands there, its class, and where that is written."""

    name: str
    times: int
    kind: str
    span: Span
    layers: list[Line | Group]


def is_printed(text: str) -> bool:
    """Tell the text of print(model) by its first `(name): Class`."""
    return OPENING.match(text, above(text)) is not None


def above(text: str) -> int:
    """Return where the model starts: a prompt or a comment may stand above it."""
    end = 0
    while found := ABOVE.match(text, end):  # a repetition in the pattern itself would remember every line
        end = found.end()
    return end


def read_printed(source: Source) -> Network:
    """Read what print(model) shows as a network.

    Raises ReadError where something that it does not show is needed.
    """
    reader = PrintReader(source)
    for found in TOKEN.finditer(source.text, above(source.text)):
        reader.token(found)
    return reader.network()


class PrintReader:
    """Reads token by token; `open` holds the modules that wait for their closing bracket, `depth` counts the others."""

    def __init__(self, source: Source) -> None:
        """Start outside of any module."""
        self.source = source
        self.root = Part("", 1, "", Span(0, 0), [])
        self.open: list[Part] = []
        self.depth = 0
        self.count = 0
        self.notes: dict[str, None] = {}

    def fail(self, code: str, message: str, span: Span) -> ReadError:
        """Make an error at a span."""
        return ReadError(code, message, self.source, span)

    def token(self, found: re.Match[str]) -> None:
        """Take a bracket, the start of a part, or the start of the model itself."""
        token = found.group()
        if found.group(3):
            start = found.start(3)
            self.start(found.group(1), found.group(2) or "1", Span(start, found.end() - 1))
        elif not self.open and token[-1] == "(" and len(token) > 1:
            self.start("", "1", Span(found.start(), found.end() - 1))
        elif token[-1] == "(":
            self.depth += 1
        elif token == ")":  # noqa: S105  # a token of the text
            self.close(found.end())

    def start(self, name: str, times: str, span: Span) -> None:
        """Open a module."""
        if self.depth:
            raise self.fail("print", "a bracket before this part was never closed", span)
        if len(self.open) >= limits.EXPRESSION_DEPTH:
            words = f"the description nests more than {limits.EXPRESSION_DEPTH} deep"
            raise limits.over("EXPRESSION_DEPTH", "too-deep", words, self.source, span)
        kind = self.source.at(span).rpartition(".")[2]
        if kind in LOST:
            words = f"print(model) does not show {LOST[kind]} of {kind}: write the network as code"
            raise self.fail("not-shown", words, span)
        self.open.append(Part(name, int(times[:9]), kind, span, []))

    def close(self, end: int) -> None:
        """Close a bracket of the arguments, or the innermost module."""
        if self.depth:
            self.depth -= 1
            return
        if not self.open:
            raise self.fail("print", "this bracket was never opened", Span(end - 1, end))
        part = self.open.pop()
        layers = self.open[-1].layers if self.open else self.root.layers
        self.count += part.times
        if self.count > limits.LAYERS:
            words = f"the network has more than {limits.LAYERS:,} layers"
            raise limits.over("LAYERS", "too-many-layers", words, self.source, part.span)
        value = self.made(part, end)
        for number in range(part.times):
            layers.append(self.named(part, number, len(layers), value))

    def named(self, part: Part, number: int, place: int, value: Node | tuple[Line | Group, ...]) -> Line | Group:
        """Make a line or a group; `(0-3): 4 x Block` are four, and a name that is the position is no name."""
        name = part.name
        first = re.fullmatch(r"(\d{1,9})-\d+", name)
        if first and part.times > 1:
            name = str(int(first.group(1)) + number)
        given = name if name and name != str(place) else None
        if isinstance(value, tuple):
            return Group(given, value, title="" if part.kind == "Sequential" else part.kind)
        return line((given,) if given else (), value)

    def made(self, part: Part, end: int) -> Node | tuple[Line | Group, ...]:
        """Return the layer of a class, or the layers of a container."""
        if part.layers or part.kind in ("Sequential", "ModuleList", "ModuleDict"):
            if part.kind != "Sequential":
                self.notes[ORDER] = None
            return tuple(part.layers)
        if part.kind in HIDDEN:
            words = f"print(model) does not show {HIDDEN[part.kind]} of {part.kind}: taken to be the default"
            self.notes[words] = None
        return self.layer(part, end)

    def layer(self, part: Part, end: int) -> Node:
        """Read a class with its arguments; print writes some strings without quotes, and a Lazy class with a 0."""
        _, call = parse(self.source, self.source.text[part.span.start : end], part.span.start)
        if not isinstance(call, Call):
            raise self.fail("print", f"this is no layer: {clipped(self.source.at(part.span))}", part.span)
        keywords = tuple((name, word(value)) for name, value in call.keywords if name != FIXED.get(part.kind))
        arguments = call.arguments
        if part.kind.startswith("Lazy"):
            arguments, keywords = arguments[1:], keywords if arguments else keywords[1:]
        return Call(call.span, Name(part.span, RENAMED.get(part.kind, part.kind)), arguments, keywords)

    def network(self) -> Network:
        """Return the network; a single container is the network itself."""
        if self.open:
            raise self.fail("unclosed", "this part was never closed", self.open[-1].span)
        layers, name = tuple(self.root.layers), ""
        only = layers[0] if len(layers) == 1 else None
        if isinstance(only, Group):
            layers, name = only.layers, only.title
        if not layers:
            raise self.fail("no-layers", "there is no layer here", Span(0, min(len(self.source.text), 40)))
        return Network(self.source, layers, {}, {}, {}, {}, name, tuple(self.notes))


def word(node: Node) -> Node:
    """Take a bare word for a string: print writes `padding=same`."""
    return Word(node.span, node.id) if isinstance(node, Name) else node
