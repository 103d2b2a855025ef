"""LSTM: a recurrent layer with a state and a memory."""

from __future__ import annotations

from typing import Any, ClassVar

from convshape.dtypes import C_NAMES, HALVES, promoted
from convshape.faults import Fault, require
from convshape.layers.linear import need_float32
from convshape.layers.recurrent import Recurrent
from convshape.tensor import Tensor, alike

STATES_RANK = Fault(
    "hidden-rank",
    "needs states of {rank} axes for this input, got {first} and {second}",
    "RuntimeError: For {batched} {rank}-D input, hx and cx should also be {rank}-D "
    "but got ({first}-D, {second}-D) tensors",
)
STATES = Fault(
    "hidden-shape",
    "needs a state {index} of {wanted}, got {got}",
    "RuntimeError: Expected hidden[{index}] size {wanted:tuple}, got {got}",
)
NOT_TENSORS = Fault(
    "argument-type", "takes its states as (h, c)", "AttributeError: '{got}' object has no attribute 'dim'"
)
STATE_DTYPE = Fault(
    "dtype",
    "stores float32, which does not go with a state of {dtype}",
    "RuntimeError: get_mkldnn_dtype: unsupported data type",
)
BYTES_DTYPE = Fault(
    "dtype", STATE_DTYPE.says, "RuntimeError: itensor_view_from_dense expects float, bfloat16 or half tensor input"
)
HALF_DTYPE = Fault(
    "dtype",
    STATE_DTYPE.says,
    "RuntimeError: could not create a primitive descriptor for the LSTM forward propagation primitive. "
    "Run workload with environment variable ONEDNN_VERBOSE=all to get additional diagnostic information.",
)
BYTES = ("uint8", "int8")
NO_PARTS = Fault("argument-type", "takes its states as (h, c)", "TypeError: '{got}' object is not subscriptable")
TOO_FEW = Fault("hidden-shape", "takes its states as (h, c)", "IndexError: tuple index out of range")
MEMORY_DTYPE = Fault(
    "dtype",
    STATE_DTYPE.says,
    "RuntimeError: expected m1 and m2 to have the same dtype, but got: {c_name} != float",
)
NO_AXIS = Fault(
    "hidden-shape",
    "takes its states as (h, c)",
    "IndexError: invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ "
    "to convert a 0-dim tensor to a number",
)
NOT_A_PAIR = Fault(
    "hidden-shape",
    "takes its states as (h, c)",
    "IndexError: index 1 is out of bounds for dimension 0 with size {got}",
)
TWO_STATES = Fault("hidden-shape", "takes its states as (h, c)", "RuntimeError: lstm expects two hidden states")


class LSTM(Recurrent, order="input_size hidden_size num_layers bias batch_first dropout bidirectional proj_size"):
    """Walk along a sequence with a state and a memory: gives the output and (h, c)."""

    gates: ClassVar[int] = 4
    inner = 17

    def out(self, x: Tensor, hx: Any = None) -> Any:
        """Return the output for every place, and the last (h, c)."""
        self.check_rank(x)
        states = self.state(x, self.features), self.state(x, self.hidden_size)
        if hx is not None:
            self.check_ranks(x, pair(hx))
        self.check_input(x)
        for index, (got, wanted) in enumerate(zip(pair(hx), states, strict=True) if hx is not None else ()):
            require(alike(got, wanted), STATES, "hx", index=index, wanted=self.padded(wanted), got=self.padded(got))
        if hx is not None:
            made = len(x) == 2  # noqa: PLR2004  # of an unbatched one torch makes the pair
            require(made or (len(hx) == 2 and not isinstance(hx, Tensor)), TWO_STATES, "hx")  # noqa: PLR2004  # (h, c)
        output = self.output(x)
        if hx is not None:
            self.check_dtypes(*pair(hx))
        return output, tuple(map(Tensor, states))

    def check_dtypes(self, state: Tensor, memory: Tensor) -> None:
        """Refuse what does not go with float32: in oneDNN, or where it projects, which torch does by itself."""
        if self.projects:
            need_float32(state, bias=self.bias)
            wide = promoted(memory.dtype, "float32")
            require(wide == "float32", MEMORY_DTYPE, "hx", dtype=wide, c_name=C_NAMES[wide])
            return
        for dtype in (state.dtype, memory.dtype):
            require(dtype in ("float32", *HALVES, *BYTES), STATE_DTYPE, "hx", dtype=dtype)
            require(dtype not in BYTES, BYTES_DTYPE, "hx", dtype=dtype)
        for dtype in (state.dtype, memory.dtype):
            require(dtype == "float32", HALF_DTYPE, "hx", dtype=dtype)

    def check_ranks(self, x: Tensor, states: tuple[Tensor, Tensor]) -> None:
        """Refuse states of another rank than the input."""
        first, second = map(len, states)
        batched = "batched" if len(x) == 3 else "unbatched"  # noqa: PLR2004  # a batch has three axes
        holds = first == second == len(x)
        require(holds, STATES_RANK, "hx", rank=len(x), batched=batched, first=first, second=second)


def pair(hx: Any) -> tuple[Tensor, Tensor]:
    """Return (h, c): of a tuple its first two parts, of a tensor its first two slices, as torch indexes both."""
    if isinstance(hx, Tensor):
        require(len(hx) > 0, NO_AXIS, "hx")
        require(hx[0] > 1, NOT_A_PAIR, "hx", got=hx[0])
        return Tensor(hx[1:], hx.dtype), Tensor(hx[1:], hx.dtype)
    require(isinstance(hx, (tuple, list, str)), NO_PARTS, "hx", got=type(hx).__name__)
    for place in range(2):
        require(place < len(hx), TOO_FEW, "hx")
        require(isinstance(hx[place], Tensor), NOT_TENSORS, "hx", got=type(hx[place]).__name__)
    return hx[0], hx[1]
