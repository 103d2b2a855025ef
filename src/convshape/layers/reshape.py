"""Layers that fold axes together or apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dim import prod
from convshape.layer import Layer

if TYPE_CHECKING:
    from convshape.tensor import Tensor


class Flatten(Layer):
    """Fold the axes from start_dim to end_dim into one."""

    start_dim: int = 1
    end_dim: int = -1

    def out(self, x: Tensor) -> Any:
        """Return the axes before, the product, and the axes after."""
        start, end = self.start_dim % len(x), self.end_dim % len(x)
        return *x[:start], prod(x[start : end + 1]), *x[end + 1 :]
