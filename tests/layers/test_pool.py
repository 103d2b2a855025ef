"""Pools: what a comparison with torch on numbers does not see: symbols, identities, and our own words."""

from __future__ import annotations

import itertools

import pytest

import convshape

SIZES = range(1, 14)
WINDOWS = [
    (kernel, stride, padding, dilation, ceil)
    for kernel, stride, padding in itertools.product((1, 2, 3, 5), (1, 2, 3), (0, 1, 2))
    for dilation, ceil in itertools.product((1, 2), (False, True))
    if 2 * padding <= kernel  # more is refused, whatever the size
]


def sizes_that_work(net: str) -> tuple[object, set[int]]:
    """Return the symbolic length of the output, and the lengths that its facts allow."""
    trace = convshape.trace(net, (2, 3, "L"))
    assert trace.error is None, net
    facts = [fact for fact, _ in trace.symbols.facts]
    return trace.output[-1], {size for size in SIZES if all(fact.holds(L=size) for fact in facts)}


def length_of(net: str, size: int) -> int | None:
    """Return the length of the output, None where it is refused."""
    try:
        return int(convshape.output_shape(net, (2, 3, size))[-1])
    except convshape.ShapeError:
        return None


@pytest.mark.parametrize(("kernel", "stride", "padding", "dilation", "ceil"), WINDOWS)
def test_symbolic_length_says_what_numbers_say(
    kernel: int, stride: int, padding: int, dilation: int, ceil: bool
) -> None:
    net = f"MaxPool1d({kernel}, {stride}, {padding}, {dilation}, ceil_mode={ceil})"
    symbolic, allowed = sizes_that_work(net)
    numbers = {size: length for size in SIZES if (length := length_of(net, size)) is not None}
    assert allowed == set(numbers)
    for size, length in numbers.items():
        assert (symbolic if isinstance(symbolic, int) else symbolic.at(L=size)) == length


@pytest.mark.parametrize(
    ("net", "shape", "output", "facts"),
    [
        ("MaxPool2d(3, 2, ceil_mode=True)", ("N", 3, "H", "W"), "(N, 3, H//2, W//2)", ["H >= 2", "W >= 2"]),
        ("MaxPool2d(3, 2)", ("N", 3, "H", "W"), "(N, 3, (H - 1)//2, (W - 1)//2)", ["H >= 3", "W >= 3"]),
        ("AvgPool1d(4)", ("N", 3, "L"), "(N, 3, L//4)", ["L >= 4"]),
        ("AdaptiveAvgPool2d((None, 1))", ("N", 3, "H", "W"), "(N, 3, H, 1)", []),
        ("AdaptiveMaxPool1d(5)", ("C", "L"), "(C, 5)", []),
        ("FractionalMaxPool2d(2, output_ratio=0.5)", ("N", 3, "H", "W"), "(N, 3, H//2, W//2)", []),
        ("FractionalMaxPool3d(2, 4)", ("C", "D", "H", "W"), "(C, 4, 4, 4)", ["D >= 6", "W >= 6", "H >= 6"]),
    ],
)
def test_formulas_and_facts_are_short(net: str, shape: tuple[object, ...], output: str, facts: list[str]) -> None:
    trace = convshape.trace(net, shape)
    assert str(tuple(trace.output)) == output
    assert [str(fact) for fact, _ in trace.symbols.facts] == facts


UNPOOLED = """
layers:
  - pool: MaxPool2d(2, return_indices=True)
  - MaxUnpool2d(2)(pool[0], pool[1])
"""


def test_unpooling_undoes_a_pool() -> None:
    net = UNPOOLED
    assert convshape.trace(net, (8, 3, 6, 10)).output == (8, 3, 6, 10)
    assert str(tuple(convshape.trace(net, ("N", 3, "H", "W")).output)) == "(N, 3, 2*(H//2), 2*(W//2))"


@pytest.mark.parametrize("name", ["MaxPool2d(2", "AdaptiveMaxPool2d(2", "FractionalMaxPool2d(2, 2"])
def test_indices_are_whole_numbers(name: str) -> None:
    values, indices = convshape.trace(f"{name}, return_indices=True)", convshape.Tensor((1, 3, 8, 8), "float64")).output
    assert (values.dtype, indices.dtype) == ("float64", "int64")
    assert values.shape == indices.shape


@pytest.mark.parametrize(
    ("text", "shape", "code", "field", "words"),
    [
        (
            "MaxPool2d(5)",
            (1, 3, 4, 9),
            "output-too-small",
            "kernel_size",
            "slides a window of 5x5 over an input of 4x9",
        ),
        ("MaxPool2d(2, padding=2)", (1, 3, 4, 4), "padding-too-large", "padding", "at most half its window, got 2"),
        ("MaxPool2d((1, 2, 3))", (1, 3, 4, 4), "kernel-size", "kernel_size", "each of its 2 axes, got 3"),
        ("MaxPool1d(2, stride=0)", (1, 3, 4), "stride", "stride", "takes a stride of at least 1, got 0"),
        ("AvgPool2d(2, divisor_override=0)", (1, 3, 4, 4), "divisor", "divisor_override", "cannot divide by 0"),
        ("AvgPool2d(2)", (4, 4), "rank", "", "needs an input of at least 3 axes, got 2"),
        ("AvgPool3d(3)", (1, 1, 2, 3, 3), "kernel-too-large", "kernel_size", "3x3x3 over an input of 2x3x3"),
        ("AdaptiveAvgPool2d((2, 2, 2))", (1, 3, 4, 4), "output-size", "output_size", "each of its 2 axes, got 3"),
        ("FractionalMaxPool2d(3, 7)", (1, 3, 8, 9), "kernel-too-large", "kernel_size", "no room for 7 windows of 3"),
    ],
)
def test_refusals_say_what_is_wanted_and_what_came(
    text: str, shape: tuple[int, ...], code: str, field: str, words: str
) -> None:
    with pytest.raises(convshape.ShapeError) as caught:
        convshape.output_shape(text, shape)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert words in caught.value.message


def test_max_pool1d_with_indices_has_other_words_than_without() -> None:
    lines = []
    for flag in (False, True):
        with pytest.raises(convshape.ShapeError) as caught:
            convshape.output_shape(f"MaxPool1d(5, return_indices={flag})", (1, 3, 4))
        lines.append(caught.value.torch_message)
    assert lines == [
        "max_pool1d() Invalid computed output size: 0",
        "Given input size: (3x1x4). Calculated output size: (3x1x0). Output size is too small",
    ]


@pytest.mark.parametrize(
    ("text", "twin", "shape"),
    [
        ("MaxPool2d(3)", "MaxPool2d(3, stride=())", (2, 3, 10, 11)),
        ("MaxPool2d((3,), 2)", "MaxPool2d(3, (2,))", (2, 3, 10, 11)),
        ("AvgPool1d(3, 2, 1)", "MaxPool1d(3, 2, 1)", (2, 3, 10)),
        ("LPPool3d(2, 3, 2, ceil_mode=True)", "AvgPool3d(3, 2, ceil_mode=True)", (2, 3, 10, 11, 12)),
        ("AdaptiveAvgPool2d([4, None])", "AdaptiveMaxPool2d((4, 9))", (3, 8, 9)),
    ],
)
def test_pools_that_are_the_same(text: str, twin: str, shape: tuple[int, ...]) -> None:
    assert convshape.output_shape(text, shape) == convshape.output_shape(twin, shape)


def test_an_output_size_is_written_as_it_was_given() -> None:
    words = []
    for given in ("[20, 20]", "(20, 20)"):
        net = f"layers:\n  - pool: MaxPool2d(2, return_indices=True)\n  - MaxUnpool2d(2)(pool[0], pool[1], {given})\n"
        words.append(convshape.trace(net, (1, 3, 8, 8)).error.torch_message)
    assert words == [
        f'invalid output_size "{given}" (dim 0 must be between 6 and 10)' for given in ("[20, 20]", "(20, 20)")
    ]
