"""What people paste: an error line, or a traceback around it, with the colours and frames of whatever printed it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from convshape.messages import Reading, beginnings, read

if TYPE_CHECKING:
    from convshape.faults import Fault

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
MARGIN = re.compile(r"^(?:\[rank\d+\]:|E  |[|>│┃❱]|\s)+|[│┃|]\s*$")
"""What stands around a line: pytest's E, the frames of rich and IPython, the ranks of torchrun."""
ERROR = re.compile(r"^(?:[\w.]+\.)?(\w*(?:Error|Exception|Warning))\s*:\s*(.*)$", re.DOTALL)
FRAME = re.compile(r'File "?([^",\n]+)"?, line (\d+)(?:, in (\S+))?|^(\S+\.py):(\d+): (?:in (\S+))?')
LIBRARY = ("site-packages", "dist-packages", "/torch/", "\\torch\\", "<frozen")
"""What the path of a file has in it that is not the user's."""


class Frame(NamedTuple):
    """A line of a traceback: where, in which function, and the code."""

    file: str
    line: str
    function: str
    code: str

    @property
    def own(self) -> bool:
        """Whether it is the user's own code."""
        return not any(part in self.file for part in LIBRARY)


class Pasted:
    """A pasted text: its error line, its frames, and what they say."""

    def __init__(self, text: str) -> None:
        """Take away what only showed it."""
        plain = ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
        self.lines = [MARGIN.sub("", line).rstrip() for line in plain.split("\n")]

    @cached_property
    def error(self) -> tuple[str, str]:
        """The type of the exception and its message, from its line to the end of the text; the last one counts."""
        for place in range(len(self.lines) - 1, -1, -1):
            found = ERROR.match(self.lines[place])
            if found:
                return found[1], "\n".join([found[2], *self.lines[place + 1 :]])
        return "", "\n".join(self.lines)

    @cached_property
    def reading(self) -> Reading | None:
        """What torch said: its line alone, else with the lines that it was wrapped into, else within the text."""
        kind, message = self.error
        first = message.partition("\n")[0]
        candidates = (read(first, kind), read(message, kind), read(message, kind, whole=False))
        return next(filter(None, candidates), None) or read("\n".join(self.lines), whole=False)

    @property
    def is_error(self) -> bool:
        """Whether it has the line of an exception."""
        return bool(self.error[0])

    @property
    def beginnings(self) -> list[Fault]:
        """The faults whose message may have begun like this, where it breaks off."""
        return list(beginnings(self.error[1]))

    @cached_property
    def frames(self) -> list[Frame]:
        """The frames of the traceback, the innermost last."""
        found = []
        for place, line in enumerate(self.lines):
            match = FRAME.search(line)
            if match:
                code = self.lines[place + 1].strip() if place + 1 < len(self.lines) else ""
                found.append(Frame(match[1] or match[4], match[2] or match[5], match[3] or match[6] or "", code))
        return found

    @property
    def own(self) -> Frame | None:
        """The innermost frame of the user's own code."""
        return next((frame for frame in reversed(self.frames) if frame.own), None)
