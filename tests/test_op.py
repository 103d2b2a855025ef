"""Ops in a network: how they are written, what they cost, and what is said of those that there are not."""

from __future__ import annotations

import pytest

import convshape
from convshape import ops
from convshape.op import DECLARED


def output(net: str, *shape: int | str) -> str:
    """Return the output of a network, or the code of its error."""
    trace = convshape.trace(net, shape)
    return trace.error.code if trace.error else str(tuple(trace.output))


@pytest.mark.parametrize(
    ("net", "shape", "wanted"),
    [
        ("x.view(x.size(0), -1)", ("N", 4, "L"), "(N, 4*L)"),
        ("x.permute(0, 2, 1) -> x.view(x.size(0), -1)", ("N", 5, 7), "memory"),
        ("x.permute(0, 2, 1) -> x.contiguous() -> x.view(x.size(0), -1)", ("N", 5, 7), "(N, 35)"),
        ("x.permute(0, 2, 1) -> ReLU -> x.view(x.size(0), -1)", ("N", 5, 7), "memory"),
        ("x.permute(0, 2, 1) -> x.reshape(x.shape[0], -1)", ("N", 5, 7), "(N, 35)"),
        ("x.view(-1, 16)", ("N", 16, "L"), "(L*N, 16)"),
        ("x @ x.transpose(-1, -2) -> F.softmax(x, dim=-1)", ("N", 16, "L"), "(N, 16, 16)"),
        ("F.max_pool2d(x, 2) -> F.relu(x) -> torch.cat([x, x], 1) -> x[:, :3]", ("N", 4, 8, 8), "(N, 3, 4, 4)"),
        ("x[:, None] + torch.arange(x.shape[-1])", ("N", 3), "(N, 1, 3)"),
        ("x.view(int(x.size(0)), max(x.shape[1], 2))", ("N", 3), "(N, 3)"),
        ("torch.fft.rfft(x, dim=-1)", (2, 8), "(2, 5)"),
        ("x.mean(axis=-1, keepdims=True)", (2, 8), "(2, 1)"),
        ("x.to(torch.float64) -> x.type_as(x)", (2, 8), "(2, 8)"),
        ("x.add_(x[0])", (2, 8), "(2, 8)"),
        ("x[0] -> x.add_(x[None])", (2, 8), "output-shape"),
        ("x + 1 -> x[x > 0]", (2, 8), "data-dependent"),
        ("x.permut(0, 1)", (2, 8), "no-method"),
    ],
)
def test_written(net: str, shape: tuple[int | str, ...], wanted: str) -> None:
    """Ops are written as in PyTorch."""
    assert output(net, *shape) == wanted


def test_a_view_pins_a_symbol() -> None:
    """A view that fixes the batch says so."""
    assert convshape.trace("x.view(1, 1, 556)", ("N", 1, 556)).symbols.summary() == ["N == 1"]


@pytest.mark.parametrize(
    ("net", "shape", "wanted"),
    [
        ("x @ x.transpose(-1, -2)", (2, 3, 4), 2 * 3 * 3 * 4),
        ("torch.einsum('bij,bkj->bik', x, x)", (2, 3, 4), 2 * 3 * 3 * 4),
        ("F.scaled_dot_product_attention(x, x, x)", (2, 3, 4), 2 * 2 * 3 * 3 * 4),
        ("F.linear(x, torch.zeros(5, 4))", (2, 3, 4), 2 * 3 * 4 * 5),
        ("F.conv1d(x, torch.zeros(5, 3, 2))", (2, 3, 4), 2 * 5 * 3 * 3 * 2),
        ("x.sum()", (2, 3, 4), 0),
    ],
)
def test_multiplications_are_counted(net: str, shape: tuple[int, ...], wanted: int) -> None:
    """Products count their multiply-accumulates."""
    assert convshape.trace(net, shape).macs == wanted


def test_the_index_names_every_op() -> None:
    """The names by which families are found are those that they declare."""
    for name in ops.FAMILY:
        assert ops.declared(name) is not None, name
    known = {*ops.FAMILY, *(f"{name}_" for name in ops.FAMILY)}
    assert DECLARED.keys() <= known
