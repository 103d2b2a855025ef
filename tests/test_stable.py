"""The same input gives the same bytes in any locale, width and hash seed; and nothing in a description is ever run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import convshape

ROOT = Path(__file__).parents[1]
SOURCE = str(Path(convshape.__file__).parents[1])
PLACES = (
    {"LC_ALL": "C", "PYTHONHASHSEED": "0", "COLUMNS": "40"},
    {"LC_ALL": "POSIX", "PYTHONHASHSEED": "1", "COLUMNS": "200", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "12345", "TZ": "Asia/Kathmandu", "PYTHONIOENCODING": "latin-1"},
    {"LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "random", "LANGUAGE": "tr", "TERM": "dumb"},
)
"""Machines, as a program sees them."""
COMMANDS = [
    *(["trace", "lstm_classifier", "--format", style] for style in ("json", "csv", "markdown", "plain")),
    *(["trace", "broken/patients", "--format", style] for style in ("json", "sarif", "junit")),
    ["trace", "größe = ReLU() -> 幅 = Linear(_, 3) -> größe + 幅[:, :1]", "-i", "N,7", "--format", "json"],
    ["check", "examples/lenet5.yaml", "examples/broken/patients.yaml", "--format", "json"],
    ["linear-in", "lenet5", "--all"],
    ["sizes", "unet", "--format", "json"],
    ["schema"],
    ["layers", "Conv1d"],
]


def printed(arguments: list[str], place: dict[str, str]) -> tuple[int, bytes]:
    """Run a command somewhere; return its code and the bytes of standard output."""
    ours = ("LC_", "LANG", "PYTHON", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    words = [f"examples/{word}.yaml" if (ROOT / f"examples/{word}.yaml").exists() else word for word in arguments]
    done = subprocess.run(  # our own code
        [sys.executable, "-m", "convshape", *words], cwd=ROOT, env={**kept, "PYTHONPATH": SOURCE, **place},
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_the_same_bytes(arguments: list[str]) -> None:
    """Write the same bytes everywhere."""
    first, *others = (printed(arguments, place) for place in PLACES)
    assert first[1]
    assert others == [first] * len(others)


EVENTS = """
import sys
sys.path[:0] = [{fuzz!r}, {tests!r}]
import targets, test_hostile
from convshape import extensions, limits
from convshape.read import expression
extensions.installed = dict  # what is installed is the user's own choice, and looked up by no name of a description
limits.LAYERS = 300  # what is run is what counts here, not how often
seeds = [*test_hostile.TEXTS.values(), *targets.Target().seeds, *{more!r}]
texts = [text for text in seeds if len(text) < 5_000][{first}:]
def everything():
    expression._short.cache_clear()
    for text in texts:
        targets.Target().run(text)
everything()  # what convshape imports of its own
heard = []
listening = False
def hear(event, arguments):
    parsed = event == "compile" and arguments[1] in ("<unknown>", None)  # ast.parse has no file, compile for eval has
    if listening and not parsed and not event.startswith(("builtins.id", "object.", "sys._getframe", "code.")):
        heard.append((event, str(arguments)[:200]))
sys.addaudithook(hear)
listening = True
everything()
listening = False
print(len(texts), "texts")
{plant}
for event in heard:
    print(event)
"""
MORE = (
    "__import__('os').system('echo')", "exec('1')", "- open('/etc/passwd')", "- eval('1 + 1')",
    "- Conv1d(1, 2, open('x'))",
    "layers: [ReLU]\nname: !!python/name:os.system", "- torch.load('x.pt')", "- torch.hub.load('a', 'b')",
    "from os import system\nReLU()", "import os\nos.system('echo')", "x.__class__.__base__.__subclasses__()",
    "class A(nn.Module):\n  x = __import__('os')\n  def forward(self, x):\n    return eval('x')",
)  # fmt: skip


def events(first: int = 0, plant: str = "") -> list[str]:
    """Trace every kind of text, hostile ones too, and return what Python's audit events told."""
    places = {"fuzz": str(ROOT / "tests" / "fuzz"), "tests": str(ROOT / "tests")}
    code = EVENTS.format(**places, more=list(MORE), first=first, plant=plant)
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    count, *heard = done.stdout.splitlines()
    assert int(count.split()[0]) >= (-first or 100)
    return heard


def test_nothing_is_run() -> None:
    """Hear no eval, no exec, no import, no file, no process and no socket while descriptions are traced."""
    assert events() == []


def test_the_listener_can_hear() -> None:
    """Plant each of them: all are heard."""
    plant = "listening = True\neval('1')\nexec('1')\nopen('/dev/null')\nimport this\nlistening = False"
    heard = "\n".join(events(-3, plant))
    assert "'<string>'" in heard  # what eval compiles
    assert "('open', \"('/dev/null'" in heard
    assert "('exec'" in heard
    assert "('import'" in heard
