"""Layers made of layers: what they hold, and how they call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.dim import Dim
from convshape.faults import Refusal
from convshape.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.tensor import Sizes, Tensor


class Composed(Layer):
    """A layer made of others: `parts` are its layers by name, in torch's order."""

    factory: ClassVar[tuple[str, ...]] = ()
    estimated = True
    named: ClassVar[dict[str, str]] = {}  # its own arguments, by what its parts call them

    def _take(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """Point at its own argument where a part cannot be made."""
        try:
            super()._take(arguments, keywords)
        except Refusal as refusal:
            refusal.at = self.named.get(refusal.at, refusal.at)
            raise

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
        try:
            result = part(*inputs, **keywords)
        except Refusal as refusal:
            refusal.at = self.blamed(part, refusal.at)
            raise
        for _, why in facts[known:]:
            if isinstance(why, Refusal):
                why.about(part)
        return result

    def blamed(self, part: Layer, at: str) -> str:
        """Name its own argument for one of a part: the one that is the part, or what the part is made with."""
        given = next((name for name in self.fields if self.__dict__[name] is part), "")
        return given if given and at in part.fields else self.named.get(at, at)
