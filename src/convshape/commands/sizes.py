"""The command `sizes`."""

from typing import Annotated, Literal

import typer

from convshape.commands.parameters import Files, Inputs, Net, Settings, Style, Train

Free = Annotated[
    str, typer.Option("--free", metavar="LIST", help="Numbers of the input to ask about: H,W or N,L or all.")
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="SIZES", help="Do these work? H=500,W=640. Exit code 0 is yes, 1 is no."),
]
Dataset = Annotated[
    int | None,
    typer.Option("--dataset", min=1, metavar="N", help="Do all batches of so many samples work? With --batch."),
]
Batch = Annotated[int | None, typer.Option("--batch", min=1, metavar="N", help="The samples of a batch.")]
DropLast = Annotated[bool, typer.Option("--drop-last", help="The last, smaller batch is left out.")]
Memory = Annotated[
    str | None,
    typer.Option("--memory", metavar="SIZE", help="The largest N that fits: 8GiB, 512MiB."),
]
Optimizer = Annotated[
    Literal["sgd", "adam", "adamw"] | None,
    typer.Option("--optimizer", help="Whose state the memory holds in training; adam unless you say otherwise."),
]
Momentum = Annotated[bool, typer.Option("--momentum", help="SGD keeps a momentum.")]
Dtype = Annotated[
    Literal["float32", "bfloat16", "float16", "float64"] | None,
    typer.Option("--dtype", help="What numbers are kept in; float32 unless you say otherwise."),
]


def sizes(  # noqa: PLR0913  # its options
    net: Net,
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    files: Files = None,
    format: Style = "table",  # noqa: A002
    free: Free = "",
    at: At = None,
    dataset: Dataset = None,
    batch: Batch = None,
    drop_last: DropLast = False,
    memory: Memory = None,
    optimizer: Optimizer = None,
    momentum: Momentum = False,
    dtype: Dtype = None,
) -> None:
    """Say exactly which input sizes work, and which layer says so. --at, --dataset, --memory ask for more."""
    from convshape.asked import Asked
    from convshape.render.answer import rendered
    from convshape.sizing.ask import Loader, Question, Store, works
    from convshape.terminal import answer, screen

    question = Question(Asked(net, inputs, settings, train=train, files=files), free)
    found = works(question, at, Loader(dataset, batch, drop_last), Store(memory, optimizer, momentum, dtype))
    answer(rendered(found, format, screen()))
    if not found.works:
        raise typer.Exit(1)
