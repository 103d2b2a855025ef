"""Candidates for repairs of two tensors that do not go together: branches of other sizes, targets of a loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.network import Call, Literal
from convshape.repair.candidates import added_to, argument, broken_call, label, made_of
from convshape.repair.edits import Edit, Repair, nodes
from convshape.window import extent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.repair.candidates import Broken, Rule
    from convshape.steps import Step

CODES = ("broadcast", "sizes-match", "batch-mismatch", "rank", "dtype")
"""What a loss says of a target that does not fit."""
CHANGES = (
    (1, "squeeze(1)", "the target without its axis of 1"),
    (0, "squeeze(1)", "the output without its axis of 1"),
    (1, "unsqueeze(1)", "the target with an axis of 1, as the output has"),
    (1, "long()", "the numbers of classes are int64"),
    (1, "float()", "what is compared number by number is float32"),
)
"""What may be done to the output (0) or the target (1) of a loss."""


def lined_up(broken: Broken) -> Iterator[Repair]:
    """Make two operands agree where they differ along one axis: an earlier layer makes the size of the other."""
    if broken.error.code not in ("broadcast", "sizes-match") or len(broken.inputs) < 2:  # noqa: PLR2004  # two operands
        return
    one, two = broken.inputs[:2]
    if len(one) != len(two):
        return
    yield from kept(broken)
    for a, b in zip(one, two, strict=True):
        if isinstance(a, int) and isinstance(b, int) and a != b:
            yield from made_of(broken, two, b, a)
            yield from made_of(broken, one, a, b)


def kept(broken: Broken) -> Iterator[Repair]:
    """Pad what takes positions away on one branch: a layer alone, the last first, or all of them."""
    found = {edit: words for step in reversed(broken.trace.steps) for words, edit in widened(broken, step)}
    for edit, words in found.items():
        yield Repair(f"{words}, which keeps the length", (edit,))
    if len(found) > 1:
        yield Repair("padding in every layer that shortens the data, which keeps the length", tuple(found))


def widened(broken: Broken, step: Step) -> Iterator[tuple[str, Edit]]:
    """Write the padding that keeps the length into a layer that slides by 1, and whose window has a middle."""
    layer, call = step.layer, broken_call(broken, step)
    if layer is None or call is None or not {"padding", "kernel_size"} <= layer.fields.keys():
        return
    windows = layer.windows(tuple(step.tensors[0][-layer.axes :]))
    spans = {(extent(one.kernel, one.dilation), one.stride, one.transposed) for one in windows}
    span, stride, transposed = spans.pop() if len(spans) == 1 else (1, 1, False)
    if transposed or stride != 1 or not isinstance(span, int) or span % 2 == 0 or windows[0].padding == span // 2:
        return
    node = argument(call, list(layer.fields), "padding")
    edit = Edit(node.span, str(span // 2)) if isinstance(node, Literal) else None
    edit = edit or (added_to(call, "padding", span // 2, broken.source) if node is None else None)
    if edit is not None:
        yield f"padding={span // 2} in {label(step.path)}", edit


def aimed(broken: Broken) -> Iterator[Repair]:
    """Bring the output and the target of a loss to one shape, or the target to the type that it takes."""
    layer, applied = broken.layer, broken.error.applied
    if layer is None or "reduction" not in layer.fields or broken.error.code not in CODES or applied is None:
        return
    calls = (node for node in nodes(broken.network) if isinstance(node, Call) and len(node.arguments) > 1)
    call: Any = next((node for node in calls if node.arguments[0].span == applied), None)
    for place, method, words in CHANGES if call else ():
        yield broken.wrapped(call.arguments[place].span, method, words)


RULES: tuple[Rule, ...] = (lined_up,)
