"""The pages are what the declarations say, their commands print what they show, and their code runs."""

from __future__ import annotations

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from convshape import ReadError, layers, words
from convshape.advice import advise, rules
from convshape.asked import Asked
from convshape.catalogue.samples import sample
from convshape.explain.code import traced as traced_example

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
WRITTEN = [ROOT / "README.md", DOCS / "first-steps.md", DOCS / "words.md", DOCS / "memory.md", DOCS / "sizes.md"]
BASES = {"RNNBase", "RNNCellBase"}
"""Layers that only others are made from."""


def blocks(page: Path, language: str) -> list[str]:
    """Return the blocks of a page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """Make a `convshape` command of this checkout, and files of the names that stand in the first line of a block."""
    command = tmp_path / "bin" / "convshape"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m convshape "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    for page in WRITTEN:
        for block in (*blocks(page, "yaml"), *blocks(page, "python")):
            named = re.match(r"# (\w+\.(?:yaml|py))\n", block)
            if named:
                (tmp_path / named[1]).write_text(block.partition("\n")[2], encoding="utf-8")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "FORCE_COLOR", "NO_COLOR"}}
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"}


def test_pages_are_fresh() -> None:
    """`python docs/build.py` would change nothing."""
    build = runpy.run_path(str(DOCS / "build.py"))
    pages, made = build["pages"](), (*build["MADE"], "lenet5.svg")
    kept = [*DOCS.glob("layers/*.md"), *DOCS.glob("faults/*.md"), *(DOCS / name for name in made)]
    found = {path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8") for path in kept}
    stale = [name for name in pages.keys() | found.keys() if pages.get(name) != found.get(name)]
    assert not stale, "run python docs/build.py"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_commands_print_what_is_shown(page: Path, shell: dict[str, str], tmp_path: Path) -> None:
    """A console block holds commands after a $, each with its output."""
    found = blocks(page, "console")
    assert found
    for block in found:
        written = ""
        for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
            run = subprocess.run(  # noqa: S602  # the commands of our own pages
                command,
                shell=True,
                cwd=tmp_path,
                env=shell,
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=False,
            )
            written += f"$ {command}\n{run.stdout}{run.stderr}"
        assert written == block


def test_the_first_steps_train_a_classifier(shell: dict[str, str]) -> None:
    """The Python of the first steps runs as it stands, with the real skorch on the CPU."""
    code = "\n".join(blocks(DOCS / "first-steps.md", "python"))
    assert "assert accuracy" in code
    run = subprocess.run(  # our own page
        [sys.executable, "-W", "error", "-c", code], env=shell, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_the_python_of_the_readme_runs(shell: dict[str, str]) -> None:
    """Every block, one after the other; the layer that it declares is known by its name."""
    code = "\n".join(blocks(ROOT / "README.md", "python"))
    told = f"{code}\nassert Scale(4).channels == 4"
    run = subprocess.run(  # our own page
        [sys.executable, "-W", "error", "-c", told], cwd=ROOT, env=shell, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_the_python_of_sizes_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block of the page runs as it stands."""
    monkeypatch.chdir(ROOT)
    code = "\n".join(blocks(DOCS / "sizes.md", "python"))
    assert "assert s.valid" in code
    exec(compile(code, "sizes.md", "exec"), {})  # noqa: S102  # our own page


def test_links_lead_somewhere() -> None:
    """A link of a page names a file, and a heading in it."""
    for page in (*DOCS.rglob("*.md"), ROOT / "README.md"):
        prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        for target in re.findall(r"\]\(([^)]+)\)", prose):
            name, _, anchor = target.partition("#")
            text = (page.parent / name).read_text(encoding="utf-8") if anchor else ""
            assert (page.parent / name).exists(), target
            anchors = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}
            assert not anchor or anchor in anchors, target


EXAMPLES = [
    (page, code, section.example)
    for page in ("faults", "warnings", "errors")
    for code, section in words.sections(page).items()
    if section.example
]


@pytest.mark.parametrize(("page", "code", "example"), EXAMPLES, ids=[f"{page}-{code}" for page, code, _ in EXAMPLES])
def test_the_example_of_a_code_shows_it(page: str, code: str, example: str) -> None:
    """An example stops with the code that it stands under, or is warned of with it alone."""
    if page == "errors":
        with pytest.raises(ReadError) as caught:
            raise traced_example(example).error or AssertionError("it works")
        assert caught.value.code == code
        return
    found = traced_example(example)
    told = [one.code for one in advise(found)] if page == "warnings" else [found.error and found.error.code]
    assert told == [code]


def test_every_code_has_its_words() -> None:
    """Whatever stands in `error[...]` or `warning[...]` can be explained, and nothing else has words."""
    from convshape.checking import WARNINGS
    from convshape.checking.expect import CHECKS
    from convshape.messages.refusals import codes

    expected = {f"expect-{name.replace('_', '-')}" for name in (*CHECKS, "dtype") if name != "at"}
    raised = {code for path in (ROOT / "src").rglob("*.py") for code in raised_in(path)}
    made = {"unknown-layer", "unknown-name", "internal"}  # of two words, and where nothing else is left
    assert set(words.codes()) == {*raised, *made, *expected, *codes(), *rules(), *WARNINGS}


RAISERS = {"ReadError", "ConvshapeError", "DifferenceError", "DryRunError", "Problem", "fail", "whole", "over"}


def raised_in(path: Path) -> Iterator[str]:
    """Give the codes that a module raises, read off its calls; `over` has the name of a limit before the code."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            place = int(name == "over")
            code = node.args[place] if name in RAISERS and len(node.args) > place else None
            if isinstance(code, ast.Constant) and isinstance(code.value, str) and re.fullmatch(r"[a-z-]+", code.value):
                yield code.value


def test_everything_has_its_words() -> None:
    """Every family and every argument is told; nothing is told that is not there."""
    assert set(words.sections("layers")) == set(layers.FAMILIES)
    told = set()
    for name, family in layers.FAMILY.items():
        layer = layers.find(name)
        assert layer
        for field in layer.fields:
            assert words.argument(field, name, family), (name, field)
            told |= {field, f"{family}.{field}", f"{name}.{field}"}
    assert words.arguments().keys() <= told


@pytest.mark.parametrize("name", [name for name in layers.FAMILY if layers.FAMILY[name] != "container"])
def test_every_layer_has_an_example_that_runs(name: str) -> None:
    """The example that is worked through on a page is accepted."""
    layer = layers.find(name)
    assert layer
    given = sample(layer)
    if name in BASES:
        assert not given.inputs or Asked(given.text, given.option).trace().error
    else:
        assert Asked(given.text, given.option).trace().error is None
