"""Layers that work on the last axis, and the one that does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dim import prod
from convshape.faults import Fault, require
from convshape.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.tensor import Sizes, Tensor

FEATURES = Fault(
    "features",
    "expects {in_features} features on the last axis, got {got}",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied ({rows}x{got} and {in_features}x{out_features})",
)
LINEAR_RANK = Fault(
    "linear-rank",
    "needs an input with at least one axis",
    "RuntimeError: both arguments to linear need to be at least 1D, but they are 0D and 2D",
)


class Identity(Layer):
    """Give the input back."""


class Linear(Layer):
    """Multiply the last axis by a matrix: (*, in_features) becomes (*, out_features)."""

    in_features: int
    out_features: int
    bias: bool = True

    def out(self, x: Tensor) -> Any:
        """Return (*, out_features)."""
        require(len(x) > 0, LINEAR_RANK)
        *rows, got = x
        require(got == self.in_features, FEATURES, "in_features", got=got, rows=prod(rows))
        return *rows, self.out_features

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """A matrix, and one bias for each output feature."""
        yield "weight", (self.out_features, self.in_features)
        if self.bias:
            yield "bias", (self.out_features,)

    def macs(self, output: Any, *_inputs: Any) -> Size:
        """One multiply-accumulate for every weight of a row."""
        return prod(output) * self.in_features

    def expects(self) -> tuple[Size | str, ...] | None:
        """A batch of rows."""
        return None if self.holes else ("N", self.in_features)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """The features on the last axis."""
        return {"in_features": x[-1]} if x else {}


class LazyLinear(Linear, lazy="in_features"):
    """Linear that takes in_features from its first input."""
