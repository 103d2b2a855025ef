"""Write the expressions of a bound network as lines of Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convshape.bound import Function, Module, Subnet
from convshape.emitting.torchwords import Words, home
from convshape.faults import ReadError
from convshape.network import Attribute, Binary, Call, Index, Items, Literal, Name, Node, Slice, Unary

if TYPE_CHECKING:
    from convshape.steps import Trace


class Expressions:
    """Writes expressions; `x` is the variable of the running tensor, `names` what each name is called here."""

    def __init__(self, trace: Trace) -> None:
        """Know where the steps were written: what is none of them is a number."""
        self.trace = trace
        self.words = Words(trace.symbols.names)
        self.spans = {step.span for step in trace.steps}
        self.names: dict[str, str] = {}
        self.x = "x"

    def made(self, node: Module) -> str:
        """Return the attribute of a layer."""
        raise NotImplementedError

    def entered(self, subnet: Subnet, x: str) -> str:
        """Call a block on a variable, and return what holds its result."""
        raise NotImplementedError

    def text(self, node: Any) -> str:
        """Write an expression."""
        method = getattr(self, f"text_{type(node).__name__.lower()}", None)
        if method is None:
            raise ReadError("not-emitted", "this has no form in a module", self.trace.network.source, node.span)
        text: str = method(node)
        return text

    def text_module(self, node: Module) -> str:
        """Call a layer on the running tensor."""
        return f"{self.made(node)}({self.x})"

    def text_subnet(self, node: Subnet) -> str:
        """Call a block on the running tensor."""
        return self.entered(node, self.x)

    def text_function(self, node: Function) -> str:
        """Call a function on the running tensor."""
        return f"{self.function(node)}({self.x})"

    def text_literal(self, node: Literal) -> str:
        """Write a number, a string, a dtype, or a size."""
        return self.words.value(node.value)

    def text_name(self, node: Name) -> str:
        """Write a name as it is called here."""
        return self.x if node.id == "x" else self.names.get(node.id, node.id)

    def text_attribute(self, node: Attribute) -> str:
        """Write `value.name`."""
        value = self.held(node.value)
        return f"({value}).{node.name}" if value.isdigit() else f"{value}.{node.name}"

    def text_index(self, node: Index) -> str:
        """Write `value[index]`."""
        index = self.text(node.index)
        bare = isinstance(node.index, Items) and node.index.kind == "tuple" and node.index.items
        return f"{self.held(node.value)}[{index[1:-1].rstrip(',') if bare else index}]"

    def text_slice(self, node: Slice) -> str:
        """Write `start:stop:step`."""
        start, stop, step = ("" if part is None else self.text(part) for part in node.parts())
        return f"{start}:{stop}{f':{step}' if step else ''}"

    def text_unary(self, node: Unary) -> str:
        """Write `-x`."""
        return f"{node.operator}{' ' if node.operator.isalpha() else ''}{self.held(node.value)}"

    def text_binary(self, node: Binary) -> str:
        """Write an operation, its operands in brackets where they are operations too."""
        return f"{self.held(node.left)} {node.operator} {self.held(node.right)}"

    def text_items(self, node: Items) -> str:
        """Write a tuple or a list."""
        parts = ", ".join(map(self.text, node.items))
        if node.kind == "list":
            return f"[{parts}]"
        return f"({parts},)" if len(node.items) == 1 else f"({parts})"

    def text_call(self, node: Call) -> str:
        """Write a call of a layer, a block, a function or a method."""
        function = node.function
        if isinstance(function, Subnet):
            return self.entered(function, self.text(node.arguments[0]) if node.arguments else self.x)
        given = [*map(self.text, node.arguments), *(f"{name}={self.text(part)}" for name, part in node.keywords)]
        if isinstance(function, Module):
            return f"{self.made(function)}({', '.join(given)})"
        called = self.function(function, node) if isinstance(function, Function) else self.text(function)
        return f"{called}({', '.join(given)})"

    def held(self, node: Node) -> str:
        """Write an operand."""
        text = self.text(node)
        loose = isinstance(node, (Binary, Unary)) or (isinstance(node, Literal) and re.search(r"[-+*/%]", text))
        return f"({text})" if loose else text

    def function(self, node: Function, call: Node | None = None) -> str:
        """Write the name of a function, with the module of torch that has it."""
        written = self.trace.network.source.at(node.span)
        of_numbers = call is not None and call.span not in self.spans
        return home(node.op.name, written, of_numbers=of_numbers)
