"""Comparing: the two sides of a diff: a file, its lock, a revision of git, or a description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.checking import jobs_of, study_of
from convshape.comparing.differ import difference
from convshape.comparing.locking import ENDING
from convshape.comparing.revision import at_revision, is_revision
from convshape.comparing.snapshot import read_lock, snapshot
from convshape.read import fetch, parse

if TYPE_CHECKING:
    from convshape.checking import Options
    from convshape.comparing.differ import Difference
    from convshape.comparing.snapshot import Snapshot
    from convshape.source import Source


def compare(before: str, after: str, options: Options) -> Difference:
    """Compare two networks, each with the inputs that its configuration gives it.

    Raises ReadError where one cannot be read, and the error of one that stops.
    """
    return difference(side(before, options), side(after, options))


def side(text: str, options: Options) -> Snapshot:
    """Return one side by the name that the user gave it."""
    source = at_revision(text) if is_revision(text) else fetch(text)
    return taken(text, source, options)._replace(file=source.name)


def taken(text: str, source: Source, options: Options) -> Snapshot:
    """Read a lock, or trace a network."""
    path = text.rpartition("@")[0] if is_revision(text) else text
    if path.endswith(ENDING):
        return read_lock(source)
    (job,) = jobs_of([path], options)
    return snapshot(study_of(parse(source), job).trace)
