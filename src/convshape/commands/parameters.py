"""The arguments and options that several commands take."""

from typing import Annotated, Literal

import typer

Net = Annotated[
    str,
    typer.Argument(
        metavar="NET",
        show_default=False,
        help="A YAML file, - for standard input, or a description: 'Conv1d(1, 16, 8) -> ReLU() -> Flatten()'.",
    ),
]
Inputs = Annotated[
    list[str] | None,  # typer reads it on Python 3.10
    typer.Option(
        "-i", "--input", metavar="SHAPE", help="32,1,556 or N,1,L or x=N,3,32,32 or ids=N,16:int64; may be repeated."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Give a variable or a letter another value; may be repeated."),
]
Train = Annotated[bool, typer.Option("--train", help="Trace in training mode; the default is eval.")]
Files = Annotated[
    list[str] | None,
    typer.Option("--layers", metavar="FILE", help="A Python file that declares layers of your own; may be repeated."),
]
Fix = Annotated[bool, typer.Option("--fix", help="Write the best repair of each fault into the file.")]
Output = Annotated[
    str | None,
    typer.Option("--output", metavar="FILE", help="Write the repaired description to a file of its own instead."),
]
Style = Annotated[
    Literal["table", "json", "csv", "markdown", "plain"], typer.Option("--format", help="How to write the answer.")
]
Ignore = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="CODE", help="Do not look for this warning; may be repeated."),
]
