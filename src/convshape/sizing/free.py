"""Free: numbers of an input become symbols for a question, and symbols that a line pins become free again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convshape.dim import Dim
from convshape.faults import ConvshapeError, ReadError
from convshape.repair.edits import Edit, Repair, before, line_at
from convshape.report.lettering import lettered
from convshape.source import Span
from convshape.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from convshape.sizing import Sizes
    from convshape.sizing.reasons import Place, Reason
    from convshape.source import Source
    from convshape.steps import Step, Trace
    from convshape.tensor import Tensor

BY_RANK = {1: ("L",), 2: ("N", "C"), 3: ("N", "C", "L"), 4: ("N", "C", "H", "W"), 5: ("N", "C", "D", "H", "W")}
"""The letters of an input for which no layer has any."""
CHANNELS = "C"
RESHAPED = re.compile(r"(?:view|reshape)\(\s*([^()]*?)\s*\)\Z")
FLAT = ("flatten", "Flatten")


class Sized(tuple):  # type: ignore[type-arg]  # an input as the interface takes it: numbers and names
    """A shape with the names of symbols in it, and its dtype."""

    __slots__ = ()
    dtype = "float32"


def freed(trace: Trace, names: Sequence[str]) -> dict[str, Any]:
    """Return the inputs of a trace with the named axes as symbols; `all` frees every number but the channels.

    Raises ReadError where no axis has the name.
    """
    letters = {name: axes(trace, tensor) for name, tensor in trace.inputs.items()}
    known = {letter for found in letters.values() for letter in found}
    for name in names:
        if name not in known and name != "all":
            words = (
                f"no axis of the input is called {name}{did_you_mean(name, known)}; there is {', '.join(sorted(known))}"
            )
            raise ReadError("free", words)
    wanted = {*names, *(known - {CHANNELS} if "all" in names else ())}
    return {name: opened(tensor, letters[name], wanted) for name, tensor in trace.inputs.items() if plain(tensor)}


def plain(tensor: Tensor) -> bool:
    """Tell whether every size is a number or a symbol alone; a formula stays as it was written."""
    return all(isinstance(size, int) or str(size).isidentifier() for size in tensor)


def opened(tensor: Tensor, letters: Sequence[str], wanted: set[str]) -> Any:
    """Write the symbols into a shape."""
    sizes = (
        str(size) if isinstance(size, Dim) else letter if letter in wanted else size
        for size, letter in zip(tensor, letters, strict=True)
    )
    return type("Sized", (Sized,), {"dtype": tensor.dtype})(sizes)


def axes(trace: Trace, tensor: Tensor) -> tuple[str, ...]:
    """Name the axes of an input: as the first layer that its axes come to does, else by their number."""
    steps: list[Step] = [*trace.steps, *([trace.error.step] if trace.error and trace.error.step else [])]
    letters = lettered(steps).get(id(tensor))
    if letters:
        return letters
    for step in steps:
        if step.layer is not None and any(one is tensor for one in step.tensors):
            letters = step.layer.letters(tensor)
            if len(letters) == len(tensor):
                return letters
    if len(tensor) == 2 and "int" in tensor.dtype:  # noqa: PLR2004  # words of sentences
        return "N", "L"
    return BY_RANK.get(len(tensor), tuple(f"A{axis}" for axis in range(len(tensor))))


# --- symbols that are pinned ---


def ways_out(sizes: Sizes, name: str, again: Callable[[Source], Sizes]) -> Iterator[tuple[Repair, Sizes]]:
    """Give the edits that free a symbol which can be one number only; each was tried."""
    source = sizes.traces[0].network.source
    for repair in (edit for place in pinning(sizes, name) for edit in candidates(sizes, place)):
        try:
            found = again(repair.applied(source))
        except ConvshapeError:
            continue
        if found.worlds and name in found.symbols and found.alone(name).only is None:
            yield repair, found


def pinning(sizes: Sizes, name: str) -> list[Place]:
    """Return what pins a symbol."""
    about: list[Reason] = [reason for reason in sizes.reasons if reason.symbols == (name,)]
    return [place for reason in about for place in reason.places]


def candidates(sizes: Sizes, place: Place) -> Iterator[Repair]:
    """Give the edits worth trying where a symbol is pinned."""
    trace = sizes.traces[0]
    found = RESHAPED.search(trace.network.source.at(place.span)) if place.span else None
    if found and place.span:
        yield from reshaped(place.span, found)
    flat = next((step for step in reversed(trace.steps[: index(trace, place)]) if step.name in FLAT), None)
    if flat is not None and flat.span is not None and len(flat.tensors[0]) > 2:  # noqa: PLR2004  # spatial axes
        x = flat.tensors[0][2:]
        least = sizes.smallest() or {}
        wanted = ", ".join(str(size.at(**least) if isinstance(size, Dim) else size) for size in x)
        code = f"AdaptiveAvgPool{len(x)}d({wanted if len(x) == 1 else f'({wanted})'})"
        line = line_at(trace.network, flat.span.start)
        edit = before(trace.network, line, "", code) if line else None
        if edit is not None:
            yield Repair(f"put {code} before {flat.call}", (edit,))


def index(trace: Trace, place: Place) -> int:
    """Return which step a place is."""
    return next((i for i, step in enumerate(trace.steps) if (step.path, step.span) == (place.path, place.span)), 0)


def reshaped(span: Span, found: re.Match[str]) -> Iterator[Repair]:
    """Let each number of a view be worked out, one after the other; or flatten."""
    parts = [part.strip() for part in found[1].split(",")]
    start, end = span.start + found.start(1), span.start + found.end(1)
    if "-1" not in parts:
        for place, part in enumerate(parts):
            if part.isdigit():
                text = ", ".join([*parts[:place], "-1", *parts[place + 1 :]])
                yield Repair(f"{found[0].partition('(')[0]}({text})", (Edit(Span(start, end), text),))
    if len(parts) == 2:  # noqa: PLR2004  # (N, features)
        yield Repair("flatten(1)", (Edit(Span(span.start + found.start(), span.end), "flatten(1)"),))
