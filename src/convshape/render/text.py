"""Text: every problem as a compiler shows it, then a line that sums them up; it depends on no width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.problem import summary
from convshape.render.diagnostic import diagnostic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.problem import Report
    from convshape.terminal import Screen


def render(reports: Sequence[Report], screen: Screen) -> str:
    """Write the problems of all networks."""
    wide = screen._replace(width=None)
    parts = [diagnostic(problem, wide) for report in reports for problem in report.problems]
    return "\n".join([*parts, f"{summary(reports)}\n"])
