"""CSV: a line for each layer, numbers as they are."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from convshape.report.columns import USUAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.report import Report
    from convshape.report.columns import Column
    from convshape.terminal import Screen


def render(report: Report, columns: Sequence[Column] | None, _screen: Screen) -> str:
    """Write the rows with a line of names above; the totals are left to whoever adds them up."""
    chosen = columns or USUAL
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in chosen])
    writer.writerows([column.cell(row) for column in chosen] for row in report.rows)
    return text.getvalue()
