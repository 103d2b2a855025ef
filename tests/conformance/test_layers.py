"""Every layer agrees with torch on the CPU: outputs, dtypes, weights, buffers, and what it refuses, when and how."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from generation import generated
from judge import Case, agree, judged, ruled
from layer_arguments import FORMS, OWN, VALUES, spec
from layer_inputs import INPUTS, inputs
from loss_inputs import LOSSES
from op_cases import Draw
from sequence_inputs import SEQUENCES

from convshape import layers
from convshape.kinds import KINDS

if TYPE_CHECKING:
    from random import Random

NAMES = sorted(layers.FAMILY)
LEAST = 20_000
"""How many cases a run has at least."""


def drawn(random: Random, name: str) -> Case:
    """Draw a layer and what it is called on."""
    draw = Draw(random)
    made, meant, bad = spec(draw, name)
    positional, keywords = inputs(draw, name, meant)
    return Case(made, positional, keywords, draw.chance(50), bad)


def fields() -> set[tuple[str, str]]:
    """Return every argument of every layer."""
    return {(name, field) for name in NAMES for field in layers.find(name).fields}  # type: ignore[union-attr]


def test_every_layer_has_a_strategy() -> None:
    """A layer that is added without inputs to try fails here, and so does an argument without values."""
    assert {*LOSSES, *SEQUENCES} <= set(INPUTS)
    assert [name for name in NAMES if name not in INPUTS and layers.FAMILY[name] not in INPUTS] == []
    assert sorted({field for name, field in fields() if field not in VALUES and (name, field) not in OWN}) == []


def test_no_strategy_is_left_over() -> None:
    """Nor is there one for what there is no more."""
    assert sorted(set(VALUES) - {field for _, field in fields()}) == []
    assert sorted(set(OWN) - fields()) == []
    assert sorted(set(INPUTS) - set(layers.FAMILY) - set(layers.FAMILIES)) == []
    assert sorted(set(FORMS) - set(KINDS)) == []


def test_there_are_enough_cases(layer_examples: int) -> None:
    """The run is as large as it claims to be."""
    assert len(NAMES) * layer_examples >= LEAST


@pytest.mark.parametrize("name", NAMES)
def test_layer(name: str, layer_examples: int) -> None:
    """What the rule says is what torch does."""
    seen = dict.fromkeys(("ok", "ctor", "forward"), 0)

    @generated(layer_examples)
    def run(random: Random) -> None:
        case = drawn(random, name)
        want, got = judged(case), ruled(case)
        assert agree(case, want, got), f"{case}\n  torch {want}\n  rule  {got}"
        seen[want.stage] += 1

    run()
    runs = name == "DataParallel" or layers.FAMILY[name] not in ("container", "recurrent_base")
    assert seen["ok"] >= 0.1 * sum(seen.values()) or not runs, f"torch runs too few of the cases: {seen}"
