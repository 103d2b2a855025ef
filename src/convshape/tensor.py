"""Tensor: a shape and a dtype, which is all that a rule may ask of its input."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convshape.dim import Size

    Sizes = tuple[Size, ...]


class Tensor(tuple):  # type: ignore[type-arg]  # the items are sizes; mypy knows no tuple subclass of any length
    """A tensor as its shape: a tuple of sizes that also knows its dtype.

    `Tensor((32, 1, "L"))` is not possible: a size is an int, or a Dim made by a trace.
    `strides` is None where the memory is contiguous, else the order of the axes in memory (outermost first).
    """

    dtype: str = "float32"
    layout: tuple[int, ...] | None = None

    def __new__(cls, shape: Iterable[Size] = (), dtype: str = "float32") -> Tensor:
        """Make a tensor of a shape."""
        self = tuple.__new__(cls, shape)
        if dtype != "float32":
            self.dtype = dtype
        return self

    @property
    def shape(self) -> Sizes:
        """The sizes as a plain tuple."""
        return tuple(self)

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Let copies and pickles keep the dtype."""
        return tuple(self), self.dtype


def is_floating(dtype: str) -> bool:
    """Tell whether a dtype is a floating one, as torch.is_floating_point does."""
    return "float" in dtype or dtype in ("half", "double")
