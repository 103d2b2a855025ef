"""The command `linear-in`."""

from typing import Annotated

import typer

from convshape.commands.parameters import Files, Inputs, Net, Settings, Train
from convshape.completion import linear_names


def linear_in(  # noqa: PLR0913  # its options
    net: Net,
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="NAME", help="The Linear of this name.", autocompletion=linear_names),
    ] = None,
    files: Files = None,
    every: Annotated[bool, typer.Option("--all", help="Every Linear: a line with its name and its number.")] = False,
) -> None:
    """Print the in_features that the first Linear needs. Without a Linear: the flattened size of a sample."""
    from convshape.asked import Asked, linears
    from convshape.progress import Progress
    from convshape.terminal import answer, note

    with Progress():
        result = Asked(net, inputs, settings, train=train, files=files).filled()
    answer("".join(f"{line}\n" for line in linears(result, at, every=every)))
    for words in result.notes:
        note(words)
