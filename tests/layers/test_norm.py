"""Norms: what they say, what symbols must satisfy, and what they store."""

from __future__ import annotations

import pytest

import convshape
from convshape import Tensor
from convshape.layers import find

IMAGE = ("N", 16, "H", "W")


def refused(net: str, *shapes: tuple[int, ...], train: bool = False) -> convshape.ShapeError:
    """Return the error of a layer."""
    with pytest.raises(convshape.ShapeError) as caught:
        convshape.output_shape(net, *shapes, train=train)
    return caught.value


@pytest.mark.parametrize(
    ("net", "shape", "code", "field", "message"),
    [
        ("BatchNorm2d(4)", (2, 5, 3, 3), "channels", "num_features", "BatchNorm2d expects 4 channels, got 5"),
        ("BatchNorm1d(4)", (2,), "rank", "", "BatchNorm1d takes 2 or 3 axes, got 1"),
        ("LazyBatchNorm2d()", (2,), "rank", "", "LazyBatchNorm2d cannot read num_features from an input of 1 axes"),
        ("InstanceNorm1d(4, affine=True)", (5, 9), "channels", "num_features", "got 5"),
        ("LayerNorm((4, 8))", (2, 8, 4), "features", "normalized_shape", "ends in [4, 8], got [2, 8, 4]"),
        ("GroupNorm(3, 8)", (2, 8), "divisible", "num_groups", "cannot share 8 channels among 3 groups"),
        ("GroupNorm(2, 8)", (2, 6, 4), "channels", "num_channels", "expects 8 channels, got 6"),
        ("LocalResponseNorm(2)", (2, 4), "rank", "", "needs an input of at least 3 axes, got 2"),
    ],
)
def test_sentences(net: str, shape: tuple[int, ...], code: str, field: str, message: str) -> None:
    """Each refusal names the argument at fault, and the want and the got."""
    error = refused(net, shape)
    assert (error.code, error.field) == (code, field)
    assert message in error.message


def test_one_value_per_channel() -> None:
    """It is refused in training, and in eval only where no statistics are kept; a GroupNorm refuses it in both."""
    one = (1, 8, 1, 1)
    assert convshape.output_shape("BatchNorm2d(8)", one) == one
    assert refused("BatchNorm2d(8)", one, train=True).code == "one-value-per-channel"
    assert refused("BatchNorm2d(8, track_running_stats=False)", one).code == "one-value-per-channel"
    assert refused("GroupNorm(8, 8)", one).torch_message.endswith("got input size [1, 8, 1, 1]")
    assert refused("InstanceNorm2d(8)", (8, 1, 1)).torch_message.endswith("torch.Size([1, 8, 1, 1])")


@pytest.mark.parametrize(
    ("net", "shape", "train", "facts"),
    [
        ("BatchNorm2d(_)", IMAGE, False, []),
        ("BatchNorm2d(16)", ("N", "C", "H", "W"), False, ["C == 16"]),
        ("BatchNorm1d(16)", ("N", 16), True, ["N >= 2"]),
        ("BatchNorm1d(16)", ("N", 16, "L"), True, ["L*N >= 2"]),
        ("InstanceNorm1d(4)", ("N", 4, "L"), False, ["L >= 2"]),
        ("LayerNorm((2, 3))", ("N", "H", "W"), False, ["H == 2", "W == 3"]),
        ("RMSNorm(8)", ("N", "L"), False, ["L == 8"]),
        ("GroupNorm(4, 16)", ("N", 16, "L"), False, []),
    ],
)
def test_what_symbols_must_satisfy(net: str, shape: tuple[str | int, ...], train: bool, facts: list[str]) -> None:
    """A norm keeps a symbolic shape, and assumes what it needs."""
    trace = convshape.trace(net, shape, train=train)
    assert trace.error is None
    assert list(map(str, trace.output)) == list(map(str, shape))
    assert trace.symbols.summary() == facts


def test_what_is_stored() -> None:
    """A norm without statistics and weights has neither, and does not look at num_features."""
    layer = find("BatchNorm2d")(4, bias=False)
    assert dict(layer.weights()) == {"weight": (4,)}
    assert dict(layer.buffers()) == {"running_mean": (4,), "running_var": (4,), "num_batches_tracked": ()}
    assert not dict(find("InstanceNorm2d")(None).weights())
    assert [name for name, _ in find("LazyInstanceNorm1d")().fill(Tensor((2, 3, 4))).buffers()][:1] == ["running_mean"]


def test_bias_goes_by_name() -> None:
    """The sixth argument of a BatchNorm would be the device: bias is not taken by position."""
    assert refused("BatchNorm1d(4, 1e-5, 0.1, True, True, False)", (2, 4)).stage == "ctor"
    assert refused("LazyBatchNorm1d(1e-5, 0.1, True, True, False)", (2, 4)).stage == "ctor"


@pytest.mark.parametrize(
    ("net", "shape", "letters"),
    [
        ("BatchNorm1d(4)", (2, 4), "NC"),
        ("BatchNorm1d(4)", (2, 4, 6), "NCL"),
        ("InstanceNorm2d(4)", (4, 6, 6), "CHW"),
        ("GroupNorm(2, 4)", (2, 4, 3, 3, 3), "NCDHW"),
        ("LocalResponseNorm(2)", (2, 4, 6), "NCL"),
    ],
)
def test_letters(net: str, shape: tuple[int, ...], letters: str) -> None:
    """The axes are named, a batch that was left out is not."""
    step = convshape.trace(net, shape).steps[0]
    assert step.layer is not None
    assert "".join(step.layer.letters(step.output)) == letters


def test_dtypes() -> None:
    """Half precision goes with float32 weights, double and whole numbers do not."""
    images = (2, 4, 3, 3)
    assert find("BatchNorm2d")(4)(Tensor(images, "float16")).dtype == "float16"
    assert refused("BatchNorm2d(4)", Tensor(images, "float64")).torch_message.startswith("mixed dtype")
    assert refused("GroupNorm(2, 4, affine=False)", Tensor(images, "int64")).torch_type == "NotImplementedError"
