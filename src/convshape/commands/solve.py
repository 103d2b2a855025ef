"""The command `solve`."""

from typing import Annotated

import typer

from convshape.commands.parameters import Files, Inputs, Net, Settings, Style, Train


def solve(  # noqa: PLR0913  # its options
    net: Net,
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    files: Files = None,
    format: Style = "table",  # noqa: A002
    output: Annotated[
        str | None,
        typer.Option("--output", metavar="SHAPE", help="The output that is wanted: 1,16,278 or N,10."),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option("--vary", metavar="NAME=VALUES", help="What to try: k=1..9, s=1,2,3, c=16..256..16; repeatable."),
    ] = None,
    want: Annotated[
        list[str] | None,
        typer.Option("--want", metavar="CONDITION", help="'params < 1e6', 'linear_in <= 4096', 'macs minimal', ..."),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=0, metavar="N", help="How many to show; 0 is all.")] = 20,
    mirror: Annotated[bool, typer.Option("--mirror", help="Write the decoder that undoes an encoder.")] = False,
) -> None:
    """Find the numbers that give a wanted output. For every ? of a network, and variables that --vary."""
    from convshape.asked import Asked
    from convshape.render.answer import csv_line, rendered
    from convshape.searching.finding import Wish, solved
    from convshape.terminal import answer, screen

    wish = Wish(Asked(net, inputs, settings, train=train, files=files), output, vary, want, top)
    each = (lambda cells: answer(csv_line(cells))) if format == "csv" else None
    found = solved(wish, mirror=mirror, each=each)
    if isinstance(found, str) or not (each and found.rows):
        answer(found if isinstance(found, str) else rendered(found, format, screen()))
    if not isinstance(found, str) and not found.works:
        raise typer.Exit(130 if found.stopped else 1)
