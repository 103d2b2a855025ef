"""Hostile input gives one clear error, or a right answer, in a second and in little memory; nothing is ever run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from convshape import ConvshapeError, ReadError, trace
from convshape.read import decode, parse, read
from convshape.source import Source

SECONDS = 1.5
"""A second, and what a busy machine adds."""
MEGABYTES = 300

MEGA = 1_000_000


def blocks(depth: int, text: str = "[{0}, {0}]") -> str:
    """Write blocks of which each calls the next twice."""
    rows = [f"  b{n}(): {text.format(f'b{n + 1}')}" for n in range(depth)]
    return "\n".join(["blocks:", *rows, f"  b{depth}(): [ReLU]", "layers: [b0]"])


def aliases(depth: int, key: str = "layers", leaf: str = "ReLU()") -> str:
    """Write a YAML bomb: every anchor holds the one before it nine times."""
    rows = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else leaf}]" for n in range(depth)]
    return "\n".join(["name: {", ",\n".join(rows), "}", f"{key}: *a{depth - 1}"])


TEXTS = {
    "aliases that explode": aliases(12),
    "aliases in an expectation": "layers: [ReLU]\n" + aliases(12, "expect"),
    "aliases in a list": "- &a [ReLU, ReLU, ReLU]\n"
    + "".join(f"- &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12)),
    "an alias of itself": "layers: &a [ReLU, *a]",
    "an alias of nothing": "layers: *nothing",
    "deep flow lists": "layers: " + "[" * 10_000 + "]" * 10_000,
    "deep flow mappings": "{a: " * 10_000 + "}" * 10_000,
    "deep block lists": "- " * 10_000 + "ReLU",
    "deep indentation": "\n".join(" " * n + "-" for n in range(1_000)),
    "a megabyte of brackets": "[" * MEGA,
    "a megabyte of brackets in a call": "Conv1d(" + "[" * MEGA,
    "a megabyte of closing brackets": "ReLU()" + ")" * MEGA,
    "deep parentheses": "- Conv1d(" + "(" * 10_000 + "1" + ")" * 10_000 + ")",
    "deep calls": "x -> " + "relu(" * 10_000 + "x" + ")" * 10_000,
    "deep Sequentials": "nn.Sequential(" * 95 + "ReLU()" + ")" * 95,
    "deep Sequentials in YAML": "- " * 30 + "Sequential(" * 60 + "ReLU()" + ")" * 60,
    "a chain of minus": "- Conv1d(1, 1, " + "-" * 100_000 + "1)",
    "a chain of not": "- Conv1d(1, 1, " + "not " * 10_000 + "1)",
    "a chain of methods": "x" + ".relu()" * 10_000,
    "a chain of plus": "- Conv1d(1, 1, 1" + " + 1" * 50_000 + ")",
    "a chain of powers": "- Conv1d(1, 1, 2" + "**2" * 5_000 + ")",
    "a tower": "- Conv1d(1, 1, 10**10**10)",
    "a tower in a mapping": "- Conv1d: {in_channels: 1, out_channels: 1, kernel_size: 10**10**10}",
    "a tower in a variable": "vars: {a: 9**9, b: a**a, c: b**b}\nlayers: [ReLU]",
    "variables that double": "vars:\n"
    + "".join(f"  a{n + 1}: a{n} * a{n}\n" for n in range(40)).replace("a1: a0 * a0", "a1: 3")
    + "layers: [ReLU]",
    "variables that add": "vars:\n  a0: 1\n"
    + "".join(f"  a{n + 1}: a{n} + a{n}\n" for n in range(40))
    + "input: [a40, 1]\nlayers: [ReLU]",
    "variables in a circle": "vars: {a: b, b: a}\ninput: [a]\nlayers: [ReLU]",
    "a variable of itself": "vars: {a: a}\ninput: [a]\nlayers: [ReLU]",
    "a long literal": f"- Conv1d(1, 1, {'9' * 100_000})",
    "a long literal in hexadecimal": f"- Conv1d(1, 1, 0x{'f' * 100_000})",
    "a float that is infinite": "- Conv1d(1, 1, 1e400)",
    "a float that is infinite as a rate": "- Dropout(1e400)",
    "a long string": '- Conv1d(1, 1, "a" * 10**9)',
    "a long string from a format": '- Conv1d(1, 1, "%9999999999d" % 1)',
    "a long tuple": "- Conv1d(1, 1, (1,) * 10**9)",
    "a shift": "- Conv1d(1, 1, 1 << 10**10)",
    "a large layer": f"- Linear({2**62}, {2**62})",
    "a name with underscores": "layers: [{__class__: ReLU()}]",
    "a name with underscores in an expression": "x -> x.__class__.__mro__[1].__subclasses__()",
    "an import": "__import__('os').system('touch /tmp/convshape-was-here')",
    "an import in YAML": "- __import__('os').system('touch /tmp/convshape-was-here')",
    "an evaluation": "- Conv1d(1, 1, eval('1'))",
    "an object": "!!python/object/apply:os.system ['touch /tmp/convshape-was-here']",
    "a NUL": "- Conv1d(1, 1, \0)",
    "a control character": "- Conv1d(1, 1, \x07)",
    "a lone surrogate": "- Conv1d(1, 1, \ud800)",
    "a lone surrogate in code": "Conv1d(1, 1, '\ud800')",
    "a long line": "- Conv1d(" + "1, " * (10 * MEGA // 3),
    "a long word": "a" * (10 * MEGA),
    "a long word in YAML": "layers: " + "a" * (10 * MEGA),
    "a long key": "a" * 100_000 + ": 1",
    "a long unknown layer": "- " + "Conv" * 25_000 + "()",
    "blanks": " " * (10 * MEGA),
    "blank lines": "\n" * MEGA + "-",
    "comments": "# no\n" * 200_000,
    "prompts": ">>> \n" * 200_000,
    "open parts": "Net(\n" + "(a): B(\n" * 50_000,
    "many parts of a part": "ModuleList(\n  (0-999999998): 999999999 x ReLU()\n)",
    "many parts of many parts": "ModuleList(\n" + "(0-999): 1000 x A(" * 30 + "(a): ReLU()" + ")" * 31,
    "repeat": "- repeat: 10**9\n  layers: [ReLU]",
    "repeat in repeat": "- repeat: 99999\n  layers:\n  - repeat: 99999\n    layers: [ReLU]",
    "repeat less than once": "- repeat: -1\n  layers: [ReLU]",
    "repeat nothing often": "- repeat: 10**15\n  layers:\n  - repeat: 0\n    layers: [ReLU]",
    "blocks that explode": blocks(40),
    "blocks that explode in expressions": blocks(40, "['{0} + {0}']"),
    "blocks that nest": blocks(5_000, "[{0}]"),
    "a block of itself": "blocks: {a(): [a]}\nlayers: [a]",
    "blocks of each other": "blocks: {a(): [b], b(): [a]}\nlayers: [a]",
    "a block of itself by default": "blocks: {a(k=a): [k]}\nlayers: [a]",
    "blank lines before code": "\n" * MEGA + "Conv9d()",
    "blank lines in a session": ">>> ReLU(\n" + "\n" * MEGA,
    "a long word in print": "Net(\n  (a): B(" + "a" * MEGA + ")\n)",
    "a long name in print": "Net(\n  (" + "a" * MEGA + "\n)",
    "a long space in print": "Net(\n" + "  (a): " + " " * MEGA + "\n)",
    "many quotes": "x -> '" + "' '" * 300_000,
    "escapes in a scalar": '- "' + "\\x41" * 200_000 + '"',
    "a folded scalar": "- Conv1d(" + "\n  1," * 50_000 + ")",
    "a long line beyond ASCII": "- Conv1d(" + "é, " * 50_000 + ")",
    "a long comment": "# " + "(" * MEGA,
    "many names": "\n".join(f"a{n} = x" for n in range(5_000)) + "\nConv9d()",
    "many keys": "layers: [ReLU]\nvars:\n" + "".join(f"  v{n}: {n}\n" for n in range(20_000)) + "  v0: 1",
    "a class that is deep": "class A(nn.Module):\n  def forward(self, x):\n    return " + "x + " * 9_000 + "x",
    "classes of each other": "class A(nn.Module):\n  def __init__(self):\n    self.b = B()\n"
    "class B(nn.Module):\n  def __init__(self):\n    self.a = A()\n",
}


def outcome(text: str) -> str:
    """Trace a text; return the code of its error, or nothing. Any other exception is a failure."""
    try:
        error = trace(parse(Source("<hostile>", text)), (1, 1, 9)).error
    except ReadError as caught:
        error = caught
    if error is None:
        return ""
    assert len(error.message) < 400, error.message
    assert "\n" not in error.message
    if error.source is not None and error.span is not None:
        assert 0 <= error.span.start <= error.span.end <= len(error.source.text)
    return error.code


WORKS = {"comments", "deep Sequentials", "deep Sequentials in YAML", "variables that add", "many parts"}


@pytest.mark.parametrize("case", TEXTS)
def test_text(case: str) -> None:
    """One error, or an answer, within a second."""
    began = time.process_time()
    code = outcome(TEXTS[case])
    assert time.process_time() - began < SECONDS
    assert code or case in WORKS
    assert not Path("/tmp/convshape-was-here").exists()  # noqa: S108  # what nothing may create


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak of a process")
def test_memory_stays_small() -> None:
    """All of them together stay below 300 MB."""
    script = "import sys; sys.path.insert(0, sys.argv[1]); import test_hostile; test_hostile.peak()"
    here = str(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", script, here], capture_output=True, text=True, check=True)
    assert int(done.stdout) < MEGABYTES


def peak() -> None:
    """Print how many megabytes all the texts took at most; ru_maxrss would count the parent of the process, too."""
    for text in TEXTS.values():
        outcome(text)
    status = Path("/proc/self/status").read_text()
    print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)  # noqa: T201


def code_of(net: str | Path) -> tuple[str, str]:
    """Read a NET argument that cannot be read; return the code and the sentence."""
    with pytest.raises(ReadError) as caught:
        read(str(net))
    return caught.value.code, caught.value.message


def test_files(tmp_path: Path) -> None:
    """A file that is none, cannot be read, or is no text is named, with the reason."""
    assert code_of(tmp_path) == ("file", f"cannot read {tmp_path}: is a directory")
    (tmp_path / "net.yaml").write_text("- ReLU")
    words = f"cannot read {tmp_path}/net.yml: no such file or directory; did you mean net.yaml?"
    assert code_of(tmp_path / "net.yml") == ("file", words)
    binary = tmp_path / "net.pt"
    binary.write_bytes(b"\x80\x02\xff\x00")
    words = f"{binary} is not UTF-8 text: byte 0 is 0x80; saved weights hold no description: paste print(model)"
    assert code_of(binary) == ("encoding", words)
    (tmp_path / "empty").write_bytes(b"\xef\xbb\xbf \n")
    assert code_of(tmp_path / "empty")[0] == "empty"
    (tmp_path / "nul").write_bytes(b"- ReLU\0")
    assert code_of(tmp_path / "nul")[0] == "encoding"
    assert code_of("x" * 5_000)[0] == "file"
    assert code_of("no\0file")[0] == "file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    """A file that may not be read says so."""
    path = tmp_path / "net.yaml"
    path.write_text("- ReLU")
    path.chmod(0)
    assert code_of(path) == ("file", f"cannot read {path}: permission denied")


def test_a_device_without_an_end() -> None:
    """What has no end is not read to its end."""
    assert code_of("/dev/zero")[0] == "too-long"


def test_line_ends_and_marks(tmp_path: Path) -> None:
    """A byte order mark, CRLF and CR are read as what they are."""
    path = tmp_path / "net.yaml"
    path.write_bytes(b"\xef\xbb\xbflayers:\r\n  - ReLU()\r\n  - Conv1d(1, 2, 3)\r\n")
    assert trace(str(path), (1, 1, 9)).output == (1, 2, 7)
    assert Source("", decode("", b"ReLU()\rReLU()")).text == "ReLU()\nReLU()"
    assert trace("ReLU()\r-> Conv1d(1, 2, 3)\r\n", (1, 1, 9)).output == (1, 2, 7)


def test_tabs() -> None:
    """Tabs separate in code; YAML says where they do not indent."""
    assert trace("Conv1d(1,\t2, 3)\t->\tReLU", (1, 1, 9)).output == (1, 2, 7)
    with pytest.raises(ReadError, match="tab"):
        read("layers:\n\t- ReLU")


@pytest.mark.parametrize("count", [20_000])
def test_many_layers_are_read_in_linear_time(count: int) -> None:
    """A megabyte with 20,000 layers is read in less than two seconds."""
    rows = [f"  - conv{n}: Conv1d(16, 16, {n % 7 + 1}, padding={n % 3})   # {n}" for n in range(count)]
    began = time.process_time()
    network = parse(Source("", "layers:\n" + "\n".join(rows)))
    assert len(network.layers) == count
    assert time.process_time() - began < 2 * SECONDS


def test_errors_are_errors_of_convshape() -> None:
    """A caller can catch all of them at once."""
    assert issubclass(ReadError, ConvshapeError)
