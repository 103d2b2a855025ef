"""check: what a network is expected to be holds, is missed, or cannot be read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convshape
from convshape.arithmetic.sets import Numbers
from convshape.checking.expect import missed
from convshape.conditions import Judge, in_full
from convshape.dim import Symbols
from convshape.network import Literal
from convshape.read import parse
from convshape.sizing.proof import Study, complement
from convshape.source import Source, Span

UNET = """input: [N, 1, H, W]
layers:
  - a: Conv2d(1, 4, 3, padding=1)
  - MaxPool2d(2)
  - b: Conv2d(4, 4, 3, padding=1)
  - MaxPool2d(2)
  - ConvTranspose2d(4, 4, 2, stride=2)
  - torch.cat([x, b], 1)
  - ConvTranspose2d(8, 4, 2, stride=2)
  - torch.cat([x, a], 1)
"""
STRIDED = "input: [N, 1, L]\nlayers: ['Conv1d(1, 2, 5, stride=3)', 'MaxPool1d(2)', Flatten, 'Linear(_, 3)']\n"


def codes(text: str, expect: str, given: Any = None) -> list[str]:
    """Hold a description to an expectation; return what was found."""
    source = Source("net.yaml", f"{text}expect: {expect}\n")
    study = Study(parse(source), given, {})
    assert study.trace.error is None
    return [problem.code for problem in missed(study, study.network.expect, source)]


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        (UNET, "{output: [N, 8, H, W], shapes: {b: [N, 4, H//2, W//2]}}"),
        (UNET, "{output: {shape: [_, 8, _, W], dtype: float32}}"),
        (UNET, "{output: 'N, 8, H, W'}"),
        (UNET, "{H: '% 4 == 0 and >= 4'}".replace("'% 4", "'_ % 4")),
        (UNET, "{sizes: {H: '_ % 4 == 0', W: '_ % 8 == 0 and 8 <= _ < 100'}}"),
        (UNET, "{sizes: 'H % 4 == 0 and W == H'}"),
        (UNET, "{exact_sizes: {H: '_ % 4 == 0', W: '_ % 4 == 0'}}"),
        (UNET, "{H: '== 8 or == 64'}"),
        (UNET, "{macs: '<= 1k*N*H*W', at: {N: 1}}"),
        (UNET, "{macs: '<= 1M', at: {N: 1, H: 32, W: 32}}"),
        (UNET, "{params: {a: 40, b: 148}, macs: {a: 36*N*H*W}}"),
        (UNET, "{receptive_field: {b: 8, a: 3x3}}"),
        (UNET, "{memory: 1KiB..1GiB, at: {N: 1, H: 32, W: 32}}"),
        (STRIDED, "{L: '>= 8', exact_sizes: 'L >= 8'}"),
        (STRIDED, "{linear_in: 2*((L - 2)//6)}"),
        ("input: [2, 1, 20]\nlayers: ['LSTM(20, 8)']\n", "{output: [[2, 1, 8], [[1, 1, 8], [1, 1, 8]]]}"),
    ],
)
def test_what_holds(text: str, expect: str) -> None:
    """An expectation that holds says nothing."""
    assert codes(text, expect) == []


@pytest.mark.parametrize(
    ("text", "expect", "code"),
    [
        (UNET, "{output: [N, 8, H]}", "expect-output"),
        (UNET, "{output: [N, 8, W, H]}", "expect-output"),
        (UNET, "{output: {dtype: int64}}", "expect-dtype"),
        (UNET, "{shapes: {c: [N]}}", "unknown-layer"),
        (UNET, "{shapes: [N]}", "expectation"),
        (UNET, "{H: '>= 4'}", "expect-sizes"),
        (UNET, "{sizes: 'H == W'}", "expect-sizes"),
        (UNET, "{exact_sizes: {H: '_ % 8 == 0', W: '_ % 4 == 0'}}", "expect-exact-sizes"),
        (UNET, "{macs: '<= 1M'}", "expect-macs"),
        (UNET, "{at: {Q: 1}}", "unknown-name"),
        (UNET, "{at: {N: H}}", "expectation"),
        (UNET, "{params: {a: 41}}", "expect-params"),
        (UNET, "{params: 1.5}", "expect-params"),
        (UNET, "{params: lots}", "unknown-name"),
        (UNET, "{params: '<= '}", "syntax"),
        (UNET, "{params: '__import__(\"os\").abort()'}", "expression"),
        (UNET, "{params: 'a if b else c'}", "expression"),
        (UNET, "{sizes: 'H // 2'}", "condition"),
        (UNET, "{receptive_field: [3]}", "expectation"),
        (UNET, "{linear_in: {b: 3}}", "unknown-layer"),
        (UNET, "{nonsense: 3}", "unknown-expectation"),
        (STRIDED, "{L: '>= 7'}", "expect-sizes"),
        (STRIDED, "{exact_sizes: 'L >= 9'}", "expect-sizes"),
    ],
)
def test_what_is_missed(text: str, expect: str, code: str) -> None:
    """An expectation that is missed, or cannot be read, is told by its code."""
    if code == "expect-sizes" and "exact" in expect:
        code = "expect-exact-sizes"
    assert codes(text, expect) == [code]


def test_a_missed_size_is_one_that_fails() -> None:
    """The size that is told does not work in a trace."""
    source = Source("net.yaml", f"{UNET}expect: {{H: '>= 8', W: '_ % 4 == 0'}}\n")
    study = Study(parse(source), None, {})
    (problem,) = missed(study, study.network.expect, source)
    size = int(problem.message.rpartition("H=")[2])
    assert size >= 8
    assert convshape.trace(study.network, set={"H": size, "N": 1, "W": 8}).error is not None


@settings(deadline=None)  # the first one imports
@given(st.integers(1, 60), st.sampled_from(["<=", "<", ">=", ">", "=="]), st.integers(1, 12), st.integers(0, 12))
def test_sizes_are_compared_exactly(bound: int, operator: str, modulus: int, rest: int) -> None:
    """What is said of a set of sizes is what trying every size says."""
    condition = f"_ {operator} {bound} and _ % {modulus} == {rest}"
    said = codes(STRIDED, f"{{L: '{condition}'}}")
    allowed = [n for n in range(1, 200) if eval(condition.replace("_", str(n)))]  # noqa: S307  # our own condition
    assert (said == []) == all(n >= 8 for n in allowed)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5)), max_size=4), st.integers(1, 4))
def test_a_complement_is_everything_else(ranges: list[tuple[int, int]], modulus: int) -> None:
    """A number is in a set or in its complement."""
    numbers = Numbers(((),))
    for start, length in ranges:
        numbers |= Numbers.between(start, start + length)
    numbers &= Numbers([((0, None),)] + [()] * (modulus - 1))
    outside = complement(numbers)
    assert all((n in numbers) != (n in outside) for n in range(150))


@pytest.mark.parametrize(
    ("written", "value"),
    [("1.2M", 1_200_000), ("8GiB", 8 << 30), ("1e6", 10**6), ("61_706", 61_706), ("2k", 2000), ("1.5KiB", 1536),
     ("2.5e3", 2500), ("3 * 4", 12), ("10MB", 10**7), ("7//2", 3)],
)  # fmt: skip
def test_numbers_are_read_as_written(written: str, value: int) -> None:
    """A number has a unit, an exponent, or is arithmetic."""
    network = parse(Source("", "Conv1d(1, 2, 3)"))
    judge = Judge(network, Symbols(), {}, {})
    assert judge.expected(Literal(Span(0, 1), written), network.source) == value
    assert judge.judge(Literal(Span(0, 1), written), network.source, value) is True
    assert judge.judge(Literal(Span(0, 1), f"> {written}"), network.source, value) is False


def test_a_condition_is_written_out() -> None:
    """What is left out of a condition is put in."""
    assert in_full("1e3..2e3") == "(1000) <= _ <= (2000)"
    assert in_full(">= 3 and < 9 or == 20") == " _ >= 3 and _ < 9 or _ == 20"
