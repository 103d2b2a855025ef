"""Explain a code, as it stands in `error[code]` or `warning[code]`: what it means, who says it, and an example."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convshape import words
from convshape.advice import advise, rules
from convshape.api import trace
from convshape.faults import ReadError
from convshape.messages import placeholders
from convshape.messages.refusals import codes, said_by
from convshape.options import read_inputs
from convshape.prose import Lines, Text, Title, paragraphs
from convshape.read import parse
from convshape.render.diagnostic import diagnostic, warning
from convshape.source import Source
from convshape.terminal import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.prose import Block
    from convshape.steps import Trace

EXAMPLE = re.compile(r"(?P<net>.*?)(?: on (?P<inputs>.*?))?(?P<train> in training)?")
SCREEN = Screen(90)
SILENCE = (
    "`# convshape: ignore[{code}]` in its line, or at the top of the file, silences it; so does `--ignore {code}`."
)


def explain_code(code: str) -> Iterator[Block]:
    """Explain a code; one that is an error here and a warning there is explained as both."""
    yield Title(code)
    told = [page for page in words.CODES if code in words.sections(page)]
    for page in told:
        if page == "warnings" and len(told) > 1:
            yield Title("As a warning", 2)
        yield from EXPLAINED[page](code)


def fault(code: str) -> Iterator[Block]:
    """Explain what layers refuse."""
    section = words.sections("faults")[code]
    yield from paragraphs(section.text)
    yield from example(section.example)
    said = [f"{fault.torch_type}: {placeholders(fault.torch_words)}" for fault in codes()[code] if fault.torch_words]
    if said:
        yield Title("In torch's words", 2)
        yield Lines(list(dict.fromkeys(said)))
    yield from said_by(codes()[code])


def advised(code: str) -> Iterator[Block]:
    """Explain a warning: its reason from its rule, and how it is silenced."""
    section, rule = words.sections("warnings")[code], rules().get(code)
    yield from paragraphs(rule.why if rule else "")
    yield from paragraphs(section.text)
    yield from example(section.example, code)
    if rule:
        yield Text(SILENCE.format(code=code))


def unreadable(code: str) -> Iterator[Block]:
    """Explain what cannot be read, or is not as expected."""
    section = words.sections("errors")[code]
    yield from paragraphs(section.text)
    yield from example(section.example)


EXPLAINED = {"faults": fault, "warnings": advised, "errors": unreadable}


def example(text: str, code: str = "") -> Iterator[Block]:
    """Show what is said of an example: its error, or the warning of a code."""
    found = shown(text, code) if text else ""
    if found:
        yield Title("An example", 2)
        yield Lines(found.splitlines())


def shown(text: str, code: str = "") -> str:
    """Return the error, or the warning, of an example: `Linear(320, 2) on 32, 8784`."""
    try:
        found = traced(text)
    except ReadError as error:
        return diagnostic(error, SCREEN)
    if found.error:
        return diagnostic(found.error, SCREEN)
    return "".join(warning(one._replace(why=""), SCREEN) for one in advise(found) if one.code == code)  # said above


def traced(text: str) -> Trace:
    """Trace an example: `x + y on x=8, 16 and y=8, 15`, `BatchNorm1d(16) on 1, 16 in training`.

    Raises ReadError where that is what it is an example of.
    """
    match = EXAMPLE.fullmatch(text)
    assert match  # noqa: S101  # it matches anything
    network = parse(Source("example", match["net"]))
    inputs = read_inputs([text.strip() for text in (match["inputs"] or "1").split(" and ")], network)
    return trace(network, inputs, train=bool(match["train"]))
