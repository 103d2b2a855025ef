"""Activations, dropouts, tables and distances: what a generated suite does not see."""

from __future__ import annotations

import pytest

import convshape
from convshape import Tensor
from convshape.layers import FAMILIES, find


def refused(net: str, *shapes: tuple[int, ...], train: bool = False) -> convshape.ShapeError:
    """Return the error of a layer."""
    with pytest.raises(convshape.ShapeError) as caught:
        convshape.output_shape(net, *shapes, train=train)
    return caught.value


@pytest.mark.parametrize("name", [*FAMILIES["activation"].split(), *FAMILIES["sigmoid"].split()])
def test_a_symbolic_shape_is_kept(name: str) -> None:
    """An activation is a function of each number: nothing is assumed, nothing stored."""
    trace = convshape.trace(f"{name}({'0.1, 20' if name == 'Threshold' else ''})", ("N", "C", "L"))
    assert ", ".join(map(str, trace.output)) == "N, C, L"
    assert (trace.symbols.summary(), trace.params) == ([], 0)


def test_inplace_comes_last() -> None:
    """Torch has it behind the numbers, but for the old names of Hardtanh."""
    assert list(find("Threshold").fields) == ["threshold", "value", "inplace"]
    assert list(find("RReLU").fields) == ["lower", "upper", "inplace"]
    assert list(find("Hardtanh").fields) == ["min_val", "max_val", "inplace", "min_value", "max_value"]


@pytest.mark.parametrize(
    ("net", "shape", "code", "words"),
    [
        ("GLU(0)", (3, 4), "divisible", "Halving dimension must be even, but dimension 0 is size 3"),
        ("PReLU(5)", (2, 4), "channels", "Found parameter numbers = 5 and channel size = 4."),
        ("Softmax(2)", (2, 4), "dim-range", "in range of [-2, 1], but got 2)"),
        ("Softmax2d()", (2, 4), "rank", "expected input to be 3D or 4D, got 2D instead"),
        ("Hardtanh(2, 1)", (2,), "limits", "max_val (1) must be greater than min_val (2)"),
        ("Dropout(1.5)", (2,), "probability", "has to be between 0 and 1, but got 1.5"),
        ("Dropout1d()", (2,), "rank", "but received a 1D input."),
        ("Softshrink(-1)", (2,), "limits", "in range [0, 3.40282e+38] for input dtype Float, but found -1"),
    ],
)
def test_messages(net: str, shape: tuple[int, ...], code: str, words: str) -> None:
    """Torch's words, with the numbers of the case."""
    error = refused(net, shape)
    assert error.code == code
    assert words in error.torch_message


def test_feature_dropout_looks_at_the_rank_only_when_it_drops() -> None:
    """Eval, p=0 and an empty input give anything back."""
    assert convshape.output_shape("Dropout2d()", (5,)) == (5,)
    assert convshape.output_shape("Dropout2d(0.0)", (5,), train=True) == (5,)
    assert refused("Dropout2d()", (5,), train=True).code == "rank"


def test_dtypes() -> None:
    """Whole numbers become fractions, or have no kernel, or are what is looked up."""
    whole = Tensor((2, 4), "int64")
    assert find("Sigmoid")()(whole).dtype == "float32"
    assert find("ReLU")()(whole).dtype == "int64"
    assert refused("GELU()", whole).torch_message == "\"GeluKernelImpl\" not implemented for 'Long'"
    assert find("Embedding")(9, 3)(whole).dtype == "float32"
    assert refused("Embedding(9, 3)", (2, 4)).torch_message.startswith("Expected tensor for argument #1 'indices'")


def test_a_table_alone_is_given_numbers() -> None:
    """Without an input, a network that starts with an Embedding is given sequences of int64."""
    trace = convshape.trace("Embedding(100, 8) -> Linear(_, 3)")
    assert ", ".join(map(str, trace.output)) == "N, L, 3"


def test_bags() -> None:
    """A row is a bag, or the offsets say where the bags start."""
    numbers, starts = Tensor((10,), "int64"), Tensor((4,), "int64")
    assert convshape.output_shape("EmbeddingBag(9, 3)", Tensor((2, 5), "int64")) == (2, 3)
    assert convshape.output_shape("EmbeddingBag(9, 3)", numbers, starts) == (4, 3)
    assert convshape.output_shape("EmbeddingBag(9, 3, include_last_offset=True)", numbers, starts) == (3, 3)
    assert refused("EmbeddingBag(9, 3)", numbers).code == "offsets"
    error = refused("EmbeddingBag(9, 3)", Tensor((2, 5), "int64"), None, (2, 5))
    assert (error.code, error.torch_type) == ("choice", "NotImplementedError")


def test_distances() -> None:
    """Both inputs are broadcast first."""
    assert convshape.output_shape("CosineSimilarity(dim=0)", (4, 5), (5,)) == (5,)
    assert convshape.output_shape("PairwiseDistance(keepdim=True)", (4, 5), (1, 5)) == (4, 1)
    assert refused("CosineSimilarity(dim=9)", (4, 5), (4, 6)).code == "broadcast"
