"""Keeping: the words in which a layer or op says what autograd keeps of a call for the backward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator


def named(words: str, output: Any, inputs: Any) -> Iterator[Tensor]:
    """Give what words stand for: x the inputs, y the output, mask what is bool, indices the second output."""
    for word in words.split():
        if word == "x":
            yield from tensors_in(inputs)
        elif word == "mask":
            yield from (one for one in tensors_in(inputs) if one.dtype == "bool")
        elif word == "y":
            yield output if isinstance(output, Tensor) else output[0]
        elif word == "indices" and not isinstance(output, Tensor):
            yield output[1]


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Give the tensors of a nested value."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from tensors_in(part)
