"""Layers of the user's own, as the README declares one: every answer, both ways in, and no third one."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import convshape
from shell import process

if TYPE_CHECKING:
    from collections.abc import Sequence

README = Path(__file__).parents[1] / "README.md"
NET = "Conv1d(1, 4, 3) -> Scale(4) -> Flatten() -> Linear(_, 2)"
METADATA = "Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n"
ENTRY = "[convshape.layers]\nScale = my_package.my_layers:Scale\n"


@pytest.fixture(params=["file", "entry point"])
def own(request: pytest.FixtureRequest, tmp_path: Path) -> Sequence[str]:
    """Make the README's layer known, by a file or by an installed package; return the options that this takes."""
    (block,) = re.findall(
        r"^```python\n# my_layers\.py\n(.*?)^```$", README.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    if request.param == "file":
        (tmp_path / "my_layers.py").write_text(block, encoding="utf-8")
        return ["--layers", str(tmp_path / "my_layers.py")]
    package, told = tmp_path / "my_package", tmp_path / "my_package-1.0.dist-info"
    package.mkdir()
    told.mkdir()
    (package / "__init__.py").touch()
    (package / "my_layers.py").write_text(block, encoding="utf-8")
    (told / "METADATA").write_text(METADATA, encoding="utf-8")
    (told / "entry_points.txt").write_text(ENTRY, encoding="utf-8")
    return []


def answer(tmp_path: Path, *arguments: str) -> str:
    """Run a command where the package is installed, if there is one; return what it answers."""
    source = str(Path(convshape.__file__).parents[1])
    done = process(*arguments, PYTHONPATH=f"{source}:{tmp_path}", OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_layer_of_the_readme(own: Sequence[str], tmp_path: Path) -> None:
    """It has the table, the formula, the JSON, and the dry run of the module that it makes."""
    table = answer(tmp_path, "trace", NET, "-i", "N,1,L", *own)
    assert re.search(r"^1 +Scale\(4\) +\(N, 4, L - 2\) +N C L +4$", table, re.MULTILINE)
    assert answer(tmp_path, "linear-in", NET, "-i", "N,1,L", *own) == "4*L - 8\n"
    found = json.loads(answer(tmp_path, "trace", NET, "-i", "2,1,20", "--format", "json", *own))
    step = next(step for step in found["layers"] if step["name"] == "1")
    assert (step["output"]["shape"], step["params"]) == ([2, 4, 18], 4)
    dry = answer(tmp_path, "trace", NET, "-i", "2,1,20", "--dry-run", *own)
    assert "4 steps, all as convshape says" in dry
    assert "from my_package import Scale" in answer(tmp_path, "emit", NET, "-i", "2,1,20", *own)


CODE = (
    "layers: [evil.Evil()]",
    "layers: [Evil()]",
    "layers: [{evil.Evil: {}}]",
    "layers: [{Evil: {}}]",
    "layers: ['import evil']",
    "layers: [\"__import__('evil')\"]",
    "layers: [\"ReLU() if __import__('evil') else ReLU()\"]",
    "layers: ['x.__class__.__base__']",
    "layers: ['torch.load(\"evil.pt\")']",
    "layers: [ReLU()]\nimport: evil",
    "layers: [ReLU()]\nmodules: [evil.py]",
    "layers: evil.py",
    "layers: !!python/module:evil",
    "layers: [!!python/name:evil.Evil ]",
    "layers: [!!python/object/apply:evil.Evil []]",
    "layers: !include evil.py",
    "input: !!python/object/apply:evil.Evil []\nlayers: [ReLU()]",
    "vars: {a: \"__import__('evil')\"}\nlayers: ['Linear(_, a)']",
    "home: evil.Evil\nlayers: [ReLU()]",
)
"""Descriptions that would name code, if they could."""


@pytest.mark.parametrize("text", CODE)
def test_a_description_names_no_code(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module lies where Python would find it, and is not imported; every way to name it is refused."""
    evil = "import convshape\nclass Evil(convshape.Layer):\n    '''Do harm.'''\n"
    (tmp_path / "evil.py").write_text(evil, encoding="utf-8")
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(convshape.ConvshapeError):
        raise convshape.trace(tmp_path / "net.yaml", (2, 3)).error or AssertionError("it is taken")
    assert "evil" not in sys.modules


def test_the_module_could_be_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: from where it stands, an import of the module works."""
    (tmp_path / "evil.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    import evil  # type: ignore[import-not-found]

    assert sys.modules.pop("evil") is evil
