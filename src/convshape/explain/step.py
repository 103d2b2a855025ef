"""Explain a step of a network: what this layer does to this input, with every line of the arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dim import prod
from convshape.explain.arithmetic import worked
from convshape.explain.picture import draw, places, spans, unread
from convshape.faults import Refusal
from convshape.prose import Lines, Rows, Text, Title, paragraphs, plural, shape
from convshape.report import Report, shape_text
from convshape.report.formula import formulas, noted
from convshape.report.receptive import fields, windows_of
from convshape.report.written import text_of
from convshape.steps import first_tensor
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convshape.layer import Layer
    from convshape.prose import Block
    from convshape.report.receptive import Field
    from convshape.steps import Step, Trace
    from convshape.window import Window

FILTERED = {"in_channels", "out_channels", "groups", "kernel_size"}
"""The arguments of a layer that has filters."""
MANY = 8
"""How many unread positions are named before they are only counted."""


def explain_step(trace: Trace, step: Step) -> Iterator[Block]:
    """Explain a step with its numbers."""
    report = Report(trace)
    yield from head(trace, step)
    yield Rows(list(shapes(report, step)))
    yield from formula_lines(report, step)
    yield from weight_rows(step)
    yield from filters(step)
    yield from picture(step, report.letters_in(step))
    yield from sees(report, step)


def explain_refused(trace: Trace, step: Step) -> Iterator[Block]:
    """Explain the step at which a trace stops: what comes in, and why it is refused."""
    from convshape.explain.message import lesson

    assert trace.error is not None  # noqa: S101  # the caller has looked
    yield from head(trace, step)
    yield Rows(list(shapes(Report(trace), step)))
    yield Title("Why it refuses", 2)
    yield from lesson(trace.error)


def head(trace: Trace, step: Step) -> Iterator[Block]:
    """Say what a step is, where it is written, and what it does."""
    yield Title(f"{step.path}: {written(trace, step)}")
    yield from where(trace, step)
    yield from paragraphs(told(step))


def told(step: Step) -> str:
    """Return the first line of the documentation of a layer or an op."""
    declared = type(step.layer) if step.layer is not None else step.op.rule if step.op else None
    return ((declared.__doc__ or "") if declared else "").partition("\n")[0]


def written(trace: Trace, step: Step) -> str:
    """Write a step: the layer as it is made, or the source of an op."""
    source = trace.network.source
    return step.call if step.layer is not None or not step.span else " ".join(source.at(step.span).split())


def where(trace: Trace, step: Step) -> Iterator[Block]:
    """Say where a step is written."""
    source = trace.network.source
    if step.span and source.name != "<net>":
        line, column = source.place(step.span.start)
        yield Text(f"{source.name}:{line}:{column}")


def shapes(report: Report, step: Step) -> Iterator[tuple[str, str]]:
    """Give what goes in and what comes out, the axes by their letters."""
    for place, x in enumerate(step.tensors):
        yield "goes in", shape(x, axes_in(report, step) if place == 0 else ())
    out = report.known.get(id(step.output), ())
    if step.output is not None:
        yield "comes out", shape(step.output, out) if isinstance(step.output, Tensor) else shape_text(step.output)
    if step.shared:
        yield "weights", "shared with an earlier step, and counted there"


def axes_in(report: Report, step: Step) -> Sequence[str]:
    """Name the axes that go in: by their letters, else as the layer expects them; "" where it has no name for one."""
    letters = report.letters_in(step)
    wanted = step.layer.expects() or () if step.layer and not letters else ()
    first = next(iter(step.tensors), ())
    return letters or tuple(size if isinstance(size, str) else "" for size in wanted if len(wanted) == len(first))


def formula_lines(report: Report, step: Step) -> Iterator[Block]:
    """Work out each axis that the rule computes; one that comes out as another did, in the same way, is only named."""
    output = report.known.get(id(step.output), ())
    worked_out: dict[tuple[str, ...], str] = {}
    for formula in formulas(step, report.letters_in(step)):
        name = f"{output[formula.axis]}_out" if output else f"axis {formula.axis}"
        lines = worked(formula)
        first = worked_out.setdefault(tuple(lines[1:]), name)
        if first == name or len(lines) == 1:
            yield Lines([f"{name} = {lines[0]}", *(f"{' ' * len(name)} = {line}" for line in lines[1:])])
        else:
            yield Lines([f"{name} = {lines[0]}", f"{' ' * len(name)} = {lines[-1]}, as {first}"])


def weight_rows(step: Step) -> Iterator[Block]:
    """Say what it learns: each weight by its arguments and in numbers."""
    if step.layer is None or not step.weights:
        return
    names = written_weights(step.layer)
    rows = []
    for name, sizes in step.weights.items():
        texts = [shape([text_of(size) for size in names[name]])] if name in names else []
        rows.append((name, f"{' = '.join(dict.fromkeys([*texts, shape(sizes)]))}: {plural(prod(sizes), 'number')}"))
    rows.append(("parameters", f"{sum_of(step):,}" if isinstance(sum_of(step), int) else str(sum_of(step))))
    yield Rows(rows)


def written_weights(layer: Layer) -> dict[str, Any]:
    """Return the shapes of the weights by the names of the arguments; nothing where other layers are made of them."""
    try:
        return dict(noted(layer, named=True).weights())
    except (Refusal, TypeError, ValueError):  # a part takes plain numbers alone
        return {}


def sum_of(step: Step) -> Any:
    """Count the parameters, shared or not."""
    total: Any = 0
    for sizes in step.weights.values():
        total = total + prod(sizes)
    return total


def filters(step: Step) -> Iterator[Block]:
    """Say what the filters of a convolution do here: over which channels, and whether the window moves at all."""
    layer = step.layer
    if layer is None or not layer.fields.keys() >= FILTERED or "output_padding" in layer.fields:
        return
    inner, outer, groups = (layer.__dict__[name] for name in ("in_channels", "out_channels", "groups"))
    if not all(isinstance(number, int) for number in (inner, outer, groups)):
        return
    share = inner // groups
    each = (
        "each over one channel alone (depthwise)"
        if share == 1 < groups
        else f"each over {share} of the {inner} channels"
    )
    if groups == 1:
        each = f"each over {f'all {inner} channels at once' if inner > 1 else 'the one channel'}"
    yield Text(f"{plural(outer, 'filter')}, {each}.{standing(step, inner, outer, groups)}")


def standing(step: Step, inner: int, outer: int, groups: int) -> str:
    """Say where a window does not slide, or reads one position at a time."""
    windows = windows_of(step)
    lengths, counts = step.tensors[0][-len(windows) :], step.output[-len(windows) :]
    if all(window[:3] == (1, 1, 0) for window in windows):
        linear = f": `Linear({inner}, {outer})` over the channels does the same" if groups == 1 else ""
        one = all_numbers(lengths) and all(length == 1 for length in lengths)
        alone = "There is one position, so that nothing slides" if one else "A kernel of 1 looks at each position alone"
        return f" {alone}{linear}."
    if all_numbers(counts) and all(count == 1 for count in counts):
        return " The window stands in one place, and makes one number of all that it covers."
    return ""


def all_numbers(sizes: Sequence[Any]) -> bool:
    """Tell whether no size is open."""
    return all(isinstance(size, int) for size in sizes)


def picture(step: Step, letters: Sequence[str] = ()) -> Iterator[Block]:
    """Draw the window along the last axis, and count what no window reads along each; `letters` name the axes."""
    x = step.first
    windows = windows_of(step) if x is not None and isinstance(step.output, Tensor) else ()
    if x is None or not any(moves(window) for window in windows):
        return
    lengths, counts = x[-len(windows) :], step.output[-len(windows) :]
    known = [one for one in zip(windows, lengths, counts, strict=True) if drawable(*one)]
    if not known:
        yield from symbolic(windows, lengths)
        return
    window, length, count = known[-1]
    drawn = draw(length, window, count)
    yield from [Lines(drawn)] if drawn else []
    alike = len(set(known)) == 1
    for axis, (window, length, count) in enumerate(known[:1] if alike else known, -len(known)):
        where = " along each axis" if alike else f" along {along(axis, letters)}"
        yield from left_over(length, window, count, where if len(known) > 1 else "")


def moves(window: Window) -> bool:
    """Tell whether a window is worth a picture: it covers more than one position, or skips some."""
    return not window.transposed and (window.kernel, window.stride) != (1, 1)


def drawable(window: Window, length: Any, count: Any) -> bool:
    """Tell whether all numbers of a window are known, and windows in ceil mode do not hang over the end."""
    numbers = (*window[:4], length, count)
    return all(isinstance(value, int) and value >= 0 for value in numbers) and 0 < count <= places(length, window)


def left_over(length: int, window: Window, count: int, where: str) -> Iterator[Block]:
    """Say which positions no window reads, and that a step does not come out even."""
    missed = unread(length, window, count)
    room = (length + 2 * window.padding - window.dilation * (window.kernel - 1) - 1) % window.stride
    if missed:
        named = spans(missed) if len(missed) <= MANY else f"{spans(missed[:MANY])}, ..."
        yield Text(f"No window reads {plural(len(missed), 'position')} of {length}{where}: {named}.")
    if room:
        yield Text(
            f"The steps of {window.stride} do not come out even{where}. Positions left over behind the last window: "
            f"{room}, too few for another: the division rounds down (the floor of //)."
        )


def symbolic(windows: Sequence[Window], lengths: Sequence[Any]) -> Iterator[Block]:
    """Say how many positions stand behind the last window, as a formula."""
    for window, length in zip(windows, lengths, strict=True):
        if not isinstance(window.stride, int) or window.stride > 1:
            room = (length + 2 * window.padding - window.dilation * (window.kernel - 1) - 1) % window.stride
            yield Text(f"Behind the last window stand {room} of the padded positions; the division rounds down.")


def sees(report: Report, step: Step) -> Iterator[Block]:
    """Say which positions of the network's input an output sees: along each axis, or along all that see the same."""
    steps = report.trace.steps
    place = next((place for place, one in enumerate(steps) if one is step), None)
    seen = (None if place is None else fields(steps)[place]) or ()
    letters = report.known.get(id(step.output), ())
    said: dict[str, list[str]] = {}
    for axis, field in enumerate(seen, -len(seen)):
        said.setdefault(stretch(field, first_tensor(step.output)[axis]), []).append(along(axis, letters))
    for words, axes in said.items():
        where = f" along {' and '.join(axes)}" if len(seen) > 1 else ""
        yield Text(words.format(where=where))


def along(axis: int, letters: Sequence[str]) -> str:
    """Name an axis: by its letter, where it has one."""
    return letters[axis] if letters else f"axis {axis}"


def stretch(field: Field, count: Any) -> str:
    """Say what one output sees: 0 the positions -1 to 1, and each further one so many more."""
    start, end = field.start, field.start + field.size - 1
    numbers = f"positions {float(start):g} to {float(end):g}" if end > start else f"position {float(start):g}"
    padding = "; negative ones are padding" if start < 0 else ""
    further = f", output 1 those {float(field.jump):g} further on" if not isinstance(count, int) or count > 1 else ""
    return f"Output 0 sees {numbers} of the network's input{{where}}{further}{padding}."
