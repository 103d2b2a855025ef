"""Emit: a trace as the PyTorch module that it is: names become attributes, every `_` its number, ops lines."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.bound import Aside, BoundLine, Module, Subnet, flat, modules
from convshape.emitting.expressions import Expressions
from convshape.faults import ReadError
from convshape.network import Attribute, Binary, Call, Index, Literal, Name, Node, Store, Unary
from convshape.report import shape_text
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convshape.layer import Layer
    from convshape.network import Names
    from convshape.steps import Trace

RESERVED = {"self", "torch", "nn", "F", "math", "x", "forward", "training", "type", "float", "half", "double", "to"}
"""What no attribute and no variable is called: it would hide something."""


class Part(NamedTuple):
    """A module of __init__: its attribute, or its name in a Sequential, and what it is made of."""

    name: str
    layer: Layer | None
    parts: tuple[Part, ...] = ()


class Line(NamedTuple):
    """A line of forward, and the shape of what it gives."""

    code: str
    shape: str = ""


class Emitted(NamedTuple):
    """What a module is written of: its attributes, the inputs of forward, its lines and what it returns."""

    parts: tuple[Part, ...]
    inputs: tuple[str, ...]
    lines: tuple[Line, ...]
    result: str


def emitted(trace: Trace) -> Emitted:
    """Turn a trace into the parts of a module.

    Raises the error of the trace where it has one.
    """
    if trace.error:
        raise trace.error
    return Writer(trace).module()


def plain(lines: Iterable[BoundLine]) -> bool:
    """Tell whether lines are layers one after the other, as a Sequential runs them."""
    return all(
        isinstance(line.value, Module)
        or (isinstance(line.value, Subnet) and line.value.lines and plain(line.value.lines))
        for line in lines
    )


class Writer(Expressions):
    """Writes the lines of forward, and notes the modules that they call."""

    def __init__(self, trace: Trace) -> None:
        """Know which layers were filled in, and which names are used."""
        super().__init__(trace)
        self.layers = {step.path: step.layer for step in trace.steps if step.layer is not None}
        self.outputs = {(step.path, None if step.layer else step.span): step.output for step in trace.steps}
        self.path = ""
        self.needed = set(used(trace.lines))
        self.parts: dict[str, Part] = {}
        self.body: list[Line] = []
        self.variables = {*RESERVED, *trace.inputs}
        self.numbers: set[str] = set()
        seen: set[str] = set()
        runs = [module.path for module in modules(trace.lines)]
        self.repeated = {path for path in runs if path in seen or seen.add(path)}  # type: ignore[func-returns-value]

    def module(self) -> Emitted:
        """Write the whole."""
        first, *rest = self.trace.inputs
        parameter = "x" if first in ("x", "input") else self.variable(first)
        inputs = (parameter, *(self.variable(name) for name in rest))
        self.names = dict(zip(self.trace.inputs, inputs, strict=True))
        if first == "input" and "input" in self.needed:
            self.names["input"] = self.fresh("given")
            self.body.append(Line(f"{self.names['input']} = x"))
        elif parameter != "x":
            self.body.append(Line(f"x = {parameter}"))
        self.lines(self.trace.lines)
        return Emitted(tuple(self.parts.values()), inputs, (*self.symbols(inputs), *self.body), self.x)

    def symbols(self, inputs: tuple[str, ...]) -> Iterator[Line]:
        """Read the sizes that the lines name off the inputs."""
        left = set(self.words.symbols)
        for name, tensor in zip(inputs, self.trace.inputs.values(), strict=True):
            for axis, size in enumerate(tensor):
                if str(size) in left:
                    left.discard(str(size))
                    yield Line(f"{self.words.symbol(str(size))} = {name}.shape[{axis}]")
        if left:
            words = f"no axis of the input is {', '.join(sorted(left))} itself: give it a number with --set"
            raise ReadError("symbolic", words, self.trace.network.source)

    # --- names ---

    def variable(self, name: str) -> str:
        """Make a name one that Python takes."""
        return f"{name}_" if keyword.iskeyword(name) or name in RESERVED else name

    def fresh(self, name: str) -> str:
        """Return a variable that no other name has."""
        found, number = self.variable(name), 2
        while found in self.variables:
            found, number = f"{name}_{number}", number + 1
        self.variables.add(found)
        return found

    def attribute(self, path: str, kind: str) -> str:
        """Name an attribute by its path; a place among others goes by its class."""
        *outer, last = path.split(".")
        if not last.isidentifier():
            last = f"{kind.lower()}_{re.sub(r'[^0-9A-Za-z_]', '_', last)}"
        name = "_".join(re.sub(r"\W", "_", part) for part in outer)
        name = f"part_{name}" if name[:1].isdigit() else name
        return self.unique(self.variable(f"{name}_{last}" if name else last), path)

    def unique(self, name: str, path: str) -> str:
        """Tell two paths apart that would be one attribute."""
        taken = {part.name for other, part in self.parts.items() if other != path}
        return next(one for one in (name, *(f"{name}_{n}" for n in range(2, len(taken) + 3))) if one not in taken)

    # --- lines ---

    def lines(self, lines: Iterable[BoundLine]) -> None:
        """Write lines one after the other."""
        for line in lines:
            self.path = line.path
            aside = isinstance(line.value, Aside)
            value = line.value.value if isinstance(line.value, Aside) else line.value
            if isinstance(value, Store):
                self.body.append(Line(f"{self.text(value.target)} = {self.text(value.new)}"))
            elif isinstance(value, Subnet) and not self.is_sequential(value):
                self.inside(value)
                self.keep(line.names)
            else:
                self.line(line.names, value, aside=aside)

    def line(self, names: Names, value: Node, *, aside: bool) -> None:
        """Write one line, and the names that it gives."""
        code, shape = self.text(value), self.shape(value)
        if self.is_number(value):
            self.numbers.update(flat(names))
            aside = True
        if aside and names:
            self.body.append(Line(f"{self.target(names)} = {code}", shape))
            return
        if code != self.x:
            self.body.append(Line(f"{self.x} = {code}", shape))
        self.keep(names)

    def keep(self, names: Names) -> None:
        """Let a variable hold the running tensor, where a later line names it."""
        for name in names:
            if isinstance(name, str) and name != "x" and name in self.needed:
                self.body.append(Line(f"{self.target((name,))} = {self.x}"))

    def target(self, names: Names) -> str:
        """Write the left side of an assignment."""
        found = []
        for name in names:
            if isinstance(name, str):
                self.names[name] = self.x if name == "x" else self.fresh(name)
                found.append(self.names[name])
            else:
                found.append(f"({self.target(name)})")
        return ", ".join(found)

    def inside(self, subnet: Subnet) -> None:
        """Write the lines of a block where it stands; the names that it gives stay inside."""
        names = dict(self.names)
        self.lines(subnet.lines)
        self.names = names

    def is_sequential(self, subnet: Subnet) -> bool:
        """Tell whether a block can be a module of its own."""
        alone = not any(module.path in self.repeated for module in modules(subnet.lines)) or subnet.path in self.parts
        return bool(subnet.lines) and plain(subnet.lines) and alone

    def is_number(self, node: Node) -> bool:
        """Tell a number or a shape from a tensor."""
        if isinstance(node, Index):
            return self.is_number(node.value)
        if isinstance(node, Name):
            return node.id in self.numbers
        if isinstance(node, (Attribute, Binary, Unary)) or (isinstance(node, Call) and not makes(node.function)):
            return node.span not in self.spans
        return False

    def shape(self, node: Node) -> str:
        """Write the shape that a line gives, where it is known."""
        while isinstance(node, Call) and makes(node.function):
            node = node.function
        if isinstance(node, Subnet):
            return self.shape(node.lines[-1].value)
        output = self.outputs.get((node.path, None) if isinstance(node, Module) else (self.path, node.span))
        return shape_text(output) if isinstance(output, tuple) else ""

    # --- modules ---

    def made(self, node: Module) -> str:
        """Make a layer in __init__, unless an earlier line did."""
        if node.path not in self.parts:
            layer = self.layers[node.path]
            self.parts[node.path] = Part(self.attribute(node.path, type(layer).__name__), layer)
        return f"self.{self.parts[node.path].name}"

    def entered(self, subnet: Subnet, x: str) -> str:
        """Call a block: as a Sequential, or its lines on a variable of their own."""
        if self.is_sequential(subnet):
            if subnet.path not in self.parts:
                name = self.attribute(subnet.path, subnet.title or "Sequential")
                self.parts[subnet.path] = Part(name, None, self.nested(subnet))
            return f"self.{self.parts[subnet.path].name}({x})"
        outer, self.x = self.x, self.fresh("y")
        self.body.append(Line(f"{self.x} = {x}"))
        self.inside(subnet)
        result, self.x = self.x, outer
        return result

    def nested(self, subnet: Subnet) -> tuple[Part, ...]:
        """Return the parts of a Sequential."""
        found = []
        for line in subnet.lines:
            name = line.path.rpartition(".")[2]
            if isinstance(line.value, Subnet):
                found.append(Part(name, None, self.nested(line.value)))
            else:
                found.append(Part(name, self.layers[line.path]))
        return tuple(found)


def makes(node: Node) -> bool:
    """Tell a layer or a block."""
    return isinstance(node, (Module, Subnet))


def used(lines: Iterable[BoundLine]) -> Iterator[str]:
    """Give the names that lines use."""
    for line in lines:
        yield from used_in(line.value)


def used_in(node: Any) -> Iterator[str]:
    """Give the names that an expression uses."""
    if isinstance(node, Name):
        yield node.id
    elif isinstance(node, Subnet):
        yield from used(node.lines)
    elif isinstance(node, Node) and not isinstance(node, (Module, Literal)):
        for part in node.parts() if not isinstance(node, Call) else (node.function, *node.arguments, *node.keywords):
            yield from used_in(part)
    elif isinstance(node, tuple) and not isinstance(node, Tensor):
        for part in node:
            yield from used_in(part)
