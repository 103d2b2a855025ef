"""Recurrent cells: one step of a recurrent layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.dim import prod
from convshape.dtypes import promoted
from convshape.faults import Fault, require
from convshape.layer import Layer
from convshape.layers.linear import need_float32
from convshape.layers.lstm import pair
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Length
    from convshape.tensor import Sizes

RANK = Fault(
    "rank",
    "takes 1 axis (unbatched) or 2 (batched), got {rank}",
    "ValueError: {torch_name}: Expected input to be 1D or 2D, got {rank}D instead",
)
HIDDEN_RANK = Fault(
    "hidden-rank",
    "takes a state of 1 axis (unbatched) or 2 (batched), got {rank}",
    "ValueError: {torch_name}: Expected {state} to be 1D or 2D, got {rank}D instead",
)
FEATURES = Fault(
    "features",
    "expects {input_size} features on the last axis, got {got}",
    "RuntimeError: input has inconsistent input_size: got {got} expected {want}",
)
BATCH = Fault(
    "batch-mismatch",
    "has a batch of {batch} in its input and of {got} in its state",
    "RuntimeError: Input batch size {batch} doesn't match hidden{index} batch size {got}",
)
HIDDEN = Fault(
    "hidden-shape",
    "needs a state of {hidden_size} features, got {got}",
    "RuntimeError: hidden{index} has inconsistent hidden_size: got {got}, expected {hidden_size}",
)
NO_FEATURES = Fault(
    "hidden-rank",
    "takes a state of 2 axes for this input, got 1",
    "IndexError: Dimension out of range (expected to be in range of [-1, 0], but got 1)",
)
MATRIX = Fault(
    "hidden-shape",
    "needs a state of {hidden_size} features, got {got}",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied ({rows}x{got} and {hidden_size}x{columns})",
)
UNBATCHED = Fault("hidden-rank", "takes a state of 1 axis for an unbatched input, got 2")
NO_PAIR = Fault("hidden-shape", "takes its states as (h, c)", "RuntimeError: lstm_cell expects two hidden states")
PAIR_TYPE = Fault(
    "argument-type",
    "takes its states as (h, c)",
    "TypeError: lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor",
)
NO_PARTS = Fault("argument-type", "takes its states as (h, c)", "TypeError: '{got}' object is not iterable")
NONLINEARITY = Fault(
    "choice",
    "takes 'tanh' or 'relu' as nonlinearity, got {nonlinearity:repr}",
    "RuntimeError: Unknown nonlinearity: {nonlinearity:tuple}",
)


class Cell(Layer):
    """What the cells share: `gates` is how many matrices they have in one."""

    input_size: Length
    hidden_size: Length
    bias: bool = True
    nonlinearity: Any = "tanh"
    gates: ClassVar[int] = 1
    estimated: ClassVar[bool] = True

    @property
    def torch_name(self) -> str:
        """The class that torch names in its messages."""
        return type(self).__name__

    def out(self, x: Tensor, hx: Tensor | None = None) -> Any:
        """Return the next state."""
        self.check_rank(x)
        if hx is not None:
            self.check_hidden_rank("hidden", hx)
        self.check_choice()
        self.check_features(x)
        output = self.next(x) if hx is None else self.checked(x, hx, 0)
        self.check_dtypes(x, *(() if hx is None else (hx,)))
        return output

    def check_dtypes(self, *inputs: Tensor) -> None:
        """Refuse what the matrices are not multiplied by; torch multiplies the state first."""
        for x in reversed(inputs):
            need_float32(x, bias=self.bias)

    def check_choice(self) -> None:
        """Refuse what the constructor took without a look."""

    def check_rank(self, x: Tensor) -> None:
        """Refuse an input that is no row and no batch of rows."""
        require(len(x) in (1, 2), RANK, rank=len(x))

    def check_hidden_rank(self, state: str, hidden: Tensor) -> None:
        """Refuse a state that is no row and no batch of rows."""
        require(len(hidden) in (1, 2), HIDDEN_RANK, "hx", state=state, rank=len(hidden))

    def check_features(self, x: Tensor) -> None:
        """Refuse a number of features that the weights do not have."""
        require(x[-1] == self.input_size, FEATURES, "input_size", got=x[-1], want=1 * self.input_size)

    def checked(self, x: Tensor, hidden: Tensor, index: int) -> Sizes:
        """Return the next state, if the last one fits; torch looks at the first two axes of a batch."""
        shape = hidden if len(x) == 2 else (1, *hidden)  # noqa: PLR2004  # batched
        batch = (1, *x)[-2]
        require(batch == shape[0], BATCH, "hx", batch=batch, got=shape[0], index=index)
        require(len(shape) > 1, NO_FEATURES, "hx")
        require(shape[1] == self.hidden_size, HIDDEN, "hx", got=shape[1], index=index)
        return self.next(x) if len(hidden) == len(x) else self.matrix(hidden)

    def matrix(self, _hidden: Tensor) -> Sizes:
        """Refuse a state of two axes for an unbatched input, which torch does not look for, and crashes on."""
        require(False, UNBATCHED, "hx")  # it never holds
        return ()

    def next(self, x: Tensor) -> Sizes:
        """Return the shape of a state."""
        return (*x[:-1], self.hidden_size)

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give a matrix for the input and one for the state, and a bias for each."""
        rows = self.gates * self.hidden_size
        yield "weight_ih", (rows, self.input_size)
        yield "weight_hh", (rows, self.hidden_size)
        if self.bias:
            yield "bias_ih", (rows,)
            yield "bias_hh", (rows,)

    def macs(self, _output: Any, *inputs: Any) -> Size:
        """Count every weight of both matrices once for each row (the textbook's count)."""
        rows = prod(inputs[0][:-1])
        total: Size = rows * self.gates * self.hidden_size * (self.input_size + self.hidden_size)
        return total

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of rows."""
        return None if self.holes else ("N", self.input_size)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the features on the last axis."""
        return {"input_size": x[-1]} if x else {}


class RNNCell(Cell, order="input_size hidden_size bias nonlinearity"):
    """Take one step with a state: (N, input_size) becomes (N, hidden_size)."""

    def check_choice(self) -> None:
        """Refuse a nonlinearity that there is not, which torch sees only now."""
        require(self.nonlinearity in ("tanh", "relu"), NONLINEARITY, "nonlinearity")

    def matrix(self, hidden: Tensor) -> Sizes:
        """Return what torch gives for a square state and an unbatched input: it broadcasts."""
        rows, got = hidden
        require(got == self.hidden_size, MATRIX, "hx", rows=rows, got=got, columns=self.hidden_size)
        return rows, got


class GRUCell(Cell, order="input_size hidden_size bias"):
    """Take one step with gates for what is kept and what is new."""

    gates: ClassVar[int] = 3

    def check_dtypes(self, *inputs: Tensor) -> None:
        """Refuse what the matrices are not multiplied by; here torch multiplies the input first."""
        super().check_dtypes(*reversed(inputs))


class LSTMCell(Cell, order="input_size hidden_size bias"):
    """Take one step with a state and a memory: gives (h, c)."""

    gates: ClassVar[int] = 4

    def out(self, x: Tensor, hx: Any = None) -> Any:
        """Return the next (h, c)."""
        self.check_rank(x)
        states = () if hx is None else self.states(x, hx)
        self.check_features(x)
        for index, hidden in enumerate(states):
            self.checked(x, hidden, index)
        self.check_dtypes(x, *states[:1])
        memory = states[1].dtype if states else x.dtype
        state = Tensor(self.next(x), promoted(x.dtype, memory))
        return state, state

    def states(self, x: Tensor, hx: Any) -> tuple[Tensor, ...]:
        """Return (h, c), of a tuple or of a tensor along its first axis.

        Raises Refusal where they are not two rows or two batches of rows.
        """
        require(isinstance(hx, (tuple, list, str)), NO_PARTS, "hx", got=type(hx).__name__)
        parts = (Tensor(hx[1:], hx.dtype),) if isinstance(hx, Tensor) else hx
        for part in parts:
            require(isinstance(part, Tensor), PAIR_TYPE, "hx")
        for index, hidden in enumerate(parts):
            self.check_hidden_rank(f"hx[{index}]", hidden)
        if len(x) == 1:
            return pair(hx)
        require(not isinstance(hx, Tensor), PAIR_TYPE, "hx")
        require(len(hx) == 2, NO_PAIR, "hx")  # noqa: PLR2004  # h and c
        return pair(hx)
