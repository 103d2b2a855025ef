"""Problem: what a check found, as a plain frozen value that can cross processes and be written in any format."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.faults import ConvshapeError
    from convshape.repair.edits import Repair
    from convshape.source import Source, Span

NO_NETWORK = "no-network"
"""The code of an argument that names no network."""
WRONG, UNREADABLE = 1, 2
"""The exit codes: the network is wrong; the command, the file or the description cannot be read."""


class Problem(NamedTuple):
    """One thing that is wrong with a network; a `warning` fails a check only when it is strict."""

    code: str
    message: str
    exit_code: int = WRONG
    source: Source | None = None
    span: Span | None = None
    label: str = ""
    note: str = ""
    layer: str = ""
    torch_type: str = ""
    torch_message: str = ""
    repairs: tuple[Repair, ...] = ()
    details: tuple[str, ...] = ()
    level: str = "error"

    @classmethod
    def of(cls, error: ConvshapeError) -> Problem:
        """Take what an error says, its repairs worked out."""
        return cls(
            error.code,
            error.message,
            error.exit_code,
            error.source,
            error.span,
            error.label,
            error.note,
            error.step.path if error.step else "",
            getattr(error, "torch_type", ""),
            getattr(error, "torch_message", ""),
            tuple(error.repairs),
        )

    @property
    def lines(self) -> list[str]:
        """The message, torch's words, the repairs and the note, a line for each."""
        torch = [f"torch: {self.torch_type}: {self.torch_message}"] if self.torch_type else []
        fixes = [f"fix: {repair.words}" for repair in self.repairs]
        label = f" ({self.label})" if self.label else ""
        return [self.message + label, *self.details, *torch, *fixes, *([f"note: {self.note}"] if self.note else [])]


class Report(NamedTuple):
    """What a check of one network found; `file` is the name that it goes by, `fixed` says what was repaired."""

    file: str
    problems: tuple[Problem, ...] = ()
    fixed: tuple[str, ...] = ()

    @property
    def errors(self) -> list[Problem]:
        """The problems that are more than warnings."""
        return [problem for problem in self.problems if problem.level == "error"]

    @property
    def exit_code(self) -> int:
        """The exit code of this network alone."""
        return max((problem.exit_code for problem in self.errors), default=0)

    def where(self, problem: Problem) -> str:
        """Return the file that a problem stands in; one that stands in none belongs to the network."""
        return problem.source.name if problem.source else self.file


def exit_code(reports: Sequence[Report]) -> int:
    """Return the exit code of a check: the worst of its networks."""
    return max((report.exit_code for report in reports), default=0)


def summary(reports: Sequence[Report]) -> str:
    """Say in a line how many networks were checked, and what was found; an argument may have named none."""
    nowhere = sum(problem.code == NO_NETWORK for report in reports for problem in report.problems)
    wrong = sum(report.exit_code == WRONG for report in reports)
    unreadable = sum(report.exit_code == UNREADABLE for report in reports) - nowhere
    problems = [problem for report in reports for problem in report.problems]
    warnings = sum(problem.level == "warning" for problem in problems)
    counts = [
        f"{wrong} wrong" if wrong else "",
        f"{unreadable} unreadable" if unreadable else "",
        plural(len(problems) - warnings - nowhere, "error") if wrong or unreadable else "",
        plural(warnings, "warning") if warnings else "",
        f"{plural(nowhere, 'argument')} without a network" if nowhere else "",
    ]
    return f"checked {plural(len(reports) - nowhere, 'network')}: {', '.join(filter(None, counts)) or 'all fine'}"


def plural(count: int, word: str) -> str:
    """Write a count with its word."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
