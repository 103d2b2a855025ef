"""What `explain` works out: the arithmetic, the picture of a window, what nothing reads, who says what."""

from __future__ import annotations

import ast
import io
import itertools
import sys
from typing import Any

import pytest
import torch
from torch import nn

from convshape import ReadError, cli, layers, trace
from convshape.asked import Options
from convshape.explain import explain
from convshape.explain.arithmetic import reductions, worked
from convshape.explain.picture import draw, places, spans, unread
from convshape.explain.teachers import teachers
from convshape.messages import refusals
from convshape.render.prose import markdown, text
from convshape.report.formula import formulas
from convshape.terminal import Screen
from convshape.window import Window

WINDOWS = [
    (length, Window(*settings))
    for length, *settings in itertools.product((5, 10, 23), (1, 2, 3, 5), (1, 2, 3, 4), (0, 1, 2), (1, 2))
]


def test_unread_positions_are_those_without_a_gradient() -> None:
    """No window reads a position: no output of torch's convolution changes with it."""
    tried = 0
    for length, window in WINDOWS:
        count = places(length, window)
        if count < 1:
            continue
        conv = nn.Conv1d(1, 1, window.kernel, window.stride, window.padding, window.dilation)
        nn.init.ones_(conv.weight)
        x = torch.zeros(1, 1, length, requires_grad=True)
        output = conv(x)
        output.sum().backward()  # type: ignore[no-untyped-call]
        assert output.shape[-1] == count
        assert x.grad is not None
        assert unread(length, window, count) == torch.nonzero(x.grad[0, 0] == 0).flatten().tolist()
        tried += 1
    assert tried > 200


def test_a_picture_marks_what_is_read() -> None:
    """A row of a picture has a # under each position that its window reads, - under what dilation skips."""
    assert draw(7, Window(2, 2, 1, 3), 3) == [
        "input    . 0 1 2 3 4 5 6 .",
        "output 0 # - - #",
        "output 1     # - - #",
        "output 2         # - - #",
        "unread     !         !",
    ]


@pytest.mark.parametrize(("length", "most"), [(10, 8), (556, 9), (100_000, 9), (10**9, 9)])
def test_a_picture_stays_small(length: int, most: int) -> None:
    """However long an axis, a picture has a few lines of a few columns."""
    lines = draw(length, Window(3), length - 2)
    assert 0 < len(lines) <= most
    assert max(map(len, lines)) < 200


def test_spans() -> None:
    """Neighbours are written as a stretch."""
    assert spans([1, 3, 4, 7, 8, 9]) == "1, 3 and 4, 7 to 9"


@pytest.mark.parametrize(
    "expression",
    ["(556 + 2*0 - 1*(8 - 1) - 1)//1 + 1", "min(7 + 3 - 1, 9)//2 + 1", "-(3 + 4)//2", "5%3*2", "7", "int(5*0.7)"],
)
def test_each_line_of_arithmetic_has_the_same_value(expression: str) -> None:
    """Every line that an expression becomes evaluates to what it started from."""
    lines = reductions(expression)
    assert all(value(line) == value(expression) for line in lines)
    assert not lines or lines[-1] == str(value(expression))


def value(expression: str) -> Any:
    """Evaluate a formula as Python does."""
    return eval(compile(ast.parse(expression, mode="eval"), "formula", "eval"), {"min": min, "int": int})  # noqa: S307


def test_every_formula_of_the_examples_can_be_worked_out() -> None:
    """The last line of a worked formula is the size that comes out."""
    found = trace("Conv2d(3, 8, 3, stride=2, padding=1) -> MaxPool2d(2, ceil_mode=True) -> Flatten()", (4, 3, 33, 20))
    assert found.error is None
    for step in found.steps:
        for formula in formulas(step):
            assert worked(formula)[-1] == str(formula.value)


# --- who says what ---


@pytest.mark.parametrize(
    ("net", "shape"), [("Conv1d(5, 5, 3)", (1, 4, 9)), ("Linear(3, 2)", (1, 4)), ("MaxPool2d(2)", (1, 8, 1, 1))]
)
def test_a_refusal_is_among_those_of_the_layer(net: str, shape: tuple[int, ...]) -> None:
    """What a layer raises, its code names."""
    error = trace(net, shape).error
    assert error
    layer = layers.find(net.partition("(")[0])
    assert layer
    assert error.code in {fault.code for fault in refusals.refusals(layer)}


def test_every_fault_is_said_by_somebody() -> None:
    """A fault is a layer's, an op's, or declared where all layers share it."""
    shared = {fault for name in ("layer", "op", "kinds", "bind") for fault in found_in(name)}
    alone = [fault for fault in refusals.faults() if not refusals.sayers(fault) and fault not in shared]
    assert len(alone) <= 0.1 * len(refusals.faults()), [fault.code for fault in alone]


def found_in(module: str) -> set[Any]:
    """Return the faults that a module declares."""
    values = vars(sys.modules.get(f"convshape.{module}", sys)).values()
    return {fault for value in values for fault in refusals.held(value)}


def test_every_teacher_has_a_message() -> None:
    """Words that a teacher waits for are the beginning of a template."""
    from convshape.messages import patterns

    words = [pattern.fault.torch_words for pattern in patterns()]
    for beginning in teachers():
        assert any(template.startswith(beginning) for template in words), beginning


def test_every_teacher_can_teach_every_message_it_waits_for() -> None:
    """A teacher takes the values of each template that begins with its words, whatever the numbers are."""
    from convshape.explain.teachers import taught
    from convshape.messages import Reading, patterns

    for pattern in patterns():
        for number in (0, 1, 7):
            shapes = {"x", "apart", "size", "comma"}
            values: dict[str, Any] = {
                name: (number, 3, number) if spec in shapes or name in {"input", "weight", "shape"} else number
                for name, spec in pattern.names
            }
            assert all(markdown([block]) for block in taught(Reading(pattern.fault, values)))


# --- the command ---


def said(*what: str, **options: Any) -> str:
    """Return an explanation as text."""
    return text(explain(what, Options(**options)).blocks, Screen(100))


def test_a_traceback_comes_on_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback in colours, with the line ends of Windows, is read from a pipe."""
    lines = ["Traceback (most recent call last):", '  File "a.py", line 3, in f', "    y = fc(x)"]
    lines.append("\x1b[31mRuntimeError\x1b[0m: mat1 and mat2 shapes cannot be multiplied (32x8784 and 320x2)")
    raw = "\r\n".join(lines).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    monkeypatch.setattr(sys, "argv", ["convshape", "explain", "-"])
    with pytest.raises(SystemExit) as ended:
        cli.run()
    assert not ended.value.code
    out = capsys.readouterr().out
    assert out.startswith("features\n")
    assert "8784 = 16·549" in out
    assert "a.py:3" in out


def test_a_network_comes_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A description on standard input is a network, also when its comment holds a message."""
    net = b"# mat1 and mat2 shapes cannot be multiplied (1x2 and 3x4)\ninput: [N, 4]\nlayers:\n  - fc: Linear(4, 2)\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(net)))
    assert "fc  Linear(4, 2)" in said("-")


@pytest.mark.parametrize("what", [("Conv1D",), ("nothing at all",), ("Conv1d", "Linear"), ("features", "Linear(1, 2)")])
def test_what_cannot_be_explained(what: tuple[str, ...]) -> None:
    """Anything else is refused in a sentence."""
    with pytest.raises(ReadError):
        said(*what)


def test_the_same_words_in_a_network_are_decided_there() -> None:
    """A message that several faults share is that of the layer which raises it in the network."""
    net = "LSTMCell(8, 16)(x, (h, c))"
    inputs = ["x=3,8", "h=3,16", "c=3,16"]
    assert "In this network" in said(net, "mat1 and mat2 shapes cannot be multiplied (3x9 and 8x64)", inputs=inputs)


def test_markdown_keeps_formulas() -> None:
    """Stars and underscores of words do not become emphasis; those in code stay as they are."""
    assert markdown(explain(["Conv1d"], Options()).blocks).count("\\_") > 0
