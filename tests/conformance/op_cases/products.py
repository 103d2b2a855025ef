"""Cases for matrix products and attention."""
# ruff: noqa: D401  # each case says what it is called with

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.tensor import Tensor
from op_cases.drawing import case

if TYPE_CHECKING:
    from op_cases.drawing import Case, Draw


@case("matmul")
def matmul(draw: Draw) -> Case:
    """Two factors."""
    x = draw.tensor(0, 4, draw.pick(("float32",) * 6 + ("int64", "float64")))
    inner = x[-1] if x else 2
    y: list[int] = [inner] if draw.chance(20) else [*draw.bent(x[:-2]), inner, draw.size()]
    if draw.chance(20):
        y = y[-2:]
    return (x, draw.stored(tuple(draw.bent(y)), x.dtype if draw.chance(92) else "float32")), {}


@case("mm")
def mm(draw: Draw) -> Case:
    """Two matrices."""
    x = draw.tensor(2 if draw.chance(90) else 1, 2, "float32")
    return (x, draw.stored(tuple(draw.bent((x[-1], draw.size()))), "float32" if draw.chance(90) else "float64")), {}


@case("bmm")
def bmm(draw: Draw) -> Case:
    """Two batches of matrices."""
    x = draw.tensor(3 if draw.chance(90) else 2, 3, "float32")
    return (x, draw.stored(tuple(draw.bent((x[0], x[-1], draw.size()))), "float32" if draw.chance(90) else "int64")), {}


@case("mv")
def mv(draw: Draw) -> Case:
    """A matrix and a vector."""
    x = draw.tensor(2, 2, "float32")
    return (x, draw.stored(tuple(draw.bent((x[-1],), 25)))), {}


@case("dot")
def dot(draw: Draw) -> Case:
    """Two vectors."""
    x = draw.tensor(1, 1, "float32")
    return (x, draw.stored(tuple(draw.bent(x, 30)), "float32" if draw.chance(85) else "int64")), {}


@case("outer ger")
def outer(draw: Draw) -> Case:
    """Two vectors."""
    return (draw.tensor(1, 1), draw.tensor(1, 1 if draw.chance(85) else 2)), {}


@case("addmm")
def addmm(draw: Draw) -> Case:
    """A tensor and two matrices."""
    x = draw.tensor(2, 2, "float32")
    y = draw.stored(tuple(draw.bent((x[-1], draw.size()))))
    return (draw.near(Tensor((x[0], y[1])), "float32"), x, y), {}


@case("baddbmm")
def baddbmm(draw: Draw) -> Case:
    """A tensor and two batches of matrices."""
    x = draw.tensor(3, 3, "float32")
    y = draw.stored(tuple(draw.bent((x[0], x[-1], draw.size()))))
    return (draw.near(Tensor((x[0], x[1], y[2])), "float32"), x, y), {}


EQUATIONS = (
    "ij,jk->ik", "bij,bjk->bik", "ij->ji", "ij", "ij,jk", "i,j->ij", "...ij,...jk->...ik", "bhid,bhjd->bhij", "ii->i",
    "ij,ij->", "ij->", "abc,cd->abd", "ij,jk->ix", "ij->ii", "b...,b...->b", "i j , j k -> i k", "i1,j", "ijk,ik->ij",
)  # fmt: skip


@case("einsum")
def einsum(draw: Draw) -> Case:
    """An equation and its tensors."""
    equation = draw.pick(EQUATIONS)
    sizes = {letter: draw.size() for letter in "abcdhijk1"}
    dots = [draw.size() for _ in range(draw.random.randint(0, 2))]
    operands = []
    for term in equation.split("->")[0].replace(" ", "").split(","):
        before, ellipsis, after = term.partition("...")
        shape = [*(sizes[one] for one in before), *(dots if ellipsis else ()), *(sizes[one] for one in after)]
        operands.append(draw.stored(tuple(draw.bent(shape))))
    if draw.chance(5):
        operands.append(draw.tensor(dtype="float32"))
    return (equation, *operands), {}


@case("scaled_dot_product_attention")
def attention(draw: Draw) -> Case:
    """Query, key and value."""
    batch = [draw.pick((1, 2, 3)) for _ in range(draw.random.randint(0, 2))]
    embed = draw.pick((1, 2, 4))
    query = draw.stored((*batch, draw.pick((1, 2, 5)), embed))
    rows = draw.pick((1, 2, 6))
    key = Tensor(size or 1 for size in draw.bent((*batch, rows, embed), 8))
    value = Tensor((*key[:-1], draw.pick((1, 2, 4))))  # torch's fused kernel reads past values that are too few
    mask = (
        {"attn_mask": Tensor((size or 1 for size in draw.bent((query[-2], rows))), draw.pick(("bool", "float32")))}
        if draw.chance(30)
        else {}
    )
    return (query, key, value), mask
