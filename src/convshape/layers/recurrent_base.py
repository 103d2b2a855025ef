"""The base classes of torch's recurrent layers and cells, which hold weights and have no forward."""

from __future__ import annotations

from convshape.faults import Fault, require
from convshape.layers.cells import Cell
from convshape.layers.container import NoForward
from convshape.layers.recurrent import Recurrent

MODE = Fault("choice", "has no mode {mode:repr}: one of {modes:comma}", "ValueError: Unrecognized RNN mode: {mode}")
GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "GRU": 3, "LSTM": 4}


class RNNBase(
    Recurrent,
    NoForward,
    order="mode input_size hidden_size num_layers bias batch_first dropout bidirectional proj_size",
):
    """The weights of an RNN, LSTM or GRU."""

    mode: str

    def check(self) -> None:
        """Refuse what the constructor refuses."""
        super().check()
        require(self.mode in GATES, MODE, "mode", modes=tuple(GATES))
        self.__dict__["gates"] = GATES[self.mode]


class RNNCellBase(Cell, NoForward, order="input_size hidden_size bias num_chunks"):
    """The weights of a cell, as many matrices in one as num_chunks says."""

    bias: bool
    num_chunks: int

    def check(self) -> None:
        """Count the matrices."""
        self.__dict__["gates"] = self.num_chunks
