"""Plain text: aligned columns without lines or colours, for a log or a reader that speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.render.diagnostic import cells, printable
from convshape.report.columns import USUAL, shown, total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.report import Report
    from convshape.report.columns import Column
    from convshape.terminal import Screen


def render(report: Report, columns: Sequence[Column] | None, screen: Screen) -> str:
    """Write the rows, the totals and the remarks."""
    chosen = columns or USUAL
    sums = [total(column, report.rows) for column in chosen]
    lines = [
        [column.title for column in chosen],
        *([printable(shown(column, row)) for column in chosen] for row in report.rows),
        [text or (report.sum_title if place == 0 else "") for place, text in enumerate(sums)],
    ]
    widths = [max(map(cells, texts)) for texts in zip(*lines, strict=True)]
    table = [line(texts, widths, chosen) for texts in lines]
    remarks = report.remarks(unicode=screen.unicode, columns={column.name for column in chosen})
    widest = max((len(label) for label, _ in remarks), default=0)
    under = [f"{label:{widest}}  {printable(words)}" for label, words in remarks]
    return "\n".join([*table, *([""] if under else []), *under]) + "\n"


def line(texts: Sequence[str], widths: Sequence[int], columns: Sequence[Column]) -> str:
    """Align one line."""
    padded = []
    for text, width, column in zip(texts, widths, columns, strict=True):
        space = " " * (width - cells(text))
        padded.append(space + text if column.number else text + space)
    return "  ".join(padded).rstrip()
