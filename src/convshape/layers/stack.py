"""Stacks of transformer layers: copies of one layer, each with weights of its own."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar

from convshape.axes import NO_AXIS
from convshape.dtypes import WHOLES, category
from convshape.faults import Fault, require
from convshape.layer import Layer
from convshape.layers.composed import Composed
from convshape.layers.masks import BATCHED, check_dtype
from convshape.limits import need_few
from convshape.tensor import Tensor, alike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Count

UNBATCHED = 2
"""The rank of an input without a batch."""

NO_LAYERS = Fault("empty", "needs at least one layer", "IndexError: index 0 is out of range")
NO_ATTENTION = Fault(
    "not-attention",
    "stacks layers with a self_attn, and {owner} has none",
    "AttributeError: '{owner}' object has no attribute 'self_attn'",
)
MASK_OF_WHOLE = Fault(
    "mask-dtype",
    "takes a tgt_mask of bool or floating-point numbers, got {got}",
    "RuntimeError: value cannot be converted to type {kind} without overflow",
)
PADDING_RANK = Fault(
    "mask-shape",
    "needs a src_key_padding_mask of 2 axes, got {got}",
    "RuntimeError: Padding mask should be 2D",
)
PADDING = Fault(
    "mask-shape",
    "needs a src_key_padding_mask of {wanted}, got {got}",
    "RuntimeError: Mask size should match input size",
)
NO_LAST = Fault(
    "empty",
    "cannot look at the last place of an empty mask",
    "IndexError: select(): index -1 out of range for tensor of size {got} at dimension 1",
)


class Stack(Composed):
    """What the encoder and the decoder share: `first` is the argument that they copy."""

    num_layers: Count
    norm: Layer | None = None
    later: ClassVar[tuple[str, ...]] = ("norm",)
    first: ClassVar[str] = ""

    @property
    def layer(self) -> Layer:
        """The layer that it copies."""
        layer: Layer = self.__dict__[self.first]
        return layer

    def check(self) -> None:
        """Leave open what the copied layer leaves open."""
        need_few(self.num_layers, "the layers")
        if self.first not in self.holes and self.layer.holes:
            self.holes = (*self.holes, self.first)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Fill the holes of the copied layer."""
        return {self.first: self.layer.fill(x)} if isinstance(self.layer, Layer) else {}

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give every copy, and the norm."""
        for place in range(self.num_layers):
            yield f"layers.{place}", self.layer
        if isinstance(self.norm, Layer):  # torch looks at it only when it runs it
            yield "norm", self.norm

    def attention(self) -> Any:
        """Return the attention of the first copy, which torch looks at first."""
        require(self.num_layers > 0, NO_LAYERS, "num_layers")
        layer = self.layer
        require("self_attn" in layer.__dict__, NO_ATTENTION, self.first, owner=type(layer).__name__)
        return layer.__dict__["self_attn"]

    def copied(self) -> Layer:
        """Return a copy as it runs."""
        return self.layer

    def check_length(self, x: Tensor, *, batch_first: bool) -> None:
        """Refuse an input that has no axis of places."""
        place = 1 if batch_first else 0
        require(len(x) > place, NO_AXIS, name="the length", rank=len(x))

    def stacked(self, x: Tensor, *inputs: Any, **keywords: Any) -> Any:
        """Run copy after copy, until one keeps the shape: the others keep it too; then the norm."""
        layer = self.copied()
        for _ in range(self.num_layers):
            output = self.run(layer, x, *inputs, **keywords)
            settled = alike(output, x) is True
            x = output
            if settled:
                break
        return x if self.norm is None else self.run(self.norm, x)

    def macs(self, output: Any, *inputs: Any) -> Size:
        """Count those of every copy (the textbook's count)."""
        return self.num_layers * self.layer.macs(output, *inputs)

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect what the copied layer expects."""
        return None if self.holes else self.layer.expects()


class TransformerEncoder(Stack, order="encoder_layer num_layers norm enable_nested_tensor mask_check"):
    """Run copies of an encoder layer one after the other: keeps the shape."""

    encoder_layer: Layer
    enable_nested_tensor: bool = True
    mask_check: bool = True
    first: ClassVar[str] = "encoder_layer"

    def out(
        self,
        src: Tensor,
        mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None,
        is_causal: bool | None = None,  # torch's signature
    ) -> Any:
        """Return the shape of src."""
        src_key_padding_mask = check_dtype("src_key_padding_mask", src_key_padding_mask, src)
        mask = check_dtype("mask", mask, src)
        attention = self.attention()
        if len(src) == BATCHED and src_key_padding_mask is not None and self.nests():
            self.check_nested(src, src_key_padding_mask)
        self.check_length(src, batch_first=attention.batch_first and len(src) != UNBATCHED)
        padding = {"src_key_padding_mask": src_key_padding_mask}
        return self.stacked(src, src_mask=mask, is_causal=bool(is_causal), **padding)

    def nests(self) -> bool:
        """Tell whether torch tries its fast path, which leaves padding out: evaluation, and a plain layer."""
        settings = self.layer.__dict__
        return bool(
            self.enable_nested_tensor
            and self.mask_check
            and not self.training
            and type(self.layer).__name__ == "TransformerEncoderLayer"
            and settings["batch_first"]
            and settings["bias"]
            and not settings["norm_first"]
            and settings["nhead"] % 2 == 0
            and is_simple(settings["activation"])
        )

    def check_nested(self, src: Tensor, padding: Tensor) -> None:
        """Refuse a mask that does not lie over src, as torch does when it asks whether all padding is at the end."""
        require(len(padding) == 2, PADDING_RANK, "src_key_padding_mask", got=len(padding))  # noqa: PLR2004  # rows and places
        wanted = tuple(src[:2])
        require(alike(padding, wanted), PADDING, "src_key_padding_mask", wanted=wanted, got=padding)
        require(padding[1] > 0, NO_LAST, "src_key_padding_mask", got=padding)


def is_simple(activation: Any) -> bool:
    """Tell whether it is relu or gelu, as a word, a function or a layer."""
    name = activation if isinstance(activation, str) else getattr(activation, "name", type(activation).__name__)
    return str(name).lower() in ("relu", "gelu")


class TransformerDecoder(Stack, order="decoder_layer num_layers norm"):
    """Run copies of a decoder layer one after the other: keeps the shape of tgt."""

    decoder_layer: Layer
    first: ClassVar[str] = "decoder_layer"

    def copied(self) -> Layer:
        """Return a copy as it runs: one whose activation is a layer runs relu, which is how torch copies it."""
        layer = self.layer
        if isinstance(layer.__dict__.get("activation"), Layer):
            layer = copy(layer)
            layer.__dict__["activation"] = "relu"
        return layer

    def out(  # torch's signature
        self,
        tgt: Tensor,
        memory: Tensor,
        tgt_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        tgt_key_padding_mask: Tensor | None = None,
        memory_key_padding_mask: Tensor | None = None,
        tgt_is_causal: bool | None = None,  # torch's signature
        memory_is_causal: bool = False,
    ) -> Any:
        """Return the shape of tgt."""
        self.check_length(tgt, batch_first=self.attention().batch_first and len(tgt) != UNBATCHED)
        if tgt_mask is not None and tgt_is_causal is None:
            check_fillable(tgt_mask)
        return self.stacked(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=bool(tgt_is_causal),
            memory_is_causal=memory_is_causal,
        )


def check_fillable(mask: Tensor) -> None:
    """Refuse a mask of whole numbers, beside which torch cannot lay one of infinities to see whether it is causal."""
    whole = category(mask.dtype) == WHOLES
    kind = "int" if mask.dtype == "int32" else f"{mask.dtype}_t"
    require(not whole, MASK_OF_WHOLE, "tgt_mask", got=mask.dtype, kind=kind)
