"""Explain a pasted torch error: what each number is, which layer said it, and what to change."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING, Any, TypeGuard

from convshape import words
from convshape.bind import Module, modules
from convshape.dim import Dim
from convshape.explain.teachers import taught
from convshape.faults import ReadError, ShapeError
from convshape.messages import placeholders, read
from convshape.messages.refusals import codes, refusals, said_by
from convshape.prose import Lines, Rows, Text, Title, paragraphs
from convshape.render.diagnostic import diagnostic
from convshape.terminal import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convshape.faults import ConvshapeError, Fault
    from convshape.messages import Reading
    from convshape.messages.pasted import Frame, Pasted
    from convshape.prose import Block
    from convshape.steps import Trace

WANTED = (
    "it is no error of torch that convshape knows. What would be: the line that begins with RuntimeError: or "
    "ValueError:, such as mat1 and mat2 shapes cannot be multiplied (32x8784 and 320x2), "
    "or the whole traceback on standard input"
)
LARGEST = 10_000
"""Up to which size of an input one is looked for that gives the numbers of a message."""
WHICH = (
    'With your network beside it, convshape names the layer and the line: `convshape explain "THE MESSAGE" net.yaml`.'
)


def explain_message(pasted: Pasted, trace: Trace | None = None, lines: tuple[Any, ...] = ()) -> Iterator[Block]:
    """Explain a pasted text; with a network, which of its layers said it.

    Raises ReadError when no error of torch is in it.
    """
    reading = pasted.reading
    if reading is None:
        yield from broken_off(pasted)
        return
    reading = decided(reading, trace)
    fault = reading.fault
    yield Title(fault.code)
    yield Lines([f"{fault.torch_type}: {reading.words}"])
    yield from hedged(reading)
    teaching = list(taught(reading))
    yield from teaching or values(reading)
    yield from paragraphs(words.sections("faults")[fault.code].text)
    yield from several(reading)
    yield from told_where(pasted.own)
    if trace is not None:
        yield from in_network(reading, trace, lines)
    else:
        yield from who(reading)


def lesson(error: ConvshapeError) -> Iterator[Block]:
    """Teach why a network stops: what the numbers of torch's message are, and what the fault means."""
    if isinstance(error, ShapeError) and error.torch_message:
        reading = read(error.torch_message, error.torch_type)
        yield from taught(reading) if reading else ()
    yield from paragraphs(meaning(error.code))


def meaning(code: str) -> str:
    """Return what a code means."""
    pages = (words.sections(page) for page in ("faults", "errors"))
    return next((page[code].text for page in pages if code in page), "")


def decided(reading: Reading, trace: Trace | None) -> Reading:
    """Choose among faults of the same words the one that the network raises."""
    error = trace.error if trace else None
    if not same_words(error, reading):
        return reading
    chosen = next((fault for fault in (reading.fault, *reading.others) if fault.code == error.code), reading.fault)
    return reading._replace(fault=chosen, others=())


def same_words(error: ConvshapeError | None, reading: Reading) -> TypeGuard[ShapeError]:
    """Tell whether a network's error is in the words that were read."""
    return isinstance(error, ShapeError) and error.torch_message.split() == reading.words.split()


def hedged(reading: Reading) -> Iterator[Block]:
    """Say how sure the reading is, where it is not."""
    if reading.release:
        yield Text(
            f"These are the words of torch {reading.release}, read as well as can be; today's torch has others for it "
            "on the CPU."
        )
    elif not reading.exact:
        yield Text("This was found in the middle of the text, and read as well as can be.")


def several(reading: Reading) -> Iterator[Block]:
    """Name the other faults of which torch says the same."""
    others = [f"`{code}`" for code in reading.codes if code != reading.fault.code]
    if others:
        yield Text(
            f"torch says these words of other things too: {', '.join(others)}. The likeliest is explained here; "
            "`convshape explain CODE` explains another."
        )


def values(reading: Reading) -> Iterator[Block]:
    """Say our own sentence, and give the numbers that are not in it by their names."""
    says, told = reading.fault.says, {name for _, name, *_ in Formatter().parse(reading.fault.says) if name}
    sentence = told <= reading.values.keys()
    if sentence:
        yield Text(f"In short: it {says.format_map(Known(reading.values))}.")
    left = [(name, value) for name, value in reading.values.items() if not sentence or name not in told]
    if left:
        yield Rows([(name, str(list(value) if isinstance(value, tuple) else value)) for name, value in left])


class Known(dict[str, Any]):
    """Values for our sentence, as `Shown` writes them."""

    def __getitem__(self, name: str) -> Any:
        """Wrap a value as a template wants it."""
        from convshape.faults import Shown

        return Shown(super().__getitem__(name))


def told_where(frame: Frame | None) -> Iterator[Block]:
    """Name the line of the user's own that led there."""
    if frame:
        function = f", in {frame.function}" if frame.function else ""
        yield Text(f"The last line of your own code before it is {frame.file}:{frame.line}{function}:")
        yield Lines([frame.code] if frame.code else [], "python")


def who(reading: Reading) -> Iterator[Block]:
    """Say which layers have these words."""
    found = said_by([one for one in (reading.fault, *reading.others) if one.code == reading.fault.code], WHICH)
    if not found and reading.release:
        alike = [fault for fault in codes()[reading.fault.code] if set(reading.values) == value_names(fault)]
        found = said_by(alike, WHICH)
    yield from found


def value_names(fault: Fault) -> set[str]:
    """Return the names of the values in a template."""
    return {name for _, name, *_ in Formatter().parse(fault.torch_words) if name}


def broken_off(pasted: Pasted) -> Iterator[Block]:
    """Explain what a message that breaks off may have been.

    Raises ReadError when it is none of torch's.
    """
    likely: list[Fault] = pasted.beginnings
    if not likely:
        raise ReadError("no-torch-error", WANTED)
    fault = max(likely, key=lambda one: len(one.torch_words.partition("{")[0]))
    yield Title(fault.code)
    yield Text(
        "The message breaks off or has other numbers than expected; it was read as well as can be. In full it is:"
    )
    yield Lines([f"{fault.torch_type}: {placeholders(fault.torch_words)}"])
    release = getattr(fault, "release", "")
    yield from [Text(f"These are the words of torch {release}; today's has others for it.")] if release else []
    yield from paragraphs(words.sections("faults")[fault.code].text)
    yield from told_where(pasted.own)


# --- with a network ---


def in_network(reading: Reading, trace: Trace, lines: tuple[Any, ...]) -> Iterator[Block]:
    """Say which layer of a network said it: the one that stops the trace, else those with its numbers."""
    yield Title("In this network", 2)
    error = trace.error
    if same_words(error, reading):
        yield Text("This is what it says:")
        yield Lines(diagnostic(error, Screen(100)).splitlines())
        return
    found = [module for module in modules(lines) if could_say(module, reading)]
    if found:
        yield Rows([(module.path, at(trace, module)) for module in found])
        yield Text(f"{'This layer has' if len(found) == 1 else 'These layers have'} the numbers of the message.")
        yield from sizes_behind(reading, trace, found)
    else:
        yield Text(
            "None of its layers has the numbers of the message: it came from another network, or from other arguments."
        )
    if isinstance(error, ShapeError):
        there = error.code == reading.fault.code and any(module.path == error.path for module in found)
        yield Text(
            "There it stops with the input taken here:" if there else "With the input taken here it stops before:"
        )
        yield Lines(diagnostic(error, Screen(100)).splitlines())
    else:
        yield Text("With the input taken here the network works: give the one that failed with -i.")


def sizes_behind(reading: Reading, trace: Trace, found: Sequence[Module]) -> Iterator[Block]:
    """Say which size of the input gives the features that came, and which those that were wanted."""
    got, wanted = reading.values.get("got"), reading.values.get("in_features")
    failed = trace.error.step if trace.error else None
    steps = {step.path: step for step in (*trace.steps, failed) if step is not None}
    for module in found:
        inputs = steps[module.path].tensors if module.path in steps else []
        size = inputs[0][-1] if inputs else None
        if isinstance(size, Dim) and isinstance(got, int) and isinstance(wanted, int):
            yield from [Text(words) for words in came_from(module.path, size, got, wanted)]


def came_from(path: str, size: Dim, got: int, wanted: int) -> Iterator[str]:
    """Say at which size of its symbols, the same of each, a formula is what came, and what was wanted."""
    sizes = ((n, size.at(**dict.fromkeys(size.names, n))) for n in range(1, LARGEST))
    first: dict[Any, int] = {}
    for n, features in sizes:
        first.setdefault(features, n)
    name = " = ".join(sorted(size.names))
    if got in first:
        made = f"it was made for {name} = {first[wanted]}" if wanted in first else f"{wanted} comes of none"
        yield f"{path} gets `{size}` features: {got} where {name} = {first[got]}; {made}."


def could_say(module: Module, reading: Reading) -> bool:
    """Tell whether a layer may say a message: its code can name the fault, and its arguments are the numbers there."""
    layer = module.layer
    said = [fault for fault in (reading.fault, *reading.others) if fault in refusals(type(layer))]
    if reading.release:
        said = [fault for fault in refusals(type(layer)) if fault.code == reading.fault.code]
    fields = {name: value for name, value in reading.values.items() if name in layer.fields}
    return bool(said) and all(getattr(layer, name) == value for name, value in fields.items())


def at(trace: Trace, module: Module) -> str:
    """Write a layer and its place."""
    source = trace.network.source
    line, column = source.place(module.span.start)
    return f"{module.layer.signature()}, {source.name}:{line}:{column}"
