"""Report: what a rendering may show of a trace. Everything is worked out here; a renderer only writes it down."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from convshape.arithmetic.summary import assumed
from convshape.dim import Dim
from convshape.report.formula import formulas
from convshape.report.lettering import fitting, lettered
from convshape.report.receptive import fields, same
from convshape.steps import every_tensor
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from convshape.advice import Advice
    from convshape.dim import Size
    from convshape.memory import Memory
    from convshape.outcome import Real
    from convshape.rehearsal import Rehearsal
    from convshape.report.formula import Formula
    from convshape.report.lettering import Letters
    from convshape.report.receptive import Fields
    from convshape.steps import Step, Trace
    from convshape.tensor import Sizes

NAMED = 3
"""How many classes a folded row names before it counts them."""


class Row:
    """One line of a table: a step, several that are folded into one, or the one that failed."""

    def __init__(self, report: Report, name: str, steps: Sequence[Step], place: int, *, failed: bool = False) -> None:
        """Keep the steps; `place` is the place of the last one in the trace."""
        self.report = report
        self.name = name
        self.steps = steps
        self.place = place
        self.failed = failed
        self.last = steps[-1]

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The layer as it is made, in pieces, True where `_` stood; the source text of an op; what a fold holds."""
        if len(self.steps) > 1:
            return [(self.fold(), False)]
        if self.last.layer is not None:
            return list(self.last.layer.pieces())
        source, span = self.report.trace.network.source, self.last.span
        text = " ".join(source.at(span).split()) if span else self.last.name
        return [(text or self.last.name, False)]

    def fold(self) -> str:
        """Say what a folded row holds: `unit: Conv1d, ReLU, Dropout`, or `stage: 12 layers`."""
        title = self.report.trace.titles.get(self.name, "")
        names = ", ".join(step.name for step in self.steps)
        words = names if len(self.steps) <= NAMED else f"{len(self.steps)} layers"
        return f"{title}: {words}" if title else words

    @property
    def layer(self) -> str:
        """The layer as it is made."""
        return "".join(text for text, _ in self.pieces)

    @property
    def type(self) -> str:
        """The class of the layer, the name of an op, or the block that was folded."""
        return self.last.name if len(self.steps) == 1 else self.report.trace.titles.get(self.name, "")

    @property
    def output(self) -> Any:
        """What comes out; None where it failed."""
        return self.last.output

    @property
    def letters(self) -> Letters:
        """The letters of the axes that come out, where they have some."""
        return () if self.failed else self.report.letters[self.place]

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The tensors that go in, as they are nested."""
        values = (*self.steps[0].inputs, *(self.steps[0].keywords or {}).values())
        return tuple(value for value in values if isinstance(value, (tuple, list)) and holds_tensor(value))

    @property
    def keeps(self) -> bool:
        """Whether the shape that comes out is the one that went in."""
        x = self.inputs[0] if self.inputs else None
        return isinstance(x, Tensor) and isinstance(self.output, Tensor) and same(x, self.output)

    @property
    def shared(self) -> bool:
        """Whether its weights were counted at an earlier row."""
        return all(step.shared for step in self.steps)

    @property
    def weights(self) -> dict[str, Sizes]:
        """The parameters by name, folded ones with their paths."""
        if len(self.steps) == 1:
            return {} if self.failed else self.last.weights
        cut = len(self.name) + 1
        return {f"{step.path[cut:]}.{name}": shape for step in self.steps for name, shape in step.weights.items()}

    @property
    def params(self) -> Size:
        """How many parameters, those of an earlier row not counted again."""
        return 0 if self.failed else sum(step.params for step in self.steps)

    @property
    def macs(self) -> Size:
        """How many multiply-accumulates."""
        return 0 if self.failed else sum(step.macs for step in self.steps)

    @property
    def receptive(self) -> Fields | None:
        """The receptive field of what comes out."""
        return None if self.failed else self.report.fields[self.place]

    @property
    def formulas(self) -> list[Formula]:
        """How the sizes that come out were computed, for a single step."""
        if self.failed or len(self.steps) > 1:
            return []
        return formulas(self.last, self.report.letters_in(self.last))

    @property
    def real(self) -> Real | None:
        """What torch did at the last of the steps, where there was a dry run."""
        return self.report.rehearsal.step(self.place) if self.report.rehearsal else None

    @property
    def seconds(self) -> float | None:
        """How long torch took for all of the steps."""
        if not self.report.rehearsal or not self.real:
            return None
        first = self.place - len(self.steps) + 1
        steps = (self.report.rehearsal.step(place) for place in range(first, self.place + 1))
        return sum(step.seconds for step in steps if step)

    @property
    def memory(self) -> Size:
        """The bytes that inference holds while it runs, parameters aside; the most of several steps."""
        from convshape.memory import highest

        held = self.report.memory.held[self.place - len(self.steps) + 1 : self.place + 1]
        return 0 if self.failed else highest(held)


class Report:
    """A trace as rows, with its totals and what else there is to say."""

    def __init__(
        self, trace: Trace, depth: int | None = None, rehearsal: Rehearsal | None = None, ignored: Collection[str] = ()
    ) -> None:
        """Fold what is nested deeper than `depth`; a rehearsal stands beside the rows; `ignored` are warnings."""
        self.trace = trace
        self.rehearsal = rehearsal
        self.ignored = ignored
        self.rows = list(self.folded(depth))
        if trace.error and trace.error.step:
            step = trace.error.step
            self.rows.append(Row(self, step.path or "?", [step], len(trace.steps), failed=True))

    def folded(self, depth: int | None) -> Iterator[Row]:
        """Give the rows, neighbours of the same fold together."""
        waiting: list[Step] = []
        before = ""
        for place, step in enumerate(self.trace.steps):
            name = cut(step.path, depth)
            if waiting and (name != before or name == step.path):
                yield Row(self, before, waiting, place - 1)
                waiting = []
            before = name
            waiting.append(step)
        if waiting:
            yield Row(self, before, waiting, len(self.trace.steps) - 1)

    @cached_property
    def memory(self) -> Memory:
        """The bytes that the network holds."""
        from convshape.memory import Memory

        return Memory(self.trace)

    @cached_property
    def warnings(self) -> tuple[Advice, ...]:
        """What is legal and probably not meant."""
        from convshape.advice import advise

        return advise(self.trace, self.ignored)

    @cached_property
    def fields(self) -> list[Fields | None]:
        """The receptive field after each step."""
        return fields(self.trace.steps)

    @cached_property
    def known(self) -> dict[int, Letters]:
        """The letters of each tensor, by its identity."""
        return lettered(self.trace.steps)

    @cached_property
    def letters(self) -> list[Letters]:
        """The letters of each step's output."""
        return [self.known.get(id(step.output), ()) for step in self.trace.steps]

    def letters_in(self, step: Step) -> Letters:
        """Return the letters of what goes into a step: those that the layer has for it, else those it came with."""
        x = step.first
        if x is None:
            return ()
        own = fitting(step.layer.letters(x), x) if step.layer else ()
        return own or self.known.get(id(x), ())

    @property
    def linears(self) -> list[str]:
        """How the in_features of each Linear come about: `fc: 16·5·5 = 400`; those that fold nothing together last."""
        from convshape.linears import origins

        found = origins(self.trace)
        folds = [f"{one.name}: {product(one.factors, one.size)}" for one in found if len(one.factors) > 1]
        plain = [f"{one.name}: {one.size}" for one in found if len(one.factors) == 1]
        if len(plain) > MOST:
            plain = [*plain[:MOST], f"and {len(plain) - MOST} more"]
        return [*folds, ", ".join(plain)] if plain else folds

    @property
    def needs(self) -> list[str]:
        """What the symbols must satisfy."""
        return self.trace.symbols.summary()

    @property
    def sum_title(self) -> str:
        """What the last line of a table is called."""
        return "so far" if self.trace.error else "total"

    def remarks(self, *, unicode: bool = True, columns: Collection[str] = ()) -> list[tuple[str, str]]:
        """Say what stands under a table with such columns: a label and its words."""
        free = [name for name in self.trace.symbols.names if not any(name in words for words in self.needs)]
        needs = [*self.needs, *([f"any {', '.join(free)}"] if free else [])]
        linears = self.linears if unicode else [words.replace(TIMES, "*") for words in self.linears]
        macs = str(self.trace.macs)
        return [
            *([("MACs", macs)] if len(macs) > LONG else []),
            *(("in_features", words) for words in linears),
            *([("memory", self.memory.words)] if "memory" in columns else []),
            *([("needs", "; ".join(needs))] if needs else []),
            *(("assumed", f"{words}; `convshape sizes` follows every case") for words in assumed(self.trace.symbols)),
            *(self.rehearsal.remarks() if self.rehearsal else ()),
            *(("note", words) for words in self.trace.notes),
        ]


TIMES = "·"
LONG = 48
"""A sum with more characters stands under the table."""
MOST = 8
"""How many Linears that fold nothing are listed."""


def cut(path: str, depth: int | None) -> str:
    """Return the name that a fold goes by."""
    return path if depth is None else ".".join(path.split(".")[:depth])


def holds_tensor(value: Any) -> bool:
    """Tell whether a nested value has a tensor in it."""
    return bool(every_tensor(value))


def product(factors: Sequence[Size], size: Size) -> str:
    """Write how a product comes about: 16·5·5 = 400; a symbolic one is its own formula."""
    if isinstance(size, Dim):
        return str(size)
    return f"{TIMES.join(map(str, factors))} = {size}"


def shape_text(value: Any) -> str:
    """Write a shape, or a nested tuple of them."""
    if isinstance(value, Tensor):
        return f"({', '.join(map(str, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(shape_text, value))})"
    return str(value)


__all__ = ["Report", "Row", "shape_text"]
