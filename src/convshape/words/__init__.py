"""The words: what faults, layers and arguments mean, as plain Markdown beside the code; each has its one home here."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
EXAMPLE = "Example: "
CODES = ("faults", "warnings", "errors")
"""The pages of codes: what layers refuse, what is probably not meant, what cannot be read or is not as expected."""


class Section(NamedTuple):
    """What is said under a heading, and the example there."""

    text: str
    example: str


@cache
def sections(page: str) -> dict[str, Section]:
    """Return the sections of a page by their headings: `faults`, `warnings`, `errors`, `layers`."""
    parts = re.split(r"^## (.+)\n", (HERE / f"{page}.md").read_text("utf-8"), flags=re.MULTILINE)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {name: section(body) for names, body in pairs for name in names.split(", ")}


def codes() -> list[str]:
    """Return every code that has words, each once."""
    return list(dict.fromkeys(code for page in CODES for code in sections(page)))


def family(name: str) -> str:
    """Return what is said of a family of layers; nothing of one that is not torch's."""
    known = sections("layers")
    return known[name].text if name in known else ""


def section(body: str) -> Section:
    """Tell the example from the text."""
    lines = body.strip().splitlines()
    example = next((line.removeprefix(EXAMPLE) for line in lines if line.startswith(EXAMPLE)), "")
    return Section("\n".join(line for line in lines if not line.startswith(EXAMPLE)), example)


@cache
def arguments() -> dict[str, str]:
    """Return what each argument does, by its name, or by `family.name` or `Class.name`."""
    lines = (HERE / "arguments.md").read_text("utf-8").splitlines()
    pairs = (line.partition(": ") for line in lines if ": " in line and not line.startswith("#"))
    return {name: words for name, _, words in pairs}


def argument(name: str, layer: str, family: str) -> str:
    """Return what an argument of a layer does."""
    known = arguments()
    return known.get(f"{layer}.{name}") or known.get(f"{family}.{name}") or known.get(name, "")
