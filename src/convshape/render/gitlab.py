"""GitLab: a code quality report. Source: GitLab's documentation of the Code Climate fields that it reads."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from convshape.problem import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.problem import Problem, Report
    from convshape.terminal import Screen


def render(reports: Sequence[Report], _screen: Screen) -> str:
    """Write a list of issues."""
    seen: dict[str, int] = {}
    issues = [issue(problem, report.where(problem), seen) for report in reports for problem in report.problems]
    return json.dumps(issues, indent=2) + "\n"


def issue(problem: Problem, file: str, seen: dict[str, int]) -> dict[str, Any]:
    """Return a problem; the fingerprint is the same as long as what is said is, wherever the line has moved."""
    said = f"{problem.code}\0{file}\0{problem.layer}\0{problem.message}"
    seen[said] = seen.get(said, 0) + 1
    line = problem.source.place(problem.span.start).line if problem.source and problem.span else 1
    return {
        "description": "\n".join(problem.lines),
        "check_name": problem.code,
        "fingerprint": sha256(f"{said}\0{seen[said]}".encode()).hexdigest(),
        "severity": severity(problem),
        "location": {"path": file, "lines": {"begin": line}},
    }


def severity(problem: Problem) -> str:
    """Say how grave a problem is, in GitLab's words."""
    if problem.level == "warning":
        return "minor"
    return "critical" if problem.exit_code == UNREADABLE else "major"
