"""Cases for every op: what each family of ops is called with, right and nearly right."""

from __future__ import annotations

from op_cases import arranging, indices, joining, layered, making, pointwise, products, reducing, spectra, types, views  # noqa: F401  # each fills the table
from op_cases.drawing import CASES, Draw

__all__ = ["CASES", "SKIPPED", "Draw"]

SKIPPED = {
    "device": "a static tensor is on no device",
    "requires_grad": "a static tensor has no gradients",
    "cuda": "there is no such device here",
    "len": "Python's",
    "int": "Python's",
    "float": "Python's",
    "bool": "Python's",
    "masked_select": "depends on the numbers",
    "nonzero": "depends on the numbers",
    "argwhere": "depends on the numbers",
    "unique": "depends on the numbers",
    "fill_": "only keeps its input",
    "zero_": "only keeps its input",
    "uniform_": "only keeps its input",
    "normal_": "only keeps its input",
    "copy_": "only keeps its input",
}
"""The ops without a case, and why."""
