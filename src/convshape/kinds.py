"""Kinds: what an argument takes. A layer names a kind in its annotation; here is what each accepts and what it becomes.

A kind tells values apart as torch's bindings do: a bool is an int to the ones that allocate, 1.0 is no int.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from convshape.dim import Dim, symbolic

if TYPE_CHECKING:
    from collections.abc import Callable

PerAxis: TypeAlias = Any
"""One number, or one for each axis; a rule sees a tuple with one for each axis."""
Entries: TypeAlias = Any
"""The same, where torch goes through what it gets: an empty string has no entries, as ()."""
Each: TypeAlias = Any
"""The same, but a rule sees which of the two was written."""
OutputSize: TypeAlias = Any
"""One number, or one or None for each axis; a rule sees which of the two was written."""
Numbers: TypeAlias = Any
"""A number, or one for each axis, whole or not; a rule sees which of the two was written."""
Kernel: TypeAlias = Any
"""The same, where torch allocates a weight of it."""
PerSide: TypeAlias = Any
"""One number, or one for each side of each axis, the last axis first."""
Whole: TypeAlias = Any
"""A number that torch allocates by: no bool."""
Length: TypeAlias = Any
"""A number that torch allocates by, but not as the first: True is 1."""
Axis: TypeAlias = int
"""The place of an axis, negative from the end: no bool, no symbol."""
Several: TypeAlias = tuple[Any, ...]
"""Several numbers."""
Shape: TypeAlias = Any
"""One number, or several; a rule sees a tuple."""

Lengths: TypeAlias = Any
"""One whole number or several, kept as they were written."""
Scale: TypeAlias = Any
"""A number or several, as floats; None where it is 0."""
Flag: TypeAlias = bool
"""True or False, where torch takes no 0 and no None."""
Count: TypeAlias = int
"""How many layers: a number by now, no symbol."""
Amount: TypeAlias = Any
"""A number that torch calculates with before it looks for a whole one."""
Layers: TypeAlias = Any
"""Several layers."""
Function: TypeAlias = Any
"""A layer or an op that a layer takes."""


class Hole:
    """What `_` stands for: a number that the input decides, as in torch's Lazy classes."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show it as it is written."""
        return "_"


HOLE = Hole()


class Kind:
    """What an argument takes: a phrase for the error, what it accepts, and what the value becomes for the rule."""

    __slots__ = ("accepts", "becomes", "phrase")

    def __init__(
        self, phrase: str, accepts: Callable[[Any], bool], becomes: Callable[[Any, int], Any] | None = None
    ) -> None:
        """Declare a kind."""
        self.phrase = phrase
        self.accepts = accepts
        self.becomes = becomes


LONGEST = 2**63
"""What torch's whole numbers stay below, on both sides of 0."""


def is_int(value: Any) -> bool:
    """Tell whether torch takes it for an int."""
    return isinstance(value, Dim) or (isinstance(value, int) and -LONGEST <= value < LONGEST)


def is_number(value: Any) -> bool:
    """Tell whether it is an int or a float."""
    return isinstance(value, (int, float, Dim))


def is_ints(value: Any) -> bool:
    """Tell whether it is an int, or a tuple or list of them."""
    return is_int(value) or (isinstance(value, (tuple, list)) and all(map(is_int, value)))


def leads_with_int(value: Any) -> bool:
    """Tell whether it is an int, or several: torch's bindings take a bool in any place but the first."""
    first = value[0] if isinstance(value, (tuple, list)) and value else value
    return is_ints(value) and not isinstance(first, bool)


def has_entries(value: Any) -> bool:
    """Tell whether it is an int, or several, or an empty string."""
    return leads_with_int(value) or (isinstance(value, str) and not value)


def per_axis(value: Any, axes: int) -> Any:
    """Give every axis its number; True is 1."""
    several = isinstance(value, (tuple, list, str))
    return tuple(+number for number in value) if several else (+value,) * axes


def is_output_size(value: Any) -> bool:
    """Tell whether it is an int, or several of which some may be None."""
    if not isinstance(value, (tuple, list)):
        return leads_with_int(value)
    return leads_with_int(tuple(1 if size is None else size for size in value))


def is_numbers(value: Any) -> bool:
    """Tell whether it is a number, or several."""
    return is_number(value) or (isinstance(value, (tuple, list)) and all(map(is_number, value)))


def per_side(value: Any, axes: int) -> Any:
    """Give both sides of every axis their numbers."""
    return per_axis(value, 2 * axes)


def spread(value: Any, axes: int) -> Any:
    """Give every axis the same number, where only one is written."""
    return tuple(value) if isinstance(value, (tuple, list, str)) else (value,) * axes


def as_scale(value: Any, _axes: int) -> Any:
    """Make floats of a scale as torch.nn.Upsample does; what is empty or 0 counts as not given."""
    if isinstance(value, tuple):
        return tuple(map(float, value))
    return float(value) if value else None


def is_scale(value: Any) -> bool:
    """Tell whether torch.nn.Upsample makes floats of it."""
    try:
        as_scale(value, 0)
    except (TypeError, ValueError):
        return False
    return True


KINDS = {
    "int": Kind("an int", is_int),
    "float": Kind("a number", lambda value: isinstance(value, (int, float))),  # a rule compares it: no open size
    "Amount": Kind("a number", is_number),
    "bool": Kind("True or False", lambda value: not isinstance(value, Dim)),  # torch takes anything that has a truth
    "str": Kind("a string", lambda value: isinstance(value, str)),
    "None": Kind("None", lambda value: value is None),
    "PerAxis": Kind("an int, or one for each axis", leads_with_int, per_axis),
    "Entries": Kind("an int, or one for each axis", has_entries, per_axis),
    "Each": Kind("an int, or one for each axis", leads_with_int),
    "OutputSize": Kind("an int, or one or None for each axis", is_output_size),
    "Numbers": Kind("a number, or one for each axis", is_numbers),
    "Kernel": Kind("an int, or one for each axis", is_ints, per_axis),
    "PerSide": Kind("an int, or one for each side", has_entries, per_side),
    "Whole": Kind("a whole number", lambda value: is_int(value) and not isinstance(value, bool)),
    "Length": Kind("an int", is_int, lambda value, _: +value),
    "Axis": Kind("the number of an axis", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "Shape": Kind(
        "a whole number, or several", has_entries, lambda value, _: tuple(+size for size in spread(value, 1))
    ),
    "Several": Kind(
        "whole numbers", lambda value: isinstance(value, (tuple, list)) and leads_with_int(value), per_axis
    ),
    "Ints": Kind("an int, or several", is_ints),
    "Lengths": Kind("an int, or several", leads_with_int),
    "Scale": Kind("a number, or a tuple of them", is_scale, as_scale),
    "Any": Kind("anything", lambda _: True),
    "Flag": Kind("True or False", lambda value: isinstance(value, bool)),
    "Count": Kind("a whole number", lambda value: isinstance(value, int)),
    "Layer": Kind("a layer", lambda value: hasattr(value, "out")),
    "Layers": Kind(
        "several layers",
        lambda value: isinstance(value, (tuple, list)) and all(hasattr(part, "out") for part in value),
    ),
    "Function": Kind("a function", callable),  # a layer or an op
    "Tensor": Kind("a tensor", lambda value: hasattr(value, "dtype")),
}


class Field:
    """An argument of a layer: its name, its kinds, and its default."""

    __slots__ = ("default", "kinds", "name")

    def __init__(self, name: str, annotation: str, default: Any) -> None:
        """Look the kinds of an annotation up; `required` is the default of an argument that has none."""
        self.name = name
        named = [part.strip() for part in annotation.split("|")]
        unknown = next((part for part in named if part not in KINDS), None)
        if unknown is not None:
            raise TypeError(f"the argument {name} is annotated with {unknown}, which is none of {', '.join(KINDS)}")
        self.kinds = tuple(KINDS[part] for part in named)
        self.default = default

    def read(self, value: Any, axes: int) -> Any:
        """Return what the rule sees; raise ValueError when no kind accepts the value, Undecided for candidates."""
        for kind in self.kinds:
            if kind.accepts(value):
                return kind.becomes(value, axes) if kind.becomes else value
        for part in spread(value, 1):
            symbolic(part)
        raise ValueError(self.phrase)

    def count(self, axes: int) -> int:
        """Return how many numbers a full value has for a layer over so many axes."""
        return 2 * axes if KINDS["PerSide"] in self.kinds else axes

    @property
    def phrase(self) -> str:
        """Say what the argument takes."""
        return " or ".join(kind.phrase for kind in self.kinds)


REQUIRED = object()
