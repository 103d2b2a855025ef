"""Bind: give what was written its meaning. Names become layers, blocks are written out, arguments become numbers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape import layers, ops
from convshape.evaluate import Evaluator
from convshape.faults import ConvshapeError, ReadError, Refusal, ShapeError
from convshape.layer import Layer
from convshape.network import Attribute, Binary, Call, Group, Index, Items, Line, Name, Node, Slice, Store, Unary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from convshape.dim import Symbols
    from convshape.network import Block, Network
    from convshape.source import Span

DEPTH = 60
"""How deep blocks may call blocks."""
LIMIT = 1_000_000
"""How many layers a network may have, repetitions and blocks written out."""


class Module(Node):
    """A layer with a place of its own for its weights: `path`, as a state_dict has it. `call` is where it is made."""

    __slots__ = ("layer", "path", "call")
    layer: Layer
    path: str
    call: Node


class Refused(Node):
    """A layer whose constructor refuses: the error waits until propagation comes to it."""

    __slots__ = ("error",)
    error: ShapeError


class Function(Node):
    """A torch function, by its name."""

    __slots__ = ("op",)
    op: Any


class Subnet(Node):
    """Lines that run with a scope of their own: a block that was called, a Sequential, a repetition."""

    __slots__ = ("lines", "path", "title")
    lines: tuple[BoundLine, ...]
    path: str
    title: str


class BoundLine(NamedTuple):
    """A line with its meaning: its name in a state_dict, the names that it gives, and what it evaluates."""

    path: str
    names: tuple[str, ...]
    value: Node


class Scope:
    """The names that a line can see: numbers, the modules that earlier lines named, and the outputs to come."""

    __slots__ = ("active", "modules", "outer", "values")

    def __init__(self, outer: Scope | None = None, active: tuple[str, ...] = ()) -> None:
        """Open a scope inside another one; `active` are the blocks being written out."""
        self.outer = outer
        self.values: dict[str, Any] = {}
        self.modules: dict[str, Node | None] = {}
        self.active = active

    def value(self, name: str, default: Any) -> Any:
        """Find a number."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.outer
        return default

    def knows(self, name: str) -> bool:
        """Tell whether an earlier line gave this name."""
        return name in self.modules or (self.outer is not None and self.outer.knows(name))

    def module(self, name: str) -> Node | None:
        """Return the module that an earlier line named."""
        if name in self.modules:
            return self.modules[name]
        return self.outer.module(name) if self.outer else None

    def names(self) -> set[str]:
        """Return every name, for suggestions."""
        return {*self.values, *self.modules, *(self.outer.names() if self.outer else ())}


class Binder(Evaluator):
    """Binds a network; as an Evaluator it works out the arguments of layers."""

    def __init__(self, network: Network, training: bool, extra: Mapping[str, type[Layer]]) -> None:  # noqa: FBT001
        """Start with the blocks of the network and the layers of the user."""
        super().__init__(network.source)
        self.blocks = network.blocks
        self.training = training
        self.extra = extra
        self.scope = Scope()
        self.made: dict[Node, Layer] = {}
        self.count = 0

    # --- lines ---

    def lines(self, layers: Iterable[Line | Group], path: str) -> tuple[BoundLine, ...]:
        """Bind lines in their order; a line without a name is named by its place, as in a Sequential."""
        bound: list[BoundLine] = []
        for item in layers:
            for _ in range(self.times(item)):
                self.count += 1
                if self.count > LIMIT:
                    raise ReadError("too-many-layers", f"the network has more than {LIMIT:,} layers", self.source)
                bound.append(self.group(item, path, len(bound)) if isinstance(item, Group) else self.line(item, path, len(bound)))
        return tuple(bound)

    def times(self, item: Line | Group) -> int:
        """Return how often a group is repeated."""
        if isinstance(item, Line) or item.count is None:
            return 1
        count = self.evaluate(item.count)
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise self.fail("repeat", "a repetition needs a whole number", item.count)
        if count > LIMIT:
            raise self.fail("too-many-layers", f"the network has more than {LIMIT:,} layers", item.count)
        return count

    def group(self, item: Group, path: str, place: int) -> BoundLine:
        """Bind a nested list; its layers see the names outside, and keep their own."""
        inner = join(path, item.name or str(place))
        scope = self.scope
        self.scope = Scope(scope, scope.active)
        subnet = Subnet(first_span(item), self.lines(item.layers, inner), inner, item.title)
        self.scope = scope
        if item.name:
            scope.modules[item.name] = subnet
        return BoundLine(inner, (item.name,) if item.name else (), subnet)

    def line(self, item: Line, path: str, place: int) -> BoundLine:
        """Bind one line and remember the names that it gives."""
        inner = join(path, item.names[0] if len(item.names) == 1 and item.names[0] != "x" else str(place))
        value = self.bind(item.value, inner)
        for name in item.names:
            module = value if isinstance(value, (Module, Subnet, Refused)) else None
            self.declare(name, module, item.value)
        return BoundLine(inner, item.names, value)

    def declare(self, name: str, module: Node | None, node: Node) -> None:
        """Let a line name its layer, once."""
        known = self.scope.modules.get(name)
        if module is not None and known is not None:
            raise self.fail("duplicate-name", f"the name {name} is taken by an earlier layer", node)
        if name.startswith("__"):
            raise self.fail("bad-name", f"{name} cannot name a layer", node)
        self.scope.modules[name] = module or known

    # --- expressions ---

    def bind(self, node: Node, path: str) -> Node:
        """Bind an expression: its layers are made, its functions found."""
        if isinstance(node, Name):
            return self.bound_name(node, path)
        if isinstance(node, Call):
            return self.bound_call(node, path)
        return self.rebuilt(node, path)

    def rebuilt(self, node: Node, path: str) -> Node:
        """Bind the parts of any other node."""
        if not isinstance(node, (Attribute, Binary, Index, Items, Slice, Store, Unary)):
            return node
        parts: list[Any] = []
        for place, part in enumerate(node.parts()):
            if isinstance(part, Node):
                parts.append(self.bind(part, f"{path}.{place}"))
            elif isinstance(part, tuple):
                parts.append(tuple(self.bind(item, f"{path}.{number}") for number, item in enumerate(part)))
            else:
                parts.append(part)
        return type(node)(node.span, *parts)

    def bound_name(self, node: Name, path: str) -> Node:
        """Bind a bare word: an output, a number, or a layer or block without arguments."""
        if node.id in ("x", "_") or self.scope.knows(node.id) or self.scope.value(node.id, None) is not None:
            return node
        made = self.make(Call(node.span, node), node.id, path)
        if made is not None:
            return made
        operation = ops.find(node.id)
        if operation is not None:
            return Function(node.span, operation)
        raise self.unknown(node)

    def bound_call(self, node: Call, path: str) -> Node:
        """Bind a call: a layer or block is made, an earlier layer or a function is called."""
        function = node.function
        if isinstance(function, Name):
            name = function.id
            module = self.scope.module(name)
            if module is None:
                made = self.make(node, name, path)
                if made is not None:
                    return made
            else:
                return self.applied(node, module, path)
        return self.applied(node, self.bind(function, path), path)

    def applied(self, node: Call, function: Node, path: str) -> Node:
        """Bind the arguments of a call."""
        arguments = tuple(self.bind(part, f"{path}.{place}") for place, part in enumerate(node.arguments))
        keywords = tuple((name, self.bind(part, f"{path}.{name}")) for name, part in node.keywords)
        return Call(node.span, function, arguments, keywords)

    def make(self, node: Call, name: str, path: str) -> Node | None:
        """Make the layer or block of a name, if there is one."""
        block = self.blocks.get(name)
        if block is not None:
            return self.expand(node, name, block, path)
        kind = self.kind(name)
        if kind is None:
            return None
        try:
            return Module(node.span, self.built(kind, node), path, node)
        except Refusal as refusal:
            return Refused(node.span, self.error(refusal, kind, node))

    def built(self, kind: type[Layer], node: Call) -> Layer:
        """Make a layer; a call that says the same gives the same layer, since a layer is a value."""
        arguments = tuple(map(self.evaluate, node.arguments))
        keywords = {name: self.evaluate(part) for name, part in node.keywords}
        if len(keywords) < len(node.keywords):
            raise self.fail("expression", "an argument stands twice", node)
        layer = kind(*arguments, **keywords)
        if self.training:
            layer.training = True
        return layer

    def error(self, refusal: Refusal, kind: type[Layer], node: Call) -> ShapeError:
        """Turn what a constructor refuses into an error at the argument."""
        error = ShapeError(refusal, "ctor", kind.__name__)
        error.place(self.source, argument_span(node, kind, refusal.at))
        return error

    def expand(self, node: Call, name: str, block: Block, path: str) -> Subnet:
        """Write a block out with its arguments."""
        outer = self.scope
        if name in outer.active:
            raise self.fail("recursive-block", f"the block {name} calls itself", node)
        if len(outer.active) >= DEPTH:
            raise self.fail("too-deep", f"blocks call blocks more than {DEPTH} deep", node)
        values = self.parameters(node, name, block)
        self.scope = Scope(outer, (*outer.active, name))
        self.scope.values.update(values)
        subnet = Subnet(node.span, self.lines(block.layers, path), path, name)
        self.scope = outer
        return subnet

    def parameters(self, node: Call, name: str, block: Block) -> dict[str, Any]:
        """Match the arguments of a block to its parameters."""
        names = [parameter for parameter, _ in block.parameters]
        if len(node.arguments) > len(names):
            raise self.fail("block", f"{name} takes {len(names)} arguments, got {len(node.arguments)}", node)
        given = dict(zip(names, map(self.evaluate, node.arguments), strict=False))
        for keyword, part in node.keywords:
            if keyword not in names or keyword in given:
                raise self.fail("block", f"{name} takes {', '.join(names) or 'no arguments'}, each once", part)
            given[keyword] = self.evaluate(part)
        for parameter, default in block.parameters:
            if parameter not in given:
                if default is None:
                    raise self.fail("block", f"{name} needs {parameter}", node)
                given[parameter] = self.evaluate(default)
        return given

    def kind(self, name: str) -> type[Layer] | None:
        """Find the class of a layer: the user's, torch's, or an installed package's."""
        found = self.extra.get(name) or layers.find(name)
        if found is None and name[:1].isupper() and name not in self.blocks:
            found = self.installed.get(name)
        return found

    @cached_property
    def installed(self) -> Mapping[str, type[Layer]]:
        """The layers of installed packages, looked for when a name is not known otherwise."""
        from convshape.extensions import installed

        return installed()

    # --- arguments of layers ---

    def lookup(self, name: str, default: Any) -> Any:
        """Find a variable, a parameter of a block, or a symbol."""
        return self.scope.value(name, default)

    def call(self, node: Call) -> Any:
        """Evaluate a call among the arguments: a layer that a layer takes, or float("inf")."""
        if isinstance(node.function, Name):
            name = node.function.id
            kind = self.kind(name)
            if kind is not None:
                return self.built(kind, node)
            if name in NUMBERS:
                return self.number(node, name)
        raise self.fail("expression", "an argument is a number, a word or a layer", node)

    def number(self, node: Call, name: str) -> Any:
        """Evaluate float("inf"), int(...), min(...), max(...), round(...), len(...) of numbers."""
        try:
            return NUMBERS[name](*map(self.evaluate, node.arguments))
        except (TypeError, ValueError, OverflowError) as error:
            raise self.fail("expression", f"cannot work out {name}: {error}", node) from None

    def unknown(self, node: Name) -> ConvshapeError:
        """Suggest the nearest name."""
        from convshape.read.yaml import did_you_mean

        known = {*self.scope.names(), *self.blocks, *self.extra, *layers.FAMILY, *ops.FAMILY}
        what = "layer" if node.id[:1].isupper() else "name"
        words = f"no layer, function or variable is called {node.id}{did_you_mean(node.id, sorted(known))}"
        return self.fail(f"unknown-{what}", words, node)


NUMBERS: dict[str, Any] = {"float": float, "int": int, "min": min, "max": max, "round": round, "len": len, "bool": bool}


def join(path: str, name: str) -> str:
    """Write the name of a module inside another."""
    return f"{path}.{name}" if path else name


def first_span(item: Line | Group) -> Span:
    """Return where a group starts."""
    while isinstance(item, Group):
        item = item.layers[0]
    return item.value.span


def argument_span(node: Call, kind: type[Layer], at: str) -> Span:
    """Return where an argument was written, else the whole call."""
    for name, part in node.keywords:
        if name == at:
            return part.span
    names = list(kind.fields)
    if at in names and names.index(at) < len(node.arguments):
        return node.arguments[names.index(at)].span
    return node.span


def bind(
    network: Network,
    symbols: Symbols,
    *,
    settings: Mapping[str, Any] | None = None,
    training: bool = False,
    extra: Mapping[str, type[Layer]] | None = None,
) -> tuple[BoundLine, ...]:
    """Bind a network; `settings` override its variables, `extra` are layers of the user's by name.

    Raises ReadError for a name or an argument that has no meaning. A layer that refuses its arguments is bound as
    Refused: propagation shows the rows before it.
    """
    binder = Binder(network, training, extra or {})
    values = binder.scope.values
    for name in symbols.names:
        values[name] = symbols.symbol(name)
    for name, node in network.variables.items():
        values[name] = binder.evaluate(node)
        if settings and name in settings:
            values[name] = settings[name]
    for name in settings or ():
        if name not in network.variables:
            raise ReadError("unknown-variable", f"the network has no variable {name}", network.source)
    for name in network.inputs:
        binder.scope.modules[name] = None
    return binder.lines(network.layers, "")
