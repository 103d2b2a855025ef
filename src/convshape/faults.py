"""Faults: what can be wrong, in our words and in torch's; `require`, the only gate; and the exception tree.

    ConvshapeError
    ├── ReadError      the text cannot be read: exit code 2
    └── ShapeError     a layer refuses its arguments or its input: exit code 1

A fault is declared once, beside the rule that raises it. Its torch words are a template: it is filled from the values
given to `require`, from the fields of the layer, and from the shapes that went in, and it reads torch's message back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.arithmetic.ranges import Contradiction
from convshape.suggest import clipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from convshape.dim import Fact
    from convshape.layer import Layer
    from convshape.repair import Repair
    from convshape.source import Source, Span
    from convshape.steps import Step


class Fault:
    """A thing that can be wrong: a stable code, our sentence, and torch's exception type and first line."""

    __slots__ = ("code", "says", "torch_type", "torch_words")

    def __init__(self, code: str, says: str, torch: str = "") -> None:
        """Declare a fault; `torch` is the line that torch prints: `RuntimeError: ...{got}...`, or nothing."""
        self.code = code
        self.says = says
        self.torch_type, _, self.torch_words = torch.partition(": ")

    def __repr__(self) -> str:
        """Show the code."""
        return f"Fault({self.code!r})"


class Shown:
    """A value as torch's messages print it; the format spec chooses the style."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        """Wrap a value for a template."""
        self.value = value

    def __format__(self, style: str) -> str:
        """Write `[1, 3]`, or `size`: torch.Size([1, 3]), `tuple`: (1, 3), `x`: 1x3, `apart`: 1 x 3, `repr`, `short`.

        `each k` names the axes: kH: 1 kW: 3.
        """
        if style == "repr":
            return clipped(repr(self.value), LONG)
        if style == "short":
            return clipped(str(self.value))
        return tuple_as(self.value, style) if isinstance(self.value, tuple) else str(self.value)


def tuple_as(value: tuple[Any, ...], style: str) -> str:
    """Write sizes in a style of torch's messages."""
    if style in JOINS:
        return JOINS[style].join(map(str, value))
    if style.startswith("each "):
        named = zip("THW"[-len(value) :], value, strict=True)
        return " ".join(f"{style[5:]}{axis}: {size}" for axis, size in named)
    if style == "tuple":
        return "(" + ", ".join(map(repr, value)) + ("," if len(value) == 1 else "") + ")"
    plain = f"[{', '.join(map(str, value))}]"
    return f"torch.Size({plain})" if style == "size" else plain


LONG = 200
"""A value that takes more characters is shown in part."""
JOINS = {"x": "x", "apart": " x ", "comma": ", "}


class Values(dict):  # type: ignore[type-arg]  # what a template may name
    """The values of a refusal, and behind them the fields of the layer that refused."""

    layer: Any = None

    def __getitem__(self, key: str) -> Shown:
        """Wrap a value; what `require` was not given is asked of the layer."""
        return Shown(self.get(key) if key in self else getattr(self.layer, key))


class Refusal(Exception):  # noqa: N818  # not an error of the program: the answer of a rule
    """What `require` raises: the fault, the argument at fault, and the values. Propagation adds where it stands."""

    def __init__(self, fault: Fault, at: str = "", values: Mapping[str, Any] | None = None) -> None:
        """Keep the parts; the messages are built only when they are read."""
        super().__init__(fault.code)
        self.fault = fault
        self.at = at
        self.values = Values(values or {})
        self.path = ""
        self.span: Span | None = None

    @property
    def message(self) -> str:
        """Our sentence."""
        return self.fault.says.format_map(self.values)

    @property
    def torch_message(self) -> str:
        """The first line that torch prints."""
        return self.fault.torch_words.format_map(self.values)

    def about(self, layer: object) -> Refusal:
        """Name the layer whose fields the templates may use; the innermost names itself first."""
        if self.values.layer is None:
            self.values.layer = layer
        return self

    def place(self, path: str, span: Span) -> Refusal:
        """Say which step it belongs to: a fact that was assumed keeps this."""
        self.path, self.span = path, span
        return self


def require(holds: bool | Fact, fault: Fault, at: str = "", **values: Any) -> None:  # noqa: FBT001  # an assertion
    """Refuse unless it holds; what is undecided becomes a fact that the symbols must satisfy.

    Raises Refusal when `holds` is False. `at` names the argument at fault.
    """
    if holds is True:
        return
    if holds is False:
        raise Refusal(fault, at, values)
    try:
        holds.assume(Refusal(fault, at, values))
    except Contradiction:  # what is known leaves it no sizes
        raise Refusal(fault, at, values) from None


class ConvshapeError(Exception):
    """Whatever convshape refuses: a code, a sentence, and the span of the source where it was written."""

    exit_code = 2

    def __init__(self, code: str, message: str, source: Source | None = None, span: Span | None = None) -> None:
        """Keep what a diagnostic shows."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.source = source
        self.span = span
        self.label = ""
        self.note = ""
        self.step: Step | None = None

    @property
    def repairs(self) -> Sequence[Repair]:
        """The edits that would mend it."""
        return ()

    def place(self, source: Source, span: Span | None) -> ConvshapeError:
        """Say where it was written, unless that is known already."""
        if self.source is None:
            self.source, self.span = source, span
        return self

    def __str__(self) -> str:
        """Write the sentence, and torch's own line where there is one."""
        return self.message


class ReadError(ConvshapeError):
    """A command, file or description that cannot be read."""


class ShapeError(ConvshapeError):
    """A layer that refuses its arguments (`stage` is "ctor") or its input ("forward").

    `field` is the argument at fault, `torch_type` and `torch_message` what torch raises, first line only.
    """

    exit_code = 1

    def __init__(self, refusal: Refusal, stage: str, layer: str = "") -> None:
        """Turn a refusal into an error; the layer's name opens the sentence."""
        sentence = f"{layer} {refusal.message}" if layer else refusal.message
        super().__init__(refusal.fault.code, sentence)
        self.field = refusal.at
        self.stage = stage
        self.torch_type = refusal.fault.torch_type
        self.torch_message = refusal.torch_message
        self.path = ""
        self.call: Span | None = None
        self.applied: Span | None = None  # what the layer is called on, where that is written
        self.layer: Layer | None = refusal.values.layer
        self.inputs: tuple[Any, ...] = ()
        self.wanted: Any = None
        self.find: Callable[[], Sequence[Repair]] = tuple
        self._repairs: Sequence[Repair] | None = None
        self.values = dict(refusal.values)

    @property
    def repairs(self) -> Sequence[Repair]:
        """The edits that make the network work, each tried, best first; they are looked for when they are asked for."""
        if self._repairs is None:
            self._repairs = self.find()
        return self._repairs

    def __str__(self) -> str:
        """Write our sentence, then torch's line."""
        return f"{self.message} (torch: {self.torch_type}: {self.torch_message})" if self.torch_type else self.message
