"""Ops that multiply matrices and count multiply-accumulates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.axes import broadcast_shapes
from convshape.dim import prod
from convshape.dtypes import BOOLS, C_NAMES, NOT_IMPLEMENTED, SCALARS, category, result_type
from convshape.faults import Fault, require
from convshape.op import Number, op
from convshape.ops.expand import expanded
from convshape.strides import same
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convshape.dim import Size
    from convshape.tensor import Sizes

MATRIX_SIZES = Fault(
    "features",
    "cannot multiply {rows}x{inner} by {got}x{columns}",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied ({rows}x{inner} and {got}x{columns})",
)
BATCH_SIZES = Fault(
    "features",
    "expects a second factor that begins with {want}, got {got}",
    "RuntimeError: Expected size for first two dimensions of batch2 tensor to be: {want} but got: {got}.",
)
VECTOR_SIZE = Fault(
    "features",
    "cannot multiply {rows}x{columns} by a vector of {got}",
    "RuntimeError: size mismatch, got input ({rows}), mat ({rows}x{columns}), vec ({got})",
)
DOT_SIZES = Fault(
    "features",
    "multiplies vectors of one length, got {one} and {two}",
    "RuntimeError: inconsistent tensor size, expected tensor [{one}] and src [{two}] to have the same number of "
    "elements, "
    "but got {one} and {two} elements respectively",
)
MATMUL_RANK = Fault(
    "rank",
    "needs factors with axes, got {one} and {two}",
    "RuntimeError: both arguments to matmul need to be at least 1D, but they are {one}D and {two}D",
)
NOT_A_MATRIX = Fault("rank", "takes matrices, got {rank} axes", "RuntimeError: {what} must be a matrix")
ADDED_MATRIX = Fault("rank", NOT_A_MATRIX.says, "RuntimeError: {what} must be a matrix, got {rank}-D tensor")
NOT_A_BATCH = Fault("rank", "takes batches of matrices, got {rank} axes", "RuntimeError: {what} must be a 3D tensor")
NOT_VECTORS = Fault(
    "rank",
    "takes vectors",
    "RuntimeError: 1D tensors expected, but got {one}D and {two}D tensors",
)
MV_RANK = Fault(
    "rank",
    "takes a matrix and a vector",
    "RuntimeError: vector + matrix @ vector expected, got 1, {one}, {two}",
)
OUTER_RANK = Fault(
    "rank", "takes vectors, got {rank} axes", "RuntimeError: outer: Expected 1-D argument {what}, but got {rank}-D"
)
MATRIX_DTYPES = Fault(
    "dtype",
    "multiplies one dtype, got {one} and {two}",
    "RuntimeError: expected m1 and m2 to have the same dtype, but got: {one} != {two}",
)
BATCH_DTYPES = Fault(
    "dtype", "multiplies one dtype, got {one} and {two}", "RuntimeError: expected scalar type {one} but found {two}"
)
VECTOR_DTYPES = Fault(
    "dtype",
    BATCH_DTYPES.says,
    "RuntimeError: addmv input tensors must have the same dtype, but got {two}, {one}, and {two}",
)
ADDED_DTYPES = Fault(
    "dtype",
    BATCH_DTYPES.says,
    "RuntimeError: {what} and mat2 must have the same dtype, but got {one} and {two}",
)
DOT_DTYPES = Fault(
    "dtype",
    "multiplies one dtype, got {one} and {two}",
    "RuntimeError: dot : expected both vectors to have same dtype, but found {one} and {two}",
)


def need_kernel(dtype: str, kernel: str) -> None:
    """Refuse truths, which torch multiplies no matrices of."""
    holds = category(dtype) != BOOLS
    require(holds, NOT_IMPLEMENTED, kernel=kernel, dtype=dtype, scalar=SCALARS[dtype])


# --- two factors ---


def dot_rule(one: Tensor, two: Tensor) -> Sizes:
    """Return the shape of the product of two vectors."""
    require(one.dtype == two.dtype, DOT_DTYPES, one=SCALARS[one.dtype], two=SCALARS[two.dtype])
    require(one[0] == two[0], DOT_SIZES, one=one[0], two=two[0])
    return ()


def matrix_rule(one: Sequence[Size], two: Sequence[Size], a: Tensor, b: Tensor) -> Sizes:
    """Return the shape of the product of two matrices."""
    told: dict[str, Any] = {"rows": one[0], "inner": one[1], "got": two[0], "columns": two[1]}
    require(one[1] == two[0], MATRIX_SIZES, "input", **told)
    require(a.dtype == b.dtype, MATRIX_DTYPES, one=C_NAMES[a.dtype], two=C_NAMES[b.dtype])
    need_kernel(a.dtype, "addmm_impl_cpu_")
    return one[0], two[1]


def batch_rule(one: Sequence[Size], two: Sequence[Size], a: Tensor, b: Tensor) -> Tensor:
    """Return the products of two batches of matrices; where there is no number, torch looks at no dtype."""
    told: dict[str, Any] = {"want": (one[0], one[2]), "got": (two[0], two[1])}
    require(one[0] == two[0], BATCH_SIZES, **told)
    require(one[2] == two[1], BATCH_SIZES, **told)
    nothing = prod((*one, two[2])) == 0
    require(a.dtype == b.dtype or nothing, BATCH_DTYPES, one=SCALARS[a.dtype], two=SCALARS[b.dtype])
    if nothing is not True:
        need_kernel(a.dtype, "baddbmm_kernel")
    return Tensor((one[0], one[1], two[2]), b.dtype)


def vector_rule(matrix: Sequence[Size], vector: Tensor, a: Tensor) -> Sizes:
    """Return the shape of a matrix times a vector."""
    require(matrix[1] == vector[0], VECTOR_SIZE, rows=matrix[0], columns=matrix[1], got=vector[0])
    require(a.dtype == vector.dtype, VECTOR_DTYPES, one=SCALARS[a.dtype], two=SCALARS[vector.dtype])
    return (matrix[0],)


def rows_macs(output: Any, input: Tensor, **_: Any) -> Size:
    """One multiply-accumulate for every number that is summed over, at every output."""
    count: Size = prod(output) * input[-1]
    return count


MATRIX, BATCH = 2, 3
"""How many axes a matrix has, and a batch of them."""


@op(macs=rows_macs, keeps="x")
def matmul(input: Tensor, other: Tensor) -> Any:
    """Multiply vectors, matrices, or batches of them: `x @ y`."""
    one, two = len(input), len(other)
    require(one > 0 and two > 0, MATMUL_RANK, one=one, two=two)
    kinds = min(one, BATCH), min(two, BATCH)
    return PRODUCTS[kinds](input, other)


def folded_left(x: Tensor, y: Tensor) -> Any:
    """Multiply a batch by one matrix or vector: the batch is folded into rows, where its memory lies so."""
    if not folds(x):
        column = y if len(y) > 1 else (y[0], 1)
        found = batch_rule((prod(x[:-2]), *x[-2:]), (prod(x[:-2]), *column), x, y)
        return Tensor((*x[:-1], *y[1:]), found.dtype)
    rows = prod(x[:-1])
    if len(y) == 1:
        vector_rule((rows, x[-1]), y, x)
        return tuple(x[:-1])
    matrix_rule((rows, x[-1]), y, x, y)
    return (*x[:-1], y[-1])


def folds(x: Tensor) -> bool:
    """Tell whether the rows of a batch lie one after the other. Source: torch's should_fold."""
    if x.strides is None or same(prod(x), 0):
        return True
    return all(same(x.strides[place], x.strides[place + 1] * x[place + 1]) for place in range(len(x) - 2))


def folded_right(x: Tensor, y: Tensor) -> Sizes:
    """Multiply one matrix or vector by a batch: transposed, the batch is folded into rows."""
    rows = prod(y[:-2]) * y[-1]
    if len(x) == 1:
        vector_rule((rows, y[-2]), x, y)
        return (*y[:-2], y[-1])
    matrix_rule((rows, y[-2]), (x[1], x[0]), y, x)
    return (*y[:-2], x[0], y[-1])


def batched(x: Tensor, y: Tensor) -> Tensor:
    """Multiply batches whose leading axes broadcast."""
    batch = broadcast_shapes(tuple(x[:-2]), tuple(y[:-2]))
    count = prod(batch)
    found = batch_rule((count, *x[-2:]), (count, *y[-2:]), x, y)
    return Tensor((*batch, x[-2], y[-1]), found.dtype)


PRODUCTS: dict[tuple[int, int], Callable[[Tensor, Tensor], Any]] = {
    (1, 1): dot_rule,
    (2, 1): lambda x, y: vector_rule(x, y, x),
    (1, 2): lambda x, y: matrix_rule((1, x[0]), y, x, y)[1:],
    (2, 2): lambda x, y: matrix_rule(x, y, x, y),
    (3, 1): folded_left,
    (3, 2): folded_left,
    (1, 3): folded_right,
    (2, 3): folded_right,
    (3, 3): batched,
}
"""The rule of matmul by the axes of its factors, 3 and more being batches."""


@op(macs=rows_macs, keeps="x")
def mm(input: Tensor, mat2: Tensor) -> Any:
    """Multiply two matrices."""
    require(len(input) == MATRIX, NOT_A_MATRIX, what="self", rank=len(input))
    require(len(mat2) == MATRIX, NOT_A_MATRIX, what="mat2", rank=len(mat2))
    return matrix_rule(input, mat2, input, mat2)


@op(macs=rows_macs, keeps="x")
def bmm(input: Tensor, mat2: Tensor) -> Any:
    """Multiply two batches of matrices."""
    require(len(input) == BATCH, NOT_A_BATCH, what="batch1", rank=len(input))
    require(len(mat2) == BATCH, NOT_A_BATCH, what="batch2", rank=len(mat2))
    return batch_rule(input, mat2, input, mat2)


@op(macs=rows_macs, keeps="x")
def mv(input: Tensor, vec: Tensor) -> Any:
    """Multiply a matrix by a vector."""
    require(len(input) == MATRIX and len(vec) == 1, MV_RANK, one=len(input), two=len(vec))
    return vector_rule(input, vec, input)


@op(macs=rows_macs, keeps="x")
def dot(input: Tensor, tensor: Tensor) -> Any:
    """Multiply two vectors and add up."""
    require(len(input) == len(tensor) == 1, NOT_VECTORS, one=len(input), two=len(tensor))
    return dot_rule(input, tensor)


@op(names="outer ger", keeps="x")
def outer(input: Tensor, vec2: Tensor) -> Any:
    """Multiply every number of one vector by every one of another."""
    require(len(input) == 1, OUTER_RANK, what="self", rank=len(input))
    require(len(vec2) == 1, OUTER_RANK, what="vec2", rank=len(vec2))
    return Tensor((input[0], vec2[0]), result_type(input, vec2))


@op(macs=lambda output, mat1, **_: rows_macs(output, mat1), keeps="x")
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Any:
    """Multiply two matrices and add a tensor."""
    for what, x in (("mat1", mat1), ("mat2", mat2)):
        require(len(x) == MATRIX, ADDED_MATRIX, what=what, rank=len(x))
    require(mat1[1] == mat2[0], MATRIX_SIZES, rows=mat1[0], inner=mat1[1], got=mat2[0], columns=mat2[1])
    for what, x in (("self", input), ("mat1", mat1)):
        told: dict[str, Any] = {"one": SCALARS[x.dtype], "two": SCALARS[mat2.dtype]}
        require(x.dtype == mat2.dtype, ADDED_DTYPES, what=what, **told)
    expanded(input, (mat1[0], mat2[1]))
    return matrix_rule(mat1, mat2, mat1, mat2)


@op(macs=lambda output, batch1, **_: rows_macs(output, batch1), keeps="x")
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Number = 1, alpha: Number = 1) -> Any:
    """Multiply two batches of matrices and add a tensor."""
    require(len(batch1) == BATCH, NOT_A_BATCH, what="batch1", rank=len(batch1))
    require(len(batch2) == BATCH, NOT_A_BATCH, what="batch2", rank=len(batch2))
    expanded(input, (batch1[0], batch1[1], batch2[2]))
    return batch_rule(batch1, batch2, batch1, batch2)
