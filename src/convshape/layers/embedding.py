"""Tables that are looked up by number: a vector for each index, or one for each bag of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dim import prod
from convshape.dtypes import NOT_IMPLEMENTED, SCALARS, promoted, tensor_name
from convshape.faults import Fault, require
from convshape.kinds import KINDS
from convshape.layer import Layer
from convshape.tensor import Tensor, alike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Amount, Flag, Length
    from convshape.tensor import Sizes

INDEX_DTYPE = Fault(
    "dtype",
    "takes int64 or int32 numbers to look up, got {dtype}",
    "RuntimeError: Expected tensor for argument #{position} 'indices' to have one of the following scalar types: "
    "Long, Int; but got {tensor} instead (while checking arguments for {function})",
)
PADDING = Fault(
    "padding-idx",
    "has {num_embeddings} rows, among which is no padding_idx {padding_idx}",
    "AssertionError: Padding_idx must be within num_embeddings",
)
BAG_PADDING = Fault("padding-idx", PADDING.says, "AssertionError: padding_idx must be within num_embeddings")
NO_PADDING_ROW = Fault("padding-idx", PADDING.says, "IndexError: index 0 is out of bounds for dimension 0 with size 0")
PADDING_TYPE = Fault(
    "argument-type",
    "padding_idx takes a whole number, got {padding_idx}",
    "IndexError: only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
    "(got {type})",
)
GIVEN = Fault(
    "sizes-match",
    "needs a weight of {wanted}, got {got}",
    "AssertionError: Shape of weight does not match num_embeddings and embedding_dim",
)
NO_ROWS = Fault(
    "elements",
    "has no rows to look up in",
    "RuntimeError: index_select(): self indexing axis dim should be positive",
)
NO_BAG_ROWS = Fault(
    "elements",
    NO_ROWS.says,
    "RuntimeError: Index 0 of input takes value 0 which is not in the valid range [0, 0)",
)
BAG_RANK = Fault(
    "rank",
    "takes 1 axis with offsets, or 2 axes, got {rank}",
    "ValueError: input has to be 1D or 2D Tensor, but got Tensor of dimension {rank}",
)
NO_OFFSETS = Fault(
    "offsets",
    "needs offsets to tell the bags of a 1-D input apart",
    "ValueError: offsets has to be a 1D Tensor but got None",
)
OFFSETS_RANK = Fault("offsets", "takes offsets of one axis, got {rank}", "ValueError: offsets has to be a 1D Tensor")
FIXED_OFFSETS = Fault(
    "offsets",
    "takes no offsets with a 2-D input: each row is a bag",
    "ValueError: if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length "
    "sequences. However, found offsets of type <class 'torch.Tensor'>",
)
LAST_OFFSET = Fault(
    "offsets",
    "needs at least one offset, the last",
    "RuntimeError: include_last_offset: number of offset should be at least 1",
)
EMPTY_BAGS = Fault("elements", "needs bags of at least one number", "RuntimeError: step must be nonzero")
MODE = Fault(
    "choice",
    "makes a 'sum', 'mean' or 'max', not {mode:repr}",
    "ValueError: mode has to be one of sum, mean or max",
)
MAX_SCALE = Fault(
    "choice",
    "cannot scale the gradient by frequency in max mode",
    "ValueError: max mode does not support scaling the gradient by the frequency",
)
MAX_SPARSE = Fault(
    "choice", "has no sparse gradient in max mode", "ValueError: max mode does not support sparse weights"
)
SAMPLE_MODE = Fault(
    "choice",
    "weighs samples only in sum mode, not in {mode}",
    "NotImplementedError: embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for "
    "mode='sum' (got mode='{mode}'). Please open a feature request on GitHub.",
)
SAMPLE_SHAPE = Fault(
    "sizes-match",
    "needs a weight for each number: per_sample_weights are {weights}, the input {input}",
    "ValueError: embedding_bag: If per_sample_weights ({weights:size}) is not None, then it must have the same shape "
    "as the input ({input:size})",
)
SAMPLE_DTYPE = Fault(
    "dtype",
    "stores float32, which does not go with per_sample_weights of {dtype}",
    "RuntimeError: Expected tensor for argument #1 'weight' to have the same type as tensor for argument #1 "
    "'per_sample_weights'; but type torch.FloatTensor does not equal {tensor} (while checking arguments for "
    "embedding_bag)",
)


def need_index(dtype: str, function: str, position: int = 1) -> None:
    """Refuse what cannot number rows."""
    if dtype not in ("int64", "int32"):
        told = {"dtype": dtype, "tensor": tensor_name(dtype)}
        require(False, INDEX_DTYPE, position=position, function=function, **told)


class Table(Layer):
    """What both have: a weight of num_embeddings rows."""

    num_embeddings: Amount
    embedding_dim: Length
    padding_idx: float | None = None
    max_norm: float | None = None
    norm_type: float = 2.0
    scale_grad_by_freq: Flag = False
    sparse: Flag = False
    _weight: Tensor | None = None
    later = ("max_norm", "norm_type", "scale_grad_by_freq", "sparse", "include_last_offset")

    def unread(self) -> tuple[str, ...]:
        """Name the norm, where nothing is held to it."""
        return ("norm_type",) if self.max_norm is None else ()

    def need_padding(self, fault: Fault) -> None:
        """Refuse a padding_idx outside the table; a negative one counts from the end. Then look at a given weight."""
        rows, place = self.num_embeddings, self.padding_idx
        if place is not None:
            require(place >= -rows if place < 0 else (place == 0) | (place < rows), fault, "padding_idx")
            made = self._weight is None and not isinstance(place, bool)  # else torch looks at it in forward
            if not made and not KINDS["Axis"].accepts(place):
                self.noted = (*self.noted, self._wrong_type(self.fields["padding_idx"], place))
        if self._weight is not None:
            wanted: Any = self.num_embeddings, self.embedding_dim
            require(alike(self._weight, wanted), GIVEN, "_weight", wanted=wanted, got=self._weight)

    def _allocate(self, inferred: tuple[Any, ...] = ()) -> None:
        """Refuse a padding_idx that is no row of the table, once that is made."""
        if self._weight is None:
            super()._allocate(inferred)
        if self.padding_idx is not None and self._weight is None:
            whole = KINDS["int"].accepts(self.padding_idx)
            require(whole, PADDING_TYPE, "padding_idx", type=type(self.padding_idx).__name__)
            require(self.num_embeddings != 0, NO_PADDING_ROW, "padding_idx")

    def need_renorm(self, dtype: str) -> None:
        """Refuse an index of the wrong dtype where the rows are shortened first."""
        if self.max_norm is not None:
            need_index(dtype, "embedding_renorm_", 2)

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give the table."""
        yield "weight", (self.num_embeddings, self.embedding_dim)

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of sequences of numbers."""
        return Tensor(("N", "L"), "int64")  # type: ignore[arg-type]  # letters, not sizes yet


class Embedding(
    Table,
    order="num_embeddings embedding_dim padding_idx max_norm norm_type scale_grad_by_freq sparse _weight _freeze",
):
    """Look each number up in a table: (*) becomes (*, embedding_dim)."""

    _freeze: bool = False

    def check(self) -> None:
        """Refuse a padding_idx outside the table."""
        self.need_padding(PADDING)

    def out(self, x: Tensor) -> Any:
        """Return (*, embedding_dim), as float32, or what a given weight has."""
        self.need_renorm(x.dtype)
        need_index(x.dtype, "embedding")
        require((self.num_embeddings != 0) | (prod(x) == 0), NO_ROWS, "num_embeddings")
        return Tensor((*x, self.embedding_dim), "float32" if self._weight is None else self._weight.dtype)


class EmbeddingBag(
    Table,
    order="num_embeddings embedding_dim max_norm norm_type scale_grad_by_freq mode sparse _weight "
    "include_last_offset padding_idx",
):
    """Look up bags of numbers and put each bag together: (N, L), or (L) with N offsets, becomes (N, embedding_dim)."""

    mode: Any = "mean"
    include_last_offset: Flag = False
    releases = "In torch 2.4 include_last_offset drops the last row of an input with two axes."

    def check(self) -> None:
        """Refuse a padding_idx outside the table."""
        self.need_padding(BAG_PADDING)

    def out(self, x: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None) -> Any:
        """Return (bags, embedding_dim), as float32."""
        scales = per_sample_weights
        require(scales is None or alike(scales, x), SAMPLE_SHAPE, weights=scales, input=x)
        bags, dtype = self.rows(x) if len(x) == 2 and offsets is None else self.split(x, offsets)  # noqa: PLR2004
        self.need_mode()
        self.need_renorm(x.dtype)
        require(scales is None or self.mode == "sum", SAMPLE_MODE, "mode")
        need_index(dtype, "embedding_bag")
        require(bags >= 0, LAST_OFFSET, "include_last_offset")
        if scales is not None:
            told = {"dtype": scales.dtype, "tensor": tensor_name(scales.dtype)}
            require(scales.dtype == "float32", SAMPLE_DTYPE, **told)
        require((self.num_embeddings != 0) | (prod(x) == 0), NO_BAG_ROWS, "num_embeddings")
        return Tensor((bags, self.embedding_dim))

    def rows(self, x: Tensor) -> tuple[Size, str]:
        """Return how many bags a 2-D input has: one for each row."""
        dtype = x.dtype
        counts = dtype not in ("bool", "complex64", "complex128")
        require(counts, NOT_IMPLEMENTED, kernel="arange_cpu", dtype=dtype, scalar=SCALARS[dtype])
        require(x[1] != 0, EMPTY_BAGS)
        return x[0], dtype

    def split(self, x: Tensor, offsets: Tensor | None) -> tuple[Size, str]:
        """Return how many bags the offsets make of a 1-D input."""
        require(len(x) in (1, 2), BAG_RANK, rank=len(x))
        require(len(x) == 1, FIXED_OFFSETS)
        if offsets is None:
            require(False, NO_OFFSETS)
            return 0, x.dtype
        require(len(offsets) == 1, OFFSETS_RANK, rank=len(offsets))
        last = int(self.include_last_offset)
        return offsets[0] - last, promoted(x.dtype, offsets.dtype)

    def need_mode(self) -> None:
        """Refuse a mode that there is not, or not for these options."""
        require(self.mode in ("sum", "mean", "max"), MODE, "mode")
        if self.mode == "max":
            require(not self.scale_grad_by_freq, MAX_SCALE, "scale_grad_by_freq")
            require(not self.sparse, MAX_SPARSE, "sparse")
