"""Layer: the base of every torch.nn class. One declaration gives the signature, the shapes, the weights, the docs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from convshape.arguments import Signature, match
from convshape.declaration import NOT_INFERRED, Declaration, eager
from convshape.faults import Fault, Refusal, require
from convshape.keeping import named
from convshape.kinds import LONGEST, is_int, spread
from convshape.tensor import Tensor
from convshape.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.dim import Size
    from convshape.tensor import Sizes

NEGATIVE_WEIGHT = Fault(
    "negative-weight",
    "would have a {weight} of shape {shape}",
    "RuntimeError: Trying to create tensor with negative dimension {size}: {shape}",
)
WEIGHT_TYPE = Fault(
    "argument-type",
    "would have a {weight} of shape {shape}: a size is a whole number",
    "TypeError: empty(): argument 'size' (position 1) must be tuple of ints, but found element of type {got} at pos 0",
)
NOT_A_TENSOR = Fault(
    "not-a-tensor",
    "takes a tensor, got {got}",
    "TypeError: {owner}(): argument 'input' (position 1) must be Tensor, not {got}",
)
FACTORY = ("device", "dtype")
"""What torch's classes with weights take, too: it says nothing of a shape."""
TENSORS = ("Tensor", "Tensor | None")
"""How `out` annotates an input that is a tensor."""

IMAGE = 2
"""Layers over images keep the channels last in memory, where they come so."""


class Layer(Declaration):
    """A torch.nn class: its annotations are torch's signature, in torch's order, with torch's defaults.

    `out` gives the output shape, `weights` and `buffers` the names and shapes of what it stores, `macs` counts
    multiply-accumulates; `check` refuses arguments as torch's constructor does, `infer` works out what `_` stands for.
    """

    keeps: ClassVar[str] = "x"  # what autograd keeps for the backward: x its inputs, y its output, or nothing
    estimated: ClassVar[bool] = False  # whether that, with `workspace`, is a bound and not exactly what torch keeps
    tensors: ClassVar[dict[str, bool]] = {}  # the inputs that must be tensors, and whether they may be None
    called: ClassVar[str] = "input"  # what torch's forward calls the `x` of `out`
    forward: ClassVar[tuple[tuple[str, ...], int]] = (("x",), 1)  # the inputs of `out`, and how many it must get
    layout: ClassVar[str] = "follows"  # how an output lies in memory; or "packed", "channels", "input"

    def __init_subclass__(cls, **options: Any) -> None:
        """Read the declaration: besides the arguments, the inputs from the parameters of `out`."""
        super().__init_subclass__(**options)
        rule = undecorated(cls.out)
        names = rule.__code__.co_varnames[1 : rule.__code__.co_argcount]
        cls.forward = names, len(names) - len(rule.__defaults__ or ())
        kinds = {name: str(kind) for name, kind in rule.__annotations__.items()}
        if "weights" in cls.__dict__ and "factory" not in cls.__dict__:
            cls.factory = FACTORY
        cls.tensors = {name: "None" in kinds[name] for name in names if kinds.get(name) in TENSORS}

    def _take(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """Store the arguments, check them, and make the weights."""
        super()._take(arguments, keywords)
        if not self.holes:
            self._allocate()

    def _allocate(self, inferred: tuple[Any, ...] = ()) -> None:
        """Refuse weights that no memory could hold, as torch does when it makes them; an input's sizes are no doubt."""
        for weight, shape in self.weights():
            for place, size in enumerate(shape):
                if type(size) is int and 0 <= size < LONGEST:  # as nearly all are
                    continue
                whole = is_int(size) and (place > 0 or not isinstance(size, bool))
                require(whole, WEIGHT_TYPE, weight=weight, shape=tuple(shape), got=type(size).__name__)
                if not any(size is known for known in inferred):
                    told = {"weight": weight, "shape": tuple(shape), "size": size}
                    require(size >= 0, NEGATIVE_WEIGHT, self._giving(size), **told)

    def _giving(self, size: Size) -> str:
        """Name the argument that gives a size, if it is one of its numbers."""
        numbers = {name: spread(self.__dict__[name], 1) for name in self.fields} if type(size) is int else {}
        return next((name for name, several in numbers.items() if any((one == size) is True for one in several)), "")

    if TYPE_CHECKING:  # a subclass takes the inputs that torch's forward takes

        def out(self, *inputs: Any, **keywords: Any) -> Any:
            """Return the output shape: a tuple of sizes, a Tensor, or a nested tuple of them."""
    else:

        def out(self, x: Tensor) -> Any:
            """Return the output shape: a tuple of sizes, a Tensor, or a nested tuple of them."""
            return x

    def weights(self) -> Iterator[tuple[str, Sizes]]:
        """Give the names and shapes of the parameters, in torch's order."""
        return iter(())

    def buffers(self) -> Iterator[tuple[str, Sizes]]:
        """Give the names and shapes of the buffers, in torch's order."""
        return iter(())

    def macs(self, _output: Any, *_inputs: Any) -> Size:
        """Count the multiply-accumulates of one forward."""
        return 0

    @property
    def shares(self) -> bool:
        """Whether its output is the memory of its input."""
        return bool(self.__dict__.get("inplace", False))

    def workspace(self, _output: Any, *_inputs: Any) -> Iterator[Tensor]:
        """Give what autograd keeps besides, as tensors of its own: noise, indices, statistics."""
        return iter(())

    def kept(self, output: Any, *inputs: Any) -> Iterator[Tensor]:
        """Give what autograd keeps for the backward; source: torch's derivatives.yaml."""
        yield from named(self.keeps, output, inputs)
        yield from self.workspace(output, *inputs)

    def expects(self) -> tuple[Size | str, ...] | None:
        """Return the input that it fixes, sizes it leaves open by their letters: ("N", 3, "H", "W"); None if none."""
        return None

    def letters(self, _output: Any) -> tuple[str, ...]:
        """Name the axes of an output: ("N", "C", "L"); empty where they have no letters."""
        return ()

    def windows(self, _lengths: Sizes) -> tuple[Window, ...]:
        """Return the window of each axis that it slides over, for the receptive field; empty where there is none.

        `lengths` are the sizes of the last axes of its input.
        """
        kernel, stride = getattr(self, "kernel_size", None), getattr(self, "stride", None)
        if not self.axes or kernel is None or "stride" not in self.fields:
            return ()
        kernel, dilation = spread(kernel, self.axes), spread(getattr(self, "dilation", 1), self.axes)
        padding = getattr(self, "padding", 0)
        if isinstance(padding, str):
            padding = tuple(d * (k - 1) // 2 if padding == "same" else 0 for k, d in zip(kernel, dilation, strict=True))
        settings = (
            kernel,
            spread(kernel if stride in (None, ()) else stride, self.axes),
            spread(padding, self.axes),
            dilation,
        )
        transposed = "output_padding" in self.fields
        return tuple(Window(*setting, transposed=transposed) for setting in zip(*settings, strict=True))

    def fill(self, x: Tensor) -> Layer:
        """Return the layer with its holes filled from its input."""
        found = self.infer(x)
        for name in self.holes:
            require(name in found, NOT_INFERRED, name, name=name)
        layer = object.__new__(type(self))
        layer.__dict__.update(self.__dict__)
        layer.__dict__.update({name: found[name] for name in self.holes}, holes=(), filled=self.holes)
        try:
            layer.check()
            layer._allocate(tuple(found.values()))  # the same class
        except Refusal as refusal:
            raise refusal.about(layer) from None
        return layer

    @property
    def _taken(self) -> Signature:
        """What its forward may be called with."""
        kind: Any = type(self)  # mypy does not know a class to be hashable
        return forwarded(kind)

    def placed(self, keywords: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Put the first input into its place, where it is given by name."""
        rest = dict(keywords)
        first = self._taken.names[0]
        return ((rest.pop(first),), rest) if first in rest else ((), rest)

    def ready(self, inputs: tuple[Any, ...], keywords: dict[str, Any] | None = None) -> Layer:
        """Return the layer with its holes filled from the input that it is called on, by place or by name."""
        if not self.holes:
            return self
        inputs = inputs or self.placed(keywords or {})[0]
        return self.fill(inputs[0]) if inputs and isinstance(inputs[0], Tensor) else self

    def __call__(self, *inputs: Any, **keywords: Any) -> Any:
        """Return what forward gives for these inputs.

        Raises Refusal where torch's forward refuses.
        """
        try:
            result = self._run(inputs, keywords)
        except Refusal as refusal:
            raise refusal.about(self) from None
        if not isinstance(result, Tensor):
            result = tensors(result, inputs or tuple(keywords.values()))
        return self.stored(result, inputs[0]) if inputs and getattr(inputs[0], "strides", None) else result

    def stored(self, output: Any, x: Tensor) -> Any:
        """Return an output as it lies in memory, where the input was not contiguous."""
        from convshape.strides import channels_last, is_channels_last, settled

        if self.layout == "input" or not isinstance(output, Tensor):
            return output
        if self.layout != "packed" and (self.axes == IMAGE or self.layout == "channels") and is_channels_last(x):
            return channels_last(output)
        return settled(output) if self.layout == "follows" else Tensor(output, output.dtype)

    def _run(self, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call the rule, unless the inputs are none that it takes."""
        if len(inputs) == 1 == self.forward[1] and not keywords:
            if not isinstance(inputs[0], Tensor):
                raise Refusal(NOT_A_TENSOR, "", {"owner": type(self).__name__, "got": type(inputs[0]).__name__})
            if self.noted:
                self.refuse(*inputs)
            return self.out(inputs[0])
        return self.out(**self._named(inputs, keywords))

    def _named(self, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, Any]:
        """Match the inputs to the names that `out` has for them; its `x` is torch's `input`."""
        given = match(self._taken, inputs, keywords)
        pairs = zip(self.forward[0], self._taken.names, strict=True)
        given = {name: given[torch] for name, torch in pairs if torch in given}
        if self.pending:
            raise self.pending
        for name, optional in self.tensors.items():
            value = given.get(name)
            holds = isinstance(value, Tensor) or (value is None and (optional or name not in given))
            require(holds, NOT_A_TENSOR, owner=type(self).__name__, got=type(value).__name__)
        return given

    def positional_inputs(self, inputs: tuple[Any, ...], keywords: dict[str, Any] | None) -> tuple[Any, ...]:
        """Put the tensors that were given by name into their places."""
        if not keywords:
            return inputs
        named = self._named(inputs, keywords)
        return tuple(named[name] for name in self.forward[0] if isinstance(named.get(name), Tensor))

    def module(self) -> Any:
        """Return the real module, for a layer that torch.nn does not have; None otherwise. Only a dry run asks."""
        return None

    def refuse(self, *_inputs: Any) -> None:
        """Raise what was noted of the type of an argument; where torch looks at the input first, so does the layer."""
        if self.pending:
            raise self.pending


@cache
def forwarded(kind: type[Layer]) -> Signature:
    """Return what the forward of a class may be called with, by the names of torch."""
    names, least = kind.forward
    torchs = tuple(kind.called if name == "x" else name for name in names)
    return Signature(kind.forward_of or eager(kind).__name__, "forward", torchs, len(torchs), torchs[:least])


def undecorated(function: Any) -> Any:
    """Return the function that decorators, as functools.wraps makes them, are wrapped around."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def tensors(result: Any, inputs: tuple[Any, ...]) -> Any:
    """Make Tensors of what a rule returns: a shape takes the dtype of the first input."""
    if not isinstance(result, (tuple, list)) or any(isinstance(part, (float, str)) for part in result):
        raise TypeError(f"an output is a tuple of whole numbers, a Tensor, or several of them, not {result!r}")
    if result and isinstance(result[0], (tuple, type(None))):
        return tuple(part if part is None or isinstance(part, Tensor) else tensors(part, inputs) for part in result)
    return Tensor(result, inputs[0].dtype if inputs and isinstance(inputs[0], Tensor) else "float32")
