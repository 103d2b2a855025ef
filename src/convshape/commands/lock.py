"""The command `lock`."""

from typing import Annotated

import typer

from convshape.commands.parameters import Inputs, Settings, Train


def lock(
    nets: Annotated[list[str], typer.Argument(metavar="NET...", show_default=False, help="Files, folders and globs.")],
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    update: Annotated[bool, typer.Option("--update", help="Accept what has changed.")] = False,
) -> None:
    """Write a lock beside each network. It has a line for each layer, and `check` holds the network to it."""
    from convshape.checking import Options
    from convshape.comparing.locking import lock as written
    from convshape.problem import exit_code
    from convshape.render import of_problems
    from convshape.terminal import answer, note, screen

    options = Options(tuple(inputs or ()), tuple(settings or ()), train)
    reports, done = written(nets, options, update=update)
    answer("".join(f"{words}\n" for words in done) or of_problems(reports, "text", screen()))
    if not done:
        note("no lock was written")
    raise typer.Exit(exit_code(reports))
