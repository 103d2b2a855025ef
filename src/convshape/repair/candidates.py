"""Candidates for repairs: what may have been meant where a layer or an op refuses, the likeliest first."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from convshape import ops
from convshape.dim import Undecided, prod
from convshape.network import Call, Literal
from convshape.repair.edits import Edit, Repair, before, line_at, nodes
from convshape.repair.origins import literals
from convshape.source import Span
from convshape.tensor import Tensor, alike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convshape.faults import ShapeError
    from convshape.network import Node
    from convshape.source import Source
    from convshape.steps import Step, Trace

    Rule = Callable[["Broken"], Iterator[Repair]]

MAKES = ("out_", "hidden_", "embedding_", "proj_")
"""How the arguments are called that say what a layer makes."""
BACK = 6
"""How many arguments of earlier layers are looked at."""


class Broken:
    """A trace that an error ended: what came in, and how the layer or op that refuses was written."""

    def __init__(self, trace: Trace, error: ShapeError) -> None:
        """Find the call in the network, and where its arguments stand."""
        self.trace = trace
        self.error = error
        self.network = trace.network
        self.source = trace.network.source
        inputs = error.step.tensors if error.step else []
        self.x: Tensor | None = inputs[0] if inputs else None
        self.inputs = inputs
        at = error.call or error.span
        self.call = next((node for node in nodes(trace.network) if node.span == at and isinstance(node, Call)), None)
        self.layer = error.layer
        self.operation = ops.find(error.step.name) if error.step and error.layer is None and error.step.name else None
        self.got = error.values.get("got", error.values.get("channels"))
        self.wanted = error.wanted
        self.what = (error.field or "positions").removeprefix("in_").removeprefix("num_")

    # --- edits ---

    def put(self, method: str, layer: str, words: str) -> Iterator[Repair]:
        """Change the tensor before the layer: wrap what it is called on, or put a line before it."""
        if self.error.applied is not None:
            yield self.wrapped(self.error.applied, method, words)
            return
        code = layer or after("x", method)
        line = line_at(self.network, self.error.call.start) if self.error.call else None
        edit = before(self.network, line, code, layer) if line and not line.role else None
        if edit is not None:
            yield Repair(f"put {code} before this layer: {words}", (edit,), adds=1)

    def wrapped(self, span: Span, method: str, words: str) -> Repair:
        """Change what stands somewhere by a method, or by an index."""
        text = self.source.at(span)
        code = after(text if re.fullmatch(r"[\w.]+|[\w.]+\([^()]*\)", text) else f"({text})", method)
        return Repair(f"put {code} in: {words}", (Edit(span, code),), adds=1)

    def argument(self, name: str, value: Any, words: str, old: Any = None) -> Iterator[Repair]:
        """Write another value for an argument: where its number comes from, then in the call itself."""
        node = self.node(name)
        if node is None:
            yield from self.added(name, value, words)
            return
        for span in literals(self.network, node, old):
            yield Repair(f"{name}={value}, {words}", (Edit(span, str(value)),))
        yield Repair(f"{name}={value}, {words}", (Edit(node.span, str(value)),))

    def added(self, name: str, value: Any, words: str) -> Iterator[Repair]:
        """Write an argument that the call leaves to its default."""
        edit = added_to(self.call, name, value, self.source) if self.call else None
        if edit is not None:
            yield Repair(f"{name}={value}, {words}", (edit,))

    def node(self, name: str) -> Node | None:
        """Return how an argument of the layer was written."""
        if self.call is None or self.layer is None:
            return None
        return argument(self.call, list(self.layer.fields), name)


def after(text: str, method: str) -> str:
    """Write a method, or an index, after a tensor."""
    return f"{text}{'' if method.startswith('[') else '.'}{method}"


def added_to(call: Call, name: str, value: Any, source: Source) -> Edit | None:
    """Write one more argument into a call, or into the mapping that spells one; None where it has neither."""
    if source.at(call.span).endswith(")"):
        comma = ", " if call.arguments or call.keywords else ""
        return Edit(Span(call.span.end - 1, call.span.end - 1), f"{comma}{name}={value}")
    first, node = next(iter(call.keywords), ("", None))
    start = source.text.rfind(first, call.span.end, node.span.start) if node else -1
    if start < 0:
        return None
    column = start - source.text.rfind("\n", 0, start) - 1
    between = ", " if "{" in source.text[call.span.end : start] else f"\n{' ' * column}"
    return Edit(Span(start, start), f"{name}: {value}{between}")


def argument(call: Call, names: list[str], name: str) -> Node | None:
    """Return an argument of a call, given by name or by its place."""
    given = dict(zip(names, call.arguments, strict=False))
    return {**given, **dict(call.keywords)}.get(name)


def candidates(trace: Trace, error: ShapeError) -> Iterator[Repair]:
    """Give the edits worth trying, the likeliest first."""
    from convshape.repair import branches, misfits, rewrites

    broken = Broken(trace, error)
    rules = (*rewrites.RULES, *branches.RULES) if broken.layer is None else (*RULES, *misfits.RULES, branches.aimed)
    for rule in (*rules, misfits.resized):
        with suppress(Undecided):  # what asks for the number of an open size has nothing to offer
            yield from rule(broken)


# --- a size that is not the one a layer expects ---


def folded(broken: Broken) -> Iterator[Repair]:
    """Flatten before a layer that works on the last axis, where that gives the features it wants."""
    x, wanted = broken.x, broken.wanted
    if x is None or broken.error.field != "in_features" or len(x) <= 2:  # noqa: PLR2004  # (N, features) is flat
        return
    words = "a Linear takes the last axis only"
    if same(prod(x[1:]), wanted):
        yield from broken.put("flatten(1)", "Flatten()", words)


def moved(broken: Broken) -> Iterator[Repair]:
    """Bring the axis that has the wanted size to where the layer looks for it."""
    x, wanted = broken.x, broken.wanted
    if x is None or not isinstance(wanted, int) or broken.got is None:
        return
    for axis in range(1, len(x)):
        if same(x[axis], wanted):
            rest = [other for other in range(1, len(x)) if other != axis]
            for order in ((0, axis, *rest), (0, *rest, axis)):
                words = f"axis {axis} of its input has the {wanted} {broken.what}"
                yield from broken.put(f"permute({', '.join(map(str, order))})", "", words)
    yield from swapped(broken, x, wanted)
    if same(wanted, 1):
        yield from broken.put("unsqueeze(1)", "", "one channel of its own")


def swapped(broken: Broken, x: Tensor, wanted: int) -> Iterator[Repair]:
    """Write the sizes of the input in another order, where the layer takes the input itself."""
    for name, tensor in broken.trace.inputs.items():
        spec = broken.network.inputs.get(name)
        if tensor is unchanged(broken.trace, x) and spec is not None:
            place = next((axis for axis in range(2, len(x)) if same(x[axis], wanted)), 0)
            one, two = (spec.shape[axis] for axis in (1, place)) if place else (None, None)
            if isinstance(one, Literal) and isinstance(two, Literal):
                edits = Edit(one.span, str(two.value)), Edit(two.span, str(one.value))
                yield Repair(f"{name} with {wanted} on axis 1, if that is how the data lies", edits)


def written(broken: Broken) -> Iterator[Repair]:
    """Write the number that comes in where another was expected, or `_` where it is not the same every time."""
    name, got = broken.error.field, broken.got
    if broken.node(name) is None or got is None or broken.error.stage == "ctor":
        return
    if isinstance(got, int) and (isinstance(broken.wanted, int) or got != broken.wanted):
        yield from broken.argument(name, got, "the size that comes in", broken.wanted)
    node, x, layer = broken.node(name), broken.x, broken.layer
    exact = isinstance(node, Literal) and isinstance(got, int)
    if node is not None and layer is not None and x is not None and not exact and name in layer.infer(x):
        yield Repair(f"{name}=_, worked out from what comes in", (Edit(node.span, "_"),))


def producers(broken: Broken) -> Iterator[Repair]:
    """Let an earlier layer make the size that is wanted: out_channels, out_features, or the input itself."""
    got, wanted = broken.got, broken.wanted
    if not isinstance(got, int) or not isinstance(wanted, int) or got <= 0:
        return
    yield from made_of(broken, broken.x, got, wanted)


def made_of(broken: Broken, x: Tensor | None, got: int, wanted: int) -> Iterator[Repair]:
    """Scale the argument of an earlier layer, or the size of an input, that a size comes from."""
    left = BACK
    for step in reversed(broken.trace.steps):
        for name, node, old in outputs(broken, step):
            if left and old * wanted % got == 0:
                left -= 1
                new = old * wanted // got
                words = f"{name}={new} in {label(step.path)}, which makes the {wanted} {broken.what}"
                for span in literals(broken.network, node, old):
                    yield Repair(words, (Edit(span, str(new)),))
    yield from input_sizes(broken, x, got, wanted)


def outputs(broken: Broken, step: Step) -> Iterator[tuple[str, Node, int]]:
    """Give the arguments of a layer that its output has as a size, and its input does not: what it makes."""
    if step.layer is None or not isinstance(step.output, Tensor):
        return
    call = broken_call(broken, step)
    for name in step.layer.fields:
        value = step.layer.__dict__.get(name)
        node = argument(call, list(step.layer.fields), name) if call else None
        if node is not None and name.startswith(MAKES) and isinstance(value, int) and value > 0:
            yield name, node, value


def label(path: str) -> str:
    """Name a layer for a sentence."""
    return path if path.rpartition(".")[2].isidentifier() else f"layer {path}"


def broken_call(broken: Broken, step: Step) -> Call | None:
    """Return how the layer of a step was written."""
    found = (node for node in nodes(broken.network) if isinstance(node, Call) and node.span == step.span)
    return next(found, None)


def unchanged(trace: Trace, x: Tensor) -> Tensor:
    """Follow a tensor back through the steps that keep its shape."""
    for step in reversed(trace.steps):
        before = step.inputs[0] if step.inputs else None
        if step.output is x and isinstance(before, Tensor) and alike(before, x) is True:
            x = before
    return x


def input_sizes(broken: Broken, x: Tensor | None, got: int, wanted: int) -> Iterator[Repair]:
    """Write another size into the input, where a layer takes the input itself."""
    for name, tensor in broken.trace.inputs.items():
        spec = broken.network.inputs.get(name)
        if x is not None and tensor is unchanged(broken.trace, x) and spec is not None:
            for axis, (node, size) in enumerate(zip(spec.shape, x, strict=False)):  # another rank may have been given
                if axis and same(size, got):
                    for span in literals(broken.network, node, got):
                        words = f"{name} with {wanted} on axis {axis}, if that is what the data has"
                        yield Repair(words, (Edit(span, str(wanted)),))


def same(size: object, wanted: object) -> bool:
    """Tell whether two numbers are equal; a symbol is equal to none."""
    return isinstance(size, int) and isinstance(wanted, int) and size == wanted


RULES: tuple[Rule, ...] = (folded, moved, written, producers)
