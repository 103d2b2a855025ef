"""Quantities: the numbers that an expectation can be about, measured and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.conditions import joined
from convshape.dim import Dim
from convshape.memory import Memory, highest
from convshape.network import Items, Literal, Pairs
from convshape.report.columns import grouped, sized
from convshape.suggest import clipped, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from convshape.checking.held import Held
    from convshape.network import Node
    from convshape.problem import Problem
    from convshape.report import Row
    from convshape.steps import Trace


class Quantity(NamedTuple):
    """A number: its key, what it is called, how it is measured over rows, and how it is written.

    A tuple has a number for each axis.
    """

    key: str
    title: str
    measure: Callable[[Trace, Sequence[Row], str | None], Any]
    written: Callable[[Any], str] = lambda value: grouped(str(value))

    def held(self, held: Held, node: Node) -> Iterator[Problem]:
        """Hold the whole network to a condition, or layers by their names."""
        if not isinstance(node, Pairs):
            yield from self.compared(held, node, held.report.rows, None)
            return
        for name, part in node.pairs:
            yield from self.compared(held, part, held.rows(name), str(name.value))

    def compared(self, held: Held, node: Node, rows: Sequence[Row], path: str | None) -> Iterator[Problem]:
        """Measure and compare."""
        value = self.measured(held, node, rows, path)
        axes = value if isinstance(value, tuple) else (value,)
        texts = conditions(held, node, len(axes), along_axes=isinstance(value, tuple))
        facts = [held.judge.judge(text, held.source, axis) for text, axis in zip(texts, axes, strict=True)]
        verdict = held.everywhere(joined(facts))
        if not verdict.holds:
            here = held.here(value)
            wanted = " x ".join(dict.fromkeys(str(text.value) for text in texts))
            words = f"{self.title}{f' of {path}' if path else ''} is {self.written(here)}, expected {wanted}"
            known = isinstance(here, Dim) and here.names <= verdict.sizes.keys()
            there = self.written(here.at(**verdict.sizes)) if known else ""
            yield held.missed(self.key, words, node, verdict, there)

    def measured(self, held: Held, node: Node, rows: Sequence[Row], path: str | None) -> Any:
        """Measure.

        Raises ReadError where there is nothing to measure.
        """
        try:
            value = self.measure(held.trace, rows, path)
        except KeyError:
            words = f"no Linear is called {clipped(path or '')}{did_you_mean(path or '', held.trace.linears())}"
            raise held.fail("unknown-layer", words, node) from None
        if value == ():
            raise held.fail("no-quantity", f"{self.title} is not known here: no window slides, or positions mix", node)
        return value


def conditions(held: Held, node: Node, count: int, *, along_axes: bool) -> list[Literal]:
    """Return the condition of each axis: one for all of them, a list, or a text such as 31x31."""
    if isinstance(node, Literal):
        parts = str(node.value).split("x") if along_axes else [""]
        if len(parts) == 1:
            return [node] * count
        node = Items(node.span, "list", tuple(Literal(node.span, part.strip()) for part in parts))
    items = [held.text(item) for item in getattr(node, "items", ())]
    if len(items) != count:
        raise held.fail("expectation", f"a condition for each axis belongs here, {count} in all, or one for all", node)
    return items


def params(_trace: Trace, rows: Sequence[Row], _path: str | None) -> Any:
    """Count the parameters, shared ones once."""
    return sum(row.params for row in rows)


def macs(_trace: Trace, rows: Sequence[Row], _path: str | None) -> Any:
    """Count the multiply-accumulates of one forward."""
    return sum(row.macs for row in rows)


def memory(trace: Trace, rows: Sequence[Row], path: str | None) -> Any:
    """Count the bytes that inference holds at its peak, as docs/memory.md says; of a layer, while it runs."""
    return highest([row.memory for row in rows]) if path else Memory(trace).peak


def linear_in(trace: Trace, _rows: Sequence[Row], path: str | None) -> Any:
    """Return the in_features that a Linear needs, as `convshape linear-in` does; raise KeyError where there is none."""
    return trace.linear_in_at(path)


def receptive_field(_trace: Trace, rows: Sequence[Row], _path: str | None) -> Any:
    """Return how many input positions the last row sees along each axis; empty where it is lost."""
    return tuple(axis.positions for axis in rows[-1].receptive or ()) if rows else ()


QUANTITIES = (
    Quantity("params", "the number of parameters", params),
    Quantity("macs", "the number of MACs", macs),
    Quantity("memory", "the memory", memory, sized),
    Quantity("linear_in", "the in_features", linear_in),
    Quantity("receptive_field", "the receptive field", receptive_field, lambda value: "x".join(map(str, value))),
)
