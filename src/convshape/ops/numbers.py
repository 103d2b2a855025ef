"""Python's functions of numbers: int, len, min, max and their like, where an argument is worked out."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

from convshape.dim import Dim, maximum, minimum
from convshape.faults import Fault, require
from convshape.op import function
from convshape.tensor import Tensor  # noqa: TC001  # a kind

NO_LENGTH = Fault("rank", "has no length without axes", "TypeError: len() of a 0-d tensor")
DATA_DEPENDENT = Fault("data-dependent", "is a number that only the numbers of the tensor tell")


def several(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the numbers, given one by one or as one list."""
    return tuple(values[0]) if len(values) == 1 and isinstance(values[0], (tuple, list)) else values


def smallest(*values: Any) -> Any:
    """Return the smallest of several numbers or sizes."""
    numbers = several(values)
    return reduce(minimum, numbers) if are_sizes(numbers) else min(numbers)


def largest(*values: Any) -> Any:
    """Return the largest of several numbers or sizes."""
    numbers = several(values)
    return reduce(maximum, numbers) if are_sizes(numbers) else max(numbers)


def are_sizes(numbers: tuple[Any, ...]) -> bool:
    """Tell whether a symbol is among numbers.

    Raises TypeError where one that is not whole is, too.
    """
    symbolic = any(isinstance(one, Dim) for one in numbers)
    if symbolic and not all(isinstance(one, (int, Dim)) for one in numbers):
        raise TypeError("a size is compared with whole numbers and sizes alone")
    return symbolic


def whole(value: Any) -> Any:
    """Return a whole number; a size is one."""
    return value if isinstance(value, Dim) else int(value)


def added(values: Any) -> Any:
    """Add numbers or sizes."""
    return reduce(lambda a, b: a + b, values, 0)


NUMBERS: dict[str, Any] = {
    "float": float, "int": whole, "bool": bool, "round": round, "len": len, "min": smallest, "max": largest,
    "sum": added, "abs": abs, "sqrt": math.sqrt, "floor": math.floor, "ceil": math.ceil,
}  # fmt: skip
"""What each name does to numbers; torch has tensor functions of some of these names."""


@function(names="len", value=True)
def length(input: Tensor) -> Any:
    """Return the size of the first axis."""
    require(len(input) > 0, NO_LENGTH)
    return input[0]


@function(names="int float bool", value=True)
def number(input: Tensor) -> Any:
    """Return the number of a tensor, which no shape tells."""
    require(False, DATA_DEPENDENT)  # it never holds
