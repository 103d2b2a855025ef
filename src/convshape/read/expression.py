"""Read an expression of PyTorch: Python's own parser does the work, and nothing is ever run."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape import limits
from convshape.faults import ReadError
from convshape.network import (
    Attribute,
    Binary,
    Call,
    Index,
    Items,
    Literal,
    Name,
    Nested,
    Node,
    Slice,
    Sought,
    Unary,
)  # fmt: skip
from convshape.read.container import layers
from convshape.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convshape.network import Names
    from convshape.source import Source

DOLLAR = re.compile(r"\$(?=[^\W\d])")
GLUED = re.compile(r"(?<=[\d.jJ])(?:and|else|for|if|in|is|not|or)|0[xX]")
"""What may hold a number with a keyword right behind it, `1if`: Python warns of it before it parses on."""
SHORT = 200
"""Texts up to this length are remembered: a network says the same thing often."""

PREFIXES = {"nn", "torch", "F", "functional", "self", "collections", "modules", "fft", "linalg", "special", "math"}
OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not",
}  # fmt: skip
SOUGHT = "\N{LATIN LETTER GLOTTAL STOP}"
"""The letter that Python reads where `?` stands, as wide as that."""
QUESTION = re.compile(r"""("[^"]*"|'[^']*')|(?<!\w)\?(?!\w)""")
INSTEAD: dict[type, str] = {
    ast.Starred: "* unpacks what only running code knows: write the layers out, or use `repeat:` in YAML",
    ast.ListComp: "a comprehension is never run: write the layers out, or use `repeat:` in YAML",
    ast.GeneratorExp: "a comprehension is never run: write the layers out, or use `repeat:` in YAML",
    ast.Lambda: "a lambda is never run: write the expression itself",
    ast.IfExp: "a condition is never decided here: write the case that you mean",
    ast.BoolOp: "`and` and `or` are never decided here: write the case that you mean",
    ast.JoinedStr: "an f-string is never filled in: write the string itself",
    ast.Dict: "a dict has no place here: write keyword arguments",
}
"""What to write instead of a part of Python that would have to be run."""


class Parsed(NamedTuple):
    """A text as Python read it: without the `lead` of blanks; `simple` where a column is a place in it."""

    lead: int
    text: str
    simple: bool
    body: list[ast.stmt] | Exception


class Reader:
    """Turns Python's syntax tree into nodes, with spans in the source; `base` is where the text starts in it."""

    def __init__(self, source: Source, parsed: Parsed, base: int | Callable[[int], int]) -> None:
        """Start before the first node."""
        lead = parsed.lead
        self.source = source
        self.text = parsed.text
        self.base = base + lead if isinstance(base, int) else lambda offset: base(offset + lead)
        self.simple = parsed.simple and isinstance(base, int)
        self.depth = 0

    @cached_property
    def starts(self) -> list[int]:
        """Where each line of the text starts."""
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    @cached_property
    def columns(self) -> dict[int, list[int]]:
        """Where each letter starts in the bytes of a line, for the lines that were asked for."""
        return {}

    @cached_property
    def ascii(self) -> bool:
        """Whether each letter of the text is one byte."""
        return self.text.isascii()

    def span(self, node: Any) -> Span:
        """Return where a node stands in the source."""
        if self.simple:
            return Span(self.base + node.col_offset, self.base + node.end_col_offset)
        start = self.offset(node.lineno, node.col_offset)
        return self.between(start, self.offset(node.end_lineno, node.end_col_offset))

    def between(self, start: int, end: int) -> Span:
        """Return the span in the source of a stretch of the text."""
        if isinstance(self.base, int):
            return Span(self.base + start, self.base + end)
        return Span(self.base(start), self.base(end - 1) + 1)

    def offset(self, line: int, column: int) -> int:
        """Turn a line and a column, which Python counts in UTF-8 bytes, into an offset in characters."""
        start = self.starts[line - 1]
        if self.ascii:
            return start + column
        if line not in self.columns:
            end = self.starts[line] if line < len(self.starts) else len(self.text)
            lengths = (len(letter.encode(errors="replace")) for letter in self.text[start:end])
            self.columns[line] = [0, *accumulate(lengths)]
        return start + bisect_left(self.columns[line], column)

    def fail(self, code: str, message: str, node: Any) -> ReadError:
        """Make an error that points at a node."""
        return ReadError(code, message, self.source, self.span(node))

    def too_deep(self, span: Span) -> ReadError:
        """Make the error for an expression that nests too deeply: what reads, binds and evaluates it recurses."""
        words = f"the expression nests more than {limits.EXPRESSION_DEPTH} deep"
        return limits.over("EXPRESSION_DEPTH", "too-deep", words, self.source, span)

    def read(self, node: Any) -> Node:
        """Turn one node, and those below it."""
        reader = READERS.get(type(node))
        if reader is None:
            words = INSTEAD.get(type(node), f"a description has no {type(node).__name__.lower()}")
            raise self.fail("expression", words, node)
        self.depth += 1
        if self.depth > limits.EXPRESSION_DEPTH:
            raise self.too_deep(self.span(node))
        made = reader(self, node)
        self.depth -= 1
        return made

    def maybe(self, node: Any) -> Node | None:
        """Turn a node that may be missing."""
        return None if node is None else self.read(node)

    def all(self, nodes: Sequence[Any]) -> tuple[Node, ...]:
        """Turn several."""
        return tuple(map(self.read, nodes))


def _call(reader: Reader, node: ast.Call) -> Node:
    """Read a call; a Sequential is layers that stand together."""
    function = reader.read(node.func)
    if isinstance(function, Name) and function.id == "Sequential":
        return Nested(reader.span(node), tuple(layers(reader, node)))
    return Call(reader.span(node), function, reader.all(node.args), _keywords(reader, node))


def _keywords(reader: Reader, node: ast.Call) -> tuple[tuple[str, Node], ...]:
    """Read keyword arguments; `**options` has no place in a description."""
    found = []
    for keyword in node.keywords:
        if keyword.arg is None:
            raise reader.fail("expression", "** unpacks what only running code knows: write the arguments", node)
        found.append((keyword.arg, reader.read(keyword.value)))
    return tuple(found)


def _attribute(reader: Reader, node: ast.Attribute) -> Node:
    """Read `value.name`; the prefixes of torch's modules say nothing."""
    value = node.value
    if isinstance(value, ast.Name) and value.id in PREFIXES:
        return Name(reader.span(node), node.attr)
    if isinstance(value, ast.Attribute) and value.attr in PREFIXES and _rooted(value):
        return Name(reader.span(node), node.attr)
    return Attribute(reader.span(node), reader.read(value), node.attr)


def _rooted(node: ast.Attribute) -> bool:
    """Tell whether `torch.nn.functional` is prefixes all the way down."""
    value = node.value
    while isinstance(value, ast.Attribute) and value.attr in PREFIXES:
        value = value.value
    return isinstance(value, ast.Name) and value.id in PREFIXES


def _constant(reader: Reader, node: ast.Constant) -> Node:
    """Read a number, a string, True, False, None or `...`."""
    if isinstance(node.value, (bytes, complex)):
        raise reader.fail("expression", "a description has no bytes and no complex numbers", node)
    return Literal(reader.span(node), node.value)


def _compare(reader: Reader, node: ast.Compare) -> Node:
    """Read a comparison of two values."""
    operator = OPERATORS.get(type(node.ops[0]))
    if len(node.ops) > 1 or operator is None:
        raise reader.fail("expression", "a comparison has two values, and one of == != < <= > >=", node)
    return Binary(reader.span(node), operator, reader.read(node.left), reader.read(node.comparators[0]))


READERS: dict[type, Callable[[Reader, Any], Node]] = {
    ast.Call: _call,
    ast.Attribute: _attribute,
    ast.Constant: _constant,
    ast.Compare: _compare,
    ast.Name: lambda r, n: Name(r.span(n), n.id) if n.id != SOUGHT else Sought(r.span(n)),
    ast.Subscript: lambda r, n: Index(r.span(n), r.read(n.value), r.read(n.slice)),
    ast.Slice: lambda r, n: Slice(r.span(n), r.maybe(n.lower), r.maybe(n.upper), r.maybe(n.step)),
    ast.UnaryOp: lambda r, n: Unary(r.span(n), OPERATORS[type(n.op)], r.read(n.operand)),
    ast.BinOp: lambda r, n: Binary(r.span(n), OPERATORS[type(n.op)], r.read(n.left), r.read(n.right)),
    ast.Tuple: lambda r, n: Items(r.span(n), "tuple", r.all(n.elts)),
    ast.List: lambda r, n: Items(r.span(n), "list", r.all(n.elts)),
}


def parse(source: Source, text: str, base: int | Callable[[int], int]) -> tuple[Names, Node]:
    """Read one line: an expression, or `name = expression`; return the names and the expression.

    `base` is the offset of the text in the source, or maps an offset of the text to one of the source.
    Raises ReadError when it is not Python, or uses a part of Python that a description does not have.
    """
    from convshape.read.statement import statement

    reader, body = tree(source, text, base)
    return statement(reader, body)


def tree(source: Source, text: str, base: int | Callable[[int], int]) -> tuple[Reader, list[ast.stmt]]:
    """Let Python parse a text; return its statements and what reads them.

    Raises ReadError when it is not Python.
    """
    parsed = _short(text) if len(text) <= SHORT else _parsed(text)
    reader = Reader(source, parsed, base)
    if isinstance(parsed.body, Exception):
        from convshape.read.statement import unreadable

        raise unreadable(reader, parsed.body) from None
    return reader, parsed.body


def _parsed(text: str) -> Parsed:
    """Parse a text, or find out why Python cannot."""
    text = DOLLAR.sub(" ", text)  # $classes is classes; a space keeps the columns
    lead = len(text) - len(text.lstrip())
    text = QUESTION.sub(lambda found: found[1] or SOUGHT, text.strip()) if "?" in text else text.strip()
    body: list[ast.stmt] | Exception
    try:
        body = _body(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        body = error.with_traceback(None)
    return Parsed(lead, text, text.isascii() and "\n" not in text, body)


def _body(text: str) -> list[ast.stmt]:
    """Parse a text that is not too long for it, and has no escapes: Python would warn of a wrong one."""
    if len(text) > limits.EXPRESSION or text.count(",") > limits.COMMAS:
        raise MemoryError
    if "\\" in text and re.search(r"\\(?!\n)", text):
        raise ValueError(text.index("\\"))
    if not GLUED.search(text):
        return ast.parse(text).body
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        return ast.parse(text).body


_short = lru_cache(maxsize=1024)(_parsed)
