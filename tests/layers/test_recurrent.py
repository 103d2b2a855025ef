"""Recurrent layers, attention and transformers: what they say, what symbols must satisfy, and what they cost."""

from __future__ import annotations

from typing import Any

import pytest

import convshape
from convshape import Tensor

SEQUENCE = ("L", "N", 8)
STACK = "TransformerEncoder(TransformerEncoderLayer({}, 2, 16), 3, norm=LayerNorm(8))"


def refused(net: str, *inputs: Any, **keywords: Any) -> convshape.ShapeError:
    """Return the error of a layer."""
    with pytest.raises(convshape.ShapeError) as caught:
        convshape.output_shape(net, *inputs, **keywords)
    return caught.value


@pytest.mark.parametrize(
    ("net", "inputs", "code", "field", "message"),
    [
        ("LSTM(8, 4)", [(5, 2, 9)], "features", "input_size", "LSTM expects 8 features on the last axis, got 9"),
        (
            "LSTM(8, 4)",
            [(5, 2, 8), ((1, 2, 4), (1, 3, 4))],
            "hidden-shape",
            "hx",
            "a state 1 of [1, 2, 4], got [1, 3, 4]",
        ),
        ("GRU(8, 4)", [(5, 2, 8), (2, 4)], "hidden-rank", "hx", "GRU needs a state of 3 axes for this input, got 2"),
        (
            "RNN(8, 4, nonlinearity='x')",
            [(5, 8)],
            "choice",
            "nonlinearity",
            "takes 'tanh' or 'relu' as nonlinearity, got 'x'",
        ),
        ("GRU(8, 4, proj_size=2)", [(5, 8)], "projection", "proj_size", "GRU has no proj_size: only LSTM has"),
        ("RNNCell(8, 4)", [(2, 8), (3, 4)], "batch-mismatch", "hx", "a batch of 2 in its input and of 3 in its state"),
        ("MultiheadAttention(8, 3)", [(5, 8)] * 3, "divisible", "num_heads", "cannot share 8 features among 3 heads"),
        (
            "MultiheadAttention(8, 2)",
            [(5, 2, 8), (6, 3, 8), (6, 3, 8)],
            "batch-mismatch",
            "key",
            "2 in query and of 3 in key",
        ),
        (STACK.format(8), [(5, 2, 7)], "features", "encoder_layer", "TransformerEncoder expects 8 features"),
        (
            "TransformerEncoderLayer(8, 2, activation='tanh')",
            [(5, 8)],
            "choice",
            "activation",
            "'relu', 'gelu' or a function",
        ),
        ("TransformerEncoder(Linear(8, 8), 2)", [(5, 8)], "not-attention", "encoder_layer", "and Linear has none"),
        (
            "Transformer(8, 2, 1, 1, 16)",
            [(5, 2, 8), (6, 3, 8)],
            "batch-mismatch",
            "",
            "a batch of 2 in src and of 3 in tgt",
        ),
    ],
)
def test_sentences(net: str, inputs: list[Any], code: str, field: str, message: str) -> None:
    """Each refusal names the argument at fault, and the want and the got; what is inside a layer speaks for it."""
    error = refused(net, *inputs)
    assert (error.code, error.field) == (code, field)
    assert message in error.message


@pytest.mark.parametrize(
    ("net", "shape", "output", "facts"),
    [
        ("LSTM(8, 16, batch_first=True)", ("N", "L", 8), "((N, L, 16), ((1, N, 16), (1, N, 16)))", []),
        ("LSTM(_, 16, 2, bidirectional=True, proj_size=4)", ("L", "C"), "((L, 8), ((4, 4), (4, 16)))", []),
        ("GRU(8, 16)", ("L", "N", "C"), "((L, N, 16), (1, N, 16))", ["C == 8"]),
        ("LSTMCell(8, 16)", ("N", 8), "((N, 16), (N, 16))", []),
        ("MultiheadAttention(8, 2)(x, x, x)", SEQUENCE, "((L, N, 8), (N, L, L))", []),
        (
            "MultiheadAttention(8, 2, add_zero_attn=True)(x, x, x, need_weights=False)",
            SEQUENCE,
            "((L, N, 8), None)",
            [],
        ),
        (STACK.format("8"), ("L", "N", "E"), "(L, N, E)", ["E == 8"]),
        (STACK.format("_"), SEQUENCE, "(L, N, 8)", []),
        ("TransformerEncoderLayer(8, 2, activation=F.gelu)", SEQUENCE, "(L, N, 8)", []),
        ("AdaptiveLogSoftmaxWithLoss(_, 10, [2, 5])(x, x[:, 0].long())", ("N", 8), "((N,), ())", []),
    ],
)
def test_symbols(net: str, shape: tuple[Any, ...], output: str, facts: list[str]) -> None:
    """Sizes may be symbols, `_` is worked out, and what must hold is said once."""
    trace = convshape.trace(net, shape)
    assert trace.error is None
    assert str(trace.output) == output
    assert trace.symbols.summary() == facts


def test_two_inputs_share_symbols() -> None:
    """Key and value are of one length, query and key of one batch; a mask lies over both."""
    given = {"q": ("L", "N", 8), "k": ("S", "M", 8), "v": ("T", "M", 8), "m": Tensor(("A", "B"), "bool")}
    trace = convshape.trace("MultiheadAttention(8, 2)(q, k, v, attn_mask=m)", given)
    assert str(trace.output) == "((L, N, 8), (N, L, S))"
    assert trace.symbols.summary() == ["S == T", "A == L", "B == S", "M == N"]


@pytest.mark.parametrize(
    ("net", "macs"),
    [
        ("LSTM(8, 16)", "1536*L*N"),
        ("GRU(8, 16, 2, bidirectional=True)", "6912*L*N"),
        ("MultiheadAttention(8, 2)(x, x, x)", "16*L*N*(L + 16)"),
        ("MultiheadAttention(8, 2)(query=x, key=x, value=x)", "16*L*N*(L + 16)"),
        (STACK.format("8"), "48*L*N*(L + 32)"),
    ],
)
def test_macs(net: str, macs: str) -> None:
    """The counts are the textbook's."""
    assert str(convshape.trace(net, SEQUENCE).macs) == macs


def test_names_of_weights() -> None:
    """A stack names its copies as torch does, and a hole inside them is filled."""
    weights = convshape.weights(STACK.format("_"), (5, 2, 8))
    assert list(weights)[:2] == ["layers.0.self_attn.in_proj_weight", "layers.0.self_attn.in_proj_bias"]
    assert weights["layers.2.linear1.weight"] == (16, 8)
    assert list(weights)[-2:] == ["norm.weight", "norm.bias"]


def test_mask_is_refused_before_the_fast_path() -> None:
    """In eval an encoder lays the padding mask over its input; in training attention looks at it."""
    net = "TransformerEncoder(TransformerEncoderLayer(8, 2, 16, batch_first=True), 1)"
    mask = {"src_key_padding_mask": Tensor((2, 4), "bool")}
    assert refused(net, (2, 5, 8), **mask).torch_message == "Mask size should match input size"
    assert (
        refused(net, (2, 5, 8), train=True, **mask).torch_message
        == "Expected key_padded_mask.shape[1] to be 5, but got 4"
    )


def test_containers_have_no_forward() -> None:
    """They hold layers, with torch's names, and refuse to run."""
    error = refused("ModuleList([Linear(3, 4), ReLU()])", (2, 3))
    assert (error.torch_type, error.stage) == ("NotImplementedError", "forward")
    assert error.torch_message == 'Module [ModuleList] is missing the required "forward" function'
    assert convshape.weights("ModuleList([ReLU(), Linear(3, 4)])") == {"1.weight": (4, 3), "1.bias": (4,)}
