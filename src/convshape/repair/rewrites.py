"""Candidates for repairs of an op: another size in a view, another axis to join along, a transposed factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.dim import prod
from convshape.network import Attribute, Binary, Call, Items, Name, Node
from convshape.repair.candidates import argument, same
from convshape.repair.edits import Edit, Repair, nodes
from convshape.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.repair.candidates import Broken, Rule


def laid_out(broken: Broken) -> Iterator[Repair]:
    """Let a view keep the batch: -1 in the place of a size, or flatten; reshape where the memory is not in order."""
    call = broken.call
    if call is None or broken.x is None or not isinstance(call.function, Attribute):
        return
    function = call.function
    if broken.error.code == "memory":
        at = Span(function.span.end - len(function.name), function.span.end)
        yield Repair("reshape instead: it copies where a view cannot", (Edit(at, "reshape"),))
        return
    if broken.error.code not in ("elements", "inferred-twice"):
        return
    sizes = [part for one in call.arguments for part in (one.items if isinstance(one, Items) else (one,))]
    for place, node in enumerate(sizes):
        if leaves_batch(broken, place):
            words = "-1 for the batch: it is worked out, and stays free" if place == 0 else f"-1 for axis {place}"
            yield Repair(words, (Edit(node.span, "-1"),))
    receiver = broken.source.at(function.value.span)
    yield Repair("flatten(1) instead: one row for each sample", (Edit(call.span, f"{receiver}.flatten(1)"),))
    features = prod(broken.x[1:])
    if isinstance(features, int) and len(sizes) > 1:
        yield Repair(f"{features}, the numbers of one sample", (Edit(sizes[-1].span, str(features)),))


def leaves_batch(broken: Broken, place: int) -> bool:
    """Tell whether -1 in one place of a view gives each sample a row of its own: any other would mix them."""
    x, shape = broken.x, broken.error.values.get("shape")
    if not x or not isinstance(shape, tuple) or -1 in shape or place >= len(shape):
        return False
    batch, rest = x[0], prod(size for at, size in enumerate(shape) if at != place)
    return same(batch * rest, prod(x)) if place == 0 else same(shape[0], batch)


def along(broken: Broken) -> Iterator[Repair]:
    """Join, or work, along another axis."""
    operation, call = broken.operation, broken.call
    if operation is None or call is None or "dim" not in operation.fields or broken.x is None:
        return
    names = list(operation.fields)
    if isinstance(call.function, Attribute):
        names = names[1:]
    node = argument(call, names, "dim")
    for dim in range(1, len(broken.x)):
        words = f"dim={dim}: the other axes match"
        if node is not None:
            yield Repair(words, (Edit(node.span, str(dim)),))
        else:
            yield Repair(words, (Edit(Span(call.span.end - 1, call.span.end - 1), f", dim={dim}"),))


def multiplied(broken: Broken) -> Iterator[Repair]:
    """Transpose a factor of a matrix product."""
    if broken.error.code != "features":
        return
    for factor in reversed(factors(broken)):
        text = broken.source.at(factor.span)
        held = text if isinstance(factor, (Name, Call, Attribute)) else f"({text})"
        code = f"{held}.transpose(-2, -1)"
        yield Repair(f"{code}: rows and columns swapped", (Edit(factor.span, code),), adds=1)


def factors(broken: Broken) -> list[Node]:
    """Return the operands of an op."""
    call = broken.call
    if call is not None:
        receiver = [call.function.value] if isinstance(call.function, Attribute) else []
        return [*receiver, *call.arguments]
    found = (node for node in nodes(broken.network) if isinstance(node, Binary) and node.span == broken.error.span)
    node = next(found, None)
    return [node.left, node.right] if isinstance(node, Binary) else []


RULES: tuple[Rule, ...] = (laid_out, along, multiplied)
