"""Mirror: the decoder that undoes an encoder, transposed windows with the output_padding that gives each size back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.api import trace
from convshape.declaration import short
from convshape.dim import Dim, prod
from convshape.faults import ReadError
from convshape.steps import every_tensor
from convshape.window import unslide

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from convshape.network import Network
    from convshape.steps import Step, Trace
    from convshape.tensor import Sizes
    from convshape.window import Window


def mirror(
    net: str | os.PathLike[str] | Network,
    input: Any = None,  # noqa: A002  # the word of the command line
    set: Mapping[str, Any] | None = None,  # noqa: A002  # the word of the command line
) -> str:
    """Return the description of the network that undoes a chain of layers, from its output back to its input.

    Its output has the shape of the input of `net`, whose sizes must be numbers but for the batch.
    Raises ShapeError where `net` does not work, ReadError where it cannot be read, is no chain or has no mirror.
    """
    return backwards(trace(net, input, set))


def backwards(trace: Trace) -> str:
    """Write the mirror of a trace. Raises as `mirror`."""
    if trace.error:
        raise trace.error
    (x,) = every_tensor(tuple(trace.inputs.values())) if len(trace.inputs) == 1 else (None,)
    before: Any = x
    for step in trace.steps:
        if len(step.tensors) != 1 or step.tensors[0] is not before:
            raise refused(trace, step, "takes more than what the layer before it gives: only a chain has a mirror")
        before = step.output
    lines = list(mirrored(trace, blocks(trace)))
    shape = ", ".join(map(str, before))
    return "\n".join([f"input: [{shape}]", "layers:", *(f"  - {line}" for line in lines)]) + "\n"


def refused(trace: Trace, step: Step, words: str) -> ReadError:
    """Make an error at a step."""
    return ReadError("mirror", f"{step.path} {step.name} {words}", trace.network.source, step.span)


def blocks(trace: Trace) -> list[list[Step]]:
    """Cut a chain where the shape changes: what changes it, and the layers after it that keep it."""
    found: list[list[Step]] = []
    for step in trace.steps:
        if step.tensors[0] != step.output or changes(step) or not found:
            found.append([step])
        else:
            found[-1].append(step)
    return found


def changes(step: Step) -> bool:
    """Tell whether a layer has windows or turns features into others, even where the sizes stay."""
    return step.layer is not None and bool(windows(step) or "out_features" in step.layer.fields)


def windows(step: Step) -> Sequence[Window]:
    """Return the windows of a layer."""
    layer, (x, *_) = step.layer, step.tensors
    return layer.windows(tuple(x[-layer.axes :])) if layer is not None and layer.axes else ()


def mirrored(trace: Trace, parts: list[list[Step]]) -> Iterator[str]:
    """Undo blocks from the last to the first; what stood after the change of shape before stands after each."""
    for place in reversed(range(len(parts))):
        yield undone(trace, parts[place][0])
        if place:
            yield from (again(trace, step) for step in parts[place - 1][1:])


def again(trace: Trace, step: Step) -> str:
    """Write a step that keeps the shape as it was made."""
    if step.layer is not None or step.span is None:
        return step.call
    return trace.network.source.text[step.span.start : step.span.end]


def undone(trace: Trace, step: Step) -> str:
    """Write the layer that turns the output of a step back into its input."""
    x, y = step.tensors[0], step.output
    if x == y and not changes(step):
        return again(trace, step)
    if step.layer is not None and {"in_features", "out_features"} <= set(step.layer.fields):
        return f"Linear({y[-1]}, {x[-1]})"
    slid = windows(step)
    if slid and len(x) == len(y):
        return window_back(trace, step, slid)
    if len(y) < len(x) and (prod(x[len(y) - 1 :]) == y[-1]) is True and (x[: len(y) - 1] == y[:-1]):
        return f"Unflatten({len(y) - 1}, ({', '.join(map(str, x[len(y) - 1 :]))}))"
    axes = step.layer.axes if step.layer is not None else 0
    if axes and len(x) == len(y) and x[: len(x) - axes] == y[: len(x) - axes]:
        return f"Upsample(size={short(tuple(x[-axes:]), axes)})"
    raise refused(trace, step, "has no mirror")


def window_back(trace: Trace, step: Step, slid: Sequence[Window]) -> str:
    """Write the window that goes back: transposed for a plain one, plain for a transposed one."""
    axes = len(slid)
    x, y = step.tensors[0], step.output
    channels = f"{y[-axes - 1]}, {x[-axes - 1]}"
    groups = getattr(step.layer, "groups", 1)
    fields: dict[str, list[Any]] = {"stride": [], "padding": [], "output_padding": [], "dilation": []}
    for length, made, window in zip(x[-axes:], y[-axes:], slid, strict=True):
        padding, more = fitting(trace, step, (length, made), window)
        for name, value in zip(fields, (window.stride, padding, more, window.dilation), strict=True):
            fields[name].append(value)
    if slid[0].transposed:
        del fields["output_padding"]
    usual = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1, "groups": 1}
    parts = [f"{name}={short(tuple(values), axes)}" for name, values in fields.items() if set(values) != {usual[name]}]
    kernel = short(tuple(window.kernel for window in slid), axes)
    name = f"Conv{axes}d" if slid[0].transposed else f"ConvTranspose{axes}d"
    return f"{name}({', '.join([channels, kernel, *parts, *([f'groups={groups}'] if groups != 1 else [])])})"


def fitting(trace: Trace, step: Step, lengths: Sizes, window: Window) -> tuple[Any, Any]:
    """Return the padding and the output_padding that give a length back.

    An output_padding has to be below the stride or the dilation: where it is not, the padding makes room.
    """
    before, after = lengths
    if isinstance(before, Dim) or isinstance(after, Dim):
        raise refused(trace, step, f"slides over {before}: give the input its sizes, as what is lost depends on them")
    if window.transposed:
        return window.padding, 0
    padding = window.padding
    more = before - unslide(after, window.kernel, window.stride, padding, 0, window.dilation)
    most = max(window.stride, window.dilation)
    while more < 0 or (more >= most and padding > 0):
        step_by = 1 if more < 0 else -1
        padding, more = padding + step_by, more + 2 * step_by
    if not 0 <= more < most:
        raise refused(trace, step, f"leaves {more} of {before} behind, more than an output_padding can give back")
    return padding, more
