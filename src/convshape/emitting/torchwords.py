"""How values, layers and functions are written in a program that uses torch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convshape import layers, ops
from convshape.declaration import short
from convshape.dim import Dim
from convshape.dtypes import Dtype
from convshape.faults import ReadError
from convshape.kinds import REQUIRED
from convshape.layer import Layer
from convshape.op import Op
from convshape.ops.numbers import NUMBERS
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FUNCTIONAL = ("one_hot", "normalize", "scaled_dot_product_attention")
"""The functions of torch.nn.functional that follow no layer."""
MATH = ("sqrt", "floor", "ceil")
"""The functions of numbers that Python has in math."""
PREFIX = re.compile(r"(torch\.fft|torch\.linalg|torch\.special|math)\.\w+\Z")


def home(name: str, written: str, *, of_numbers: bool = False) -> str:
    """Write a function with the module that has it; one that was written with a rare one keeps it."""
    if PREFIX.match(written):
        return written
    if of_numbers and name in NUMBERS:
        return f"math.{name}" if name in MATH else name
    family = ops.FAMILY.get(name) or ops.FAMILY.get(name.removesuffix("_"), "")
    if family == "spectral" and name != "stft":
        return f"torch.fft.{name}"
    if name == "vector_norm":
        return "torch.linalg.vector_norm"
    if (family == "functional" and name not in ("relu_", "threshold_")) or name in FUNCTIONAL:
        return f"F.{name}"
    return f"torch.{name}"


class Words:
    """Writes values; the symbols among the sizes that it writes are remembered."""

    def __init__(self, names: Iterable[str]) -> None:
        """Know the names of the symbols."""
        self.names = set(names)
        self.symbols: set[str] = set()

    def symbol(self, name: str) -> str:
        """Return the variable of a symbol."""
        return f"size_{name.lower()}"

    def value(self, value: Any, count: int = 0) -> str:
        """Write a value of an argument."""
        if isinstance(value, Layer):
            return layer_text(value)
        if isinstance(value, Op):
            return home(value.name, "")
        if isinstance(value, Tensor):
            return f"torch.ones({tuple(value)!r})"
        if isinstance(value, Dim):
            return self.size(value)
        if isinstance(value, (list, tuple)) and any(isinstance(part, (Layer, Dim, Tensor)) for part in value):
            parts = ", ".join(map(self.value, value))
            return f"[{parts}]" if isinstance(value, list) else f"({parts}{',' if len(value) == 1 else ''})"
        return literal(value, count)

    def size(self, size: Dim) -> str:
        """Write a symbolic size as its formula over variables."""
        found = {name for name in re.findall(r"[^\W\d]\w*", str(size)) if name in self.names}
        self.symbols |= found
        return re.sub(r"[^\W\d]\w*", lambda one: self.symbol(one[0]) if one[0] in found else one[0], str(size))


def literal(value: Any, count: int = 0) -> str:
    """Write a number, a string in double quotes, a dtype, or a tuple of them."""
    if isinstance(value, Dtype):
        return repr(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, float) and (value in (float("inf"), float("-inf")) or value != value):  # noqa: PLR0124  # nan
        return f'float("{value}")'
    return short(value, count)


def layer_text(layer: Layer, *, lazy: bool = False) -> str:
    """Write a layer as it is made, every number filled in; with `lazy` what was worked out is left to torch.

    Raises ReadError for a class that torch does not have and that names no home, and where a number is a symbol.
    """
    kind = type(layer)
    if layer.filled and kind.lazy:
        kind = next(base for base in kind.__mro__ if not getattr(base, "lazy", ""))
    if not kind.home and kind.__name__ not in layers.FAMILY:
        where = f'home = "package.module.{kind.__name__}"'
        raise ReadError(
            "not-emitted", f"{kind.__name__} is no class of torch.nn: say where it is, {where} in its class"
        )
    later = layers.find(f"Lazy{kind.__name__}") if lazy else None
    if later is not None and layer.filled == (later.lazy,):
        kind = later
    return f"{'' if kind.home else 'nn.'}{kind.__name__}({', '.join(given(layer, kind))})"


def homes(values: Iterable[Any]) -> Iterator[str]:
    """Give the imports that layers need which torch.nn does not have, those inside of others too."""
    for value in values:
        if isinstance(value, Layer):
            kind = type(value)
            place, _, name = kind.home.rpartition(".")
            alias = f" as {kind.__name__}" if name != kind.__name__ else ""
            yield from [f"from {place} import {name}{alias}"] if kind.home else []
            yield from homes(value.__dict__[field] for field in kind.fields if field in value.__dict__)
        elif isinstance(value, (list, tuple)):
            yield from homes(value)


def given(layer: Layer, kind: type[Layer]) -> Iterator[str]:
    """Give the arguments of a layer: the required ones by position, the others by name where they differ."""
    words = Words(())
    for place, (name, field) in enumerate(kind.fields.items()):
        value = layer.__dict__[name]
        if holds_symbol(value):
            sizes = f"{name} of {kind.__name__} is {value}: a module needs a number"
            raise ReadError("symbolic", f"{sizes}; give the sizes with -i or --set, or take --lazy")
        count = field.count(layer.axes)
        text = words.value(value, count)
        if field.default is REQUIRED and (kind.positional is None or place < kind.positional):
            yield text
        elif field.default is REQUIRED or (value != field.default and value != (field.default,) * count):
            yield f"{name}={text}"


def holds_symbol(value: Any) -> bool:
    """Tell whether a number, or one of several, is a symbol."""
    return isinstance(value, Dim) or (isinstance(value, (list, tuple)) and any(map(holds_symbol, value)))
