"""Write what comes from the declarations: a page for each layer and fault, their index, the picture of a table.

    python docs/build.py

A test holds the pages to what this writes; the other pages are written by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convshape import layers, words
from convshape.catalogue import TORCH, found, signature, summary
from convshape.explain.code import advised, explain_code, unreadable
from convshape.explain.layer import explain_layer
from convshape.messages.refusals import codes
from convshape.prose import Names, Text, Title
from convshape.render.prose import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.prose import Block

HERE = Path(__file__).parent
MADE = ("README.md", "layers.md", "faults.md", "warnings.md", "errors.md")
"""The pages beside those written by hand."""
FIRST = ("first-steps.md", "words.md")
"""What a newcomer reads."""
WIDTH = 84
"""The columns of the picture."""


def pages() -> dict[str, str]:
    """Return the text of each page by its path in docs."""
    written = {"README.md": index(), "layers.md": layer_table(), "faults.md": fault_table()}
    written |= {"warnings.md": markdown(list(warnings_page())), "errors.md": markdown(list(errors_page()))}
    written |= {f"layers/{name}.md": markdown(list(layer_page(name)), home="../") for name in layers.FAMILY}
    written |= {f"faults/{code}.md": markdown(list(explain_code(code)), home="../") for code in codes()}
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


def layer_table() -> str:
    """Give every layer in one table, with its signature, what it does, and its page."""
    lines = ["# Layers", "", f"{len(layers.FAMILY)} classes of torch.nn, held to torch {TORCH} on the CPU.", ""]
    lines += ["| layer | what it does | arguments |", "| --- | --- | --- |"]
    for name in layers.FAMILY:
        layer = found(name)
        lines.append(f"| [{name}](layers/{name}.md) | {summary(layer)} | `{signature(layer)}` |")
    return "\n".join(lines) + "\n"


def fault_table() -> str:
    """Give every fault in one table, with what it means, and its page."""
    lines = ["# Faults", ""]
    lines += [f"What layers and functions refuse, by its code, with the words of torch {TORCH} in which you meet it."]
    lines += ['`convshape explain "THE MESSAGE"` finds the code of a message.', ""]
    lines += ["| code | what it means |", "| --- | --- |"]
    for code in codes():
        first = words.sections("faults")[code].text.partition("\n")[0].partition(". ")[0]
        meaning = first.rstrip(".").replace("|", "\\|")
        lines.append(f"| [{code}](faults/{code}.md) | {meaning}. |")
    return "\n".join(lines) + "\n"


def warnings_page() -> Iterator[Block]:
    """Give every warning under its code."""
    yield Title("Warnings")
    yield Text("What is legal in torch and probably not meant. `check --strict` makes errors of them.")
    for code in words.sections("warnings"):
        yield Title(code, 2)
        yield from deeper(advised(code))


def errors_page() -> Iterator[Block]:
    """Give every error that is no fault of a layer under its code."""
    yield Title("Errors")
    yield Text("A description, option or file that cannot be read, or a network that is not what its file expects.")
    for code in words.sections("errors"):
        yield Title(code, 2)
        yield from deeper(unreadable(code))


def layer_page(name: str) -> Iterator[Block]:
    """Explain a layer, and name its family."""
    yield from explain_layer(found(name))
    others = [other for other in layers.FAMILIES[layers.FAMILY[name]].split() if other != name]
    if others:
        yield Names("See also ", [(other, f"layers/{other}.md") for other in others], ".")


def deeper(blocks: Iterator[Block]) -> Iterator[Block]:
    """Move headings one level down."""
    for block in blocks:
        yield block._replace(level=block.level + 1) if isinstance(block, Title) else block


def index() -> str:
    """Return the index: the pages written by hand, every layer by its family, every code."""
    lines = ["# convshape", ""]
    own = sorted(path for path in HERE.glob("*.md") if path.name not in MADE)
    own.sort(key=lambda path: path.name not in FIRST)
    lines += [f"- [{title(path)}]({path.name})" for path in own]
    lines += ["", "## [Layers](layers.md)", ""]
    for family, members in layers.FAMILIES.items():
        links = (f"[{name}](layers/{name}.md)" for name in members.split())
        lines.append(f"- {family.replace('_', ' ')}: {', '.join(links)}")
    lines += ["", "## [Faults](faults.md)", "", ", ".join(f"[{code}](faults/{code}.md)" for code in codes())]
    for page in ("warnings", "errors"):
        links = (f"[{code}]({page}.md#{code})" for code in words.sections(page))
        lines += ["", f"## [{page.capitalize()}]({page}.md)", "", ", ".join(links)]
    return "\n".join(lines) + "\n"


def title(page: Path) -> str:
    """Return the heading of a page."""
    return page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def main() -> None:
    """Write the pages, and take away those of layers and faults that are gone."""
    for path in (*HERE.glob("layers/*.md"), *HERE.glob("faults/*.md")):
        path.unlink()
    for name, text in pages().items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
