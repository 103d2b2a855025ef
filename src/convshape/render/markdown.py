"""Markdown: a table for a README or a review, and the remarks under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.report.columns import USUAL, shown, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.report import Report
    from convshape.report.columns import Column
    from convshape.terminal import Screen

CODE = ("layer", "output", "input", "weights", "formula")
"""The columns that are set as code."""


def render(report: Report, columns: Sequence[Column] | None, screen: Screen) -> str:
    """Write the table."""
    chosen = columns or USUAL
    lines = [
        line([column.title for column in chosen]),
        line(["---:" if column.number else "---" for column in chosen]),
        *(line([cell(column, shown(column, row)) for column in chosen]) for row in report.rows),
        line(totals(report, chosen)),
    ]
    remarks = [
        f"- {label}: {escaped(words)}"
        for label, words in report.remarks(unicode=screen.unicode, columns={column.name for column in chosen})
    ]
    return "\n".join([*lines, *([""] if remarks else []), *remarks]) + "\n"


def totals(report: Report, columns: Sequence[Column]) -> list[str]:
    """Write the last line; its first cell says what it is, unless a sum stands there."""
    sums = [total(column, report.rows) for column in columns]
    sums[0] = sums[0] or report.sum_title
    return [f"**{escaped(text)}**" if text else "" for text in sums]


def line(cells: Sequence[str]) -> str:
    """Write one line of a table."""
    return f"| {' | '.join(cells)} |"


def cell(column: Column, text: str) -> str:
    """Set shapes and layers as code, and hide what Markdown would read."""
    if not text or column.name not in CODE:
        return escaped(text)
    ticks = "``" if "`" in text else "`"
    return f"{ticks}{text.replace('|', chr(92) + '|')}{ticks}"


def escaped(text: str) -> str:
    """Write what Markdown would read as it is."""
    for mark in ("\\", "|", "*", "_", "`", "<"):
        text = text.replace(mark, f"\\{mark}")
    return text
