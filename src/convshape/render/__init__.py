"""Renderers: a trace becomes text. They compute nothing; each format is loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from convshape.advice import Advice
    from convshape.problem import Report
    from convshape.rehearsal import Rehearsal
    from convshape.report.columns import Column
    from convshape.steps import Trace
    from convshape.terminal import Screen


OF_PROBLEMS = {
    "text": "text", "json": "problems", "github": "github", "sarif": "sarif", "junit": "junit", "gitlab": "gitlab",
}  # fmt: skip
"""The module of each format of a check."""


def of_problems(reports: Sequence[Report], style: str, screen: Screen) -> str:
    """Write what a check found in a format: text, json, github, sarif, junit or gitlab."""
    text: str = import_module(f"convshape.render.{OF_PROBLEMS[style]}").render(reports, screen)
    return text


def rendered(  # noqa: PLR0913, PLR0917  # what a rendering depends on
    trace: Trace,
    style: str,
    columns: Sequence[Column] | None,
    depth: int | None,
    screen: Screen,
    rehearsal: Rehearsal | None = None,
    ignored: Collection[str] = (),
) -> tuple[str, tuple[Advice, ...]]:
    """Write a trace in a format: table, json, csv, markdown or plain; `columns` of None are the usual ones.

    The warnings that go with it are returned beside the text: they have a place of their own.
    """
    if style in OF_PROBLEMS and style != "json":
        from convshape.checking import refusals

        return of_problems([refusals(trace)], style, screen), ()
    from convshape.report import Report

    report = Report(trace, depth, rehearsal, ignored)
    text: str = import_module(f"convshape.render.{style}").render(report, columns, screen)
    return text, report.warnings
