"""A constructor is called as torch's is: too many arguments, too few, twice, and names that it does not have."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from convshape import layers
from convshape.catalogue import found
from convshape.declaration import constructor
from convshape.faults import Refusal

pytestmark = pytest.mark.filterwarnings("ignore:.NLLLoss2d")
CLASSES = sorted(name for name in layers.FAMILY if hasattr(nn, name))
COUNTED_OTHERWISE = {"RNN", "GRU", "LSTM"}
"""Torch puts the mode before their arguments, and counts it."""
ANY_NAME = {"Identity", "Container"}
"""What takes every name: Identity to forget it, Container for a part of that name."""


def said(kind: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> str:
    """Call a class; return the first line of its TypeError, or nothing."""
    try:
        kind(*arguments, **keywords)
    except TypeError as error:
        return f"TypeError: {error}".partition("\n")[0]
    except Refusal as refusal:
        return f"{refusal.fault.torch_type}: {refusal.torch_message}".partition("\n")[0]
    return ""


def calls(name: str) -> dict[str, tuple[tuple[Any, ...], dict[str, Any]]]:
    """Return calls that Python refuses before torch looks at a value."""
    takes = constructor(found(name))
    needed = dict.fromkeys(takes.needed, 1)
    first = dict.fromkeys(takes.names[:1], 1)
    found_: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
    if name not in ANY_NAME:
        found_["an unknown name"] = ((), {**needed, "unheard_of": 1})
    if name not in COUNTED_OTHERWISE | ANY_NAME:
        found_["too many"] = ((1,) * (takes.most + 1), {})
        found_["too many, and one by name"] = ((1,) * (takes.most + 1), dict.fromkeys(takes.names[takes.most :][:1], 1))
    if first:
        found_["one twice"] = ((1,), first)
    if needed:
        found_["none"] = ((), {})
    if "dtype" not in takes.names and name not in ANY_NAME:
        found_["a dtype"] = ((), {**needed, "dtype": None})
    return found_


@pytest.mark.parametrize("name", CLASSES)
def test_a_call_is_refused_in_torchs_words(name: str) -> None:
    """Say what Python says of the class of torch, which may have inherited its constructor."""
    for what, (arguments, keywords) in calls(name).items():
        theirs = said(getattr(nn, name), arguments, keywords)
        assert theirs, what
        assert said(found(name), arguments, keywords) == theirs, what


@pytest.mark.parametrize("name", ["Linear", "Conv2d", "BatchNorm2d", "GroupNorm", "LSTM", "Embedding", "LayerNorm"])
def test_device_and_dtype_may_come_by_place(name: str) -> None:
    """Take as many arguments by place as torch does; these two say nothing of a shape."""
    takes = constructor(found(name))
    place = takes.names.index("device")
    values = [field.default if name not in takes.needed else 4 for name, field in found(name).fields.items()][:place]
    assert getattr(nn, name)(*values, None, None)
    assert found(name)(*values, None, None)
    for wrong in ((False, None), (None, "int64"), (None, 5)):
        theirs = said(getattr(nn, name), (*values, *wrong), {})
        assert said(found(name), (*values, *wrong), {}) == theirs
        assert "empty(): argument" in theirs
