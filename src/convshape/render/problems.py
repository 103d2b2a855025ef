"""JSON of a check: every network with its problems, in a form that stays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from convshape.problem import exit_code, summary
from convshape.render.json import place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.problem import Problem, Report
    from convshape.terminal import Screen

VERSION = 1
"""Raised when a field changes its meaning or goes; a new field does not raise it."""


def render(reports: Sequence[Report], _screen: Screen) -> str:
    """Write all there is."""
    document = {
        "version": VERSION,
        "exit_code": exit_code(reports),
        "summary": summary(reports),
        "networks": [network(report) for report in reports],
    }
    return json.dumps(document, indent=2) + "\n"


def network(report: Report) -> dict[str, Any]:
    """Return a network."""
    return {
        "file": report.file,
        "exit_code": report.exit_code,
        "problems": [fault(problem) for problem in report.problems],
    }


def fault(problem: Problem) -> dict[str, Any]:
    """Return a problem with all that its diagnostic shows."""
    torch = {"type": problem.torch_type, "message": problem.torch_message} if problem.torch_type else None
    return {
        "level": problem.level,
        "code": problem.code,
        "message": problem.message,
        "label": problem.label,
        "details": list(problem.details),
        "at": place(problem.source, problem.span) if problem.source else None,
        "layer": problem.layer or None,
        "torch": torch,
        "repairs": [repair.words for repair in problem.repairs],
        "note": problem.note or None,
    }
