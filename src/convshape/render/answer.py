"""An answer in every format: its first line, its table and its remarks."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from convshape.render.diagnostic import cells, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.sizing.answer import Answer
    from convshape.terminal import Screen


def rendered(answer: Answer, style: str, screen: Screen) -> str:
    """Write an answer: table, json, csv, markdown or plain."""
    return {"table": table, "json": as_json, "csv": as_csv, "markdown": markdown, "plain": plain}[style](answer, screen)


def table(answer: Answer, screen: Screen) -> str:
    """Draw the table."""
    from convshape.render.table import listed

    return listed(answer, sparse(answer.rows), screen)


def as_json(answer: Answer, _screen: Screen) -> str:
    """Write all there is; the remarks are among it."""
    remarks = [{"label": label, "words": words} for label, words in answer.remarks]
    return json.dumps({**answer.document, "remarks": remarks}, indent=2, ensure_ascii=False) + "\n"


def as_csv(answer: Answer, _screen: Screen) -> str:
    """Write the rows, each complete."""
    return "".join(map(csv_line, [[head.replace(" ", "_") for head in answer.heads], *answer.rows]))


def csv_line(cells: Sequence[str]) -> str:
    """Write one row; it needs to know of no other."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def markdown(answer: Answer, _screen: Screen) -> str:
    """Write a table for a review."""
    from convshape.render.markdown import escaped, line

    body = [line([escaped(text) for text in row]) for row in sparse(answer.rows)]
    lead = [escaped(answer.lead), ""] if answer.lead else []
    remarks = [f"- {label}: {escaped(words)}" for label, words in answer.remarks]
    rows = [line(answer.heads), line(["---"] * len(answer.heads)), *body] if body else []
    return "\n".join([*lead, *rows, *([""] if remarks and rows else []), *remarks]) + "\n"


def plain(answer: Answer, _screen: Screen) -> str:
    """Write aligned columns without lines or colours."""
    body = [[printable(text) for text in row] for row in ([answer.heads, *sparse(answer.rows)] if answer.rows else [])]
    widths = [max(map(cells, column)) for column in zip(*body, strict=True)]
    padded = [
        "  ".join(f"{text}{' ' * (width - cells(text))}" for text, width in zip(row, widths, strict=True))
        for row in body
    ]
    widest = max((len(label) for label, _ in answer.remarks), default=0)
    remarks = [f"{label:{widest}}  {printable(words)}" for label, words in answer.remarks]
    lead = [answer.lead] if answer.lead else []
    parts = [part for part in (lead, [one.rstrip() for one in padded], remarks) if part]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def sparse(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Leave out what the row above says already, from the left."""
    found: list[tuple[str, ...]] = []
    for place, row in enumerate(rows):
        above = rows[place - 1] if place else ()
        same = 0
        while same < len(above) and row[same] == above[same]:
            same += 1
        found.append(("",) * same + row[same:])
    return found
