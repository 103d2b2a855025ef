"""Containers that hold layers or weights, and have no forward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.faults import Fault, Refusal, require
from convshape.layer import Layer
from convshape.layers.composed import Composed
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.kinds import Layers
    from convshape.tensor import Sizes

NO_FORWARD = Fault(
    "no-forward",
    "holds layers and runs none: name its layers, or write Sequential",
    'NotImplementedError: Module [{owner}] is missing the required "forward" function',
)
NOT_PAIRS = Fault(
    "argument-type",
    "{name} takes layers or weights by name, got {got}",
    "TypeError: {torch_owner}.update should be called with an iterable of key/value pairs, but got {got}",
)
NOT_SEVERAL = Fault(
    "argument-type",
    "values takes several weights, got {got}",
    "TypeError: ParameterList.extend should be called with an iterable, but got {got}",
)
NOT_A_PAIR = Fault(
    "argument-type",
    "{name} takes pairs of a name and a value, got {got} as number {place}",
    "TypeError: {owner} update sequence element #{place} should be Iterable; is{got}",
)
PAIR_LENGTH = Fault(
    "argument-type",
    "{name} takes pairs of a name and a value, got {got} values as number {place}",
    "ValueError: {owner} update sequence element #{place} has length {got}; 2 is required",
)
NOT_A_LAYER = Fault("argument-type", "modules takes layers, got {got}", "TypeError: {got} is not a Module subclass")
NOT_A_NAME = Fault(
    "argument-type",
    "{name} takes strings for names, got {got}",
    "TypeError: module name should be a string. Got {got}",
)
NOT_A_KEY = Fault(
    "argument-type",
    NOT_A_NAME.says,
    "TypeError: Index given to ParameterDict cannot be used as a key as it is not a string (type is '{got}'). "
    "Open an issue on github if you need non-string keys.",
)
NOT_CALLED = Fault("no-forward", "holds weights and runs nothing", "RuntimeError: {owner} should not be called.")


class NoForward(Layer):
    """What holds layers or weights and runs nothing: torch takes any inputs, and then finds no forward."""

    fault = NO_FORWARD

    def _run(self, _inputs: tuple[Any, ...], _keywords: dict[str, Any]) -> Any:
        """Refuse."""
        raise Refusal(self.fault, "", {"owner": type(self).__name__})


class Module(NoForward, Composed):
    """A layer without a forward."""


class DataParallel(Composed, order="module device_ids output_device dim"):
    """Run a layer on parts of the batch on several devices; on the CPU it runs the layer."""

    module: Layer
    device_ids: Any = None
    output_device: Any = None
    dim: Any = 0
    later = ("module",)

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give the layer."""
        if isinstance(self.__dict__["module"], Layer):  # what else was given, torch says when it calls it
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

    modules: Layers | None = None

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give the layers by their places."""
        for place, layer in enumerate(self.modules or ()):
            yield str(place), layer


class ModuleDict(Module):
    """Layers by name."""

    modules: Any = None

    def check(self) -> None:
        """Refuse what holds no layers by name."""
        for name, part in pairs(self, "modules", self.modules, "ModuleDict"):
            require(isinstance(part, Layer), NOT_A_LAYER, "modules", got=type(part).__name__)
            require(isinstance(name, str), NOT_A_NAME, "modules", name="modules", got=type(name).__name__)

    def parts(self) -> Iterator[tuple[str, Layer]]:
        """Give the layers by their names."""
        yield from dict(self.modules or ()).items()


class ParameterList(Module):
    """Weights by number."""

    values: Any = None
    fault = NOT_CALLED
    factory = ()

    def check(self) -> None:
        """Refuse what is not several."""
        several = self.values is None or isinstance(self.values, (tuple, list, str))
        require(several, NOT_SEVERAL, "values", got=type(self.values).__name__)

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give the weights by their places; anything else in the list is kept, and is no weight."""
        for place, weight in enumerate(self.values or ()):
            if isinstance(weight, Tensor):
                yield str(place), tuple(weight)


class ParameterDict(Module):
    """Weights by name."""

    parameters: Any = None
    fault = NOT_CALLED
    factory = ()

    def check(self) -> None:
        """Refuse what holds nothing by name."""
        for name, _ in pairs(self, "parameters", self.parameters, "ParametersDict"):
            require(isinstance(name, str), NOT_A_KEY, "parameters", name="parameters", got=type(name).__name__)

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give the weights by their names; anything else is kept, and is no weight."""
        for name, weight in dict(self.parameters or ()).items():
            if isinstance(weight, Tensor):
                yield name, tuple(weight)


def pairs(layer: Layer, name: str, value: Any, torch_owner: str) -> list[tuple[Any, Any]]:
    """Return the pairs of a dict, or of a list of them; refuse anything else as torch does."""
    if value is None or isinstance(value, dict):
        return list((value or {}).items())
    known = {"name": name, "owner": type(layer).__name__}
    several = isinstance(value, (tuple, list, str))
    require(several, NOT_PAIRS, name, **known, torch_owner=torch_owner, got=type(value).__name__)
    for place, pair in enumerate(value):
        require(isinstance(pair, (tuple, list, str)), NOT_A_PAIR, name, **known, place=place, got=type(pair).__name__)
        require(len(pair) == PAIR, PAIR_LENGTH, name, **known, place=place, got=len(pair))
    return [(key, part) for key, part in value]


PAIR = 2
