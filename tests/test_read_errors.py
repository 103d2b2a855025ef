"""Every error of reading: one clear sentence, and the place of what is wrong. They are golden.

`python tests/test_read_errors.py` writes the golden file anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from convshape import ConvshapeError, trace
from convshape.read import parse
from convshape.source import Source

GOLDEN = Path(__file__).parent / "golden" / "read_errors.txt"

CASES = {
    "a YAML list that is not closed": "layers:\n  - [ReLU, Tanh\n",
    "a YAML quote that is not closed": "layers:\n  - 'ReLU()\n",
    "a colon inside a value": "layers:\n  - conv: Conv1d(1, 2, 3): 4\n",
    "indentation": "layers:\n  - ReLU()\n - Tanh()\n",
    "indentation of a key": "name: a\n  layers:\n  - ReLU()\n",
    "a tab": "layers:\n\t- ReLU()\n",
    "a character that cannot start": "layers:\n  - @x\n",
    "two documents": "- ReLU()\n---\n- ReLU()\n",
    "a tag": "- !!int 3\n",
    "an unknown key": "layer: [ReLU]\n",
    "an unknown key beside": "layers: [ReLU]\ninputs: [1, 2]\n",
    "no layers": "name: a\n",
    "empty layers": "layers: []\n",
    "empty layers 2": "layers:\n",
    "a text": "layers: 3\n",
    "a scalar": "just some words\n",
    "a question": "what is this?\n",
    "a key twice": "layers: [ReLU]\nname: a\nname: b\n",
    "an unknown layer": "- Conv1D(1, 2, 3)\n",
    "an unknown layer by far": "- Wobble(1, 2, 3)\n",
    "an unknown layer in lower case": "- conv2d(1, 2, 3)\n",
    "an unknown function": "- F.rellu(x)\n",
    "an unknown method": "- x.flaten(1)\n",
    "an unknown argument": "- Conv1d(1, 2, kernel=3)\n",
    "an unknown argument in a mapping": "- Conv1d: {in_channels: 1, out: 2, kernel_size: 3}\n",
    "a missing argument": "- Conv1d(1, 2)\n",
    "an argument too many": "- ReLU(True, 2, 3)\n",
    "an argument twice": "- Conv1d(1, 2, 3, in_channels=1)\n",
    "an argument twice by name": "- Conv1d(1, 2, kernel_size=3, kernel_size=3)\n",
    "a bad name": "- my conv: ReLU()\n",
    "a bad name of digits": "- 1: ReLU()\n",
    "a name with underscores": "- __init__: ReLU()\n",
    "a name twice": "- a: ReLU()\n- a: Tanh()\n",
    "a name twice on a line": "- a: b = ReLU()\n",
    "two layers in one item": "- a: ReLU()\n  b: Tanh()\n",
    "a block of itself": "blocks:\n  a(): [b]\n  b(): [a]\nlayers:\n  - a\n",
    "a block that lacks an argument": "blocks:\n  a(c, k): ['Conv1d(c, c, k)']\nlayers:\n  - a(3)\n",
    "a block with an argument too many": "blocks:\n  a(c): ['Conv1d(c, c, 1)']\nlayers:\n  - a(3, 4)\n",
    "a block with an unknown argument": "blocks:\n  a(c): ['Conv1d(c, c, 1)']\nlayers:\n  - a(d=4)\n",
    "a block that is no head": "blocks:\n  a(3): [ReLU]\nlayers: [a]\n",
    "blocks as a list": "blocks: [a]\nlayers: [a]\n",
    "an unknown variable": "vars: {filters: 3}\nlayers:\n  - Conv1d(1, filtres, 3)\n",
    "a variable with a dollar": "layers:\n  - Conv1d(1, $c, 3)\n",
    "a later variable": "vars: {a: 2 * b, b: 3}\nlayers: [ReLU]\n",
    "a bad repetition": "- repeat: many\n  layers: [ReLU]\n",
    "a repetition without layers": "- repeat: 3\n",
    "a split call": "layers: [Conv1d(1, 2, 3), ReLU()]\n",
    "a split call in a mapping": "- {conv: Conv1d(1, 2, 3)}\n",
    "a bracket that is not closed": "- Conv1d(1, 2, 3\n",
    "a bracket that was never opened": "- Conv1d(1, 2, 3))\n",
    "a missing comma": "- Conv1d(1 2, 3)\n",
    "two layers on a line": "Conv1d(1, 2, 3) ReLU()\n",
    "an operator without a value": "- x +\n",
    "a number that is too large": "- Conv1d(1, 2, 10**30)\n",
    "a long number": "- Conv1d(1, 2, " + "9" * 5000 + ")\n",
    "a division by zero": "vars: {a: 3 // 0}\nlayers: [ReLU]\n",
    "a number as a layer": "- 3\n",
    "a list as a layer": "- conv: {a: 1, b: 2}\n",
    "unpacking": "nn.Sequential(*[nn.ReLU() for _ in range(3)])\n",
    "a comprehension": "nn.Sequential([nn.ReLU() for _ in range(3)])\n",
    "a list in a Sequential": "nn.Sequential([nn.ReLU()])\n",
    "an OrderedDict without pairs": "nn.Sequential(OrderedDict([nn.ReLU()]))\n",
    "an OrderedDict with a dot": "nn.Sequential(OrderedDict([('a.b', nn.ReLU())]))\n",
    "an OrderedDict with a name twice": "nn.Sequential(OrderedDict([('a', nn.ReLU()), ('a', nn.Tanh())]))\n",
    "a lambda": "x -> (lambda x: x)(x)\n",
    "a condition": "- Conv1d(1, 2 if True else 3, 1)\n",
    "an f-string": "- Conv1d(1, 2, 3, padding=f'same')\n",
    "a loop": "for n in range(3): ReLU()\n",
    "a branch in forward": "class A(nn.Module):\n    def forward(self, x):\n        if x.shape[0] > 1:\n"
    "            x = x + 1\n        return x\n",
    "a loop in __init__": "class A(nn.Module):\n    def __init__(self):\n        self.a = nn.ReLU()\n"
    "        for n in range(3):\n            self.b = nn.ReLU()\n",
    "a parameter of a class": "class A(nn.Module):\n    def __init__(self):\n        self.p = nn.Parameter(3)\n",
    "several inputs of forward": "class A(nn.Module):\n    def forward(self, x, y):\n        return x + y\n",
    "a backslash": "Conv1d(1, 2, '\\n')\n",
    "a module list": "nn.ModuleList([nn.ReLU()])\n",
    "an import alone": "import torch\n",
    "print that is cut": "Net(\n  (a): Linear(in_features=3, out_features=4, bias=True)\n",
    "print of a class that is not torch's": "Net(\n  (a): DropPath(drop_prob=0.1)\n)\n",
    "a dtype": "input: {shape: [1, 2], dtype: float31}\nlayers: [ReLU]\n",
    "an input without a shape": "input: {dtype: int64, x: [1]}\nlayers: [ReLU]\n",
    "a negative size": "input: [-1, 2]\nlayers: [ReLU]\n",
    "a size that is a word": "input: ['a b', 2]\nlayers: [ReLU]\n",
    "names for a tuple": "a, b = x.flatten(1)\n",
    "a call of an output": "- y: x.flatten(1)\n- y(x)\n",
    "an unknown name of an output": "- stem: ReLU()\n- x + steam\n",
    "an index of nothing": "- lstm: LSTM(9, 3)\n- lstm[4]\n",
}


def told(text: str) -> str:
    """Return what a text is refused with: code, sentence, place, and what is written there."""
    try:
        error = trace(parse(Source("<test>", text)), None if text.startswith("input") else (1, 1, 9)).error
    except ConvshapeError as caught:
        error = caught
    if error is None:
        return "nothing\n"
    said = f"error[{error.code}]: {error.message}\n"
    if error.source is None or error.span is None:
        return said
    place = error.source.place(error.span.start)
    width = min(max(error.span.end - error.span.start, 1), 60)
    row = error.source.line(place.line)[:100]
    head = f"  {place.line}:{place.column} | "
    return f"{said}{head}{row}\n{' ' * (len(head) + place.column - 1)}{'^' * width}\n"


def golden() -> dict[str, str]:
    """Read the golden file."""
    parts = GOLDEN.read_text().split("\n# ")
    return {title: body for title, _, body in (part.removeprefix("# ").partition("\n") for part in parts)}


@pytest.mark.parametrize("case", CASES)
def test_error(case: str) -> None:
    """An error says what it said before."""
    assert told(CASES[case]).strip("\n") == golden()[case].strip("\n")


@pytest.mark.parametrize("case", CASES)
def test_sentence(case: str) -> None:
    """A sentence is one line, has no full stop, and opens with no capital but a name's."""
    sentence = told(CASES[case]).partition("\n")[0].partition(": ")[2]
    assert sentence
    assert not sentence.endswith(".")
    assert sentence[0].islower() or not sentence[0].isalpha() or sentence.split()[0] in {"Conv1d", "ReLU", "ModuleList"}


if __name__ == "__main__":
    GOLDEN.write_text("\n".join(f"# {case}\n{told(text)}" for case, text in CASES.items()))
