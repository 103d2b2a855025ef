"""Cases whose answers are kept: calls that run, each with other arguments and other inputs, one at a time and mixed."""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from answer_rare import rare
from judge import Case, made
from layer_arguments import GIVEN, Spec, right, wrong_values
from layer_inputs import INPUTS
from loss_inputs import LOSSES
from op_cases import Draw
from sequence_inputs import SEQUENCES

from convshape import layers
from convshape.faults import Refusal
from convshape.kinds import HOLE, REQUIRED
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layer_inputs import Inputs

    from convshape.layer import Layer

assert {*LOSSES, *SEQUENCES} <= set(INPUTS)
BASES, SEEDS = 3, 40
"""How many calls of different ranks a layer has at most, and how many are drawn to find them."""
RIGHT = 6
"""How many right values of an argument are drawn."""
MIXED = 400
"""How many cases of a layer have several things changed."""
WRONG = (
    (0, 1), (1, -1), None, True, 0, -1, 2, 1.5, math.nan, math.inf, "a", (), (2,), (1, 2), (1, 2, 3), [2, 0, 2],
    (None, 2), 2**40,
)  # fmt: skip
"""A handful of what people write where something else belongs."""
DTYPES = ("int64", "int32", "bool", "uint8", "float16", "float64", "complex64")
TENSORS = (Tensor(), Tensor((2, 3, 4, 5, 6, 7)))
"""A handful of what is not the input that a layer takes."""


class Made(NamedTuple):
    """A layer that took a case, filled from its input, and what it gives; or what it refuses, and at which stage."""

    stage: str
    layer: Layer | None = None
    output: Any = None
    refusal: Refusal | None = None


def answered(case: Case) -> Made:
    """Make the layer of a case and call it, as a trace does."""
    layer = None
    try:
        layer = made(case.spec, train=case.train)
        layer = layer.ready(case.inputs, case.keywords)
        return Made("ok", layer, layer(*case.inputs, **case.keywords))
    except Refusal as refusal:
        return Made("forward" if layer else "ctor", layer, None, refusal.about(layer) if layer else refusal)


def cases(name: str) -> Iterator[Case]:
    """Give the cases of a layer; the same ones every time."""
    found = bases(name)
    for base in found:
        yield base
        yield from bent(base)
        for field, (right_ones, wrong_ones) in choices(base).items():
            yield from (given(base, field, value) for value in (*right_ones, *wrong_ones))
        for field in list(base.spec.keywords)[:1]:
            yield from bent(given(base, field, HOLE))
    yield from mixed(found)
    yield from rare(name)


def bases(name: str) -> list[Case]:
    """Return calls that run, their inputs of different ranks; of a layer that never runs, one."""
    found: dict[str, Case] = {}
    drawn = [drawn_base(Draw(seeded(name, seed)), name) for seed in range(SEEDS)]
    for case in drawn:
        key = repr([[len(x) if isinstance(x, tuple) else x for x in case.inputs], list(case.keywords)])
        if len(found) < BASES and key not in found and answered(case).refusal is None:
            found[key] = case
    return list(found.values()) or drawn[:1]


def drawn_base(draw: Draw, name: str) -> Case:
    """Draw the arguments that a layer must get, and inputs."""
    kind = layers.find(name)
    assert kind is not None
    needed: dict[str, Any] = {}
    for field in kind.fields.values():
        if field.default is REQUIRED or field.name in GIVEN:
            needed[field.name] = right(draw, kind, field, needed)
    defaults = {field.name: field.default for field in kind.fields.values() if field.default is not REQUIRED}
    inputs: Inputs = (INPUTS.get(name) or INPUTS[layers.FAMILY[name]])(draw, name, {**defaults, **needed})
    return Case(Spec(name, (), needed), *inputs, train=False)


def seeded(*words: Any) -> Random:
    """Return the chance that belongs to some words."""
    return Random(" ".join(map(str, words)))  # noqa: S311  # cases, no secrets


def given(case: Case, field: str, value: Any) -> Case:
    """Give an argument another value."""
    return case._replace(spec=Spec(case.spec.name, (), {**case.spec.keywords, field: value}))


def choices(base: Case) -> dict[str, tuple[list[Any], list[Any]]]:
    """Return right and wrong values of each argument."""
    name = base.spec.name
    kind = layers.find(name)
    assert kind is not None
    found = {}
    for field in kind.fields.values():
        draw = Draw(seeded(name, field.name))
        right_ones = [right(draw, kind, field, dict(base.spec.keywords)) for _ in range(RIGHT)]
        allowed = set(map(repr, wrong_values(kind, field.name)))
        found[field.name] = once(right_ones), [HOLE, *(value for value in WRONG if repr(value) in allowed)]
    return found


def once(values: list[Any]) -> list[Any]:
    """Return each of some values once; True is not 1."""
    return list({repr(value): value for value in values}.values())


def mixed(found: list[Case]) -> Iterator[Case]:
    """Change several arguments, and perhaps the inputs."""
    values = [choices(base) for base in found]
    for place in range(MIXED):
        draw = Draw(seeded(found[0].spec.name, "mixed", place))
        case, fields = draw.pick(list(zip(found, values, strict=True)))
        for field in draw.random.sample(list(fields), min(len(fields), draw.pick((1, 2, 2, 3)))):
            right_ones, wrong_ones = fields[field]
            case = given(case, field, draw.pick(wrong_ones if draw.chance(35) else right_ones))
        yield draw.pick(list(bent(case))) if draw.chance(50) else case


def bent(case: Case) -> Iterator[Case]:
    """Give other inputs: one at a time, all in another dtype, and fewer."""
    yield case._replace(train=True)
    yield case._replace(inputs=case.inputs[:-1])
    for dtype in DTYPES if len(case.inputs) > 1 else ():
        inputs = tuple(Tensor(value, dtype) if isinstance(value, Tensor) else value for value in case.inputs)
        yield case._replace(inputs=inputs)
    for place, value in enumerate(case.inputs):
        for other in misfits(value):
            yield case._replace(inputs=(*case.inputs[:place], other, *case.inputs[place + 1 :]))
    for name, value in case.keywords.items():
        yield case._replace(keywords={key: one for key, one in case.keywords.items() if key != name})
        yield from (case._replace(keywords={**case.keywords, name: other}) for other in misfits(value))


def misfits(value: Any) -> Iterator[Any]:
    """Give what is nearly an input: another rank, size or dtype, another number, something else."""
    yield None
    yield 5
    if isinstance(value, Tensor):
        yield from reshaped(value)
        yield from (Tensor(value, dtype) for dtype in DTYPES if dtype != value.dtype)
    elif isinstance(value, (tuple, list)):
        for place, part in enumerate(value):
            yield type(value)((*value[:place], *value[place + 1 :]))
            yield from (type(value)((*value[:place], other, *value[place + 1 :])) for other in misfits(part))
        yield type(value)((*value, *value))
    elif isinstance(value, int):
        yield from (not value,) if isinstance(value, bool) else (value - 1, value + 1, -value, 1.5, "a")


def reshaped(value: Tensor) -> Iterator[Tensor]:
    """Give tensors of other shapes."""
    shapes = [*TENSORS, (1, *value), (*value, 2), (0,) * len(value)]
    for place, size in enumerate(value):
        sizes = [other for other in (0, 1, size - 1, size + 1, 12) if other >= 0]
        shapes += [(*value[:place], *others, *value[place + 1 :]) for others in [(), *((other,) for other in sizes)]]
    yield from (Tensor(shape, value.dtype) for shape in dict.fromkeys(shapes) if shape != value)
