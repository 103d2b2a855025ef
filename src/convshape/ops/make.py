"""Ops that make tensors of numbers: zeros, ranges, random ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from convshape.dim import Dim, prod, symbolic
from convshape.dtypes import DEFAULT, NOT_IMPLEMENTED, SCALARS, Dtype, dtype_of, is_whole
from convshape.faults import Fault, require
from convshape.op import Flag, IntList, Number, function, method
from convshape.ops.indices import listed
from convshape.ops.pointwise import elementwise
from convshape.strides import same
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.dim import Size

NEGATIVE = Fault(
    "negative-size",
    "has no size {size}",
    "RuntimeError: Trying to create tensor with negative dimension {size}: {shape}",
)
NEGATIVE_ZEROS = Fault(
    "negative-size", "has no size {size}", "RuntimeError: zeros: Dimension size must be non-negative."
)
STEP = Fault("range-step", "steps by 0", "RuntimeError: step must be nonzero")
SMALL_STEP = Fault("range-step", "steps by less than 1", "ValueError: step must be nonzero")
DIRECTION = Fault(
    "range-step",
    "cannot reach {end} from {start} by {step}",
    "RuntimeError: upper bound and lower bound inconsistent with step sign",
)
STEPS = Fault("negative-size", "has no {steps} steps", "RuntimeError: number of steps must be non-negative")
EYE_ROWS = Fault("negative-size", "has no {n} rows", "RuntimeError: n must be greater or equal to 0, got {n}")
EYE_COLUMNS = Fault("negative-size", "has no {m} columns", "RuntimeError: m must be greater or equal to 0, got {m}")
RAGGED = Fault(
    "ragged",
    "needs lists of one length",
    "ValueError: expected sequence of length {want} at dim {axis} (got {got})",
)
NO_SIZE = Fault(
    "missing-argument",
    "needs a size, as a tuple",
    "TypeError: randint() received an invalid combination of arguments - got ({given}), but expected one of:",
)
SYMBOLIC_RANGE = Fault("symbolic-range", "cannot count the steps between sizes that are not known by {step}")


def checked(shape: Any, fault: Fault = NEGATIVE) -> tuple[Size, ...]:
    """Return a shape, unless it has a negative size."""
    sizes = tuple(shape)
    for size in sizes:
        require(size >= 0, fault, "size", size=size, shape=sizes)
    return sizes


def filled(names: str, fault: Fault = NEGATIVE) -> None:
    """Declare ops that fill a shape with floating numbers."""

    def rule(
        size: IntList,
        *,
        dtype: Dtype | None = None,
        device: Any = None,
        layout: Any = None,
        requires_grad: Flag = False,
        pin_memory: Flag = False,
        generator: Any = None,
    ) -> Any:
        return Tensor(checked(size, fault), dtype or DEFAULT)

    function(names=names)(rule)


filled("zeros", NEGATIVE_ZEROS)
filled("ones empty rand randn")


@function
def full(size: IntList, fill_value: Number, *, dtype: Dtype | None = None, device: Any = None) -> Any:
    """Fill a shape with a number, which decides the dtype."""
    return Tensor(checked(size), dtype or dtype_of(fill_value))


@function
def randint(
    low: int,
    high: int | IntList | None = None,
    size: IntList | None = None,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
) -> Any:
    """Fill a shape with random whole numbers below high."""
    shape = high if size is None else size
    given = "int" if high is None else "int, int"
    require(isinstance(shape, (tuple, list)), NO_SIZE, "size", given=given)
    return Tensor(checked(shape), dtype or "int64")


@function
def randperm(n: int, *, dtype: Dtype | None = None, device: Any = None) -> Any:
    """Make the numbers below n in a random order."""
    return Tensor(checked((n,)), dtype or "int64")


@function
def eye(n: int, m: int | None = None, *, dtype: Dtype | None = None, device: Any = None) -> Any:
    """Make a matrix with ones on its diagonal."""
    columns = n if m is None else m
    require(n >= 0, EYE_ROWS, "n", n=n)
    require(columns >= 0, EYE_COLUMNS, "m", m=columns)
    return Tensor((n, columns), dtype or DEFAULT)


@function
def arange(
    start: Number = 0,
    end: Number | None = None,
    step: Number = 1,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
) -> Any:
    """Count from start to below end."""
    first, last = (0, start) if end is None else (start, end)
    require(step != 0, STEP, "step")
    require((last - first) * (1 if step > 0 else -1) >= 0, DIRECTION, start=first, end=last, step=step)
    whole = not any(isinstance(number, float) for number in (first, last, step))
    if dtype and is_whole(dtype) and not whole:  # torch counts in the dtype that it makes
        first, last, step = (number if isinstance(number, Dim) else int(number) for number in (first, last, step))
        require(step != 0, SMALL_STEP, "step")
    return Tensor((count(first, last, step),), dtype or ("int64" if whole else DEFAULT))


def count(first: Any, last: Any, step: Any) -> Size:
    """Return how many numbers a range has."""
    if isinstance(first, float) or isinstance(last, float) or isinstance(step, float):
        require(not any(map(symbolic, (first, last))), SYMBOLIC_RANGE, step=step)
        steps: int = math.ceil((last - first) / step)
        return steps
    if step < 0:
        first, last, step = last, first, -step
    size: Size = (last - first + step - 1) // step
    return size


@function(names="linspace")
def linspace(start: Number, end: Number, steps: int, *, dtype: Dtype | None = None, device: Any = None) -> Any:
    """Make evenly spaced numbers."""
    require(steps >= 0, STEPS, "steps", steps=steps)
    return Tensor((steps,), dtype or DEFAULT)


@function
def logspace(
    start: Number,
    end: Number,
    steps: int,
    base: Number = 10.0,
    *,
    dtype: Dtype | None = None,
    device: Any = None,
) -> Any:
    """Make numbers whose logarithms are evenly spaced."""
    require(steps >= 0, STEPS, "steps", steps=steps)
    return Tensor((steps,), dtype or DEFAULT)


@function
def tensor(data: Any, *, dtype: Dtype | None = None, device: Any = None, requires_grad: Flag = False) -> Any:
    """Make a tensor of numbers that are written out."""
    if not isinstance(data, (list, tuple)) or isinstance(data, Tensor):
        return Tensor(tuple(data) if isinstance(data, Tensor) else (), dtype or dtype_of(data))
    picks = listed(data)
    return Tensor(picks.shape, dtype or (picks.dtype if picks.values else DEFAULT))


def like(names: str, floating: str = "") -> None:
    """Declare ops that fill the shape of another tensor."""

    def rule(
        input: Tensor,
        *,
        dtype: Dtype | None = None,
        device: Any = None,
        layout: Any = None,
        requires_grad: Flag = False,
        memory_format: str | None = None,
    ) -> Any:
        found = dtype or input.dtype
        holds = not (floating and is_whole(found)) or (floating == NORMAL and same(prod(input), 0))
        require(holds, NOT_IMPLEMENTED, kernel=floating, dtype=found, scalar=SCALARS[found])
        return elementwise(found, input)

    function(names=names)(rule)


NORMAL = "normal_kernel_cpu"
"""A kernel that an empty tensor never reaches."""
like("zeros_like ones_like empty_like")
like("rand_like", "check_uniform_bounds")
like("randn_like", NORMAL)


@function
def full_like(input: Tensor, fill_value: Number, *, dtype: Dtype | None = None, device: Any = None) -> Any:
    """Fill the shape of another tensor with a number."""
    return elementwise(dtype or input.dtype, input)


def new(names: str, fault: Fault = NEGATIVE) -> None:
    """Declare methods that fill a shape in the tensor's dtype."""

    def rule(
        input: Tensor,
        size: IntList,
        *,
        dtype: Dtype | None = None,
        device: Any = None,
        requires_grad: Flag = False,
    ) -> Any:
        return Tensor(checked(size, fault), dtype or input.dtype)

    method(names=names)(rule)


new("new_zeros new_ones new_empty")


@method
def new_full(
    input: Tensor, size: IntList, fill_value: Number, *, dtype: Dtype | None = None, device: Any = None
) -> Any:
    """Fill a shape with a number in the tensor's dtype."""
    return Tensor(checked(size), dtype or input.dtype)


@method
def new_tensor(input: Tensor, data: Any, *, dtype: Dtype | None = None, device: Any = None) -> Any:
    """Make a tensor of numbers that are written out, in the tensor's dtype."""
    return Tensor(tensor(data), dtype or input.dtype)


@method(names="fill_ zero_ uniform_ normal_ copy_")
def fill_(input: Tensor, value: Any = None, other: Any = None) -> Any:
    """Overwrite the numbers."""
    return input
