"""JUnit XML: a test case for each network; one that is wrong fails, one that cannot be read is an error.

There is no time and no host in it, so that the same networks give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.problem import UNREADABLE
from convshape.render.diagnostic import position, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convshape.problem import Problem, Report
    from convshape.terminal import Screen

ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def render(reports: Sequence[Report], _screen: Screen) -> str:
    """Write one suite."""
    errors = sum(report.exit_code == UNREADABLE for report in reports)
    failures = sum(0 < report.exit_code < UNREADABLE for report in reports)
    counts = f'tests="{len(reports)}" failures="{failures}" errors="{errors}"'
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="convshape" {counts}>',
        f'  <testsuite name="convshape" {counts} skipped="0">',
        *(line for report in reports for line in case(report)),
        "  </testsuite>",
        "</testsuites>\n",
    ])  # fmt: skip


def case(report: Report) -> Iterator[str]:
    """Give the lines of a network: its errors in one element, and its warnings as what it printed."""
    head = f'    <testcase classname="convshape" name="{escaped(report.file)}"'
    if not report.problems:
        yield f"{head}/>"
        return
    yield f"{head}>"
    if report.errors:
        worst = max(report.errors, key=lambda problem: problem.exit_code)
        kind = "error" if worst.exit_code == UNREADABLE else "failure"
        yield f'      <{kind} type="{worst.code}" message="{escaped(worst.message)}">{told(report.errors)}</{kind}>'
    warnings = [problem for problem in report.problems if problem.level == "warning"]
    if warnings:
        yield f"      <system-out>{told(warnings)}</system-out>"
    yield "    </testcase>"


def told(problems: Sequence[Problem]) -> str:
    """Write problems in full."""
    heads = [position(problem.source, problem.span) if problem.source else "" for problem in problems]
    texts = [
        "\n".join([f"{head}: {problem.level}[{problem.code}]".lstrip(": "), *problem.lines])
        for head, problem in zip(heads, problems, strict=True)
    ]
    return escaped("\n\n".join(texts))


def escaped(text: str) -> str:
    """Write text as XML has it: ASCII alone, and no control characters, which XML cannot say."""
    safe = "\n".join(printable(line) for line in text.split("\n"))
    return "".join(ESCAPES.get(mark, mark) for mark in safe).encode("ascii", "xmlcharrefreplace").decode()
