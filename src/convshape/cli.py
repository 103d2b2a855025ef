"""The command line: one short function for each command. What a command needs is imported in its body, to start fast.

Standard output carries the answer alone. Exit codes: 0 fine; 1 the network is wrong; 2 it cannot be read.
"""

from __future__ import annotations

import sys
from typing import Annotated, Literal, Optional

import typer

from convshape.completion import layer_names, linear_names
from convshape.faults import ConvshapeError

app = typer.Typer(
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Net = Annotated[
    str,
    typer.Argument(
        metavar="NET",
        show_default=False,
        help="A YAML file, - for standard input, or a description: 'Conv1d(1, 16, 8) -> ReLU() -> Flatten()'.",
    ),
]
Inputs = Annotated[
    Optional[list[str]],  # noqa: UP045  # typer reads it on Python 3.10
    typer.Option(
        "-i", "--input", metavar="SHAPE", help="32,1,556 or N,1,L or x=N,3,32,32 or ids=N,16:int64; may be repeated."
    ),
]
Settings = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--set", metavar="NAME=VALUE", help="Give a variable or a letter another value; may be repeated."),
]
Train = Annotated[bool, typer.Option("--train", help="Trace in training mode; the default is eval.")]
TraceFormat = Annotated[
    Literal["table", "json", "csv", "markdown", "plain", "github", "sarif", "junit", "gitlab"],
    typer.Option("--format", help="How to write the answer; the last four write what is wrong alone."),
]
Style = Annotated[
    Literal["table", "json", "csv", "markdown", "plain"], typer.Option("--format", help="How to write the answer.")
]
CheckFormat = Annotated[
    Optional[Literal["text", "json", "github", "sarif", "junit", "gitlab"]],  # noqa: UP045
    typer.Option("--format", help="How to write the answer; in GitHub Actions it is github unless you say otherwise."),
]
DiffFormat = Annotated[Literal["table", "markdown", "json"], typer.Option("--format", help="How to write the answer.")]
Nets = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Argument(
        metavar="[NET]...", show_default=False, help="Files, folders and globs; without any, those of [tool.convshape]."
    ),
]
SIDE = "A file, its lock, a revision of git such as net.yaml@main, or a description."
Columns = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--columns",
        metavar="LIST",
        help="Which columns, by comma: name, layer, output, params, macs, input, weights, receptive-field, formula, "
        "memory.",
    ),
]
Depth = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--depth", min=1, metavar="N", help="Fold what is nested deeper than N into one row."),
]
Ignore = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--ignore", metavar="CODE", help="Do not look for this warning; may be repeated."),
]
Fix = Annotated[bool, typer.Option("--fix", help="Write the best repair of each fault into the file.")]
Output = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--output", metavar="FILE", help="Write the repaired description to a file of its own instead."),
]


Files = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option("--layers", metavar="FILE", help="A Python file that declares layers of your own; may be repeated."),
]


DryRun = Annotated[bool, typer.Option("--dry-run", help="Run the real torch beside it, and compare.")]
Device = Annotated[str, typer.Option("--device", help="Where to run it: cpu, cuda, cuda:1, mps or meta.")]


def finish(error: ConvshapeError | None) -> None:
    """End a command with an error, where there is one, after its answer was written."""
    if error:
        raise error


def version(show: bool) -> None:  # noqa: FBT001  # typer calls it so
    """Print the version and stop."""
    if show:
        from convshape import __version__
        from convshape.terminal import answer

        answer(f"convshape {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Say what every layer of a PyTorch network does to the shape of its input, without importing torch."""


@app.command()
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
    from convshape.columns import choose
    from convshape.options import fixed, rehearsed, traced
    from convshape.progress import Progress
    from convshape.render import rendered
    from convshape.terminal import answer, note, screen, warn

    ignored = known_codes(ignore or ())
    chosen = choose(columns)
    done: list[str] = []
    with Progress():
        if fix or output:
            result, done = fixed(net, inputs, settings, train=train, output=output)
        else:
            result = traced(net, inputs, settings, train=train, files=files)
        live = rehearsed(result, inputs, settings, train=train, device=device, files=files) if dry_run else None
        text, warnings = rendered(result, format, chosen, depth, screen(), live, ignored)
    answer(text)
    warn(warnings)
    for words in done:
        note(words, "fixed")
    finish(result.error or (live.verdict if live else None))


@app.command("linear-in")
def linear_in(  # noqa: PLR0913  # its options
    net: Net,
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    at: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--at", metavar="NAME", help="The Linear of this name.", autocompletion=linear_names),
    ] = None,
    files: Files = None,
    every: Annotated[bool, typer.Option("--all", help="Every Linear: a line with its name and its number.")] = False,
) -> None:
    """Print the in_features that the first Linear needs. Without a Linear: the flattened size of a sample."""
    from convshape.options import linears, traced
    from convshape.progress import Progress
    from convshape.terminal import answer, note

    with Progress():
        result = traced(net, inputs, settings, train=train, files=files, fill=True)
    answer("".join(f"{line}\n" for line in linears(result, at, every=every)))
    for words in result.notes:
        note(words)


@app.command()
def check(  # noqa: PLR0913  # its options
    nets: Nets = None,
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Run the real torch, too, at the smallest sizes.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail the check.")] = False,
    jobs: Annotated[Optional[int], typer.Option("-j", "--jobs", min=1, metavar="N", help="How many processes.")] = None,  # noqa: UP045
    format: CheckFormat = None,  # noqa: A002  # the word of the command line
) -> None:
    """Hold networks to what they expect, to their locks and to the budgets of [tool.convshape]. For CI."""
    from convshape.checking import Options, checked
    from convshape.problem import exit_code, summary
    from convshape.render import of_problems
    from convshape.terminal import answer, in_actions, note, screen

    options = Options(tuple(inputs or ()), tuple(settings or ()), train, strict, dry_run)
    reports = checked(nets or (), options, jobs)
    style = format or ("github" if in_actions() else "text")
    answer(of_problems(reports, style, screen()))
    if style != "text":
        note(summary(reports), "convshape")
    raise typer.Exit(exit_code(reports))


@app.command()
def lock(
    nets: Annotated[list[str], typer.Argument(metavar="NET...", show_default=False, help="Files, folders and globs.")],
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    update: Annotated[bool, typer.Option("--update", help="Accept what has changed.")] = False,
) -> None:
    """Write net.shapes.lock beside each network: a line for each layer, which `check` holds it to."""
    from convshape.checking import Options
    from convshape.locking import lock as written
    from convshape.problem import exit_code
    from convshape.render import of_problems
    from convshape.terminal import answer, note, screen

    options = Options(tuple(inputs or ()), tuple(settings or ()), train)
    reports, done = written(nets, options, update=update)
    answer("".join(f"{words}\n" for words in done) or of_problems(reports, "text", screen()))
    if not done:
        note("no lock was written")
    raise typer.Exit(exit_code(reports))


@app.command()
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
    """Compare two networks: layers, shapes, parameters, MACs and memory before and after."""
    from convshape.checking import Options
    from convshape.comparing import compare
    from convshape.render.difference import render
    from convshape.terminal import answer, screen

    found = compare(before, after, Options(tuple(inputs or ()), tuple(settings or ()), train))
    answer(render(found, format, screen(), every=every))
    raise typer.Exit(int(exit_code and bool(found)))


@app.command()
def explain(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="WHAT [NET]",
            autocompletion=layer_names,
            show_default=False,
            help="A layer (Conv1d), a fault code (features), an error of torch or - for a traceback on standard input, "
            "with or without its NET; a NET, or a NET and the name of a step.",
        ),
    ],
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
) -> None:
    """Explain a layer, an error of torch, a fault code, a network, or one of its steps, with every number in it."""
    from convshape.explain import Options
    from convshape.explain import explain as explained
    from convshape.render.prose import text
    from convshape.terminal import answer, screen

    answer(text(list(explained(what, Options(inputs, settings, train=train))), screen()))


@app.command()
def sizes(  # noqa: PLR0913  # its options
    net: Net,
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    format: Style = "table",  # noqa: A002
    free: Annotated[
        str, typer.Option("--free", metavar="LIST", help="Numbers of the input to ask about: H,W or N,L or all.")
    ] = "",
    at: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--at", metavar="SIZES", help="Do these work? H=500,W=640. Exit code 0 is yes, 1 is no."),
    ] = None,
    dataset: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option("--dataset", min=1, metavar="N", help="Do all batches of so many samples work? With --batch."),
    ] = None,
    batch: Annotated[int, typer.Option("--batch", min=1, metavar="N", help="The samples of a batch.")] = 1,
    drop_last: Annotated[bool, typer.Option("--drop-last", help="The last, smaller batch is left out.")] = False,
    memory: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--memory", metavar="SIZE", help="The largest N that fits: 8GiB, 512MiB."),
    ] = None,
    optimizer: Annotated[
        Literal["sgd", "adam", "adamw"], typer.Option("--optimizer", help="Whose state the memory holds in training.")
    ] = "adam",
    momentum: Annotated[bool, typer.Option("--momentum", help="SGD keeps a momentum.")] = False,
    dtype: Annotated[
        Literal["float32", "bfloat16", "float16", "float64"], typer.Option("--dtype", help="What numbers are kept in.")
    ] = "float32",
) -> None:
    """Say which input sizes work, exactly, and the layer behind each limit. --at, --dataset, --memory ask for more."""
    from convshape.ask import Loader, Question, works
    from convshape.render.answer import rendered
    from convshape.terminal import answer, screen

    budget = None
    if memory is not None:
        from convshape.memory import Budget

        budget = Budget.read(memory, optimizer, dtype, momentum=momentum)
    loader = Loader(dataset, batch, drop_last) if dataset is not None else None
    found = works(Question(net, inputs, settings, free, train), at, loader, budget)
    answer(rendered(found, format, screen()))
    if not found.works:
        raise typer.Exit(1)


@app.command()
def solve(  # noqa: PLR0913  # its options
    net: Net,
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    format: Style = "table",  # noqa: A002
    output: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--output", metavar="SHAPE", help="The output that is wanted: 1,16,278 or N,10."),
    ] = None,
    vary: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--vary", metavar="NAME=VALUES", help="What to try: k=1..9, s=1,2,3, c=16..256..16; repeatable."),
    ] = None,
    want: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--want", metavar="CONDITION", help="'params < 1e6', 'linear_in <= 4096', 'macs minimal', ..."),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=0, metavar="N", help="How many to show; 0 is all.")] = 20,
    mirror: Annotated[bool, typer.Option("--mirror", help="Write the decoder that undoes an encoder.")] = False,
) -> None:
    """Find the numbers that give a wanted output: every ? of a network, and variables that --vary."""
    from convshape.finding import Wish, solved
    from convshape.render.answer import rendered
    from convshape.terminal import answer, screen

    found = solved(Wish(net, inputs, settings, output, vary, want, top, train), mirror=mirror)
    answer(found if isinstance(found, str) else rendered(found, format, screen()))
    if not isinstance(found, str) and not found.works:
        raise typer.Exit(1)


@app.command()
def emit(  # noqa: PLR0913  # its options
    net: Net,
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    sequential: Annotated[bool, typer.Option("--sequential", help="Write one nn.Sequential.")] = False,
    lazy: Annotated[bool, typer.Option("--lazy", help="Leave what was `_` to torch's Lazy classes.")] = False,
) -> None:
    """Write the PyTorch module, every number filled in: names as attributes, shapes as comments."""
    from convshape.options import traced
    from convshape.progress import Progress
    from convshape.render.torch_code import module_code, sequential_code
    from convshape.terminal import answer

    with Progress():
        result = traced(net, inputs, settings, train=train)
        text = (sequential_code if sequential else module_code)(result, lazy=lazy)
    answer(text)


@app.command()
def layers(
    name: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(metavar="[NAME]", show_default=False, help="One layer.", autocompletion=layer_names),
    ] = None,
) -> None:
    """List the supported layers, or show one. With a name: what the layer does and what it takes."""
    from convshape.catalogue import listing, page
    from convshape.terminal import answer

    answer(page(name) if name else listing())


@app.command()
def schema(
    *,
    output: Annotated[bool, typer.Option("--output", help="The schema of what trace --format json writes.")] = False,
) -> None:
    """Print the JSON Schema of a description: for editors, and for whatever else writes descriptions."""
    from convshape.schemas import of_description, of_output, text
    from convshape.terminal import answer

    answer(text(of_output() if output else of_description()))


def run() -> int:
    """Run the command line; whatever a user can cause ends in a message and a code, never in a traceback."""
    try:
        return command()
    except Exception as error:  # noqa: BLE001  # the last resort: a sentence in place of a traceback
        from convshape.terminal import crash

        crash(error)
        return 2


def command() -> int:
    """Run a command and return its exit code."""
    try:
        from convshape.limits import start_clock  # a limit in the environment that is none is an error like any other

        start_clock()
        app(prog_name="convshape")
    except ConvshapeError as error:
        from convshape.terminal import complain

        complain(error)
        return error.exit_code
    except OSError as error:  # the help text has nowhere to go
        from convshape.terminal import given_up

        return given_up(error, sys.stdout)
    return 0
