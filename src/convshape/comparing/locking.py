"""Locking: the locks of networks, written together or not at all, and what has drifted from them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.checking import jobs_of, studied
from convshape.checking.gather import gather
from convshape.checking.held import Held
from convshape.comparing.differ import SAME, difference
from convshape.comparing.snapshot import lock_text, read_lock, snapshot
from convshape.faults import ConvshapeError, ReadError
from convshape.network import Literal
from convshape.problem import UNREADABLE, WRONG, Problem, Report
from convshape.read import fetch
from convshape.render.difference import lines
from convshape.report import Report as Rows
from convshape.report import shape_text
from convshape.source import Span
from convshape.tensor import Tensor
from convshape.terminal import Screen
from convshape.whole import write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convshape.checking import Job, Options
    from convshape.comparing.snapshot import Snapshot
    from convshape.conditions import Judge
    from convshape.sizing.proof import Study
    from convshape.source import Source

ENDING = ".shapes.lock"
MOST = 24
"""How many lines of a drift are shown."""
WIDEST = 100
"""How wide they are: the log of a job is as wide as it likes, and the same everywhere."""


class Plan(NamedTuple):
    """What is to be done about one network: its lock, the text, and what keeps it from being written."""

    net: str
    path: str
    text: str
    problems: tuple[Problem, ...] = ()


def lock_path(net: str) -> str:
    """Return where the lock of a network stands: beside it."""
    return os.path.splitext(net)[0] + ENDING  # noqa: PTH122  # joined as text: `nets/a.yaml` stays as it is written


def lock(arguments: Sequence[str], options: Options, *, update: bool) -> tuple[list[Report], list[str]]:
    """Write the locks of networks, all of them or, where anything is wrong, none; return what is wrong and was done.

    A lock that is there and says something else is left alone unless `update`.
    """
    nets, missing = gather(arguments)
    plans = [plan(job, update=update) for job in jobs_of(nets, options)]
    reports = [*(Report(one.net, (*one.problems, *rivals(one, plans))) for one in plans), *missing]
    if any(report.errors for report in reports):
        return reports, []
    return reports, [put(one) for one in plans]


def plan(job: Job, *, update: bool) -> Plan:
    """Work out the lock of a network."""
    path = lock_path(job.net)
    try:
        if not os.path.isfile(job.net):  # noqa: PTH113
            fetch(job.net)  # a file that is not there says so
            raise ReadError("lock", f"only a file has a lock, and {job.net[:40]} is none")
        study = studied(job)
        taken = snapshot(study.trace)
        problems = () if update else tuple(drift(study, job.net, taken, "`convshape lock --update` accepts it"))
    except ConvshapeError as error:
        return Plan(job.net, path, "", (Problem.of(error),))
    return Plan(job.net, path, lock_text(taken), (*problems, *owner(job.net)))


def rivals(one: Plan, plans: Sequence[Plan]) -> Iterator[Problem]:
    """Refuse two networks that would write one lock."""
    for other in plans:
        if other.net != one.net and other.path == one.path:
            yield Problem("lock", f"{one.net} and {other.net} would both write {one.path}: rename one", UNREADABLE)


def owner(net: str) -> Iterator[Problem]:
    """Refuse a lock that another network wrote, which is still there."""
    existing = found(net, strict=False)
    if existing and existing.file != os.path.basename(net):  # noqa: PTH119
        other = os.path.join(os.path.dirname(net), existing.file)  # noqa: PTH118, PTH120
        if os.path.isfile(other):  # noqa: PTH113
            yield Problem("lock", f"{lock_path(net)} is the lock of {other}: rename one of the two", UNREADABLE)


def found(net: str, *, strict: bool = True) -> Snapshot | None:
    """Read the lock of a network, None where there is none; unless `strict`, one that cannot be read is none.

    Raises ReadError.
    """
    path = lock_path(net)
    if not os.path.isfile(path) or not os.path.isfile(net):  # noqa: PTH113
        return None
    try:
        return read_lock(fetch(path))
    except ReadError:
        if strict:
            raise
        return None


def drift(study: Study, net: str, taken: Snapshot | None = None, note: str = "") -> Iterator[Problem]:
    """Hold a network to its lock, where it has one, and show what drifted.

    Raises ReadError where the lock cannot be read.
    """
    kept = found(net)
    if kept is None or list(owner(net)):
        return
    taken = taken or snapshot(study.trace)
    judge = Held(study, study.network.source).judge
    drifted = difference(kept, taken) and difference(respelled(kept, judge, study.network.source), taken)
    if not drifted:
        return
    details = list(lines(drifted, Screen(WIDEST)))
    if len(details) > MOST:
        details = [*details[:MOST], f"and {len(details) - MOST} lines more"]
    after = [change for change in drifted.changes if change.after]
    place = next((place for place, change in enumerate(after) if change.kind != SAME), None)
    span = None if place is None else Rows(study.trace).rows[place].last.span
    words = f"the shapes have drifted from {lock_path(net)}; {drifted.summary}"
    yield Problem(
        "drift", words, WRONG, study.network.source, span, details=tuple(details),
        note=note or f"`convshape lock --update {net}` accepts it",
    )  # fmt: skip


def respelled(kept: Snapshot, judge: Judge, source: Source) -> Snapshot:
    """Write the formulas of a lock as they are written now: another version may have found other words for the same."""

    def again(text: str) -> str:
        try:
            return size_text(judge.expected(Literal(Span(0, 0), text), source))
        except ReadError:  # a symbol of it is gone
            return text

    layers = (line._replace(output=again(line.output), macs=again(line.macs)) for line in kept.layers)
    return kept._replace(layers=tuple(layers), macs=again(kept.macs), memory=again(kept.memory))


def size_text(value: Any) -> str:
    """Write a size, a shape, or shapes in shapes."""
    if not isinstance(value, tuple):
        return str(value)
    nested = any(isinstance(part, tuple) for part in value)
    return f"({', '.join(map(size_text, value))})" if nested else shape_text(Tensor(value))


def put(one: Plan) -> str:
    """Write a lock, unless it is there already, and say what was done."""
    before = None
    if os.path.exists(one.path):  # noqa: PTH110
        with open(one.path, encoding="utf-8", newline="", errors="replace") as file:  # noqa: PTH123
            before = file.read()
    if before == one.text:
        return f"{one.path} is up to date"
    write(one.path, one.text)
    return f"{'wrote' if before is None else 'updated'} {one.path}"
