"""Held: a trace that is held to expectations, and what every expectation asks of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from convshape.conditions import Judge
from convshape.dim import Dim, Fact
from convshape.faults import ReadError
from convshape.inputs import letters
from convshape.network import Literal, Node, Pairs
from convshape.problem import WRONG, Problem
from convshape.report import Report
from convshape.sizing.proof import Verdict, everywhere
from convshape.suggest import clipped, did_you_mean

if TYPE_CHECKING:
    from convshape.dim import Symbols
    from convshape.report import Row
    from convshape.sizing.proof import Study
    from convshape.source import Source


class Held:
    """A trace, and the source of what is expected of it; `at` gives symbols the sizes at which that is asked."""

    def __init__(self, study: Study, source: Source) -> None:
        """Keep the study of the network."""
        self.study = study
        self.trace = study.trace
        self.source = source
        self.at: dict[str, int] = {}

    @cached_property
    def report(self) -> Report:
        """The rows of the trace."""
        return Report(self.trace)

    @cached_property
    def judge(self) -> Judge:
        """What judges conditions on the symbols of the trace."""
        return self.judge_of(self.trace.symbols)

    def judge_of(self, symbols: Symbols) -> Judge:
        """Make a judge for symbols; those of another trace have the same names."""
        return Judge(self.trace.network, symbols, self.study.settings, self.trace.inputs)

    @property
    def names(self) -> list[str]:
        """The letters of the input, those that were given numbers among them."""
        return sorted({*self.trace.symbols.names, *letters(self.trace.network)})

    def fail(self, code: str, words: str, node: Node) -> ReadError:
        """Make an error that points at an expectation."""
        return ReadError(code, words, self.source, node.span)

    def missed(self, code: str, words: str, node: Node, verdict: Verdict | None = None, value: str = "") -> Problem:
        """Make a problem of what is not as expected, with the sizes at which it is not, and the value there."""
        if verdict and not verdict.proved:
            said = f"neither proved nor refuted: {words}"
            return Problem("unproved", said, WRONG, self.source, node.span, level="warning")
        where = ", ".join(f"{name}={size}" for name, size in verdict.sizes.items()) if verdict else ""
        found = f"{words}{f': it is {value}' if value else ','} at {where}" if where else words
        return Problem(f"expect-{code.replace('_', '-')}", found, WRONG, self.source, node.span)

    def rows(self, name: Literal) -> list[Row]:
        """Return the rows of a layer, or of a part with layers in it.

        Raises ReadError when there is none of that name.
        """
        path = str(name.value)
        found = [row for row in self.report.rows if row.name == path or row.name.startswith(f"{path}.")]
        if not found:
            known = [row.name for row in self.report.rows]
            raise self.fail("unknown-layer", f"no layer is called {clipped(path)}{did_you_mean(path, known)}", name)
        return found

    def here(self, value: Any) -> Any:
        """Return a number at the sizes that `at` gives."""
        return value.at(**self.at) if isinstance(value, Dim) else value

    def everywhere(self, fact: bool | Fact) -> Verdict:  # noqa: FBT001  # what a comparison gives
        """Tell whether a fact holds at the sizes that `at` gives, and at all that work for the other symbols."""
        return everywhere(fact.at(**self.at) if isinstance(fact, Fact) and self.at else fact, self.study)

    def pairs(self, node: Node, example: str) -> tuple[tuple[Literal, Node], ...]:
        """Return the pairs of what must be a mapping."""
        if not isinstance(node, Pairs) or not node.pairs:
            raise self.fail("expectation", f"a mapping belongs here: {example}", node)
        return node.pairs

    def text(self, node: Node) -> Literal:
        """Return what must be a single value."""
        if not isinstance(node, Literal):
            raise self.fail("expectation", "a single value belongs here", node)
        return node
