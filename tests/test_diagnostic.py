"""A diagnostic points at what is wrong, whatever stands around it."""

from __future__ import annotations

from typing import Any

import pytest

from convshape.faults import ReadError
from convshape.read import read
from convshape.render.diagnostic import cells, diagnostic, printable, window
from convshape.source import Source, Span
from convshape.terminal import Screen


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
