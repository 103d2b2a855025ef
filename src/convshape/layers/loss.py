"""Losses that compare numbers with numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import NO_DIMENSIONS, broadcast_shapes
from convshape.dtypes import (
    C_NAMES,
    CAST,
    COMPLEX,
    DEFAULT,
    SCALARS,
    as_floating,
    as_real,
    castable,
    is_whole,
    need_comparable,
    need_order,
    result_type,
)
from convshape.faults import Fault, require
from convshape.layers.distance import ONE_BOOLEAN, TWO_BOOLEANS
from convshape.layers.reduction import (
    REDUCTION_HERE,
    Elementwise,
    Loss,
    TargetFirst,
    in_place,
    need_difference,
    need_known,
    need_room,
    once,
    weighted,
)
from convshape.layers.softmax import NEGATION
from convshape.tensor import Tensor, alike

if TYPE_CHECKING:
    from convshape.kinds import Flag
    from convshape.tensor import Sizes

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
    "dtype", "needs a target of {want}, got {got}", "RuntimeError: Found dtype {scalar} but expected {wanted}"
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
INTEGRAL = Fault("dtype", "takes floating-point numbers", "RuntimeError: kl_div: Integral inputs not supported.")
COMPLEX_NUMBERS = Fault("dtype", INTEGRAL.says, "RuntimeError: kl_div: Complex inputs not supported.")


class L1Loss(Elementwise):
    """The distance between input and target."""

    init_of = "_Loss"

    def dtype(self, x: Tensor, target: Tensor) -> str:
        """Return that of a difference."""
        need_difference(x, target)
        return as_real(result_type(x, target))


class MSELoss(Elementwise):
    """The squared distance between input and target."""

    init_of = "_Loss"
    kernel = "mse_cpu"


class SmoothL1Loss(Elementwise):
    """The squared distance below beta, the distance above."""

    beta: float = 1.0
    later = ("beta",)
    kernel = "smooth_l1_cpu"

    def check_threshold(self) -> None:
        """Refuse a negative beta."""
        require(self.beta >= 0, BETA, "beta")


class HuberLoss(Elementwise, order="reduction delta"):
    """The squared distance below delta, delta times the distance above."""

    delta: float = 1.0

    def check_threshold(self) -> None:
        """Refuse a delta that is not positive."""
        require(self.delta > 0, DELTA, "delta")

    def dtype(self, x: Tensor, target: Tensor) -> str:
        """Return that of the input."""
        need_room(result_type(x, target), x.dtype)
        need_known(result_type(x, target), "huber_cpu")
        return x.dtype


class KLDivLoss(TargetFirst, order="size_average reduce reduction log_target"):
    """The Kullback-Leibler divergence of target from input."""

    log_target: Flag = False
    later = ("log_target",)
    modes: ClassVar[tuple[str, ...]] = (*Loss.modes, "batchmean")

    def dtype(self, x: Tensor, target: Tensor) -> str:
        """Return that of both, which are no whole numbers."""
        dtypes = x.dtype, target.dtype
        require(not any(dtype in COMPLEX for dtype in dtypes), COMPLEX_NUMBERS)
        require(not any(map(is_whole, dtypes)), INTEGRAL)
        return result_type(x, target)


class HingeEmbeddingLoss(TargetFirst, order="margin size_average reduce reduction"):
    """The input where the target is 1, what it lacks to margin where it is -1."""

    margin: float = 1.0
    later = ("margin",)

    def dtype(self, x: Tensor, target: Tensor) -> str:  # it is only compared
        """Return that of the input."""
        require(x.dtype != "bool", TWO_BOOLEANS)
        need_order(x.dtype)
        return x.dtype


class PoissonNLLLoss(TargetFirst, order="log_input full size_average eps reduce reduction"):
    """The negative log likelihood of a Poisson distribution."""

    log_input: Flag = True
    full: Flag = False
    eps: float = 1e-08
    modes: ClassVar[tuple[str, ...]] = ("none", "mean", "sum")
    later = ("log_input", "full", "eps")

    def out(self, log_input: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        self.check_mode()
        broadcast_shapes(target, log_input)  # of the product, which comes first
        return super().out(log_input, target)

    def dtype(self, x: Tensor, target: Tensor) -> str:
        """Return that of a difference: of exp(x) and target*x, or of x and a logarithm; Stirling's has the target."""
        product = result_type(x, target) if self.log_input else x.dtype
        require(product != "bool", ONE_BOOLEAN)
        if self.full:  # Stirling's
            require(target.dtype != "bool", ONE_BOOLEAN, "target")
            need_comparable(target.dtype, "le_cpu", "target")
        logarithm = Tensor(x, as_floating(x.dtype))
        return result_type(logarithm, Tensor(broadcast_shapes(target, x), result_type(target, x)))


class GaussianNLLLoss(Loss, order="* full eps reduction"):
    """The negative log likelihood of a normal distribution with the variance var."""

    releases = "In torch 2.4 it takes no number as var, and one value for an input without axes."
    full: bool = False
    eps: float = 1e-06
    modes: ClassVar[tuple[str, ...]] = ("none", "mean", "sum")
    invalid: ClassVar[Fault] = REDUCTION_HERE
    later = ("eps",)

    def out(self, x: Tensor, target: Tensor, var: Any) -> Any:
        """Return one number, or one for every element."""
        variance = self.variance(x, var)
        self.check_mode()
        if isinstance(var, Tensor):
            clamped, told = result_type(var, self.eps), {"dtype": var.dtype, "scalar": C_NAMES[var.dtype]}
            require(castable(clamped, var.dtype), CAST, "var", result=SCALARS[clamped], **told)
        else:
            need_order(x.dtype)
        need_difference(x, target)
        shape = broadcast_shapes(variance, broadcast_shapes(x, target))
        dtypes = (var,) if isinstance(var, Tensor) else ()
        logarithms = [Tensor(variance, as_floating(one.dtype)) for one in dtypes]
        difference = Tensor(broadcast_shapes(x, target), result_type(x, target))
        return self.reduced(shape, as_floating(result_type(difference, *logarithms)))

    def variance(self, x: Tensor, var: Any) -> Sizes:
        """Return the shape of var beside the input: one for each element, each row, or along one axis for all."""
        if not isinstance(var, Tensor):
            require(isinstance(var, float), VARIANCE_TYPE, "var", got=var)
            require(var >= 0, NEGATIVE_VARIANCE, "var", got=var)
            return x
        need_comparable(var.dtype, "lt_cpu", "var")
        rows = len(x) == len(var) + 1
        require(alike(x[:-1], var) if rows else once(x, var), VARIANCE, "var", input=x, var=var)
        return (*var, 1) if rows else var


class BCELoss(Loss, order="weight size_average reduce reduction"):
    """The binary cross entropy of probabilities."""

    init_of = "_WeightedLoss"
    weight: Tensor | None = None

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        self.check_mode()
        require(alike(target, x), TARGET_DEPRECATED, "target", target=target, input=x)
        weights = None if self.weight is None else weighted(target, self.weight)
        told = {"scalar": SCALARS[target.dtype], "wanted": SCALARS[x.dtype], "want": x.dtype, "got": target.dtype}
        require(target.dtype == x.dtype, TARGET_DTYPE, "target", **told)
        need_known(x.dtype, "binary_cross_entropy")
        if weights is not None:
            in_place(x, weights)
        return self.reduced(x, x.dtype)


class BCEWithLogitsLoss(Loss, order="weight size_average reduce reduction pos_weight"):
    """The binary cross entropy of what a sigmoid makes probabilities of."""

    logits = True

    weight: Tensor | None = None
    pos_weight: Tensor | None = None

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        self.check_mode()
        require(alike(target, x), TARGET, "target", target=target, input=x)
        need_known(x.dtype, "log_sigmoid_cpu")
        if self.pos_weight is not None:
            in_place(x, broadcast_shapes(self.pos_weight, target))
        require(target.dtype != "bool", TWO_BOOLEANS, "target")
        need_room(x.dtype, target.dtype)
        if self.weight is not None:
            in_place(x, self.weight)
        return self.reduced(x, target.dtype)


class SoftMarginLoss(Loss):
    """The logistic loss of two classes, 1 and -1."""

    init_of = "_Loss"

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        self.check_mode()
        require(x.dtype != "bool", NEGATION)
        in_place(x, target)
        need_room(result_type(x, target), x.dtype)
        need_room(DEFAULT, x.dtype)
        return self.reduced(x, x.dtype)


class MultiLabelSoftMarginLoss(Loss, order="weight size_average reduce reduction"):
    """The binary cross entropy of every class, averaged over the classes on the last axis."""

    init_of = "_WeightedLoss"
    weight: Tensor | None = None
    modes: ClassVar[tuple[str, ...]] = ("none", "mean", "sum")
    invalid: ClassVar[Fault] = REDUCTION_HERE

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every row."""
        need_known(x.dtype, "log_sigmoid_cpu")
        shape = broadcast_shapes(target, x)
        need_difference(x, target)
        dtype = result_type(x, target)
        if self.weight is not None:
            dtype = result_type(Tensor(shape, dtype), self.weight)
            shape = broadcast_shapes(shape, self.weight)
        require(len(x) > 0, NO_DIMENSIONS, dim=-1)
        self.check_mode()
        return self.reduced(shape[: len(x) - 1] + shape[len(x) :], dtype)
