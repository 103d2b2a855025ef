"""Activations: they keep the shape."""

from __future__ import annotations

from convshape.layer import Layer


class ReLU(Layer):
    """Keep what is positive: max(0, x)."""

    inplace: bool = False
