"""What the options of the command line mean: texts become inputs and settings, and these a trace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convshape.evaluate import Evaluator
from convshape.faults import ConvshapeError, ReadError
from convshape.inputs import Given
from convshape.network import Input, Items
from convshape.read import expression
from convshape.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convshape.layer import Layer
    from convshape.network import Network, Node

NAMED = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)")
DTYPE = re.compile(r":\s*([A-Za-z]\w*)\s*\Z")


class Value(Evaluator):
    """Evaluates a setting: a bare word is that word."""

    def lookup(self, name: str, default: Any) -> Any:  # noqa: ARG002  # the signature of Evaluator
        """Return the word itself."""
        return name


def parsed(source: Source, start: int, end: int) -> Node:
    """Read a part of an option as an expression."""
    _, node = expression.parse(source, source.text[start:end], lambda offset: start + offset)
    return node


def read_inputs(texts: Sequence[str] | None, network: Network) -> dict[str, Given] | None:
    """Read `32,1,556`, `x=N,3,32,32` and `ids=N,16:int64`; those without a name take the network's names in turn.

    Raises ReadError.
    """
    found: dict[str, Given] = {}
    for text in texts or ():
        name, given = read_input(text)
        if not name:
            name = next((known for known in network.inputs or ("input",) if known not in found), "")
        if not name or name in found:
            raise whole("input", "several inputs need names: -i x=N,3,32,32 -i y=N,16", given.source)
        found[name] = given
    return found or None


def read_input(text: str) -> tuple[str, Given]:
    """Read one input: its name, if it has one, and its shape."""
    source = Source("-i", text)
    named, typed = NAMED.match(text), DTYPE.search(text)
    start, end = named.end() if named else 0, typed.start() if typed else len(text)
    if not text[start:end].strip():
        raise whole("input", "an input needs a shape: -i 32,1,556", source)
    node = parsed(source, start, end)
    shape = node.items if isinstance(node, Items) else (node,)
    return named[1] if named else "", Given(source, Input(shape, typed[1]) if typed else Input(shape))


def whole(code: str, message: str, source: Source) -> ConvshapeError:
    """Make an error that points at the whole of an option."""
    return ReadError(code, message, source, Span(0, len(source.text)))


def read_settings(texts: Sequence[str] | None) -> dict[str, Any]:
    """Read `NAME=VALUE`: a number, a word, True, or a tuple.

    Raises ReadError.
    """
    found = {}
    for text in texts or ():
        source, named = Source("--set", text), NAMED.match(text)
        if not named or not text[named.end() :].strip():
            raise whole("set", "a setting is NAME=VALUE: --set filters=128", source)
        found[named[1]] = Value(source).evaluate(parsed(source, named.end(), len(text)))
    return found


def declared(files: Sequence[str] | None) -> dict[str, type[Layer]]:
    """Return the layers that the user's files declare, by name."""
    if not files:
        return {}
    from convshape.extensions import from_file

    return {name: layer for path in files for name, layer in from_file(path).items()}
