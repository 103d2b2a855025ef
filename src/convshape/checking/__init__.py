"""Checking: what a check of a network is, and how many are checked together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from convshape.advice import advise, known_codes
from convshape.checking.config import Rules, home, nearest
from convshape.checking.expect import missed
from convshape.checking.gather import gather
from convshape.faults import ConvshapeError, ReadError
from convshape.limits import start_clock
from convshape.options import read_inputs, read_settings
from convshape.problem import WRONG, Problem, Report
from convshape.read import read
from convshape.sizing.proof import Study

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convshape.checking.config import Config
    from convshape.network import Network
    from convshape.steps import Trace

WARNINGS = {
    "assumed-input": "no input was given: it was worked out from the first layer",
    "note": "what the reader of a description had to suppose",
    "unproved": "an expectation that was neither proved nor refuted",
}
"""What is warned of beside the rules of advice."""
SMALL = 300
"""From so many networks on, further processes win more than their start costs: about 1 ms a network, 200 a start."""


class Options(NamedTuple):
    """What the command line asks of a check."""

    inputs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    train: bool = False
    strict: bool = False
    dry_run: bool = False
    fix: bool = False  # write the best repair of each fault into its file
    output: str | None = None  # or into this one
    ignored: tuple[str, ...] = ()  # warnings


class Job(NamedTuple):
    """One network to check, with all that another process needs."""

    net: str
    options: Options
    rules: Rules


def checked(arguments: Sequence[str], options: Options, workers: int | None = None) -> list[Report]:
    """Check the networks that arguments name, or those of the configuration here.

    Raises ReadError where the configuration cannot be read, nothing says what to check, or many are to be one file.
    """
    known_codes(options.ignored, WARNINGS)
    nets, missing = gather(arguments) if arguments else configured()
    if options.output and len(nets) > 1:
        raise ReadError("output", f"--output takes one repaired network, and there are {len(nets)}: take --fix alone")
    return [*examined(list(jobs_of(nets, options)), workers), *missing]


def jobs_of(nets: Sequence[str], options: Options) -> Iterator[Job]:
    """Give each network what the nearest configuration says of it; each folder is looked at once."""
    known: dict[str, Config | None] = {}
    for net in nets:
        folder = home(net)
        if folder not in known:
            known[folder] = nearest(folder)
        config = known[folder]
        yield Job(net, options, config.rules(net) if config else Rules())


def configured() -> tuple[list[str], list[Report]]:
    """Return the networks that the configuration lists.

    Raises ReadError where it lists none.
    """
    config = nearest(os.getcwd())  # noqa: PTH109
    if config is None or not config.table.get("nets"):
        raise ReadError(
            "no-network", 'name a network, a folder or a glob, or list `nets = ["nets/*.yaml"]` in [tool.convshape]'
        )
    return gather(config.table["nets"], config.folder)


def examine(job: Job) -> Report:
    """Check one network, in the time that one is given; what keeps it from being read is a problem, too."""
    start_clock()
    done: list[str] = []
    try:
        study, done = repaired(job) if job.options.fix or job.options.output else (studied(job), done)
        problems = list(found(study, job))
    except ConvshapeError as error:
        problems = [Problem.of(error)]
    silent = {*job.rules.silenced, *job.options.ignored}
    kept = [problem for problem in problems if problem.level == "error" or problem.code not in silent]
    if job.options.strict or job.rules.strict:
        kept = [problem._replace(level="error") for problem in kept]
    return Report(job.net, tuple(kept), tuple(done))


def repaired(job: Job) -> tuple[Study, list[str]]:
    """Read a network with the best repair of each fault written into its file, and say what was done.

    Raises ReadError.
    """
    from convshape.read import fetch, parse
    from convshape.repair.fixing import fixed

    trace, done = fixed(job.net, fetch(job.net), lambda text: study_of(parse(text), job).trace, job.options.output)
    return study_of(trace.network, job), done


def studied(job: Job) -> Study:
    """Read a network, and what it is traced with: the command line comes before the configuration.

    Raises ReadError.
    """
    return study_of(read(job.net), job)


def study_of(network: Network, job: Job) -> Study:
    """Take the inputs and settings of a network."""
    given = read_inputs(job.options.inputs or job.rules.inputs, network)
    return Study(network, given, read_settings(job.options.settings), train=job.options.train)


def found(study: Study, job: Job) -> Iterator[Problem]:
    """Give everything that is wrong with a network."""
    yield from warnings(study.trace)
    if study.trace.error:
        yield Problem.of(study.trace.error)
        return
    yield from missed(study, study.network.expect, study.network.source)
    yield from drifted(study, job.net)
    for budget in job.rules.budgets:
        for problem in missed(study, budget.expect, budget.source):
            yield problem._replace(message=f"{job.net}: {problem.message}")
    if job.options.dry_run:
        yield from differences(study)


def drifted(study: Study, net: str) -> Iterator[Problem]:
    """Hold a network to its lock; a lock that cannot be read is a problem of its own."""
    from convshape.comparing.locking import drift, lock_path

    if not os.path.isfile(lock_path(net)):  # noqa: PTH113
        return
    try:
        yield from drift(study, net)
    except ReadError as error:
        yield Problem.of(error)


def warnings(trace: Trace) -> Iterator[Problem]:
    """Give what had to be supposed, by the reader of a description and about its input, and what is hardly meant."""
    for note in trace.notes:
        code = "note" if note in trace.network.notes else "assumed-input"
        yield Problem(code, note, WRONG, trace.network.source, level="warning")
    for one in advise(trace):
        yield Problem(one.code, one.message, WRONG, one.source, one.span, note=one.why, layer=one.path, level="warning")


def refusals(trace: Trace) -> Report:
    """Return what a trace alone shows: its warnings, and what stopped it."""
    errors = [Problem.of(trace.error)] if trace.error else []
    return Report(trace.network.source.name, (*warnings(trace), *errors))


def differences(study: Study) -> Iterator[Problem]:
    """Run the network in torch, at the smallest sizes that work, and give the steps where it differs.

    Raises ConvshapeError where torch is not installed, or cannot run it here.
    """
    from convshape.rehearsal import rehearse

    found = rehearse(study.trace, study.at, lambda: study.sizes, "cpu")
    if found.error:
        raise found.error
    for words in found.differences:
        yield Problem("dry-run", words, WRONG, study.network.source)


def examined(jobs: Sequence[Job], workers: int | None = None) -> list[Report]:
    """Check many networks, in their order; by default in as many processes as pay."""
    if workers is None:
        workers = min(cores(), len(jobs) // (SMALL // 2)) if len(jobs) >= SMALL else 1
    if workers < 2 or len(jobs) < 2:  # noqa: PLR2004  # alone
        return list(map(examine, jobs))
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(workers, len(jobs)), get_context(start_method())) as pool:
        return list(pool.map(examine, jobs, chunksize=max(1, len(jobs) // (workers * 8))))


def start_method() -> str:
    """Choose how processes start: a fork shares what is loaded, and is safe where one thread runs, on Linux."""
    import sys
    from threading import active_count

    return "fork" if sys.platform == "linux" and active_count() == 1 else "spawn"


def cores() -> int:
    """Return how many cores this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1
