"""Explain a whole network: a walk through it in words, what its letters are, and where the batch matters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convshape.explain.message import lesson
from convshape.explain.step import axes_in, told
from convshape.messages.refusals import refusals
from convshape.prose import Rows, Text, Title, shape
from convshape.report import Report, shape_text
from convshape.steps import first_tensor
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.asked import Options
    from convshape.prose import Block
    from convshape.report import Row
    from convshape.steps import Step, Trace

LETTERS = {
    "N": "how many samples go in at a time, the batch",
    "C": "the channels: how many numbers there are at each position",
    "L": "the length: how many positions a sequence has",
    "D": "the depth of a volume",
    "H": "the height, in positions",
    "W": "the width, in positions",
}
"""What the letters of the axes mean."""


def explain_network(trace: Trace, options: Options) -> Iterator[Block]:
    """Walk through a network, to its end or to the line that refuses."""
    report = Report(trace)
    yield Title(trace.network.name or trace.network.source.name)
    yield from letters(report)
    yield Title("What each line does", 2)
    yield Rows(list(walk(report)))
    if trace.error is not None:
        yield Title("Why it stops", 2)
        yield from lesson(trace.error)
        return
    total = f"{trace.params:,} parameters" if isinstance(trace.params, int) else f"{trace.params} parameters"
    yield Text(f"{total} in all. `convshape explain NET NAME` works one line through.")
    needs = trace.symbols.summary()
    if needs:
        yield Title("Which sizes work", 2)
        told = "; ".join(f"`{words}`" for words in needs)
        yield Text(f"Those with {told}. `convshape sizes NET` names the layer behind each limit.")
    yield Title("Where the batch matters", 2)
    yield from batch(trace, options)


def letters(report: Report) -> Iterator[Block]:
    """Say what the letters of the inputs are."""
    for name, x in report.trace.inputs.items():
        first = next((step for step in report.trace.steps if step.inputs and step.inputs[0] is x), None)
        known = report.known.get(id(x), ()) or (axes_in(report, first) if first else ())
        yield Text(f"{name} is {shape(x, known)}.")
        if known:
            yield Rows([(letter, LETTERS.get(letter, "")) for letter in known if letter])


def walk(report: Report) -> Iterator[tuple[str, str]]:
    """Give a line for each step: what it does, where it is the first of its kind, and the shape that comes out."""
    told: set[str] = set()
    for row in report.rows:
        does = "" if row.type in told else purpose(row)
        told.add(row.type)
        yield row.name, f"{row.layer}: {does}{change(row)}"


def purpose(row: Row) -> str:
    """Say what a step does, in the first line of its documentation; the axes that it names there are said anyway."""
    does = told(row.last).partition(": (")[0].rstrip(".")
    return f"{does}. " if does else ""


def change(row: Row) -> str:
    """Say what comes out."""
    if row.failed:
        return "It refuses what it gets."
    if row.keeps:
        return "The shape stays."
    out = shape(row.output, row.letters) if isinstance(row.output, Tensor) else shape_text(row.output)
    return f"{out} comes out."


def batch(trace: Trace, options: Options) -> Iterator[Block]:
    """Say whether the batch may be anything: the network is traced again with a symbol in its place."""
    first = next(iter(trace.inputs.values()))
    symbol = "N" if "N" not in trace.symbols.names else "B"
    if not len(first) or not isinstance(first[0], int):
        found = trace
    else:
        shapes: dict[str, Any] = {name: (symbol, *x[1:]) for name, x in trace.inputs.items()}
        found = options.trace(trace.network, shapes)
    yield from (pinned(found) if found.error else free(found))
    mixing = [step.path for step in trace.steps if mixes(step)]
    if mixing:
        yield Text(
            f"In training {', '.join(mixing)} takes the mean over the batch: samples see each other, and a batch of 1 "
            "may be too small. In eval each sample is treated alone."
        )


def pinned(trace: Trace) -> Iterator[Block]:
    """Name the line that works for one batch size alone."""
    error = trace.error
    assert error is not None  # noqa: S101  # the caller has looked
    source, span = trace.network.source, error.span
    where = f" ({source.name}:{source.place(span.start).line})" if span else ""
    yield Text(
        f"With a batch of any size it stops{where}: {error.message}. That line is right for one batch size only."
    )


def free(trace: Trace) -> Iterator[Block]:
    """Say what the batch must satisfy."""
    first = next(iter(trace.inputs.values()))
    if not len(first):
        return
    name = rf"\b{first[0]}\b"
    about = [words for words in trace.symbols.summary() if re.search(name, words)]
    learnt = [step.path for step in trace.steps if any(re.search(name, str(one)) for one in step.weights.values())]
    out = first_tensor(trace.output)
    if about:
        yield Text(f"The batch is not free: {'; '.join(about)}.")
    if learnt:
        yield Text(
            f"The batch was folded into the features: the weights of {', '.join(learnt)} would have another shape for "
            f"each number of samples. Keep {first[0]} an axis of its own: `x.flatten(1)`, or -1 in its place."
        )
    elif not about and len(out) and (out[0] == first[0]) is not True:
        yield Text(
            f"The first axis that comes out is {out[0]}, not {first[0]}: samples were joined, or the batch stands "
            "elsewhere."
        )
    elif not about:
        yield Text("Nowhere: every line works for any number of samples, and only N changes with it.")


def mixes(step: Step) -> bool:
    """Tell whether a layer needs more than one value for each channel in training: it takes a mean over the batch."""
    layer = step.layer
    return layer is not None and any(
        fault.code == "one-value-per-channel" and "spatial" not in fault.says for fault in refusals(type(layer))
    )
