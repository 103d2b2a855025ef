"""The commands, one short function in a module of its own: only the one that is asked for is imported.

Each imports in its body what its work needs, so that `--help` and a mistyped option answer at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("trace", "linear-in", "check", "lock", "diff", "explain", "sizes", "solve", "emit", "layers", "schema")


class Commands(TyperGroup):
    """A group that knows the names of its commands, and makes a command when it is asked for."""

    def __init__(self, **settings: Any) -> None:
        """Give the group the names, among which it looks for what a mistyped one may mean."""
        super().__init__(**settings | {"commands": dict.fromkeys(NAMES)})

    def list_commands(self, ctx: Any) -> Sequence[str]:  # type: ignore[override]  # noqa: ARG002
        """Return the names in the order in which the help shows them."""
        return NAMES

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return the command of a name, or None."""
        return made(cmd_name) if cmd_name in NAMES else None


def made(name: str) -> Any:
    """Make the command of a name from the function that its module holds."""
    word = name.replace("-", "_")
    function = getattr(import_module(f"convshape.commands.{word}"), word)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    alone.command(name)(function)
    return get_command(alone)
