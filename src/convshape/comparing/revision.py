"""Revision: the text of a file as git has it, `net.yaml@main`."""

from __future__ import annotations

import os
import subprocess
from io import BytesIO

from convshape.faults import ReadError
from convshape.read import decode, take
from convshape.source import Source
from convshape.suggest import did_you_mean


def is_revision(text: str) -> bool:
    """Tell `net.yaml@main` from a file of that name and from a description."""
    path, at, revision = text.rpartition("@")
    return bool(path and at and revision) and not any(mark in text for mark in "(\n") and not os.path.exists(text)  # noqa: PTH110


def at_revision(text: str) -> Source:
    """Return a file as it was at a revision; no file is touched.

    Raises ReadError where git is not there, or has no such file or revision.
    """
    path, _, revision = text.rpartition("@")
    folder, name = os.path.split(path)
    if git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}") is None:
        known = (git(folder, "for-each-ref", "--format=%(refname:short)") or b"").decode(errors="replace").split()
        raise ReadError("revision", f"git has no revision {revision} here{did_you_mean(revision, known)}")
    data = git(folder, "show", "--end-of-options", f"{revision}:./{name}")
    if data is None:
        raise ReadError("revision", f"{path} is not in revision {revision}")
    return Source(text, decode(text, take(text, BytesIO(data))))


def git(folder: str, *arguments: str) -> bytes | None:
    """Ask git; None where it refuses.

    Raises ReadError where there is no git, or the folder is in no repository.
    """
    try:
        done = subprocess.run(  # noqa: S603  # no shell; a revision cannot be read as an option
            ["git", "-C", folder or ".", *arguments],  # noqa: S607  # the git of the user
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise ReadError("revision", "there is no git here to ask for a revision") from None
    if b"not a git repository" in done.stderr or b"cannot change to" in done.stderr:
        raise ReadError("revision", f"{folder or 'this folder'} is in no git repository")
    return done.stdout if done.returncode == 0 else None
