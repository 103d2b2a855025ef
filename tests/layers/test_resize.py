"""Fold, the shuffles and Upsample: what undoes what, and what symbols must satisfy."""

from __future__ import annotations

import pytest

import convshape


@pytest.mark.parametrize(
    ("net", "shape", "output", "facts"),
    [
        ("PixelShuffle(2)", ("N", "C", "H", "W"), "(N, C//4, 2*H, 2*W)", ["C % 4 == 0"]),
        ("PixelUnshuffle(2)", ("N", 3, "H", 8), "(N, 12, H//2, 4)", ["H % 2 == 0"]),
        ("ChannelShuffle(4)", ("N", "C", "L"), "(N, C, L)", ["C % 4 == 0"]),
        ("Upsample(scale_factor=2)", ("N", 3, "L"), "(N, 3, 2*L)", []),
        ("Upsample(scale_factor=0.29)", ("N", 3, "L"), "(N, 3, int(L * 0.29))", ["L >= 4"]),
        ("Fold((8, 8), 2, stride=2)", ("N", 12, "L"), "(N, 3, 8, 8)", ["L == 16"]),
        ("Unfold((3, 1))", ("N", 3, "H", 1), "(N, 9, H - 2)", ["H >= 3"]),
    ],
)
def test_symbols(net: str, shape: tuple[str | int, ...], output: str, facts: list[str]) -> None:
    """Sizes are short formulas, and what they need is told."""
    trace = convshape.trace(net, shape)
    assert f"({', '.join(map(str, trace.output))})" == output
    assert trace.symbols.summary() == facts


def test_scales_are_floating_point() -> None:
    """100 * 0.29 is a little less than 29 in float64, and torch rounds it down."""
    assert convshape.output_shape("Upsample(scale_factor=0.29)", (1, 1, 100)) == (1, 1, 28)
    assert convshape.output_shape("Upsample(scale_factor=(0.58,))", (1, 1, 100)) == (1, 1, 57)


def test_unfold_and_fold_undo_each_other() -> None:
    """The columns of an image make an image of the same size."""
    columns = convshape.output_shape("Unfold(3, padding=1, stride=2)", (2, 3, 9, 7))
    assert convshape.output_shape("Fold((9, 7), 3, padding=1, stride=2)", columns) == (2, 3, 9, 7)


def test_shuffles_undo_each_other() -> None:
    """PixelUnshuffle gives back what PixelShuffle took."""
    assert convshape.output_shape("PixelShuffle(3) -> PixelUnshuffle(3)", (2, 18, 4, 5)) == (2, 18, 4, 5)


def test_letters() -> None:
    """Columns are a sequence, images have a height and a width."""
    trace = convshape.trace("Unfold(2) -> Fold((4, 4), 2) -> Upsample(scale_factor=2)", (1, 3, 4, 4))
    letters = [step.layer.letters(step.output) for step in trace.steps if step.layer]
    assert letters == [("N", "C", "L"), ("N", "C", "H", "W"), ("N", "C", "H", "W")]
