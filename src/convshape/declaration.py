"""Declaration: what a class of torch.nn takes. Its annotations are torch's signature, read once for each class."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from convshape.arguments import ARGUMENT_TYPE, Signature, match
from convshape.dim import Dim
from convshape.dtypes import Dtype
from convshape.faults import Fault, Refusal, require
from convshape.kinds import HOLE, REQUIRED, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.tensor import Tensor

NOT_INFERRED = Fault("not-inferred", "cannot work out {name} from its input: write it out")
FACTORY_TYPE = Fault(
    "argument-type",
    "{name} takes a torch.{name}, got {got}",
    "TypeError: empty(): argument '{name}' must be torch.{name}, not {got}",
)
FITTING = {"device": {type(None), str, int}, "dtype": {type(None), Dtype}}
"""What the arguments of the weights may be."""
REPEATED = (str, bytes, list, tuple)
"""What Python repeats, or fills in, where a number would be multiplied: nothing is calculated with it."""


class Declaration:
    """The arguments of a torch.nn class: annotations in torch's order, with torch's defaults.

    `check` refuses them as torch's constructor does, `infer` works out what `_` stands for.
    """

    axes: ClassVar[int] = 0  # how many axes it slides over
    fields: ClassVar[dict[str, Field]] = {}
    later: ClassVar[tuple[str, ...]] = ()  # the arguments whose type torch looks at only in forward
    lazy: ClassVar[str] = ""  # the argument that a Lazy class leaves out
    positional: ClassVar[int | None] = None  # how many arguments may come without their names; None is all of them
    factory: ClassVar[tuple[str, ...]] = ()  # what torch takes behind the others for its weights, device and dtype
    apart: ClassVar[bool] = False  # and whether those go by name only
    init_of: ClassVar[str] = ""  # the class that torch's own inherits its constructor from: errors name it
    forward_of: ClassVar[str] = ""  # and its forward
    home: ClassVar[str] = ""  # where the module of a class is that torch.nn does not have: "package.module.Class"
    releases: ClassVar[str] = ""  # what an older torch does otherwise, in a sentence
    training: bool = False
    noted: tuple[Refusal, ...] = ()  # what to say of arguments of a wrong type once torch would look at them
    holes: tuple[str, ...] = ()  # the arguments that wait for an input
    filled: tuple[str, ...] = ()  # and those that did

    def __init_subclass__(cls, axes: int | None = None, lazy: str = "", order: str = "", **options: Any) -> None:
        """Read the arguments from the annotations, in the order of the classes.

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
        kind: Any = type(self)  # mypy does not know a class to be hashable
        given = match(constructor(kind), arguments, keywords)
        known = usual(kind)
        self.__dict__.update(known)
        for name, field in self.fields.items():
            if name in given or name not in known:
                self._set(field, given.get(name, field.default))
        if self.lazy:
            self._hole(self.lazy)
        self._check()
        for name in kind.factory:
            value = given.get(name)
            require(type(value) in FITTING[name], FACTORY_TYPE, name, name=name, got=type(value).__name__)

    def _check(self) -> None:
        """Check the arguments, then their types: torch calculates with what it gets until it makes the weights."""
        if any(isinstance(self.__dict__[one.at], REPEATED) and one.at not in self.later for one in self.noted):
            raise self.pending or self.noted[0]
        try:
            self.check()
        except (TypeError, AttributeError):
            if self.pending is None:
                raise
            raise self.pending from None
        if self.pending and self.pending.at not in self.later:
            raise self.pending

    def _set(self, field: Field, value: Any) -> None:
        """Store one argument, or note what torch will say of it."""
        name = field.name
        if value is HOLE:
            require(self._may_infer(name), NOT_INFERRED, name, name=name)
            self._hole(name)
            return
        try:
            self.__dict__[name] = field.read(value, self.axes)
        except ValueError:
            self.__dict__[name] = value
            self.noted = (*self.noted, self._wrong_type(field, value))

    @property
    def pending(self) -> Refusal | None:
        """What torch will say of the type of an argument: what it looks at in its constructor comes first."""
        noted = [refusal for refusal in self.noted if refusal.at not in self.unread()] if self.noted else ()
        return min(noted, key=lambda refusal: refusal.at in self.later, default=None)

    def unread(self) -> tuple[str, ...]:
        """Name the arguments that torch does not look at beside the others."""
        return ()

    def _may_infer(self, name: str) -> bool:
        """Tell whether an input can decide an argument: it is the first, and a Lazy class has left that out."""
        return type(self).infer is not Declaration.infer and not self.lazy and name == next(iter(self.fields))

    def _hole(self, name: str) -> None:
        """Leave an argument to be worked out from the input."""
        self.__dict__[name] = HOLE
        self.holes = (*self.holes, name)

    def _wrong_type(self, field: Field, value: Any) -> Refusal:
        """Say what an argument takes."""
        owner, method = type(self).__name__, "forward" if field.name in self.later else "__init__"
        told = {"name": field.name, "phrase": field.phrase, "value": value, "type": type(value).__name__}
        return Refusal(ARGUMENT_TYPE, field.name, {"owner": owner, "method": method, **told})

    def check(self) -> None:
        """Refuse what torch's constructor refuses."""

    def infer(self, _x: Tensor) -> dict[str, Any]:
        """Work out what `_` may stand for; only where the rank allows it."""
        return {}

    def signature(self) -> str:
        """Write the layer as it is made: every argument that is not the default."""
        return "".join(text for text, _ in self.pieces())

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """Write the layer in pieces; True where `_` stood. A Lazy class shows as what it becomes, as in torch."""
        kind = eager(type(self)) if self.filled else type(self)
        yield f"{kind.__name__}(", False
        for place, (name, text) in enumerate(self._written(kind.fields)):
            yield ", " if place else "", False
            yield text, name in self.filled
        yield ")", False

    def _written(self, fields: dict[str, Field]) -> Iterator[tuple[str, str]]:
        """Write the arguments by name: the required ones by position, the others by keyword."""
        for name, field in fields.items():
            value, count = self.__dict__[name], field.count(self.axes)
            if field.default is REQUIRED:
                yield name, short(value, count)
            elif differs(value, field.default) and differs(value, (field.default,) * count):
                yield name, f"{name}={short(value, count)}"


def eager(kind: type[Declaration]) -> type[Declaration]:
    """Return the class that a Lazy one becomes; any other is itself."""
    return next(base for base in kind.__mro__ if issubclass(base, Declaration) and not base.lazy)


@cache
def constructor(kind: type[Declaration]) -> Signature:
    """Return what the constructor of a class may be called with."""
    names = list(kind.fields)
    place = len(names) if kind.positional is None else kind.positional
    names[place:place] = kind.factory
    needed = tuple(name for name, field in kind.fields.items() if field.default is REQUIRED)
    most = place if kind.apart else place + len(kind.factory)
    return Signature(kind.init_of or kind.__name__, "__init__", tuple(names), most, needed)


@cache
def usual(kind: type[Declaration]) -> dict[str, Any]:
    """Return what the rules of a class see of its arguments where they are not given."""
    found = {}
    for name, field in kind.fields.items():
        if field.default is not REQUIRED:
            with suppress(ValueError):  # torch has defaults that it does not take
                found[name] = field.read(field.default, kind.axes)
    return found


def differs(value: Any, default: Any) -> bool:
    """Tell whether an argument is other than its default; a symbol is, whatever number it will be."""
    parts = value if isinstance(value, tuple) else (value,)
    return any(isinstance(part, Dim) for part in parts) or bool(value != default)


def short(value: Any, count: int) -> str:
    """Write a value; one number where a layer that slides over axes has the same for each: a full `count` of them."""
    if isinstance(value, tuple) and len(value) == count and len(set(map(repr, value))) == 1:
        return str(value[0])
    return repr(value)
