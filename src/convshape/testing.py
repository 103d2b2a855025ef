"""For tests: hold a network to the shapes that it should have."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from convshape.checking.expect import missed
from convshape.network import Items, Literal, Network, Node, Pairs
from convshape.problem import Problem
from convshape.read import read
from convshape.sizing.proof import Study
from convshape.source import Source, Span

if TYPE_CHECKING:
    from convshape.steps import Trace

__all__ = ["assert_shapes"]

NOWHERE = Span(0, 0)
"""Where an expectation stands that is written in Python."""


def assert_shapes(
    net: str | os.PathLike[str] | Network,
    input: Any = None,  # noqa: A002  # the word of the command line
    *,
    set: Mapping[str, Any] | None = None,  # noqa: A002  # the word of the command line
    train: bool = False,
    **expected: Any,
) -> Trace:
    """Hold a network to what its file expects, and to `expected`: the keys of `expect:`, in Python's spelling.

    `output=("N", 10)` and `shapes={"conv1": ("N", 6, 28, "_")}` are shapes, "_" any size; `params="<= 100_000"` and
    `H=">= 32"` conditions. Returns the trace. Raises AssertionError with every difference, or with the error of a
    network that does not work; ReadError where the network cannot be read.
    """
    network = net if isinstance(net, Network) else read(os.fspath(net))
    study = Study(network, input, set or {}, train=train)
    here = Source("<expected>", "")
    wanted = {key: node(value) for key, value in expected.items()}
    error = study.trace.error
    found = [Problem.of(error)] if error else []
    if not error:
        found = [*missed(study, network.expect, network.source), *missed(study, wanted, here)]
    if found:
        raise AssertionError("\n".join(line for problem in found for line in problem.lines))
    return study.trace


def node(value: Any) -> Node:
    """Write a value of Python as a file would have it."""
    if isinstance(value, (tuple, list)):
        return Items(NOWHERE, "list", tuple(map(node, value)))
    if isinstance(value, Mapping):
        return Pairs(NOWHERE, tuple((Literal(NOWHERE, str(key)), node(part)) for key, part in value.items()))
    return Literal(NOWHERE, str(value))
