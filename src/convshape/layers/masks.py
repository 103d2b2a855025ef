"""Masks: which places attention may look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.dtypes import C_NAMES, COMPLEXES, WHOLES, category, promoted
from convshape.faults import Fault, require
from convshape.tensor import Tensor, alike, is_floating

if TYPE_CHECKING:
    from convshape.dim import Size

BATCHED = 3
"""The rank of an input with a batch."""

MASK_DTYPE = Fault(
    "mask-dtype",
    "takes bool or floating-point numbers as {name}, got {got}",
    "AssertionError: only bool and floating types of {name} are supported",
)
PADDING_RANK = Fault(
    "mask-shape",
    "takes a key_padding_mask of rank {wanted}, got {got}",
    "AssertionError: For {batched} ({rank}-D) `query`, expected `key_padding_mask` to be `None` or {wanted}-D "
    "but found {got}-D tensor instead",
)
MASK_RANK = Fault(
    "mask-shape",
    "needs an attn_mask of 2 or 3 axes, got {got}",
    "AssertionError: For {batched} ({rank}-D) `query`, expected `attn_mask` to be `None`, 2-D or 3-D "
    "but found {got}-D tensor instead",
)
UNBATCHED_MASK = Fault(
    "mask-shape",
    "needs an attn_mask of {wanted}, got {got}",
    "AssertionError: Expected `attn_mask` shape to be {wanted:tuple} but got {got:size}",
)
MASK = Fault(
    "mask-shape",
    "needs an attn_mask of {wanted}, got {got}",
    "RuntimeError: The shape of the {rank}D attn_mask is {got:size}, but should be {wanted:tuple}.",
)
PADDING_MASK = Fault(
    "mask-shape",
    "needs a key_padding_mask with {wanted} on axis {axis}, got {got}",
    "AssertionError: Expected key_padded_mask.shape[{axis}] to be {wanted}, but got {got}",
)
CAUSAL = Fault(
    "mask-missing",
    "needs an attn_mask beside is_causal",
    "RuntimeError: Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
    "`generate_square_subsequent_mask` to create this mask.",
)
EMPTY_MASK = Fault(
    "empty",
    "cannot spread a mask over nothing",
    "RuntimeError: cannot reshape tensor of 0 elements into shape {shape} "
    "because the unspecified dimension size -1 can be any value and is ambiguous",
)


NO_INFINITY = Fault(
    "mask-dtype",
    "makes -inf of its mask in the dtype of the query, {dtype}, which has none",
    "RuntimeError: value cannot be converted to type {c_type} without overflow",
)
FIXED = {"int32": "int"}
"""What torch calls whole numbers there, where it is not int64_t, uint8_t and so on."""
SUM = Fault(
    "mask-dtype",
    "adds its masks to float32, which does not go with {dtype}",
    "RuntimeError: Input dtypes must be the same, got: input {c_name}, batch1: float, batch2: float",
)
FUSED_SUM = Fault(
    "mask-dtype",
    SUM.says,
    "RuntimeError: Expected attn_mask dtype to be bool or float or to match query dtype, "
    "but got attn_mask.dtype: {c_name} and  query.dtype: float instead.",
)


class Masks(NamedTuple):
    """The masks of one call, and whether attn_mask is only a hint."""

    key_padding: Tensor | None
    attention: Tensor | None
    causal: Any

    def numbers(self, query: Tensor) -> Masks:
        """Return them as torch goes on with them; refuse what neither is bool nor has floating-point numbers."""
        padding = check_dtype("key_padding_mask", self.key_padding, query)
        return self._replace(key_padding=padding, attention=check_dtype("attn_mask", self.attention, query))

    def check_ranks(self, query: Tensor, key: Tensor, heads: Size) -> None:
        """Refuse masks of ranks that do not go with the inputs."""
        rank = len(query)
        told = {"rank": rank, "batched": "batched" if rank == BATCHED else "unbatched"}
        if self.key_padding is not None:
            got = len(self.key_padding)
            require(got == rank - 1, PADDING_RANK, "key_padding_mask", wanted=rank - 1, got=got, **told)
        if self.attention is not None:
            require(len(self.attention) in (2, 3), MASK_RANK, "attn_mask", got=len(self.attention), **told)
            wanted = (heads, query[0], key[0])
            if rank < len(self.attention):
                fits = alike(self.attention, wanted)
                require(fits, UNBATCHED_MASK, "attn_mask", wanted=wanted, got=self.attention)

    def counted(self, need_weights: Any) -> Masks:
        """Return those that count: beside the is_causal hint torch may not look at attn_mask."""
        if self.causal:
            require(self.attention is not None, CAUSAL, "is_causal")
            if self.key_padding is None and not need_weights:
                return self._replace(attention=None)
        return self

    def check_attention(self, rows: Size, length: Size, sources: Size) -> None:
        """Refuse an attn_mask of another shape than (L, S) and (N * heads, L, S)."""
        if self.attention is not None:
            rank = len(self.attention)
            wanted = (rows, length, sources)[-rank:]
            fits = alike(self.attention, wanted)
            require(fits, MASK, "attn_mask", rank=rank, got=self.attention, wanted=wanted)

    def check_padding(self, batch: Size, sources: Size, added: int) -> None:
        """Refuse a key_padding_mask of another shape than (N, S); `added` places are behind both."""
        if self.key_padding is not None:
            rows, places = (1, *self.key_padding)[-2:]
            require(rows == batch, PADDING_MASK, "key_padding_mask", axis=0, wanted=batch, got=rows)
            told = {"wanted": sources + added, "got": places + added}
            require(places == sources, PADDING_MASK, "key_padding_mask", axis=1, **told)

    def check_spread(self, batch: Size, heads: Size, sources: Size) -> None:
        """Refuse to give every head its own mask where there is nothing to mask; one of two axes serves all."""
        single = self.attention is None or len(self.attention) < BATCHED
        if self.key_padding is not None or not single:
            holds = ((batch > 0) & (sources > 0)) | (batch * heads == 1)
            require(holds, EMPTY_MASK, shape=(batch, heads, -1, sources))

    def check_sum(self, need_weights: Any) -> None:
        """Refuse masks of floating-point numbers that are not float32; one of bool becomes that."""
        masks = [mask for mask in (self.key_padding, self.attention) if mask is not None]
        if masks:
            first, last = ("float32" if mask.dtype == "bool" else mask.dtype for mask in (masks[0], masks[-1]))
            dtype = promoted(first, last)
            fault = SUM if need_weights else FUSED_SUM
            require(dtype == "float32", fault, "attn_mask", dtype=dtype, c_name=C_NAMES[dtype])


def check_dtype(name: str, mask: Tensor | None, query: Tensor) -> Tensor | None:
    """Refuse a mask that neither is bool nor has floating-point numbers; bool becomes -inf in the query's dtype.

    Return it as it is then, where that is complex: whoever looks at it next refuses it.
    """
    if mask is not None:
        require(mask.dtype == "bool" or is_floating(mask.dtype), MASK_DTYPE, name, name=name, got=mask.dtype)
        holds = mask.dtype != "bool" or category(query.dtype) != WHOLES
        require(holds, NO_INFINITY, name, dtype=query.dtype, c_type=FIXED.get(query.dtype, f"{query.dtype}_t"))
        if mask.dtype == "bool" and category(query.dtype) == COMPLEXES:
            return Tensor(mask, query.dtype)
    return mask
