"""Read pasted classes: __init__ makes the layers, forward calls them; nothing is ever run.

The last class is the network, the others are blocks. Only straight code can be read: a branch or a loop would have to
be decided.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.faults import ReadError
from convshape.network import (
    ASIDE,
    MADE,
    Block,
    Call,
    Group,
    Line,
    Literal,
    Name,
    Network,
    Node,
    replaced,
)  # fmt: skip
from convshape.read.container import line
from convshape.read.expression import tree
from convshape.read.inline import is_number
from convshape.read.statement import assignment
from convshape.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convshape.read.expression import Reader
    from convshape.source import Source

NEVER = (ast.Import, ast.ImportFrom, ast.Pass, ast.Assert)
"""The statements that say nothing of shapes."""


class Made(NamedTuple):
    """A class: its parameters, the numbers that it keeps, the inputs of forward, and the lines of both methods."""

    parameters: tuple[tuple[str, Node | None], ...]
    lines: tuple[Line | Group, ...]


def read_module(source: Source) -> Network:
    """Read the code of nn.Module classes as a network.

    Raises ReadError where it would have to be run.
    """
    text, base = dedented(source.text)
    reader, body = tree(source, text, base)
    variables: dict[str, Node] = {}
    classes: dict[str, Made] = {}
    methods = [node for node in body if isinstance(node, ast.FunctionDef)]
    modules = [node for node in body if isinstance(node, ast.ClassDef) and is_module(node)]
    last = modules[-1] if modules else None
    for node in body:
        if isinstance(node, ast.ClassDef) and is_module(node):
            classes[node.name] = ClassReader(reader, variables, main=node is last).read(node.name, node.body)
        elif isinstance(node, ast.Assign):
            keep(reader, node, variables)
    if methods:
        classes[""] = ClassReader(reader, variables, main=True).read("", methods)
    if not classes:
        raise ReadError("no-layers", "there is no layer here", source, Span(0, min(len(source.text), 40)))
    return network(source, classes, variables, creation(reader, body, [*classes][-1]))


def network(source: Source, classes: dict[str, Made], variables: dict[str, Node], call: Call | None) -> Network:
    """Make the last class the network: what it is called with, or its defaults, become variables."""
    name = [*classes][-1]
    parameters, lines = classes.pop(name)
    given = dict(zip([parameter for parameter, _ in parameters], call.arguments if call else (), strict=False))
    given.update(call.keywords if call else ())
    for parameter, default in parameters:
        value = given.get(parameter, default)
        if value is not None:
            variables[parameter] = value
    blocks = {name: Block(made.parameters, made.lines, Span(0, 0)) for name, made in classes.items()}
    return Network(source, lines, {}, variables, blocks, {}, name)


def creation(reader: Reader, body: list[ast.stmt], name: str) -> Call | None:
    """Find `model = Net(3, 10)` below the classes."""
    for node in body:
        for call in ast.walk(node) if isinstance(node, (ast.Assign, ast.Expr)) else ():
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == name:
                made = reader.read(call)
                return made if isinstance(made, Call) else None
    return None


def keep(reader: Reader, node: ast.Assign, variables: dict[str, Node]) -> None:
    """Keep a number that is set outside of the classes; nothing else there says anything of shapes."""
    try:
        names, value = assignment(reader, node)
    except ReadError:
        return
    if len(names) == 1 and isinstance(names[0], str) and is_number(value, variables):
        variables[names[0]] = value


class ClassReader:
    """Reads one class; `known` is what its names stand for: the numbers that __init__ keeps."""

    def __init__(self, reader: Reader, variables: dict[str, Node], *, main: bool) -> None:
        """Start with nothing known; `main` is the class that is the network itself."""
        self.main = main
        self.reader = reader
        self.variables = variables
        self.known: dict[str, Node] = {}

    def read(self, name: str, body: list[Any]) -> Made:
        """Read __init__ and forward."""
        methods = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
        init, forward = methods.get("__init__"), methods.get("forward")
        parameters = tuple(self.parameters(init)) if init else ()
        for parameter, _ in parameters:
            self.known[parameter] = Name(Span(0, 0), parameter)
        made = [made for node in (init.body if init else ()) for made in self.made(node)]
        if forward is None:
            made = [item._replace(role="") for item in made]
        if not made and forward is None:
            raise ReadError("no-layers", f"the class {name} has no layers and no forward", self.reader.source)
        return Made(parameters, (*made, *(self.forward(forward) if forward else ())))

    def parameters(self, node: ast.FunctionDef) -> Iterator[tuple[str, Node | None]]:
        """Give the parameters of a method after self, with their defaults."""
        spec = node.args
        if spec.vararg or spec.kwarg:
            words = "* and ** parameters are known only to running code"
            raise self.reader.fail("parameters", words, spec.vararg or spec.kwarg)
        names = [*spec.posonlyargs, *spec.args][1:]
        defaults = [None] * (len(names) - len(spec.defaults)) + list(spec.defaults)
        for name, default in (
            *zip(names, defaults, strict=False),
            *zip(spec.kwonlyargs, spec.kw_defaults, strict=True),
        ):
            yield name.arg, self.reader.maybe(default)

    def made(self, node: ast.stmt) -> Iterator[Line | Group]:
        """Read a statement of __init__: it makes a layer, or keeps a number."""
        if isinstance(node, NEVER) or silent(node):
            return
        names, value = assignment(self.reader, node)
        if isinstance(value, Call) and isinstance(value.function, Name) and value.function.id == "Parameter":
            words = "a parameter that no layer holds cannot be read"
            raise ReadError("parameter", words, self.reader.source, value.span)
        value = replaced(value, self.known)
        if len(names) == 1 and isinstance(names[0], str) and self.is_number(value):
            self.known[names[0]] = value
        elif names:
            yield line(names, value, MADE)

    def is_number(self, value: Node) -> bool:
        """Tell a number from a layer."""
        return is_number(value, {**self.variables, **self.known})

    def forward(self, method: ast.FunctionDef) -> Iterator[Line | Group]:
        """Read forward: its first input is `x`."""
        inputs = [*self.parameters(method)]
        needed = [name for name, default in inputs if default is None]
        if len(needed) > 1 and not self.main:
            words = "the forward of a class that another one uses takes one input here"
            raise self.reader.fail("inputs", words, method.args.args[2])
        known = {**self.known, **{name: default for name, default in inputs if default is not None}}
        if len(needed) == 1 and needed[0] != "x":
            yield Line((needed[0],), Name(self.reader.span(method.args.args[1]), "x"), ASIDE)
        for node in method.body:
            if isinstance(node, NEVER) or silent(node):
                continue
            names, value = assignment(self.reader, node)
            value = replaced(value, known)
            known = {name: part for name, part in known.items() if name not in names}
            if len(names) == 1 and isinstance(names[0], str) and isinstance(value, Literal):
                known[names[0]] = value
                continue
            yield line(names, value, ASIDE if names and names != ("x",) else "")


def is_module(node: ast.ClassDef) -> bool:
    """Tell a module from a data set and other classes: it has a forward, or a base that is one."""
    bases = (ast.unparse(base) for base in node.bases)
    forward = any(isinstance(part, ast.FunctionDef) and part.name == "forward" for part in node.body)
    return forward or any(base.endswith("Module") for base in bases)


def silent(node: ast.stmt) -> bool:
    """Tell a docstring, `super().__init__()` and `print(...)`, which say nothing of shapes."""
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    if isinstance(value, ast.Constant):
        return True
    root: ast.AST = value
    while isinstance(root, (ast.Call, ast.Attribute)):
        root = root.func if isinstance(root, ast.Call) else root.value
    return isinstance(value, ast.Call) and isinstance(root, ast.Name) and root.id in ("super", "print")


def dedented(text: str) -> tuple[str, int | Callable[[int], int]]:
    """Take the indentation of the first line off every line; say where each offset was."""
    first = re.search(r"^([ \t]*)\S", text, re.MULTILINE)
    indent = len(first.group(1)) if first else 0
    if not indent:
        return text, 0
    starts, places, lines = [], [], []
    start = place = 0
    for row in text.split("\n"):
        cut = min(indent, len(row) - len(row.lstrip(" \t")))
        starts.append(start)
        places.append(place + cut)
        lines.append(row[cut:])
        start, place = start + len(row) - cut + 1, place + len(row) + 1

    def base(offset: int) -> int:
        row = bisect_right(starts, offset) - 1
        return places[row] + offset - starts[row]

    return "\n".join(lines), base
