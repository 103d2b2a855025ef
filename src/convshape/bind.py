"""Bind: give what was written its meaning. Names become layers, blocks are written out, arguments become numbers."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape import layers, ops
from convshape.dtypes import CONSTANTS
from convshape.evaluate import Evaluator, article
from convshape.faults import ConvshapeError, ReadError, Refusal, ShapeError
from convshape.inputs import letters
from convshape.layer import UNKNOWN_ARGUMENT, Layer
from convshape.network import (
    ASIDE, MADE, Attribute, Binary, Call, Group, Index, Items, Line, Literal, Name, Nested, Node, Slice, Store, Unary,
)  # fmt: skip
from convshape.ops.numbers import NUMBERS
from convshape.source import Span
from convshape.suggest import clipped, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from convshape.dim import Symbols
    from convshape.network import Block, Names, Network

DEPTH = 60
"""How deep blocks and nested lists may stand in each other."""
LIMIT = 50_000
"""How many layers a network may have, repetitions and blocks written out."""
UNSET = object()
FACTORY = ("device", "dtype")
"""What torch's classes with weights take, too: they say nothing of a shape."""
REACH = 80
"""How far before a layer its name may stand."""
CONTAINERS = ("ModuleList", "ModuleDict", "ParameterList", "ParameterDict")
"""What torch has for holding layers, and no forward for."""


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


class Aside(Node):
    """A result that is only named: `x` stays what it was."""

    __slots__ = ("value",)
    value: Node


class BoundLine(NamedTuple):
    """A line with its meaning: its name in a state_dict, the names that it gives, and what it evaluates."""

    path: str
    names: Names
    value: Node


class Scope:
    """The names that a line can see: numbers, the modules that earlier lines named, and the outputs to come."""

    __slots__ = ("active", "depth", "modules", "outer", "values")

    def __init__(self, outer: Scope | None = None, active: tuple[str, ...] = ()) -> None:
        """Open a scope inside another one; `active` are the blocks being written out."""
        self.outer = outer
        self.values: dict[str, Any] = {}
        self.modules: dict[str, Node | None] = {}
        self.active = active
        self.depth: int = outer.depth + 1 if outer else 0

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
        self.base = self.scope = Scope()
        self.count = 0

    # --- lines ---

    def lines(self, layers: Iterable[Line | Group], path: str) -> tuple[BoundLine, ...]:
        """Bind lines in their order; a line without a name is named by its place, as in a Sequential."""
        bound: list[BoundLine] = []
        for item in layers:
            if item.role == MADE:
                self.named(item, path, 0)
                continue
            if isinstance(item, Line) or item.count is None:
                bound.append(self.named(item, path, len(bound)))
            elif item.name:
                bound.append(self.stage(item, path))
            else:
                for _ in range(self.times(item.count)):
                    bound.append(self.named(item, path, len(bound)))
        return tuple(bound)

    def named(self, item: Line | Group, path: str, place: int) -> BoundLine:
        """Bind a line or a group at its place; count it."""
        self.count += 1
        if self.count > LIMIT:
            raise ReadError(
                "too-many-layers", f"the network has more than {LIMIT:,} layers", self.source, first_span(item)
            )
        return self.line(item, path, place) if isinstance(item, Line) else self.group(item, path, place)

    def stage(self, item: Group, path: str) -> BoundLine:
        """Bind a repetition that has a name: its repetitions stand inside, by number."""
        assert item.name and item.count is not None  # noqa: S101, PT018  # lines() has checked
        inner, once = join(path, item.name), item._replace(name=None, count=None)
        bound = tuple(self.named(once, inner, number) for number in range(self.times(item.count)))
        subnet = Subnet(first_span(item), bound, inner, item.title)
        self.declare(item.name, subnet, subnet)
        return BoundLine(inner, (item.name,), subnet)

    def times(self, node: Node) -> int:
        """Return how often a group is repeated."""
        count = self.evaluate(node)
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise self.fail("repeat", f"a repetition needs a whole number, got {shown(count)}", node)
        if count > LIMIT:
            raise self.fail("too-many-layers", f"the network has more than {LIMIT:,} layers", node)
        return count

    def group(self, item: Group, path: str, place: int) -> BoundLine:
        """Bind a nested list; its layers see the names outside, and keep their own."""
        inner = join(path, item.name or str(place))
        subnet = self.nested(first_span(item), item.layers, inner, item.title)
        if item.name:
            self.declare(item.name, subnet, subnet)
        return BoundLine(inner, (item.name,) if item.name else (), subnet)

    def nested(self, span: Span, layers: tuple[Line | Group, ...], path: str, title: str) -> Subnet:
        """Bind lines in a scope of their own."""
        outer = self.scope
        self.scope = self.inside(outer, outer.active, span)
        subnet = Subnet(span, self.lines(layers, path), path, title)
        self.scope = outer
        return subnet

    def inside(self, outer: Scope, active: tuple[str, ...], span: Span) -> Scope:
        """Open a scope, unless too many are open."""
        if self.scope.depth >= DEPTH:
            raise ReadError("too-deep", f"the network nests more than {DEPTH} deep", self.source, span)
        scope = Scope(outer, active)
        scope.depth = self.scope.depth + 1
        return scope

    def line(self, item: Line, path: str, place: int) -> BoundLine:
        """Bind one line and remember the names that it gives."""
        only = item.names[0] if len(item.names) == 1 else ""
        inner = join(path, only if isinstance(only, str) and only not in ("", "x") else str(place))
        value = self.bind(item.value, inner)
        if isinstance(value, Literal):
            raise self.fail("no-tensor", "a line is a layer or an expression of tensors: a number belongs in `vars:`", value)
        for name in flat(item.names):
            module = value if isinstance(value, (Module, Subnet, Refused)) else None
            self.declare(name, module, item.value)
        aside = item.role == ASIDE or len(item.names) > 1
        return BoundLine(inner, item.names, Aside(value.span, value) if aside else value)

    def declare(self, name: str, module: Node | None, node: Node) -> None:
        """Let a line name its layer, once."""
        known = self.scope.modules.get(name)
        if module is not None and known is not None:
            words = f"the name {clipped(name)} is taken by an earlier layer"
            raise ReadError("duplicate-name", words, self.source, self.named_at(name, node.span))
        if name.startswith("__"):
            span = self.named_at(name, node.span)
            raise ReadError("bad-name", f"{clipped(name)!r} cannot name a layer", self.source, span)
        self.scope.modules[name] = module or known

    # --- expressions ---

    def bind(self, node: Node, path: str) -> Node:
        """Bind an expression: its layers are made, its functions found."""
        if isinstance(node, Name):
            return self.bound_name(node, path)
        if isinstance(node, Call):
            return self.bound_call(node, path)
        if isinstance(node, Nested):
            return self.nested(node.span, node.layers, path, "")
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
        if node.id in ("x", "_") or self.scope.knows(node.id):
            return node
        value = self.scope.value(node.id, UNSET)
        if value is not UNSET:
            return Literal(node.span, value)
        made = self.make(Call(node.span, node), node.id, path)
        if made is not None:
            return made
        if node.id in CONSTANTS:
            return Literal(node.span, CONSTANTS[node.id])
        operation = ops.find(node.id, "function")
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
            operation = ops.find(name, "function")  # `float(3)` is a function, where `float` alone is a dtype
            if operation is not None and not self.scope.knows(name):
                return self.applied(node, Function(function.span, operation), path)
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
        ignored = FACTORY if kind.weights is not Layer.weights else ()
        keywords = {name: self.evaluate(part) for name, part in node.keywords if name not in ignored}
        if len(keywords) < len(node.keywords):
            self.once(node)
        layer = kind(*arguments, **keywords)
        if self.training:
            layer.training = True
        return layer

    def once(self, node: Call) -> None:
        """Refuse a keyword that stands twice."""
        names = [name for name, _ in node.keywords]
        for place, (name, part) in enumerate(node.keywords):
            if name in names[:place]:
                words = f"the argument {name} stands twice"
                raise ReadError("repeated-argument", words, self.source, self.named_at(name, part.span))

    def error(self, refusal: Refusal, kind: type[Layer], node: Call) -> ShapeError:
        """Turn what a constructor refuses into an error at the argument."""
        error = ShapeError(refusal, "ctor", kind.__name__)
        error.place(self.source, argument_span(node, kind, refusal.at))
        if refusal.fault is UNKNOWN_ARGUMENT and error.span is not None:
            error.span = self.named_at(refusal.at, error.span)
            close = did_you_mean(refusal.at, kind.fields)
            error.label = close.removeprefix("; ") or f"it takes {', '.join(kind.fields) or 'no arguments'}"
        return error

    def named_at(self, name: str, span: Span) -> Span:
        """Return where a name is written before what it names."""
        text = self.source.text
        start = text.rfind(name, max(span.start - len(name) - REACH, 0), span.start)
        found = start >= 0 and re.fullmatch(r"[\s\"':=,(\[{-]*", text[start + len(name) : span.start])
        return Span(start, start + len(name)) if found else span

    def expand(self, node: Call, name: str, block: Block, path: str) -> Subnet:
        """Write a block out with its arguments."""
        outer = self.scope
        if name in outer.active:
            raise self.fail("recursive-block", f"the block {name} calls itself", node)
        values = self.parameters(node, name, block)
        self.scope = self.inside(self.base, (*outer.active, name), node.span)
        self.scope.values.update(values)
        subnet = Subnet(node.span, self.lines(block.layers, path), path, name)
        self.scope = outer
        return subnet

    def parameters(self, node: Call, name: str, block: Block) -> dict[str, Any]:
        """Match the arguments of a block to its parameters."""
        names = [parameter for parameter, _ in block.parameters]
        if len(node.arguments) > len(names):
            most = f"{len(names)} argument{'s' * (len(names) != 1)}"
            raise self.fail("block", f"{name} takes {most}, got {len(node.arguments)}", node)
        given = dict(zip(names, map(self.evaluate, node.arguments), strict=False))
        for keyword, part in node.keywords:
            if keyword not in names or keyword in given:
                words = f"{name} gets {keyword} twice"
                if keyword not in names:
                    words = f"{name} has no argument {keyword}: it takes {', '.join(names) or 'none'}"
                raise ReadError("block", words, self.source, self.named_at(keyword, part.span))
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
        known = {*self.scope.names(), *self.blocks, *self.extra, *layers.FAMILY, *ops.FAMILY}
        capital = node.id[:1].isupper()
        known = {name for name in known if name[:1].isupper() == capital}  # classes are capitalised, the rest is not
        what = "layer" if capital else "name"
        if node.id in CONTAINERS:
            words = f"a {node.id} has no forward: write its layers where they are called"
            return self.fail("unknown-layer", words, node)
        words = f"no layer, function or variable is called {clipped(node.id)}{did_you_mean(node.id, sorted(known))}"
        return self.fail(f"unknown-{what}", words, node)


def join(path: str, name: str) -> str:
    """Write the name of a module inside another."""
    return f"{path}.{name}" if path else name


def flat(names: Names) -> Iterator[str]:
    """Give the names of a line one by one."""
    for name in names:
        if isinstance(name, str):
            yield name
        else:
            yield from flat(name)


def first_span(item: Line | Group) -> Span:
    """Return where a group starts; an empty one has no place."""
    while isinstance(item, Group):
        if not item.layers:
            return Span(0, 0)
        item = item.layers[0]
    return item.value.span


def shown(value: Any) -> str:
    """Write a value for a sentence."""
    return clipped(str(value)) if isinstance(value, (int, float, str)) else article(value)


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
    inputs: Iterable[str] = (),
) -> tuple[BoundLine, ...]:
    """Bind a network; `settings` override its variables, `extra` are layers of the user's by name.

    `inputs` are names of inputs that the network itself does not declare.

    Raises ReadError for a name or an argument that has no meaning. A layer that refuses its arguments is bound as
    Refused: propagation shows the rows before it.
    """
    binder = Binder(network, training, extra or {})
    values = binder.scope.values
    for name in symbols.names:
        values[name] = symbols.symbol(name)
    for name, node in network.variables.items():
        values[name] = settings[name] if settings and name in settings else binder.evaluate(node)
    known = {*network.variables, *letters(network)}
    for name, value in (settings or {}).items():
        if name not in known:
            words = f"the network has no variable {name}{did_you_mean(name, sorted(known))}"
            raise ReadError("unknown-variable", words, network.source)
        values[name] = value
    for name in (*network.inputs, *inputs):
        binder.base.modules[name] = None
    binder.scope = Scope(binder.base)
    try:
        return binder.lines(network.layers, "")
    except RecursionError:
        raise ReadError("too-deep", f"the network nests more than {DEPTH} deep", network.source) from None
