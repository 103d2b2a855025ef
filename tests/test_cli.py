"""The command line as a shell meets it: exit codes, streams, pipes, terminals, and what the options mean."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import convshape
from convshape import cli
from convshape.faults import ReadError
from convshape.options import read_input, read_inputs, read_settings
from convshape.read import read
from convshape.render.diagnostic import cells, diagnostic, printable, window
from convshape.source import Source, Span
from convshape.terminal import Screen

if TYPE_CHECKING:
    from convshape.network import Network

NETS = Path(__file__).parent / "golden" / "nets"
COMMAND = [sys.executable, "-m", "convshape"]


class Done:
    """What a command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        """Keep the three."""
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs a command in this process, its standard output no terminal."""
    for variable in ("COLUMNS", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(NETS)

    def command(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["convshape", *arguments])
        try:
            code = cli.run()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return command


def environment(**variables: str) -> dict[str, str]:
    """Return the variables of a process that finds the package."""
    source = str(Path(convshape.__file__).parents[1])
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")}
    return {**kept, "PYTHONPATH": source, "TERM": "xterm", **variables}


def process(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own."""
    return subprocess.run(  # our own command
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, cwd=NETS, env=environment(**variables)
    )


SIZED = """
import fcntl, struct, sys, termios
from convshape.__main__ import main
fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, {columns}, 0, 0))
sys.argv = {arguments!r}
main()
"""


def on_terminal(*arguments: str, columns: int = 80, **variables: str) -> str:
    """Run a command on a terminal of its own and return what it shows."""
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover  # the child becomes the command
        os.chdir(NETS)
        code = SIZED.format(columns=columns, arguments=["convshape", *arguments])
        os.execve(sys.executable, [sys.executable, "-c", code], environment(**variables))  # noqa: S606
    parts = []
    try:
        while part := os.read(terminal, 65536):
            parts.append(part)
    except OSError:  # the end of a terminal on Linux
        pass
    os.close(terminal)
    os.waitpid(pid, 0)
    return b"".join(parts).decode().replace("\r\n", "\n")


# --- exit codes and streams ---


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("trace", "lenet.yaml"), 0),
        (("trace", "patients.yaml"), 1),
        (("trace", "ctor.yaml", "-i", "1,6,5"), 1),
        (("trace", "missing.yaml"), 2),
        (("trace", "syntax.yaml"), 2),
        (("trace", "unknown.yaml"), 2),
        (("trace", "lenet.yaml", "--columns", "nonsense"), 2),
        (("trace", "lenet.yaml", "-i", "1,2,"), 1),
        (("trace", "lenet.yaml", "--depth", "0"), 2),
        (("trace", "lenet.yaml", "--depth", "x"), 2),
        (("trace", "lenet.yaml", "--nonsense"), 2),
        (("linear-in", "lenet.yaml"), 0),
        (("linear-in", "wrong_linear.yaml"), 0),
        (("linear-in", "patients.yaml"), 1),
        (("linear-in", "lenet.yaml", "--at", "nobody"), 2),
        (("layers", "Conv1d"), 0),
        (("layers", "Conv1"), 2),
        (("nonsense",), 2),
        ((), 2),
        (("--version",), 0),
        (("-h",), 0),
    ],
)
def test_exit_codes(run: Any, arguments: tuple[str, ...], code: int) -> None:
    """Say by the code whether the network is wrong or cannot be read, and never show a traceback."""
    done = run(*arguments)
    assert done.code == code
    assert "Traceback" not in done.out + done.err
    assert "internal" not in done.err
    assert bool(done.err) == (code != 0 or bool(arguments and arguments[-1] == "wrong_linear.yaml"))


def test_a_fault_keeps_the_streams_apart(run: Any) -> None:
    """Put the rows on standard output and the diagnostic on standard error."""
    done = run("trace", "patients.yaml")
    assert "scale" in done.out
    assert "error[channels]" in done.out
    assert "torch:" not in done.out
    assert done.err.startswith("error[channels]: conv expects 5 channels, got 49\n")


def test_linear_in_prints_a_number_alone(run: Any) -> None:
    """Print what a script can use."""
    assert run("linear-in", "lenet.yaml").out == "400\n"
    assert run("linear-in", "lenet.yaml", "--at", "fc3").out == "84\n"
    assert run("linear-in", "lenet.yaml", "--all").out == "fc1 400\nfc2 120\nfc3 84\n"
    assert run("linear-in", "timeseries.yaml").out == "16*L - 192\n"
    assert run("linear-in", "timeseries.yaml", "-i", "32,1,556").out == "8704\n"


def test_linear_in_corrects_a_wrong_number(run: Any) -> None:
    """Print the right number, and note the wrong one."""
    done = run("linear-in", "wrong_linear.yaml")
    assert (done.code, done.out) == (0, "288\n")
    assert "fc1 says in_features=256" in done.err
    assert run("linear-in", "wrong_linear.yaml", "--at", "fc2").out == "10\n"


def test_linear_in_without_a_linear(run: Any) -> None:
    """Print the flattened size of a sample."""
    assert run("linear-in", "Conv1d(1, 16, 3)", "-i", "8,1,20").out == "288\n"
    assert run("linear-in", "Conv1d(1, 16, 3)", "-i", "N,1,L").out == "16*L - 32\n"


def test_linear_in_before_a_fault(run: Any) -> None:
    """Answer as long as the Linear comes before the fault."""
    net = "fc = Linear(_, 4) -> Conv1d(3, 3, 3)"
    assert run("linear-in", net, "-i", "2,7").out == "7\n"
    assert run("linear-in", net, "-i", "2,7", "--all").code == 1


def test_standard_input() -> None:
    """Read a description from standard input."""
    done = subprocess.run(
        [*COMMAND, "linear-in", "-"], input="input: [2, 3, 4]\nlayers:\n  - Flatten()\n  - Linear(_, 1)\n",
        capture_output=True, text=True, check=False, env=environment(),
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "12\n", "")


def test_interrupt_is_quiet() -> None:
    """End with 130 and without a word on Ctrl-C."""
    started = subprocess.Popen(
        [*COMMAND, "linear-in", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=environment(),
    )  # fmt: skip
    time.sleep(1.0)
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=20)
    assert (started.returncode, out, err) == (130, b"", b"")


def test_closed_pipe_is_quiet(tmp_path: Path) -> None:
    """Say nothing when the reader goes away."""
    net = tmp_path / "long.yaml"
    net.write_text("input: [1, 4, 9]\nlayers:\n" + "  - Conv1d(4, 4, 3, padding=1)\n" * 3000)
    for style in ("table", "json"):
        line = f'"{sys.executable}" -m convshape trace {net} --format {style} | head -c 10'
        done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, env=environment())  # noqa: S607
        assert (len(done.stdout), done.stderr) == (10, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [("linear-in", "lenet.yaml"), ("trace", "lenet.yaml"), ("-h",)])
def test_full_disk(arguments: tuple[str, ...]) -> None:
    """Say that the answer could not be written."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=NETS,
            env=environment(),
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "error: cannot write: no space left on device\n")


def test_a_stream_without_unicode() -> None:
    """Draw with what the encoding has."""
    done = process("trace", "lenet.yaml", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "fc1: 16*5*5 = 400" in done.stdout
    assert process("trace", "wide.yaml", PYTHONIOENCODING="ascii").returncode == 1


def test_a_fault_of_our_own_is_a_sentence(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn what should not happen into a sentence, unless the traceback is asked for."""
    monkeypatch.setattr("convshape.options.traced", lambda *_, **__: 1 // 0)
    done = run("trace", "lenet.yaml")
    assert done.code == 2
    assert done.err.startswith("error[internal]: a fault of convshape, please report it")
    monkeypatch.setenv("CONVSHAPE_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        run("trace", "lenet.yaml")


# --- terminals ---


def test_a_pipe_has_no_colour_and_no_width(run: Any) -> None:
    """Write every cell in full."""
    done = run("trace", "lenet.yaml", "--columns", "name,input,output,axes,weights,receptive-field,formula,memory")
    assert "\x1b" not in done.out
    assert max(map(len, done.out.splitlines())) > 150
    assert "…" not in done.out


def test_a_terminal_has_colours() -> None:
    """Show the number that was worked out in colour, and respect NO_COLOR and a dumb terminal."""
    assert "\x1b[1;36m400\x1b[0m" in on_terminal("trace", "lenet.yaml")
    assert "\x1b[1;31m" in on_terminal("trace", "patients.yaml")
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in on_terminal("trace", "patients.yaml", **variables)


@pytest.mark.parametrize("columns", [30, 46, 60, 80, 100, 200])
@pytest.mark.parametrize("net", ["lenet.yaml", "timeseries.yaml", "shared.yaml", "patients.yaml"])
def test_a_terminal_is_never_too_narrow(net: str, columns: int) -> None:
    """Keep within the width, and never break a shape between its digits."""
    shown = on_terminal("trace", net, columns=columns, NO_COLOR="1")
    table = shown.split("\nerror[")[0]
    assert max(cells(line) for line in table.splitlines()) <= columns
    assert "…" not in table
    if columns >= 46 and net == "lenet.yaml":
        assert "(N, 16, 10, 10)" in table


def test_no_progress_unless_it_takes_long() -> None:
    """Show no sign of life for a short trace."""
    assert "tracing" not in on_terminal("trace", "lenet.yaml")


def test_progress_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show a sign of life on a terminal, and wipe it."""
    from convshape import progress

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(progress, "PATIENCE", 0.01)
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.Progress():
        time.sleep(0.2)
    assert sys.stderr.getvalue() == "tracing ...\r\x1b[K"  # type: ignore[attr-defined]


# --- options ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("32,1,556", "(32, 1, 556)"),
        ("N,1,L", "(N, 1, L)"),
        ("(N, 1, 2*L)", "(N, 1, 2*L)"),
        ("[4, 5]", "(4, 5)"),
        ("7", "(7)"),
        ("x=N,3,32,32", "(N, 3, 32, 32)"),
    ],
)
def test_shapes(run: Any, text: str, expected: str) -> None:
    """Read a shape however it is written."""
    done = run("trace", "ReLU()", "-i", text, "--format", "plain", "--columns", "output")
    assert done.out.splitlines()[1].strip("()").rstrip(",") == expected.strip("()")


def network(inputs: str = "") -> Network:
    """Make a network with inputs."""
    from convshape.read import parse

    return parse(Source("<net>", f"{inputs}\nlayers:\n  - ReLU()\n"))


def test_inputs_by_name() -> None:
    """Name inputs, or let them take the names of the network in turn."""
    two = network("input: {x: [N, 3], ids: {shape: [N, 2], dtype: int64}}")
    assert list(read_inputs(["1,3", "1,2:int64"], two) or ()) == ["x", "ids"]
    assert list(read_inputs(["ids=1,2:int64", "1,3"], two) or ()) == ["ids", "x"]
    name, given = read_input("ids=N,16:int64")
    assert (name, given.spec.dtype, len(given.spec.shape)) == ("ids", "int64", 2)
    assert read_inputs(None, two) is None
    for texts in (["1", "2", "3"], ["x=1", "x=2"], [" "], ["x="], ["1,,2"], ["1,2:"]):
        with pytest.raises(ReadError):
            read_inputs(texts, two)


def test_dtypes_of_inputs(run: Any) -> None:
    """Keep the dtype of the file, or take the one that is given."""
    document = json.loads(run("trace", "shared.yaml", "--format", "json").out)
    assert document["inputs"]["ids"] == {"shape": ["N", 7], "axes": None, "dtype": "int64"}
    document = json.loads(run("trace", "shared.yaml", "--format", "json", "-i", "ids=N,7:int32").out)
    assert document["inputs"]["ids"]["dtype"] == "int32"


def test_settings() -> None:
    """Read numbers, words, booleans and tuples."""
    texts = ["a=1", "b=same", "c=True", "d=(1, 2)", "e=0.5", "f=2*3", "g='x y'"]
    expected = {"a": 1, "b": "same", "c": True, "d": (1, 2), "e": 0.5, "f": 6, "g": "x y"}
    assert read_settings(texts) == expected
    for text in ("a", "=1", "a=", "a=f(", "1a=2"):
        with pytest.raises(ReadError):
            read_settings([text])


def test_a_letter_can_be_set(run: Any) -> None:
    """Give a letter of the input a number."""
    document = json.loads(run("trace", "timeseries.yaml", "--set", "L=556", "--format", "json").out)
    assert document["inputs"]["input"]["shape"] == ["N", 1, 556]


def test_a_letter_takes_the_number_of_the_input(tmp_path: Path, run: Any) -> None:
    """Let a layer that is written with a letter see the number that is given for it."""
    net = tmp_path / "net.yaml"
    net.write_text("input: [N, 1, L]\nlayers:\n  - Conv1d(1, 4, 3)\n  - Flatten()\n  - fc: Linear(4*(L - 2), 2)\n")
    assert run("trace", str(net), "-i", "8,1,20").code == 0
    assert run("trace", str(net), "-i", "8,1,T").code == 0


# --- formats ---


ALL = "name,layer,input,output,axes,params,macs,weights,receptive-field,formula,memory"


def test_csv_has_every_column(run: Any) -> None:
    """Read the CSV back."""
    rows = list(csv.DictReader(io.StringIO(run("trace", "lenet.yaml", "--format", "csv", "--columns", ALL).out)))
    assert list(rows[0]) == ALL.split(",")
    assert len(rows) == 12
    assert rows[7]["layer"] == "Linear(400, 120)"
    assert rows[7]["params"] == "48120"
    assert sum(int(row["params"]) for row in rows) == 61706


@pytest.mark.parametrize("style", ["markdown", "plain", "table"])
def test_every_format_has_every_column(run: Any, style: str) -> None:
    """Find a title for each column."""
    out = run("trace", "lenet.yaml", "--format", style, "--columns", ALL).out
    head = out.splitlines()[0]
    for title in (
        "name",
        "layer",
        "input",
        "output",
        "axes",
        "parameters",
        "MACs",
        "weights",
        "receptive field",
        "formula",
    ):
        assert title in head


def test_markdown_is_one_table(run: Any) -> None:
    """Give every line as many cells as the head."""
    lines = [
        line for line in run("trace", "lenet.yaml", "--format", "markdown").out.splitlines() if line.startswith("|")
    ]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


KEYS = {
    "version",
    "name",
    "file",
    "inputs",
    "output",
    "layers",
    "totals",
    "symbols",
    "facts",
    "linears",
    "notes",
    "warnings",
    "dry_run",
    "error",
}
LAYER_KEYS = {
    "name", "type", "layer", "inputs", "output", "params", "macs", "shared", "weights", "receptive_field", "formulas",
    "memory", "failed", "torch", "at",
}  # fmt: skip
ERROR_KEYS = {"code", "message", "label", "at", "layer", "field", "stage", "torch", "repairs", "note"}


def test_json_is_stable(run: Any) -> None:
    """Hold the names of version 1."""
    document = json.loads(run("trace", "timeseries.yaml", "--format", "json").out)
    assert set(document) == KEYS
    assert document["version"] == 1
    assert all(set(layer) == LAYER_KEYS for layer in document["layers"])
    conv = document["layers"][0]
    assert conv["output"] == {"shape": ["N", 16, "L - 7"], "axes": ["N", "C", "L"], "dtype": "float32"}
    assert conv["receptive_field"] == [{"size": 8, "jump": 1, "start": 0}]
    assert conv["at"]["line"] == 6
    assert document["linears"] == {"fc": "16*L - 192"}
    assert document["facts"] == ["L >= 13"]


def test_json_of_an_error(run: Any) -> None:
    """Carry what the diagnostic shows."""
    done = run("trace", "patients.yaml", "--format", "json")
    error = json.loads(done.out)["error"]
    assert done.code == 1
    assert set(error) == ERROR_KEYS
    assert (error["code"], error["field"], error["stage"], error["layer"]) == (
        "channels",
        "in_channels",
        "forward",
        "conv",
    )
    assert error["torch"]["message"] in done.err
    assert error["label"] in done.err
    assert all(repair in done.err for repair in error["repairs"])
    assert error["at"] == {"file": "patients.yaml", "line": 5, "column": 18, "end_line": 5, "end_column": 19}
    assert json.loads(done.out)["layers"][-1]["failed"] is True


def test_depth_keeps_the_totals(run: Any) -> None:
    """Fold rows, and nothing gets lost."""
    whole = json.loads(run("trace", "timeseries.yaml", "-i", "2,1,99", "--format", "json").out)
    folded = json.loads(run("trace", "timeseries.yaml", "-i", "2,1,99", "--format", "json", "--depth", "1").out)
    assert len(folded["layers"]) < len(whole["layers"])
    for count in ("params", "macs"):
        assert sum(layer[count] for layer in folded["layers"]) == whole["totals"][count] == folded["totals"][count]
    assert folded["layers"][1]["name"] == "stem"
    assert folded["layers"][1]["type"] == "unit"
    assert folded["layers"][1]["weights"] == {"0.weight": [16, 16, 6], "0.bias": [16]}


def test_shared_weights_count_once(run: Any) -> None:
    """Mark what was counted before."""
    document = json.loads(run("trace", "shared.yaml", "--format", "json", "-i", "x=2,3,16,16").out)
    same = [layer for layer in document["layers"] if layer["name"] == "same"]
    assert [(layer["params"], layer["shared"]) for layer in same] == [(576, False), (0, True)]
    assert "shared" in run("trace", "shared.yaml").out


def test_letters_follow_the_axes(run: Any) -> None:
    """Name the axes after a permute, a cat and a mean."""
    document = json.loads(run("trace", "shared.yaml", "--format", "json").out)
    axes = {layer["layer"]: (layer["output"]["axes"] or []) for layer in document["layers"]}
    assert axes["x.permute(0, 2, 3, 1)"] == ["N", "H", "W", "C"]
    assert axes["torch.cat([stem, same], 1)"] == ["N", "C", "H", "W"]
    assert axes["x.mean(-1)"] == ["N", "C", "H"]


# --- layers ---


def test_every_layer_has_a_page(run: Any) -> None:
    """List each layer with its documentation, and show each."""
    from convshape import layers

    listed = run("layers").out
    assert "2.13.0" in listed
    for name in layers.FAMILY:
        assert re.search(rf"^  {name} +\S", listed, re.MULTILINE)
        assert run("layers", name).out.startswith(f"{name}(")


# --- the diagnostic ---


def error(text: str, start: int, end: int, **parts: str) -> ReadError:
    """Make an error in a text."""
    made = ReadError("code", "what is wrong", Source("net.yaml", text), Span(start, end))
    for name, value in parts.items():
        setattr(made, name, value)
    return made


def test_the_form_of_a_diagnostic() -> None:
    """Write an error as documented."""
    text = "layers:\n  - conv: Conv1d(5, 5, 3)\n"
    made = error(text, text.index("5,"), text.index("5,") + 1, label="in_channels", note="a note")
    assert diagnostic(made, Screen()) == (
        "error[code]: what is wrong\n"
        "  --> net.yaml:2:18\n"
        "  |\n"
        "2 |   - conv: Conv1d(5, 5, 3)\n"
        "  |                  ^ in_channels\n"
        "  = note:  a note\n"
    )


def test_a_diagnostic_without_a_place() -> None:
    """Write what there is."""
    assert diagnostic(ReadError("code", "what is wrong"), Screen()) == "error[code]: what is wrong\n"
    made = ReadError("code", "what is wrong", Source("net.yaml", ""))
    assert diagnostic(made, Screen()) == "error[code]: what is wrong\n --> net.yaml\n"


@pytest.mark.parametrize("before", ["", "\t", "層", "e\N{COMBINING ACUTE ACCENT}", "\x1b[31m", "🙂🙂", "\t層\t"])
def test_carets_stand_under_the_span(before: str) -> None:
    """Count cells, not characters."""
    lines = diagnostic(error(f"{before}ab", len(before), len(before) + 2), Screen()).splitlines()
    source, carets = lines[3], lines[4]
    assert "\x1b" not in source
    place = source.index("ab")
    assert cells(source[:place]) == carets.index("^")
    assert carets.count("^") == 2


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("place", [0, 1, 50, 500, 997])
def test_a_long_line_is_shown_in_part(width: int, place: int) -> None:
    """Keep within the width, and keep what is marked."""
    text = "".join(chr(97 + number % 26) for number in range(1000))
    lines = diagnostic(error(text, place, place + 3), Screen(width)).splitlines()
    source, carets = lines[3], lines[4]
    assert len(source) <= width
    start = carets.index("^")
    assert source[start : start + 3] == text[place : place + 3]


def test_a_long_span_is_cut() -> None:
    """Cut what is marked as well."""
    before, marked, after = window("x" * 500, 100, 400, 60)
    assert cells(before + marked + after) <= 60
    assert "..." in marked


def test_a_span_over_several_lines() -> None:
    """Mark what stands on the first line."""
    lines = diagnostic(error("ab(\ncd)\n", 0, 7), Screen()).splitlines()
    assert lines[3:5] == ["1 | ab(", "  | ^^^"]


def test_nothing_steers_the_terminal() -> None:
    """Write control characters as marks."""
    assert printable("a\x1b[2Jb\x07\u202e") == "a\ufffd[2Jb\ufffd\ufffd"


def test_a_directory_is_no_network(run: Any) -> None:
    """Say that it cannot be read."""
    done = run("trace", ".")
    assert (done.code, done.out) == (2, "")
    assert read("lenet.yaml").name == "lenet"
