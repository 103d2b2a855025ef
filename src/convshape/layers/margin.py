"""Losses of classes by margin, and of labels along a sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import DIM_RANGE
from convshape.dim import prod
from convshape.dtypes import need_comparable
from convshape.faults import Fault, require
from convshape.kinds import is_int
from convshape.layers.reduction import Loss, need_full, need_stored
from convshape.op import is_list
from convshape.tensor import Tensor, alike, is_floating

if TYPE_CHECKING:
    from convshape.dim import Size
    from convshape.kinds import Flag, Whole

EMPTY = Fault(
    "rank",
    "takes up to 2 axes, and at least one class, got {input}",
    "RuntimeError: Expected non-empty vector or matrix with optional 0-dim batch size, but got: {input}",
)
TARGETS = Fault(
    "sizes-match",
    "needs a target for each of {rows} rows, got {got}",
    "RuntimeError: multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples "
    "(batch size). Expected target size [{rows}], but got {got}. Input has shape {input}.",
)
LABELS = Fault(
    "sizes-match",
    "needs a target of {input}, got {got}",
    "RuntimeError: inconsistent target size: {got} for input of size: {input}",
)
POWER = Fault("choice", "takes 1 or 2 as p, got {p:repr}", "ValueError: only p == 1 and p == 2 supported")
WEIGHT_RANK = Fault(
    "rank",
    "takes a weight of 1 axis, got {rank}",
    "ValueError: MultiMarginLoss: expected weight to be None or 1D tensor, got {rank}D instead",
)
WEIGHT = Fault(
    "sizes-match",
    "needs a weight of {classes} numbers, got {got}",
    "RuntimeError: inconsistent weight size, expected {classes} but got {got}",
)
CTC_RANK = Fault(
    "rank",
    "takes 2 axes (unbatched) or 3 (batched), got {rank}",
    "RuntimeError: Expected 3-dimensional tensor, but got {got}-dimensional tensor for argument #1 'log_probs' "
    "(while checking arguments for ctc_loss_allocate_outputs)",
)
CTC_TARGETS_RANK = Fault(
    "rank",
    "takes targets of 1 or 2 axes, got {rank}",
    "RuntimeError: Expected 1 to 2 dimensions, but got {rank}-dimensional tensor for argument #2 'targets' "
    "(while checking arguments for ctc_loss_allocate_outputs)",
)
CTC_EMPTY = Fault("empty", "needs some log_probs", "RuntimeError: log_probs tensor must not be empty")
BLANK = Fault("blank", "needs a blank from 0 to {most}, got {blank}", "RuntimeError: blank must be in label range")
LENGTHS_DTYPE = Fault("dtype", "takes whole numbers as {name}, got {got}", "RuntimeError: {name} must be integral")
LENGTHS_TYPE = Fault(
    "argument-type",
    "takes both lengths as tensors, or both as tuples",
    "TypeError: ctc_loss() received an invalid combination of arguments",
)
LENGTHS = Fault(
    "batch-mismatch",
    "needs {batch} {name}, got {got}",
    "RuntimeError: {name} must be of size batch_size",
)
LENGTH = Fault(
    "sizes-match",
    "has {most} steps, and {name} of {got}",
    "RuntimeError: Expected {name} to have value at most {most}, but got value {got} "
    "(while checking arguments for ctc_loss_allocate_outputs)",
)
NEGATIVE_LENGTH = Fault(
    "sizes-match",
    "needs {name} of at least 0, got {got}",
    "RuntimeError: Expected {name} to have value at least 0, but got value {got} "
    "(while checking arguments for ctc_loss_allocate_outputs)",
)
CTC_TARGETS = Fault(
    "sizes-match",
    "needs targets with {want} on axis 0, got {got}",
    "RuntimeError: Expected tensor to have size {want} at dimension 0, but got size {got} for argument #2 'targets' "
    "(while checking arguments for ctc_loss_allocate_outputs)",
)
CTC_TARGETS_LENGTH = Fault(
    "sizes-match",
    "needs targets with at least {want} on axis 1, got {got}",
    "RuntimeError: Expected tensor to have size at least {want} at dimension 1, but got size {got} "
    "for argument #2 'targets' (while checking arguments for ctc_loss_allocate_outputs)",
)


def rows_and_classes(x: Tensor) -> tuple[Size, Size]:
    """Return how many rows and classes an input of up to two axes has.

    Raises Refusal where it has more axes, or no class.
    """
    require(len(x) <= 2, EMPTY, input=x)  # noqa: PLR2004  # rows of classes
    if x:
        require(x[-1] > 0, EMPTY, input=x)
    return (x[0], x[1]) if len(x) > 1 else (1, prod(x))


def check_long(target: Tensor, rows: Size) -> None:
    """Refuse a target that is not int64; torch does not look at it where there are no rows."""
    if (rows == 0) is not True:
        need_stored(target.dtype, "int64", "target")


class MultiLabelMarginLoss(Loss):
    """How far every wanted class is from beating every other by 1: (N, C) and (N, C), -1 behind the last."""

    init_of = "_Loss"

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every row."""
        self.check_mode()
        rows, classes = rows_and_classes(x)
        holds = alike(target, x) if len(x) > 1 else len(target) <= 1 and prod(target) == classes
        require(holds, LABELS, "target", input=x, got=target)
        if (rows == 0) is not True:
            need_comparable(target.dtype, "min_all", "target")
        need_full(x.dtype, "multilabel_margin_loss_forward_out_frame", rows)
        check_long(target, rows)
        return self.reduced(x[:-1], x.dtype)


class MultiMarginLoss(Loss, order="p margin weight size_average reduce reduction"):
    """How far the target's class is from beating every other by margin: (N, C) and (N,)."""

    p: Any = 1
    margin: float = 1.0
    weight: Tensor | None = None
    later = ("margin",)

    def check(self) -> None:
        """Refuse what the constructor refuses."""
        require(self.p in (1, 2), POWER, "p")
        if self.weight is not None:
            require(len(self.weight) == 1, WEIGHT_RANK, "weight", rank=len(self.weight))

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every row."""
        self.check_mode()
        rows, classes = rows_and_classes(x)
        holds = len(target) <= 1 and prod(target) == rows
        require(holds, TARGETS, "target", rows=rows, got=target, input=x)
        if self.weight is not None:
            require(self.weight[0] == classes, WEIGHT, "weight", classes=classes, got=self.weight)
        need_full(x.dtype, "multi_margin_loss_cpu_kernel", rows)
        check_long(target, rows)
        return self.reduced(tuple(target), x.dtype)


class CTCLoss(Loss, order="blank reduction zero_infinity"):
    """The likelihood of labels whose places in the sequence nobody knows: (T, N, C) and (N, S)."""

    blank: Whole = 0
    zero_infinity: Flag = False
    later: ClassVar[tuple[str, ...]] = ("blank", "zero_infinity")

    def out(self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any) -> Any:
        """Return one number, or one for every sequence."""
        self.check_mode()
        lengths = {"input_lengths": input_lengths, "target_lengths": target_lengths}
        check_types(lengths)
        require(len(log_probs) > 0, DIM_RANGE, low=-1, high=0, dim=1)
        need_full(log_probs.dtype, "ctc_loss_cpu")
        rank = len(log_probs)
        for size in log_probs:
            require(size > 0, CTC_EMPTY)
        require(rank in (2, 3), CTC_RANK, rank=rank, got=rank + (rank != 3))  # noqa: PLR2004  # torch adds one
        require(len(targets) in (1, 2), CTC_TARGETS_RANK, "targets", rank=len(targets))
        require((self.blank >= 0) & (self.blank < log_probs[-1]), BLANK, "blank", most=log_probs[-1] - 1)
        batch = log_probs[1] if rank == 3 else 1  # noqa: PLR2004  # a batch has three axes
        for name, value in lengths.items():
            got = prod(value) if isinstance(value, Tensor) else len(value)
            require(got == batch, LENGTHS, name, name=name, batch=batch, got=got)
        for length in target_lengths if not isinstance(target_lengths, Tensor) else ():
            require(length >= 0, NEGATIVE_LENGTH, "target_lengths", name="target_lengths", got=length)
        if len(targets) > 1:
            require(targets[0] == batch, CTC_TARGETS, "targets", want=batch, got=targets[0])
        if not isinstance(input_lengths, Tensor):
            check_values(log_probs[0], targets, input_lengths, target_lengths)
        return self.reduced((batch,) if rank == 3 else (), log_probs.dtype)  # noqa: PLR2004  # a batch has three axes


def check_types(lengths: dict[str, Any]) -> None:
    """Refuse lengths that are not both tensors of whole numbers, or both tuples."""
    tensors = [isinstance(value, Tensor) for value in lengths.values()]
    tuples = [is_list(value) and all(map(is_int, value)) for value in lengths.values()]
    require(all(tensors) or all(tuples), LENGTHS_TYPE, "input_lengths")
    for name, value in lengths.items() if all(tensors) else ():
        require(not is_floating(value.dtype), LENGTHS_DTYPE, name, name=name, got=value.dtype)


def check_values(steps: Size, targets: Tensor, input_lengths: Any, target_lengths: Any) -> None:
    """Refuse lengths that are written out and fit neither the steps nor the targets."""
    if len(targets) == 1:
        want = sum(target_lengths)
        require(targets[0] == want, CTC_TARGETS, "targets", want=want, got=targets[0])
    else:
        want = max(target_lengths, default=0)
        require(targets[1] >= want, CTC_TARGETS_LENGTH, "targets", want=want, got=targets[1])
    for length in input_lengths:
        told = {"name": "input_lengths", "got": length, "most": steps}
        require(length >= 0, NEGATIVE_LENGTH, "input_lengths", **told)
        require(steps >= length, LENGTH, "input_lengths", **told)
