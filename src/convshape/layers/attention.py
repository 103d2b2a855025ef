"""Attention: every place of a sequence asks the places of another, or of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import DIM_RANGE
from convshape.dim import prod
from convshape.faults import Fault, require
from convshape.kinds import is_int
from convshape.layer import Layer
from convshape.layers.linear import need_float32
from convshape.layers.masks import BATCHED, Masks
from convshape.tensor import Tensor, alike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Amount
    from convshape.tensor import Sizes

NOT_POSITIVE = Fault(
    "not-positive",
    "needs embed_dim and num_heads of at least 1, got {embed_dim} and {num_heads}",
    "ValueError: embed_dim and num_heads must be greater than 0, "
    "got embed_dim={embed_dim} and num_heads={num_heads} instead",
)
DIVISIBLE = Fault(
    "divisible",
    "cannot share {embed_dim} features among {num_heads} heads",
    "AssertionError: embed_dim must be divisible by num_heads",
)
RANK = Fault(
    "rank",
    "takes 2 axes (unbatched) or 3 (batched), got {rank}",
    "AssertionError: query should be unbatched 2D or batched 3D tensor but received {rank}-D query tensor",
)
KEY_RANK = Fault(
    "rank",
    "needs key and value of {rank} axes, as query has, got {key} and {value}",
    "AssertionError: For {batched} ({rank}-D) `query`, expected `key` and `value` to be {rank}-D "
    "but found {key}-D and {value}-D tensors respectively",
)
FEATURES = Fault(
    "features",
    "expects {embed_dim} features on the last axis, got {got}",
    "AssertionError: was expecting embedding dimension of {embed_dim}, but got {got}",
)
KEY_VALUE = Fault(
    "sizes-match",
    "needs key and value of one shape, got {key} and {value}",
    "AssertionError: key shape {key:size} does not match value shape {value:size}",
)
KEY_VALUE_PLACES = Fault(
    "sizes-match",
    "needs key and value of one length and batch, got {key} and {value}",
    "AssertionError: key's sequence and batch dims {key:size} do not match value's {value:size}",
)
KEY_FEATURES = Fault(
    "features",
    "expects {embed_dim} features in key and value, got {got}",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied ({rows}x{got} and {embed_dim}x{columns})",
)
SEPARATE_FEATURES = Fault(
    "features",
    "expects {want} features in {name}, got {got}",
    "AssertionError: expecting {name} weights shape of {wanted:tuple}, but got {weight:size}",
)
BATCH = Fault(
    "batch-mismatch",
    "has a batch of {batch} in query and of {got} in key",
    "RuntimeError: shape '{shape}' is invalid for input of size {elements}",
)
HEADS_TYPE = Fault(
    "argument-type",
    "takes a whole number as num_heads, got {num_heads}",
    "TypeError: view(): argument 'size' failed to unpack the object at pos 2 with error "
    '"type must be tuple of ints,but got float"',
)
BIAS_BATCH = Fault(
    "batch-mismatch",
    "has a batch of {batch} in query and of {got} in key",
    "RuntimeError: Sizes of tensors must match except in dimension 0. "
    "Expected size {got} but got size {batch} for tensor number 1 in the list.",
)
DROPOUT = Fault(
    "probability",
    "needs a dropout between 0 and 1, got {dropout}",
    "ValueError: dropout probability has to be between 0 and 1, but got {dropout}",
)
DROPOUT_FUSED = Fault(
    "probability",
    "needs a dropout between 0 and 1, got {dropout}",
    "RuntimeError: dropout probability has to be between 0 and 1, but got {dropout}",
)
NEGATIVE_DROPOUT = Fault(
    "probability",
    DROPOUT.says,
    "RuntimeError: scaled_dot_product_attention_flash_attention: Currently do not support dropout > 0",
)


class MultiheadAttention(Layer):
    """Let every place of query gather from value where key answers: gives the output and the attention weights."""

    embed_dim: Amount
    num_heads: Amount
    dropout: float = 0.0
    bias: bool = True
    add_bias_kv: bool = False
    add_zero_attn: bool = False
    kdim: int | None = None
    vdim: int | None = None
    batch_first: bool = False
    later: ClassVar[tuple[str, ...]] = ("dropout",)
    estimated: ClassVar[bool] = True

    def unread(self) -> tuple[str, ...]:
        """Name dropout, where nothing is dropped."""
        return () if self.training else ("dropout",)

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep query, key, value, the scaled query and what was gathered, and the attention of each head."""
        yield Tensor((5, *output[0]))
        if output[1] is not None:
            yield Tensor((self.num_heads, *output[1]))

    def check(self) -> None:
        """Refuse what the constructor refuses."""
        if not self.holes:
            for number in (self.embed_dim, self.num_heads):
                require((number > 0) | (number != number), NOT_POSITIVE, "num_heads")  # noqa: PLR0124  # torch lets NaN by
            require(self.embed_dim % self.num_heads == 0, DIVISIBLE, "num_heads")

    @property
    def key_features(self) -> Size:
        """The features of key."""
        return self.embed_dim if self.kdim is None else +self.kdim  # True is 1

    @property
    def value_features(self) -> Size:
        """The features of value."""
        return self.embed_dim if self.vdim is None else +self.vdim

    @property
    def added(self) -> int:
        """How many places it adds to those of key."""
        return bool(self.add_bias_kv) + bool(self.add_zero_attn)

    @property
    def together(self) -> bool:
        """Whether query, key and value have one matrix."""
        features = self.embed_dim
        return (self.key_features == features) is True and (self.value_features == features) is True

    def out(  # torch's signature
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        key_padding_mask: Tensor | None = None,
        need_weights: bool = True,
        attn_mask: Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> Any:
        """Return the output, shaped like query, and the attention weights (or None)."""
        masks = Masks(key_padding_mask, attn_mask, is_causal)
        masks = masks.numbers(query)
        same = key is value and len(query) == BATCHED  # where torch adds the axis for a batch, it makes them two
        query, key, value = self.places_first(query, key, value)
        check_ranks(query, key, value)
        masks.check_ranks(query, key, self.num_heads)
        masks = masks.numbers(query)  # torch looks twice
        masks = masks.counted(need_weights)
        self.check_features(query, key, value, twice=same)
        weights = self.gathered(query, key, masks, need_weights)
        output = Tensor((query[1], query[0], query[2]) if self.swaps(query) else query, query.dtype)
        if not need_weights:
            return output, None
        heads = () if average_attn_weights else (self.num_heads,)
        batch = weights[:1] if len(query) == BATCHED else ()
        return output, Tensor((*batch, *heads, *weights[1:]), query.dtype)

    def swaps(self, query: Sizes) -> bool:
        """Tell whether the batch comes before the places."""
        return bool(self.batch_first) and len(query) == BATCHED

    def places_first(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return the inputs as (L, N, E)."""
        if not self.swaps(inputs[0]):
            return inputs
        for x in inputs:
            require(len(x) > 1, DIM_RANGE, low=-1, high=0, dim=1)
        return tuple(Tensor((x[1], x[0], *x[2:]), x.dtype) for x in inputs)

    def check_features(self, query: Tensor, key: Tensor, value: Tensor, *, twice: bool) -> None:
        """Refuse features that the matrices do not have; `twice`: key and value are one tensor, multiplied at once."""
        require(query[-1] == self.embed_dim, FEATURES, "embed_dim", got=query[-1])
        shapes = tuple(x if len(x) == BATCHED else (x[0], 1, x[1]) for x in (key, value))
        places = tuple(shape[:2] for shape in shapes)
        if self.together:
            require(alike(key, value), KEY_VALUE, key=shapes[0], value=shapes[1])
            self.check_dtypes(query, key, value)
            told = {"rows": prod(places[0]), "columns": 2 * self.embed_dim if twice else self.embed_dim}
            require(key[-1] == self.embed_dim, KEY_FEATURES, "embed_dim", got=key[-1], **told)
            return
        require(alike(*places), KEY_VALUE_PLACES, key=places[0], value=places[1])
        for name, x, want in (("key", key, self.key_features), ("value", value, self.value_features)):
            shape = {"wanted": (self.embed_dim, x[-1]), "weight": (self.embed_dim, want)}
            require(x[-1] == want, SEPARATE_FEATURES, f"{name[0]}dim", name=name, want=want, got=x[-1], **shape)
        self.check_dtypes(query, key, value)

    def check_dtypes(self, *inputs: Tensor) -> None:
        """Refuse what the matrices are not multiplied by."""
        for x in inputs:
            crossed = self.swaps(x) and (prod(x) == 0) is not True and not any((size == 1) is True for size in x[:2])
            need_float32(x, bias=self.bias and not crossed)  # crossed, its memory is not contiguous any more

    def gathered(self, query: Tensor, key: Tensor, masks: Masks, need_weights: Any) -> Sizes:
        """Return the attention weights as (N, L, S), if the masks and the batches fit."""
        batch = query[1] if len(query) == BATCHED else 1
        masks.check_attention(batch * self.num_heads, query[0], key[0])
        require(is_int(self.num_heads), HEADS_TYPE, "num_heads")
        self.check_batches(batch, key)
        masks.check_padding(batch, key[0], self.added)
        if not need_weights:
            masks.check_spread(batch, self.num_heads, key[0] + self.added)
        masks.check_sum(need_weights)
        if self.training:
            self.check_dropout(need_weights, prod(query) * key[0])
        return batch, query[0], key[0] + self.added

    def check_batches(self, batch: Size, key: Tensor) -> None:
        """Refuse a key of another batch than query, unless it has no places."""
        got = key[1] if len(key) == BATCHED else 1
        if self.add_bias_kv:
            require(got == batch, BIAS_BATCH, "key", batch=batch, got=got)
        shape = (key[0], batch * self.num_heads, self.embed_dim // self.num_heads)
        elements = prod(key[:-1]) * self.embed_dim
        require((got == batch) | (key[0] == 0), BATCH, "key", batch=batch, got=got, shape=shape, elements=elements)

    def check_dropout(self, need_weights: Any, elements: Size) -> None:
        """Refuse a probability that is none; torch takes a negative one where it gives weights, or has no elements."""
        if need_weights:
            require(not self.dropout > 1, DROPOUT, "dropout")
        else:  # C++ writes 2.0 as 2
            require(not self.dropout > 1, DROPOUT_FUSED, "dropout", dropout=f"{self.dropout:g}")
            require((elements == 0) | (not self.dropout < 0), NEGATIVE_DROPOUT, "dropout")

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give one matrix for query, key and value, or three where their features differ; biases; the way out."""
        features = self.embed_dim
        if self.together:
            yield "in_proj_weight", (3 * features, features)
        else:
            yield "q_proj_weight", (features, features)
            yield "k_proj_weight", (features, self.key_features)
            yield "v_proj_weight", (features, self.value_features)
        if self.bias:
            yield "in_proj_bias", (3 * features,)
        if self.add_bias_kv:
            yield "bias_k", (1, 1, features)
            yield "bias_v", (1, 1, features)
        yield "out_proj.weight", (features, features)
        if self.bias:
            yield "out_proj.bias", (features,)

    def macs(self, output: Any, *inputs: Any) -> Size:
        """Count the four projections, the scores and the sums of values: FlopCounterMode/2.

        On the CPU the counter does not see the last two where need_weights=False fuses them; they are counted here.
        """
        query, key = (prod(x[:-1]) for x in (output[0], inputs[1]))
        sources = inputs[1][1 if self.swaps(inputs[1]) else 0] + self.added
        projected = 2 * query * self.embed_dim + key * (self.key_features + self.value_features)
        total: Size = (projected + 2 * query * sources) * self.embed_dim
        return total

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of sequences."""
        if self.holes:
            return None
        return ("N", "L", self.embed_dim) if self.batch_first else ("L", "N", self.embed_dim)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the features on the last axis."""
        return {"embed_dim": x[-1]} if x else {}


def check_ranks(query: Tensor, key: Tensor, value: Tensor) -> None:
    """Refuse inputs of ranks that do not go together."""
    rank = len(query)
    require(rank in (2, 3), RANK, rank=rank)
    batched = "batched" if rank == BATCHED else "unbatched"
    require(len(key) == len(value) == rank, KEY_RANK, rank=rank, batched=batched, key=len(key), value=len(value))
