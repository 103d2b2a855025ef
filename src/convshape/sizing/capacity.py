"""Capacity: how large a batch may be for a memory, and where the bytes go."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from convshape.dim import Dim
from convshape.faults import ReadError
from convshape.memory import Memory, at
from convshape.report.columns import grouped, sized
from convshape.sizing.answer import Answer, at_sizes, of_point

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convshape.dim import Size
    from convshape.sizing import Sizes
    from convshape.source import Source

AMOUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]i?)?B?\s*\Z", re.IGNORECASE)
POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
MOST = 1 << 40
"""The largest batch that is looked for."""


class Budget(NamedTuple):
    """A memory in bytes, and what training puts into it."""

    bytes: int
    optimizer: str = "adam"
    momentum: bool = False
    dtype: str = "float32"

    @classmethod
    def read(cls, text: str, optimizer: str | None, momentum: bool, dtype: str | None) -> Budget:  # noqa: FBT001  # an option
        """Read 8GiB, 512MiB or 16GB. Raises ReadError."""
        found = AMOUNT.match(text)
        if not found:
            raise ReadError("memory-size", f"a memory is a number and a unit: --memory 8GiB, not {text or 'nothing'}")
        if momentum and optimizer != "sgd":
            raise ReadError("memory-size", "--momentum goes with --optimizer sgd: the others always keep theirs")
        unit = (found[2] or "").lower()
        base = 1024 if unit.endswith("i") else 1000
        amount = int(float(found[1]) * base ** POWERS[unit[:1]])
        return cls(amount, optimizer or "adam", momentum, dtype or "float32")


class Capacity:
    """What fits into a memory, for sizes of all symbols but N."""

    def __init__(self, sizes: Sizes, fixed: Mapping[str, int], budget: Budget) -> None:
        """Count what the network holds, and look for the largest N in inference and in training."""
        self.fixed = fixed
        self.budget = budget
        self.memory = Memory(sizes.traces[0], budget.dtype, budget.optimizer, momentum=budget.momentum)
        left = sizes.fixed(**fixed)
        works = [world.alone["N"] for world in left.worlds]
        limits = {mode: self.limit(mode) for mode in ("inference", "training")}
        self.largest = {
            mode: max((one.previous(most) or 0 for one in works), default=0) or None for mode, most in limits.items()
        }

    def takes(self, mode: str, batch: int) -> int:
        """Return the bytes that a batch takes."""
        sizes = {**self.fixed, "N": batch}
        return self.memory.inference(**sizes) if mode == "inference" else self.memory.trained(**sizes)

    def limit(self, mode: str) -> int:
        """Return the largest N that fits; the memory grows with N."""
        low, high = 0, 1
        while high < MOST and self.takes(mode, high) <= self.budget.bytes:
            low, high = high, high * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.takes(mode, middle) <= self.budget.bytes else (low, middle)
        return low

    def parts(self, batch: int) -> dict[str, Size]:
        """Return where the bytes go; a peak is that of inputs and outputs, at the step that holds most of them."""
        memory, sizes = self.memory, {**self.fixed, "N": batch}
        return {
            "parameters": memory.parameters,
            "buffers": memory.buffers,
            "gradients": memory.gradients,
            f"state of {self.budget.optimizer}": memory.optimizer,
            "kept for the backward": memory.kept,
            "peak of inference": max(memory.peaks, key=lambda size: at(size, sizes)),
            "peak of training": max(memory.training_peaks, key=lambda size: at(size, sizes)),
        }


def largest(sizes: Sizes, point: Mapping[str, int], budget: Budget, source: Source, *, train: bool) -> Answer:
    """Answer how large N may be for a memory, in inference and in training, or whether a certain N fits.

    Raises ReadError where N is no symbol, or another symbol has no size.
    """
    if "N" not in sizes.symbols:
        raise no_batch(source)
    missing = [name for name in sizes.symbols if name != "N" and name not in point]
    if missing:
        given = ",".join(f"{name}=224" for name in missing)
        raise ReadError("at", f"the memory depends on {', '.join(missing)}: give a size with --at {given}", source)
    if not sizes.valid(**point):
        return of_point(sizes, point, source)
    fixed = {name: size for name, size in point.items() if name != "N"}
    return said(Capacity(sizes, fixed, budget), point.get("N"), source, train=train)


def no_batch(source: Source) -> ReadError:
    """Make the error for an input without a batch."""
    return ReadError("no-batch", "no axis of the input is a batch N: free it with --free N", source)


def said(capacity: Capacity, batch: int | None, source: Source, *, train: bool) -> Answer:
    """Write the answer: the largest batches, or whether one fits, and where the bytes go."""
    memory, largest = capacity.memory, capacity.largest
    point = {"N": batch or 1, **capacity.fixed}
    parts = capacity.parts(point["N"])
    lead = "; ".join(f"{what}: {f'N <= {n:,}' if n else 'no batch fits'}" for what, n in largest.items())
    works = any(largest.values())
    if batch is not None:
        held = {mode: capacity.takes(mode, batch) for mode in largest}
        fits = {mode: bytes_ <= capacity.budget.bytes for mode, bytes_ in held.items()}
        works = fits["training" if train else "inference"]
        told = (f"{mode} takes {sized(held[mode])}{'' if fits[mode] else ', too much'}" for mode in held)
        lead = f"{'yes' if works else 'no'}: {at_sizes(point)}: {', '.join(told)} ({lead})"
    rows = [(name, sized(at(size, point)), grouped(f"{size} bytes")) for name, size in parts.items()]
    remarks = []
    if memory.estimated:
        remarks.append(("note", f"an estimate where torch's kernels decide: {', '.join(memory.estimated)}"))
    return Answer(
        works,
        lead,
        ("part", f"at {at_sizes(point)}", "formula"),
        rows,
        remarks,
        {
            "version": 1,
            "file": source.name,
            "works": works,
            "memory": capacity.budget.bytes,
            "dtype": capacity.budget.dtype,
            "optimizer": capacity.budget.optimizer,
            "at": dict(point),
            "largest": dict(largest),
            "parts": {name: plain(size) for name, size in parts.items()},
            "peaks": {
                "inference": list(map(plain, memory.peaks)),
                "training": list(map(plain, memory.training_peaks)),
            },
            "estimated": memory.estimated,
        },
    )


def plain(size: Any) -> int | str:
    """Return a number, or a formula as text."""
    return str(size) if isinstance(size, Dim) else int(size)
