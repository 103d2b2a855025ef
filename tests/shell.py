"""What a shell does with a command: run it as a process, or on a terminal of its own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import convshape

NETS = Path(__file__).parent / "golden" / "nets"
COMMAND = [sys.executable, "-m", "convshape"]


class Done:
    """What a command printed, and its exit code."""

    def __init__(self, code: int, out: str, err: str) -> None:
        """Keep the three."""
        self.code, self.out, self.err = code, out, err


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
