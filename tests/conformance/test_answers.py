"""Every layer answers what tests/golden/answers says: its places and sentences, which torch cannot judge."""

from __future__ import annotations

from pathlib import Path

import pytest
from answers import answers

from convshape import layers

FOLDER = Path(__file__).parents[1] / "golden" / "answers"


@pytest.mark.parametrize("family", layers.FAMILIES)
def test_answers(family: str, *, update_golden: bool) -> None:
    """`pytest tests/conformance/test_answers.py --update-golden` writes them anew."""
    found, expected = answers(family), FOLDER / f"{family}.txt"
    if update_golden:
        expected.write_text(found, encoding="utf-8", newline="\n")
    assert found == expected.read_text(encoding="utf-8")


def test_no_answers_are_left_over() -> None:
    """Leave no file behind that nothing checks."""
    assert {path.stem for path in FOLDER.iterdir()} == set(layers.FAMILIES)
