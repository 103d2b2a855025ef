"""Arithmetic worked out line by line, as one would on paper: products first, then sums."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from convshape.report.written import Written, join, number

if TYPE_CHECKING:
    from convshape.report.formula import Formula

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Mod: "%"}
MOST = 8
"""How many lines of arithmetic are worth reading."""


def worked(formula: Formula) -> list[str]:
    """Give the lines of a formula: its names, its numbers, what they come to piece by piece, and the size."""
    lines = [formula.names, formula.numbers]
    if isinstance(formula.value, int):
        lines += reductions(formula.numbers)
    if lines[-1] != str(formula.value):
        lines.append(str(formula.value))
    distinct = list(dict.fromkeys(lines))
    return distinct if len(distinct) <= MOST else [*distinct[: MOST - 1], distinct[-1]]


def reductions(text: str) -> list[str]:
    """Give what an expression of whole numbers becomes, a round of arithmetic at a time."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:  # a symbol that Python has no spelling for
        return []
    lines: list[str] = []
    if not all(map(known, ast.walk(node))):
        return lines
    while not isinstance(node, ast.Constant) and len(lines) < 2 * MOST:
        node = reduced(node)
        lines.append(str(written(node)))
    return lines


def known(node: ast.AST) -> bool:
    """Tell what can be worked out on paper: whole numbers, and the smaller of two, but no scaling by a float."""
    if isinstance(node, ast.BinOp):
        return type(node.op) in SIGNS
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int)
    return not isinstance(node, ast.Name) or node.id == "min"


def reduced(node: ast.expr) -> ast.expr:
    """Work out what holds only numbers: a product, a bracket, a sum of nothing but numbers."""
    if isinstance(node, ast.BinOp):
        terms = [node.left, node.right] if not is_sum(node) else [*chain(node)]
        if all(isinstance(term, ast.Constant) for term in terms):
            return ast.Constant(result(node))
        return ast.BinOp(reduced(node.left), node.op, reduced(node.right))
    if isinstance(node, ast.UnaryOp):
        return (
            ast.Constant(result(node))
            if isinstance(node.operand, ast.Constant)
            else ast.UnaryOp(node.op, reduced(node.operand))
        )
    if isinstance(node, ast.Call):
        if all(isinstance(part, ast.Constant) for part in node.args):
            return ast.Constant(result(node))
        return ast.Call(node.func, [reduced(part) for part in node.args], [])
    return node


def is_sum(node: ast.expr) -> bool:
    """Tell whether it is a + or a -."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))


def chain(node: ast.expr) -> list[ast.expr]:
    """Return the terms of a sum."""
    if isinstance(node, ast.BinOp) and is_sum(node):
        return [*chain(node.left), node.right]
    return [node]


def result(node: ast.expr) -> int:
    """Return the number that an expression comes to."""
    return int(written(node))


def written(node: ast.expr) -> Written:
    """Write an expression as formulas are written."""
    if isinstance(node, ast.BinOp):
        made: Written = join(written(node.left), SIGNS[type(node.op)], written(node.right))
        return made
    if isinstance(node, ast.UnaryOp):
        return -written(node.operand)
    if isinstance(node, ast.Call):
        first, *rest = map(written, node.args)
        for other in rest:
            first = first.minimum(other)
        return first
    assert isinstance(node, ast.Constant)  # noqa: S101  # a formula holds nothing else
    return number(node.value)
