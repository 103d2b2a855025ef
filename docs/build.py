"""Write what comes from the declarations: the pages of faults and of layers, their index, the picture of a table.

    python docs/build.py

A test holds the pages to what this writes; the other pages are written by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convshape import layers, words
from convshape.catalogue import TORCH, found, signature, summary
from convshape.explain.code import explain_code
from convshape.explain.layer import details, head
from convshape.prose import Text, Title, paragraphs
from convshape.refusals import codes
from convshape.render.prose import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.prose import Block

HERE = Path(__file__).parent
WIDTH = 84
"""The columns of the picture."""


def pages() -> dict[str, str]:
    """Return the text of each page by its path in docs."""
    families = {f"layers/{family}.md": markdown(list(layer_page(family))) for family in layers.FAMILIES}
    written = {"README.md": index(), "faults.md": markdown(list(faults_page())), "layers.md": table(), **families}
    return {**written, "lenet5.svg": picture("examples/lenet5.yaml")}


def picture(net: str) -> str:
    """Draw the table of a network as a terminal shows it."""
    import io
    import re

    from rich._export_format import CONSOLE_SVG_FORMAT
    from rich.console import Console
    from rich.text import Text as Colored

    from convshape import trace
    from convshape.render import rendered
    from convshape.terminal import Screen

    table, _ = rendered(trace(HERE.parent / net), "table", None, None, Screen(WIDTH, color=True))
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Colored.from_ansi(table.rstrip()))
    fonts = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)  # a page must not fetch them from elsewhere
    plain = fonts.sub("", CONSOLE_SVG_FORMAT)
    return console.export_svg(title=f"convshape trace {net}", code_format=plain, unique_id="table")


def table() -> str:
    """Give every layer in one table, with its signature, what it does, and its page."""
    lines = ["# Layers", "", f"{len(layers.FAMILY)} classes of torch.nn, held to torch {TORCH} on the CPU.", ""]
    lines += ["| layer | what it does | page |", "| --- | --- | --- |"]
    for name, family in layers.FAMILY.items():
        layer = found(name)
        lines.append(f"| `{signature(layer)}` | {summary(layer)} | [{name}](layers/{family}.md#{name.lower()}) |")
    return "\n".join(lines) + "\n"


def faults_page() -> Iterator[Block]:
    """Give every fault, each under its code."""
    yield Title("Faults")
    yield Text(
        f"Everything that convshape refuses, by its code, with the words of torch {TORCH} in which you meet it. "
        '`convshape explain CODE` prints a part of this page, `convshape explain "THE MESSAGE"` reads a message.'
    )
    for code in codes():
        yield from deeper(explain_code(code))


def layer_page(family: str) -> Iterator[Block]:
    """Give every layer of a family."""
    names = layers.FAMILIES[family].split()
    yield Title(family.replace("_", " "))
    yield from paragraphs(words.family(family))
    for name in names:
        layer = found(name)
        yield from deeper(head(layer))
        yield from deeper(details(layer))


def deeper(blocks: Iterator[Block]) -> Iterator[Block]:
    """Move headings one level down."""
    for block in blocks:
        yield block._replace(level=block.level + 1) if isinstance(block, Title) else block


def index() -> str:
    """Return the index: the pages written by hand, every layer with its page, every fault."""
    lines = ["# convshape", ""]
    lines += [f"- [{title(path)}]({path.name})" for path in sorted(HERE.glob("*.md")) if path.name != "README.md"]
    lines += ["", "## Layers", ""]
    for family, members in layers.FAMILIES.items():
        links = (f"[{name}](layers/{family}.md#{name.lower()})" for name in members.split())
        lines.append(f"- {family.replace('_', ' ')}: {', '.join(links)}")
    lines += ["", "## Faults", ""]
    lines += [f"- [{code}](faults.md#{code})" for code in codes()]
    return "\n".join(lines) + "\n"


def title(page: Path) -> str:
    """Return the heading of a page."""
    return page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def main() -> None:
    """Write the pages, and take away those of families that are gone."""
    for path in (HERE / "layers").glob("*.md"):
        path.unlink()
    for name, text in pages().items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
