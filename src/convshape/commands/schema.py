"""The command `schema`."""

from typing import Annotated

import typer


def schema(
    *,
    output: Annotated[bool, typer.Option("--output", help="The schema of what trace --format json writes.")] = False,
) -> None:
    """Print the JSON Schema of a description. For editors, and for whatever else writes descriptions."""
    from convshape.catalogue.schemas import of_description, of_output, text
    from convshape.terminal import answer

    answer(text(of_output() if output else of_description()))
