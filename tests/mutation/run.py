"""Change the code in thousands of ways, one at a time, and see which changes no test notices: mutation testing.

    python tests/mutation/run.py arithmetic [--share 10]   the arithmetic over symbols, and of windows
    python tests/mutation/run.py layers [--share 10]       the rules of the layers

It needs `pip install ".[test,mutation]"`. mutmut changes a copy of the project. What no test noticed is written to
a file as diffs; a table of each module, with the share that was noticed, is printed last. `--share` tries so many of a
hundred changes, those of `--seed`: all of them take hours. tests/conftest.py puts the answers of the layers first,
which notice most changes at once; `-x` leaves the other tests out then.
"""

from __future__ import annotations

import argparse
import collections
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Part(NamedTuple):
    """What is changed, and the tests that must notice."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


NETWORKS = "tests/property/test_sizes.py::test_sizes_of_random_networks_are_those_that_work"
PARTS = {
    "arithmetic": Part(
        ("src/convshape/dim.py", "src/convshape/window.py", "src/convshape/arithmetic/*"),
        (
            "tests/test_dim.py", "tests/test_window.py", "tests/property/test_arithmetic.py",
            "tests/property/test_sets.py", "tests/property/test_residues.py", "tests/layers/test_spatial_symbols.py",
            "tests/test_sizes_command.py",
            *(f"{NETWORKS}[{seed}]" for seed in range(8)),
        ),
    ),
    "layers": Part(
        ("src/convshape/layers/*",),
        (
            "tests/conformance/test_answers.py", "tests/conformance/test_layers.py", "tests/layers",
            "tests/test_registry.py", "tests/test_rules.py",
        ),
    ),
}  # fmt: skip
CONFIG = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {modules}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = [
    "-p", "no:cacheprovider", "-m", "not process", "--hypothesis-profile", "mutation",
]
also_copy = ["README.md", "docs", "examples"]
timeout_multiplier = 4.0
timeout_constant = 3.0
track_dependencies = false
use_git_change_detection = false
"""
SHOW = """
import sys
from mutmut.__main__ import show
for name in sys.argv[1:]:
    show.callback(name)
"""
"""Shows many changes in one process: `mutmut show` shows one."""
FAILED = ("failed to collect stats", "Failed to run clean test")
"""What mutmut says then."""
ENVIRONMENT = {**os.environ, "PYTHONPATH": "src", "OMP_NUM_THREADS": "1"}


def main() -> None:
    """Run one part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--share", type=int, default=100, help="try so many of a hundred changes")
    parser.add_argument("--seed", type=int, default=0, help="which of the changes")
    parser.add_argument("--children", type=int, default=1, help="how many at the same time")
    parser.add_argument("--survivors", type=Path, default=Path("survivors.diff"), help="where the diffs go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(Path(folder) / "convshape", PARTS[options.part])
        mutmut(tree, "run", "--max-children", "1", "none")  # writes the changed code, times the tests, and stops
        names = sorted(results(tree))
        names = sorted(Random(options.seed).sample(names, len(names) * options.share // 100))  # noqa: S311  # no secrets
        if not names:
            sys.exit("mutmut made no changes: run it in a copy, with what `copied` writes into pyproject.toml")
        print(f"{len(names)} changes", flush=True)
        mutmut(tree, "run", "--max-children", str(options.children), *names)
        report(tree, names, options.survivors)


def copied(tree: Path, part: Part) -> Path:
    """Copy the project and say there what is changed."""
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".*", "__pycache__", "mutants"))
    with (tree / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(CONFIG.format(modules=list(part.modules), tests=list(part.tests)))
    return tree


def mutmut(tree: Path, *arguments: str) -> str:
    """Run mutmut in the copy; return what it wrote."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    told = subprocess.run(command, cwd=tree, env=ENVIRONMENT, capture_output=True, text=True, check=False).stdout
    if any(words in told for words in FAILED):
        sys.exit(f"the tests fail where nothing is changed:\n{told[-2000:]}")
    return told


def results(tree: Path) -> dict[str, str]:
    """Return what became of each change."""
    lines = mutmut(tree, "results", "--all", "true").splitlines()
    return dict(line.strip().split(": ") for line in lines if "__mutmut_" in line)


def report(tree: Path, names: list[str], survivors: Path) -> None:
    """Print how many changes of each module were noticed; write the others."""
    found = results(tree)
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for name in names:
        counts[name.rpartition(".")[0]][found[name]] += 1
    counts["all"] = sum(counts.values(), collections.Counter())
    for module, ends in counts.items():
        noticed = ends["killed"] + ends["timeout"]
        print(f"{module:40} {noticed:5} of {ends.total():5}  {100 * noticed / ends.total():5.1f} %  {dict(ends)}")
    left = [name for name in names if found[name] not in ("killed", "timeout")]
    run = [sys.executable, "-c", SHOW, *left]
    shown = subprocess.run(run, cwd=tree, env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout
    survivors.write_text(shown, encoding="utf-8")


if __name__ == "__main__":
    main()
