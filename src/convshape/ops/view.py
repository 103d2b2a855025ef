"""Ops that keep the numbers and change the axes."""

from __future__ import annotations

from typing import Any

from convshape.dim import prod
from convshape.op import op
from convshape.tensor import Tensor


@op
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Any:  # noqa: A002  # torch's name
    """Fold the axes from start_dim to end_dim into one."""
    start, end = start_dim % len(input), end_dim % len(input)
    return *input[:start], prod(input[start : end + 1]), *input[end + 1 :]
