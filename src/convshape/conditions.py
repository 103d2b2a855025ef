"""Conditions: what an expectation says of a number: `61_706`, `<= 1.2M`, `1e6..2e6`, `>= 32 and H % 32 == 0`.

`_` is the number itself, and may be left out before a comparison.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from convshape.dim import Dim, Fact
from convshape.evaluate import BINARY, UNSET
from convshape.faults import ReadError
from convshape.inputs import Shapes, pinned
from convshape.read.expression import OPERATORS, Reader, tree
from convshape.source import Source
from convshape.suggest import clipped, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from convshape.dim import Symbols
    from convshape.faults import ConvshapeError
    from convshape.network import Literal, Name, Network
    from convshape.tensor import Tensor

UNITS = {
    prefix + ending: base**power
    for power, prefixes in enumerate(("kK", "M", "G", "T", "P"), 1)
    for prefix in prefixes
    for base, endings in ((1000, ("", "B")), (1024, ("iB",)))
    for ending in endings
}
"""What a number may be followed by: 1.2M, 8GiB."""
NUMBER = re.compile(rf"(?<![\w.])(\d[\d_]*)(\.\d+)?(?:[eE]([+-]?\d+))?({'|'.join(UNITS)})?(?![\w.])", re.ASCII)
RANGE = re.compile(r"(.+?)\.\.(.+)", re.DOTALL)
COMPARED = re.compile(r"==|!=|<=|>=|<|>")
IMPLIED = re.compile(rf"(\A|\band\b|\bor\b|\(|\bnot\b)\s*(?={COMPARED.pattern})")
WANTED = "a condition is a number, or compares: `<= 1.2M`, `1e6..2e6`, `>= 32 and _ % 32 == 0`"
LARGEST = 18
"""The most digits that a number of an expectation can have."""
DIGITS = 4000
"""From about so many on, Python makes no number of a text; what is left as it is, is then refused as too large."""


class Judge(Shapes):
    """Judges what an expectation says, with the variables, the sizes and the symbols of one trace."""

    def __init__(
        self, network: Network, symbols: Symbols, settings: Mapping[str, Any], inputs: Mapping[str, Tensor]
    ) -> None:
        """Know the letters of the input that were given numbers; the others are these symbols."""
        known = pinned(network, inputs, settings).items()
        super().__init__(network, symbols, {name: value for name, value in known if not isinstance(value, Dim)})
        self.subject: Any = UNSET

    def lookup(self, name: str, default: Any) -> Any:
        """Find a variable or a symbol; a name that is neither is not made one."""
        if name in self.settings or name in self.variables:
            return super().lookup(name, default)
        return Dim(self.symbols, {(name,): 1}) if name in self.symbols.declared else default

    def name(self, node: Name) -> Any:
        """Return what a name stands for; `_` is the number that is judged."""
        return self.subject if node.id == "_" and self.subject is not UNSET else super().name(node)

    def unknown(self, node: Name) -> ConvshapeError:
        """Make the error for a name that is neither a variable nor a symbol."""
        known = [*self.variables, *self.settings, *self.symbols.declared]
        words = f"no variable or symbol is called {clipped(node.id)}{did_you_mean(node.id, known)}"
        return self.fail("unknown-name", words, node)

    def judge(self, text: Literal, source: Source, subject: Any = UNSET) -> bool | Fact:
        """Tell whether a condition holds of a number, or which fact decides it; without one it compares symbols.

        Raises ReadError where the text is no condition.
        """
        self.subject = subject
        spelled = numbers(str(text.value)) if subject is UNSET else in_full(str(text.value))
        found: bool | Fact = self.work(spelled, source, text, self.decide)
        return found

    def of_symbol(self, name: Literal, text: Literal, source: Source) -> bool | Fact:
        """Tell which fact a condition says of a symbol by its name."""
        return self.judge(text, source, self.expected(name, source))

    def expected(self, text: Literal, source: Source) -> Any:
        """Work out a size of an expected shape.

        Raises ReadError where the text is no number.
        """
        self.subject = UNSET
        return self.work(numbers(str(text.value)), source, text, self.number)

    def work(self, text: str, source: Source, node: Literal, work: Callable[[Reader, ast.expr], Any]) -> Any:
        """Read a text and work on it; what is wrong with it is told where the whole of it stands."""
        self.source = Source(source.name, text)
        try:
            reader, body = tree(self.source, text, 0)
            said = body[0] if len(body) == 1 and str(node.value).strip() else None
            if isinstance(said, ast.Expr):
                return work(reader, said.value)
        except ReadError as error:
            raise ReadError(error.code, error.message, source, node.span) from None
        raise ReadError("condition", WANTED, source, node.span)

    def decide(self, reader: Reader, node: ast.expr) -> bool | Fact:
        """Decide a condition of comparisons joined by `and`, `or`, and chains such as `1 <= _ <= 3`."""
        if isinstance(node, ast.BoolOp):
            either = isinstance(node.op, ast.Or)
            return joined([self.decide(reader, part) for part in node.values], either=either)
        if not isinstance(node, ast.Compare):
            raise reader.fail("condition", WANTED, node)
        values = [self.number(reader, part) for part in (node.left, *node.comparators)]
        pairs = zip(node.ops, values, values[1:], strict=False)
        return joined([self.compare(reader, node, OPERATORS.get(type(op), ""), *pair) for op, *pair in pairs])

    def number(self, reader: Reader, node: ast.expr) -> Any:
        """Work out one side of a comparison; a whole float is that number."""
        value = self.evaluate(reader.read(node))
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def compare(self, reader: Reader, node: ast.expr, operator: str, left: Any, right: Any) -> bool | Fact:
        """Compare two numbers."""
        try:
            found: bool | Fact = BINARY[operator](left, right)
        except (TypeError, KeyError):
            raise reader.fail("condition", f"cannot compare {left} with {right}", node) from None
        return found


def joined(parts: list[bool | Fact], *, either: bool = False) -> bool | Fact:
    """Join what was decided with what was not: all of it, or `either`."""
    found, *others = parts
    for part in others:
        found = found | part if either else found & part
    return found


def in_full(text: str) -> str:
    """Write a condition out: a range, a number alone and a comparison without a left side are about what is judged."""
    between = RANGE.fullmatch(text.strip())
    if between:
        return f"({numbers(between[1])}) <= _ <= ({numbers(between[2])})"
    if not COMPARED.search(text):
        return f"_ == ({numbers(text)})"
    return IMPLIED.sub(r"\1 _ ", numbers(text.strip()))


def numbers(text: str) -> str:
    """Write the numbers of a text as Python has them: 1.2M is 1200000, 1e6 is 1000000."""
    return NUMBER.sub(whole, text)


def whole(found: re.Match[str]) -> str:
    """Return a number without its unit and its exponent, where that is a whole one."""
    digits, fraction, exponent, unit = found.groups()
    fraction = (fraction or "")[1:]
    power = int(exponent or 0) - len(fraction)
    if (not unit and power < 0) or abs(power) > LARGEST or len(digits + fraction) > DIGITS:
        return found[0]
    value = int(digits.replace("_", "") + fraction) * UNITS.get(unit, 1)
    return str(value * 10**power) if power >= 0 else str(value // 10**-power)
