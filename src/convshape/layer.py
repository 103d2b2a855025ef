"""Layer: the base of every torch.nn class. One declaration gives the signature, the shapes, the weights, the docs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.arguments import ARGUMENT_TYPE, MISSING_ARGUMENT, match
from convshape.dim import Dim
from convshape.faults import Fault, Refusal, require
from convshape.keeping import named
from convshape.kinds import HOLE, REQUIRED, Field, is_int, spread
from convshape.tensor import Tensor
from convshape.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

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
TENSORS = ("Tensor", "Tensor | None")
"""How `out` annotates an input that is a tensor."""

IMAGE = 2
"""Layers over images keep the channels last in memory, where they come so."""
NOT_INFERRED = Fault("not-inferred", "cannot work out {name} from its input: write the number")


class Layer:
    """A torch.nn class: its annotations are torch's signature, in torch's order, with torch's defaults.

    `out` gives the output shape, `weights` and `buffers` the names and shapes of what it stores, `check` refuses
    arguments as torch's constructor does, `macs` counts multiply-accumulates, `infer` works out what `_` stands for.
    """

    axes: ClassVar[int] = 0  # how many axes it slides over
    fields: ClassVar[dict[str, Field]] = {}
    later: ClassVar[tuple[str, ...]] = ()  # the arguments whose type torch looks at only in forward
    allocated: ClassVar[tuple[str, ...]] = ()  # and those at which it looks when it makes the weights, after `check`
    keeps: ClassVar[str] = "x"  # what autograd keeps for the backward: x its inputs, y its output, or nothing
    estimated: ClassVar[bool] = False  # whether that, with `workspace`, is a bound and not exactly what torch keeps
    lazy: ClassVar[str] = ""  # the argument that a Lazy class leaves out
    positional: ClassVar[int | None] = None  # how many arguments may come without their names; None is all of them
    tensors: ClassVar[dict[str, bool]] = {}  # the inputs that must be tensors, and whether they may be None
    forward: ClassVar[tuple[tuple[str, ...], int]] = (("x",), 1)  # the inputs of `out`, and how many it must get
    layout: ClassVar[str] = "follows"  # how an output lies in memory; or "packed", "channels", "input"
    training: bool = False
    pending: Refusal | None = None
    holes: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()  # the arguments that were holes

    def __init_subclass__(cls, axes: int | None = None, lazy: str = "", order: str = "", **options: Any) -> None:
        """Read the declaration: fields from the annotations, inputs from the parameters of `out`.

        `order` names torch's arguments where the annotations of the base classes come in another order; what follows
        a `*` in it goes by name only.
        """
        super().__init_subclass__(**options)
        if axes is not None:
            cls.axes = axes
        own = {
            name: Field(name, kind if isinstance(kind, str) else kind.__name__, cls.__dict__.get(name, REQUIRED))
            for name, kind in cls.__annotations__.items()
            if not str(kind).startswith("ClassVar")
        }
        cls.fields = {**cls.fields, **own}
        if lazy:
            cls.lazy = lazy
            cls.fields = {name: field for name, field in cls.fields.items() if name != lazy}
            cls.positional = cls.positional and cls.positional - 1
        if order:
            before, _, _ = order.partition("*")
            cls.positional = len(before.split()) if "*" in order else None
            cls.fields = {name: cls.fields[name] for name in order.replace("*", "").split()}
        code = cls.out.__code__
        names = code.co_varnames[1 : code.co_argcount]
        cls.forward = names, len(names) - len(cls.out.__defaults__ or ())
        kinds = {name: str(kind) for name, kind in cls.out.__annotations__.items()}
        cls.tensors = {name: "None" in kinds[name] for name in names if kinds.get(name) in TENSORS}

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        """Take the arguments that torch takes.

        Raises Refusal where torch's constructor refuses.
        """
        try:
            self._take(arguments, keywords)
        except Refusal as refusal:
            raise refusal.about(self) from None

    def _take(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        """Store the arguments and check them."""
        given = match(type(self).__name__, "__init__", tuple(self.fields), arguments, keywords, self.positional)
        for name, field in self.fields.items():
            self._set(field, given.get(name, field.default))
        if self.lazy:
            self._hole(self.lazy)
        self.check()
        if self.pending and self.pending.at in self.allocated:
            raise self.pending
        if not self.holes:
            self._allocate()

    def _set(self, field: Field, value: Any) -> None:
        """Store one argument, or note what torch will say of it."""
        name = field.name
        require(value is not REQUIRED, MISSING_ARGUMENT, name, name=name, owner=type(self).__name__, method="__init__")
        if value is HOLE:
            require(self._may_infer(name), NOT_INFERRED, name, name=name)
            self._hole(name)
            return
        try:
            self.__dict__[name] = field.read(value, self.axes)
        except ValueError:
            self.__dict__[name] = value
            refusal = self._wrong_type(field, value)
            if name not in self.later and name not in self.allocated:
                raise refusal from None
            self.pending = self.pending or refusal

    def _may_infer(self, name: str) -> bool:
        """Tell whether an input can decide an argument: it is the first, and a Lazy class has left that out."""
        return type(self).infer is not Layer.infer and not self.lazy and name == next(iter(self.fields))

    def _hole(self, name: str) -> None:
        """Leave an argument to be worked out from the input."""
        self.__dict__[name] = HOLE
        self.holes = (*self.holes, name)

    def _wrong_type(self, field: Field, value: Any) -> Refusal:
        """Say what an argument takes."""
        owner, method = type(self).__name__, "forward" if field.name in self.later else "__init__"
        told = {"name": field.name, "phrase": field.phrase, "value": value, "type": type(value).__name__}
        return Refusal(ARGUMENT_TYPE, field.name, {"owner": owner, "method": method, **told})

    def _allocate(self, inferred: tuple[Any, ...] = ()) -> None:
        """Refuse weights that no memory could hold, as torch does when it makes them; an input's sizes are no doubt."""
        for weight, shape in self.weights():
            for place, size in enumerate(shape):
                whole = is_int(size) and (place > 0 or not isinstance(size, bool))
                require(whole, WEIGHT_TYPE, weight=weight, shape=tuple(shape), got=type(size).__name__)
                if not any(size is known for known in inferred):
                    require(size >= 0, NEGATIVE_WEIGHT, weight=weight, shape=tuple(shape), size=size)

    def check(self) -> None:
        """Refuse what torch's constructor refuses."""

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

    def infer(self, _x: Tensor) -> dict[str, Any]:
        """Work out what `_` may stand for; only where the rank allows it."""
        return {}

    def fill(self, x: Tensor) -> Layer:
        """Return the layer with its holes filled from its input."""
        found = self.infer(x)
        for name in self.holes:
            require(name in found, NOT_INFERRED, name, name=name)
        layer = object.__new__(type(self))
        layer.__dict__.update(self.__dict__)
        layer.__dict__.update({name: found[name] for name in self.holes}, holes=(), filled=self.holes)
        layer.check()
        layer._allocate(tuple(found.values()))  # the same class
        return layer

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
            if self.pending:
                self.refuse(*inputs)
            if not isinstance(inputs[0], Tensor):
                raise Refusal(NOT_A_TENSOR, "", {"owner": type(self).__name__, "got": type(inputs[0]).__name__})
            return self.out(inputs[0])
        return self.out(**self._named(inputs, keywords))

    def _named(self, inputs: tuple[Any, ...], keywords: dict[str, Any]) -> dict[str, Any]:
        """Match the inputs to the names that `out` has for them; its `x` is torch's `input`."""
        names, least = self.forward
        if "input" in keywords and names[0] == "x":
            keywords = {"x" if name == "input" else name: value for name, value in keywords.items()}
        given = match(type(self).__name__, "forward", names, inputs, keywords)
        for name in names[:least]:
            require(name in given, MISSING_ARGUMENT, name=name, owner=type(self).__name__, method="forward")
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

    def refuse(self, *_inputs: Any) -> NoReturn:
        """Raise what was noted of the type of an argument; where torch looks at the input first, so does the layer."""
        raise self.pending or AssertionError("nothing was noted")

    def signature(self) -> str:
        """Write the layer as it is made: every argument that is not the default."""
        return "".join(text for text, _ in self.pieces())

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """Write the layer in pieces; True where `_` stood. A Lazy class shows as what it becomes, as in torch."""
        kind: type[Layer] = type(self)
        if self.filled:
            kind = next(base for base in kind.__mro__ if issubclass(base, Layer) and not base.lazy)
        yield f"{kind.__name__}(", False
        for place, (name, text) in enumerate(self._written(kind.fields)):
            yield ", " if place else "", False
            yield text, name in self.filled
        yield ")", False

    def _written(self, fields: dict[str, Field]) -> Iterator[tuple[str, str]]:
        """Write the arguments by name: the required ones by position, the others by keyword."""
        for name, field in fields.items():
            value = self.__dict__[name]
            if field.default is REQUIRED:
                yield name, short(value, self.axes)
            elif differs(value, field.default) and differs(value, (field.default,) * self.axes):
                yield name, f"{name}={short(value, self.axes)}"


def differs(value: Any, default: Any) -> bool:
    """Tell whether an argument is other than its default; a symbol is, whatever number it will be."""
    parts = value if isinstance(value, tuple) else (value,)
    return any(isinstance(part, Dim) for part in parts) or bool(value != default)


def short(value: Any, axes: int) -> str:
    """Write a value; one number where a layer that slides over axes has the same for each."""
    if axes and isinstance(value, tuple) and value and len(set(map(repr, value))) == 1:
        return str(value[0])
    return repr(value)


def tensors(result: Any, inputs: tuple[Any, ...]) -> Any:
    """Make Tensors of what a rule returns: a shape takes the dtype of the first input."""
    if result and isinstance(result[0], (tuple, type(None))):
        return tuple(part if part is None or isinstance(part, Tensor) else tensors(part, inputs) for part in result)
    return Tensor(result, inputs[0].dtype if inputs and isinstance(inputs[0], Tensor) else "float32")
