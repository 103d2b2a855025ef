"""SARIF 2.1.0: what code scanning reads. Source: the OASIS standard; the tests hold it to its schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from convshape import __version__
from convshape.problem import UNREADABLE, exit_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.problem import Problem, Report
    from convshape.repair.edits import Repair
    from convshape.source import Source, Span
    from convshape.terminal import Screen

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(reports: Sequence[Report], _screen: Screen) -> str:
    """Write one run of the tool."""
    codes = sorted({problem.code for report in reports for problem in report.problems})
    results = [
        result(problem, report.where(problem), codes.index(problem.code))
        for report in reports
        for problem in report.problems
    ]
    driver = {"name": "convshape", "semanticVersion": __version__, "rules": [rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": exit_code(reports) < UNREADABLE}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def rule(code: str) -> dict[str, Any]:
    """Return a rule: a code."""
    return {"id": code, "name": "".join(word.capitalize() for word in code.split("-"))}


def result(problem: Problem, file: str, rule_index: int) -> dict[str, Any]:
    """Return a problem; a name such as <stdin> is no file, and has no place."""
    found = {
        "ruleId": problem.code,
        "ruleIndex": rule_index,
        "level": problem.level,
        "message": {"text": "\n".join(problem.lines)},
    }
    if not file.startswith("<"):
        found["locations"] = [{"physicalLocation": location(file, problem.source, problem.span)}]
    if problem.source and problem.repairs and not file.startswith("<"):
        found["fixes"] = [fix(file, problem.source, repair) for repair in problem.repairs]
    return found


def location(file: str, source: Source | None, span: Span | None) -> dict[str, Any]:
    """Return a place in a file."""
    found: dict[str, Any] = {"artifactLocation": artifact(file)}
    if source and span:
        found["region"] = region(source, span)
    return found


def artifact(file: str) -> dict[str, str]:
    """Return a file as a URI: relative to where the tool ran, or absolute."""
    path = quote(file)
    return {"uri": f"file://{path}" if path.startswith("/") else path}


def region(source: Source, span: Span) -> dict[str, int]:
    """Return a stretch of a file: lines and columns from 1, the end excluded."""
    (line, column), (end, last) = map(source.place, span)
    return {"startLine": line, "startColumn": column, "endLine": end, "endColumn": last}


def fix(file: str, source: Source, repair: Repair) -> dict[str, Any]:
    """Return a repair as the edits that it is."""
    edits = [
        {"deletedRegion": region(source, edit.span), "insertedContent": {"text": edit.text}} for edit in repair.edits
    ]
    change = {"artifactLocation": artifact(file), "replacements": edits}
    return {"description": {"text": repair.words}, "artifactChanges": [change]}
