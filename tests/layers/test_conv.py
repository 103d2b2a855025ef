"""Convolutions: what messages point at, in which order faults are seen, and what symbols must satisfy."""

from __future__ import annotations

import pytest

import convshape
from convshape.layers.conv import Conv1d, Conv2d


def refused(net: str, *shapes: tuple[int, ...]) -> convshape.ShapeError:
    """Return the error of a layer."""
    with pytest.raises(convshape.ShapeError) as caught:
        convshape.output_shape(net, *shapes)
    return caught.value


def test_channels_point_at_the_argument() -> None:
    """A trace marks in_channels, and says what the input was."""
    error = convshape.trace("Conv1d(1, 5, 3) -> Conv1d(6, 5, 3)", (239, 1, 49)).error
    assert error is not None
    assert (error.code, error.field) == ("channels", "in_channels")
    assert error.span is not None
    assert error.source.text[error.span.start : error.span.end] == "6"
    assert error.message == "Conv1d expects 6 channels, got 5"


def test_unbatched_input_is_shown_with_a_batch() -> None:
    """Torch adds the batch before it looks at the channels, not before it looks at the rank."""
    assert "expected input[1, 4, 8, 8]" in refused("Conv2d(3, 8, 3)", (4, 8, 8)).torch_message
    assert refused("Conv2d(3, 8, 3)", (8, 8)).torch_message.endswith("input of size: [8, 8]")


@pytest.mark.parametrize(
    ("net", "code"),
    [
        ("Conv1d(3, 4, 9, stride=(1, 1), padding=-1)", "stride"),
        ("Conv1d(3, 4, 9, padding=-1, dilation=-1)", "padding"),
        ("Conv1d(3, 4, 9, stride=0, dilation=-1)", "stride"),
        ("Conv1d(3, 4, (9, 9), dilation=-1)", "dilation"),
        ("Conv1d(3, 4, (9, 9))", "rank"),
        ("Conv1d(3, 0, 9)", "groups"),
        ("Conv1d(3, 4, 9)", "channels"),
        ("Conv1d(2, 4, 9)", "kernel-too-large"),
    ],
)
def test_order_of_faults(net: str, code: str) -> None:
    """The first fault that torch sees is the one that is told."""
    assert refused(net, (1, 2, 8)).code == code


def test_padding_comes_before_everything() -> None:
    """A padding_mode pads first: its refusals come first, and the channels are those of the padded input."""
    assert refused("Conv1d(3, 4, 3, padding=8, padding_mode='reflect')", (1, 2, 8)).code == "padding-too-large"
    assert "input[1, 2, 12]" in refused("Conv1d(3, 4, 3, padding=2, padding_mode='reflect')", (1, 2, 8)).torch_message
    assert refused("Conv1d(3, 4, 3, stride=1.0, padding_mode='reflect')", (8,)).torch_type == "NotImplementedError"


def test_same_padding_of_an_even_kernel_is_uneven() -> None:
    """An even kernel takes one more on the right, which torch adds beforehand and shows."""
    assert convshape.output_shape("Conv1d(3, 4, 4, padding='same')", (1, 3, 8)) == (1, 4, 8)
    assert "input[1, 2, 9]" in refused("Conv1d(3, 4, 4, padding='same')", (1, 2, 8)).torch_message


def test_types_are_seen_when_torch_sees_them() -> None:
    """A stride is looked at in forward, a kernel when the weight is made, after the other checks."""
    assert refused("Conv1d(3, 4, 3, stride=1.5)", (1, 3, 8)).stage == "forward"
    assert refused("Conv1d(3, 4, 1.5)", (1, 3, 8)).code == "argument-type"
    assert refused("Conv1d(3, 4, 1.5, groups=2)", (1, 3, 8)).code == "groups"
    assert refused("Conv1d(3, 4, 3, padding='same', dilation=None)", (1, 3, 8)).stage == "ctor"


@pytest.mark.parametrize(
    ("dtype", "words"),
    [
        ("float64", "Input type (double) and bias type (float) should be the same"),
        ("int64", "Input type (long int) and bias type (float) should be the same"),
    ],
)
def test_dtype_comes_before_the_rank(dtype: str, words: str) -> None:
    """The bias is compared with the input before anything else."""
    with pytest.raises(convshape.ShapeError) as caught:
        convshape.output_shape("Conv1d(3, 4, 3)", convshape.Tensor((8,), dtype))
    assert (caught.value.code, caught.value.torch_message) == ("dtype", words)


@pytest.mark.parametrize(
    ("net", "shape", "output", "facts"),
    [
        ("Conv1d(1, 16, 8)", ("N", 1, "L"), "(N, 16, L - 7)", ["L >= 8"]),
        ("Conv2d(3, 8, 3, padding=1)", ("N", 3, "H", "W"), "(N, 8, H, W)", []),
        ("Conv2d(3, 8, 4, padding='same')", (3, "H", "W"), "(8, H, W)", []),
        ("Conv1d(3, 8, 4, padding=2, padding_mode='reflect')", (1, 3, "L"), "(1, 8, L + 1)", ["L >= 3"]),
        ("Conv1d(4, 8, 1)", ("N", "C", "L"), "(N, 8, L)", ["C == 4"]),
        ("LazyConv1d(4, 1, groups=2)", ("N", "C", "L"), "(N, 4, L)", ["C % 2 == 0"]),
        ("ConvTranspose1d(3, 8, 4, 2, 1)", ("N", 3, "L"), "(N, 8, 2*L)", []),
    ],
)
def test_symbols(net: str, shape: tuple[str | int, ...], output: str, facts: list[str]) -> None:
    """Sizes are short formulas, and what they need is told."""
    trace = convshape.trace(net, shape)
    assert f"({', '.join(map(str, trace.output))})" == output
    assert trace.symbols.summary() == facts


def test_letters_follow_the_rank() -> None:
    """The axes of an output have the letters of torch's documentation; without a batch there is no N."""
    assert Conv1d(1, 2, 3).letters((1, 2, 3)) == ("N", "C", "L")
    assert Conv2d(1, 2, 3).letters((1, 2, 3)) == ("C", "H", "W")


def test_weights_of_grouped_kernels() -> None:
    """A group sees its share of the input channels; macs count what it multiplies."""
    layer = Conv1d(5, 5, 49, groups=5, bias=False)
    assert dict(layer.weights()) == {"weight": (5, 1, 49)}
    assert layer.macs((239, 5, 1)) == 239 * 5 * 49
