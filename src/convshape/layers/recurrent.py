"""Recurrent layers: a cell that walks along a sequence, in one direction or both, several on top of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.dim import prod
from convshape.faults import Fault, require
from convshape.layer import Layer
from convshape.layers.linear import need_float32
from convshape.limits import need_few
from convshape.tensor import Tensor, alike

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Count, Flag
    from convshape.tensor import Sizes

DROPOUT_WORD = Fault(
    "argument-type",
    "takes a number as dropout, got {dropout:repr}",
    "ValueError: could not convert string to float: {dropout:repr}",
)
DROPOUT_TYPE = Fault(
    "argument-type",
    "takes a number as dropout, got {dropout:repr}",
    "TypeError: float() argument must be a string or a real number, not '{type}'",
)
DROPOUT = Fault(
    "probability",
    "needs a dropout between 0 and 1, got {dropout:repr}",
    "ValueError: dropout should be a number in range [0, 1] representing the probability of an element being zeroed",
)
NOT_POSITIVE = Fault(
    "not-positive",
    "needs {field} of at least 1, got {got}",
    "ValueError: {field} must be greater than zero",
)
PROJECTION = Fault(
    "projection",
    "needs a proj_size of at least 0, got {proj_size}",
    "ValueError: proj_size should be a positive integer or zero to disable projections",
)
PROJECTION_TOO_LARGE = Fault(
    "projection",
    "cannot project {hidden_size} hidden features to {proj_size}",
    "ValueError: proj_size has to be smaller than hidden_size",
)
NO_PROJECTION = Fault(
    "projection",
    "has no proj_size: only LSTM has",
    "ValueError: proj_size argument is only supported for LSTM, not RNN or GRU",
)
NONLINEARITY = Fault(
    "choice",
    "takes 'tanh' or 'relu' as nonlinearity, got {nonlinearity:repr}",
    "ValueError: Unknown nonlinearity '{nonlinearity:tuple}'. Select from 'tanh' or 'relu'.",
)
RANK = Fault(
    "rank",
    "takes 2 axes (unbatched) or 3 (batched), got {rank}",
    "ValueError: {torch_name}: Expected input to be 2D or 3D, got {rank}D instead",
)
RNN_RANK = Fault(
    "rank",
    "takes 2 axes (unbatched) or 3 (batched), got {rank}",
    "ValueError: {torch_name}: Expected input to be 2D or 3D, got {rank}D tensor instead",
)
DTYPE = Fault(
    "dtype",
    "has weights of float32, got an input of {got}",
    "ValueError: RNN input dtype (torch.{got}) does not match weight dtype (torch.float32). "
    "Convert input: input.to(torch.float32), or convert model: model.to(torch.{got})",
)
FEATURES = Fault(
    "features",
    "expects {input_size} features on the last axis, got {got}",
    "RuntimeError: input.size(-1) must be equal to input_size. Expected {input_size}, got {got}",
)
HIDDEN_RANK = Fault(
    "hidden-rank",
    "needs a state of {rank} axes for this input, got {got}",
    "RuntimeError: For {batched} {rank}-D input, hx should also be {rank}-D but got {got}-D tensor",
)
HIDDEN = Fault(
    "hidden-shape",
    "needs a state of {wanted}, got {got}",
    "RuntimeError: Expected hidden size {wanted:tuple}, got {got}",
)
CALL = Fault(
    "argument-type",
    "cannot run with this {name}: num_layers is a number, bidirectional is True or False",
    "TypeError: {torch_name}() received an invalid combination of arguments",
)
EMPTY = Fault(
    "empty-sequence",
    "cannot walk along a sequence of length 0",
    "RuntimeError: Expected sequence length to be larger than 0 in RNN",
)


class Recurrent(Layer):
    """What RNN, LSTM and GRU share: `gates` is how many matrices a cell has in one."""

    init_of = "RNNBase"
    input_size: int
    hidden_size: int
    num_layers: Count = 1
    nonlinearity: Any = "tanh"
    bias: Flag = True
    batch_first: Flag = False
    dropout: Any = 0.0
    bidirectional: bool = False
    proj_size: int = 0
    gates: ClassVar[int] = 1
    inner: ClassVar[int] = 0  # how many numbers autograd keeps for each one of the output; measured on the CPU
    estimated: ClassVar[bool] = True
    keeps = "x y"
    rank_fault: ClassVar[Fault] = RANK

    def workspace(self, output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Keep some numbers for each one of the output, in each layer."""
        yield Tensor((self.inner * self.num_layers, *output[0]))

    def check(self) -> None:
        """Refuse what the constructor refuses, in torch's order."""
        number = self.dropout
        if isinstance(number, str):
            require(is_float(number), DROPOUT_WORD, "dropout")
        require(isinstance(number, (int, float, str)), DROPOUT_TYPE, "dropout", type=type(number).__name__)
        require(type(number) in (int, float) and 0 <= number <= 1, DROPOUT, "dropout")
        for field in ("input_size", "hidden_size", "num_layers"):
            if field not in self.holes:
                value = getattr(self, field)
                require(value > 0, NOT_POSITIVE, field, field=field, got=value)
        need_few(self.num_layers, "the layers")
        require(self.proj_size >= 0, PROJECTION, "proj_size")
        require(self.proj_size < self.hidden_size, PROJECTION_TOO_LARGE, "proj_size")

    @property
    def torch_name(self) -> str:
        """The class that torch names in its messages."""
        return type(self).__name__

    @property
    def directions(self) -> int:
        """How many ways it walks."""
        return 2 if self.bidirectional else 1

    @property
    def projects(self) -> bool:
        """Whether the output is smaller than the state."""
        return (self.proj_size == 0) is not True

    @property
    def features(self) -> Size:
        """How many features one direction gives."""
        return self.proj_size if self.projects else self.hidden_size

    def walked(self, x: Tensor) -> tuple[Size, tuple[Size, ...]]:
        """Return the length of the sequence, and the batch axis where there is one.

        Raises Refusal for an input that no state would save.
        """
        if len(x) == 2:  # noqa: PLR2004  # unbatched
            return x[0], ()
        return (x[1], (x[0],)) if self.batch_first else (x[0], (x[1],))

    def check_rank(self, x: Tensor) -> None:
        """Refuse an input that is no sequence."""
        require(len(x) in (2, 3), self.rank_fault, rank=len(x))

    def check_input(self, x: Tensor) -> None:
        """Refuse a dtype or a number of features that the weights do not have."""
        require(x.dtype == "float32", DTYPE, got=x.dtype)
        require(x[-1] == self.input_size, FEATURES, "input_size", got=x[-1])

    def state(self, x: Tensor, features: Size) -> Sizes:
        """Return the shape of a state: (layers * directions, batch, features)."""
        _, batch = self.walked(x)
        return (self.num_layers * self.directions, *batch, features)

    def padded(self, state: Sizes) -> Sizes:
        """Return a state as torch checks it: an unbatched one has a batch of 1."""
        return state if len(state) == 3 else (state[0], 1, state[1])  # noqa: PLR2004  # a batch has three axes

    def output(self, x: Tensor) -> Tensor:
        """Return the shape of the output: the input's, with the features of every direction.

        Raises Refusal for a sequence of length 0.
        """
        require(not isinstance(self.num_layers, bool), CALL, "num_layers", name="num_layers")
        require(isinstance(self.bidirectional, bool), CALL, "bidirectional", name="bidirectional")
        length, _ = self.walked(x)
        require(length > 0, EMPTY)
        return Tensor((*x[:-1], self.directions * self.features))

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give two matrices and two biases for each layer and direction, one more matrix where it projects."""
        rows = self.gates * self.hidden_size if self.gates > 1 else self.hidden_size  # True is no size, twice True is
        for layer in range(self.num_layers):
            columns = self.directions * self.features if layer else self.input_size
            for suffix in ("", "_reverse")[: self.directions]:
                end = f"l{layer}{suffix}"
                yield f"weight_ih_{end}", (rows, columns)
                yield f"weight_hh_{end}", (rows, self.features)
                if self.bias:
                    yield f"bias_ih_{end}", (rows,)
                    yield f"bias_hh_{end}", (rows,)
                if self.projects:
                    yield f"weight_hr_{end}", (self.proj_size, self.hidden_size)

    def macs(self, output: Any, *_inputs: Any) -> Size:
        """Count every weight of every matrix once for each place of the sequence (the textbook's count)."""
        places = prod(output[0][:-1])
        matrices: Size = 0
        for _, shape in self.weights():
            matrices = matrices + (prod(shape) if len(shape) > 1 else 0)
        return places * matrices

    def expects(self) -> tuple[Size | str, ...] | None:
        """Expect a batch of sequences."""
        if self.holes:
            return None
        return ("N", "L", self.input_size) if self.batch_first else ("L", "N", self.input_size)

    def infer(self, x: Tensor) -> dict[str, Any]:
        """Take the features on the last axis."""
        return {"input_size": x[-1]} if x else {}


def is_float(text: str) -> bool:
    """Tell whether Python reads a number in it."""
    try:
        float(text)
    except ValueError:
        return False
    return True


class OneState(Recurrent):
    """What RNN and GRU share: one state, and no projection."""

    def _take(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """Refuse a projection before anything else."""
        require("proj_size" not in keywords, NO_PROJECTION, "proj_size")
        super()._take(arguments, keywords)

    def out(self, x: Tensor, hx: Tensor | None = None) -> Any:
        """Return the output for every place, and the last state."""
        self.check_rank(x)
        state = self.state(x, self.hidden_size)
        if hx is not None:
            batched = "batched" if len(state) == 3 else "unbatched"  # noqa: PLR2004  # a batch has three axes
            require(len(hx) == len(state), HIDDEN_RANK, "hx", rank=len(state), batched=batched, got=len(hx))
        self.check_input(x)
        if hx is not None:
            require(alike(hx, state), HIDDEN, "hx", wanted=self.padded(state), got=self.padded(hx))
        output = self.output(x)
        if hx is not None:
            need_float32(hx, bias=self.bias)
        return output, Tensor(state)


class RNN(
    OneState,
    order="input_size hidden_size num_layers nonlinearity bias batch_first dropout bidirectional",
):
    """Walk along a sequence with a state: (L, N, input_size) becomes (L, N, hidden_size), and the last state."""

    rank_fault: ClassVar[Fault] = RNN_RANK

    def check(self) -> None:
        """Refuse what the constructor refuses."""
        require(self.nonlinearity in ("tanh", "relu"), NONLINEARITY, "nonlinearity")
        super().check()


class GRU(OneState, order="input_size hidden_size num_layers bias batch_first dropout bidirectional"):
    """Walk along a sequence with gates for what is kept and what is new."""

    gates: ClassVar[int] = 3
    inner = 6
