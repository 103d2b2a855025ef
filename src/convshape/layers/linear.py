"""Layers that multiply the last axis by a matrix, and the one that does nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import NO_AXIS, NO_DIMENSIONS
from convshape.dim import prod
from convshape.dtypes import C_NAMES, SCALARS
from convshape.faults import Fault, require
from convshape.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Length, Whole
    from convshape.tensor import Sizes, Tensor

FEATURES = Fault(
    "features",
    "expects {in_features} features on the last axis, got {got}",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied ({rows}x{got} and {in_features}x{out_features})",
)
LINEAR_RANK = Fault(
    "rank",
    "needs an input with at least one axis",
    "RuntimeError: both arguments to linear need to be at least 1D, but they are 0D and 2D",
)
LINEAR_DTYPE = Fault(
    "dtype",
    "stores float32, which does not go with {dtype}",
    "RuntimeError: mat1 and mat2 must have the same dtype, but got {scalar} and Float",
)
PLAIN_DTYPE = Fault(
    "dtype",
    LINEAR_DTYPE.says,
    "RuntimeError: expected m1 and m2 to have the same dtype, but got: {scalar} != float",
)
NO_FEATURES = Fault(
    "features",
    "needs in1_features of at least 1, got {in1_features}",
    "ValueError: in1_features must be > 0, but got (in1_features={in1_features})",
)
RANKS_MATCH = Fault(
    "batch-mismatch",
    "takes two inputs of the same rank, got {first} and {second} axes",
    "RuntimeError: bilinear(): input dimensions do not match: got {first} and {second}",
)
BATCHES_MATCH = Fault(
    "batch-mismatch",
    "takes two inputs that agree in all axes but the last, got {first} and {second} on axis {dim}",
    "RuntimeError: bilinear(): input batch dimensions do not match at dim {dim}: got {first} and {second}",
)
BILINEAR_FEATURES = Fault(
    "features",
    "expects {want} features on the last axis of input{which}, got {got}",
    "RuntimeError: bilinear(): input{which} size does not match weight size: got {got} but expected {want}",
)
BILINEAR_DTYPE = Fault(
    "dtype",
    "stores float32, which does not go with {first} and {second}",
    "RuntimeError: All tensors must have the same dtype, got input1: {first}, input2: {second}, weight: float"
    "{bias_too}",
)
AMBIGUOUS = Fault(
    "features",
    "cannot tell the rows of an input2 without features",
    "RuntimeError: cannot reshape tensor of 0 elements into shape [-1, 0] because the unspecified dimension size -1 "
    "can be any value and is ambiguous",
)


class Identity(Layer):
    """Give the input back; takes any arguments, and uses none."""

    keeps = ""
    shares = True

    layout = "input"

    def _take(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """Take what torch takes: anything."""


def need_float32(x: Tensor, *, bias: Any) -> None:
    """Refuse what a matrix of float32 is not multiplied by; torch words it by whether a bias is added."""
    if x.dtype != "float32":
        fault, names = (LINEAR_DTYPE, SCALARS) if bias else (PLAIN_DTYPE, C_NAMES)
        require(False, fault, dtype=x.dtype, scalar=names[x.dtype])


class Linear(Layer):
    """Multiply the last axis by a matrix: (*, in_features) becomes (*, out_features)."""

    in_features: Length
    out_features: Whole
    bias: bool = True

    def out(self, x: Tensor) -> Any:
        """Return (*, out_features)."""
        require(len(x) > 0, LINEAR_RANK)
        if self.bias:
            need_float32(x, bias=True)
        *rows, got = x
        require(got == self.in_features, FEATURES, "in_features", got=got, rows=prod(rows))
        need_float32(x, bias=self.bias)
        return *rows, self.out_features

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give a matrix, and one bias for each output feature."""
        yield "weight", (self.out_features, self.in_features)
        if self.bias:
            yield "bias", (self.out_features,)

    def macs(self, output: Any, *_inputs: Any) -> Size:
        """Count one multiply-accumulate for every weight of a row."""
        return prod((*output, self.in_features))

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of rows."""
        return None if self.holes else ("N", self.in_features)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the features on the last axis."""
        if self.lazy:
            require(len(x) > 0, NO_AXIS, name="in_features", rank=0)
        return {"in_features": x[-1]} if x else {}


class LazyLinear(Linear, lazy="in_features"):
    """Linear that takes in_features from its first input."""

    later = ("out_features",)

    def check(self) -> None:
        """Look at out_features only when the weight is made."""
        if self.pending and not self.holes:
            raise self.pending


class Bilinear(Layer):
    """Multiply the last axes of two inputs by a weight each pair: (*, in1) and (*, in2) become (*, out_features)."""

    in1_features: int
    in2_features: int
    out_features: Whole
    bias: bool = True

    def _allocate(self, inferred: tuple[Any, ...] = ()) -> None:
        """Refuse a first input without features, once the weight is made."""
        super()._allocate(inferred)
        require(self.in1_features != 0, NO_FEATURES, "in1_features")

    def out(self, input1: Tensor, input2: Tensor) -> Any:
        """Return (*, out_features)."""
        self.need_dtypes(input1, input2)
        first, second = len(input1), len(input2)
        require(first == second, RANKS_MATCH, first=first, second=second)
        for dim, (one, two) in enumerate(zip(input1[:-1], input2[:-1], strict=True)):
            require(one == two, BATCHES_MATCH, first=one, second=two, dim=dim)
        require(first > 0, NO_DIMENSIONS, dim=-1)
        self.need_features(input1[-1], 1, +self.in1_features)
        self.need_features(input2[-1], 2, +self.in2_features)  # True is 1
        require(self.in2_features != 0, AMBIGUOUS, "in2_features")
        return *input1[:-1], self.out_features

    def need_features(self, got: Size, which: int, want: Size) -> None:
        """Refuse an input of other features than its side of the weight."""
        require(got == want, BILINEAR_FEATURES, f"in{which}_features", got=got, which=which, want=want)

    def need_dtypes(self, input1: Tensor, input2: Tensor) -> None:
        """Refuse inputs that are not float32, as the weights are."""
        first, second = C_NAMES[input1.dtype], C_NAMES[input2.dtype]
        bias = ", bias: float" if self.bias else ""
        require(first == second == "float", BILINEAR_DTYPE, first=first, second=second, bias_too=bias)

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give a weight for each pair of features and each output feature, and one bias each."""
        yield "weight", (self.out_features, self.in1_features, self.in2_features)
        if self.bias:
            yield "bias", (self.out_features,)

    def macs(self, output: Any, *_inputs: Any) -> Size:
        """Count one multiply-accumulate for every weight of a row."""
        return prod((*output, self.in1_features, self.in2_features))

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the features of the first input."""
        return {"in1_features": x[-1]} if x else {}
