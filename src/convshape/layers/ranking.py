"""Losses that compare inputs with each other: which is nearer, which ranks higher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import broadcast_shapes
from convshape.dtypes import as_floating, need_order, promoted, result_type
from convshape.faults import Fault, require
from convshape.layers.composed import Composed
from convshape.layers.distance import PairwiseDistance
from convshape.layers.reduction import Loss, need_difference
from convshape.layers.softmax import NEGATION
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.kinds import Flag, Function

COSINE_TARGET = Fault(
    "rank",
    "takes a target of 0 or 1 axes, got {rank}",
    "RuntimeError: 0D or 1D target tensor expected, multi-target not supported",
)
COSINE_INPUTS = Fault(
    "rank",
    "takes inputs of {wanted} axes with a target of {rank}, got {first} and {second}",
    "RuntimeError: {rank}D target tensor expects {wanted}D input tensors, but found inputs with sizes "
    "{first} and {second}.",
)
RANKING = Fault(
    "rank",
    "takes inputs and a target of one rank, got {first}, {second} and {third}",
    "RuntimeError: margin_ranking_loss : All input tensors should have same dimension but got sizes: "
    "input1: {first:size}, input2: {second:size}, target: {third:size} ",
)
MARGIN = Fault(
    "margin",
    "needs a margin above 0, got {margin}",
    "ValueError: {owner}: expected margin to be greater than 0, got {margin} instead",
)
TRIPLET = Fault(
    "rank",
    "takes anchor, positive and negative of one rank, got {anchor}, {positive} and {negative}",
    "RuntimeError: The anchor, positive, and negative tensors are expected to have the same number of dimensions, "
    "but got: anchor {anchor}D, positive {positive}D, and negative {negative}D inputs",
)


class CosineEmbeddingLoss(Loss, order="margin size_average reduce reduction"):
    """The angle between two inputs, wanted small where the target is 1 and large where it is -1."""

    margin: float = 0.0
    later = ("margin",)

    def out(self, input1: Tensor, input2: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every row."""
        self.check_mode()
        rank = len(target)
        require(rank <= 1, COSINE_TARGET, "target", rank=rank)
        told = {"rank": rank, "wanted": rank + 1, "first": input1, "second": input2}
        require(len(input1) == len(input2) == rank + 1, COSINE_INPUTS, "target", **told)
        shape = broadcast_shapes(input1, input2)[:-1]
        dtype = promoted(as_floating(input1.dtype), as_floating(input2.dtype))
        need_order(dtype)
        return self.reduced(broadcast_shapes(target, shape), dtype)


class MarginRankingLoss(Loss, order="margin size_average reduce reduction"):
    """How far input1 is from ranking above input2 (target 1) or below it (-1)."""

    margin: float = 0.0
    later = ("margin",)

    def out(self, input1: Tensor, input2: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        self.check_mode()
        one_rank = len(input1) == len(input2) == len(target)
        require(one_rank, RANKING, first=input1, second=input2, third=target)
        need_difference(input1, input2)
        shape = broadcast_shapes(input1, input2)
        require(target.dtype != "bool", NEGATION, "target")
        shape = broadcast_shapes(target, shape)
        dtype = result_type(target, Tensor(shape, result_type(input1, input2)), self.margin)
        need_order(dtype)
        return self.reduced(shape, dtype)


class Triplet(Loss, Composed):
    """What the triplet losses share: an anchor should be nearer to positive than to negative, by margin."""

    margin: float = 1.0
    swap: Any = False

    def check(self) -> None:
        """Refuse a margin that is not positive."""
        require(not self.margin <= 0, MARGIN, "margin", owner=type(self).__name__)

    def distance(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the shape of the distance between two inputs."""
        raise NotImplementedError

    def out(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Any:
        """Return one number, or one for every row."""
        self.check_mode()
        ranks = {"anchor": len(anchor), "positive": len(positive), "negative": len(negative)}
        require(len(set(ranks.values())) == 1, TRIPLET, "anchor", **ranks)
        near, far = self.distance(anchor, positive), self.distance(anchor, negative)
        if self.swap:
            other = self.distance(positive, negative)
            far = Tensor(broadcast_shapes(far, other), result_type(far, other))
        return self.reduced(broadcast_shapes(near, far), result_type(near, far))


class TripletMarginLoss(Triplet, order="margin p eps swap size_average reduce reduction"):
    """How far anchor is from being nearer to positive than to negative by margin, in the p-norm."""

    p: float = 2.0
    eps: float = 1e-06
    swap: Flag = False
    later = ("p", "eps", "swap")

    def distance(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the shape of the distance along the last axis."""
        shape: Tensor = self.run(PairwiseDistance(self.p, self.eps), first, second)
        return shape


class TripletMarginWithDistanceLoss(Triplet, order="* distance_function margin swap reduction"):
    """The same with a distance function of one's own."""

    distance_function: Function | None = None
    modes: ClassVar[tuple[str, ...]] = ("none", "mean", "sum")
    later = ("distance_function",)

    def distance(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the shape that the function gives."""
        shape: Tensor = self.run(self.distance_function or PairwiseDistance(), first, second)
        return shape
