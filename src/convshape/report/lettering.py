"""Lettering: which axis of a tensor is N, C, L, H or W, from the first layer that has letters for it onwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.report.formula import written
from convshape.report.receptive import same
from convshape.report.written import Written
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.steps import Step

Letters = tuple[str, ...]


def lettered(steps: Sequence[Step]) -> dict[int, Letters]:
    """Return the letters of each tensor, by its identity: the first layer that has letters for an input names it.

    What was only moved before that layer, by a permute say, is named by where its axes went.
    """
    found: dict[int, Letters] = {}
    for step in steps:
        x = step.inputs[0] if step.inputs else None
        if step.layer is not None and isinstance(x, Tensor) and not found.get(id(x)):
            found[id(x)] = fitting(step.layer.letters(x), x)
        if isinstance(step.output, Tensor):
            found[id(step.output)] = named(step, found)
    for step in reversed(steps):
        x, after = step.first, found.get(id(step.output))
        if step.layer is None and x is not None and after and not found.get(id(x)):
            found[id(x)] = moved_back(step, x, after)
    return found


def moved_back(step: Step, x: Tensor, after: Letters) -> Letters:
    """Name the axes of an op's input by the places that they have in its output."""
    names = [f"x{axis}" for axis in range(len(x))]
    texts = [size.text if isinstance(size, Written) else "" for size in written(step, names) or ()]
    places = [texts.index(name) for name in names if name in texts]
    return tuple(after[place] for place in places) if len(places) == len(x) == len(after) else ()


def fitting(letters: Letters, x: Any) -> Letters:
    """Return letters where there is one for each axis."""
    return tuple(letters) if len(letters) == len(x) else ()


def named(step: Step, known: dict[int, Letters]) -> Letters:
    """Name the axes of an output: as the layer does, else as the axes of the input that they are."""
    output = step.output
    own = step.layer.letters(output) if step.layer is not None else ()
    if own:
        return fitting(own, output)
    x = step.first
    before = known.get(id(x), ())
    if not before:
        return ()
    if step.layer is not None and x is not None:
        return before if same(x, output) else ()
    return carried(step, before)


def carried(step: Step, before: Letters) -> Letters:
    """Find where the axes of an op's input went: permute moves the letters along; a joined axis keeps its place."""
    result = written(step, before) or ()
    texts = [size.text if isinstance(size, Written) else "" for size in result]
    alike = len(texts) == len(before)
    letters = tuple(
        text if text in before else before[place] if alike and is_joined(text, before[place]) else ""
        for place, text in enumerate(texts)
    )
    return letters if all(letters) and len(set(letters)) == len(letters) else ()


def is_joined(text: str, letter: str) -> bool:
    """Tell a size that grew from an axis, as cat makes it: C + y1."""
    return text.startswith(f"{letter} + ")
