"""Distances between two inputs, along one axis."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from convshape.axes import axis, broadcast_shapes
from convshape.dtypes import SCALARS, as_floating, as_real, promoted, result_type
from convshape.faults import Fault, require
from convshape.layer import Layer
from convshape.tensor import Tensor, is_floating

if TYPE_CHECKING:
    from convshape.kinds import Axis, Flag

EPS = Fault("eps", "needs an eps of at least 0, got {eps}", "RuntimeError: eps must be non-negative, got: {eps}")
COMMON_DTYPE = Fault(
    "dtype",
    "takes floating-point numbers, got {dtype}",
    "RuntimeError: expected common dtype to be floating point, yet common dtype is {scalar}",
)
TWO_BOOLEANS = Fault(
    "dtype",
    "cannot subtract bool",
    "RuntimeError: Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or "
    "`logical_xor()` operator instead.",
)
ONE_BOOLEAN = Fault(
    "dtype",
    TWO_BOOLEANS.says,
    "RuntimeError: Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert "
    "a mask, use the `~` or `logical_not()` operator instead.",
)
EMPTY_NORM = Fault(
    "elements",
    "has no {p} norm along an empty axis",
    "RuntimeError: linalg.vector_norm cannot compute the {order} norm on the dimension {dim}because this dimension is "
    "empty and the operation does not have an identity",
)


class CosineSimilarity(Layer):
    """The cosine of the angle between two inputs along one axis, which is gone then."""

    dim: Axis = 1
    eps: float = 1e-8
    later = ("dim", "eps")
    releases = "In torch 2.4 it takes an eps below 0."

    def out(self, x1: Tensor, x2: Tensor) -> Any:
        """Return the broadcast shape without the axis."""
        dtype, common = promoted(x1.dtype, x2.dtype), result_type(x1, x2)
        require(is_floating(common), COMMON_DTYPE, dtype=common, scalar=SCALARS[common])
        require(self.eps >= 0, EPS, "eps")
        shape = broadcast_shapes(x1, x2)
        place = axis(len(shape), self.dim)
        return Tensor(shape[:place] + shape[place + 1 :], dtype)


class PairwiseDistance(Layer):
    """The p-norm of the difference of two inputs along the last axis, which is gone then."""

    p: float = 2.0
    eps: float = 1e-6
    keepdim: Flag = False
    later = ("p", "eps", "keepdim")

    def out(self, x1: Tensor, x2: Tensor) -> Any:
        """Return the broadcast shape without the last axis; with keepdim it stays, as 1."""
        booleans = (x1.dtype, x2.dtype).count("bool")
        require(booleans == 0, TWO_BOOLEANS if booleans > 1 else ONE_BOOLEAN)
        shape = broadcast_shapes(x1, x2)
        if shape and not 0 <= self.p < inf:
            require(shape[-1] != 0, EMPTY_NORM, "p", order=f"{self.p:g}", dim=len(shape) - 1)
        dtype = as_real(as_floating(result_type(x1, x2)))
        last = (1,) if self.keepdim and shape else ()
        return Tensor((*shape[:-1], *last), dtype)
