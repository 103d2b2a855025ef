"""The dry run: the same propagation over real tensors, each step compared with what the rules said.

This is the only part that imports torch. It needs torch >= 2.4; the modules are made on the device itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from convshape.dryrun.devices import find_device
from convshape.dryrun.live import Live, ran
from convshape.dryrun.making import inputs_of
from convshape.dryrun.weighing import weighed
from convshape.limits import stop_clock
from convshape.outcome import Result

if TYPE_CHECKING:
    from convshape.steps import Trace


def dry_run(trace: Trace, device: str = "cpu") -> Result:
    """Run a traced network in torch, step by step, with inputs of the sizes of the trace, and once more to weigh it.

    Raises DryRunError when the device is not there or its memory does not suffice.
    """
    stop_clock()
    place = find_device(device)
    with torch.no_grad():
        live = ran(Live(trace, inputs_of(trace, place), place), trace)
    held = {} if live.stopped else weighed(live, trace)
    return Result(trace, tuple(live.real), str(place), torch.__version__, held)
