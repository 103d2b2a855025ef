"""Attention as a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dim import prod
from convshape.dtypes import C_NAMES
from convshape.faults import Fault, require
from convshape.op import Flag, Number, function, need_shape
from convshape.ops.pointwise import elementwise
from convshape.ops.product import MATRIX, matmul
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.dim import Size

DTYPES = Fault(
    "dtype",
    "takes query, key and value of one dtype",
    "RuntimeError: Expected query, key, and value to have the same dtype, but got query.dtype: {query} "
    "key.dtype: {key} "
    "and value.dtype: {value} instead.",
)
RANK = Fault(
    "rank",
    "takes at least two axes each",
    "RuntimeError: Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: {query} "
    "key.dim: "
    "{key} and value.dim: {value} instead.",
)
MASK_DTYPE = Fault(
    "dtype",
    "takes a mask of bool or of the query's dtype, got {mask}",
    "RuntimeError: Expected attn_mask dtype to be bool or float or to match query dtype, but got "
    "attn_mask.dtype: {mask} "
    "and  query.dtype: {query} instead.",
)


def attention_macs(output: Any, query: Tensor, key: Tensor, value: Tensor, **_: Any) -> Size:
    """Every query meets every key twice: for its weight, and for the sum of the values."""
    pairs: Size = prod(query[:-1]) * key[-2]
    count: Size = pairs * query[-1] + pairs * value[-1]
    return count


@function(macs=attention_macs, keeps="x y")
def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: Number = 0.0,
    is_causal: Flag = False,
    scale: Number | None = None,
    enable_gqa: Flag = False,
) -> Any:
    """Average the values by how well the queries match the keys."""
    names = {"query": query, "key": key, "value": value}
    dtypes: dict[str, Any] = {name: C_NAMES[x.dtype] for name, x in names.items()}
    require(query.dtype == key.dtype == value.dtype, DTYPES, **dtypes)
    ranks: dict[str, Any] = {name: len(x) for name, x in names.items()}
    require(all(rank > 1 for rank in ranks.values()), RANK, **ranks)
    if attn_mask is not None:
        fits = attn_mask.dtype in ("bool", query.dtype, "float32")
        require(fits, MASK_DTYPE, mask=C_NAMES[attn_mask.dtype], query=dtypes["query"])
    if enable_gqa and len(query) > MATRIX:
        key, value = (Tensor((*x[:-3], query[-3], *x[-2:]), x.dtype) for x in (key, value))
    scores = Tensor(matmul(query, Tensor((*key[:-2], key[-1], key[-2]), key.dtype)), query.dtype)
    if attn_mask is not None:
        need_shape(scores, elementwise(query.dtype, scores, attn_mask))  # torch adds it in place
    return matmul(scores, value)
