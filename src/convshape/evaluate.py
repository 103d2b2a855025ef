"""Evaluate expressions over numbers: what bind needs for arguments, and propagate for everything else."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from convshape import limits
from convshape.dim import Dim, Symbols
from convshape.faults import ConvshapeError, ReadError
from convshape.kinds import HOLE
from convshape.ops.numbers import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from convshape.dim import Undecided
    from convshape.network import Binary, Call, Index, Items, Literal, Name, Node, Slice, Sought, Unary, Word
    from convshape.source import Source

UNSET = object()
"""What no name stands for: None is a value."""
LARGEST = 2**63 - 1
"""The largest number that torch takes."""

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge, "&": operator.and_, "|": operator.or_, "^": operator.xor,
}  # fmt: skip
UNARY: dict[str, Callable[[Any], Any]] = {
    "-": operator.neg, "+": operator.pos, "~": operator.invert, "not": operator.not_,
}  # fmt: skip


class Evaluator:
    """Evaluates nodes by their type; a subclass adds what it knows about names and calls."""

    def __init__(self, source: Source) -> None:
        """Remember the source for errors."""
        self.source = source

    def fail(self, code: str, message: str, node: Node) -> ConvshapeError:
        """Make an error that points at a node."""
        return ReadError(code, message, self.source, node.span)

    def undecided(self, error: Undecided, node: Node, symbols: Symbols) -> Exception:
        """Say what needs a number where a size is open; a search tries its candidates one by one instead."""
        if type(symbols) is not Symbols:
            return error
        return self.fail("symbolic", f"a number is needed here: {str(error).partition(';')[0]}", node)

    def evaluate(self, node: Node) -> Any:
        """Return the value of an expression.

        Raises ReadError when it has none.
        """
        method: Callable[[Any], Any] | None = getattr(self, node.visited, None)
        if method is None:
            raise self.fail("expression", f"a number cannot be written as a {node.visited}", node)
        return method(node)

    def literal(self, node: Literal) -> Any:
        """Return a number or a string, unless it is too large for torch."""
        return self.checked(node.value, node)

    def items(self, node: Items) -> Any:
        """Return a tuple or a list."""
        self.checked(node.items, node)
        values = map(self.evaluate, node.items)
        return tuple(values) if node.kind == "tuple" else list(values)

    def slice(self, node: Slice) -> slice:
        """Return a slice."""
        return slice(*(None if part is None else self.evaluate(part) for part in node.parts()))

    def word(self, node: Word) -> Any:
        """Return the variable of that name, or the word itself."""
        return self.lookup(node.id, node.id)

    def name(self, node: Name) -> Any:
        """Return the variable or symbol of that name; `_` is a hole."""
        if node.id == "_":
            return HOLE
        value = self.lookup(node.id, UNSET)
        if value is UNSET:
            raise self.unknown(node)
        return value

    def lookup(self, name: str, default: Any) -> Any:
        """Find a name."""
        raise NotImplementedError

    def sought(self, node: Sought) -> Any:
        """Refuse `?`: what is searched has been given a name before."""
        raise self.fail("sought", "`?` is a number that only `convshape solve` finds: write the number here", node)

    def unknown(self, node: Name) -> ConvshapeError:
        """Make the error for a name that is not known."""
        return self.fail("unknown-name", f"no variable, symbol or layer is called {node.id}", node)

    def unary(self, node: Unary) -> Any:
        """Return -x, +x, ~x or not x."""
        return self.signed(node, self.evaluate(node.value))

    def signed(self, node: Unary, value: Any) -> Any:
        """Put the operator before a value."""
        try:
            return UNARY[node.operator](value)
        except TypeError:
            raise self.fail("expression", f"cannot write {node.operator} before {article(value)}", node) from None

    def binary(self, node: Binary) -> Any:
        """Return the result of an operator."""
        return self.calculate(node, self.evaluate(node.left), self.evaluate(node.right))

    def index(self, node: Index) -> Any:
        """Return one of a tuple or a list."""
        value, index = self.evaluate(node.value), self.evaluate(node.index)
        try:
            return value[index]
        except (TypeError, IndexError):
            raise self.fail("index", f"cannot take {index} of {article(value)}", node) from None

    def calculate(self, node: Binary, left: Any, right: Any) -> Any:
        """Do the arithmetic of two numbers."""
        try:
            if isinstance(left, TEXTS) or isinstance(right, TEXTS):
                self.joinable(node, left, right)
            if node.operator == "**":
                return self.checked(power(left, right), node)
            return self.checked(BINARY[node.operator](left, right), node)
        except ZeroDivisionError:
            raise self.fail("expression", "divides by zero", node) from None
        except OverflowError:
            raise self.too_large(node) from None
        except (TypeError, KeyError):
            words = f"cannot write {article(left)} {node.operator} {article(right)}"
            raise self.fail("expression", words, node) from None

    def call(self, node: Call) -> Any:
        """Evaluate float("inf"), int(...), min(...), max(...), round(...) of numbers; a subclass knows more."""
        name = getattr(node.function, "id", "")
        if name not in NUMBERS:
            raise self.fail("expression", f"a number is no call here, but of {', '.join(NUMBERS)}", node)
        try:
            return NUMBERS[name](*map(self.evaluate, node.arguments))
        except (TypeError, ValueError, OverflowError) as error:
            raise self.fail("expression", f"cannot work out {name}: {error}", node) from None

    def checked(self, value: Any, node: Node) -> Any:
        """Return a number that torch can hold."""
        if isinstance(value, int) and abs(value) > LARGEST:
            raise self.too_large(node)
        if isinstance(value, TEXTS) and len(value) > limits.TEXT:
            raise self.too_long(node)
        return value

    def joinable(self, node: Binary, left: Any, right: Any) -> None:
        """Let texts and lists be joined, repeated and compared: `"%9999999999d" % 1` would fill the memory.

        Raises TypeError, and ReadError where the result is too long.
        """
        if node.operator == "*":
            text, count = (left, right) if isinstance(left, TEXTS) else (right, left)
            if isinstance(count, int) and len(text) * count > limits.TEXT:
                raise self.too_long(node)
        elif node.operator not in ("+", "==", "!="):
            raise TypeError

    def too_long(self, node: Node) -> ConvshapeError:
        """Make the error for a text or a list that no layer takes."""
        words = f"a text or a list of more than {limits.TEXT:,} parts is too long"
        return limits.over("TEXT", "too-large", words, self.source, node.span)

    def too_large(self, node: Node) -> ConvshapeError:
        """Make the error for a number that no tensor can have."""
        return self.fail("too-large", "the number is larger than torch can hold (2**63 - 1)", node)


BITS = 64


TEXTS = (str, tuple, list)


def power(base: Any, exponent: Any) -> Any:
    """Raise to a power, unless the result could not be held anyway."""
    if not isinstance(base, (int, Dim)) or not isinstance(exponent, int):
        return base**exponent
    if exponent > BITS and (isinstance(base, Dim) or abs(base) > 1):
        raise OverflowError
    return base**exponent


def article(value: Any) -> str:
    """Name the kind of a value for an error."""
    names = {"int": "a number", "float": "a number", "Dim": "a size", "str": "a string", "NoneType": "None"}
    return names.get(type(value).__name__, f"a {type(value).__name__.lower()}")
