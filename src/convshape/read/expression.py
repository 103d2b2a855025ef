"""Read an expression of PyTorch: Python's own parser does the work, and nothing is ever run."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from convshape.faults import ReadError
from convshape.network import Attribute, Binary, Call, Index, Items, Literal, Name, Node, Slice, Store, Unary
from convshape.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convshape.source import Source

LIMIT = 2_000_000
"""The longest expression, in characters: a Sequential of 50,000 layers fits."""

PREFIXES = {"nn", "torch", "F", "functional", "self"}
OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not",
}  # fmt: skip


class Reader:
    """Turns Python's syntax tree into nodes, with spans in the source; `place` maps offsets of the text to it."""

    def __init__(self, source: Source, text: str, place: Callable[[int], int]) -> None:
        """Remember where each line of the text starts."""
        self.source = source
        self.text = text
        self.place = place
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.ascii = text.isascii()

    def span(self, node: Any) -> Span:
        """Return where a node stands in the source."""
        start = self._offset(node.lineno, node.col_offset)
        return Span(self.place(start), self.place(self._offset(node.end_lineno, node.end_col_offset)))

    def _offset(self, line: int, column: int) -> int:
        """Turn a line and a column, which Python counts in UTF-8 bytes, into an offset in characters."""
        start = self.starts[line - 1]
        if self.ascii:
            return start + column
        return start + len(self.text[start : start + column].encode()[:column].decode(errors="ignore"))

    def fail(self, code: str, message: str, node: Any) -> ReadError:
        """Make an error that points at a node."""
        return ReadError(code, message, self.source, self.span(node))

    def read(self, node: Any) -> Node:
        """Turn one node, and those below it."""
        reader = READERS.get(type(node))
        if reader is None:
            raise self.fail("expression", f"a description has no {type(node).__name__}: write a call or a number", node)
        return reader(self, node)

    def maybe(self, node: Any) -> Node | None:
        """Turn a node that may be missing."""
        return None if node is None else self.read(node)

    def all(self, nodes: Sequence[Any]) -> tuple[Node, ...]:
        """Turn several."""
        return tuple(map(self.read, nodes))


def _call(reader: Reader, node: ast.Call) -> Node:
    """Read a call; `**kwargs` has no place in a description."""
    keywords = []
    for keyword in node.keywords:
        if keyword.arg is None:
            raise reader.fail("expression", "a description has no ** arguments", node)
        keywords.append((keyword.arg, reader.read(keyword.value)))
    return Call(reader.span(node), reader.read(node.func), reader.all(node.args), tuple(keywords))


def _attribute(reader: Reader, node: ast.Attribute) -> Node:
    """Read `value.name`; the prefixes of torch's modules say nothing."""
    value = node.value
    if isinstance(value, ast.Name) and value.id in PREFIXES:
        return Name(reader.span(node), node.attr)
    if isinstance(value, ast.Attribute) and value.attr in PREFIXES and isinstance(value.value, (ast.Name, ast.Attribute)):
        return Name(reader.span(node), node.attr)
    return Attribute(reader.span(node), reader.read(value), node.attr)


def _constant(reader: Reader, node: ast.Constant) -> Node:
    """Read a number, a string, True, False, None or `...`."""
    if isinstance(node.value, (bytes, complex)):
        raise reader.fail("expression", "a description has no bytes and no complex numbers", node)
    return Literal(reader.span(node), node.value)


def _compare(reader: Reader, node: ast.Compare) -> Node:
    """Read a comparison of two values."""
    if len(node.ops) > 1:
        raise reader.fail("expression", "write a chained comparison as two", node)
    return Binary(
        reader.span(node), OPERATORS[type(node.ops[0])], reader.read(node.left), reader.read(node.comparators[0])
    )


READERS: dict[type, Callable[[Reader, Any], Node]] = {
    ast.Call: _call,
    ast.Attribute: _attribute,
    ast.Constant: _constant,
    ast.Compare: _compare,
    ast.Name: lambda r, n: Name(r.span(n), n.id),
    ast.Subscript: lambda r, n: Index(r.span(n), r.read(n.value), r.read(n.slice)),
    ast.Slice: lambda r, n: Slice(r.span(n), r.maybe(n.lower), r.maybe(n.upper), r.maybe(n.step)),
    ast.UnaryOp: lambda r, n: Unary(r.span(n), OPERATORS[type(n.op)], r.read(n.operand)),
    ast.BinOp: lambda r, n: Binary(r.span(n), OPERATORS[type(n.op)], r.read(n.left), r.read(n.right)),
    ast.Tuple: lambda r, n: Items(r.span(n), "tuple", r.all(n.elts)),
    ast.List: lambda r, n: Items(r.span(n), "list", r.all(n.elts)),
}


def parse(source: Source, text: str, place: Callable[[int], int]) -> tuple[tuple[str, ...], Node]:
    """Read one line: an expression, or `name = expression`; return the names and the expression.

    Raises ReadError when it is not Python, or uses a part of Python that a description does not have.
    """
    if len(text) > LIMIT:
        raise ReadError("too-long", f"an expression of {len(text):,} characters: the most is {LIMIT:,}", source)
    plain = re.sub(r"\$(?=[A-Za-z_])", " ", text)  # $classes is classes; a space keeps the columns
    lead = len(plain) - len(plain.lstrip())
    try:
        tree = ast.parse(plain.strip(), mode="exec")
    except SyntaxError as error:
        raise _syntax(source, text, error, lambda offset: place(offset + lead)) from None
    except (RecursionError, MemoryError, ValueError):
        raise ReadError("too-deep", "the expression nests too deeply to be read", source, Span(place(0), place(0))) from None
    reader = Reader(source, plain.strip(), lambda offset: place(offset + lead))
    try:
        return _statement(reader, tree.body)
    except RecursionError:
        raise ReadError("too-deep", "the expression nests too deeply to be read", source, Span(place(0), place(0))) from None


def _statement(reader: Reader, body: list[ast.stmt]) -> tuple[tuple[str, ...], Node]:
    """Read the one statement of a line."""
    if len(body) != 1:
        span = Span(reader.place(0), reader.place(len(reader.text)))
        raise ReadError("expression", "one layer or expression a line", reader.source, span)
    statement = body[0]
    if isinstance(statement, ast.Expr):
        return (), reader.read(statement.value)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Subscript):
            return (), Store(reader.span(statement), reader.read(target), reader.read(statement.value))
        return tuple(_targets(reader, target)), reader.read(statement.value)
    raise reader.fail("expression", "a line is a layer, an expression, or name = expression", statement)


def _targets(reader: Reader, target: ast.expr) -> list[str]:
    """Return the names on the left of an assignment."""
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        return [target.attr]
    if isinstance(target, ast.Tuple):
        return [name for item in target.elts for name in _targets(reader, item)]
    raise reader.fail("expression", "only a name can be given to a result", target)


def _syntax(source: Source, text: str, error: SyntaxError, place: Callable[[int], int]) -> ReadError:
    """Point at what Python could not read."""
    lines = text.strip().split("\n")
    row, column = (error.lineno or 1) - 1, (error.offset or 1) - 1
    start = sum(len(line) + 1 for line in lines[:row]) + max(column, 0)
    start = min(start, max(len(text.strip()) - 1, 0))
    message = (error.msg or "invalid syntax").split(" (")[0]
    if text.count("(") > text.count(")"):
        message += "; a comma inside a flow list [...] splits a call: put each call on its own line, or in quotes"
    return ReadError("syntax", message, source, Span(place(start), place(start + 1)))
