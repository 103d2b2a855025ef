"""The command `trace`."""

from typing import Annotated, Literal

import typer

from convshape.commands.parameters import Files, Fix, Ignore, Inputs, Net, Output, Settings, Train

TraceFormat = Annotated[
    Literal["table", "json", "csv", "markdown", "plain", "github", "sarif", "junit", "gitlab"],
    typer.Option("--format", help="How to write the answer; the last four write what is wrong alone."),
]
Columns = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="LIST",
        help="Which columns, by comma: name, layer, output, params, macs, input, weights, receptive-field, formula, "
        "memory.",
    ),
]
Depth = Annotated[
    int | None,
    typer.Option("--depth", min=1, metavar="N", help="Fold what is nested deeper than N into one row."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Run the real torch beside it, and compare.")]
Device = Annotated[str, typer.Option("--device", help="Where to run it: cpu, cuda, cuda:1, mps or meta.")]


def trace(  # noqa: PLR0913  # its options
    net: Net,
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    format: TraceFormat = "table",  # noqa: A002  # the word of the command line
    columns: Columns = None,
    depth: Depth = None,
    files: Files = None,
    ignore: Ignore = None,
    fix: Fix = False,
    output: Output = None,
    dry_run: DryRun = False,
    device: Device = "cpu",
) -> None:
    """Show what every layer does to the shape. A row for each: output, parameters, multiply-accumulates (MACs)."""
    from convshape.advice import known_codes
    from convshape.asked import Asked
    from convshape.progress import Progress
    from convshape.render import rendered
    from convshape.report.columns import choose
    from convshape.terminal import answer, note, screen, warn

    chosen, ignored = choose(columns), known_codes(ignore or ())
    with Progress():
        asked = Asked(net, inputs, settings, train=train, files=files)
        result, done = asked.fixed(output) if fix or output else (asked.trace(), [])
        asked.note_other_sizes(result)
        live = asked.rehearsed(result, device) if dry_run else None
        text, warnings = rendered(result, format, chosen, depth, screen(), live, ignored)
    answer(text)
    warn(warnings)
    for words in done:
        note(words, "fixed")
    if error := result.error or (live.verdict if live else None):
        raise error
