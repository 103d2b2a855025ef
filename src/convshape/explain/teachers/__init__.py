"""Teachers: what the numbers of a message are, and what to change. Each is declared beside the words that it explains.

A teacher takes the values of a message in the order in which torch prints them; its annotations say what they must be.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from convshape.messages import Reading
    from convshape.prose import Block

    Teacher = Callable[..., Iterator[Block]]

FAMILIES = ("features", "windows", "pairs")
"""The modules that declare teachers."""
TEACHERS: dict[str, Teacher] = {}
"""The teachers declared so far, by the words that a message begins with."""


def teaches(*beginnings: str) -> Callable[[Teacher], Teacher]:
    """Declare what to say of the messages that begin with these words."""

    def declare(teacher: Teacher) -> Teacher:
        TEACHERS.update(dict.fromkeys(beginnings, teacher))
        return teacher

    return declare


def teachers() -> dict[str, Teacher]:
    """Return every teacher by its words."""
    for family in FAMILIES:
        import_module(f".{family}", __name__)
    return TEACHERS


def taught(reading: Reading) -> Iterator[Block]:
    """Say what the numbers of a message are; nothing where no teacher knows it, or a number is no number."""
    for beginning, teacher in teachers().items():
        if reading.fault.torch_words.startswith(beginning) and fits(teacher, tuple(reading.values.values())):
            yield from teacher(*reading.values.values())


def fits(teacher: Teacher, values: Sequence[Any]) -> bool:
    """Tell whether values are what a teacher takes: a pasted message may hold anything where a number belongs."""
    kinds = [kind for name, kind in teacher.__annotations__.items() if name != "return"]
    return len(values) >= len([kind for kind in kinds if kind != "Any"]) and all(
        type(value).__name__ == kind.partition("[")[0]
        for kind, value in zip(kinds, values, strict=False)
        if kind != "Any"
    )
