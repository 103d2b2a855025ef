"""Read a statement of Python: a line of a description, and the errors of what Python cannot parse."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from convshape import limits
from convshape.faults import ReadError
from convshape.network import Binary, Node, Store
from convshape.read.expression import INSTEAD, OPERATORS
from convshape.suggest import clipped

if TYPE_CHECKING:
    from convshape.network import Names
    from convshape.read.expression import Reader
    from convshape.source import Span

ONE = "one layer or expression a line"


def statement(reader: Reader, body: list[ast.stmt]) -> tuple[Names, Node]:
    """Read the one statement of a line: the names that it gives, and what it evaluates."""
    if len(body) != 1:
        at = reader.span(body[1]) if body else reader.between(0, max(len(reader.text), 1))
        raise ReadError("expression", ONE, reader.source, at)
    return assignment(reader, body[0])


def assignment(reader: Reader, node: Any) -> tuple[Names, Node]:
    """Read an expression, or an assignment of one."""
    if isinstance(node, ast.Expr):
        return (), reader.read(node.value)
    if isinstance(node, ast.Return) and node.value:
        return (), reader.read(node.value)
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return _given(reader, node, node.targets[0])
    if isinstance(node, ast.AnnAssign) and node.value:
        return _given(reader, node, node.target)
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        target = reader.read(ast.copy_location(ast.Name(node.target.id), node.target))
        return (node.target.id,), Binary(reader.span(node), OPERATORS[type(node.op)], target, reader.read(node.value))
    words = INSTEAD.get(
        type(node), f"`{clipped(_word(reader, node))}` has no place here: a line is a layer or an expression"
    )
    raise ReadError("statement", words, reader.source, _first_line(reader, node))


def _given(reader: Reader, node: Any, target: ast.expr) -> tuple[Names, Node]:
    """Read `name = value`, or `x[index] = value`."""
    if isinstance(target, ast.Subscript):
        return (), Store(reader.span(node), reader.read(target), reader.read(node.value))
    names = _target(reader, target)
    return (names,) if isinstance(names, str) else names, reader.read(node.value)


def _target(reader: Reader, target: ast.expr) -> Names | str:
    """Return the name on the left of an assignment, or the names: `out, (h, c) = lstm(x)`."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        return target.attr
    if isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) > 1 and reader.depth < limits.EXPRESSION_DEPTH:
        reader.depth += 1
        names = tuple(_target(reader, item) for item in target.elts)
        reader.depth -= 1
        return names
    raise reader.fail("statement", "only a name can be given to a result", target)


def _word(reader: Reader, node: Any) -> str:
    """Return the word that a statement opens with."""
    text = reader.text[reader.offset(node.lineno, node.col_offset) :]
    found = re.match(r"\w+", text)
    return found.group() if found else text[:1]


def _first_line(reader: Reader, node: Any) -> Span:
    """Return the span of the first line of a statement."""
    start = reader.offset(node.lineno, node.col_offset)
    end = reader.offset(node.end_lineno, node.end_col_offset)
    line = reader.text.find("\n", start, end)
    return reader.between(start, end if line < 0 else line)


def unreadable(reader: Reader, error: Exception) -> ReadError:
    """Say what Python could not parse, and point at it."""
    whole = reader.between(0, max(min(len(reader.text), 40), 1))
    if isinstance(error, SyntaxError):
        return _syntax(reader, error)
    if isinstance(error, (RecursionError, MemoryError)):
        if len(reader.text) > limits.EXPRESSION:
            words = f"an expression of {len(reader.text):,} characters is too long: the most is {limits.EXPRESSION:,}"
            return limits.over("EXPRESSION", "too-long", words, reader.source, whole)
        if reader.text.count(",") > limits.COMMAS:
            words = f"an expression of more than {limits.COMMAS:,} parts is too long"
            return limits.over("COMMAS", "too-long", words, reader.source, whole)
        return reader.too_deep(whole)
    if isinstance(error.args[0], int):
        at = reader.between(error.args[0], error.args[0] + 1)
        return ReadError("syntax", "a description has no backslash", reader.source, at)
    return ReadError("syntax", f"cannot be read: {error}", reader.source, whole)


def _syntax(reader: Reader, error: SyntaxError) -> ReadError:
    """Point at what is not Python."""
    at = _where(reader, error)
    message = (error.msg or "invalid syntax").split(" (")[0]
    if "nested parentheses" in message:
        return reader.too_deep(at)
    if "integer string conversion" in (error.msg or ""):
        digits = re.search(r"\d{1000,}", reader.text)
        at = reader.between(*digits.span()) if digits else at
        return ReadError("too-large", "the number is larger than torch can hold (2**63 - 1)", reader.source, at)
    if "was never closed" in message:
        return ReadError("unclosed", f"{message}", reader.source, at)
    if message == "invalid syntax":
        message = "a line is a layer or an expression, and `->` or a line end stands between two"
    return ReadError("syntax", f"cannot be read here: {message[:1].lower()}{message[1:]}", reader.source, at)


def _where(reader: Reader, error: SyntaxError) -> Span:
    """Return the span that Python's parser complains about."""
    last = max(len(reader.text) - 1, 0)
    row = min(max(error.lineno or 1, 1), len(reader.starts))
    start = min(reader.starts[row - 1] + max((error.offset or 1) - 1, 0), last)
    end = start + 1
    if error.end_lineno == error.lineno and (error.end_offset or 0) > (error.offset or 0):
        end = min(reader.starts[row - 1] + (error.end_offset or 1) - 1, last + 1)
    return reader.between(start, max(end, start + 1))
