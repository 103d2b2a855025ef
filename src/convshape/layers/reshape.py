"""Layers that fold axes together or apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import flattened, unflattened
from convshape.layer import Layer

if TYPE_CHECKING:
    from convshape.kinds import Axis, Several
    from convshape.tensor import Tensor


class Flatten(Layer):
    """Fold the axes from start_dim to end_dim into one."""

    keeps = ""
    shares = True

    start_dim: Axis = 1
    end_dim: Axis = -1
    later = ("start_dim", "end_dim")

    def out(self, x: Tensor) -> Any:
        """Return the axes before, the product, and the axes after."""
        return flattened(x, self.start_dim, self.end_dim)


class Unflatten(Layer):
    """Unfold one axis into several sizes, of which one may be -1."""

    keeps = ""
    shares = True

    dim: Axis
    unflattened_size: Several
    later = ("dim",)

    def out(self, x: Tensor) -> Any:
        """Return the axes before, the sizes, and the axes after."""
        return unflattened(x, self.dim, self.unflattened_size)
