"""The table a person looks at; the only file that imports rich."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from convshape.columns import USUAL, shown, total
from convshape.render.diagnostic import printable
from convshape.report import shape_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.columns import Column
    from convshape.report import Report, Row
    from convshape.terminal import Screen

WORKED_OUT = "bold cyan"
"""The style of a number that stood as `_`."""
WRONG = "bold red"
QUIET = "dim"
"""The style of what does not change, and of labels."""
WIDE = 100_000
"""The width of what has none."""
GAP = 2
LEFT_OUT = ("axes", "macs", "params")
"""What is left out first, where there is no room for the usual columns."""
ROOM = {"layer": 20, "name": 8, "formula": 24, "weights": 20, "input": 14, "receptive-field": 14, "output": 14, "macs": 14}
"""The columns that may wrap, and how narrow they may become."""
WRAPPED = ("layer", "name", "macs")
"""The ones that wrap before another column is left out."""
LONGEST = 26
"""A count with symbols wraps from this width on."""


class Line(NamedTuple):
    """A line of the table: its cells, and whether a rule stands before it."""

    cells: list[Text]
    rule: bool = False


def render(report: Report, columns: Sequence[Column] | None, screen: Screen) -> str:
    """Draw the table, and the remarks under it."""
    chosen = list(columns or usual(report))
    lines = [*heads(report, chosen), *(Line([cell(column, row) for column in chosen]) for row in report.rows)]
    sums = [Text(total(column, report.rows), "bold") for column in chosen]
    sums[0] = sums[0] or Text(report.sum_title, "bold")
    widths = {column.name: natural(place, column, lines, sums) for place, column in enumerate(chosen)}
    left_out = [] if columns else narrow(widths, screen.width or WIDE)
    kept = [place for place, column in enumerate(chosen) if column.name not in left_out]
    table = frame([chosen[place] for place in kept], [sums[place] for place in kept], widths, screen)
    for line in lines:
        table.add_row(*(line.cells[place] for place in kept), end_section=line.rule)
    apart = [Text()] if report.trace.error else []  # a diagnostic follows
    return drawn([table, *footnotes(report, left_out, screen), *apart], screen)


def usual(report: Report) -> list[Column]:
    """Return the usual columns, without the axes where none has a letter."""
    return [column for column in USUAL if column.name != "axes" or any(report.letters)]


def heads(report: Report, columns: Sequence[Column]) -> list[Line]:
    """Make the lines of the inputs, a rule under the last."""
    lines = []
    for name, tensor in report.trace.inputs.items():
        dtype = "" if tensor.dtype == "float32" else str(tensor.dtype)
        letters = " ".join(report.known.get(id(tensor), ()))
        texts = {"name": name, "layer": dtype, "output": shape_text(tensor), "axes": letters}
        styles = {"name": QUIET, "layer": QUIET, "axes": QUIET}
        lines.append(Line([Text(texts.get(c.name, ""), styles.get(c.name, "")) for c in columns]))
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


def natural(place: int, column: Column, lines: Sequence[Line], sums: Sequence[Text]) -> int:
    """Return the width that a column would like."""
    texts = [column.title, sums[place].plain, *(line.cells[place].plain for line in lines)]
    width = max(map(cell_len, texts))
    return min(width, LONGEST) if column.name == "macs" else width


def narrow(widths: dict[str, int], room: int) -> list[str]:
    """Leave columns out and let others wrap until all fit; return the names of those left out."""
    left_out: list[str] = []
    for name in LEFT_OUT:
        if used(widths) <= room or fits(widths, room):
            break
        if name in widths:
            widths.pop(name)
            left_out.append(name)
    return left_out


def used(widths: dict[str, int]) -> int:
    """Return the width of a table."""
    return sum(widths.values()) + GAP * (len(widths) - 1)


def fits(widths: dict[str, int], room: int) -> bool:
    """Tell whether all fit once the longest texts wrap."""
    least = {name: min(width, ROOM[name]) if name in WRAPPED else width for name, width in widths.items()}
    return used(least) <= room


def frame(columns: Sequence[Column], sums: Sequence[Text], widths: dict[str, int], screen: Screen) -> Table:
    """Make the empty table with its head and its totals."""
    table = Table(
        box=LINES if screen.unicode else ASCII,
        padding=(0, GAP - 1, 0, 0),  # and a space for the rule that is not drawn
        pad_edge=False,
        show_footer=True,
        show_edge=False,
        header_style=QUIET,
        border_style=QUIET,
    )
    shrunk = shares(widths, screen.width or WIDE)
    for column, text in zip(columns, sums, strict=True):
        table.add_column(
            column.title,
            footer=text,
            justify="right" if column.number else "left",
            width=shrunk[column.name],
            overflow="fold",
        )
    return table


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


def footnotes(report: Report, left_out: Sequence[str], screen: Screen) -> list[Text | Table]:
    """Write the remarks, their labels in a column of their own."""
    remarks = report.remarks(unicode=screen.unicode)
    if left_out:
        remarks.append(("left out", f"{', '.join(left_out)}: the terminal is too narrow"))
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
