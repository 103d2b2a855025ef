"""Any value of Python in any argument: torch's refusal, or that it runs, and never anything else."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from judge import Case, agree, judged, ruled
from layer_arguments import GIVEN, Spec, right, wrong_values
from layer_inputs import inputs
from op_cases import Draw
from test_layers import NAMES

from convshape import layers
from convshape.kinds import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Iterator

ODD = ({}, {1: 2}, set(), b"\x01", 1j, ..., range(2), (float("nan"),), ((1, 2),), [None], ("a", "b"))
"""What hardly anybody writes."""
FEW = 3
"""How many values an argument gets, unless it is night."""


def cases(name: str, most: int | None) -> Iterator[Case]:
    """Give an argument after the other its wrong values, all or some; the others are right."""
    kind = layers.find(name)
    assert kind is not None
    for field in kind.fields:
        random = Random(f"{name} {field}")  # noqa: S311  # cases, no secrets
        values = [*wrong_values(kind, field), *(ODD if field != "hidden_size" else ())]
        for value in random.sample(values, most or len(values)):
            yield case(Draw(random), name, field, value)


def case(draw: Draw, name: str, field: str, value: Any) -> Case:
    """Make a layer with one wrong value, and what it is called on."""
    kind = layers.find(name)
    assert kind is not None
    given: dict[str, Any] = {}
    for one in kind.fields.values():
        if one.default is REQUIRED or one.name in GIVEN:
            given[one.name] = right(draw, kind, one, given)
    meant = {**{one.name: one.default for one in kind.fields.values() if one.default is not REQUIRED}, **given}
    positional, keywords = inputs(draw, name, meant)
    return Case(Spec(name, (), {**given, field: value}), positional, keywords, draw.chance(50), (field,))


@pytest.mark.parametrize("name", NAMES)
def test_values(name: str, request: pytest.FixtureRequest) -> None:
    """What the rule says is what torch does."""
    for one in cases(name, None if request.config.getoption("--nightly") else FEW):
        want, got = judged(one), ruled(one)
        assert agree(one, want, got), f"{one}\n  torch {want}\n  rule  {got}"
