"""Advice about what follows what: a bias that a norm takes away, an activation before a loss, results without a use."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from convshape import layers
from convshape.advice import HABIT, At, advice, of_network
from convshape.bound import first_span, join
from convshape.network import MADE, Line
from convshape.steps import every_tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.advice import View
    from convshape.network import Group
    from convshape.source import Span
    from convshape.steps import Trace

ACTIVATIONS = frozenset(
    name.lower() for family in ("activation", "sigmoid", "softmax") for name in layers.FAMILIES[family].split()
)


@advice(
    "bias-before-norm",
    "The norm subtracts the mean of each channel, and the bias with it: those parameters are trained for nothing. "
    "Write bias=False.",
    "num_features",
    "track_running_stats",
)
def bias_before_norm(at: At) -> str | None:
    """Find a bias before a norm that takes it away, unless the whole network is written so, as torchvision's vgg_bn."""
    biased = norms(at.view)
    before = at.before()
    if before is None or not biased.get(at.place) or (len(biased) >= HABIT and all(biased.values())):
        return None
    return f"{at.step.name} takes the bias of {before.step.name} away again"


@lru_cache(maxsize=1)
def norms(view: View) -> dict[int, bool]:
    """Return the places of the norms straight after a layer that may have a bias, and whether it has one."""
    found = {}
    for at in view.places:
        before = at.before() if at.has("num_features", "track_running_stats") else None
        if before is not None and before.has("bias"):
            found[at.place] = "bias" in before.step.weights
    return found


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
    "What it makes goes nowhere: it costs memory, and time where it runs, and it may have been forgotten. What never "
    "runs is not in the totals.",
)
def unused(at: At) -> str | None:
    """Find a layer whose result no later step takes."""
    step, view = at.step, at.view
    if at.layer is None or view.trace.error is not None:
        return None
    later = any(view.used.get(id(part), -1) > at.place for part in every_tensor(step.output))
    return None if later else f"nothing uses what {step.name} makes"


@of_network("unused")
def never_called(trace: Trace) -> Iterator[tuple[str, Span, str]]:
    """Find what a class makes in __init__ and does not call in forward."""
    if trace.error is not None:
        return
    blocks = trace.network.blocks
    inner = ((path, blocks[title].layers) for path, title in trace.titles.items() if title in blocks)
    made = [
        (join(path, name), item) for path, lines in (("", trace.network.layers), *inner) for name, item in named(lines)
    ]
    ran = set(called(trace)) if made else set()
    for path, item in made:
        if path not in ran:
            yield path, first_span(item), f"{path.rpartition('.')[2]} is made, and forward never calls it"


def called(trace: Trace) -> Iterator[str]:
    """Give the path of everything that ran, and of all that holds it."""
    for path in (*trace.titles, *(step.path for step in trace.steps)):
        yield path
        yield from (path[:end] for end, letter in enumerate(path) if letter == ".")


def named(made: tuple[Line | Group, ...]) -> Iterator[tuple[str, Line | Group]]:
    """Give what lines only make, each with its name."""
    for item in made:
        name = item.names[0] if isinstance(item, Line) and item.names else getattr(item, "name", None)
        if item.role == MADE and isinstance(name, str):
            yield name, item
