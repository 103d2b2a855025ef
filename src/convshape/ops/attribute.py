"""What a tensor says of itself: numbers and dtypes, no tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import axis
from convshape.dim import prod
from convshape.dtypes import COMPLEXES, FLOATS, Dtype, castable, category, promoted, result_type
from convshape.faults import Fault, require
from convshape.op import Operand, attribute, function, method, op
from convshape.ops.view import ordered, swapped
from convshape.strides import strides_of

if TYPE_CHECKING:
    from convshape.tensor import Tensor

NO_AXES = Fault(
    "dim-range",
    "has no axis {dim}: there are none",
    "IndexError: Dimension specified as {dim} but tensor has no dimensions",
)
MATRIX = Fault(
    "rank",
    "transposes matrices, got {rank} axes",
    "RuntimeError: tensor.{name} is only supported on matrices or batches of matrices. Got {rank}-D tensor.",
)


@method(value=True)
def size(input: Tensor, dim: int | None = None) -> Any:
    """Return the sizes, or one of them."""
    return tuple(input) if dim is None else input[own_axis(input, dim)]


def own_axis(x: Tensor, dim: int) -> int:
    """Return which axis a dim names, where a tensor must have one."""
    require(len(x) > 0, NO_AXES, "dim", dim=dim)
    return axis(len(x), dim)


def first_axis(x: Tensor, dim: int) -> int:
    """Return which axis a dim names; without axes torch names the first one in its message."""
    require(len(x) > 0, NO_AXES, "dim", dim=0)
    return axis(len(x), dim)


@method(value=True)
def stride(input: Tensor, dim: int | None = None) -> Any:
    """Return the strides, or one of them."""
    return strides_of(input) if dim is None else strides_of(input)[own_axis(input, dim)]


@method(names="dim ndimension", value=True)
def dim(input: Tensor) -> Any:
    """Return how many axes there are."""
    return len(input)


@op(names="numel", value=True)
def numel(input: Tensor) -> Any:
    """Return how many numbers there are."""
    return prod(input)


@method(value=True)
def nelement(input: Tensor) -> Any:
    """Return how many numbers there are."""
    return prod(input)


@method(value=True)
def is_contiguous(input: Tensor) -> Any:
    """Tell whether the memory is contiguous."""
    return input.strides is None


@op(value=True)
def is_floating_point(input: Tensor) -> Any:
    """Tell whether the dtype is a floating one."""
    return category(input.dtype) == FLOATS


@op(value=True)
def is_complex(input: Tensor) -> Any:
    """Tell whether the dtype is complex."""
    return category(input.dtype) == COMPLEXES


@attribute(value=True)
def shape(input: Tensor) -> Any:
    """Return the sizes."""
    return tuple(input)


@attribute(value=True)
def ndim(input: Tensor) -> Any:
    """Return how many axes there are."""
    return len(input)


@attribute(value=True)
def dtype(input: Tensor) -> Any:
    """Return the dtype."""
    return Dtype(input.dtype)


@attribute(value=True)
def device(input: Tensor) -> Any:
    """Return the device, which says nothing about shapes."""
    return "cpu"


@attribute(value=True)
def requires_grad(input: Tensor) -> Any:
    """Tell whether it asks for gradients."""
    return False


@attribute(value=True)
def T(input: Tensor) -> Any:  # noqa: N802  # torch's name
    """Return the axes in the opposite order."""
    return ordered(input, tuple(reversed(range(len(input)))))


@attribute(value=True)
def mT(input: Tensor) -> Any:  # noqa: N802  # torch's name
    """Return every matrix transposed."""
    require(len(input) != 1, MATRIX, name="mT", rank=len(input))
    return input if not input else swapped(input, len(input) - 2, len(input) - 1)


@attribute(value=True)
def data(input: Tensor) -> Any:
    """Return the numbers without the graph of gradients."""
    return input


# --- dtypes as values ---


@function(value=True)
def promote_types(type1: Dtype, type2: Dtype) -> Any:
    """Return the smallest dtype that holds both."""
    return Dtype(promoted(type1, type2))


@function(value=True, names="result_type")
def result_type_of(tensor: Operand, other: Operand) -> Any:
    """Return the dtype of arithmetic between two."""
    return Dtype(result_type(tensor, other))


@function(value=True)
def can_cast(from_: Dtype, to: Dtype) -> Any:
    """Tell whether an in-place result of one dtype may be stored in another."""
    return castable(from_, to)
