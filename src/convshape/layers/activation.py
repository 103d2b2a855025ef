"""Activations: they work on each number by itself, and keep the shape."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, ClassVar

from convshape.dtypes import COMPLEX, NOT_IMPLEMENTED, SCALARS, need_floating, need_order
from convshape.faults import Fault, require
from convshape.layers.elementwise import Activation, InPlace
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_BOOLEANS = Fault(
    "dtype",
    "cannot work on bool",
    "RuntimeError: {booleans} inputs not supported for {function}",
)
UNSIGNED = Fault(
    "dtype",
    "has a limit below zero, which {dtype} cannot hold",
    "RuntimeError: cannot do hardtanh on an unsigned type with negative limits",
)
LIMITS = Fault(
    "limits",
    "needs a max_val above min_val, got {high} and {low}",
    "AssertionError: max_val ({high}) must be greater than min_val ({low})",
)
BOUNDS = Fault(
    "limits",
    "needs a lower bound of at most the upper one, got {lower} and {upper}",
    "RuntimeError: Lower bound should be less than or equal to the upper bound",
)
NO_ALPHA = Fault(
    "alpha",
    "divides by alpha, which is 0",
    "RuntimeError: ZeroDivisionError: alpha cannot be 0 for CELU",
)
APPROXIMATE = Fault(
    "choice",
    "approximates with 'none' or 'tanh', not {approximate:repr}",
    "RuntimeError: approximate argument must be either none or tanh.",
)
LAMBDA = Fault(
    "limits",
    "needs a lambd between 0 and {highest}, got {lambd}",
    "RuntimeError: lambda must be in range [0, {highest}] for input dtype {scalar}, but found {lambd}",
)
LARGEST = {"float32": "3.40282e+38", "float64": "1.79769e+308", "float16": "65504", "bfloat16": "3.38953e+38"}
"""The largest number of a dtype, as torch prints it."""


INFINITE = Fault(
    "limits", "needs a finite {name}, got {bound}", "RuntimeError: rrelu: {name} bound must be finite, got {bound}"
)


class Threshold(InPlace):
    """Keep what is above a threshold, and put a value in place of the rest."""

    threshold: float
    value: float
    kernel = "threshold_cpu"
    also = ("uint8", "int8", "int16", "int32", "int64")


class ReLU(InPlace):
    """Keep what is positive: max(0, x)."""

    keeps = "y"
    booleans: ClassVar[tuple[str, str]] = ("Boolean", "relu")

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        if x.dtype != "float32":
            booleans, function = self.booleans
            require(x.dtype != "bool", NO_BOOLEANS, booleans=booleans, function=function)
            need_order(x.dtype)
        return x


class ReLU6(ReLU):
    """Keep what is between 0 and 6: min(max(0, x), 6)."""

    forward_of = "Hardtanh"
    keeps = "x"
    booleans = ("Bool", "hardtanh")


class Hardtanh(ReLU6, order="min_val max_val inplace min_value max_value"):
    """Cut off below min_val and above max_val."""

    min_val: float = -1.0
    max_val: float = 1.0
    min_value: float | None = None
    max_value: float | None = None

    def check(self) -> None:
        """Refuse limits in the wrong order; min_value and max_value are their old names."""
        low, high = self.limits
        require(not high <= low, LIMITS, "max_val", low=low, high=high)

    @property
    def limits(self) -> tuple[float, float]:
        """The limits, the old names first."""
        low = self.min_val if self.min_value is None else self.min_value
        return low, self.max_val if self.max_value is None else self.max_value

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        require(x.dtype != "uint8" or min(self.limits) >= 0, UNSIGNED, dtype=x.dtype)
        return super().out(x)


class RReLU(InPlace):
    """Multiply what is negative by a random number between lower and upper; by their mean in eval."""

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep the slopes."""
        yield Tensor(output, output.dtype)

    lower: float = 1.0 / 8
    upper: float = 1.0 / 3

    def out(self, x: Tensor) -> Any:
        """Return the same shape; in place torch does not ask whether the bounds are finite."""
        for name in () if self.inplace else ("lower", "upper"):
            require(abs(self.__dict__[name]) < inf, INFINITE, name, name=name, bound=self.__dict__[name])
        require(self.lower <= self.upper, BOUNDS, "lower")
        if x.dtype != "float32":
            kernel = "rrelu_with_noise_out_cpu" if self.training else "leaky_relu_cpu"
            known = x.dtype != "float16" or not self.training
            require(known, NOT_IMPLEMENTED, kernel=kernel, dtype=x.dtype, scalar=SCALARS[x.dtype])
            need_floating(x, kernel)
        return x


class LeakyReLU(InPlace):
    """Multiply what is negative by negative_slope."""

    negative_slope: float = 0.01
    kernel = "leaky_relu_cpu"


class ELU(InPlace):
    """Bend what is negative towards -alpha: alpha*(exp(x) - 1)."""

    alpha: float = 1.0
    kernel = "elu_cpu"


class CELU(InPlace):
    """Bend what is negative towards -alpha: alpha*(exp(x/alpha) - 1)."""

    alpha: float = 1.0
    kernel = "elu_cpu"

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        require(self.alpha != 0, NO_ALPHA, "alpha")
        return super().out(x)


class SELU(InPlace):
    """ELU with the scale and alpha that keep mean 0 and variance 1."""

    kernel = "elu_cpu"


class SiLU(InPlace):
    """Multiply by the sigmoid: x*sigmoid(x)."""

    kernel = "silu_cpu"
    also = COMPLEX


class Mish(InPlace):
    """Multiply by the tanh of the softplus."""

    kernel = "mish_cpu"


class Hardswish(InPlace):
    """SiLU of straight lines: x*min(max(0, x + 3), 6)/6."""

    kernel = "hardswish_cpu"


class Hardsigmoid(InPlace):
    """Sigmoid of straight lines: min(max(0, x + 3), 6)/6."""

    kernel = "hardsigmoid_cpu"


class GELU(Activation):
    """Multiply by the probability that a normal number is smaller."""

    approximate: str = "none"
    kernel = "GeluKernelImpl"

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        require(self.approximate in ("none", "tanh"), APPROXIMATE, "approximate")
        return super().out(x)


class Hardshrink(Activation):
    """Put 0 in place of what is between -lambd and lambd."""

    lambd: float = 0.5
    kernel = "hardshrink_cpu"


class Softshrink(Activation):
    """Move everything lambd closer to 0."""

    lambd: float = 0.5
    kernel = "softshrink_check"

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        need_floating(x, self.kernel)
        highest = LARGEST[x.dtype]
        holds = 0 <= self.lambd <= float(highest)
        require(holds, LAMBDA, "lambd", highest=highest, scalar=SCALARS[x.dtype])
        return x


class Softplus(Activation):
    """ReLU with a smooth bend: log(1 + exp(beta*x))/beta."""

    beta: float = 1.0
    threshold: float = 20.0
    kernel = "softplus_cpu"
