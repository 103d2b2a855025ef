"""Weighing: how many bytes a forward holds at its peak, and how many autograd keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from convshape.dryrun.live import Live, ran
from convshape.dryrun.making import inputs_of
from convshape.outcome import trains

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from convshape.steps import Trace


class Meter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch has no types for what it keeps to itself
    """Weighs the memory of all tensors that are alive, after every operation of torch; several may share some."""

    def __init__(self, *held: Any) -> None:
        """Start with what is held anyway: parameters, buffers and inputs."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.alive: dict[int, tuple[StorageWeakRef, int]] = {}
        self.peak = 0
        tree_map_only(torch.Tensor, self.note, held)

    def __torch_dispatch__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation, and weigh while its inputs are still there."""
        output = func(*args, **(kwargs or {}))
        self.alive = {key: (ref, size) for key, (ref, size) in self.alive.items() if not ref.expired()}  # type: ignore[no-untyped-call]
        tree_map_only(torch.Tensor, self.note, output)
        self.peak = max(self.peak, sum(size for _, size in self.alive.values()))
        return output

    def note(self, tensor: torch.Tensor) -> None:
        """Take the memory behind a tensor."""
        ref = StorageWeakRef(tensor.untyped_storage())  # type: ignore[no-untyped-call]
        self.alive[ref.cdata] = ref, tensor.untyped_storage().nbytes()


def weighed(before: Live, trace: Trace) -> dict[str, int]:
    """Return the bytes that a forward holds at its peak; in training mode, also those that autograd keeps.

    CUDA reports its own peak, with what its kernels take; elsewhere the tensors that are alive are weighed.
    """
    own = [weight for one in modules_of(before) for weight in (*one.parameters(), *one.buffers())]
    inputs = inputs_of(trace, before.device)
    live = Live.again(before, inputs, trace)
    before.values.clear()
    before.x = None
    with torch.set_grad_enabled(trains(trace)):
        if before.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(before.device)
            held = kept(lambda: ran(live, trace), own)
            peak = torch.cuda.max_memory_allocated(before.device)
        else:
            with Meter(own, inputs) as meter:
                held = kept(lambda: ran(live, trace), own)
            peak = meter.peak
    if live.stopped:  # a tensor that cannot be weighed, such as a sparse one
        return {}
    return {"peak": int(peak)} | ({"kept": held} if trains(trace) else {})


def modules_of(live: Live) -> list[torch.nn.Module]:
    """Return the modules that a run has made."""
    return [one for one in live.modules.values() if isinstance(one, torch.nn.Module)]


def kept(work: Callable[[], object], own: Sequence[torch.Tensor]) -> int:
    """Return the bytes that autograd keeps while something runs, parameters and buffers aside."""
    known = {one.untyped_storage().data_ptr() for one in own}
    found: dict[int, torch.Tensor] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        found[tensor.untyped_storage().data_ptr()] = tensor  # it lives on, so that no address is given twice
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        work()
    return sum(one.untyped_storage().nbytes() for place, one in found.items() if place not in known)
