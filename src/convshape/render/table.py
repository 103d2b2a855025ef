"""The table a person looks at; the only file that imports rich."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convshape.render.diagnostic import printable
from convshape.report import shape_text
from convshape.report.columns import BY_NAME, LIVE, USUAL, shown, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import JustifyMethod

    from convshape.report import Report, Row
    from convshape.report.columns import Column
    from convshape.sizing.answer import Answer
    from convshape.terminal import Screen

WORKED_OUT = "bold cyan"
"""The style of a number that stood as `_`."""
WRONG = "bold red"
QUIET = "dim"
"""The style of what does not change, and of labels."""
WIDE = 100_000
"""The width of what has none."""
GAP = 2
LEFT_OUT = ("axes", "macs", "params", "time")
"""What is left out first, where there is no room for the usual columns."""
ROOM = {
    "name": 8, "layer": 20, "input": 14, "output": 14, "torch": 14, "macs": 14, "weights": 20, "receptive-field": 14,
    "formula": 24, "memory": 12,
}  # fmt: skip
"""The columns that may wrap, and how narrow they may become."""
WRAPPED = ("layer", "name", "macs")
"""The ones that wrap before another column is left out."""
LONGEST = 26
"""A count with symbols wraps from this width on."""


def render(report: Report, columns: Sequence[Column] | None, screen: Screen) -> str:
    """Draw the table, and the remarks under it; where it cannot fit, the rows stand as blocks."""
    chosen = list(columns or usual(report))
    lines = [*heads(report, chosen), *([cell(column, row) for column in chosen] for row in report.rows)]
    sums = [Text(total(column, report.rows), "bold") for column in chosen]
    sums[0] = sums[0] or Text(report.sum_title, "bold")
    widths = {column.name: natural(place, column, [*lines, sums]) for place, column in enumerate(chosen)}
    room = screen.width or WIDE
    if used(widths) > room and "macs" in widths:
        widths["macs"] = min(widths["macs"], LONGEST)
    left_out = [] if columns else narrow(widths, room)
    if used(least(widths)) > room:
        left_out = []
        body: list[Text | Table] = [*stacked(chosen, [*lines, sums])]
    else:
        kept = [place for place, column in enumerate(chosen) if column.name in widths]
        shown_lines = [picked(line, kept) for line in [*lines, sums]]
        body = [framed([chosen[place] for place in kept], shown_lines, widths, screen)]
    apart = [Text()] if report.trace.error else []  # a diagnostic follows
    return drawn([*body, *footnotes(report, chosen, left_out, screen), *apart], screen)


def picked(line: Sequence[Text], kept: Sequence[int]) -> list[Text]:
    """Return the cells that are shown."""
    return [line[place] for place in kept]


def usual(report: Report) -> list[Column]:
    """Return the usual columns, without the axes where none has a letter."""
    if report.rehearsal and report.rehearsal.result:
        return list(LIVE)
    return [column for column in USUAL if column.name != "axes" or any(report.letters)]


def heads(report: Report, columns: Sequence[Column]) -> list[list[Text]]:
    """Make the lines of the inputs."""
    lines = []
    for name, tensor in report.trace.inputs.items():
        dtype = "" if tensor.dtype == "float32" else str(tensor.dtype)
        letters = " ".join(report.known.get(id(tensor), ()))
        texts = {"name": name, "layer": dtype, "output": shape_text(tensor), "axes": letters}
        lines.append([Text(texts.get(c.name, ""), "" if c.name == "output" else QUIET) for c in columns])
    return lines


def cell(column: Column, row: Row) -> Text:
    """Write one cell in its colours."""
    text = printable(shown(column, row))
    if row.failed:
        return Text(text, WRONG if column.name in ("name", "layer", "output") else "")
    if column.name == "layer":
        return Text.assemble(*((printable(piece), WORKED_OUT if filled else "") for piece, filled in row.pieces))
    quiet = column.name == "axes" or text == "shared" or (column.name == "output" and row.keeps)
    return Text(text, QUIET if quiet else "")


def natural(place: int, column: Column, lines: Sequence[Sequence[Text]]) -> int:
    """Return the width that a column would like."""
    return max(map(cell_len, [column.title, *(line[place].plain for line in lines)]))


def narrow(widths: dict[str, int], room: int) -> list[str]:
    """Leave columns out until the others fit with the longest texts wrapped; return the names of those left out."""
    left_out: list[str] = []
    for name in LEFT_OUT:
        if name in widths and used(least(widths, WRAPPED)) > room:
            widths.pop(name)
            left_out.append(name)
    return left_out


def used(widths: dict[str, int]) -> int:
    """Return the width of a table."""
    return sum(widths.values()) + GAP * (len(widths) - 1)


def least(widths: dict[str, int], wrapped: Iterable[str] = ROOM) -> dict[str, int]:
    """Return the widths with some columns as narrow as they may become."""
    return {name: min(width, ROOM[name]) if name in wrapped else width for name, width in widths.items()}


def framed(columns: Sequence[Column], lines: Sequence[list[Text]], widths: dict[str, int], screen: Screen) -> Table:
    """Make the table, the last line its foot."""
    table = Table(
        box=LINES if screen.unicode else ASCII,
        padding=(0, GAP - 1, 0, 0),  # and a space for the rule that is not drawn
        pad_edge=False,
        show_footer=True,
        show_edge=False,
        header_style=QUIET,
        border_style=QUIET,
    )
    *body, sums = lines
    shrunk = shares(widths, screen.width or WIDE)
    for column, foot in zip(columns, sums, strict=True):
        justify: JustifyMethod = "right" if column.number else "left"
        table.add_column(column.title, foot, justify=justify, width=shrunk[column.name], overflow="fold")
    for line in body:
        table.add_row(*line)
    return table


def stacked(columns: Sequence[Column], lines: Sequence[list[Text]]) -> Iterator[Table | Text]:
    """Write each row as a block: its first cell, and a line for each other one that says something."""
    widest = max(cell_len(column.title) for column in columns)
    for first, *rest in lines:
        first.stylize("bold")
        yield first
        block = Table.grid(padding=(0, GAP, 0, 0))
        block.add_column(style=QUIET, width=widest + GAP)
        block.add_column(overflow="fold")
        for column, text in zip(columns[1:], rest, strict=True):
            if text.plain:
                block.add_row(f"  {column.title}", text)
        yield block


def shares(widths: dict[str, int], room: int) -> dict[str, int]:
    """Shrink the columns that may wrap, the widest first, until all fit."""
    found = dict(widths)
    for name in sorted(set(found) & set(ROOM), key=lambda name: -found[name]):
        excess = used(found) - room
        if excess > 0:
            found[name] = max(found[name] - excess, min(found[name], ROOM[name]))
    return found


LINES = box.Box("    \n    \n ── \n    \n ── \n ── \n    \n    \n")
ASCII = box.Box("    \n    \n -- \n    \n -- \n -- \n    \n    \n", ascii=True)
"""Rules under the head and over the totals, and nothing else."""


def footnotes(report: Report, columns: Sequence[Column], left_out: Sequence[str], screen: Screen) -> list[Text | Table]:
    """Write the remarks, their labels in a column of their own."""
    remarks = report.remarks(unicode=screen.unicode, columns={column.name for column in columns})
    if left_out:
        remarks.append(
            ("left out", f"{', '.join(BY_NAME[name].title for name in left_out)}: the terminal is too narrow")
        )
    return noted(remarks)


def noted(remarks: Sequence[tuple[str, str]]) -> list[Text | Table]:
    """Write remarks, a label that stands above left out."""
    if not remarks:
        return []
    grid = Table.grid(padding=(0, GAP, 0, 0))
    grid.add_column(style=QUIET, no_wrap=True)
    grid.add_column(overflow="fold")
    before = ""
    for label, words in remarks:
        grid.add_row(label if label != before else "", printable(words))
        before = label
    return [Text(), grid]


def listed(answer: Answer, rows: Sequence[Sequence[str]], screen: Screen) -> str:
    """Draw an answer: its first line, its rows and its remarks."""
    table = Table(
        box=LINES if screen.unicode else ASCII, padding=(0, GAP - 1, 0, 0), pad_edge=False, show_edge=False,
        header_style=QUIET, border_style=QUIET,
    )  # fmt: skip
    least = (screen.width or WIDE) // max(len(answer.heads), 1) - GAP
    for head, texts in zip(answer.heads, zip(answer.heads, *rows, strict=True), strict=True):
        table.add_column(head, overflow="fold", min_width=min(max(map(cell_len, texts)), least))
    for row in rows:
        table.add_row(*(Text(printable(text)) for text in row))
    lead: list[Text | Table] = [Text(answer.lead, "bold")] if answer.lead else []
    body: list[Text | Table] = [*([Text()] if lead else []), table] if rows else []
    return drawn([*lead, *body, *noted(answer.remarks)], screen)


def drawn(parts: Sequence[Text | Table], screen: Screen) -> str:
    """Let rich draw, and take the spaces off the ends of lines."""
    text = io.StringIO()
    console = Console(
        file=text,
        width=screen.width or WIDE,
        force_terminal=screen.color,
        color_system="standard" if screen.color else None,
        no_color=not screen.color,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for part in parts:
        console.print(part)
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())
