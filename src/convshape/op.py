"""Op: a torch function or Tensor method. One function declares it: its parameters are torch's, its body is the rule.

A rule returns the sizes of its result (the dtype is that of the first input), a Tensor, a list of either where torch
returns several tensors, or a number.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

from convshape.arguments import ARGUMENT_TYPE, Signature, lacking, match
from convshape.dtypes import C_NAMES, NOT_IMPLEMENTED, SCALARS, Dtype, castable, category, result_type
from convshape.faults import Fault, Refusal, require
from convshape.keeping import named
from convshape.kinds import KINDS, REQUIRED, Field, Kind, is_int, is_number, leads_with_int
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convshape.dim import Size
    from convshape.window import Window

IntList: TypeAlias = Any
"""A tuple or list of ints; the ints themselves where torch takes them so: `x.view(2, 3)`."""
Tensors: TypeAlias = Any
"""A tuple or list of tensors."""
Operand: TypeAlias = Any
"""A tensor or a number."""
Number: TypeAlias = Any
"""An int, a float or a bool."""
Flag: TypeAlias = bool
"""True or False, and nothing else."""

OUTPUT_SHAPE = Fault(
    "output-shape",
    "cannot put a result of {got} into {shape}",
    "RuntimeError: output with shape {shape} doesn't match the broadcast shape {got}",
)
OUTPUT_DTYPE = Fault(
    "dtype",
    "cannot put a result of {got} into {want}",
    "RuntimeError: result type {got} can't be cast to the desired output type {want}",
)
ALIASES = {"axis": "dim", "keepdims": "keepdim"}
"""The names of numpy that torch takes too."""

KINDS.update(
    Index=Kind("an int", lambda value: is_int(value) and not isinstance(value, bool)),
    Tensors=Kind(
        "several tensors",
        lambda value: is_list(value) and all(isinstance(item, Tensor) for item in value),
        lambda value, _: tuple(value),
    ),
    Operand=Kind("a tensor or a number", lambda value: isinstance(value, Tensor) or is_number(value)),
    Number=Kind("a number", is_number),
    IntList=Kind(
        "a tuple of ints", lambda value: is_list(value) and leads_with_int(value), lambda value, _: tuple(value)
    ),
    Dtype=Kind("a dtype", lambda value: isinstance(value, Dtype)),
)


def is_list(value: Any) -> bool:
    """Tell whether it is a tuple or a list, and no tensor."""
    return isinstance(value, (tuple, list)) and not isinstance(value, Tensor)


class Op:
    """A rule for the output shape of a function, and where torch has it: "both" is as a function and as a method.

    A parameter of kind IntList or Tensors takes `x.view(2, 3)` as well as `x.view((2, 3))`, where torch does.
    """

    __slots__ = (
        "cost",
        "fields",
        "joins",
        "keeps",
        "kernel",
        "loose",
        "name",
        "positional",
        "rule",
        "several",
        "slides",
        "value",
        "view",
        "where",
        "with_dim",
    )

    def __init__(
        self,
        rule: Callable[..., Any],
        name: str,
        where: str,
        options: dict[str, Any],
        fields: dict[str, Field] | None = None,
    ) -> None:
        """Read the signature off the rule, unless the fields are given."""
        self.rule = rule
        self.name = name
        self.where = where
        self.kernel: tuple[Any, tuple[int, ...]] | None = options.get("kernel")
        self.with_dim: str = options.get("with_dim", "")
        self.value: bool = options.get("value", False)
        self.loose: bool = options.get("loose", False)
        self.cost: Callable[..., Size] | None = options.get("macs")
        self.keeps: str = options.get("keeps", "")
        self.view: bool = options.get("view", False)
        self.slides: Callable[..., tuple[Window, ...]] | None = options.get("windows")
        self.fields, self.positional = (fields, len(fields)) if fields else signature(rule)
        self.joins = any(KINDS["Tensors"] in field.kinds for field in self.fields.values())
        self.several = next((place for place, field in enumerate(self.fields.values()) if takes_several(field)), None)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Return what the function gives: a Tensor, a number, or a tuple of Tensors.

        Raises Refusal where torch's function refuses.
        """
        return self.call(arguments, keywords, bound=self.where != "function")

    def call(self, arguments: tuple[Any, ...], keywords: dict[str, Any], *, bound: bool) -> Any:
        """Call it; `bound` says that it was written as a method."""
        given = self.read(arguments, keywords, bound=bound)
        result = self.rule(**given)
        if not self.value:
            result = self.finished(wrapped(result, arguments[0] if arguments else None), arguments)
        if self.kernel:
            self.need_kernel(*self.kernel, given)
        return result

    def finished(self, result: Any, arguments: tuple[Any, ...]) -> Any:  # noqa: ARG002  # in-place looks
        """Return what is given back."""
        return result

    def need_kernel(self, kernel: Any, unless: tuple[int, ...], given: dict[str, Any]) -> None:
        """Refuse a category of dtypes that torch's kernel was not written for, if there is one; it looks last."""
        kernel = kernel(**given) if callable(kernel) else kernel
        dtype = result_type(*(value for value in given.values() if value is not None))
        holds = category(dtype) not in unless or not kernel
        require(holds, NOT_IMPLEMENTED, kernel=kernel, dtype=dtype, scalar=SCALARS[dtype])

    def macs(self, output: Any, inputs: tuple[Any, ...], keywords: dict[str, Any] | None) -> Size:
        """Count the multiply-accumulates."""
        return self.cost(output, **self.read(inputs, keywords or {}, bound=True)) if self.cost else 0

    def windows(self, inputs: tuple[Any, ...], keywords: dict[str, Any] | None) -> tuple[Window, ...]:
        """Return the window of each axis that it slides over, for the receptive field; empty where there is none."""
        return self.slides(**self.read(inputs, keywords or {}, bound=True)) if self.slides else ()

    def shares(self, inputs: tuple[Any, ...]) -> bool:
        """Tell whether the result is the memory of the first input: a view of it, unless an index gathers."""
        return self.view and not any(isinstance(part, (Tensor, list)) for one in inputs[1:] for part in parts(one))

    def kept(self, output: Any, inputs: tuple[Any, ...], _keywords: dict[str, Any] | None) -> Iterator[Tensor]:
        """Give what autograd keeps for the backward; source: torch's derivatives.yaml."""
        return named(self.keeps, output, inputs)

    def read(self, arguments: tuple[Any, ...], keywords: dict[str, Any], *, bound: bool) -> dict[str, Any]:
        """Match arguments to parameters, and refuse what they do not take."""
        place = self.several
        loose = self.loose if self.joins else bound or place == 0 or self.loose
        if place is not None and len(arguments) > place and loose and not is_list(arguments[place]):
            arguments = (*arguments[:place], arguments[place:])
        if keywords:
            keywords = {
                ALIASES.get(name, name) if name not in self.fields else name: keywords[name] for name in keywords
            }
        if keywords or len(arguments) > self.positional:
            called = Signature(self.name, self.name, tuple(self.fields), self.positional, python=False)
            given = match(called, arguments, keywords)
        else:
            given = dict(zip(self.fields, arguments, strict=False))
        for name, field in self.fields.items():
            if name in given:
                given[name] = self.checked(field, given[name])
            elif field.default is REQUIRED or (name == "dim" and self.with_dim in given):
                raise lacking("torch", self.name, [name])
        return given

    def checked(self, field: Field, value: Any) -> Any:
        """Return what the rule sees of an argument."""
        try:
            return field.read(value, 0)
        except ValueError:
            told: dict[str, Any] = {"name": field.name, "phrase": field.phrase, "value": value}
            told["type"] = type(value).__name__
            raise Refusal(ARGUMENT_TYPE, field.name, {"owner": "torch", "method": self.name, **told}) from None


class InPlace(Op):
    """The form of an op that changes its first input: `relu_`."""

    __slots__ = ()

    def shares(self, inputs: tuple[Any, ...]) -> bool:  # noqa: ARG002  # the general form looks at them
        """Write into the memory of the first input."""
        return True

    def finished(self, result: Any, arguments: tuple[Any, ...]) -> Any:
        """Refuse a result that does not fit into the first input."""
        target = arguments[0]
        need_shape(target, result)
        if not castable(result.dtype, target.dtype):
            names = C_NAMES if self.name.startswith("cl") else SCALARS  # clamp and clip write it so
            require(False, OUTPUT_DTYPE, got=SCALARS[result.dtype], want=names[target.dtype])  # noqa: FBT003
        return target


def need_shape(target: Tensor, result: Tensor) -> None:
    """Refuse to put a result into a tensor of another shape."""
    require(len(result) == len(target), OUTPUT_SHAPE, shape=target, got=result)
    for want, got in zip(target, result, strict=True):
        require(want == got, OUTPUT_SHAPE, shape=target, got=result)


def parts(value: Any) -> tuple[Any, ...]:
    """Return the parts of an index, one alone as a tuple."""
    return value if isinstance(value, tuple) and not isinstance(value, Tensor) else (value,)


def takes_several(field: Field) -> bool:
    """Tell whether a parameter takes a tuple or list, and no int alone."""
    return KINDS["Index"] not in field.kinds and any(
        kind.phrase in (KINDS["IntList"].phrase, KINDS["Tensors"].phrase) for kind in field.kinds
    )


def signature(rule: Callable[..., Any]) -> tuple[dict[str, Field], int]:
    """Return the parameters of a rule by name, and how many of them may come without their names."""
    code = rule.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    ends = rule.__defaults__ or ()
    defaults = {**dict(zip(names[code.co_argcount - len(ends) :], ends, strict=False)), **(rule.__kwdefaults__ or {})}
    kinds = rule.__annotations__
    told = {name: re.sub(r"\bint\b", "Index", str(kinds[name])) for name in names}  # a bool is no int to an op
    fields = {name: Field(name, told[name], defaults.get(name, REQUIRED)) for name in names}
    return fields, code.co_argcount


def wrapped(result: Any, first: Any) -> Any:
    """Make Tensors of what a rule returns."""
    if isinstance(result, list):
        return tuple(wrapped(part, first) for part in result)
    if isinstance(result, tuple) and not isinstance(result, Tensor):
        return Tensor(result, first.dtype if isinstance(first, Tensor) else "float32")
    return result


DECLARED: dict[str, Op] = {}
"""The ops of the families imported so far."""


Rule = TypeVar("Rule", bound="Callable[..., Any]")


class Declare:
    """Declares ops by their rules; `where` says where torch has them.

    Under other `names` than the rule's where they are given. `inplace`: there is an in-place form too; `value`: it
    returns numbers, no tensors; `kernel`: its name, or what tells it, and the categories of dtypes that it lacks;
    `with_dim`: an argument that goes with a dim only; `loose`: several tensors may come one by one; `view`: the result
    shares the input's memory; `keeps`: what autograd keeps, in the words of `keeping.named`; `macs`: counts
    multiply-accumulates, from the output and the arguments by name; `form`: another class than Op.
    """

    def __init__(self, where: str) -> None:
        """Say where torch has what is declared."""
        self.where = where

    @overload
    def __call__(self, rule: Rule) -> Rule: ...

    @overload
    def __call__(self, rule: None = None, *, names: str = "", **options: Any) -> Callable[[Rule], Rule]: ...

    def __call__(self, rule: Callable[..., Any] | None = None, *, names: str = "", **options: Any) -> Any:
        """Declare a rule; or take the options, and return what declares."""
        if rule is None:
            return lambda rule: self.add(rule, names, options)
        return self.add(rule, "", {})

    def add(self, rule: Callable[..., Any], names: str, options: dict[str, Any]) -> Callable[..., Any]:
        """Add the ops of a rule to the registry."""
        for name in (names or rule.__name__).split():
            DECLARED[name] = options.get("form", Op)(rule, name.removeprefix("Tensor."), self.where, options)
            if options.get("inplace"):
                DECLARED[f"{name}_"] = InPlace(rule, f"{name}_", self.where, options)
        return rule


op = Declare("both")  # torch.relu, x.relu
function = Declare("function")  # torch.cat
method = Declare("method")  # x.view
attribute = Declare("attribute")  # x.shape
operation = Declare("operation")  # x[0]
