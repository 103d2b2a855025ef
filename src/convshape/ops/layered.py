"""Functions that follow the rule of a layer: how they make it of their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape import layers
from convshape.dtypes import C_NAMES, SCALARS, is_whole, tensor_name
from convshape.faults import Fault, require
from convshape.op import DECLARED, Op
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convshape.dim import Size
    from convshape.kinds import Field
    from convshape.layer import Layer
    from convshape.window import Window

CHECKED = ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout", "Hardtanh")
"""The layers whose constructor refuses what their function refuses, too."""
OTHER_DTYPE = Fault(
    "dtype",
    "takes weights of the dtype of its input, {want}, got {got}",
    "RuntimeError: mixed dtype (CPU): expect parameter to have scalar type of {want}",
)
OTHER_DTYPES = {
    "Linear": Fault(
        "dtype",
        OTHER_DTYPE.says,
        "RuntimeError: expected m1 and m2 to have the same dtype, but got: {c_want} != {c_got}",
    ),
    "PReLU": Fault(
        "dtype", OTHER_DTYPE.says, "RuntimeError: prelu: Type promoting not supported. Got {want} and {got}"
    ),
}
"""What torch says of weights that do not have the dtype of the input, where it is no norm's."""


class LayerOp(Op):
    """A function that follows the rule of a layer: `build` returns the layer of a call and its inputs."""

    __slots__ = ()

    def __init__(
        self, build: Callable[..., Any], name: str, where: str, fields: dict[str, Field] | None = None
    ) -> None:
        """Take the parameters of `build`, or others."""
        super().__init__(build, name, where, {}, fields)

    def call(self, arguments: tuple[Any, ...], keywords: dict[str, Any], *, bound: bool) -> Any:
        """Make the layer and call it."""
        layer, inputs = self.rule(**self.read(arguments, keywords, bound=bound))
        return called(layer, inputs)

    def checked(self, field: Field, value: Any) -> Any:
        """Return an argument as it is: the layer reads it."""
        super().checked(field, value)
        return value

    def macs(self, output: Any, inputs: tuple[Any, ...], keywords: dict[str, Any] | None) -> Size:
        """Count as the layer does."""
        layer, tensors = self.rule(**self.read(inputs, keywords or {}, bound=True))
        count: Size = layer.macs(output, *tensors)
        return count

    def shares(self, inputs: tuple[Any, ...]) -> bool:
        """Share memory as the layer does."""
        return bool(self.rule(**self.read(inputs, {}, bound=True))[0].shares)

    def kept(self, output: Any, inputs: tuple[Any, ...], keywords: dict[str, Any] | None) -> Iterator[Tensor]:
        """Keep what the layer keeps; weights that are given as tensors are not among it."""
        layer, tensors = self.rule(**self.read(inputs, keywords or {}, bound=True))
        kept: Iterator[Tensor] = layer.kept(output, *tensors)
        return kept

    def windows(self, inputs: tuple[Any, ...], keywords: dict[str, Any] | None) -> tuple[Window, ...]:
        """Slide as the layer does."""
        layer, tensors = self.rule(**self.read(inputs, keywords or {}, bound=True))
        found: tuple[Window, ...] = layer.windows(tuple(tensors[0][-layer.axes :])) if layer.axes else ()
        return found


def called(layer: Layer, inputs: tuple[Tensor, ...]) -> Any:
    """Call a layer whose weights may have a dtype of their own: the rules know those of float32."""
    dtype = layer.__dict__.get("stores")
    if dtype is None:
        return layer(*inputs)
    x = inputs[0]
    if x.dtype == dtype and not is_whole(dtype):
        output = layer(*(Tensor(one, "float32", one.strides) for one in inputs))
        return Tensor(output, dtype, output.strides)
    output = layer(*inputs)
    told = {
        "dtype": x.dtype,
        "scalar": SCALARS[x.dtype],
        "want": SCALARS[x.dtype],
        "c_want": C_NAMES[x.dtype],
        "tensor": tensor_name(x.dtype),
    }
    told |= {"got": SCALARS[dtype], "c_got": C_NAMES[dtype], "other": tensor_name(dtype)}
    require(x.dtype == dtype, other_dtype(layer, x), "weight", **told)
    return output


def other_dtype(layer: Layer, x: Tensor) -> Fault:
    """Return what torch says of weights that do not have the dtype of the input."""
    if type(layer).__name__.startswith("Conv"):
        from convshape.layers.convolution import HALF_DTYPE, WEIGHT_DTYPE, Convolution

        assert isinstance(layer, Convolution)  # noqa: S101  # by its name
        return HALF_DTYPE if layer.onednn(layer.batched(x), x.dtype) else WEIGHT_DTYPE
    return OTHER_DTYPES.get(type(layer).__name__, OTHER_DTYPE)


def layered(name: str | type[Layer], *, training: bool = False, stores: Tensor | None = None, **given: Any) -> Layer:
    """Make a layer of arguments as a function takes them: what only the constructor refuses is not looked at.

    `stores` is one of its weights, where they are given as tensors.
    """
    kind = layers.find(name) if isinstance(name, str) else name
    if kind is None:
        raise NotImplementedError(name)
    if name in CHECKED:
        layer = kind(**given)
    else:
        layer = object.__new__(kind)
        for field in kind.fields.values():
            layer._set(field, given.get(field.name, field.default))  # made as __init__ makes it
    layer.training = training
    if stores is not None:
        layer.__dict__["stores"] = stores.dtype
    return layer


def layer_function(build: Callable[..., Any], name: str, where: str = "function") -> None:
    """Declare a function that makes a layer from its arguments and calls it."""
    DECLARED[name] = LayerOp(build, name, where)
