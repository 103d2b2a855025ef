"""Rehearsal: a dry run of a network at its smallest sizes. It imports torch, and so is imported by name alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape.bind import bind
from convshape.dim import Dim
from convshape.dryrun import dry_run
from convshape.inputs import pinned
from convshape.proof import Study
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.steps import Trace


def rehearse(study: Study) -> list[str]:
    """Run a network in torch, and say where it differs from its trace.

    Raises DryRunError where torch cannot run it here.
    """
    trace = concrete(study)
    known = pinned(study.network, trace.inputs, study.settings)
    lines = bind(study.network, trace.symbols, settings=known, training=study.train, inputs=trace.inputs)
    return dry_run(trace, lines).differences()


def concrete(study: Study) -> Trace:
    """Trace a network with numbers for its symbols: the smallest sizes for which it works."""
    if not study.trace.symbols.names:
        return study.trace
    sizes = study.sizes.smallest() or dict.fromkeys(study.trace.symbols.names, 1)
    inputs = {
        name: Tensor((size.at(**sizes) if isinstance(size, Dim) else size for size in tensor), tensor.dtype)
        for name, tensor in study.trace.inputs.items()
    }
    return Study(study.network, inputs, study.settings, train=study.train).trace
