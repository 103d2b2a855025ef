"""What is supported: every layer with its line of documentation and its signature, read off the declarations."""

from __future__ import annotations

from convshape import layers
from convshape.faults import ReadError
from convshape.kinds import REQUIRED
from convshape.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from convshape.layer import Layer

TORCH = "2.13.0"
"""The torch that the rules are held to."""


def listing() -> str:
    """List every layer by family, with its first line of documentation."""
    names = list(layers.FAMILY)
    widest = max(map(len, names))
    lines = []
    for family, members in layers.FAMILIES.items():
        lines += ["", f"{family}:"]
        lines += [f"  {name:{widest}}  {summary(found(name))}" for name in members.split()]
    head = f"{len(names)} layers, held to torch {TORCH} on the CPU. `convshape layers NAME` shows one.\n"
    return head + "\n".join(lines) + "\n"


def page(name: str) -> str:
    """Show one layer: its signature, and all that its documentation says.

    Raises ReadError when there is no layer of that name.
    """
    layer = found(name)
    text = (layer.__doc__ or "").strip()
    held = f"torch.nn.{layer.__name__}, held to torch {TORCH} on the CPU. {layer.releases}".rstrip()
    return f"{signature(layer)}\n\n{text}\n\n{held}\n"


def found(name: str) -> type[Layer]:
    """Return a layer class."""
    plain = name.removeprefix("torch.").removeprefix("nn.")
    layer = layers.find(plain)
    if layer is None:
        raise ReadError("unknown-layer", f"no layer is called {name}{did_you_mean(plain, layers.FAMILY)}")
    return layer


def summary(layer: type[Layer]) -> str:
    """Return the first line of the documentation."""
    return (layer.__doc__ or "").strip().partition("\n")[0]


def signature(layer: type[Layer]) -> str:
    """Write what a layer takes, with the defaults."""
    fields = (name if f.default is REQUIRED else f"{name}={f.default!r}" for name, f in layer.fields.items())
    return f"{layer.__name__}({', '.join(fields)})"
