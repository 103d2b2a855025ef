"""The command line: the options before a command, the commands, and how each ends.

Standard output carries the answer alone. Exit codes: 0 fine; 1 the network is wrong; 2 it cannot be read.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from convshape.commands import Commands
from convshape.faults import ConvshapeError

app = typer.Typer(
    cls=Commands,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def version(show: bool) -> None:  # noqa: FBT001  # typer calls it so
    """Print the version and stop."""
    if show:
        from convshape import __version__
        from convshape.terminal import answer

        answer(f"convshape {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Say what every layer of a PyTorch network does to the shape of its input, without importing torch."""


def run() -> int:
    """Run the command line; whatever a user can cause ends in a message and a code, never in a traceback."""
    try:
        return command()
    except Exception as error:  # noqa: BLE001  # the last resort: a sentence in place of a traceback
        from convshape.terminal import crash

        crash(error)
        return 2


def command() -> int:
    """Run a command and return its exit code."""
    try:
        from convshape.limits import start_clock  # a limit in the environment that is none is an error like any other

        start_clock()
        app(prog_name="convshape")
    except ConvshapeError as error:
        from convshape.terminal import complain

        complain(error)
        return error.exit_code
    except OSError as error:  # the help text has nowhere to go
        from convshape.terminal import given_up

        return given_up(error, sys.stdout)
    return 0
