"""Devices: where a dry run runs, what is there, and what it says when its memory ends."""

from __future__ import annotations

import torch

from convshape.faults import ConvshapeError


class DryRunError(ConvshapeError):
    """What keeps a dry run from running: a device that is not there, or memory that does not suffice."""


def find_device(name: str) -> torch.device:
    """Return a device that is there.

    Raises DryRunError when there is none of that name.
    """
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise DryRunError("device", f"there is no device {name} here: torch has {', '.join(devices())}") from None
    return device


def devices() -> list[str]:
    """Return the kinds of device that this torch can use here."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "meta": True}
    return [name for name, usable in there.items() if usable]


def wait(device: torch.device) -> None:
    """Let a device finish, so that the time is the step's own."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def is_memory(error: Exception) -> bool:
    """Tell whether memory ran out, as an accelerator or as the CPU's allocator says it."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def no_memory(path: str, device: torch.device) -> DryRunError:
    """Make the error for a step that does not fit."""
    return DryRunError(
        "device-memory", f"{path}: {device} has not enough memory for this step: give smaller sizes with -i"
    )
