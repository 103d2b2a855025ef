"""A diff as text, Markdown or JSON: the layers that changed, what is needed of the sizes, and the totals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from convshape.comparing.differ import ADDED, CHANGED, REMOVED, SAME, Change
from convshape.comparing.growth import growth
from convshape.render.diagnostic import Painter, cells, printable
from convshape.render.markdown import escaped
from convshape.report.columns import grouped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convshape.comparing.differ import Difference
    from convshape.terminal import Screen

VERSION = 1
"""Raised when a field changes its meaning or goes; a new field does not raise it."""
KINDS = {SAME: "same", CHANGED: "changed", ADDED: "added", REMOVED: "removed"}
STYLES = {CHANGED: "warning", ADDED: "fix", REMOVED: "error"}
HEADS = ("", "name", "layer", "output", "parameters", "MACs")
ARROW = " -> "
GAP = "  "


def render(found: Difference, style: str, screen: Screen, *, every: bool = False) -> str:
    """Write a diff as table, markdown or json; `every` shows the layers that are the same, too."""
    if style == "json":
        return json.dumps(document(found), indent=2) + "\n"
    if style == "markdown":
        return "\n".join(markdown(found, every=every)) + "\n"
    return "\n".join(lines(found, screen, every=every)) + "\n"


def lines(found: Difference, screen: Screen, *, every: bool = False) -> Iterator[str]:
    """Give the lines of a table: one for each change; where that is too wide, what was and what is, as in git."""
    changes = shown(found, every=every)
    table = [HEADS, *(row(change) for change in changes)]
    if screen.width and sum(widths(table)) + len(GAP) * (len(HEADS) - 1) > screen.width:
        table = [HEADS, *(side for change in changes for side in sides(change))]
    if changes:
        wide, paint = widths(table), Painter(screen)
        for texts in table:
            text = aligned(texts, wide)
            yield paint(style, text) if (style := STYLES.get(texts[0])) else text
    else:
        yield found.summary
    yield from (f"{label}: {words}" for label, words in remarks(found))


def widths(table: Sequence[Sequence[str]]) -> list[int]:
    """Return how wide each column of a table is."""
    return [max(map(cells, column)) for column in zip(*table, strict=True)]


def shown(found: Difference, *, every: bool) -> list[Change]:
    """Return the layers that are shown."""
    return [change for change in found.changes if every or change.kind != SAME]


def row(change: Change) -> Sequence[str]:
    """Write the cells of a layer: what it was and is, once where that is the same."""
    return [change.kind, *(printable(arrow(change, *texts)) for texts in change.pairs)]


def sides(change: Change) -> list[Sequence[str]]:
    """Write a layer that changed in two rows."""
    if change.kind != CHANGED:
        return [row(change)]
    return [row(Change(change.before, None)), row(Change(None, change.after))]


def arrow(change: Change, before: str, after: str) -> str:
    """Write what was and is."""
    if change.before is None or change.after is None or before == after:
        return grouped(after or before)
    return f"{grouped(before)}{ARROW}{grouped(after)}"


def aligned(texts: Sequence[str], widths: Sequence[int]) -> str:
    """Align one line."""
    padded = [text + " " * (width - cells(text)) for text, width in zip(texts, widths, strict=True)]
    return GAP.join(padded).rstrip()


def remarks(found: Difference) -> Iterator[tuple[str, str]]:
    """Give what changed beside the layers: inputs, needs and totals, before and after."""
    before, after = found.before, found.after
    for label, one, other in (
        ("input", [" ".join(given) for given in before.inputs], [" ".join(given) for given in after.inputs]),
        ("needs", before.needs, after.needs),
    ):
        if list(one) != list(other):
            yield label, f"{'; '.join(one) or 'nothing'}{ARROW}{'; '.join(other) or 'nothing'}"
    for label, field in (("parameters", "params"), ("MACs", "macs"), ("memory", "memory")):
        yield label, total(getattr(before, field), getattr(after, field))


def total(before: str, after: str) -> str:
    """Write a total before and after, and by how much it changed."""
    if before == after:
        return f"{grouped(after)}, unchanged"
    change = growth(before, after)
    return f"{grouped(before)}{ARROW}{grouped(after)}" + (f" ({change})" if change else "")


def markdown(found: Difference, *, every: bool) -> Iterator[str]:
    """Give the lines of a comment on a pull request."""
    yield f"**{escaped(found.before.file)}**{ARROW}**{escaped(found.after.file)}**: {found.summary}"
    yield ""
    rows = [row(change) for change in shown(found, every=every)]
    if rows:
        yield f"| {' | '.join(HEADS)} |"
        yield "| --- | --- | --- | --- | ---: | ---: |"
        for mark, *texts in rows:
            yield f"| {mark} | {' | '.join(map(code, texts))} |"
        yield ""
    yield from (f"- {label}: {escaped(words)}" for label, words in remarks(found))


def code(text: str) -> str:
    """Set each side of a change as code."""
    sides = [side for side in text.split(ARROW) if side]
    ticks = "``" if "`" in text else "`"
    return ARROW.join(f"{ticks}{side.replace('|', chr(92) + '|')}{ticks}" for side in sides)


def document(found: Difference) -> dict[str, Any]:
    """Return a diff as JSON has it."""
    before, after = found.before, found.after
    totals = {
        name: {"before": getattr(before, name), "after": getattr(after, name)} for name in ("params", "macs", "memory")
    }
    return {
        "version": VERSION,
        "before": before.file,
        "after": after.file,
        "same": not found,
        "summary": found.summary,
        "layers": [
            {
                "change": KINDS[change.kind],
                "before": change.before._asdict() if change.before else None,
                "after": change.after._asdict() if change.after else None,
            }
            for change in found.changes
        ],
        "inputs": {"before": [list(one) for one in before.inputs], "after": [list(one) for one in after.inputs]},
        "needs": {"before": list(before.needs), "after": list(after.needs)},
        "totals": {name: {side: number(text) for side, text in sides.items()} for name, sides in totals.items()},
    }


def number(text: str) -> int | str:
    """Return a number, or a formula as text."""
    return int(text) if text.isdigit() else text
