"""The command `check`."""

from typing import Annotated, Literal

import typer

from convshape.commands.parameters import Fix, Ignore, Inputs, Output, Settings, Train

CheckFormat = Annotated[
    Literal["text", "json", "github", "sarif", "junit", "gitlab"] | None,
    typer.Option("--format", help="How to write the answer; in GitHub Actions it is github unless you say otherwise."),
]
Nets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[NET]...", show_default=False, help="Files, folders and globs; without any, those of [tool.convshape]."
    ),
]


def check(  # noqa: PLR0913  # its options
    nets: Nets = None,
    inputs: Inputs = None,
    settings: Settings = None,
    *,
    train: Train = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Run the real torch, too, at the smallest sizes.")] = False,
    ignore: Ignore = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail the check.")] = False,
    fix: Fix = False,
    output: Output = None,
    jobs: Annotated[int | None, typer.Option("-j", "--jobs", min=1, metavar="N", help="How many processes.")] = None,
    format: CheckFormat = None,  # noqa: A002  # the word of the command line
) -> None:
    """Hold networks to expectations, locks and budgets. For CI: all problems of all files, and an exit code."""
    from convshape.checking import Options, checked
    from convshape.problem import exit_code, summary
    from convshape.render import of_problems
    from convshape.terminal import answer, in_actions, note, screen

    options = Options(
        tuple(inputs or ()), tuple(settings or ()), train, strict, dry_run, fix, output, tuple(ignore or ())
    )
    reports = checked(nets or (), options, jobs)
    style = format or ("github" if in_actions() else "text")
    answer(of_problems(reports, style, screen()))
    for words in (words for report in reports for words in report.fixed):
        note(words, "fixed")
    if style != "text":
        note(summary(reports), "convshape")
    raise typer.Exit(exit_code(reports))
