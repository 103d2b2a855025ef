"""Transposed convolutions: the output_size that a stride leaves open, and what undoes what."""

from __future__ import annotations

import pytest

import convshape


def test_output_size_chooses_among_the_lengths_of_a_stride() -> None:
    """Every length from which the convolution gives the input back can be asked for."""
    for length in (17, 18):
        net = f"ConvTranspose1d(3, 4, 3, stride=2)(x, output_size=[{length}])"
        assert tuple(convshape.trace(net, (1, 3, 8)).output) == (1, 4, length)


@pytest.mark.parametrize(
    ("size", "shape", "words"),
    [
        (
            "[19]",
            (1, 3, 8),
            (
                "requested an output size of [19], but valid sizes range from [17] to [18] "
                "(for an input of torch.Size([8]))"
            ),
        ),
        ("[1, 2]", (1, 3, 8), "ConvTranspose1D: for 3D input, output_size must have 1 or 3 elements (got 2)"),
        ("[17]", (3,), "Dimension out of range (expected to be in range of [-1, 0], but got 1)"),
    ],
)  # fmt: skip
def test_output_size_out_of_range(size: str, shape: tuple[int, ...], words: str) -> None:
    """An output_size that no input length makes is refused in torch's words."""
    error = convshape.trace(f"ConvTranspose1d(3, 4, 3, stride=2)(x, output_size={size})", shape).error
    assert isinstance(error, convshape.ShapeError)
    assert error.torch_message == words


@pytest.mark.parametrize("arguments", ["3", "4, 2, 1", "5, 3, 2", "3, 1, 0"])
def test_it_undoes_a_convolution(arguments: str) -> None:
    """ConvTranspose gives a length from which Conv of the same arguments comes back."""
    for length in range(3, 12):
        longer = convshape.output_shape(f"ConvTranspose1d(2, 2, {arguments})", (1, 2, length))
        assert convshape.output_shape(f"Conv1d(2, 2, {arguments})", longer) == (1, 2, length)


def test_the_padding_mode_is_seen_first() -> None:
    """Another padding_mode than zeros is refused before the groups are looked at."""
    with pytest.raises(convshape.ShapeError) as caught:
        convshape.output_shape("ConvTranspose2d(3, 4, 3, groups=0, padding_mode='reflect')", (1, 3, 8, 8))
    assert caught.value.torch_message == 'Only "zeros" padding mode is supported for ConvTranspose2d'
