"""A module as Python code: what emitting has found out is only written down here."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from convshape.bound import Aside, BoundLine, Function, Module, Subnet
from convshape.emitting import Part, emitted
from convshape.emitting.torchwords import homes, layer_text
from convshape.faults import ReadError
from convshape.layers.reshape import Flatten
from convshape.network import Attribute, Call, Name, Node
from convshape.ops.layered import LayerOp
from convshape.report import shape_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from convshape.layer import Layer
    from convshape.steps import Step, Trace

WIDTH = 100
"""From where on the shape of a line stands above it."""
INDENT = "    "


def module_code(trace: Trace, *, lazy: bool = False) -> str:
    """Write the nn.Module of a trace.

    Raises the error of the trace; ReadError where a number is open, or torch has no such class.
    """
    found = emitted(trace)
    made = [row for part in found.parts for row in assigned(part, lazy=lazy)]
    lines = [row for line in found.lines for row in commented(line.code, line.shape)]
    result = f"return {found.result}"
    if lines and (last := re.fullmatch(rf"{found.result} = ([^#]*?)(  # .*)?", lines[-1], re.DOTALL)):
        lines[-1] = f"return {last[1]}{last[2] or ''}"
        result = ""
    body = [f"{INDENT * 2}{row}" for row in (*lines, result) if row]
    parameters = "".join(f", {name}: torch.Tensor" for name in found.inputs)
    returns = "torch.Tensor" if hasattr(trace.output, "dtype") else "tuple"
    text = "\n".join(
        [
            f"class {title(trace)}(nn.Module):",
            f'{INDENT}"""{summary(trace)}"""',
            "",
            *([f"{INDENT}def __init__(self) -> None:", f'{INDENT * 2}"""Make the layers."""',
               f"{INDENT * 2}super().__init__()", *(f"{INDENT * 2}{row}" for row in made), ""] if made else []),
            f"{INDENT}def forward(self{parameters}) -> {returns}:",
            f'{INDENT * 2}"""Return {shapes(trace.output)}."""',
            *body,
        ]
    )  # fmt: skip
    return f"{imports(text, trace)}\n\n\n{text}\n"


def imports(text: str, trace: Trace) -> str:
    """Write the imports that a text needs, as isort orders them."""
    rows = ["import math"] if "math." in text else []
    rows += ["from collections import OrderedDict"] if "OrderedDict(" in text else []
    rows += [""] if rows else []
    rows += ["import torch"] if "torch." in text else []
    rows += ["import torch.nn.functional as F  # noqa: N812"] if re.search(r"\bF\.", text) else []
    own = homes(step.layer for step in trace.steps)
    return "\n".join([*rows, *sorted({"from torch import nn", *own})])


def title(trace: Trace) -> str:
    """Name the class."""
    words = re.split(r"[\W_]+", trace.network.name)
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"Net{name}"


def summary(trace: Trace) -> str:
    """Say what goes in and what comes out."""
    inputs = ", ".join(f"{name} {shape_text(x)}" for name, x in trace.inputs.items())
    params = f"{trace.params:,}" if isinstance(trace.params, int) else str(trace.params)
    return f"From {inputs} to {shapes(trace.output)}; {params} parameters."


def shapes(output: object) -> str:
    """Write the shape of the output."""
    return shape_text(output)


def assigned(part: Part, *, lazy: bool) -> Iterator[str]:
    """Write `self.name = ...`."""
    rows = list(written(part, lazy=lazy))
    yield f"self.{part.name} = {rows[0]}"
    yield from rows[1:]


def written(part: Part, *, lazy: bool) -> Iterator[str]:
    """Write a layer, or a Sequential with a line for each of its layers."""
    if part.layer is not None:
        yield layer_text(part.layer, lazy=lazy)
        return
    named = any(not inner.name.isdigit() for inner in part.parts)
    opening, closing = (("OrderedDict(", "["), ("]", ")")) if named else ((), ())
    yield "nn.Sequential("
    yield from (f"{INDENT * depth}{row}" for depth, row in enumerate(opening, 1))
    for inner in part.parts:
        rows = list(written(inner, lazy=lazy))
        if named:
            rows = pair(inner.name, rows)
        rows[-1] += ","
        yield from (f"{INDENT * (len(opening) + 1)}{row}" for row in rows)
    yield from (f"{INDENT * depth}{row}" for depth, row in zip((2, 1), closing, strict=False))
    yield ")"


def pair(name: str, rows: list[str]) -> list[str]:
    """Write a name and a layer as a pair of an OrderedDict."""
    if len(rows) == 1:
        return [f'("{name}", {rows[0]})']
    inner = [f'"{name}",', *rows[:-1], f"{rows[-1]},"]
    return ["(", *(f"{INDENT}{row}" for row in inner), ")"]


def commented(code: str, shape: str) -> Iterator[str]:
    """Write a line with the shape that it gives, above it where there is no room beside it."""
    if shape and len(code) + len(shape) + 12 > WIDTH:
        yield f"# {shape}"
        yield code
    else:
        yield f"{code}  # {shape}" if shape else code


# --- Sequential ---


def sequential_code(trace: Trace, *, lazy: bool = False) -> str:
    """Write the nn.Sequential of a trace.

    Raises the error of the trace; ReadError at a line that is no layer, and as `module_code`.
    """
    if trace.error:
        raise trace.error
    steps = {step.path: step for step in trace.steps}
    part = Part("", None, tuple(parts(trace, trace.lines, steps)))
    rows = list(written(part, lazy=lazy))
    text = "\n".join(["model = " + rows[0], *rows[1:]])
    return f"{imports(text, trace)}\n\n# {summary(trace)}\n{text}\n"


def parts(trace: Trace, lines: Iterable[BoundLine], steps: dict[str, Step]) -> Iterator[Part]:
    """Give the parts of a Sequential."""
    for line in lines:
        name = line.path.rpartition(".")[2]
        value = line.value
        if isinstance(value, Subnet):
            yield Part(name, None, tuple(parts(trace, value.lines, steps)))
        elif isinstance(value, Module):
            yield Part(name, steps[value.path].layer)
        else:
            yield Part(name, as_layer(trace, value, steps.get(line.path)))


def as_layer(trace: Trace, node: Node, step: Step | None) -> Layer:
    """Return the layer that does what a function or a method does to the running tensor."""
    words = "this line is no layer of a Sequential: leave --sequential out"
    error = ReadError("not-sequential", words, trace.network.source, node.span)
    if step is None or step.op is None or isinstance(node, Aside) or not on_x(node):
        raise error
    if isinstance(step.op, LayerOp):
        layer: Layer = step.op.rule(**step.op.read(step.inputs, step.keywords or {}, bound=True))[0]
        return layer
    if step.op.name == "flatten":
        given = step.op.read(step.inputs, step.keywords or {}, bound=True)
        return Flatten(given.get("start_dim", 0), given.get("end_dim", -1))
    if step.op.name in ("view", "reshape") and is_flat(step):
        return Flatten()
    raise error


def is_flat(step: Step) -> bool:
    """Tell whether a view makes one row of each sample, as Flatten does."""
    x, output = step.inputs[0], step.output
    return len(output) == 2 < len(x) and (output[0] == x[0]) is True  # noqa: PLR2004  # samples and their features


def on_x(node: Node) -> bool:
    """Tell whether an expression is one call on the running tensor."""
    if isinstance(node, Function):
        return True
    if not isinstance(node, Call):
        return False
    held = node.function.value if isinstance(node.function, Attribute) else next(iter(node.arguments), None)
    return isinstance(held, Name) and held.id == "x"
