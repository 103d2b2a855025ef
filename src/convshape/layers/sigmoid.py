"""Sigmoids: activations that squeeze each number between two others, and what is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dtypes import NOT_IMPLEMENTED, as_floating
from convshape.faults import Fault, require
from convshape.layers.elementwise import Activation
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBTRACTION = Fault(
    "dtype",
    "cannot subtract bool",
    "RuntimeError: Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert "
    "a mask, use the `~` or `logical_not()` operator instead.",
)


class LogSigmoid(Activation):
    """The logarithm of the sigmoid: -log(1 + exp(-x))."""

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep exp(-|x|)."""
        yield Tensor(output, output.dtype)

    kernel = "log_sigmoid_cpu"
    layout = "packed"


class Sigmoid(Activation):
    """Squeeze into 0 to 1: 1/(1 + exp(-x)); integers become float32."""

    keeps = "y"

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        return x if x.dtype == "float32" else Tensor(x, as_floating(x.dtype))


class Tanh(Sigmoid):
    """Squeeze into -1 to 1; integers become float32."""


class Softsign(Sigmoid):
    """Squeeze into -1 to 1: x/(1 + |x|); integers become float32."""

    keeps = "x"

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep 1 + |x|."""
        yield Tensor(output, output.dtype)

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        require(x.dtype != "bool", NOT_IMPLEMENTED, kernel="abs_cpu", dtype="bool", scalar="Bool")
        return super().out(x)


class Tanhshrink(Sigmoid):
    """Subtract the tanh: x - tanh(x); integers become float32."""

    keeps = ""

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep the tanh."""
        yield Tensor(output, output.dtype)

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        require(x.dtype != "bool", SUBTRACTION)
        return super().out(x)
