"""Folding and unfolding: identities, symbols and messages."""

from __future__ import annotations

from itertools import product

import pytest

import convshape
from convshape.layers import find
from convshape.tensor import Tensor


def refused(net: str, shape: tuple[int, ...]) -> convshape.ShapeError:
    """Return the error of a layer."""
    with pytest.raises(convshape.ShapeError) as caught:
        convshape.output_shape(net, shape)
    return caught.value


PAIRS = [pair for pair in product(range(-3, 3), repeat=2) if pair[0] % 3 <= pair[1] % 3]


@pytest.mark.parametrize(("start", "end"), PAIRS)
def test_unfolding_undoes_folding(start: int, end: int) -> None:
    """Unflatten with the sizes that were folded gives them back, one of them left to be worked out."""
    shape = (2, 3, 4)
    folded = find("Flatten")(start, end)(Tensor(shape))
    sizes = list(shape[start % 3 : end % 3 + 1])
    for place in range(len(sizes)):
        unfold = find("Unflatten")(start % 3, (*sizes[:place], -1, *sizes[place + 1 :]))
        assert tuple(unfold(folded)) == shape


@pytest.mark.parametrize(
    ("net", "shape", "output", "facts"),
    [
        ("Flatten()", ("N", "C", "L"), "N, C*L", []),
        ("Flatten(0, 1)", ("N", 4, "L"), "4*N, L", []),
        ("Unflatten(1, (4, -1))", ("N", "C"), "N, 4, C//4", ["C % 4 == 0"]),
        ("Unflatten(1, (4, 2))", ("N", "C"), "N, 4, 2", ["C == 8"]),
        ("Flatten() -> Unflatten(1, (3, -1))", ("N", 3, "L"), "N, 3, L", []),
        ("GLU(1)", ("N", "C"), "N, C//2", ["C % 2 == 0"]),
    ],
)
def test_symbols(net: str, shape: tuple[str | int, ...], output: str, facts: list[str]) -> None:
    """A product divides by its parts; a symbol must be divisible."""
    trace = convshape.trace(net, shape)
    assert ", ".join(map(str, trace.output)) == output
    assert trace.symbols.summary() == facts


def test_messages() -> None:
    """The axis at fault is told as it was written, with the axes that there are."""
    error = refused("Flatten(1, 3)", (2, 3))
    assert (error.code, error.field, error.torch_type) == ("dim-range", "end_dim", "IndexError")
    assert error.torch_message == "Dimension out of range (expected to be in range of [-2, 1], but got 3)"
    assert refused("Flatten(2, 1)", (2, 3, 4)).code == "dim-order"
    assert refused("Unflatten(1, (2, 3))", (1, 7)).torch_message.startswith("unflatten: Provided sizes [2, 3] don't")
    assert refused("Unflatten(1, (2, -1, -1))", (1, 8)).code == "sizes"
    assert refused("Unflatten(1, 4)", (1, 8)).stage == "ctor"


def test_the_sizes_are_written_out() -> None:
    """Equal sizes are no single number here, as they would be for a kernel."""
    assert find("Unflatten")(1, (2, 2)).signature() == "Unflatten(1, (2, 2))"
    assert find("LayerNorm")((2, 2)).signature() == "LayerNorm((2, 2))"


def test_a_scalar_has_an_axis() -> None:
    """Torch lets a scalar be folded, along axis 0 or -1."""
    assert convshape.output_shape("Flatten(0)", ()) == (1,)
    assert refused("Flatten()", ()).torch_message.endswith("[-1, 0], but got 1)")
