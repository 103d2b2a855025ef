"""Layers on the last axis: what they say, infer and count."""

from __future__ import annotations

import pytest

import convshape
from convshape import Tensor


def refused(net: str, *shapes: tuple[int, ...]) -> convshape.ShapeError:
    """Return the error of a layer."""
    with pytest.raises(convshape.ShapeError) as caught:
        convshape.output_shape(net, *shapes)
    return caught.value


def test_features() -> None:
    """The rows that torch shows are all axes but the last, multiplied."""
    error = refused("Linear(400, 10)", (2, 3, 256))
    assert (error.code, error.field) == ("features", "in_features")
    assert error.message == "Linear expects 400 features on the last axis, got 256"
    assert error.torch_message == "mat1 and mat2 shapes cannot be multiplied (6x256 and 400x10)"


def test_dtype_comes_first_where_there_is_a_bias() -> None:
    """With a bias torch looks at the dtype before the features, without one after."""
    x = Tensor((2, 5), "int64")
    assert refused("Linear(4, 3)", x).torch_message == "mat1 and mat2 must have the same dtype, but got Long and Float"
    assert refused("Linear(4, 3, bias=False)", x).code == "features"
    assert refused("Linear(5, 3, bias=False)", x).torch_message.endswith("long int != float")


def test_symbolic_features() -> None:
    """`_` and Lazy classes take a symbol, and the weights are a formula."""
    trace = convshape.trace("Linear(_, 4) -> LazyLinear(2)", ("N", "F"))
    assert str(trace.output[1]) == "2"
    assert str(trace.params) == "4*F + 14"
    assert str(trace.steps[0].macs) == "4*F*N"


@pytest.mark.parametrize(
    ("first", "second", "code", "field"),
    [
        ((2, 4), (5,), "batch-mismatch", ""),
        ((2, 4), (3, 5), "batch-mismatch", ""),
        ((2, 9), (2, 5), "features", "in1_features"),
        ((2, 4), (2, 9), "features", "in2_features"),
        ((), (), "rank", ""),
    ],
)
def test_bilinear_refuses(first: tuple[int, ...], second: tuple[int, ...], code: str, field: str) -> None:
    """Ranks come before batches, batches before features."""
    error = refused("Bilinear(4, 5, 3)", first, second)
    assert (error.code, error.field) == (code, field)


def test_identity_takes_anything() -> None:
    """Its arguments are not used, nor looked at."""
    assert convshape.output_shape("Identity(54, unused='x')", (2, 3)) == (2, 3)
