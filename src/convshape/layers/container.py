"""Containers that hold layers or weights, and have no forward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.faults import Fault, require
from convshape.layers.composed import Composed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Layers
    from convshape.layer import Layer
    from convshape.tensor import Sizes, Tensor

NO_FORWARD = Fault(
    "no-forward",
    "holds layers and runs none: name its layers, or write Sequential",
    'NotImplementedError: Module [{owner}] is missing the required "forward" function',
)
NOT_CALLED = Fault("no-forward", "holds weights and runs nothing", "RuntimeError: {owner} should not be called.")


class Module(Composed):
    """A layer without a forward."""

    fault = NO_FORWARD

    def out(self, x: Any = None) -> Any:  # torch takes any input before it looks for a forward
        """Refuse."""
        require(False, self.fault, owner=type(self).__name__)


class DataParallel(Composed, order="module device_ids output_device dim"):
    """Run a layer on parts of the batch on several devices; on the CPU it runs the layer."""

    module: Layer
    device_ids: Any = None
    output_device: Any = None
    dim: int = 0

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give the layer."""
        yield "module", self.__dict__["module"]

    def out(self, x: Tensor) -> Any:
        """Return what the layer gives."""
        return self.run(self.__dict__["module"], x)

    def macs(self, output: Any, *inputs: Any) -> Size:
        """Count those of the layer."""
        total: Size = self.__dict__["module"].macs(output, *inputs)
        return total


class Container(Module):
    """Module under its old name."""


class ModuleList(Module):
    """Layers by number."""

    modules: Layers = ()

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give the layers by their places."""
        for place, layer in enumerate(self.modules or ()):
            yield str(place), layer


class ModuleDict(Module):
    """Layers by name."""

    modules: Any = None

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give the layers by their names."""
        yield from dict(self.modules or ()).items()


class ParameterList(Module):
    """Weights by number."""

    values: Any = None
    fault = NOT_CALLED

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give the weights by their places."""
        for place, weight in enumerate(self.values or ()):
            yield str(place), tuple(weight)


class ParameterDict(Module):
    """Weights by name."""

    parameters: Any = None
    fault = NOT_CALLED

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give the weights by their names."""
        for name, weight in dict(self.parameters or ()).items():
            yield name, tuple(weight)
