"""Every dialect becomes the same Network, and forward expressions mean what they mean in PyTorch."""

from __future__ import annotations

from typing import Any

import pytest

from convshape import trace
from convshape.bind import bind, modules
from convshape.dim import Symbols
from convshape.read import parse
from convshape.source import Source
from texts import arguments, steps


def made(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Read and bind a text; return the name, the class and the arguments of every layer."""
    lines = bind(parse(Source("<test>", text)), Symbols())
    return [(node.path, type(node.layer).__name__, arguments(node.layer)) for node in modules(lines)]


SAME = {
    "short": """
layers:
  - Conv1d(1, 16, 8)
  - ReLU()
  - head:
      - Flatten()
      - fc: Linear(8784, 1, bias=False)
""",
    "list": """
- Conv1d(1, 16, 8)
- ReLU
- head: [Flatten, {fc: "Linear(8784, 1, bias=False)"}]
""",
    "mapping": """
layers:
  - Conv1d: {in_channels: 1, out_channels: 16, kernel_size: 8}
  - ReLU:
  - head:
      - Flatten: {}
      - fc: {Linear: {in_features: 8784, out_features: 1, bias: no}}
""",
    "positional": """
layers:
  - nn.Conv1d: [1, 16, 8]
  - ReLU: []
  - head: [Flatten: , fc: {Linear: {in_features: 8784, out_features: 1, bias: false}}]
""",
    "json": """
{"layers": ["Conv1d(1, 16, 8)", "ReLU()",
            {"head": ["Flatten()", {"fc": {"Linear": {"in_features": 8784, "out_features": 1, "bias": false}}}]}]}
""",
    "sequential": """
import torch
from torch import nn  # the usual
# a comment

model = nn.Sequential(OrderedDict([
    ("0", nn.Conv1d(1, 16, 8)),  # 549
    ("1", torch.nn.ReLU(),),
    # its (bracket
    ("head", nn.Sequential(OrderedDict([("0", nn.Flatten()), ("fc", nn.Linear(8784, 1, bias=False))]))),
]))
""",
    "ordered": """
self.net = nn.Sequential(OrderedDict([
    ("0", nn.Conv1d(1, 16, kernel_size=8)),
    ("1", nn.ReLU()),
    ("head", nn.Sequential(collections.OrderedDict({"0": nn.Flatten(), "fc": nn.Linear(8784, 1, bias=False)}))),
]))
""",
    "printed": """
Sequential(
  (0): Conv1d(1, 16, kernel_size=(8,), stride=(1,))
  (1): ReLU()
  (head): Sequential(
    (0): Flatten(start_dim=1, end_dim=-1)
    (fc): Linear(in_features=8784, out_features=1, bias=False)
  )
)
""",
    "printed part": """
(0): Conv1d(1, 16, kernel_size=(8,), stride=(1,))
(1): ReLU()
(head): Sequential( (0): Flatten(start_dim=1, end_dim=-1) (fc): Linear(in_features=8784, out_features=1, bias=False) )
""",
}


@pytest.mark.parametrize("dialect", list(SAME))
def test_dialects_agree(dialect: str) -> None:
    """A network is the same in every dialect: names, classes and arguments."""
    assert made(SAME[dialect]) == made(SAME["short"])


def test_a_name_that_is_the_position_is_no_name() -> None:
    """OrderedDict([("0", ...)]) and print say what a plain Sequential says."""
    plain = parse(Source("", "nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh()))"))
    named = 'nn.Sequential(OrderedDict([("0", nn.ReLU()), ("1", nn.Sequential(OrderedDict([("0", nn.Tanh())])))]))'
    assert parse(Source("", named)) == plain
    assert parse(Source("", "Sequential(\n  (0): ReLU()\n  (1): Sequential(\n    (0): Tanh()\n  )\n)")) == plain
    assert parse(Source("", "- ReLU()\n- - Tanh()")) == plain
    assert parse(Source("", "ReLU() -> nn.Sequential(Tanh())")) == plain


@pytest.mark.parametrize("joint", [" -> ", " | ", "; ", "\n", "\n\n", " ->\n", "  # why\n"])
def test_inline_joints(joint: str) -> None:
    """An arrow, a bar, a semicolon and a line end all stand between layers."""
    assert made(joint.join(["Conv1d(1, 16, 8)", "ReLU", "Flatten()"])) == made(
        "[ 'Conv1d(1, 16, 8)', ReLU, Flatten() ]"
    )


def test_numbers_before_a_sequential_are_variables() -> None:
    """`n = 8` sets a variable, which `--set` can change."""
    text = "n = 8  # filters\nm = 2 * n\nmodel = nn.Sequential(nn.Conv1d(1, m, n), nn.ReLU())"
    assert steps(text, 1, 1, 20) == [("0", (1, 16, 13)), ("1", (1, 16, 13))]
    assert steps(text, 1, 1, 20, set={"n": 4})[0] == ("0", (1, 8, 17))


def test_blocks_have_arguments_and_defaults() -> None:
    """A block is used like a layer, by position, by name, in the mapping spelling and nested."""
    text = """
vars: {size: 8}
blocks:
  unit(c, k=3, bias=True):
    - Conv1d(_, c, k, bias=bias)
    - ReLU()
  twice(c): [unit(c), {second: {unit: {c: 2 * c, k: 1}}}]
layers:
  - unit(size)
  - unit: {c: size, k: 5}
  - twice(4)
"""
    assert steps(text, 1, 1, 20) == [
        ("0.0", (1, 8, 18)),
        ("0.1", (1, 8, 18)),
        ("1.0", (1, 8, 14)),
        ("1.1", (1, 8, 14)),
        ("2.0.0", (1, 4, 12)),
        ("2.0.1", (1, 4, 12)),
        ("2.second.0", (1, 8, 12)),
        ("2.second.1", (1, 8, 12)),
    ]


def test_a_block_sees_variables_and_not_its_callers() -> None:
    """What a block means does not depend on where it is used."""
    text = "blocks:\n  inner(): ['Conv1d(1, c, 3)']\n  outer(c): [inner]\nlayers: [outer(4)]"
    with pytest.raises(Exception, match="called c"):
        steps(text, 1, 1, 20)


def test_repetitions() -> None:
    """Without a name the repetitions stand in a row, with a name inside of it."""
    text = "layers:\n- repeat: 1 + 1\n  layers: [ReLU]\n- stage:\n    repeat: 2\n    layers: [ReLU]\n- Flatten()"
    assert [path for path, _ in steps(text, 2, 3)] == ["0.0", "1.0", "stage.0.0", "stage.1.0", "3"]


def test_variables_may_be_strings_and_lists() -> None:
    """A variable is a number, a word, or a list; later ones may use earlier ones."""
    text = """
vars: {kind: same, widths: [4, 8], out: "widths[1] * 2"}
layers:
  - Conv1d(1, widths[0], 3, padding=kind)
  - Conv1d: {in_channels: "widths[0]", out_channels: out, kernel_size: 3, padding: $kind}
"""
    assert steps(text, 1, 1, 20) == [("0", (1, 4, 20)), ("1", (1, 16, 20))]
    assert steps(text, 1, 1, 20, set={"out": 5})[-1] == ("1", (1, 5, 20))


def test_sharing_and_naming() -> None:
    """The name of a layer is its output; called again, it is the layer."""
    text = "stem = Conv1d(2, 2, 3, padding=1) -> ReLU -> y = stem(x) -> x + stem -> Conv1d(2, 1, 4)(stem)"
    found = trace(text, (1, 2, 10))
    assert found.error is None
    assert found.params == 14 + 9
    assert found.output == (1, 1, 7)


def test_unpacking_a_tensor_takes_its_first_axis() -> None:
    """As in Python, a tensor of two rows gives two tensors."""
    assert steps("a, b = x; a + b", 2, 3)[-1][1] == (3,)
    with pytest.raises(Exception, match="cannot unpack"):
        steps("a, b = x; a + b", 3, 3)


def test_several_inputs() -> None:
    """Inputs stand under their names, declared or given."""
    text = "input: {x: [N, 3], ids: {shape: [N, 4], dtype: int64}}\nlayers: [x + ids.sum(1)]"
    network = parse(Source("<test>", text))
    assert list(network.inputs) == ["x", "ids"]
    assert network.inputs["ids"].dtype == "int64"
    assert trace("Linear(3, 4)(a) + b", {"a": (2, 3), "b": (2, 4)}).output == (2, 4)


def test_spans_point_at_what_was_written() -> None:
    """Spans hold in folded, quoted, unicode and repeated text."""
    for text in (
        "- Conv1d(1,\n    16, kk)\n",
        "- 'Conv1d(1, 16, kk)'\n",
        '- "Conv1d(1, 16, kk)"\n',
        "# é☃𝄞\n- Conv1d(1, 16, kk)  # é\n",
        "- |\n  Conv1d(1,\n  16,\n  kk)\n",
        "- >\n  Conv1d(1,\n\n  16, kk)\n",
        "nn.Sequential(\n  # é☃𝄞\n  nn.Conv1d(1, 16, # é\n kk))",
        "é = 1; Conv1d(1, é, kk)",
        "- Conv1d: {in_channels: 1, out_channels: $kk, kernel_size: 1}\n",
    ):
        with pytest.raises(Exception, match="called kk") as caught:
            steps(text, 1, 1, 20)
        error: Any = caught.value
        assert error.source.at(error.span) == "kk", text


def test_places_are_lines_and_columns() -> None:
    """A place counts from 1, in characters."""
    source = Source("", "a\n\nbé☃c\n")
    assert [source.place(offset) for offset in (0, 1, 2, 3, 5, 6)] == [(1, 1), (1, 2), (2, 1), (3, 1), (3, 3), (3, 4)]
    assert [source.line(number) for number in (1, 2, 3, 4, 5)] == ["a", "", "bé☃c", "", ""]


def test_words_and_constants() -> None:
    """YAML's own constants are read as PyTorch would mean them."""
    text = "- Conv1d: {in_channels: 1, out_channels: 2, kernel_size: 3, padding: same, bias: no, padding_mode: 'zeros'}"
    assert made(text)[0][2]["bias"] is False
    assert made(text)[0][2]["padding"] == "same"


def test_expectations_are_kept() -> None:
    """What `check` compares is kept as it was written, with its place."""
    network = parse(Source("", 'layers: [ReLU]\nexpect: {output: [N, 1], params: "<= 100_000"}'))
    output, params = network.expect["output"], network.expect["params"]
    assert [size.value for size in output.items] == ["N", "1"]  # type: ignore[attr-defined]
    assert (params.value, network.source.at(params.span)) == ("<= 100_000", '"<= 100_000"')  # type: ignore[attr-defined]
