"""What is fuzzed: a target for each reader, and what it is fed. A case is a text, or bytes as a file has them."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from grammar import Grammar

from convshape import ConvshapeError, trace
from convshape.network import Network
from convshape.read import check, decode, inline, module, parse, printed, yaml
from convshape.read.container import line
from convshape.read.expression import parse as parse_expression
from convshape.render import rendered
from convshape.render.diagnostic import diagnostic
from convshape.source import Source
from convshape.terminal import Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

ROOT = Path(__file__).resolve().parents[2]
SHAPES = ((2, 1, 20), ("N", 3, "H", "W"), (4, 8), ("N", 1, "L"), (1, 3, 32, 32), (2,), (), ("N", 2, 4, 6, 8), (0, 3, 4))
FORMATS = ("json", "csv", "markdown", "plain")
INTERESTING = (
    "(", ")", "[", "]", "{", "}", ":", ",", "- ", "\n", " ", "  ", "->", "x", "_", "$", "'", '"', "#", "&a ", "*a",
    "0", "-1", "1", "9" * 25, "2**63", "1e400", ".5", "1.0", "True", "None", "inf", "nan", "...", ":", "::2", "=", "==",
    "**", "//", "%", "@", "~", "not ", "lambda: ", "Conv1d", "Linear", "LSTM(3, 4)", "Sequential(", "repeat: 3",
    "layers:", "blocks:", "vars:", "input:", "expect:", "x[0]", ".view(-1)", ".size(0)", "torch.cat([x, x])", "é", "\t",
    "\0", "\ud800", "\ufeff", "\r", "\x85", "\u2028", "(0-3): 4 x ", "self.", "def forward(self, x):", "return ", ";",
    "|", "!!",
)  # fmt: skip


class Target:
    """A reader under test, by default the one that tells the dialect itself: it makes cases, and runs them."""

    def __init__(self, dialect: str = "any", read: Callable[[Source], Network] = parse) -> None:
        """Know what the grammar is to write, and who reads it."""
        self.dialect = dialect
        self.read = read

    def make(self, random: Random) -> str | bytes:
        """Make a case: a mutated example mostly, or what the grammar makes, mutated half the time."""
        if random.random() < 0.5:
            text = Grammar(random).write(self.dialect)
            return text if random.random() < 0.5 else self.mutated(text, random)
        return self.mutated(random.choice(self.seeds), random)

    @cached_property
    def seeds(self) -> list[str]:
        """The examples, and what once broke a reader."""
        files = [*ROOT.glob("examples/**/*"), *ROOT.glob("tests/golden/nets/*"), *ROOT.glob("tests/fuzz/corpus/*")]
        texts = [path.read_bytes().decode("utf-8", "surrogateescape") for path in sorted(files) if path.is_file()]
        return [text for text in texts if self.reads(text)] or texts

    def reads(self, text: str) -> bool:
        """Tell whether a text is of this dialect."""
        try:
            return bool(self.read(Source("<seed>", text)).layers)
        except ConvshapeError:
            return False

    def mutated(self, text: str, random: Random) -> str:
        """Change a text in a few places."""
        for _ in range(random.choice((1, 1, 2, 3, 8))):
            text = random.choice(MUTATIONS)(self, text, random)
        return text[:200_000]

    def run(self, case: str | bytes) -> str:
        """Read a case, trace it and show the result; return the code of its error, or `fine`."""
        text = case if isinstance(case, str) else decode("<fuzz>", case)
        try:
            return self.outcome(Source("<fuzz>", text))
        except ConvshapeError as error:
            shown(error)
            return error.code

    def outcome(self, source: Source) -> str:
        """Trace a network, with the shape that its text picks, and write it in the format that its text picks."""
        check(source)
        pick = sum(map(ord, source.text[:50]))
        network = self.read(source)
        shape = None if network.inputs or pick % 5 == 0 else SHAPES[pick % len(SHAPES)]
        result = trace(network, shape, train=pick % 7 == 0)
        rendered(result, FORMATS[pick % len(FORMATS)], None, None, Screen())
        if result.error is None:
            return "fine"
        shown(result.error)
        return result.error.code


def shown(error: ConvshapeError) -> None:
    """Write an error as the command line does, its repairs looked for, and hold it to what an error is."""
    assert error.message, "an error without words"
    assert "\n" not in error.message, "an error of several lines"
    assert len(error.message) < 2_000, "an endless error"
    if error.source is not None and error.span is not None:
        assert 0 <= error.span.start <= error.span.end <= len(error.source.text), "a span outside of its source"
    assert diagnostic(error, Screen(80)).startswith(f"error[{error.code}]")


def replaced(_: Target, text: str, random: Random) -> str:
    """Put something interesting in the place of a few letters."""
    at = random.randint(0, len(text))
    return text[:at] + random.choice(INTERESTING) + text[at + random.choice((0, 0, 1, 2, 5)) :]


def cut(_: Target, text: str, random: Random) -> str:
    """Take a stretch out."""
    at = random.randint(0, len(text))
    return text[:at] + text[at + random.randint(1, 30) :]


def doubled(_: Target, text: str, random: Random) -> str:
    """Repeat a stretch, now and then many times."""
    at = random.randint(0, len(text))
    end = at + random.randint(1, 40)
    return text[:at] + text[at:end] * random.choice((2, 2, 3, 20, 200)) + text[end:]


def numbered(_: Target, text: str, random: Random) -> str:
    """Put another number in the place of one."""
    places = [place for place, letter in enumerate(text) if letter.isdecimal()]
    if not places:
        return text
    at = random.choice(places)
    return (
        text[:at] + random.choice(("0", "-1", "7", "1.5", "9" * 19, "(2, 3)", "N", "_", "True", "''")) + text[at + 1 :]
    )


def crossed(target: Target, text: str, random: Random) -> str:
    """Go on with the lines of another example."""
    rows, others = text.split("\n"), random.choice(target.seeds).split("\n")
    return "\n".join(rows[: random.randint(0, len(rows))] + others[random.randint(0, len(others)) :])


def shuffled(_: Target, text: str, random: Random) -> str:
    """Put a line elsewhere."""
    rows = text.split("\n")
    row = rows.pop(random.randrange(len(rows)))
    rows.insert(random.randint(0, len(rows)), row)
    return "\n".join(rows)


MUTATIONS: tuple[Callable[[Target, str, Random], str], ...] = (
    replaced, replaced, replaced, cut, doubled, numbered, numbered, crossed, shuffled,
)  # fmt: skip


def expression(source: Source) -> Network:
    """Read one line, and make it the network."""
    names, value = parse_expression(source, source.text, 0)
    return Network(source, (line(names, value),), {}, {}, {}, {})


class Bytes(Target):
    """Bytes as a file has them: noise, and examples with bytes changed."""

    def make(self, random: Random) -> bytes:
        """Make bytes."""
        if random.random() < 0.2:
            return random.randbytes(random.choice((1, 10, 100, 1000)))
        data = bytearray(random.choice(self.seeds).encode("utf-8", "surrogateescape"))
        for _ in range(random.choice((1, 2, 10))):
            at = random.randint(0, len(data))
            data[at : at + random.choice((0, 1, 3))] = random.randbytes(random.choice((0, 1, 2)))
        return bytes(data)

    def run(self, case: str | bytes) -> str:
        """Decode and trace."""
        try:
            return super().run(case)
        except ConvshapeError as error:
            return error.code


READERS: dict[str, Callable[[], Target]] = {
    "yaml": partial(Target, "yaml", yaml.read_yaml),
    "inline": partial(Target, "inline", inline.read_inline),
    "printed": partial(Target, "printed", printed.read_printed),
    "module": partial(Target, "module", module.read_module),
    "expression": partial(Target, "expression", expression),
    "any": Target,
    "bytes": Bytes,
}
"""A target for each reader of networks."""
