"""Renderers: a trace becomes text. They compute nothing; each format is loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.columns import Column
    from convshape.steps import Trace
    from convshape.terminal import Screen


def rendered(trace: Trace, style: str, columns: Sequence[Column] | None, depth: int | None, screen: Screen) -> str:
    """Write a trace in a format: table, json, csv, markdown or plain; `columns` of None are the usual ones."""
    from convshape.report import Report

    report = Report(trace, depth)
    text: str = import_module(f"convshape.render.{style}").render(report, columns, screen)
    return text
