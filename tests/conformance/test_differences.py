"""What differs from torch on purpose is said on a page, still differs, and is nothing but that."""

from __future__ import annotations

from pathlib import Path

import pytest
from differences import DIFFERENCES, Difference, excuse
from judge import Case, judged, ruled, same

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"


def test_the_page_has_a_row_for_each() -> None:
    """In their order, word for word."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert rows[2:] == [f"| {one.case} | {one.torch} | {one.ours} |" for one in DIFFERENCES]


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda one: one.applies.__name__)
def test_each_still_differs(difference: Difference) -> None:
    """Where torch, or we, come to say the same, the row goes."""
    spec, inputs = difference.example
    case = Case(spec, inputs, {}, train=True, bad=("num_features", "groups"))
    want, got = judged(case), ruled(case)
    assert not same(want, got)
    assert excuse(case, want, got) is difference
