"""Advice: what is legal in torch and probably not meant. Each rule is declared once: a code, why, and a question.

A rule looks at one step of a trace, and gives a sentence or nothing. It asks a layer for its facets: its arguments, its
windows, the letters of its axes. `# convshape: ignore[code]` silences one: in its line, or in the whole file from a
comment at its top.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from functools import cached_property, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.faults import ReadError
from convshape.report.lettering import lettered
from convshape.suggest import clipped, did_you_mean
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from convshape.report.lettering import Letters
    from convshape.source import Source, Span
    from convshape.steps import Step, Trace

    Rule = Callable[["At"], str | None]
    Whole = Callable[[Trace], Iterator[tuple[str, Span, str]]]

FAMILIES = ("layout", "windows", "flow")
"""The modules that declare rules."""
HABIT = 3
"""So many places that are all alike are a habit of the network, or a setting, and no oversight."""
IGNORE = re.compile(r"#\s*convshape:\s*ignore\[([^\]\n]*)\]")


class Declared(NamedTuple):
    """A rule: its code, why what it finds is probably not meant, the question, and the arguments it asks about."""

    code: str
    why: str
    rule: Rule
    fields: tuple[str, ...] = ()


class Advice(NamedTuple):
    """What a rule found: a code, a sentence, why it matters, and where it was written."""

    code: str
    message: str
    why: str
    path: str
    source: Source
    span: Span | None


RULES: dict[str, Declared] = {}
"""The rules declared so far, by their codes."""


def advice(code: str, why: str, *fields: str) -> Callable[[Rule], Rule]:
    """Declare a rule; one that names fields looks only at layers that have these arguments, or facets such as axes."""

    def declare(rule: Rule) -> Rule:
        RULES[code] = Declared(code, why, rule, fields)
        return rule

    return declare


WHOLE: list[tuple[str, Whole]] = []
"""What looks at a network rather than at its steps, under the code of a rule."""


def of_network(code: str) -> Callable[[Whole], Whole]:
    """Declare what finds more of a rule's kind in a network: it gives paths, where they are written, and sentences."""

    def declare(whole: Whole) -> Whole:
        WHOLE.append((code, whole))
        return whole

    return declare


def rules() -> dict[str, Declared]:
    """Return every rule by its code."""
    for family in FAMILIES:
        import_module(f".{family}", __name__)
    return RULES


@lru_cache(maxsize=1024)
def rules_of(kind: type) -> tuple[Declared, ...]:
    """Return the rules that look at a class of layers; the class of None stands for an op."""
    known = getattr(kind, "fields", {})
    return tuple(one for one in rules().values() if all(name in known or getattr(kind, name, 0) for name in one.fields))


class View:
    """A trace as rules look at it: which step made a tensor, and the letters of its axes."""

    def __init__(self, trace: Trace) -> None:
        """Know which steps made each tensor; a layer may give its input back, so that several made the same one."""
        self.trace = trace
        self.places = [At(self, place, step) for place, step in enumerate(trace.steps)]
        self.makers: dict[int, list[int]] = {}
        for place, step in enumerate(trace.steps):
            output = step.output
            for part in (output,) if type(output) is Tensor or not isinstance(output, tuple) else (output, *output):
                self.makers.setdefault(id(part), []).append(place)

    @cached_property
    def known(self) -> dict[int, Letters]:
        """The letters of each tensor, by its identity."""
        return lettered(self.trace.steps)

    @cached_property
    def used(self) -> dict[int, int]:
        """The last step that takes each tensor, by its identity; the output is taken after all of them."""
        found: dict[int, int] = {}
        for place, step in enumerate(self.trace.steps):
            for value in (*step.inputs, *(step.keywords or {}).values()):
                for part in every(value):
                    found[id(part)] = place
        for part in every(self.trace.output):
            found[id(part)] = len(self.trace.steps)
        return found

    @cached_property
    def takers(self) -> Counter[int]:
        """How many steps take each tensor, by its identity."""
        return Counter(id(value) for step in self.trace.steps for value in step.inputs)

    def maker(self, x: Any, place: int) -> At | None:
        """Return the step before a place that made a tensor; None for an input."""
        places = self.makers.get(id(x), ())
        count = bisect_left(places, place)
        return self.places[places[count - 1]] if count else None


class At:
    """A step of a trace, and how it got what comes in."""

    __slots__ = ("layer", "place", "step", "view", "x")

    def __init__(self, view: View, place: int, step: Step) -> None:
        """Look at the step of a place."""
        self.view = view
        self.place = place
        self.step = step
        self.layer = step.layer
        first = step.inputs[0] if step.inputs else None
        self.x: Tensor = first if isinstance(first, Tensor) else Tensor()

    def has(self, *fields: str) -> bool:
        """Tell whether it is a layer with these arguments."""
        return self.layer is not None and all(map(self.layer.fields.__contains__, fields))

    def get(self, field: str) -> Any:
        """Return an argument of the layer, or of the op; None where it has none of that name."""
        if self.layer is not None:
            return self.layer.__dict__.get(field)
        step, op = self.step, self.step.op
        if op is None or field not in op.fields:
            return None
        return op.read(step.inputs, step.keywords or {}, bound=True).get(field, op.fields[field].default)

    def before(self, x: Any = None) -> At | None:
        """Return the step that made what comes in; None for an input of the network."""
        return self.view.maker(self.x if x is None else x, self.place)

    @property
    def letters(self) -> Letters:
        """The letters that earlier layers gave the axes that come in."""
        return () if self.before() is None else self.view.known.get(id(self.x), ())


def every(value: Any) -> Iterator[Any]:
    """Give a value and what it is nested of."""
    yield value
    if isinstance(value, (tuple, list)) and not isinstance(value, Tensor):
        for part in value:
            yield from every(part)


def advise(trace: Trace, ignored: Collection[str] = ()) -> tuple[Advice, ...]:
    """Return what is legal in a trace and probably not meant, in the order of its steps, each place once.

    `ignored` are codes that are not to be looked for, beside those that the file itself silences.
    """
    source = trace.network.source
    silent = silenced(source)
    found: dict[tuple[str, Span | None], Advice] = {}
    for one, path, span, message in (*of_steps(trace), *of_whole(trace)):
        if one.code not in ignored:
            found.setdefault((one.code, span), Advice(one.code, message, one.why, path, source, span))
    return tuple(one for one in found.values() if not is_silent(one, silent))


def of_steps(trace: Trace) -> Iterator[tuple[Declared, str, Span | None, str]]:
    """Give what the rules find in each step."""
    for at in View(trace).places:
        kind: Any = type(at.layer)  # a class of layers, which mypy does not know to be hashable
        for one in rules_of(kind):
            message = one.rule(at)
            if message:
                yield one, at.step.path, at.step.span, message


def of_whole(trace: Trace) -> Iterator[tuple[Declared, str, Span | None, str]]:
    """Give what is found in the network as a whole."""
    known = rules()  # imports what declares them
    for code, whole in WHOLE:
        for path, span, message in whole(trace):
            yield known[code], path, span, message


def is_silent(one: Advice, silent: dict[int, set[str]]) -> bool:
    """Tell whether a comment silences it, in its line or in the whole file."""
    return any(one.code in silent.get(line, ()) for line in (0, line_of(one.source, one.span)))


def line_of(source: Source, span: Span | None) -> int:
    """Return the line that a span starts in."""
    return source.place(span.start).line if span else 0


def silenced(source: Source) -> dict[int, set[str]]:
    """Return the codes that comments silence by their lines; 0 is the whole file."""
    found: dict[int, set[str]] = {}
    if "convshape:" not in source.text:
        return found
    top = True
    for number, text in enumerate(source.text.splitlines(), 1):
        line = text.strip()
        top = top and (not line or line.startswith("#"))
        for codes in IGNORE.findall(text):
            found.setdefault(0 if top else number, set()).update(code.strip() for code in codes.split(","))
    return found


def known_codes(codes: Collection[str], others: Collection[str] = ()) -> frozenset[str]:
    """Return the codes of an option; `others` are warnings without a rule.

    Raises ReadError where there is no warning of that code.
    """
    known = (*rules(), *others)
    for code in codes:
        if code not in known:
            words = f"there is no warning {clipped(code)}{did_you_mean(code, known)}; there is {', '.join(known)}"
            raise ReadError("unknown-warning", words)
    return frozenset(codes)
