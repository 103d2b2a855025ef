"""Evaluators go by the names of nodes, so that none may have a method of such a name for anything else."""

from __future__ import annotations

import inspect
import time
from typing import TYPE_CHECKING

import pytest

from convshape import ReadError, trace
from convshape.bind import Binder
from convshape.conditions import Judge
from convshape.evaluate import Evaluator
from convshape.network import Node
from convshape.propagate import Run

if TYPE_CHECKING:
    from collections.abc import Iterator


def kinds(kind: type) -> Iterator[type]:
    """Give a class and all that are made of it."""
    yield kind
    for inner in kind.__subclasses__():
        yield from kinds(inner)


@pytest.mark.parametrize("evaluator", [Evaluator, Binder, Run, Judge])
def test_a_method_of_the_name_of_a_node_takes_that_node(evaluator: type[Evaluator]) -> None:
    named = [getattr(evaluator, kind.__name__.lower(), None) for kind in kinds(Node)]
    methods = [method for method in named if method is not None]
    assert len(methods) > 6
    for method in methods:
        assert list(inspect.signature(method).parameters) == ["self", "node"]


def test_signs_in_signs_take_the_time_of_their_length() -> None:
    """Each value is worked out once, however deep it stands."""
    began = time.process_time()
    assert trace("x * " + "-(" * 40 + "2" + ")" * 40, (1, 2)).output == (1, 2)
    assert time.process_time() - began < 1


def test_a_layer_of_more_layers_than_a_network_may_have() -> None:
    """The place of the call is told, and the limit."""
    with pytest.raises(ReadError, match="the layers made here are more than 30,000") as caught:
        trace("ReLU() -> LSTM(8, 16, num_layers=10**9)", (1, 2, 8))
    error = caught.value
    assert error.code == "too-many-layers"
    assert error.source is not None
    assert error.span is not None
    assert error.source.at(error.span) == "LSTM(8, 16, num_layers=10**9)"
    assert "CONVSHAPE_MAX_LAYERS" in error.note
