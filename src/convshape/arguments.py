"""Arguments: how a call is matched to the names it may use, and what is wrong with it, in Python's words."""

from __future__ import annotations

from typing import Any

from convshape.faults import Fault, require

UNKNOWN_ARGUMENT = Fault(
    "unknown-argument",
    "has no argument {name:short}",
    "TypeError: {owner}.{method}() got an unexpected keyword argument '{name}'",
)
MISSING_ARGUMENT = Fault(
    "missing-argument",
    "needs the argument {name}",
    "TypeError: {owner}.{method}() missing 1 required positional argument: '{name}'",
)
TOO_MANY_ARGUMENTS = Fault(
    "too-many-arguments",
    "takes {most} arguments, got {got}",
    "TypeError: {owner}.{method}() takes {most} positional arguments but {got} were given",
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


def match(  # noqa: PLR0913, PLR0917  # the parts of a call
    owner: str,
    method: str,
    names: tuple[str, ...],
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
    positional: int | None = None,
) -> dict[str, Any]:
    """Match arguments to names as Python does.

    Raises Refusal with Python's words when they do not fit.
    """
    for name in keywords:
        require(name in names, UNKNOWN_ARGUMENT, name, name=name, owner=owner, method=method, names=names)
        require(name not in names[: len(arguments)], REPEATED_ARGUMENT, name, name=name, owner=owner, method=method)
    most = len(names) if positional is None else positional
    require(
        len(arguments) <= most,
        TOO_MANY_ARGUMENTS,
        most=most + 1,
        got=len(arguments) + 1,
        owner=owner,
        method=method,
    )
    return dict(zip(names, arguments, strict=False), **keywords)
