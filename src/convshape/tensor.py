"""Tensor: a shape and a dtype, which is all that a rule may ask of its input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convshape.dim import Fact, Size

    Sizes = tuple[Size, ...]


class Tensor(tuple):  # type: ignore[type-arg]  # noqa: SLOT001  # most have no dtype of their own; the items are sizes; mypy knows no tuple subclass of any length
    """A tensor as its shape: a tuple of sizes that also knows its dtype.

    `Tensor((32, 1, "L"))` is not possible: a size is an int, or a Dim made by a trace.
    `strides` is None where the memory is contiguous, else how far apart in memory the neighbours along each axis are.
    """

    dtype: str = "float32"
    strides: tuple[Any, ...] | None = None

    def __new__(cls, shape: Iterable[Size] = (), dtype: str = "float32", strides: Sizes | None = None) -> Tensor:  # noqa: PYI034  # Self is of Python 3.11
        """Make a tensor of a shape."""
        self = tuple.__new__(cls, shape)
        if dtype != "float32":
            self.dtype = dtype
        if strides is not None:
            self.strides = strides
        return self

    @property
    def shape(self) -> Sizes:
        """The sizes as a plain tuple."""
        return tuple(self)

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Let copies and pickles keep the dtype and the strides."""
        return tuple(self), self.dtype, self.strides


def is_floating(dtype: str) -> bool:
    """Tell whether a dtype is a floating one, as torch.is_floating_point does."""
    return "float" in dtype or dtype in ("half", "double")


def alike(one: Sizes, other: Sizes) -> bool | Fact:
    """Ask whether two shapes are the same."""
    if len(one) != len(other):
        return False
    holds: bool | Fact = True
    for a, b in zip(one, other, strict=True):
        holds = holds & (a == b)
    return holds
