"""Suggest the known word that a user may have meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 60
"""A longer word is no slip of the finger, and comparing it would take long."""
CLOSE = 0.7
"""How alike two words must be, from 0 to 1."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean Conv1d?` for the nearest known word, or nothing."""
    from difflib import get_close_matches

    if len(word) > LONGEST:
        return ""
    words = {item.lower(): item for item in sorted(known)}
    close = get_close_matches(word.lower(), list(words), 1, CLOSE)
    return f"; did you mean {words[close[0]]}?" if close else ""


def clipped(text: str, most: int = 40) -> str:
    """Shorten what a user wrote for a sentence, on one line."""
    text = text.replace("\n", " ")
    return text if len(text) <= most else f"{text[: most - 3]}..."
