"""Op: a torch function or Tensor method. One function declares it: its parameters are torch's, its body is the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.faults import Fault, require
from convshape.layer import MISSING_ARGUMENT, match, tensors
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

NO_METHOD = Fault(
    "no-method", "is no Tensor method", "AttributeError: 'Tensor' object has no attribute '{name}'"
)


class Op:
    """A rule for the output shape of a function, and where torch has it: as a function, as a method, or both.

    `varargs` names the parameter that takes `x.view(2, 3)` as well as `x.view((2, 3))`.
    """

    __slots__ = ("defaults", "method", "name", "names", "rule", "varargs")

    def __init__(self, rule: Callable[..., Any], *, method: bool, varargs: str) -> None:
        """Read the signature off the rule."""
        code = rule.__code__
        self.rule = rule
        self.name = rule.__name__.rstrip("_") if rule.__name__.endswith("__") else rule.__name__
        self.names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self.defaults = dict(
            zip(self.names[code.co_argcount - len(rule.__defaults__ or ()) :], rule.__defaults__ or (), strict=False)
        )
        self.method = method
        self.varargs = varargs

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Return what the function gives: a Tensor, a number, or a tuple of Tensors.

        Raises Refusal where torch's function refuses.
        """
        if self.varargs and len(arguments) > self.names.index(self.varargs):
            place = self.names.index(self.varargs)
            rest = arguments[place:]
            packed = rest[0] if len(rest) == 1 and isinstance(rest[0], (tuple, list)) else rest
            arguments = (*arguments[:place], tuple(packed))
        given = match(self.name, self.name, self.names, arguments, keywords)
        for name in self.names:
            require(
                name in given or name in self.defaults,
                MISSING_ARGUMENT,
                name=name,
                owner="torch",
                method=self.name,
            )
        result = self.rule(**given)
        if isinstance(result, tuple) and not isinstance(result, Tensor):
            return tensors(result, arguments)
        return result


def op(rule: Callable[..., Any] | None = None, *, method: bool = True, varargs: str = "") -> Any:
    """Declare an op by its rule."""
    if rule is None:
        return lambda rule: Op(rule, method=method, varargs=varargs)
    return Op(rule, method=method, varargs=varargs)
