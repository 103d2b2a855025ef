"""What the activations share: a function of each number, and the argument that lets it overwrite its input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from convshape.dtypes import need_floating
from convshape.layer import Layer

if TYPE_CHECKING:
    from convshape.tensor import Tensor


class Activation(Layer):
    """A function of each number by itself; `kernel` is what torch calls it, and `also` what it takes beside floats."""

    kernel: ClassVar[str] = ""
    also: ClassVar[tuple[str, ...]] = ()
    later = ("alpha", "beta", "threshold", "value", "negative_slope", "lambd", "lower", "upper", "approximate", "dim")

    def out(self, x: Tensor) -> Any:
        """Return the same shape."""
        need_floating(x, self.kernel, self.also)
        return x


class InPlace(Activation):
    """An activation that may overwrite its input; torch has `inplace` last."""

    inplace: bool = False

    def __init_subclass__(cls, **options: Any) -> None:
        """Move `inplace` behind what the class adds, unless it orders its arguments itself."""
        super().__init_subclass__(**options)
        if "order" not in options:
            cls.fields["inplace"] = cls.fields.pop("inplace")
