"""Explain: five things told apart by what they are: a layer, a fault code, a pasted error, a network, a step of one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from convshape import layers
from convshape.faults import ReadError
from convshape.network import Network
from convshape.pasted import Pasted
from convshape.read import fetch, parse
from convshape.source import Source
from convshape.suggest import clipped, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convshape.layer import Layer
    from convshape.prose import Block
    from convshape.steps import Step, Trace

KINDS = "a layer (Conv1d), a fault code (features), an error of torch, a network, or a network and the name of a step"


class Options:
    """How a network that is explained is to be traced: the options of the command line."""

    def __init__(
        self, inputs: Sequence[str] | None = None, settings: Sequence[str] | None = None, *, train: bool = False
    ) -> None:
        """Keep the texts."""
        self.inputs = inputs
        self.settings = settings
        self.train = train

    def trace(self, network: Network) -> Trace:
        """Trace a network so."""
        from convshape.api import trace
        from convshape.options import read_inputs, read_settings

        given = read_inputs(self.inputs, network)
        return trace(network, given, read_settings(self.settings), train=self.train)


def explain(what: Sequence[str], options: Options) -> Iterator[Block]:
    """Explain what is named, the words told apart by what they are; an error and its network come in any order.

    Raises ReadError when it is nothing that can be explained.
    """
    if len(what) > len(("WHAT", "NET")):
        raise ReadError(
            "explain", f"one thing, or two, are explained at a time, got {len(what)}: put an error in quotes"
        )
    thing = told_apart(what[0])
    if len(what) == 1:
        return one(thing, options)
    if isinstance(thing, Network):
        pasted = Pasted(what[1])
        return with_network(pasted, thing, options) if pasted.reading else one_step(thing, what[1], options)
    network = told_apart(what[1])
    if isinstance(thing, Pasted) and isinstance(network, Network):
        return with_network(thing, network, options)
    raise ReadError("explain", f"{clipped(what[0])} is no network: the first of two is a network or an error of torch")


def told_apart(word: str) -> type[Layer] | str | Pasted | Network:
    """Return what a word stands for: a layer class, a fault code, a pasted error, or a network.

    Raises ReadError when it stands for none of them.
    """
    from convshape.words import sections

    layer = layers.find(word.removeprefix("torch.").removeprefix("nn.").removesuffix("()"))
    if layer is not None:
        return layer
    if word in sections("faults"):
        return word
    file = is_file(word)
    source = fetch(word) if file else Source("<net>", word)
    pasted = Pasted(source.text)
    if exact(pasted) or (pasted.is_error and not file):
        return pasted
    if file or looks_described(word):
        return described(source, pasted)
    if pasted.reading or pasted.beginnings or " " in word.strip():
        return pasted
    if "." in word or "/" in word:
        fetch(word)  # says that there is no such file
    known = did_you_mean(word, [*layers.FAMILY, *sections("faults")])
    raise ReadError("explain", f"{clipped(word)} is nothing to explain{known}; what is: {KINDS}")


def is_file(word: str) -> bool:
    """Tell whether a word names a file, or standard input."""
    return word == "-" or os.path.exists(word)  # noqa: PTH110  # pathlib takes 5 ms to import


def exact(pasted: Pasted) -> bool:
    """Tell whether one line of a text is an error of torch from end to end."""
    return pasted.reading is not None and pasted.reading.exact


def described(source: Source, pasted: Pasted) -> Network | Pasted:
    """Read a network; a text that is none may still hold an error.

    Raises ReadError when it is neither.
    """
    try:
        return parse(source)
    except ReadError:
        if pasted.is_error or pasted.reading or pasted.beginnings or not looks_described(source.text):
            return pasted
        raise


def looks_described(text: str) -> bool:
    """Tell whether a text has what a description cannot do without."""
    return any(mark in text for mark in ("(", "->", "layers:"))


def one(thing: Any, options: Options) -> Iterator[Block]:
    """Explain one thing."""
    if isinstance(thing, str):
        from convshape.explain.fault import explain_fault

        return explain_fault(thing)
    if isinstance(thing, Pasted):
        from convshape.explain.message import explain_message

        return explain_message(thing)
    if isinstance(thing, Network):
        from convshape.explain.network import explain_network
        from convshape.options import read_settings

        return explain_network(options.trace(thing), read_settings(options.settings))
    from convshape.explain.layer import explain_layer

    return explain_layer(thing)


def with_network(pasted: Pasted, network: Network, options: Options) -> Iterator[Block]:
    """Explain an error, and find its layer in a network."""
    from convshape.bind import bind
    from convshape.dim import Symbols
    from convshape.explain.message import explain_message
    from convshape.inputs import pinned
    from convshape.options import read_settings

    trace = options.trace(network)
    known = pinned(network, trace.inputs, read_settings(options.settings))
    lines = bind(network, Symbols(), settings=known, training=options.train, inputs=trace.inputs)
    return explain_message(pasted, trace, lines)


def one_step(network: Network, name: str, options: Options) -> Iterator[Block]:
    """Explain a step of a network.

    Raises ReadError when no step has the name, the error of the trace when it stopped before.
    """
    from convshape.explain.step import explain_step

    trace = options.trace(network)
    return explain_step(trace, named(trace, name))


def named(trace: Trace, name: str) -> Step:
    """Return the step of a name, the one that refused too."""
    failed = trace.error.step if trace.error else None
    if failed is not None and failed.path == name:
        assert trace.error is not None  # noqa: S101  # it has a step
        raise trace.error
    try:
        return trace[name]
    except KeyError:
        if trace.error:
            raise trace.error from None
        known = [step.path for step in trace.steps]
        words = f"no step is called {clipped(name)}{did_you_mean(name, known)}; there is {', '.join(known[:20])}"
        raise ReadError("unknown-step", words, trace.network.source) from None
