"""The command `explain`."""

from typing import Annotated

import typer

from convshape.commands.parameters import Files, Inputs, Settings, Train
from convshape.completion import explained_names


def explain(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="WHAT [NET]",
            autocompletion=explained_names,
            show_default=False,
            help="A layer (Conv1d), a code (features), an error of torch or - for a traceback on standard input, with "
            "or without its NET; a NET, or a NET and the name of a step.",
        ),
    ],
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    files: Files = None,
) -> None:
    """Explain a layer, an error, a code, a network or a step. Every number in it is said."""
    from convshape.asked import Options
    from convshape.explain import explain as explained
    from convshape.render.prose import text
    from convshape.terminal import answer, screen

    found = explained(what, Options(inputs, settings, train=train, files=files))
    answer(text(found.blocks, screen()))
    if found.error:
        raise found.error
