"""Arguments: how a call is matched to the names it may use, and what is wrong with it, in Python's words."""

from __future__ import annotations

from typing import Any, NamedTuple

from convshape.faults import Fault, Refusal, require

UNKNOWN_ARGUMENT = Fault(
    "unknown-argument",
    "has no argument {name:short}",
    "TypeError: {owner}.{method}() got an unexpected keyword argument '{name}'",
)
MISSING_ARGUMENT = Fault(
    "missing-argument",
    "needs {names}",
    "TypeError: {owner}.{method}() missing {count} required positional {arguments}: {names}",
)
TOO_MANY_ARGUMENTS = Fault(
    "too-many-arguments",
    "takes {most} arguments, got {got}",
    "TypeError: {owner}.{method}() takes {most} positional {arguments} but {got} were given",
)
REPEATED_ARGUMENT = Fault(
    "repeated-argument",
    "got the argument {name} twice",
    "TypeError: {owner}.{method}() got multiple values for argument '{name}'",
)
ARGUMENT_TYPE = Fault(
    "argument-type",
    "{name} takes {phrase}, got {value:repr}",
    "TypeError: {owner}.{method}(): argument '{name}' must be {phrase}, not {type}",
)


class Signature(NamedTuple):
    """What a call may say: who is called, the names in their order, how many go by place, and which must be there."""

    owner: str
    method: str
    names: tuple[str, ...]
    most: int
    needed: tuple[str, ...] = ()
    python: bool = True  # and not a function in C, which counts its arguments otherwise


def match(called: Signature, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, Any]:
    """Match arguments to names as Python does.

    Raises Refusal with Python's words when they do not fit.
    """
    owner, method, names, most, needed, _ = called
    for name in keywords:
        require(name in names, UNKNOWN_ARGUMENT, name, name=name, owner=owner, method=method, names=names)
        placed = names[: min(len(arguments), most)]
        require(name not in placed, REPEATED_ARGUMENT, name, name=name, owner=owner, method=method)
    if len(arguments) > most:
        raise too_many(called, len(arguments), sum(name in names[most:] for name in keywords))
    given = dict(zip(names, arguments, strict=False), **keywords)
    missing = [name for name in needed if name not in given]
    if missing:
        raise lacking(owner, method, missing)
    return given


def lacking(owner: str, method: str, names: list[str]) -> Refusal:
    """Say which arguments a call lacks."""
    told = {"names": listed(names), "count": len(names), "arguments": plural(len(names))}
    return Refusal(MISSING_ARGUMENT, names[0], {"owner": owner, "method": method, **told})


def too_many(called: Signature, got: int, named: int) -> Refusal:
    """Say how many arguments a call takes by place; Python counts `self`, and what goes by name only."""
    most = called.most + 1
    least = len(called.needed) + 1 if called.python else most
    span = f"from {least} to {most}" if least < most else str(most)
    given = f"{got + 1} positional arguments (and {named} keyword-only {plural(named)})" if named else got + 1
    told = {"most": span, "got": given, "arguments": plural(1 if span == "1" else 2)}
    return Refusal(TOO_MANY_ARGUMENTS, "", {"owner": called.owner, "method": called.method, **told})


def plural(count: int) -> str:
    """Write what is counted."""
    return "argument" if count == 1 else "arguments"


def listed(names: list[str]) -> str:
    """Write names as Python does: 'a', 'b', and 'c'."""
    *before, last = map(repr, names)
    comma = "," if len(before) > 1 else ""
    return f"{', '.join(before)}{comma} and {last}" if before else last
