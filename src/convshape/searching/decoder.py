"""Mirror: the decoder that undoes an encoder, transposed windows with the output_padding that gives each size back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.api import trace
from convshape.declaration import short
from convshape.dim import Dim, prod
from convshape.faults import ReadError
from convshape.report.receptive import same, windows_of
from convshape.steps import every_tensor
from convshape.window import unslide

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from convshape.network import Network
    from convshape.steps import Step, Trace
    from convshape.tensor import Sizes, Tensor
    from convshape.window import Window


def mirror(
    net: str | os.PathLike[str] | Network,
    input: Any = None,  # noqa: A002  # the word of the command line
    set: Mapping[str, Any] | None = None,  # noqa: A002  # the word of the command line
) -> str:
    """Return the description of the network that undoes an encoder, from its output back to its input.

    Where branches are added to a path, the path alone is undone, and a comment names what is left out. The output has
    the shape of the input of `net`, whose sizes must be numbers but for the batch.
    Raises ShapeError where `net` does not work, ReadError where it cannot be read or has no mirror.
    """
    return backwards(trace(net, input, set))


def backwards(result: Trace) -> str:
    """Write the mirror of a trace. Raises as `mirror`."""
    if result.error:
        raise result.error
    if len(result.inputs) != 1:
        raise ReadError("mirror", "a mirror has one output: give it one input", result.network.source)
    (x,) = result.inputs.values()
    if any(isinstance(size, Dim) for size in x[1:]):
        words = f"what a window loses depends on the sizes of the input: give them with -i in place of {x}"
        raise ReadError("mirror", words, result.network.source)
    steps, left_out = path(result, x)
    before = steps[-1].output if steps else x
    lines = list(mirrored(result, blocks(steps)))
    text = "\n".join([f"input: [{', '.join(map(str, before))}]", "layers:", *(f"  - {line}" for line in lines)]) + "\n"
    checked(result, text, x)
    note = (
        f"# one path alone: left out are the branches that are added to it, at {', '.join(left_out)}\n"
        if left_out
        else ""
    )
    return note + text


def path(result: Trace, x: Tensor) -> tuple[list[Step], list[str]]:
    """Follow the output back to the input; return the steps on the way, and where others are added without a trace.

    Raises ReadError where something joins the path and changes its shape.
    """
    steps: list[Step] = []
    left_out: list[str] = []
    at: Any = result.output
    for step in reversed(result.steps):
        if not any(made is at for made in every_tensor(step.output)):
            continue
        before = step.tensors[0]
        if len(step.tensors) == 1:
            steps.append(step)
        elif same(before, step.output):
            left_out.append(f"{step.path} {step.name}")
        else:
            raise refused(result, step, "joins branches to another shape: a mirror goes back along one path")
        at = before
    if at is not x:
        raise ReadError("mirror", "the output does not come from the input alone", result.network.source)
    return steps[::-1], left_out[::-1]


def checked(result: Trace, text: str, x: Tensor) -> None:
    """Trace a mirror: it must give back the input."""
    again = trace(text)
    if again.error or again.output != x:
        words = (
            f"the mirror gives {again.output or 'an error'} in place of {x}: {again.error or 'a layer has no inverse'}"
        )
        raise ReadError("mirror", words, result.network.source)


def refused(trace: Trace, step: Step, words: str) -> ReadError:
    """Make an error at a step."""
    return ReadError("mirror", f"{step.path} {step.name} {words}", trace.network.source, step.span)


def blocks(steps: Sequence[Step]) -> list[list[Step]]:
    """Cut a chain where the shape changes: what changes it, and the layers after it that keep it."""
    found: list[list[Step]] = []
    for step in steps:
        if step.tensors[0] != step.output or changes(step) or not found:
            found.append([step])
        else:
            found[-1].append(step)
    return found


def changes(step: Step) -> bool:
    """Tell whether a layer has windows or turns features into others, even where the sizes stay."""
    return bool(windows_of(step)) or (step.layer is not None and "out_features" in step.layer.fields)


def mirrored(trace: Trace, parts: list[list[Step]]) -> Iterator[str]:
    """Undo blocks from the last to the first; what stood after the change of shape before stands after each."""
    for place in reversed(range(len(parts))):
        yield undone(trace, parts[place][0])
        if place:
            yield from (again(step) for step in parts[place - 1][1:])


def again(step: Step) -> str:
    """Write a step that keeps the shape as it was made; a function, of the running tensor."""
    if step.layer is not None:
        return step.call
    values = [*map(repr, step.inputs[1:]), *(f"{name}={value!r}" for name, value in (step.keywords or {}).items())]
    return f"{step.name}({', '.join(['x', *values])})"


def undone(trace: Trace, step: Step) -> str:
    """Write the layer that turns the output of a step back into its input."""
    x, y = step.tensors[0], step.output
    if x == y and not changes(step):
        return again(step)
    if step.layer is not None and {"in_features", "out_features"} <= set(step.layer.fields):
        return f"Linear({y[-1]}, {x[-1]})"
    slid = windows_of(step)
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
