"""Explain a layer class: what it does, its axes, its arguments, its weights, its formula with an example, a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape import layers, words
from convshape.api import trace
from convshape.catalogue import signature
from convshape.catalogue.samples import Sample, sample
from convshape.explain.step import axes_in, filters, formula_lines, picture, weight_rows
from convshape.kinds import REQUIRED
from convshape.messages.refusals import refusals
from convshape.options import read_inputs
from convshape.prose import Lines, Names, Rows, Title, paragraphs, shape
from convshape.read import parse
from convshape.report import Report, shape_text
from convshape.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convshape.layer import Layer
    from convshape.prose import Block
    from convshape.steps import Step, Trace


def explain_layer(layer: type[Layer], extra: Mapping[str, type[Layer]] | None = None) -> Iterator[Block]:
    """Explain a layer class from its declaration; `extra` are the layers of the user's files, by name."""
    yield from head(layer)
    yield from paragraphs(words.family(family(layer)))
    yield from details(layer, extra)


def family(layer: type[Layer]) -> str:
    """Return the family of a layer; "" for a class of the user's."""
    return layers.FAMILY.get(layer.__name__, "") if layer is layers.find(layer.__name__) else ""


def head(layer: type[Layer]) -> Iterator[Block]:
    """Give the signature, and what the documentation says."""
    yield Title(layer.__name__)
    yield Lines([signature(layer)], "python")
    yield from paragraphs(layer.__doc__ or "")
    yield from paragraphs(layer.releases)


def details(layer: type[Layer], extra: Mapping[str, type[Layer]] | None = None) -> Iterator[Block]:
    """Give the arguments, an example, and what is refused."""
    if layer.fields:
        yield Title("Arguments", 2)
        yield Rows([(named(layer, name), effect(layer, name)) for name in layer.fields])
    yield from example(sample(layer), extra or {})
    codes = [code for code in dict.fromkeys(fault.code for fault in refusals(layer)) if concerns(code, layer)]
    if codes:
        yield Title("What it refuses", 2)
        pages = [(code, f"faults/{code}.md") for code in codes]
        yield Names("", pages, ". `convshape explain CODE` says what each means.")


def concerns(code: str, layer: type[Layer]) -> bool:
    """Tell whether a code is no other layer's argument: a table of faults may hold more than one layer raises."""
    name = code.replace("-", "_")
    return name in layer.fields or name not in words.arguments()


def named(layer: type[Layer], name: str) -> str:
    """Write an argument with its default."""
    default = layer.fields[name].default
    return name if default is REQUIRED else f"{name}={default!r}"


def effect(layer: type[Layer], name: str) -> str:
    """Say what an argument does, and what it takes."""
    does = words.argument(name, layer.__name__, family(layer))
    takes = layer.fields[name].phrase
    return f"{does} ({takes})".strip() if takes not in ("anything", "True or False") else does


def example(given: Sample, extra: Mapping[str, type[Layer]]) -> Iterator[Block]:
    """Work an example through; a container, and a base of other layers, take no input and have none."""
    network = parse(Source("<net>", given.text))
    found = trace(network, read_inputs(given.option, network), layers=extra) if given.inputs else None
    if found is None or found.error:
        return
    step = found.steps[-1]
    yield Title("An example", 2)
    yield from shapes(found, step, given)
    yield from formula_lines(Report(found), step)
    yield from weight_rows(step)
    yield from filters(step)
    yield from picture(step, Report(found).letters_in(step))


def shapes(trace: Trace, step: Step, given: Sample) -> Iterator[Block]:
    """Say what goes in and what comes out, the axes by their letters."""
    report = Report(trace)
    rows = [(given.call, "")]
    for place, (name, value) in enumerate(trace.inputs.items()):
        letters = axes_in(report, step) if place == 0 else ()
        rows.append((f"{name} goes in", shape(value, letters)))
    letters = report.letters[-1]
    rows.append(("comes out", shape(step.output, letters) if letters else shape_text(step.output)))
    yield Lines([rows[0][0]], "python")
    yield Rows(rows[1:])
