"""What every layer of a PyTorch network does to the shape of its input, without importing torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convshape.api import linear_in, output_shape, sizes, trace, weights
    from convshape.dim import Dim
    from convshape.faults import ConvshapeError, ReadError, ShapeError
    from convshape.layer import Layer
    from convshape.searching import Search, Setting, solve
    from convshape.searching.decoder import mirror
    from convshape.searching.uneven import same_pads
    from convshape.sizing import Sizes
    from convshape.steps import Step, Trace
    from convshape.tensor import Tensor

__version__ = "0.1.0"

HOMES = {
    "trace": "api",
    "linear_in": "api",
    "mirror": "searching.decoder",
    "same_pads": "searching.uneven",
    "sizes": "api",
    "solve": "searching",
    "output_shape": "api",
    "weights": "api",
    "Dim": "dim",
    "ConvshapeError": "faults",
    "ReadError": "faults",
    "ShapeError": "faults",
    "Layer": "layer",
    "Search": "searching",
    "Setting": "searching",
    "Sizes": "sizing",
    "Tensor": "tensor",
    "Step": "steps",
    "Trace": "steps",
}

__all__ = [
    "ConvshapeError",
    "Dim",
    "Layer",
    "ReadError",
    "Search",
    "Setting",
    "ShapeError",
    "Sizes",
    "Step",
    "Tensor",
    "Trace",
    "__version__",
    "linear_in",
    "mirror",
    "output_shape",
    "same_pads",
    "sizes",
    "solve",
    "trace",
    "weights",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in HOMES:
        message = f"module 'convshape' has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"convshape.{HOMES[name]}"), name)
    globals()[name] = value
    return value
