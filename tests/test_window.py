"""Hold the window arithmetic to windows that are laid down one by one."""

from __future__ import annotations

from itertools import product

import pytest

from convshape.window import extent, slide, slide_ceil, unslide

SETTINGS = [
    (length, kernel, stride, padding, dilation)
    for length, kernel, stride, padding, dilation in product(range(1, 9), range(1, 5), (1, 2, 3), range(3), (1, 2, 3))
    if length + 2 * padding >= dilation * (kernel - 1) + 1
]


def taps(start: int, kernel: int, dilation: int) -> list[int]:
    """Return where the taps of a window are."""
    return [start + tap * dilation for tap in range(kernel)]


@pytest.mark.parametrize("kernel", range(1, 5))
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_an_extent_is_from_the_first_tap_to_the_last(kernel: int, dilation: int) -> None:
    assert extent(kernel, dilation) == len(range(taps(0, kernel, dilation)[0], taps(0, kernel, dilation)[-1] + 1))
    assert extent(kernel) == kernel


def test_a_window_stands_where_all_its_taps_are_inside() -> None:
    """Starts are a stride apart, from the left padding on."""
    for length, kernel, stride, padding, dilation in SETTINGS:
        starts = range(-padding, length + padding, stride)
        places = [start for start in starts if taps(start, kernel, dilation)[-1] < length + padding]
        assert slide(length, kernel, stride, padding, dilation) == len(places)


def test_a_last_window_may_hang_over_but_starts_inside() -> None:
    """Ceil mode: every window starts before the right padding; the last is the first that reaches the end."""
    for length, kernel, stride, padding, dilation in SETTINGS:
        if 2 * padding > kernel:
            continue
        places = [-padding]
        while taps(places[-1], kernel, dilation)[-1] < length + padding - 1 and places[-1] + stride < length:
            places.append(places[-1] + stride)
        assert slide_ceil(length, kernel, stride, padding, dilation) == len(places), (length, kernel, stride, padding)


def test_a_transposed_window_covers_what_it_spreads() -> None:
    """Its length is that of all the places that a tap falls on, without the padding, with what is added at the end."""
    for length, kernel, stride, padding, dilation in SETTINGS:
        last = max(taps((length - 1) * stride, kernel, dilation))
        for more in range(stride):
            assert unslide(length, kernel, stride, padding, more, dilation) == last + 1 - 2 * padding + more
