"""Explain a fault code: what it means, who says it in which words, and an example."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convshape import words
from convshape.api import trace
from convshape.options import read_inputs
from convshape.prose import Lines, Rows, Text, Title, paragraphs
from convshape.read import parse
from convshape.refusals import codes, said_by
from convshape.render.diagnostic import diagnostic
from convshape.source import Source
from convshape.terminal import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.faults import ConvshapeError
    from convshape.prose import Block

EXAMPLE = re.compile(r"(?P<net>.*?)(?: on (?P<inputs>.*?))?(?P<train> in training)?")


def explain_fault(code: str) -> Iterator[Block]:
    """Explain a fault code that the catalogue has."""
    section = words.sections("faults")[code]
    yield Title(code)
    yield from paragraphs(section.text)
    error = shown(section.example)
    if error:
        yield Title("An example", 2)
        yield Lines(diagnostic(error, Screen(90)).splitlines())
    said = [f"{fault.torch_type}: {fault.torch_words}" for fault in codes()[code] if fault.torch_words]
    if said:
        yield Title("In torch's words", 2)
        yield Lines(list(dict.fromkeys(said)))
    who = said_by(codes()[code])
    if who:
        yield Text(who)


def shown(example: str) -> ConvshapeError | None:
    """Return the error of an example: `Linear(320, 2) on 32, 8784`, `x + y on x=8, 16 and y=8, 15`."""
    match = EXAMPLE.fullmatch(example)
    if not example or not match:
        return None
    network = parse(Source("example", match["net"]))
    inputs = read_inputs([text.strip() for text in (match["inputs"] or "1").split(" and ")], network)
    return trace(network, inputs, train=bool(match["train"])).error


def summary(code: str) -> str:
    """Return the first sentence about a code."""
    return words.sections("faults")[code].text.partition(". ")[0].rstrip(".").partition(": ")[0]


def rows() -> Rows:
    """Return every code with its first sentence."""
    return Rows([(code, summary(code)) for code in codes()])
