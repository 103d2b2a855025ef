"""Wants: what a search asks of a network, as conditions over its trace, and what it ranks by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convshape.arithmetic.facts import Fact
from convshape.evaluate import Evaluator
from convshape.faults import ReadError
from convshape.network import Attribute, Binary
from convshape.read.expression import parse
from convshape.report.receptive import fields, least
from convshape.source import Source, Span
from convshape.suggest import did_you_mean
from convshape.tensor import alike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from convshape.faults import ConvshapeError
    from convshape.network import Name, Node
    from convshape.steps import Trace

RANKED = re.compile(r"(.+?)\s+(minimal|maximal)\s*\Z", re.DOTALL)
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
HOW = "a want is a comparison such as output == (N, 10) or params <= 1e6, or macs minimal"
ASSIGNED = re.compile(r"[^=<>!]=[^=]")


def receptive_field(trace: Trace) -> Any:
    """Return how many positions of the input an output sees, along the axis where it sees the fewest.

    A layer that mixes positions in another way, such as Flatten, loses track: what was seen before it counts.
    """
    found = next((field for field in reversed(fields(trace.steps)) if field), ())
    return least([axis.positions for axis in found]) if found else 1


MEASURES: dict[str, Callable[[Trace], Any]] = {
    "output": lambda trace: trace.output,
    "params": lambda trace: trace.params,
    "macs": lambda trace: trace.macs,
    "linear_in": lambda trace: trace.linear_in,
    "receptive_field": receptive_field,
}
"""What a want may ask of a trace, beside its variables and the outputs of its layers."""


class Asked(Evaluator):
    """Evaluates a want over a trace."""

    def __init__(self, source: Source, trace: Trace, known: Mapping[str, Any]) -> None:
        """Know the trace, and the numbers of its variables and letters."""
        super().__init__(source)
        self.trace = trace
        self.known = known

    def lookup(self, name: str, default: Any) -> Any:
        """Find a measure, a variable, a letter, or the output of a layer."""
        if name in self.known:
            return self.known[name]
        if name in MEASURES:
            return MEASURES[name](self.trace)
        try:
            return self.trace[name].output
        except KeyError:
            return self.trace.inputs.get(name, default)

    def attribute(self, node: Attribute) -> Any:
        """Find the output of a layer inside another: `stem.conv`; `.shape` says nothing more."""
        path = dotted(node)
        value = self.lookup(path.removesuffix(".shape"), None)
        if value is None:
            raise self.fail("want", f"nothing is called {path}", node)
        return value

    def unknown(self, node: Name) -> ConvshapeError:
        """Suggest what there is."""
        names = [*MEASURES, *self.known, *(step.path for step in self.trace.steps)]
        words = f"nothing is called {node.id}{did_you_mean(node.id, names)}; there is {', '.join(names[:12])}"
        return self.fail("want", words, node)

    def calculate(self, node: Binary, left: Any, right: Any) -> Any:
        """Compare shapes size by size."""
        if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)) and node.operator in ("==", "!="):
            held = alike(tuple(left), tuple(right))
            return held if node.operator == "==" else self.denied(held, node)
        return super().calculate(node, left, right)

    def denied(self, held: bool | Fact, node: Node) -> bool:  # noqa: FBT001  # a comparison
        """Turn a comparison of shapes round."""
        if isinstance(held, Fact):
            raise self.fail("want", "say of each size what it must not be: output[1] != 3", node)
        return not held


class Want:
    """A condition, or what is to be as small or as large as it can be; `sign` is 1 or -1 there, else 0."""

    def __init__(self, text: str) -> None:
        """Read it.

        Raises ReadError where it is no comparison.
        """
        ranked = RANKED.fullmatch(text.strip())
        self.text = text.strip()
        self.source = Source("--want", text)
        self.sign = 0 if ranked is None else 1 if ranked[2] == "minimal" else -1
        words = ranked[1] if ranked else self.text
        lead = len(text) - len(text.lstrip())
        if not words:
            raise self.fail(HOW)
        try:
            _, self.node = parse(self.source, words, lambda offset: lead + offset)
        except ReadError:
            raise self.no_comparison() from None
        if not self.sign and not (isinstance(self.node, Binary) and self.node.operator in COMPARISONS):
            raise self.no_comparison()

    def no_comparison(self) -> ReadError:
        """Make the error for what compares nothing."""
        return self.fail(f"{HOW}; == compares, = does not" if ASSIGNED.search(self.text) else HOW)

    def fail(self, words: str) -> ReadError:
        """Make an error that points at the whole."""
        return ReadError("want", words, self.source, Span(0, len(self.source.text)))

    def asked(self, trace: Trace, known: Mapping[str, Any]) -> bool | Fact:
        """Ask whether it holds of a trace."""
        held = Asked(self.source, trace, known).evaluate(self.node)
        if not isinstance(held, (bool, Fact)):
            raise self.no_comparison()
        return held

    def rank(self, trace: Trace, known: Mapping[str, Any]) -> Any:
        """Return the number that is to be small."""
        number = Asked(self.source, trace, known).evaluate(self.node)
        if isinstance(number, tuple):
            raise self.fail("only a number can be minimal or maximal")
        return self.sign * number

    def reached(self, trace: Trace, known: Mapping[str, Any]) -> Any:
        """Return what is compared, for words about how far a want is missed."""
        return Asked(self.source, trace, known).evaluate(self.node.left) if isinstance(self.node, Binary) else None

    @property
    def names(self) -> set[str]:
        """The words in it."""
        return set(re.findall(r"[^\W\d]\w*", self.text))

    def __repr__(self) -> str:
        """Show the text."""
        return self.text


class Shaped(Want):
    """The want of an output shape, as a tuple of numbers and letters."""

    def __init__(self, shape: Any) -> None:
        """Write it as a comparison."""
        sizes = ", ".join(map(str, shape if isinstance(shape, (tuple, list)) else (shape,)))
        super().__init__(f"output == ({sizes},)")
        self.text = f"output == {written(shape)}"


def written(shape: Any) -> str:
    """Write a shape of numbers and letters."""
    sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
    return f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"


def dotted(node: Node) -> str:
    """Write `a.b.c` as a path."""
    return f"{dotted(node.value)}.{node.name}" if isinstance(node, Attribute) else getattr(node, "id", "")


def wants(texts: str | tuple[str, ...] | list[str], output: Any) -> Iterator[Want]:
    """Read the wants of a search, the wanted output first."""
    if output is not None:
        yield Shaped(output)
    yield from map(Want, (texts,) if isinstance(texts, str) else texts)
