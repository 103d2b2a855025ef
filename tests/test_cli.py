"""The command line as a shell meets it: exit codes, streams, pipes and terminals."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from convshape.render.diagnostic import cells
from shell import COMMAND, NETS, environment, on_terminal, process


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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sizes", "-", "-i", "N,1,L"), "L >= 3"),
        (("sizes", "-", "-i", "N,1,9", "--dataset", "10", "--batch", "4"), "yes: every batch works"),
        (("solve", "-", "-i", "N,1,9", "--vary", "k=1..9", "--want", "output == (N, 2, 7)"), "all 9 settings: 1 fit\n"),
    ],
)
def test_standard_input_is_read_once(arguments: tuple[str, ...], said: str) -> None:
    """A question that looks at its network several times can ask about what is piped."""
    net = "vars: {k: 3}\nlayers:\n  - Conv1d(1, 2, k)\n"
    done = subprocess.run(
        [*COMMAND, *arguments], input=net, capture_output=True, text=True, check=False, env=environment()
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout


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
    monkeypatch.setattr("convshape.asked.Asked.trace", lambda *_, **__: 1 // 0)
    done = run("trace", "lenet.yaml")
    assert done.code == 2
    assert done.err.startswith("error[internal]: a fault of convshape, please report it")
    monkeypatch.setenv("CONVSHAPE_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        run("trace", "lenet.yaml")


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
