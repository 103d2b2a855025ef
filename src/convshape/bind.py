"""Bind: give what was written its meaning. Names become layers, blocks are written out, arguments become numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape import limits, ops
from convshape.bound import (
    Aside,
    BoundLine,
    Function,
    Module,
    Refused,
    Subnet,
    argument_span,
    first_span,
    flat,
    join,
    members,
    modules,
)
from convshape.dim import Undecided
from convshape.dtypes import CONSTANTS
from convshape.evaluate import UNSET
from convshape.faults import ReadError, Refusal
from convshape.inputs import letters
from convshape.make import Maker, shown
from convshape.network import (
    ASIDE,
    MADE,
    Attribute,
    Binary,
    Call,
    Group,
    Index,
    Items,
    Line,
    Literal,
    Name,
    Nested,
    Node,
    Slice,
    Store,
    Unary,
)
from convshape.scope import Scope
from convshape.suggest import clipped, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from convshape.dim import Symbols
    from convshape.layer import Layer
    from convshape.network import Block, Network
    from convshape.source import Span

__all__ = [
    "Aside", "BoundLine", "Function", "Module", "Refused", "Subnet", "argument_span", "bind", "modules",
]  # fmt: skip


class Binder(Maker):
    """Binds the lines of a network; as a Maker it makes their layers."""

    def __init__(self, network: Network, training: bool, extra: Mapping[str, type[Layer]]) -> None:  # noqa: FBT001
        """Start with nothing bound."""
        super().__init__(network, training, extra)
        self.count = 0
        self.kept: set[str] = set()  # the paths of what is only made: its name is the module, not an output

    def lines(self, layers: Iterable[Line | Group], path: str) -> tuple[BoundLine, ...]:
        """Bind lines in their order; a line without a name is named by its place, as in a Sequential."""
        bound: list[BoundLine] = []
        for item in layers:
            if item.role == MADE:
                self.kept.add(self.named(item, path, 0).path)
                continue
            if isinstance(item, Line) or item.repeat is None:
                bound.append(self.named(item, path, len(bound)))
            elif item.name:
                bound.append(self.stage(item, path))
            else:
                for _ in range(self.times(item.repeat)):
                    bound.append(self.named(item, path, len(bound)))
        return tuple(bound)

    def named(self, item: Line | Group, path: str, place: int) -> BoundLine:
        """Bind a line or a group at its place; count it."""
        self.count += 1
        if self.count > self.most:
            raise self.too_many(first_span(item))
        return self.line(item, path, place) if isinstance(item, Line) else self.group(item, path, place)

    def stage(self, item: Group, path: str) -> BoundLine:
        """Bind a repetition that has a name: its repetitions stand inside, by number."""
        assert item.name and item.repeat is not None  # noqa: S101, PT018  # lines() has checked
        inner, once = join(path, item.name), item._replace(name=None, repeat=None)
        bound = tuple(self.named(once, inner, number) for number in range(self.times(item.repeat)))
        subnet = Subnet(first_span(item), bound, inner, item.title)
        self.declare(item.name, subnet, subnet)
        return BoundLine(inner, (item.name,), subnet)

    def group(self, item: Group, path: str, place: int) -> BoundLine:
        """Bind a nested list; its layers see the names outside, and keep their own."""
        inner = join(path, item.name or str(place))
        subnet = self.opened(first_span(item), item.layers, inner, item.title)
        if item.name:
            self.declare(item.name, subnet, subnet)
        return BoundLine(inner, (item.name,) if item.name else (), subnet)

    def opened(self, span: Span, layers: tuple[Line | Group, ...], path: str, title: str) -> Subnet:
        """Bind lines in a scope of their own."""
        outer = self.scope
        self.scope = self.inside(outer, outer.active, span)
        subnet = Subnet(span, self.lines(layers, path), path, title)
        self.scope = outer
        return subnet

    def inside(self, outer: Scope, active: tuple[str, ...], span: Span) -> Scope:
        """Open a scope, unless too many are open."""
        if self.scope.depth >= limits.BLOCK_DEPTH:
            words = f"the network nests more than {limits.BLOCK_DEPTH} deep"
            raise limits.over("BLOCK_DEPTH", "too-deep", words, self.source, span)
        scope = Scope(outer, active)
        scope.depth = self.scope.depth + 1
        return scope

    def line(self, item: Line, path: str, place: int) -> BoundLine:
        """Bind one line and remember the names that it gives."""
        only = item.names[0] if len(item.names) == 1 else ""
        inner = join(path, only if isinstance(only, str) and only not in ("", "x") else str(place))
        value = self.bind(item.value, inner)
        if isinstance(value, Literal):
            raise self.fail(
                "no-tensor", "a line is a layer or an expression of tensors: a number belongs in `vars:`", value
            )
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

    def bind(self, node: Node, path: str) -> Node:
        """Bind an expression: its layers are made, its functions found."""
        if isinstance(node, Name):
            return self.bound_name(node, path)
        if isinstance(node, Call):
            return self.bound_call(node, path)
        if isinstance(node, (Module, Subnet, Refused)):
            return node
        if isinstance(node, Nested):
            return self.opened(node.span, node.layers, path, "")
        if isinstance(node, Index) and isinstance(node.value, Name):
            return self.part(node, self.scope.module(node.value.id)) or self.rebuilt(node, path)
        return self.rebuilt(node, path)

    def part(self, node: Index, held: Node | None) -> Node | None:
        """Find `net[0]` in a Sequential or a ModuleList that a line made."""
        if not isinstance(held, (Subnet, Module)) or held.path not in self.kept:
            return None
        parts = members(held)
        place = self.evaluate(node.index)
        if not isinstance(place, int) or not -len(parts) <= place < len(parts):
            raise self.fail("index", f"there are {len(parts)} layers in it, and none at {shown(place)}", node)
        place %= len(parts)
        return self.bind(parts[place], join(held.path, str(place)))

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
            return Module(node.span, self.built(kind, node, path), path, node)
        except Refusal as refusal:
            return Refused(node.span, self.error(refusal, kind, node))
        except ReadError as error:  # it is over a limit
            raise error.place(self.source, node.span) from None
        except Undecided as error:
            raise self.undecided(error, node, self.symbols) from None

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


def bind(  # noqa: PLR0913  # all but two by name
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
    binder.symbols = symbols
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
        raise limits.too_deep(network.source) from None
