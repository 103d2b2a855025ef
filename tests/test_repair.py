"""Repairs of single faults, op by op and layer by layer; and what `--fix` writes into a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from convshape import Tensor, cli, trace
from convshape.read import parse
from convshape.source import Source

EXAMPLES = Path(__file__).parent.parent / "examples" / "broken"
CASES = [
    # view: the batch stays free, or the sizes follow
    ("x.view(1, 16)", (32, 4, 4), "x.view(-1, 16)"),
    ("x.reshape(2, 400)", (2, 6, 8, 8), "x.flatten(1)"),
    ("x.transpose(1, 2) -> x.view(2, -1)", (2, 3, 4), "x.transpose(1, 2) -> x.reshape(2, -1)"),
    # join and multiply
    ("torch.cat([x, a], 0)", {"x": (2, 3, 4), "a": (2, 5, 4)}, "torch.cat([x, a], 1)"),
    ("torch.cat([x, a])", {"x": (2, 3, 4), "a": (2, 3, 5)}, "torch.cat([x, a], dim=2)"),
    ("x @ a", {"x": (2, 3, 4), "a": (2, 5, 4)}, "x @ a.transpose(-2, -1)"),
    ("torch.matmul(x, a)", {"x": (3, 4), "a": (5, 4)}, "torch.matmul(x, a.transpose(-2, -1))"),
    ("s = Conv1d(3, 8, 1) -> Conv1d(8, 4, 1) -> x + s", (2, 3, 9), "s = Conv1d(3, 8, 1) -> Conv1d(8, 8, 1) -> x + s"),
    # norms, groups, padding, pools
    ("Conv2d(3, 8, 3) -> BatchNorm2d(16)", (2, 3, 9, 9), "Conv2d(3, 8, 3) -> BatchNorm2d(8)"),
    ("Conv2d(3, 8, 3) -> GroupNorm(3, 8)", (2, 3, 9, 9), "Conv2d(3, 8, 3) -> GroupNorm(2, 8)"),
    ("Conv1d(6, 8, 1, groups=4)", (1, 6, 5), "Conv1d(6, 8, 1, groups=2)"),
    ("MultiheadAttention(64, 7)(x, x, x)", (2, 5, 64), "MultiheadAttention(64, 8)(x, x, x)"),
    ("MaxPool1d(2, padding=2)", (2, 3, 9), "MaxPool1d(2, padding=1)"),
    ("Conv1d(3, 3, 3, stride=2, padding='same')", (2, 3, 9), "Conv1d(3, 3, 3, stride=2, padding=1)"),
    ("AvgPool2d(8)", (2, 3, 6, 6), "AdaptiveAvgPool2d(1)"),
    ("Conv2d(3, 8, 7)", (2, 3, 5, 5), "Conv2d(3, 8, 3)"),
    # ranks, layouts, dtypes
    ("Conv1d(3, 8, 3)", (2, 3, 9, 9), "Conv2d(3, 8, 3)"),
    ("Conv1d(1, 8, 3)", (2, 9), "x.unsqueeze(1) -> Conv1d(1, 8, 3)"),
    ("Linear(5, 2)", (2, 5, 9), "x.permute(0, 2, 1) -> Linear(5, 2)"),
    ("LSTM(5, 2, batch_first=True)", (2, 5, 9), "x.permute(0, 2, 1) -> LSTM(5, 2, batch_first=True)"),
    ("Embedding(9, 4)", (2, 5), "x.long() -> Embedding(9, 4)"),
    ("LSTM(8, 16) -> Linear(16, 2)", (5, 3, 8), "LSTM(8, 16) -> x[0] -> Linear(16, 2)"),
    ("LayerNorm(16)", (4, 16, 20), "LayerNorm(20)"),
    ("LayerNorm(16)", (4, 16, 20), "x.permute(0, 2, 1) -> LayerNorm(16)"),
    # branches keep the length, one layer or all of them
    (
        "a = Conv1d(3, 8, 1) -> Conv1d(8, 8, 3) -> x + a",
        (2, 3, 9),
        "a = Conv1d(3, 8, 1) -> Conv1d(8, 8, 3, padding=1) -> x + a",
    ),
    (
        "a = x -> Conv1d(3, 8, 5, padding=0) -> Conv1d(8, 3, 3) -> x + a",
        (2, 3, 9),
        "a = x -> Conv1d(3, 8, 5, padding=2) -> Conv1d(8, 3, 3, padding=1) -> x + a",
    ),
    # targets
    ("CrossEntropyLoss()(x, y)", {"x": (8, 10), "y": Tensor((8, 1), "int64")}, "CrossEntropyLoss()(x, y.squeeze(1))"),
    ("CrossEntropyLoss()(x, y)", {"x": (8, 10), "y": (8,)}, "CrossEntropyLoss()(x, y.long())"),
    ("BCEWithLogitsLoss()(x, y)", {"x": (8, 1), "y": (8,)}, "BCEWithLogitsLoss()(x, y.unsqueeze(1))"),
    # where a layer is called on something, that is what changes
    ("s = x -> Linear(24, 2)(s)", (2, 3, 8), "s = x -> Linear(24, 2)(s.flatten(1))"),
    ("s = x -> Linear(24, 2)(s + x)", (2, 3, 8), "s = x -> Linear(24, 2)((s + x).flatten(1))"),
]


@pytest.mark.parametrize(("text", "given", "wanted"), CASES)
def test_the_repair_that_was_meant_is_shown(text: str, given: Any, wanted: str) -> None:
    """It is among the three, and each of them works."""
    result: Any = trace(parse(Source("<net>", text)), given)
    found = [repair.applied(result.network.source).text for repair in result.error.repairs]
    assert wanted in found
    assert len(found) <= 3
    assert all(trace(parse(Source("<net>", one)), given).error is None for one in found)


BROKEN = {
    "image.yaml": "Conv2d(1, 1, (3, 3), stride=2)",
    "kernel.yaml": "Conv1d(2, 1, 2)",
    "no_flatten.yaml": "- Flatten()\n  - Linear(288, 10)",
    "patients.yaml": "- x.permute(0, 2, 1)\n  - conv: Conv1d(5, 5, 3)",
    "view_batch.yaml": "x.view(batch_size, -1)",
    "view_input.yaml": "x.view(-1, 1, 556)",
    "view_pinned.yaml": "x.view(-1, 16)",
    "volume.yaml": "Conv3d(16, 2, (1, 1, 2))",
}
"""What an expert would write in each broken example."""


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.*")), ids=lambda path: path.name)
def test_the_first_repair_of_an_example_is_an_experts(path: Path) -> None:
    """With it the example works."""
    result: Any = trace(path)
    first = result.error.repairs[0].applied(result.network.source)
    assert BROKEN[path.name] in first.text
    assert trace(parse(first)).error is None


def test_no_repair_of_a_view_mixes_samples() -> None:
    """-1 stands only where each sample keeps a row of its own."""
    result: Any = trace("x.view(1, 16)", (32, 4, 4))
    assert [repair.applied(result.network.source).text for repair in result.error.repairs] == [
        "x.view(-1, 16)",
        "x.flatten(1)",
    ]


def test_what_works_hides_what_only_gets_further() -> None:
    """A flat input would be refused by the next layer: it is no repair beside one with which all works."""
    result: Any = trace("x.view(1, 1, 556) -> Conv1d(1, 16, 8)", (32, 1, 556))
    assert [repair.words.partition(":")[0] for repair in result.error.repairs] == ["-1 for the batch"]


MAPPINGS = {
    "  - {Conv2d: {in_channels: 8, out_channels: 8, kernel_size: 3}}  # flow\n": "{padding: 1, in_channels: 8, out",
    "  - Conv2d:\n      in_channels: 8  # block\n      out_channels: 8\n      kernel_size: 3\n": (
        "  - Conv2d:\n      padding: 1\n      in_channels: 8  # block\n"
    ),
}


@pytest.mark.parametrize("layer", MAPPINGS)
def test_an_argument_is_added_to_a_mapping(layer: str) -> None:
    """In the layout that the mapping has, comments kept."""
    text = f"input: [2, 3, 9, 9]\nlayers:\n  - a: Conv2d(3, 8, 1)\n{layer}  - x + a\n"
    result: Any = trace(text)
    fixed = result.error.repairs[0].applied(result.network.source)
    assert MAPPINGS[layer] in fixed.text
    assert trace(parse(fixed)).error is None


def test_larger_data_is_a_repair() -> None:
    """Where the data does not halve evenly, as a U-Net needs it, the next size that does comes first."""
    layers = ("a: Conv2d(1, 8, 3, padding=1)", "MaxPool2d(4)", "Upsample(scale_factor=4)", "torch.cat([a, x], 1)")
    text = "input: [N, 1, 30, 30]\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers)
    result: Any = trace(text)
    assert result.error.repairs[0].words == "input with 32 along each axis of the data"


def test_an_expected_output_decides_between_repairs() -> None:
    """The repair that meets `expect` comes first, although another one is likelier without it."""
    text = "input: [8, 16, 18]\nlayers:\n  - Linear(288, 10)\nexpect: {output: [8, 16, 10]}\n"
    result: Any = trace(text)
    assert result.error.repairs[0].words.startswith("in_features=18")


# --- --fix ---

FILE = """\
# a comment above
input: [8, 1, 20]
layers:
  - conv: Conv1d(2, 16, 3)   # beside

  # between
  - fc:
      Linear:
        in_features: 288
        out_features: 10
"""
FIXED = FILE.replace("Conv1d(2,", "Conv1d(1,").replace("  - fc:", "  - Flatten()\n  - fc:")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run a command."""
    monkeypatch.setattr(sys, "argv", ["convshape", *arguments])
    try:
        return cli.run() or 0
    except SystemExit as ended:
        return int(ended.code or 0)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_fix_keeps_comments_layout_line_ends_and_permissions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], end: str, mark: str
) -> None:
    """Two faults, one behind the other, are mended; nothing else of the file changes."""
    path, link = tmp_path / "net.yaml", tmp_path / "link.yaml"
    path.write_bytes((mark + FILE.replace("\n", end)).encode())
    path.chmod(0o640)
    link.symlink_to(path)
    assert run(monkeypatch, "trace", str(link), "--fix") == 0
    assert path.read_bytes().decode() == mark + FIXED.replace("\n", end)
    assert path.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert {part.name for part in tmp_path.iterdir()} == {"link.yaml", "net.yaml"}
    assert capsys.readouterr().err.count("fixed: ") == 2


def test_output_writes_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file itself stays; a description that is no file can be repaired so, too."""
    path, copy = tmp_path / "net.yaml", tmp_path / "copy.yaml"
    path.write_text(FILE)
    assert run(monkeypatch, "trace", str(path), "--fix", "--output", str(copy)) == 0
    assert path.read_text() == FILE
    assert copy.read_text() == FIXED
    assert run(monkeypatch, "trace", "Conv1d(2, 4, 3)", "-i", "8,1,20", "--fix", "--output", str(copy)) == 0
    assert copy.read_text() == "Conv1d(1, 4, 3)"
    capsys.readouterr()


def test_fix_says_what_it_cannot_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a file, in a folder that is not there, and where no repair helps."""
    assert run(monkeypatch, "trace", "Conv1d(2, 4, 3)", "-i", "8,1,20", "--fix") == 2
    assert "--output" in capsys.readouterr().err
    assert run(monkeypatch, "trace", "Conv1d(2, 4, 3)", "--fix", "--output", str(tmp_path / "no" / "net")) == 2
    assert "cannot write" in capsys.readouterr().err
    path = tmp_path / "net.yaml"
    path.write_text("input: [2, 3]\nlayers:\n  - x[9]\n")
    before = path.read_text(), path.stat().st_mtime_ns
    assert run(monkeypatch, "trace", str(path), "--fix") == 1
    assert (path.read_text(), path.stat().st_mtime_ns) == before


# --- check --fix ---


def test_check_repairs_every_file_and_then_checks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What could be mended is written, what could not stays and fails the check; what works is not touched."""
    texts = {"net.yaml": FILE, "stays.yaml": "input: [2, 3]\nlayers:\n  - x[9]\n", "works.yaml": FIXED}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    before = (tmp_path / "works.yaml").stat().st_mtime_ns
    assert run(monkeypatch, "check", str(tmp_path), "--fix") == 1
    assert {name: (tmp_path / name).read_text() for name in texts} == {**texts, "net.yaml": FIXED}
    assert (tmp_path / "works.yaml").stat().st_mtime_ns == before
    shown = capsys.readouterr()
    assert shown.out.count("error[") == shown.out.count("error[index-range]") == 1
    assert shown.err.count("fixed: ") == 2


def test_check_writes_a_copy_of_one_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The copy is what is held to the expectations; several networks are no copy."""
    path, copy = tmp_path / "net.yaml", tmp_path / "copy.yaml"
    path.write_text(FILE + "expect: {output: [8, 10]}\n")
    assert run(monkeypatch, "check", str(path), "--output", str(copy)) == 0
    assert path.read_text() == FILE + "expect: {output: [8, 10]}\n"
    assert copy.read_text() == FIXED + "expect: {output: [8, 10]}\n"
    assert run(monkeypatch, "check", str(tmp_path), "--output", str(copy)) == 2
    assert "error[output]" in capsys.readouterr().err


def test_check_cannot_repair_what_is_no_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A description on the command line needs --output."""
    assert run(monkeypatch, "check", "Conv1d(3, 4, 3)", "-i", "1,2,9", "--fix") == 2
    assert "error[no-file]" in capsys.readouterr().out
