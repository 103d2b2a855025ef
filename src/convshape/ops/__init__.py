"""The registry of torch functions and Tensor methods. A family is imported when one of its ops is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convshape.op import Op

FAMILIES = {
    "view": "flatten",
    "pointwise": "relu add",
}

FAMILY = {name: family for family, names in FAMILIES.items() for name in names.split()}

OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floor_divide", "%": "remainder", "**": "pow",
             "@": "matmul", "&": "bitwise_and", "|": "bitwise_or", "^": "bitwise_xor",
             "==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}  # fmt: skip
"""The op behind each operator of two tensors."""


def find(name: str) -> Op | None:
    """Return the op of a torch name, or None."""
    family = FAMILY.get(name)
    if family is None:
        return None
    op: Op = getattr(import_module(f".{family}", __name__), name)
    return op
