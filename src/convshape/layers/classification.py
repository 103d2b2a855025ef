"""Losses of classes: a score or a probability for each, and a target that names one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import DIM_RANGE, NO_DIMENSIONS
from convshape.dim import prod
from convshape.dtypes import SCALARS, result_type
from convshape.faults import Fault, require
from convshape.layers.composed import Composed
from convshape.layers.linear import Linear, need_float32
from convshape.layers.reduction import Loss, check_names, in_place, need_known, need_stored
from convshape.layers.softmax import LogSoftmax
from convshape.tensor import Tensor, alike, is_floating

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Amount, Length, Several, Whole
    from convshape.layer import Layer
    from convshape.tensor import Sizes

NO_CLASSES = Fault(
    "rank", "needs an input with an axis of classes", "ValueError: Expected 1 or more dimensions (got {rank})"
)
BATCH = Fault(
    "batch-mismatch",
    "has a batch of {batch} in its input and of {got} in its target",
    "ValueError: Expected input batch_size ({batch}) to match target batch_size ({got}).",
)
ONE_TARGET = Fault(
    "sizes-match",
    "takes one target for an input of 1 axis, got {got}",
    "ValueError: For 1D input, 1D target must have size 1, but got target size: {got}",
)
TARGET_RANK = Fault(
    "rank",
    "takes a target of 0 or 1 axes for this input, got {rank}",
    "RuntimeError: 0D or 1D target tensor expected, multi-target not supported",
)
SPATIAL_RANK = Fault(
    "rank",
    "takes a target of 3 axes for this input, got {rank}",
    "RuntimeError: only batches of spatial targets supported (3D tensors) but got targets of dimension: {rank}",
)
SPATIAL = Fault(
    "sizes-match",
    "needs a target of {wanted}, got {target}",
    "RuntimeError: size mismatch (got input: {input} , target: {target}",
)
TARGET = Fault(
    "sizes-match", "needs a target of {wanted}, got {got}", "RuntimeError: Expected target size {wanted}, got {got}"
)
NO_SLICE = Fault(
    "rank", "takes a target of 1 or more axes for this input", "RuntimeError: ArrayRef: invalid slice, N = 1; size = 0"
)
WEIGHT = Fault(
    "sizes-match",
    "needs a weight of {classes} numbers, got {got}",
    "RuntimeError: weight tensor should be defined either for all {classes} classes or no classes "
    "but got weight tensor of shape: {got}",
)
SPATIAL_WEIGHT = Fault(
    "sizes-match", WEIGHT.says, "RuntimeError: weight tensor should be defined either for all or no classes"
)
PROBABILITY_WEIGHT = Fault(
    "sizes-match",
    WEIGHT.says,
    "RuntimeError: cross_entropy: weight tensor should be defined either for all {classes} classes or no classes "
    "but got weight tensor of shape: {got}",
)
PROBABILITIES = Fault(
    "dtype",
    "needs floating-point numbers in a target shaped like the input, got {dtype}",
    "RuntimeError: Expected floating point type for target with class probabilities, got {got}",
)
IGNORE_INDEX = Fault(
    "ignore-index",
    "has no class to ignore where the target holds probabilities",
    "RuntimeError: ignore_index is not supported for floating point target",
)
SMOOTHING = Fault(
    "probability",
    "needs a label_smoothing between 0 and 1, got {label_smoothing}",
    "RuntimeError: label_smoothing must be between 0.0 and 1.0. Got: {shown}",
)
LINEAR_WEIGHT = Fault(
    "sizes-match",
    "needs a weight of {wanted}, got {got}",
    "RuntimeError: expected weight shape to be {wanted:tuple}, got {got:tuple}",
)
LINEAR_SMOOTHING = Fault(
    "probability",
    SMOOTHING.says,
    "RuntimeError: expected label_smoothing to be in range [0, 1], got {label_smoothing}",
)
LINEAR_RANK = Fault(
    "rank",
    "takes 1 axis (unbatched) or 2 (batched), got {rank}",
    "RuntimeError: expected input with dimensionality 1 or 2, got {rank}",
)
LINEAR_FEATURES = Fault(
    "features",
    "expects {in_features} features on the last axis, got {got}",
    "RuntimeError: expected equal input and linear_weight last dimensions (in_features), "
    "got {got} and {in_features}, respectively",
)
LINEAR_BATCH = Fault(
    "rank",
    "needs a batch where it has out_features",
    "RuntimeError: K-dimensional loss defined by linear_weight shape {weight:tuple} requires batched input, "
    "(N, {in_features}), got unbatched input with shape {input:tuple}",
)
LINEAR_IGNORE_INDEX = Fault(
    "ignore-index",
    IGNORE_INDEX.says,
    "RuntimeError: ignore_index cannot be specified when target contains probabilities",
)


class NLLLoss(Loss, order="weight size_average ignore_index reduce reduction"):
    """The negative log likelihood of the target's class: (N, C, *) and (N, *)."""

    weight: Tensor | None = None
    ignore_index: Whole = -100
    releases = "In torch 2.4 it takes scores of one sample with any number of targets."
    later: ClassVar[tuple[str, ...]] = ("ignore_index",)

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every target."""
        self.check_mode()
        return self.likelihood(x, target)

    def likelihood(self, x: Tensor, target: Tensor) -> Sizes:
        """Check the target beside the input, in the order of the three kernels that torch has for it."""
        rank = len(x)
        require(rank > 0, NO_CLASSES, rank=rank)
        if rank > 1:
            got = (*target, 0)[0]
            require(x[0] == got, BATCH, "target", batch=x[0], got=got)
        if rank <= 2:  # noqa: PLR2004  # rows of classes
            self.check_row_target(x, target)
        elif rank == 4:  # noqa: PLR2004  # images
            self.check_image_target(x, target)
        else:
            self.check_flat_target(x, target)
        self.check_numbers(x, target)
        return self.reduced((x[0], *x[2:]) if rank > 1 else (), x.dtype)

    def check_numbers(self, x: Tensor, target: Tensor) -> None:
        """Refuse numbers of other kinds than those that the kernels read: that of images reads no uint8."""
        images = len(x) > 2  # noqa: PLR2004  # more than rows of classes
        need_known(x.dtype, "nll_loss2d_forward_out_frame" if images else "nll_loss_out_frame")
        if images:
            need_stored(target.dtype, "int64", "target")
        if self.weight is not None:
            need_stored(self.weight.dtype, x.dtype, "weight")

    def check_row_target(self, x: Tensor, target: Tensor) -> None:
        """Refuse what is no target for rows of classes."""
        require(len(target) <= 1, TARGET_RANK, "target", rank=len(target))
        check_names(target)
        require(len(x) == 1 or len(target) > 0, NO_DIMENSIONS, "target", dim=0)
        if len(x) == len(target) == 1:
            require(target[0] == 1, ONE_TARGET, "target", got=target[0])
        self.check_weight(WEIGHT, x[-1])

    def check_image_target(self, x: Tensor, target: Tensor) -> None:
        """Refuse what is no target for images of classes."""
        require(len(target) == 3, SPATIAL_RANK, "target", rank=len(target))  # noqa: PLR2004  # images
        check_names(target)
        self.check_weight(SPATIAL_WEIGHT, x[1])
        wanted = (x[0], *x[2:])
        require(alike(target, wanted), SPATIAL, "target", input=x, target=target, wanted=wanted)

    def check_flat_target(self, x: Tensor, target: Tensor) -> None:
        """Refuse what is no target for a sequence or a volume of classes, of which torch makes an image."""
        wanted = (x[0], *x[2:])
        require(len(target) > 0, NO_SLICE, "target")
        require(alike(target, wanted), TARGET, "target", wanted=wanted, got=target)
        check_names(target)
        self.check_weight(SPATIAL_WEIGHT, x[1])
        flat = {"input": (*x[:2], 0, 0), "target": (x[0], 1, prod(x[2:])), "wanted": wanted}
        require((x[1] > 0) | (prod(target) == 0), SPATIAL, "target", **flat)

    def check_weight(self, fault: Fault, classes: Size) -> None:
        """Refuse a weight that has no number for every class."""
        if self.weight is not None:
            counted = fault is SPATIAL_WEIGHT  # there torch counts the numbers and does not look at the axes
            holds = prod(self.weight) == classes if counted else alike(self.weight, (classes,))
            require(holds, fault, "weight", classes=classes, got=self.weight)


class NLLLoss2d(NLLLoss):
    """NLLLoss under its old name."""

    forward_of = "NLLLoss"


class CrossEntropyLoss(NLLLoss, Composed, order="weight size_average ignore_index reduce reduction label_smoothing"):
    """The negative log likelihood after a softmax; the target names classes, or has a probability for each."""

    logits = True

    label_smoothing: float = 0.0
    releases = ""
    later: ClassVar[tuple[str, ...]] = ("ignore_index", "label_smoothing")

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every target."""
        self.check_mode()
        return self.entropy(x, target)

    def entropy(self, x: Tensor, target: Tensor) -> Sizes:
        """Check the target beside the scores; one that is shaped like them holds probabilities."""
        if alike(x, target) is True:
            return self.soft(x, target)
        if self.label_smoothing > 0:
            require(self.label_smoothing <= 1, SMOOTHING, "label_smoothing", shown=f"{self.label_smoothing:g}")
        require(len(x) > 0, DIM_RANGE, low=-1, high=0, dim=1)
        self.run(LogSoftmax(min(1, len(x) - 1)), x)
        shape = self.likelihood(x, target)
        if self.label_smoothing > 0 and len(x) == 1:
            in_place((), target)
        return shape

    def soft(self, x: Tensor, target: Tensor) -> Sizes:
        """Check a target of probabilities."""
        told = {"dtype": target.dtype, "got": SCALARS[target.dtype]}
        require(is_floating(target.dtype), PROBABILITIES, "target", **told)
        require(self.ignore_index is None or self.ignore_index < 0, IGNORE_INDEX, "ignore_index")
        require(len(x) > 0, NO_DIMENSIONS, dim=1)
        place = min(1, len(x) - 1)
        self.check_weight(PROBABILITY_WEIGHT, x[place])
        require(self.label_smoothing <= 1, SMOOTHING, "label_smoothing", shown=f"{self.label_smoothing:g}")
        self.run(LogSoftmax(place), x)
        return self.reduced(x[:place] + x[place + 1 :], result_type(x, target))


class LinearCrossEntropyLoss(
    CrossEntropyLoss,
    order="in_features num_classes * out_features bias reduction weight ignore_index label_smoothing options",
):
    """A Linear to the classes and their cross entropy in one: (N, in_features) and (N, *out_features)."""

    apart = True
    in_features: Length | Amount
    num_classes: Amount  # the first size of a weight: True is none
    out_features: Several = ()
    bias: bool = False
    ignore_index: Whole | None = None
    options: None = None  # torch's own, for its chunks
    releases = "Torch 2.4 does not have it."
    later: ClassVar[tuple[str, ...]] = ("ignore_index", "options")

    def check(self) -> None:
        """Refuse what the constructor refuses, and make the Linear."""
        wanted = (self.num_classes,)
        if self.weight is not None:
            require(alike(self.weight, wanted), LINEAR_WEIGHT, "weight", wanted=wanted, got=self.weight)
        require(not (self.label_smoothing < 0 or self.label_smoothing > 1), LINEAR_SMOOTHING, "label_smoothing")
        if not self.holes:
            rows = prod(self.classes) if self.out_features else self.num_classes  # which is no size where it is True
            self.__dict__["linear"] = Linear(self.in_features, rows, bias=self.bias)

    @property
    def classes(self) -> tuple[Any, ...]:
        """The classes, and what has them."""
        return (self.num_classes, *self.out_features)

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give the Linear."""
        yield "linear", self.__dict__["linear"]

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give those of the Linear."""
        return Composed.weights(self)

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every target."""
        require(len(x) in (1, 2), LINEAR_RANK, rank=len(x))
        require(x[-1] == self.in_features, LINEAR_FEATURES, "in_features", got=x[-1])
        batched = len(x) > 1 or not self.out_features
        require(batched, LINEAR_BATCH, weight=(*self.classes, self.in_features), input=x)
        scores = Tensor((*x[:-1], *self.classes), x.dtype)
        if alike(scores, target) is True:
            require(self.ignore_index is None, LINEAR_IGNORE_INDEX, "ignore_index")
        need_float32(x, bias=self.bias)
        self.check_mode()
        return self.entropy(scores, target)

    def macs(self, _output: Any, *inputs: Any) -> Size:
        """Count those of the Linear: FlopCounterMode/2."""
        return prod(inputs[0]) * prod(self.classes)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the features on the last axis."""
        return {"in_features": x[-1]} if x else {}
