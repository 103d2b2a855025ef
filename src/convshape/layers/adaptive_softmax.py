"""The adaptive softmax: frequent classes in a head, the others in clusters with fewer features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import NO_DIMENSIONS
from convshape.dim import Dim, scaled
from convshape.dtypes import need_comparable
from convshape.faults import Fault, require
from convshape.layer import FACTORY
from convshape.layers.composed import Composed
from convshape.layers.linear import Linear
from convshape.layers.ranking import COSINE_TARGET as TARGET_RANK
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Amount, Several
    from convshape.layer import Layer

NO_CUTOFFS = Fault(
    "cutoffs", "needs at least one cutoff", "ValueError: cutoffs should be a sequence of length larger than 0"
)
CUTOFFS = Fault(
    "cutoffs",
    "needs cutoffs that rise from 1 to at most n_classes - 1, got {cutoffs}",
    "ValueError: cutoffs should be a sequence of unique, positive integers sorted in an increasing order, "
    "where each value is between 1 and n_classes-1",
)
DIVIDES_BY_ZERO = Fault(
    "div-value", "needs a div_value above 0, got {div_value}", "ZeroDivisionError: integer division or modulo by zero"
)
NO_NUMBER = Fault(
    "div-value", "needs a number as div_value, got {div_value}", "ValueError: cannot convert float NaN to integer"
)
BATCH = Fault(
    "batch-mismatch",
    "has a batch of {batch} in its input and of {got} in its target",
    "RuntimeError: Input and target should have the same size in the batch dimension.",
)
INPUT_RANK = Fault(
    "rank",
    "takes an input of {wanted} axes with a target of {rank}, got {input}",
    "RuntimeError: {rank}D target tensor expects {wanted}D input tensors, but found inputs with size {input:size}",
)


TARGET_DTYPE = Fault(
    "dtype",
    "takes the numbers of classes as target, got {got}",
    "RuntimeError: gather(): Expected dtype int32/int64 for index",
)


class AdaptiveLogSoftmaxWithLoss(Composed):
    """Give the log likelihood of the target's class and its loss: (N, in_features) and (N,)."""

    factory = FACTORY
    in_features: Amount
    n_classes: Amount
    cutoffs: Several
    div_value: float = 4.0
    head_bias: bool = False
    named: ClassVar[dict[str, str]] = {"out_features": "div_value"}  # no other makes a part of the tail negative

    def check(self) -> None:
        """Refuse what the constructor refuses, and make the head."""
        cutoffs = tuple(self.cutoffs)
        require(bool(cutoffs), NO_CUTOFFS, "cutoffs")
        for low, high in zip((0, *cutoffs), cutoffs, strict=False):
            require((low < high) & (high // 1 == high), CUTOFFS, "cutoffs")
        require(cutoffs[-1] <= self.n_classes - 1, CUTOFFS, "cutoffs")
        if self.holes:
            return
        self.__dict__["head"] = Linear(self.in_features, cutoffs[0] + len(cutoffs), bias=self.head_bias)
        require(self.div_value != 0, DIVIDES_BY_ZERO, "div_value")
        require(self.div_value == self.div_value, NO_NUMBER, "div_value")  # NaN is not equal to itself

    def tail(self) -> Iterator[tuple[Size, Size]]:
        """Give the features and the classes of every cluster."""
        ends = (*tuple(self.cutoffs)[1:], self.n_classes)
        for place, (start, end) in enumerate(zip(self.cutoffs, ends, strict=True)):
            yield shared_out(self.in_features, self.div_value ** (place + 1)), end - start

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give the head, and two Linear for every cluster."""
        yield "head", self.__dict__["head"]
        for place, (features, classes) in enumerate(self.tail()):
            yield f"tail.{place}.0", Linear(self.in_features, features, bias=False)
            yield f"tail.{place}.1", Linear(features, classes, bias=False)

    def out(self, input_: Tensor, target_: Tensor) -> Any:
        """Return the log likelihood of every target, and their loss."""
        rank = len(target_)
        require(rank <= 1, TARGET_RANK, "target_", rank=rank)
        if rank:
            require(len(input_) > 0, NO_DIMENSIONS, dim=0)
            require(input_[0] == target_[0], BATCH, "target_", batch=input_[0], got=target_[0])
        require(len(input_) == rank + 1, INPUT_RANK, wanted=rank + 1, rank=rank, input=input_)
        need_comparable(target_.dtype, "ge_cpu", "target_")
        rows = input_ if rank else Tensor((1, *input_), input_.dtype)
        self.run(self.__dict__["head"], rows)
        require(target_.dtype in ("int64", "int32"), TARGET_DTYPE, "target_", got=target_.dtype)
        return Tensor(tuple(target_), input_.dtype), Tensor((), input_.dtype)

    def macs(self, _output: Any, *inputs: Any) -> Size:
        """Count those of the head; how many rows reach the clusters, the targets decide (the textbook's count)."""
        rows = inputs[0][0] if len(inputs[0]) > 1 else 1
        total: Size = rows * self.in_features * (self.cutoffs[0] + len(self.cutoffs))
        return total

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the features on the last axis."""
        return {"in_features": x[-1]} if x else {}


def shared_out(features: Any, parts: float) -> Size:
    """Return int(features // parts), as Python has it for a float."""
    if isinstance(features, Dim):
        return features // int(parts) if parts == parts // 1 else scaled(features, 1 / parts)
    return int(features // parts) if isinstance(features, (int, float)) else features
