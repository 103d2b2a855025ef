"""The registry is complete and true: torch's classes, their signatures, what each family holds, and the MACs."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from typing import Any

import pytest
import torch

import convshape
from convshape import layers, ops
from convshape.kinds import REQUIRED
from convshape.layer import Layer

FACTORY = ("device", "dtype")
"""What says nothing of a shape."""
NO_LAYERS = {
    "Sequential": "the readers turn it into lines",
}
"""The Modules that no layer stands for, and why."""


def public() -> set[str]:
    """Return the Modules that torch.nn offers."""
    found = {name: kind for name, kind in vars(torch.nn).items() if inspect.isclass(kind)}
    return {name for name, kind in found.items() if issubclass(kind, torch.nn.Module)}


def test_every_class_of_torch_is_here() -> None:
    """A torch that has one more class fails here; so does a name that torch does not have."""
    assert public() - set(layers.FAMILY) == set(NO_LAYERS)
    assert set(layers.FAMILY) - public() == {"Container"} - public()
    assert convshape.output_shape("Sequential(Conv1d(1, 2, 3), ReLU())", (4, 1, 9)) == (4, 2, 7)


@pytest.mark.parametrize("name", sorted(layers.FAMILY))
def test_signature(name: str) -> None:
    """The arguments are torch's: names, order, defaults, and which go by name only."""
    kind = layers.find(name)
    assert kind is not None
    given = inspect.signature(getattr(torch.nn, name)).parameters.values()
    torchs = [p for p in given if p.name not in FACTORY and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    ours = {field.name: field.default for field in kind.fields.values()}
    if any(p.kind is p.VAR_POSITIONAL for p in given):
        return  # RNN and GRU pass everything on; their arguments are held by what they do
    assert list(ours) == [p.name for p in torchs]
    empty = inspect.Parameter.empty
    for p in torchs:
        assert named(ours[p.name]) == named(REQUIRED if p.default is empty else p.default), p.name
    by_name = {p.name for p in torchs if p.kind is p.KEYWORD_ONLY}
    behind = set(list(ours)[kind.positional :]) if kind.positional is not None else set()
    assert by_name <= behind


@pytest.mark.parametrize("name", sorted(layers.FAMILY))
def test_signature_of_forward(name: str) -> None:
    """The inputs are torch's, too: names, order, and how many it must get."""
    kind = layers.find(name)
    assert kind is not None
    given = inspect.signature(getattr(torch.nn, name).forward).parameters.values()
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in given):
        return  # a forward that torch has not, or that passes everything on
    names, least = kind.forward
    torchs = [p for p in given if p.name != "self"]
    assert [kind.called if one == "x" else one for one in names] == [p.name for p in torchs]
    assert least == sum(p.default is inspect.Parameter.empty for p in torchs)


def named(default: Any) -> Any:
    """Return a default as it is compared: a function of torch by its name."""
    if default in ((), None):
        return None
    return default.__name__ if callable(default) else default


@pytest.mark.parametrize("family", sorted(layers.FAMILIES))
def test_family_of_layers(family: str) -> None:
    """The index names every layer where it is defined."""
    names = layers.FAMILIES[family].split()
    assert len(names) == len(set(names))
    for name in names:
        found = layers.find(name)
        assert found is not None
        assert issubclass(found, Layer)
        assert (found.__module__, found.__name__) == (f"convshape.layers.{family}", name)


def test_no_layer_is_left_out() -> None:
    """A class of torch's name in a family is in the index."""
    for family in layers.FAMILIES:
        module = import_module(f"convshape.layers.{family}")
        classes = {name: kind for name, kind in vars(module).items() if inspect.isclass(kind)}
        own = {name for name, kind in classes.items() if kind.__module__ == module.__name__}
        assert own & public() == set(layers.FAMILIES[family].split()) & public()
    assert len(layers.FAMILY) == sum(len(names.split()) for names in layers.FAMILIES.values())


def test_families_of_ops() -> None:
    """The index names every op where it is declared, once."""
    assert len(ops.FAMILY) == sum(len(names.split()) for names in ops.FAMILIES.values())
    for name in ops.FAMILY:
        assert ops.declared(name) is not None, name
    for name in set(ops.OPERATORS.values()) | set(ops.UNARY.values()):
        assert ops.declared(name) is not None, name


def test_declared_ops_are_in_the_index() -> None:
    """An op that a family declares can be found by its name."""
    for name in ops.FAMILY:
        ops.declared(name)
    known = {*ops.FAMILY, *(f"{name}_" for name in ops.FAMILY)}
    assert sorted(set(ops.DECLARED) - known) == []


COUNTED = (
    ("Conv1d(4, 6, 3, stride=2, groups=2)", [(2, 4, 11)]),
    ("Conv2d(3, 8, (3, 2), padding='same')", [(2, 3, 7, 9)]),
    ("Conv3d(2, 4, 2, dilation=2)", [(1, 2, 5, 6, 7)]),
    ("ConvTranspose1d(4, 6, 3, stride=2, groups=2)", [(2, 4, 5)]),
    ("ConvTranspose2d(3, 8, (3, 2), output_padding=1, stride=2)", [(2, 3, 4, 5)]),
    ("ConvTranspose3d(2, 4, 2)", [(1, 2, 3, 4, 5)]),
    ("Linear(8, 5)", [(3, 2, 8)]),
    ("MultiheadAttention(8, 2)", [(5, 3, 8), (7, 3, 8), (7, 3, 8)]),
    ("MultiheadAttention(8, 2, kdim=6, vdim=4, batch_first=True)", [(3, 5, 8), (3, 7, 6), (3, 7, 4)]),
    ("TransformerEncoderLayer(8, 2, 16)", [(5, 3, 8)]),
    ("TransformerDecoderLayer(8, 2, 16)", [(5, 3, 8), (7, 3, 8)]),
)
"""Layers that torch counts, and inputs for them."""


@pytest.mark.filterwarnings("ignore:Using padding=.same.")  # torch says it once, to whichever test comes first
@pytest.mark.parametrize(("text", "shapes"), COUNTED)
def test_macs_of_layers(text: str, shapes: list[tuple[int, ...]]) -> None:
    """They are half of what FlopCounterMode counts."""
    from torch.utils.flop_counter import FlopCounterMode

    inputs = [torch.zeros(shape) for shape in shapes]
    module = eval(text, vars(torch.nn))  # noqa: S307  # the lines above
    with FlopCounterMode(display=False) as counter:
        module.train()(*inputs)
    names = [f"x{place}" for place in range(len(shapes))]
    trace = convshape.trace(f"{text}({', '.join(names)})", dict(zip(names, shapes, strict=True)), train=True)
    assert trace.error is None
    assert trace.macs * 2 == counter.get_total_flops() > 0


PRODUCTS = (
    ("(a @ b)", (4, 5), (5, 6)),
    ("(a @ b)", (3, 4, 5), (5, 6)),
    ("torch.mm(a, b)", (4, 5), (5, 6)),
    ("torch.bmm(a, b)", (3, 4, 5), (3, 5, 6)),
    ("torch.matmul(a, b)", (2, 3, 4, 5), (3, 5, 6)),
    ("F.linear(a, b)", (4, 5), (6, 5)),
    ("F.conv2d(a, b)", (2, 3, 7, 8), (4, 3, 3, 3)),
    ("F.scaled_dot_product_attention(a, b, b)", (2, 3, 4, 8), (2, 3, 6, 8)),
)
"""Ops that torch counts, and shapes for them."""


@pytest.mark.parametrize(("text", "first", "second"), PRODUCTS)
def test_macs_of_ops(text: str, first: tuple[int, ...], second: tuple[int, ...]) -> None:
    """They are half of what FlopCounterMode counts."""
    from torch.utils.flop_counter import FlopCounterMode

    tensors = {"a": torch.zeros(first), "b": torch.zeros(second)}
    math = torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH)  # the one for the CPU has no formula
    with FlopCounterMode(display=False) as counter, math:
        eval(text, {"torch": torch, "F": torch.nn.functional, **tensors})  # noqa: S307  # the lines above
    trace = convshape.trace(text, {"a": first, "b": second})
    assert trace.error is None
    assert trace.macs * 2 == counter.get_total_flops() > 0


def test_bilinear_counts_every_pair() -> None:
    """Torch has no formula for it: the textbook's is one product of three for each pair of features."""
    assert convshape.trace("Bilinear(3, 4, 5)(a, b)", {"a": (2, 3), "b": (2, 4)}).macs == 2 * 5 * 3 * 4


def test_index_is_read_without_families() -> None:
    """To know the names costs no import: the index is text."""
    tree = ast.parse(inspect.getsource(layers))
    imported = [node for node in tree.body if isinstance(node, ast.ImportFrom) and "layers." in (node.module or "")]
    assert imported == []
