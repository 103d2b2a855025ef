"""A symbolic result says the same as the numbers: the formula where the facts hold, a refusal where they do not."""

from __future__ import annotations

import pytest

import convshape

NETS = (
    "Conv1d(3, 4, 5, stride=2, padding=1, dilation=2)",
    "Conv1d(3, 4, 4, padding='same')",
    "Conv1d(3, 4, 4, padding='same', padding_mode='reflect')",
    "Conv1d(3, 4, 2, stride=3, padding=3, padding_mode='circular')",
    "Conv1d(3, 4, 7, padding=2, padding_mode='replicate')",
    "ConvTranspose1d(3, 4, 3, stride=2, padding=4, output_padding=1)",
    "ConvTranspose1d(3, 4, 5, stride=3, dilation=2, padding=5)",
    "ConvTranspose1d(3, 3, 3, padding=3, groups=3)",
    "ReflectionPad1d((3, -4))",
    "ReplicationPad1d((-3, -4))",
    "CircularPad1d((5, -9))",
    "ConstantPad1d((-7, 3), 0)",
    "Upsample(scale_factor=0.37)",
    "Upsample(scale_factor=0.37, mode='area')",
    "Upsample(scale_factor=1.7, mode='linear')",
)


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("batch", [1, 2])
def test_facts_and_formulas_hold(net: str, batch: int) -> None:
    """Every length gives what the formula says, or contradicts a fact."""
    trace = convshape.trace(net, (batch, 3, "L"))
    assert trace.error is None
    facts = [fact for fact, _ in trace.symbols.facts]
    for length in range(1, 41):
        try:
            numbers = convshape.output_shape(net, (batch, 3, length))
        except convshape.ShapeError:
            numbers = None
        holds = all(fact.holds(L=length) for fact in facts)
        formula = tuple(size if isinstance(size, int) else size.at(L=length) for size in trace.output)
        assert (formula if holds else None) == numbers, length
