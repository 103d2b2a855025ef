"""The command `layers`."""

from typing import Annotated

import typer

from convshape.completion import layer_names


def layers(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", show_default=False, help="One layer.", autocompletion=layer_names),
    ] = None,
) -> None:
    """List the supported layers, or show one. With a name: what the layer does and what it takes."""
    from convshape.catalogue import listing, page
    from convshape.terminal import answer

    answer(page(name) if name else listing())
