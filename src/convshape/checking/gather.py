"""Gather: the networks that an argument names: a file, a folder, a glob, standard input, or a description itself."""

from __future__ import annotations

import os
from glob import escape, glob, has_magic
from typing import TYPE_CHECKING

from convshape.problem import NO_NETWORK, UNREADABLE, Problem, Report

if TYPE_CHECKING:
    from collections.abc import Iterable

ENDINGS = (".yaml", ".yml")
"""What a folder is searched for."""
INLINE = ("(", "\n", "->")
"""The marks of a description, as `read` knows them."""


def gather(arguments: Iterable[str], base: str = "") -> tuple[list[str], list[Report]]:
    """Return the networks that arguments name, each once, and a report for each argument that names none.

    Those of a folder or a glob are in the order of their names. Relative names are below `base`.
    """
    found = {argument: networks(argument, base) for argument in arguments}
    missing = [Report(argument, (nothing(argument),)) for argument, nets in found.items() if not nets]
    return list(dict.fromkeys(net for nets in found.values() for net in nets)), missing


def networks(argument: str, base: str = "") -> list[str]:
    """Return the networks that one argument names; none for a folder or a glob that holds none."""
    path = os.path.join(base, argument)  # noqa: PTH118  # joined as text: `nets/a.yaml` stays as it is written
    if os.path.isdir(path):  # noqa: PTH112
        return sorted(file for ending in ENDINGS for file in files(f"{escape(path)}/**/*{ending}"))
    if os.path.exists(path):  # noqa: PTH110
        return [named(path)]
    if any(mark in argument for mark in INLINE):
        return [argument]
    if has_magic(argument):
        return sorted(files(path))
    return [argument if argument == "-" else named(path)]


def files(pattern: str) -> list[str]:
    """Return the files that match a glob."""
    return [named(path) for path in glob(pattern, recursive=True) if os.path.isfile(path)]  # noqa: PTH113, PTH207


def nothing(argument: str) -> Problem:
    """Say that an argument names nothing: a check of nothing is no success."""
    folder = os.path.isdir(argument)  # noqa: PTH112
    words = f"the folder {argument} holds no *.yaml file" if folder else f"{argument} matches no file"
    return Problem(NO_NETWORK, words, UNREADABLE)


def named(path: str) -> str:
    """Name a file as every machine does: with slashes, and from here where it is below."""
    here = os.getcwd()  # noqa: PTH109
    inside = os.path.isabs(path) and path.startswith(here + os.sep)  # noqa: PTH117
    return os.path.normpath(os.path.relpath(path, here) if inside else path).replace(os.sep, "/")
