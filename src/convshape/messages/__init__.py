"""Read torch's messages back: each fault's template is turned round into a pattern that finds the fault and its values.

The templates are those that write the messages, so what convshape can say it can also read. Words that several faults
share are told apart as far as they can be; the rest is said to be ambiguous.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.messages.refusals import faults
from convshape.messages.wordings import BINDINGS, FORMER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.faults import Fault

ANY = r"(?:-?\d+(?!\.?\d)|torch\.Size\(\[[^\]]*\]\)|\[[^\[\]]*\]|\([\d, -]*\)|.*?)"
"""A value without a style: a whole number or a shape where there is one, else as little as the rest leaves."""
STYLES = {
    "x": r"-?\d+(?:x-?\d+)*",
    "apart": r"-?\d+(?: x -?\d+)*",
    "comma": r"(?:-?[\w.]+(?:, -?[\w.]+)*)?",
    "spaced": r"-?\d+(?: -?\d+)*",
    "size": r"torch\.Size\(\[[^\]]*\]\)",
    "tuple": r"(?:\([^()]*\)|.*?)",
    "repr": r".*?",
}
"""What each style of `Shown` writes."""
SHORTEST = 12
"""How many letters of its own a message needs, to be looked for in the middle of a text."""

NEAR = 0.9
"""What part of the letters of the surest reading another needs, to be thought of too."""
LIKELIEST = {"Trying to create tensor with negative dimension": "negative-weight"}
"""Words that torch has for everything that it allocates, and what people meet them by."""


class Reading(NamedTuple):
    """What a message says: the fault, the values by name, and the other faults that say the same words.

    `words` is the part of the text that is torch's; `exact` says that it is the whole of what was read.
    """

    fault: Fault
    values: dict[str, Any]
    others: tuple[Fault, ...] = ()
    words: str = ""
    exact: bool = True

    @property
    def release(self) -> str:
        """The release of torch that says it so, where it is not the pinned one."""
        return getattr(self.fault, "release", "")

    @property
    def codes(self) -> list[str]:
        """The codes that it may have, the likeliest first."""
        return list(dict.fromkeys(fault.code for fault in (self.fault, *self.others)))


class Pattern:
    """A template turned round."""

    def __init__(self, fault: Fault) -> None:
        """Take the template apart; the pattern itself is made when a text holds its longest words."""
        self.fault = fault
        self.parts = list(Formatter().parse(fault.torch_words.rstrip()))
        literals = [squeezed(literal) for literal, *_ in self.parts]
        self.longest = max(literals, key=len, default="").strip()
        self.letters = sum(map(len, literals))

    @cached_property
    def names(self) -> list[tuple[str, str]]:
        """The name and the style of each value, as the template has them."""
        return [(name, spec or "") for _, name, spec, _ in self.parts if name]

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The pattern: a value that stands twice in one style must be the same twice."""
        seen: set[tuple[str, str]] = set()
        pieces = []
        for literal, name, spec, _ in self.parts:
            pieces.append(r"\s+".join(map(re.escape, re.split(r"\s+", literal))))
            if name:
                pieces.append(self.value(name, spec or "", seen))
        end = "" if self.parts and not self.parts[-1][1] else r"(?=\s|$)"
        return re.compile("".join(pieces) + end, re.DOTALL)

    def value(self, name: str, spec: str, seen: set[tuple[str, str]]) -> str:
        """Return the pattern of a value."""
        group = f"v{self.names.index((name, spec))}"
        if (name, spec) in seen:
            return f"(?P={group})"
        seen.add((name, spec))
        return f"(?P<{group}>{style(spec)})"

    def read(self, text: str, *, whole: bool) -> Reading | None:
        """Read a text, the whole of it or a part."""
        if self.longest not in text or (not whole and self.letters < SHORTEST):
            return None
        match = self.expression.fullmatch(text) if whole else self.expression.search(text)
        if match is None:
            return None
        values: dict[str, Any] = {}
        for place, (name, spec) in enumerate(self.names):
            values.setdefault(name, value(match[f"v{self.names.index((name, spec))}"], self.names[place][1]))
        return Reading(self.fault, values, (), match[0], whole)


def style(spec: str) -> str:
    """Return what a style of `Shown` writes, as a pattern."""
    if spec.startswith("each "):
        return rf"{re.escape(spec[5:])}[THW]: -?\d+(?: {re.escape(spec[5:])}[THW]: -?\d+)*"
    return STYLES.get(spec, ANY)


def value(text: str, spec: str) -> Any:
    """Return what a text stands for: a whole number, several, or the word itself."""
    if spec == "tuple" and text[:1] != "(":  # what is no tuple is written as it is
        return single(text)
    if spec in ("x", "apart", "comma", "spaced", "size", "tuple") or spec.startswith("each "):
        words = re.findall(r"-?[\w.]+", re.sub(r"\w*[THW]:|torch\.Size|(?<=\d)x(?=-?\d)| x ", " ", text))
        return tuple(map(single, words))
    bare = re.fullmatch(r"(?:torch\.Size\()?\[([^\[\]]*)\]\)?|\(((?:-?\d+, ?)*-?\d*)\)", text)
    if bare:
        return tuple(single(word) for word in re.split(r",\s*", bare[1] or bare[2] or "") if word)
    return single(text)


def single(word: str) -> Any:
    """Return a number where the word is one."""
    return int(word) if re.fullmatch(r"-?\d+", word) else word.strip("'") if word[:1] == "'" else word


def squeezed(text: str) -> str:
    """Write every run of white space as one blank, so that a message may be wrapped anywhere."""
    return re.sub(r"\s+", " ", text)


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return a pattern for every fault with words of torch; those that others word, last."""
    return tuple(Pattern(fault) for fault in (*faults(), *BINDINGS, *FORMER) if fault.torch_words)


def read(message: str, kind: str = "", *, whole: bool = True) -> Reading | None:
    """Read a message: return the fault that says most of its words, or None; `kind` is the type of the exception."""
    text = squeezed(message.strip())
    found = [reading for pattern in patterns() for reading in (pattern.read(text, whole=whole),) if reading]
    if not found:
        return None
    right = [one for one in found if one.fault.torch_type == kind] or found
    most = max(map(letters, right))
    near = sorted((one for one in right if letters(one) >= NEAR * most), key=likelihood)
    best = near[0]
    ties = [one for one in near[1:] if one.fault.torch_type == best.fault.torch_type]
    return best._replace(others=tuple(one.fault for one in ties))


def likelihood(reading: Reading) -> tuple[bool, bool, int, bool]:
    """Order the readings of a message: the likeliest first."""
    usual = LIKELIEST.get(reading.words.partition(" -")[0]) == reading.fault.code
    empty = reading.fault.code == "empty-axis" and any(0 in shape for shape in shapes(reading))
    return not usual, not empty, -letters(reading), not tells(reading)


def shapes(reading: Reading) -> list[tuple[Any, ...]]:
    """Return the values that are shapes."""
    return [value for value in reading.values.values() if isinstance(value, tuple)]


def tells(reading: Reading) -> bool:
    """Tell whether our sentence needs no more than torch's words hold: these words were made for that fault."""
    return all(name in reading.values for _, name, *_ in Formatter().parse(reading.fault.says) if name)


def letters(reading: Reading) -> int:
    """Count the letters of a message that are the fault's own words: the more, the surer."""
    return len(squeezed(reading.words)) - sum(len(str(value)) for value in reading.values.values())


def beginnings(message: str) -> Iterator[Fault]:
    """Give the faults whose words begin like a message that breaks off, or that hold their first words."""
    text = squeezed(message.strip())
    for pattern in patterns():
        first = squeezed(pattern.parts[0][0]).strip()
        if len(first) >= SHORTEST and (first in text or (len(text) >= SHORTEST and first.startswith(text))):
            yield pattern.fault


def placeholders(template: str) -> str:
    """Write a template of a message with the names of its values alone, without their styles."""
    return re.sub(r"\{(\w+)[^{}]*\}", r"{\1}", template)
