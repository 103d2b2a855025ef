"""Explain: five things told apart by what they are: a layer, a code, a pasted error, a network, a step of one."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape import layers
from convshape.faults import ReadError
from convshape.messages.pasted import Pasted
from convshape.network import Network
from convshape.read import fetch, parse
from convshape.source import Source
from convshape.suggest import clipped, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.asked import Options
    from convshape.faults import ConvshapeError
    from convshape.layer import Layer
    from convshape.prose import Block
    from convshape.steps import Step, Trace

CODE = re.compile(r"\A(?:error|warning)\[([\w-]+)\]:?\Z")
KINDS = "a layer (Conv1d), a code (features), an error of torch, a network, or a network and the name of a step"


class Explanation(NamedTuple):
    """What is said of a thing, and the error of a network that was to be walked through and does not work."""

    blocks: Sequence[Block]
    error: ConvshapeError | None = None


def explain(what: Sequence[str], options: Options) -> Explanation:
    """Explain what is named, the words told apart by what they are; an error and its network come in any order.

    Raises ReadError when it is nothing that can be explained.
    """
    if len(what) > len(("WHAT", "NET")):
        raise ReadError(
            "explain", f"one thing, or two, are explained at a time, got {len(what)}: put an error in quotes"
        )
    thing = told_apart(what[0], options)
    if len(what) == 1:
        return one(thing, options)
    if isinstance(thing, Network):
        pasted = Pasted(what[1])
        return with_network(pasted, thing, options) if pasted.reading else one_step(thing, what[1], options)
    network = told_apart(what[1], options)
    if isinstance(thing, Pasted) and isinstance(network, Network):
        return with_network(thing, network, options)
    raise ReadError("explain", f"{clipped(what[0])} is no network: the first of two is a network or an error of torch")


def told_apart(word: str, options: Options) -> type[Layer] | str | Pasted | Network:
    """Return what a word stands for: a layer class, a code, a pasted error, or a network.

    Raises ReadError when it stands for none of them.
    """
    from convshape import words

    name = word.removeprefix("torch.").removeprefix("nn.").removesuffix("()")
    layer = options.layers.get(name) or layers.find(name)
    if layer is not None:
        return layer
    code = CODE.sub(r"\1", word).lower()
    if code in words.codes():
        return code
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
    if not word.strip():
        raise ReadError("explain", f"there is nothing to explain; what can be: {KINDS}")
    known = did_you_mean(word, [*options.layers, *layers.FAMILY, *words.codes()])
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


def one(thing: Any, options: Options) -> Explanation:
    """Explain one thing."""
    if isinstance(thing, str):
        from convshape.explain.code import explain_code

        return Explanation([*explain_code(thing)])
    if isinstance(thing, Pasted):
        from convshape.explain.message import explain_message

        return Explanation([*explain_message(thing)])
    if isinstance(thing, Network):
        from convshape.explain.network import explain_network

        trace = options.trace(thing)
        return Explanation([*explain_network(trace, options)], trace.error)
    from convshape.explain.layer import explain_layer

    return Explanation([*explain_layer(thing, options.layers)])


def with_network(pasted: Pasted, network: Network, options: Options) -> Explanation:
    """Explain an error, and find its layer in a network; that the network refuses is what was to be explained."""
    from convshape.bind import bind
    from convshape.dim import Symbols
    from convshape.explain.message import explain_message
    from convshape.inputs import pinned

    trace = options.trace(network)
    known = pinned(network, trace.inputs, options.settings)
    lines = bind(network, Symbols(), settings=known, training=options.train, extra=options.layers, inputs=trace.inputs)
    return Explanation([*explain_message(pasted, trace, lines)])


def one_step(network: Network, name: str, options: Options) -> Explanation:
    """Explain a step of a network, also the one that refuses.

    Raises ReadError when no step has the name, the error of the trace when it stopped before.
    """
    from convshape.explain.step import explain_refused, explain_step

    trace = options.trace(network)
    error = trace.error
    if error is not None and error.step is not None and error.step.path == name:
        return Explanation([*explain_refused(trace, error.step)], error)
    return Explanation([*explain_step(trace, named(trace, name))])


def named(trace: Trace, name: str) -> Step:
    """Return the step of a name.

    Raises ReadError when there is none, the error of the trace where it may come later.
    """
    try:
        return trace[name]
    except KeyError:
        if trace.error:
            trace.error.note = f"the network stops here: what {clipped(name)} gets is not known"
            raise trace.error from None
        known = [step.path for step in trace.steps]
        words = f"no step is called {clipped(name)}{did_you_mean(name, known)}; there is {', '.join(known[:20])}"
        raise ReadError("unknown-step", words, trace.network.source) from None
