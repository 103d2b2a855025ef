"""What the losses share: the reduction, and the dtypes that they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import broadcast_shapes
from convshape.dtypes import CAST, DEFAULT, NOT_IMPLEMENTED, SCALARS, is_whole
from convshape.faults import Fault, require
from convshape.layer import Layer
from convshape.layers.distance import ONE_BOOLEAN, TWO_BOOLEANS
from convshape.op import OUTPUT_SHAPE
from convshape.tensor import Tensor, alike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Fact
    from convshape.tensor import Sizes

CHOICES = "takes 'none', 'mean' or 'sum' as reduction, got {mode:repr}"
REDUCTION = Fault("choice", CHOICES, "ValueError: {mode:tuple} is not a valid value for reduction")
REDUCTION_HERE = Fault("choice", CHOICES, "ValueError: {mode:tuple} is not valid")
NO_MEAN = Fault(
    "dtype",
    "takes the mean of floating-point numbers, got {dtype}",
    "RuntimeError: mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
    "Got: {scalar}",
)


def need_known(dtype: str, kernel: str) -> None:
    """Refuse what a kernel was not written for: bool and whole numbers."""
    require(not is_whole(dtype), NOT_IMPLEMENTED, dtype=dtype, kernel=kernel, scalar=SCALARS[dtype])


def need_room(result: str, target: str) -> None:
    """Refuse to put floating-point numbers where whole ones stand."""
    told = {"dtype": target, "result": SCALARS[result], "scalar": SCALARS[target]}
    require(is_whole(result) or not is_whole(target), CAST, **told)


def need_difference(*inputs: Tensor) -> None:
    """Refuse to subtract bool."""
    booleans = [x.dtype for x in inputs].count("bool")
    require(booleans == 0, TWO_BOOLEANS if booleans > 1 else ONE_BOOLEAN)


def in_place(shape: Sizes, other: Sizes) -> None:
    """Refuse what makes a result larger than the shape that it is written into."""
    holds: bool | Fact = len(other) <= len(shape)
    for size, with_size in zip(reversed(shape), reversed(other), strict=False):
        holds = holds & ((with_size == size) | (with_size == 1))
    got = broadcast_shapes(shape, other) if holds is False else other  # torch tries to broadcast first
    require(holds, OUTPUT_SHAPE, shape=tuple(shape), got=tuple(got))


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

    def reduced(self, shape: Sizes, dtype: str = DEFAULT) -> Tensor:
        """Return the loss: nothing is left but one number, unless the reduction is "none"."""
        if self.mode == "none":
            return Tensor(shape, dtype)
        if self.mode == "sum":
            return Tensor((), "int64" if is_whole(dtype) else dtype)
        require(not is_whole(dtype), NO_MEAN, dtype=dtype, scalar=SCALARS[dtype])
        return Tensor((), dtype)


def once(shape: Sizes, other: Sizes) -> bool | Fact:
    """Ask whether two shapes are the same, but for at most one axis, where the other has 1."""
    holds = alike(shape, other)
    for axis in range(len(shape)) if len(shape) == len(other) else ():
        if (shape[axis] == other[axis]) is not True:
            holds = holds | alike((*shape[:axis], 1, *shape[axis + 1 :]), other)
    return holds
