"""The command `diff`."""

from typing import Annotated, Literal

import typer

from convshape.commands.parameters import Inputs, Settings, Train

DiffFormat = Annotated[Literal["table", "markdown", "json"], typer.Option("--format", help="How to write the answer.")]
SIDE = "A file, its lock, a revision of git such as net.yaml@main, or a description."


def diff(  # noqa: PLR0913  # its options
    before: Annotated[str, typer.Argument(metavar="A", show_default=False, help=SIDE)],
    after: Annotated[str, typer.Argument(metavar="B", show_default=False, help="The same, after.")],
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    every: Annotated[bool, typer.Option("--all", help="Show the layers that are the same, too.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 where the two differ.")] = False,
    format: DiffFormat = "table",  # noqa: A002  # the word of the command line
) -> None:
    """Compare two networks. Layers, shapes, parameters, MACs and memory before and after."""
    from convshape.checking import Options
    from convshape.comparing import compare
    from convshape.render.difference import render
    from convshape.terminal import answer, screen

    found = compare(before, after, Options(tuple(inputs or ()), tuple(settings or ()), train))
    answer(render(found, format, screen(), every=every))
    raise typer.Exit(int(exit_code and bool(found)))
