"""Advice about what follows what: a bias that a norm takes away, an activation before a loss, results without a use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convshape import layers
from convshape.advice import advice

if TYPE_CHECKING:
    from convshape.advice import At

ACTIVATIONS = frozenset(
    name.lower() for family in ("activation", "softmax") for name in layers.FAMILIES[family].split()
)


@advice(
    "bias-before-norm",
    "The norm subtracts the mean of each channel, and the bias with it: those parameters are trained for nothing. "
    "Write bias=False.",
    "num_features",
    "track_running_stats",
)
def bias_before_norm(at: At) -> str | None:
    """Find a bias straight before a norm that takes the mean of each channel away."""
    before = at.before()
    if before is None or not before.get("bias") or not any(name == "bias" for name in before.step.weights):
        return None
    return f"{at.step.name} takes the bias of {before.step.name} away again"


@advice(
    "activation-before-loss",
    "This loss takes logits, and has its own softmax or sigmoid in it: an activation before it flattens the gradients, "
    "or cuts half of the scores off.",
    "reduction",
)
def activation_before_loss(at: At) -> str | None:
    """Find an activation whose output goes into a loss that takes logits."""
    before = at.before() if at.layer is not None and getattr(at.layer, "logits", False) else None
    if before is None or before.step.name.replace("_", "").lower() not in ACTIVATIONS:
        return None
    return f"{at.step.name} takes logits, and gets what {before.step.name} made of them"


@advice(
    "unused",
    "Nothing that comes after it uses what it makes: it costs time and memory, and it may have been forgotten.",
)
def unused(at: At) -> str | None:
    """Find a layer whose result no later step takes."""
    step, view = at.step, at.view
    if at.layer is None or view.trace.error is not None:
        return None
    parts = (step.output, *step.output) if isinstance(step.output, tuple) else (step.output,)
    last = max(view.used.get(id(part), -1) for part in parts if isinstance(part, tuple))
    return None if last > at.place else f"nothing uses what {step.name} makes"
