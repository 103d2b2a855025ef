"""GitHub: a workflow command for each problem, which Actions shows beside the line of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.problem import Problem, Report
    from convshape.terminal import Screen


def render(reports: Sequence[Report], _screen: Screen) -> str:
    """Write a line for each problem."""
    return "".join(annotation(problem, report.where(problem)) for report in reports for problem in report.problems)


def annotation(problem: Problem, file: str) -> str:
    """Write one problem: `::error file=net.yaml,line=6,col=5::...`; a name such as <stdin> is no file."""
    fields = {} if file.startswith("<") else {"file": file, **position(problem)}
    properties = ",".join(f"{name}={escaped(str(value), ':,')}" for name, value in fields.items())
    title = f"title={escaped(f'convshape {problem.code}', ':,')}"
    return f"::{problem.level} {','.join(filter(None, [properties, title]))}::{escaped(chr(10).join(problem.lines))}\n"


def position(problem: Problem) -> dict[str, int]:
    """Return where a problem stands, by GitHub's names."""
    if problem.source is None or problem.span is None:
        return {}
    (line, column), (end, last) = map(problem.source.place, problem.span)
    return {"line": line, "col": column, "endLine": end, **({"endColumn": last} if end == line else {})}


def escaped(text: str, more: str = "") -> str:
    """Write what ends a command, or a property of it, as a percent code."""
    for mark in f"%\r\n{more}":
        text = text.replace(mark, f"%{ord(mark):02X}")
    return text
