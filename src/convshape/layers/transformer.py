"""Transformers: attention, rows of Linear, and norms, composed of those very layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import DIM_RANGE, NO_DIMENSIONS, broadcast_shapes
from convshape.dim import prod
from convshape.faults import Fault, require
from convshape.layer import FACTORY, Layer
from convshape.layers.attention import MultiheadAttention
from convshape.layers.composed import Composed
from convshape.layers.dropout import Dropout
from convshape.layers.layernorm import LayerNorm
from convshape.layers.linear import Linear
from convshape.layers.masks import BATCHED, Masks, check_dtype
from convshape.layers.stack import TransformerDecoder, TransformerEncoder
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Amount, Count, Function

ACTIVATION = Fault(
    "choice",
    "takes 'relu', 'gelu' or a function as activation, got {activation:repr}",
    "RuntimeError: activation should be relu/gelu, not {activation}",
)
BATCH = Fault(
    "batch-mismatch",
    "has a batch of {src} in src and of {tgt} in tgt",
    "RuntimeError: the batch number of src and tgt must be equal",
)
FEATURES = Fault(
    "features",
    "expects {d_model} features on the last axis of {name}, got {got}",
    "RuntimeError: the feature number of src and tgt must be equal to d_model",
)


class Block(Composed):
    """What the encoder's and the decoder's layer share: attention, two Linear with an activation, and norms.

    `attentions` and `norms` are their names, in torch's order.
    """

    factory = FACTORY
    d_model: Amount
    nhead: Amount
    dim_feedforward: Amount = 2048
    dropout: float = 0.1
    activation: str | Function = "relu"
    layer_norm_eps: float = 1e-05
    batch_first: bool = False
    norm_first: bool = False
    bias: bool = True
    later: ClassVar[tuple[str, ...]] = ("activation", "layer_norm_eps")
    named: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("embed_dim", "normalized_shape", "in_features"), "d_model"),
        "num_heads": "nhead",
        "p": "dropout",
    }
    attentions: ClassVar[tuple[str, ...]] = ("self_attn",)
    norms: ClassVar[tuple[str, ...]] = ("norm1", "norm2")

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep 4 tensors like the output and 8 for each attention, its scores and the wide rows thrice.

        Source: measured while training on the CPU.
        """
        attentions = len(self.attentions)
        places = output[-2] if self.batch_first or len(output) == 2 else output[0]  # noqa: PLR2004  # unbatched
        yield Tensor((4 + 8 * attentions, *output))
        yield Tensor((3, *output[:-1], self.dim_feedforward))
        yield Tensor((3 * attentions * self.nhead, *output[:-1], places))

    def check(self) -> None:
        """Make the layers inside, which refuse what torch's constructor refuses, in its order."""
        if self.holes:
            return
        inside = self.__dict__
        for name in self.attentions:
            inside[name] = MultiheadAttention(
                self.d_model, self.nhead, dropout=self.dropout, bias=self.bias, batch_first=self.batch_first
            )
        inside["linear1"] = Linear(self.d_model, self.dim_feedforward, bias=self.bias)
        Dropout(self.dropout)
        inside["linear2"] = Linear(self.dim_feedforward, self.d_model, bias=self.bias)
        for name in self.norms:
            inside[name] = LayerNorm(self.d_model, bias=self.bias)
        if isinstance(self.activation, str):
            require(self.activation in ("relu", "gelu"), ACTIVATION, "activation")

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give attention, the two Linear, the norms, and the activation where it is a layer."""
        for name in (*self.attentions, "linear1", "linear2", *self.norms):
            yield name, self.__dict__[name]
        if isinstance(self.activation, Layer):
            yield "activation", self.activation

    def attended(self, name: str, x: Tensor, other: Tensor, masks: Masks) -> Tensor:
        """Return what one of the attentions gathers."""
        padding, mask, causal = masks
        told = {"attn_mask": mask, "key_padding_mask": padding, "is_causal": causal}
        output: Tensor = self.run(self.__dict__[name], x, other, other, need_weights=False, **told)[0]
        return output

    def fed_forward(self, x: Tensor) -> Tensor:
        """Run the two Linear and the activation between them."""
        hidden = self.run(self.__dict__["linear1"], x)
        if isinstance(self.activation, Layer):
            hidden = self.run(self.activation, hidden)
        elif not isinstance(self.activation, str):
            hidden = self.activation(hidden)
        output: Tensor = self.run(self.__dict__["linear2"], hidden)
        return output

    def passed(self, norm: str, x: Tensor, inner: Any) -> Tensor:
        """Add what a sublayer makes of `x`, the norm before it or after the sum."""
        if self.norm_first:
            return added(x, inner(self.run(self.__dict__[norm], x)))
        output: Tensor = self.run(self.__dict__[norm], added(x, inner(x)))
        return output

    def macs(self, output: Any, *inputs: Any) -> Size:
        """Count attention and the two Linear (the textbook's count; see MultiheadAttention for FlopCounterMode)."""
        others = {"self_attn": output, "multihead_attn": inputs[:2][-1]}
        feed: Size = prod(output) * self.dim_feedforward * 2
        for name in self.attentions:
            feed = feed + self.__dict__[name].macs((output, None), output, others[name])
        return feed

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of sequences."""
        if self.holes:
            return None
        return ("N", "L", self.d_model) if self.batch_first else ("L", "N", self.d_model)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the features on the last axis."""
        return {"d_model": x[-1]} if x else {}


def added(x: Tensor, y: Tensor) -> Tensor:
    """Add what a sublayer gives to what it was given."""
    return Tensor(broadcast_shapes(x, y), x.dtype)


class TransformerEncoderLayer(Block):
    """Let a sequence attend to itself, then feed every place forward: keeps the shape."""

    def out(
        self,
        src: Tensor,
        src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,  # torch's signature
    ) -> Any:
        """Return the shape of src."""
        src_key_padding_mask = check_dtype("src_key_padding_mask", src_key_padding_mask, src)
        src_mask = check_dtype("src_mask", src_mask, src)
        masks = Masks(src_key_padding_mask, src_mask, is_causal)
        x = self.passed("norm1", src, lambda x: self.attended("self_attn", x, x, masks))
        return self.passed("norm2", x, self.fed_forward)


class TransformerDecoderLayer(Block):
    """Let a sequence attend to itself and to memory, then feed every place forward: keeps the shape."""

    attentions: ClassVar[tuple[str, ...]] = ("self_attn", "multihead_attn")
    norms: ClassVar[tuple[str, ...]] = ("norm1", "norm2", "norm3")

    def out(  # torch's signature
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool = False,  # torch's signature
        memory_is_causal: bool = False,
    ) -> Any:
        """Return the shape of tgt."""
        own = Masks(tgt_key_padding_mask, tgt_mask, tgt_is_causal)
        other = Masks(memory_key_padding_mask, memory_mask, memory_is_causal)
        x = self.passed("norm1", tgt, lambda x: self.attended("self_attn", x, x, own))
        x = self.passed("norm2", x, lambda x: self.attended("multihead_attn", x, memory, other))
        return self.passed("norm3", x, self.fed_forward)


class Transformer(Composed):
    """Encode src, and decode tgt beside it: gives the shape of tgt."""

    factory = FACTORY
    named: ClassVar[dict[str, str]] = {"encoder_layer": "nhead"}  # whose type only the attention sees

    d_model: Amount = 512
    nhead: Amount = 8
    num_encoder_layers: Count = 6
    num_decoder_layers: Count = 6
    dim_feedforward: Amount = 2048
    dropout: float = 0.1
    activation: str | Function = "relu"
    custom_encoder: Layer | None = None
    custom_decoder: Layer | None = None
    layer_norm_eps: float = 1e-05
    batch_first: bool = False
    norm_first: bool = False
    bias: bool = True
    later: ClassVar[tuple[str, ...]] = ("activation", "layer_norm_eps", "custom_encoder", "custom_decoder")

    def check(self) -> None:
        """Make the encoder and the decoder."""
        if self.holes:
            return
        made = (
            ("encoder", self.custom_encoder, TransformerEncoderLayer, TransformerEncoder, self.num_encoder_layers),
            ("decoder", self.custom_decoder, TransformerDecoderLayer, TransformerDecoder, self.num_decoder_layers),
        )
        for name, custom, layer, stack, times in made:
            self.__dict__[name] = custom or stack(layer(*self.settings()), times, self.last_norm())

    def settings(self) -> tuple[Any, ...]:
        """Return the arguments of a layer of the encoder or the decoder."""
        names = "d_model nhead dim_feedforward dropout activation layer_norm_eps batch_first norm_first bias"
        return tuple(self.__dict__[name] for name in names.split())

    def last_norm(self) -> LayerNorm:
        """Make the norm behind the last layer."""
        return LayerNorm(self.d_model, bias=self.bias)

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give the encoder and the decoder."""
        for name in ("encoder", "decoder"):
            if isinstance(self.__dict__[name], Layer):  # what else was given, torch says when it calls it
                yield name, self.__dict__[name]

    def out(  # torch's signature
        self,
        src: Tensor,
        tgt: Tensor,
        src_mask: Tensor | None = None,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        src_is_causal: bool | None = None,  # torch's signature
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """Return the shape of tgt."""
        place = 0 if self.batch_first else 1
        batches = size(src, place), size(tgt, place)
        if len(src) == BATCHED:
            require(batches[0] == batches[1], BATCH, src=batches[0], tgt=batches[1])
        for name, x in (("src", src), ("tgt", tgt)):
            require(x[-1] == self.d_model, FEATURES, "d_model", name=name, got=x[-1])
        padding = {"src_key_padding_mask": src_key_padding_mask}
        memory = self.run(self.__dict__["encoder"], src, mask=src_mask, is_causal=src_is_causal, **padding)
        return self.run(
            self.__dict__["decoder"],
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )

    def macs(self, output: Any, *inputs: Any) -> Size:
        """Count those of the encoder and of the decoder (the textbook's count)."""
        src, tgt = inputs[:2]
        encoded: Size = self.__dict__["encoder"].macs(src, src)
        decoded: Size = self.__dict__["decoder"].macs(output, tgt, src)
        return encoded + decoded

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of sequences."""
        if self.holes:
            return None
        return ("N", "S", self.d_model) if self.batch_first else ("S", "N", self.d_model)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the features on the last axis."""
        return {"d_model": x[-1]} if x else {}


def size(x: Tensor, dim: int) -> Size:
    """Return one size; torch says which axes there are."""
    require(len(x) > 0, NO_DIMENSIONS, dim=dim)
    require(dim < len(x), DIM_RANGE, low=-len(x), high=len(x) - 1, dim=dim)
    result: Size = x[dim]
    return result
