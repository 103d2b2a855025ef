"""Config: [tool.convshape] of pyproject.toml, or convshape.toml, found upwards from a network.

    nets = ["nets/*.yaml"]                       # what `convshape check` checks without arguments
    silence = ["assumed-input"]                  # warnings that are not shown
    strict = true                                # warnings fail a check

    [tool.convshape.inputs]                      # the inputs of networks that match
    "nets/*.yaml" = "N,3,224,224"

    [tool.convshape.budgets]                     # expectations of networks that match, as under `expect:`
    "nets/mobile/*.yaml" = { params = "<= 5M", macs = "<= 300M*N" }

Globs are relative to the file, `**` crosses folders. Source of the format: https://toml.io.
"""

from __future__ import annotations

import os
import re
import sys
from functools import lru_cache
from typing import Any, NamedTuple

from convshape import limits
from convshape.faults import ReadError
from convshape.network import Items, Literal, Node, Pairs
from convshape.source import Source, Span
from convshape.suggest import clipped, did_you_mean

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

KEYS: dict[str, type] = {"nets": list, "silence": list, "strict": bool, "inputs": dict, "budgets": dict}
"""What a configuration can say, and as what."""
WORDS = {list: "a list of texts", bool: "true or false", dict: "a table with a glob for each key"}
NAMES = ("convshape.toml", "pyproject.toml")
"""The files, the first before the second in the same folder."""


class Budget(NamedTuple):
    """Expectations that a configuration has of a network, and where they stand."""

    expect: dict[str, Node]
    source: Source


class Rules(NamedTuple):
    """What a configuration says of one network."""

    inputs: tuple[str, ...] = ()
    budgets: tuple[Budget, ...] = ()
    silenced: frozenset[str] = frozenset()
    strict: bool = False


class Config(NamedTuple):
    """A configuration as it was read, and the folder that its globs are relative to."""

    folder: str
    source: Source
    table: dict[str, Any]

    def rules(self, net: str) -> Rules:
        """Return what is said of a network: the inputs of the last glob that matches, the budgets of all."""
        inputs: tuple[str, ...] = ()
        for pattern, given in self.table.get("inputs", {}).items():
            inputs = as_texts(given) if self.matches(pattern, net) else inputs
        budgets = tuple(
            Budget({key: self.node(value, pattern, key) for key, value in expect.items()}, self.source)
            for pattern, expect in self.table.get("budgets", {}).items()
            if self.matches(pattern, net)
        )
        return Rules(inputs, budgets, frozenset(self.table.get("silence", ())), self.table.get("strict", False))

    def matches(self, pattern: str, net: str) -> bool:
        """Tell whether a glob of this configuration means a network."""
        path = os.path.relpath(net, self.folder).replace(os.sep, "/")
        return glob_pattern(pattern).fullmatch(path) is not None

    def node(self, value: Any, *keys: str) -> Node:
        """Return a value as an expectation has it, at the place where its keys stand."""
        span = self.span(*keys)
        if isinstance(value, dict):
            return Pairs(span, tuple((Literal(span, key), self.node(part, *keys, key)) for key, part in value.items()))
        if isinstance(value, list):
            return Items(span, "list", tuple(self.node(part, *keys) for part in value))
        return Literal(span, str(value))

    def span(self, *keys: str) -> Span:
        """Find where keys stand, one after the other: TOML's reader does not say."""
        start, end = 0, 0
        for key in keys:
            word = re.compile(rf"(?<![\w-]){re.escape(key)}(?![\w-])")
            found = word.search(self.source.text, end)
            start, end = found.span() if found else (start, end)
        return Span(start, end)


def as_texts(value: Any) -> tuple[str, ...]:
    """Return inputs as the command line has them: one text, several, or a table by name."""
    if isinstance(value, dict):
        return tuple(f"{name}={shape}" for name, shape in value.items())
    return (value,) if isinstance(value, str) else tuple(value)


@lru_cache(maxsize=256)
def glob_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a glob: `*` and `?` stay within a folder, `**/` crosses any number of them."""
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    found = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.removeprefix("./"))
    return re.compile("".join(pieces.get(piece, re.escape(piece)) for piece in found))


def home(net: str) -> str:
    """Return the folder from which the configuration of a network is looked for upwards: its own, or this one."""
    return os.path.abspath(os.path.dirname(net) if os.path.isfile(net) else ".")  # noqa: PTH100, PTH113, PTH120


def nearest(folder: str) -> Config | None:
    """Look for a configuration in a folder and in those above it.

    Raises ReadError where it cannot be read.
    """
    for name in NAMES:
        path = os.path.join(folder, name)  # noqa: PTH118
        config = read_config(path) if os.path.isfile(path) else None  # noqa: PTH113
        if config is not None:
            return config
    above = os.path.dirname(folder)  # noqa: PTH120
    return nearest(above) if above != folder else None


def read_config(path: str) -> Config | None:
    """Read a file; a pyproject.toml without [tool.convshape] is none.

    Raises ReadError.
    """
    from convshape.read import decode, file_bytes

    name = os.path.relpath(path).replace(os.sep, "/")
    folder, file = os.path.split(path)
    return configuration(Source(name, decode(name, file_bytes(path))), folder, whole=file != "pyproject.toml")


def configuration(source: Source, folder: str, *, whole: bool) -> Config | None:
    """Read a table of TOML: the `whole` text, or [tool.convshape] in it; None where there is none.

    Raises ReadError.
    """
    try:
        table: Any = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise ReadError("toml", f"{source.name} cannot be read as TOML: {error}", source) from None
    except RecursionError:
        raise limits.too_deep(source) from None
    if not whole:
        tool = table.get("tool", {})
        table = tool.get("convshape") if isinstance(tool, dict) else None
    if table is None:
        return None
    config = Config(folder, source, table)
    if not isinstance(table, dict):
        raise fail(config, "[tool.convshape] is a table", "convshape")
    verify(config)
    return config


def verify(config: Config) -> None:
    """Refuse a key that is not known, and a value that its key does not take."""
    for key, value in config.table.items():
        if key not in KEYS:
            near = did_you_mean(key, KEYS) if key != "tool" else "; [tool.convshape] belongs into pyproject.toml alone"
            raise fail(config, f"a configuration has no key {clipped(key)}{near}", key)
        texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if not isinstance(value, KEYS[key]) or (isinstance(value, list) and not texts):
            raise fail(config, f"{key} is {WORDS[KEYS[key]]}", key)
    for code in config.table.get("silence", ()):
        silencable(config, code)
    for pattern, given in config.table.get("inputs", {}).items():
        parts = given.values() if isinstance(given, dict) else given if isinstance(given, list) else [given]
        if not all(isinstance(part, str) for part in parts):
            raise fail(config, 'an input is "N,3,32,32", a list of these, or a table by name', "inputs", pattern)
    for pattern, expect in config.table.get("budgets", {}).items():
        if not isinstance(expect, dict):
            raise fail(config, 'a budget is a table: { params = "<= 5M" }', "budgets", pattern)


def silencable(config: Config, code: str) -> None:
    """Refuse to silence what is no warning."""
    from convshape.advice import known_codes
    from convshape.checking import WARNINGS

    try:
        known_codes((code,), WARNINGS)
    except ReadError as error:
        raise fail(config, error.message, "silence", code) from None


def fail(config: Config, words: str, *keys: str) -> ReadError:
    """Make an error that points at a key."""
    return ReadError("configuration", words, config.source, config.span(*keys))
