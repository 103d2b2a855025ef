"""A formula evaluates to the size that it explains, in names and in numbers, for any layer that has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import convshape
from convshape.report.formula import formulas, written
from convshape.report.written import Written, name, number

if TYPE_CHECKING:
    from convshape.steps import Step

LETTERS = {1: ("N", "C", "L"), 2: ("N", "C", "H", "W"), 3: ("N", "C", "D", "H", "W")}
SCOPE: dict[str, Any] = {"__builtins__": {}, "min": min, "max": max, "int": int}


def step_of(net: str, shape: tuple[Any, ...]) -> Step:
    """Trace one layer."""
    trace = convshape.trace(net, shape)
    assert trace.error is None, trace.error
    return trace.steps[-1]


def scope(step: Step, letters: tuple[str, ...]) -> dict[str, Any]:
    """Give the names of a formula their numbers."""
    values: dict[str, Any] = dict(zip(letters, step.inputs[0], strict=True))
    for field in step.layer.fields if step.layer else ():
        value = getattr(step.layer, field)
        alike = isinstance(value, tuple) and len(set(value)) == 1
        values[field] = value[0] if alike else value
    return {**SCOPE, **values}


def holds(step: Step, letters: tuple[str, ...]) -> None:
    """Evaluate both texts of each formula."""
    for formula in formulas(step, letters):
        assert eval(formula.numbers, dict(SCOPE)) == formula.value  # noqa: S307  # what the product prints
        assert eval(formula.names, scope(step, letters)) == formula.value  # noqa: S307


def test_conv() -> None:
    """Write the formula of torch's documentation, and work it through."""
    (formula,) = formulas(step_of("Conv1d(1, 16, 8)", (1, 1, 556)), ("N", "C", "L"))
    assert formula.names == "(L + 2*padding - dilation*(kernel_size - 1) - 1)//stride + 1"
    assert formula.worked == "(556 + 2*0 - 1*(8 - 1) - 1)//1 + 1 = 549"


def test_letters_stand_for_symbols() -> None:
    """Work a symbolic size through."""
    (formula,) = formulas(step_of("Conv1d(1, 16, 8)", ("N", 1, "L")), ("N", "C", "L"))
    assert formula.worked == "(L + 2*0 - 1*(8 - 1) - 1)//1 + 1 = L - 7"


def test_an_elementwise_layer_has_no_formula() -> None:
    """Keep quiet where every axis stays."""
    assert formulas(step_of("ReLU()", (1, 2, 3))) == []
    assert written(step_of("ReLU()", (1, 2, 3))) is not None


@settings(max_examples=60, deadline=None)
@given(
    axes=st.integers(1, 3),
    sizes=st.lists(st.integers(1, 30), min_size=3, max_size=3),
    kernel=st.lists(st.integers(1, 4), min_size=3, max_size=3),
    stride=st.integers(1, 4),
    padding=st.integers(0, 2),
    dilation=st.integers(1, 3),
    kind=st.sampled_from(["Conv", "ConvTranspose", "MaxPool"]),
)
def test_windows(  # noqa: PLR0913, PLR0917  # what a window has
    axes: int, sizes: list[int], kernel: list[int], stride: int, padding: int, dilation: int, kind: str
) -> None:
    """Hold the formulas of windows to their sizes."""
    taps = tuple(kernel[:axes]) if axes > 1 else kernel[0]
    head = f"{kind}{axes}d({'' if kind == 'MaxPool' else '2, 3, '}{taps}"
    net = f"{head}, stride={stride}, padding={padding}, dilation={dilation})"
    trace = convshape.trace(net, (2, 2, *sizes[:axes]))
    assume(trace.error is None)
    assert formulas(trace.steps[0], LETTERS[axes])
    holds(trace.steps[0], LETTERS[axes])


@pytest.mark.parametrize(
    ("net", "shape", "expected"),
    [
        ("MaxPool1d(2, ceil_mode=True)", (1, 2, 7), 1),
        ("Flatten()", (2, 3, 4), 1),
        ("PixelShuffle(2)", (1, 8, 3, 5), 3),
        ("GLU(1)", (2, 6, 4), 1),
        ("Upsample(scale_factor=1.7)", (1, 2, 11), 1),
        ("AdaptiveAvgPool1d(3)", (1, 2, 10), 0),
        ("BatchNorm1d(2)", (4, 2, 3), 0),
    ],
)
def test_other_layers(net: str, shape: tuple[int, ...], expected: int) -> None:
    """Hold the formulas of other layers to their sizes."""
    step, letters = step_of(net, shape), LETTERS[len(shape) - 2]
    assert len(formulas(step, letters)) == expected
    holds(step, letters)


NUMBERS = st.integers(-20, 20)


@settings(max_examples=300, deadline=None)
@given(
    values=st.lists(NUMBERS, min_size=4, max_size=4),
    signs=st.lists(st.sampled_from("+-*/%m"), min_size=6, max_size=6),
    data=st.data(),
)
def test_any_arithmetic_evaluates_back(values: list[int], signs: list[str], data: st.DataObject) -> None:
    """Build an expression out of written and plain numbers: its text evaluates to its size."""
    pool: list[Any] = [name(value, "abcd"[place]) for place, value in enumerate(values)]
    pool += [number(value) for value in values] + [0, 1, 2, -3]
    for sign in signs:
        left, right = data.draw(st.sampled_from(pool)), data.draw(st.sampled_from(pool))
        assume(isinstance(left, Written) or isinstance(right, Written))
        pool.append(combined(left, sign, right))
    result = pool[-1]
    assert eval(str(result), {**SCOPE, **dict(zip("abcd", values, strict=True))}) == int(result)  # noqa: S307


def combined(left: Any, sign: str, right: Any) -> Any:
    """Do one step of arithmetic."""
    if sign == "m":
        return left.minimum(right) if isinstance(left, Written) else right.minimum(left)
    if sign in "/%":
        assume(int(right) != 0)
        return left // right if sign == "/" else left % right
    return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right}[sign]()
