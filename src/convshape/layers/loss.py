"""Losses that compare numbers with numbers. `Loss` holds what every loss shares: the reduction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import NO_DIMENSIONS, broadcast_shapes
from convshape.dim import broadcast
from convshape.dtypes import CAST, SCALARS
from convshape.faults import Fault, require
from convshape.layer import Layer
from convshape.op import OUTPUT_SHAPE
from convshape.tensor import Tensor, alike, is_floating

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Fact
    from convshape.tensor import Sizes

CHOICES = "takes 'none', 'mean' or 'sum' as reduction, got {mode:repr}"
REDUCTION = Fault("choice", CHOICES, "ValueError: {mode} is not a valid value for reduction")
REDUCTION_HERE = Fault("choice", CHOICES, "ValueError: {mode} is not valid")
TARGET = Fault(
    "sizes-match",
    "needs a target of {input}, got {target}",
    "ValueError: Target size ({target:size}) must be the same as input size ({input:size})",
)
TARGET_DEPRECATED = Fault(
    "sizes-match",
    TARGET.says,
    "ValueError: Using a target size ({target:size}) that is different to the input size ({input:size}) is deprecated. "
    "Please ensure they have the same size.",
)
TARGET_DTYPE = Fault(
    "dtype",
    "needs a target of {want}, got {got}",
    "RuntimeError: Found dtype {scalar} but expected {wanted}",
)
WEIGHT = Fault(
    "broadcast",
    "cannot line up a weight of {weight} with a target of {target}",
    "RuntimeError: Attempting to broadcast a dimension of length {length} at {place}! Mismatching argument at index 1 "
    "had {weight:size}; but expected shape should be broadcastable to {joined}",
)
BETA = Fault(
    "beta",
    "needs a beta of at least 0, got {beta}",
    "RuntimeError: smooth_l1_loss does not support negative values for beta.",
)
DELTA = Fault(
    "delta",
    "needs a delta above 0, got {delta}",
    "RuntimeError: huber_loss does not support non-positive values for delta.",
)
VARIANCE = Fault("sizes-match", "needs a var of {input}, got {var}", "ValueError: var is of incorrect size")
NEGATIVE_VARIANCE = Fault("var", "needs a var of at least 0, got {got}", "ValueError: var has negative entry/entries")
VARIANCE_TYPE = Fault(
    "argument-type",
    "takes a tensor or a float as var, got {got:repr}",
    "TypeError: any() received an invalid combination of arguments",
)


class Loss(Layer):
    """What the losses share: how a number for every element becomes one."""

    size_average: Any = None
    reduce: Any = None
    reduction: Any = "mean"
    modes: ClassVar[tuple[str, ...]] = ("none", "mean", "sum", "elementwise_mean")
    invalid: ClassVar[Fault] = REDUCTION
    logits: ClassVar[bool] = False  # it has its own softmax or sigmoid

    @property
    def mode(self) -> Any:
        """The reduction; the two arguments from before there was one overrule it."""
        if self.size_average is None and self.reduce is None:
            return self.reduction
        if self.reduce is not None and not self.reduce:
            return "none"
        return "mean" if self.size_average is None or self.size_average else "sum"

    def check_mode(self) -> None:
        """Refuse a reduction that there is not, which torch sees only in forward."""
        require(self.mode in self.modes, self.invalid, "reduction", mode=self.mode)

    def buffers(self) -> Iterator[tuple[str, Sizes]]:
        """Give the weights that it was given."""
        for name in ("weight", "pos_weight"):
            if self.__dict__.get(name) is not None:
                yield name, tuple(self.__dict__[name])

    def reduced(self, shape: Sizes) -> Sizes:
        """Return the shape of the loss: nothing is left but one number, unless the reduction is "none"."""
        return shape if self.mode == "none" else ()


class Elementwise(Loss):
    """What the losses share that broadcast input and target first, and look at the reduction then."""

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        shape = broadcast_shapes(x, target)
        self.check_mode()
        self.check_threshold()
        return self.reduced(shape)

    def check_threshold(self) -> None:
        """Refuse a threshold that the kernel does not take."""


class L1Loss(Elementwise):
    """The distance between input and target."""


class MSELoss(Elementwise):
    """The squared distance between input and target."""


class SmoothL1Loss(Elementwise):
    """The squared distance below beta, the distance above."""

    beta: float = 1.0
    later = ("beta",)

    def check_threshold(self) -> None:
        """Refuse a negative beta."""
        require(self.beta >= 0, BETA, "beta")


class HuberLoss(Elementwise, order="reduction delta"):
    """The squared distance below delta, delta times the distance above."""

    delta: float = 1.0

    def check_threshold(self) -> None:
        """Refuse a delta that is not positive."""
        require(self.delta > 0, DELTA, "delta")


class TargetFirst(Loss):
    """What the losses share that look at the reduction first, then broadcast the target with the input."""

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        self.check_mode()
        return self.reduced(broadcast_shapes(target, x))


class KLDivLoss(TargetFirst, order="size_average reduce reduction log_target"):
    """The Kullback-Leibler divergence of target from input."""

    log_target: bool = False
    modes: ClassVar[tuple[str, ...]] = (*Loss.modes, "batchmean")


class HingeEmbeddingLoss(TargetFirst, order="margin size_average reduce reduction"):
    """The input where the target is 1, what it lacks to margin where it is -1."""

    margin: float = 1.0
    later = ("margin",)


class PoissonNLLLoss(TargetFirst, order="log_input full size_average eps reduce reduction"):
    """The negative log likelihood of a Poisson distribution."""

    log_input: bool = True
    full: bool = False
    eps: float = 1e-08
    modes: ClassVar[tuple[str, ...]] = ("none", "mean", "sum")
    later = ("eps",)

    def out(self, log_input: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        return super().out(log_input, target)


class GaussianNLLLoss(Loss, order="* full eps reduction"):
    """The negative log likelihood of a normal distribution with the variance var."""

    full: bool = False
    eps: float = 1e-06
    modes: ClassVar[tuple[str, ...]] = ("none", "mean", "sum")
    invalid: ClassVar[Fault] = REDUCTION_HERE
    later = ("eps",)

    def out(self, x: Tensor, target: Tensor, var: Any) -> Any:
        """Return one number, or one for every element."""
        variance = self.variance(x, var)
        self.check_mode()
        return self.reduced(broadcast_shapes(variance, broadcast_shapes(x, target)))

    def variance(self, x: Tensor, var: Any) -> Sizes:
        """Return the shape of var beside the input: one for each element, each row, or along one axis for all."""
        if not isinstance(var, Tensor):
            require(isinstance(var, float), VARIANCE_TYPE, "var", got=var)
            require(var >= 0, NEGATIVE_VARIANCE, "var", got=var)
            return x
        rows = len(x) == len(var) + 1
        require(alike(x[:-1], var) if rows else once(x, var), VARIANCE, "var", input=x, var=var)
        return (*var, 1) if rows else var


def once(shape: Sizes, other: Sizes) -> bool | Fact:
    """Ask whether two shapes are the same, but for at most one axis, where the other has 1."""
    holds = alike(shape, other)
    for axis in range(len(shape)) if len(shape) == len(other) else ():
        if (shape[axis] == other[axis]) is not True:
            holds = holds | alike((*shape[:axis], 1, *shape[axis + 1 :]), other)
    return holds


class BCELoss(Loss, order="weight size_average reduce reduction"):
    """The binary cross entropy of probabilities."""

    weight: Tensor | None = None

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        self.check_mode()
        require(alike(target, x), TARGET_DEPRECATED, "target", target=target, input=x)
        if self.weight is not None:
            in_place(x, weighted(target, self.weight))
        told = {"scalar": SCALARS[target.dtype], "wanted": SCALARS[x.dtype], "want": x.dtype, "got": target.dtype}
        require(target.dtype == x.dtype, TARGET_DTYPE, "target", **told)
        return self.reduced(x)


class BCEWithLogitsLoss(Loss, order="weight size_average reduce reduction pos_weight"):
    """The binary cross entropy of what a sigmoid makes probabilities of."""

    logits = True

    weight: Tensor | None = None
    pos_weight: Tensor | None = None

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        self.check_mode()
        require(alike(target, x), TARGET, "target", target=target, input=x)
        floats = is_floating(target.dtype) or not is_floating(x.dtype)
        require(floats, CAST, "target", dtype=target.dtype, result=SCALARS[x.dtype], scalar=SCALARS[target.dtype])
        if self.pos_weight is not None:
            in_place(x, broadcast_shapes(self.pos_weight, target))
        if self.weight is not None:
            in_place(x, self.weight)
        return self.reduced(x)


def weighted(target: Sizes, weight: Sizes) -> Sizes:
    """Return the shape of a weight beside the target; here torch says it in Python's words."""
    joined = [*(1,) * (len(weight) - len(target)), *target]
    for place in range(-1, -len(weight) - 1, -1):
        size, holds = broadcast(joined[place], weight[place])
        told = {"length": weight[place], "place": place, "weight": weight, "target": target}
        require(holds, WEIGHT, "weight", joined=tuple(joined), **told)
        joined[place] = size
    return tuple(joined)


def in_place(shape: Sizes, other: Sizes) -> None:
    """Refuse what makes a result larger than the shape that it is written into."""
    holds: bool | Fact = len(other) <= len(shape)
    for size, with_size in zip(reversed(shape), reversed(other), strict=False):
        holds = holds & ((with_size == size) | (with_size == 1))
    got = broadcast_shapes(shape, other) if holds is False else other  # torch tries to broadcast first
    require(holds, OUTPUT_SHAPE, shape=tuple(shape), got=tuple(got))


class SoftMarginLoss(Loss):
    """The logistic loss of two classes, 1 and -1."""

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        self.check_mode()
        in_place(x, target)
        return self.reduced(x)


class MultiLabelSoftMarginLoss(Loss, order="weight size_average reduce reduction"):
    """The binary cross entropy of every class, averaged over the classes on the last axis."""

    weight: Tensor | None = None
    modes: ClassVar[tuple[str, ...]] = ("none", "mean", "sum")
    invalid: ClassVar[Fault] = REDUCTION_HERE

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every row."""
        shape = broadcast_shapes(target, x)
        if self.weight is not None:
            shape = broadcast_shapes(shape, self.weight)
        require(len(x) > 0, NO_DIMENSIONS, dim=-1)
        self.check_mode()
        return self.reduced(shape[: len(x) - 1] + shape[len(x) :])
