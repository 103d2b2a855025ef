"""Rehearse a trace in the real torch: choose sizes for its symbols, and put what torch did beside each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.faults import ConvshapeError
from convshape.report.columns import sized
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from convshape.outcome import Real, Result
    from convshape.sizing import Sizes
    from convshape.steps import Trace

INSTALL = "torch is not installed here: python -m pip install 'convshape[torch]'"
BATCH = 2
"""The batch where it is free: BatchNorm in training needs more than one sample."""


class DifferenceError(ConvshapeError):
    """A step at which torch does not do what convshape says."""

    exit_code = 1


class Rehearsal:
    """A dry run beside its trace; `error` is what kept it from running, `sizes` what the symbols were taken to be."""

    def __init__(self, sizes: Mapping[str, int], result: Result | None, error: ConvshapeError | None) -> None:
        """Keep what came of it."""
        self.sizes = sizes
        self.result = result
        self.error = error

    def step(self, place: int) -> Real | None:
        """Return what torch did at a step."""
        steps = self.result.steps if self.result else ()
        return steps[place] if place < len(steps) else None

    def remarks(self) -> list[tuple[str, str]]:
        """Say what stands under a table: where it ran and at which sizes, and where torch and convshape differ."""
        if self.result is None:
            return []
        sizes = f" at {', '.join(f'{name}={size}' for name, size in self.sizes.items())}" if self.sizes else ""
        seconds = sum(step.seconds for step in self.result.steps)
        ran = f"{self.result.torch} on {self.result.device}{sizes}: {seconds * 1e3:.1f} ms"
        verdict = self.differences or [f"{len(self.result.steps)} steps, all as convshape says"]
        return [("torch", ran), *(("torch", words) for words in verdict), *self.weights]

    @property
    def weights(self) -> Iterator[tuple[str, str]]:
        """Say how much memory torch took, beside the estimate."""
        for weight in self.result.weights if self.result else ():
            what = "autograd keeps" if weight.what == "kept" else "a forward holds at its peak"
            yield "memory", f"{what} {sized(weight.measured)}; convshape says {sized(weight.estimated)}"

    @property
    def verdict(self) -> ConvshapeError | None:
        """The error that it ends with: what kept it from running, or the first difference; None where it agrees."""
        if self.error or not self.differences:
            return self.error
        return DifferenceError("dry-run", self.differences[0])

    @property
    def differences(self) -> list[str]:
        """Say where torch and convshape differ."""
        return self.result.differences() if self.result else []


def rehearse(trace: Trace, again: Callable[[Any], Trace], sizes_of: Callable[[], Sizes], device: str) -> Rehearsal:
    """Run a trace in torch on a device; `again` traces the network with other inputs, `sizes_of` solves for its sizes.

    Never raises for what torch lacks: the static answer stands, and `error` says why there is no other.
    """
    sizes: dict[str, int] = {}
    try:
        if trace.symbols.names:
            sizes = chosen(sizes_of())
            trace = again({name: numbers(tensor, sizes) for name, tensor in trace.inputs.items()})
        from convshape.dryrun import dry_run

        return Rehearsal(sizes, dry_run(trace, device), None)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        return Rehearsal(sizes, None, ConvshapeError("no-torch", INSTALL))
    except ConvshapeError as error:
        return Rehearsal(sizes, None, error)


def numbers(tensor: Tensor, sizes: Mapping[str, int]) -> Tensor:
    """Give the symbols of a shape their sizes."""
    return Tensor((size if isinstance(size, int) else size.at(**sizes) for size in tensor), tensor.dtype)


def chosen(works: Sizes) -> dict[str, int]:
    """Choose the smallest sizes that work, with more than one sample where that is allowed."""
    sizes = works.smallest()
    if sizes is None:
        raise ConvshapeError("no-sizes", "found no sizes for the dry run: give numbers with -i")
    batch = {**sizes, "N": BATCH}
    return batch if "N" in sizes and works.valid(**batch) else sizes
