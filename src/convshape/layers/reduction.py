"""What the losses share: the reduction, and the dtypes that they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import broadcast_shapes
from convshape.dim import broadcast
from convshape.dtypes import CAST, DEFAULT, NOT_IMPLEMENTED, SCALARS, castable, is_whole, result_type
from convshape.faults import Fault, require
from convshape.layer import Layer
from convshape.layers.distance import ONE_BOOLEAN, TWO_BOOLEANS
from convshape.op import OUTPUT_SHAPE
from convshape.tensor import Tensor, alike, is_floating

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Fact, Size
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
WEIGHT = Fault(
    "broadcast",
    "cannot line up a weight of {weight} with a target of {target}",
    "RuntimeError: Attempting to broadcast a dimension of length {length} at {place}! Mismatching argument at index 1 "
    "had {weight:size}; but expected shape should be broadcastable to {joined}",
)
NAMES = Fault(
    "dtype",
    "needs a target of int64, got {dtype}",
    "RuntimeError: expected target dtype to be Long or Byte, but got {got}",
)
STORED = Fault("dtype", "needs {want} here, got {got}", "RuntimeError: expected scalar type {wanted} but found {got}")


def need_stored(dtype: str, want: str, at: str) -> None:
    """Refuse numbers of another kind than the one that a kernel reads."""
    require(dtype == want, STORED, at, want=want, wanted=SCALARS[want], got=SCALARS[dtype])


def check_names(target: Tensor) -> None:
    """Refuse a target that does not name classes by whole numbers."""
    named = target.dtype in ("int64", "uint8")
    require(named, NAMES, "target", dtype=target.dtype, got=SCALARS[target.dtype])


def need_known(dtype: str, kernel: str) -> None:
    """Refuse what a kernel was not written for: all but floating-point numbers."""
    require(is_floating(dtype), NOT_IMPLEMENTED, dtype=dtype, kernel=kernel, scalar=SCALARS[dtype])


def need_full(dtype: str, kernel: str, rows: Size = 1) -> None:
    """Refuse what a kernel was not written for: all but float32 and float64; it is not run for no rows."""
    holds = (rows == 0) | (dtype in ("float32", "float64"))
    require(holds, NOT_IMPLEMENTED, dtype=dtype, kernel=kernel, scalar=SCALARS[dtype])


def need_room(result: str, target: str) -> None:
    """Refuse to put numbers where those of a lower category stand."""
    told = {"dtype": target, "result": SCALARS[result], "scalar": SCALARS[target]}
    require(castable(result, target), CAST, **told)


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


def weighted(target: Sizes, weight: Sizes) -> Sizes:
    """Return the shape of a weight beside the target; here torch says it in Python's words."""
    joined = [*(1,) * (len(weight) - len(target)), *target]
    for place in range(-1, -len(weight) - 1, -1):
        size, holds = broadcast(joined[place], weight[place])
        told = {"length": weight[place], "place": place, "weight": weight, "target": target}
        require(holds, WEIGHT, "weight", joined=tuple(joined), **told)
        joined[place] = size
    return tuple(joined)


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


class Elementwise(Loss):
    """What the losses share that broadcast input and target first, and look at the reduction then."""

    kernel: ClassVar[str] = ""

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        shape = broadcast_shapes(x, target)
        self.check_mode()
        self.check_threshold()
        return self.reduced(shape, self.dtype(Tensor(shape, x.dtype), Tensor(shape, target.dtype)))

    def check_threshold(self) -> None:
        """Refuse a threshold that the kernel does not take."""

    def dtype(self, x: Tensor, target: Tensor) -> str:
        """Return the dtype of the distances."""
        dtype = result_type(x, target)
        need_known(dtype, self.kernel)
        return dtype


class TargetFirst(Loss):
    """What the losses share that look at the reduction first, then at the dtypes, then broadcast target and input."""

    def out(self, x: Tensor, target: Tensor) -> Any:
        """Return one number, or one for every element."""
        self.check_mode()
        dtype = self.dtype(x, target)
        return self.reduced(broadcast_shapes(target, x), dtype)

    def dtype(self, x: Tensor, target: Tensor) -> str:
        """Return the dtype of the terms."""
        raise NotImplementedError


def alike_or_empty(shape: Sizes, other: Sizes, but: int) -> bool | Fact:
    """Ask whether every size of the other but one is that of the shape, or 0: torch adds those up that differ."""
    holds: bool | Fact = True
    for axis, (size, with_size) in enumerate(zip(shape, other, strict=True)):
        holds = holds & ((size == with_size) | (with_size == 0) | (axis == but))
    return holds


def once(shape: Sizes, other: Sizes) -> bool | Fact:
    """Ask whether two shapes are the same, but for at most one axis, where the other has 1."""
    holds = alike(shape, other)
    for axis in range(len(shape)) if len(shape) == len(other) else ():
        if (shape[axis] == other[axis]) is not True:
            holds = holds | ((other[axis] == 1) & alike_or_empty(shape, other, axis))
    return holds
