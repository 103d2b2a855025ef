"""Layers made of layers: what they hold, and how they call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dim import Dim
from convshape.faults import Refusal
from convshape.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.tensor import Sizes, Tensor


class Composed(Layer):
    """A layer made of others: `parts` are its layers by name, in torch's order."""

    estimated = True

    def workspace(self, output: Any, *inputs: Any) -> Iterator[Tensor]:
        """Keep what its parts keep, as if each gave the output."""
        for _, part in self.parts():
            yield from part.workspace(output, *inputs)

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give the layers inside, by the names that they have in a state_dict."""
        return iter(())

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give the weights of every part, behind its name."""
        for name, part in self.parts():
            for weight, shape in part.weights():
                yield f"{name}.{weight}", shape

    def buffers(self) -> Iterator[tuple[str, Sizes]]:
        """Give the buffers of every part, behind its name."""
        for name, part in self.parts():
            for buffer, shape in part.buffers():
                yield f"{name}.{buffer}", shape

    def run(self, part: Layer, *inputs: Any, **keywords: Any) -> Any:
        """Call a part as this layer is: training or not; what it assumes of symbols, it says itself."""
        part.training = self.training
        facts = next((size.symbols.facts for size in inputs[0] if isinstance(size, Dim)), [])
        known = len(facts)
        result = part(*inputs, **keywords)
        for _, why in facts[known:]:
            if isinstance(why, Refusal):
                why.about(part)
        return result
