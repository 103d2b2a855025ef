"""Make layers of calls: find the class, work out its arguments, and say what is wrong with them and where."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from convshape import layers, limits, ops
from convshape.arguments import UNKNOWN_ARGUMENT
from convshape.bound import argument_span
from convshape.dim import Symbols
from convshape.evaluate import Evaluator, article
from convshape.faults import ReadError, ShapeError
from convshape.network import Name, written
from convshape.ops.numbers import NUMBERS
from convshape.scope import Scope
from convshape.source import Span
from convshape.suggest import clipped, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convshape.faults import ConvshapeError, Refusal
    from convshape.layer import Layer
    from convshape.network import Block, Call, Network, Node

PLAIN = {int, bool, str, type(None)}
"""Arguments that say the same wherever they stand: no symbols, of which a constructor may assume something."""
REACH = 80
"""How far before a layer its name may stand."""


class Maker(Evaluator):
    """Makes layers; as an Evaluator it works out their arguments from the numbers in scope."""

    def __init__(self, network: Network, training: bool, extra: Mapping[str, type[Layer]]) -> None:  # noqa: FBT001
        """Start with the blocks of the network and the layers of the user."""
        super().__init__(network.source)
        self.blocks = network.blocks
        self.most = limits.LAYERS + written(network.layers)
        self.training = training
        self.extra = extra
        self.base = self.scope = Scope()
        self.symbols = Symbols()  # which know what constructors assume

    def built(self, kind: type[Layer], node: Call, path: str = "") -> Layer:
        """Make a layer."""
        arguments = tuple(map(self.evaluate, node.arguments))
        keywords = {name: self.evaluate(part) for name, part in node.keywords if name not in kind.factory}
        if len(keywords) < len(node.keywords):
            self.once(node)
        if PLAIN.issuperset(map(type, (*arguments, *keywords.values()))):
            plain: Any = kind  # mypy does not know a class to be hashable
            return remembered(plain, self.training, *arguments, **keywords)
        layer = object.__new__(kind)
        facts: list[Any] = self.symbols.facts
        known = len(facts)
        try:
            initialise(layer, arguments, keywords, training=self.training)
        finally:  # what it assumes is about it, refused or not
            for _, why in facts[known:]:
                why.about(layer).place(path, node.span)
        return layer

    def once(self, node: Call) -> None:
        """Refuse a keyword that stands twice."""
        names = [name for name, _ in node.keywords]
        for place, (name, part) in enumerate(node.keywords):
            if name in names[:place]:
                words = f"the argument {name} stands twice"
                raise ReadError("repeated-argument", words, self.source, self.named_at(name, part.span))

    def error(self, refusal: Refusal, kind: type[Layer], node: Call) -> ShapeError:
        """Turn what a constructor refuses into an error at the argument."""
        error = ShapeError(refusal, "ctor", kind.__name__)
        error.label = refusal.at
        error.call, error.wanted = node.span, getattr(error.layer, refusal.at, None)
        error.place(self.source, argument_span(node, kind, refusal.at))
        if refusal.fault is UNKNOWN_ARGUMENT and error.span is not None:
            error.span = self.named_at(refusal.at, error.span)
            close = did_you_mean(refusal.at, kind.fields)
            error.label = close.removeprefix("; ") or f"it takes {', '.join(kind.fields) or 'no arguments'}"
        return error

    def named_at(self, name: str, span: Span) -> Span:
        """Return where a name is written before what it names."""
        text = self.source.text
        start = text.rfind(name, max(span.start - len(name) - REACH, 0), span.start)
        found = start >= 0 and re.fullmatch(r"[\s\"':=,(\[{-]*", text[start + len(name) : span.start])
        return Span(start, start + len(name)) if found else span

    def parameters(self, node: Call, name: str, block: Block) -> dict[str, Any]:
        """Match the arguments of a block to its parameters."""
        names = [parameter for parameter, _ in block.parameters]
        if len(node.arguments) > len(names):
            most = f"{len(names)} argument{'s' * (len(names) != 1)}"
            raise self.fail("block", f"{name} takes {most}, got {len(node.arguments)}", node)
        given = dict(zip(names, map(self.evaluate, node.arguments), strict=False))
        for keyword, part in node.keywords:
            if keyword not in names or keyword in given:
                words = f"{clipped(name)} gets {clipped(keyword)} twice"
                if keyword not in names:
                    words = f"{clipped(name)} has no argument {clipped(keyword)}: it takes {', '.join(names) or 'none'}"
                raise ReadError("block", words, self.source, self.named_at(keyword, part.span))
            given[keyword] = self.evaluate(part)
        for parameter, default in block.parameters:
            if parameter not in given:
                if default is None:
                    raise self.fail("block", f"{name} needs {parameter}", node)
                given[parameter] = self.evaluate(default)
        return given

    def times(self, node: Node) -> int:
        """Return how often a group is repeated."""
        count = self.evaluate(node)
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise self.fail("repeat", f"a repetition needs a whole number, got {shown(count)}", node)
        if count > limits.LAYERS:
            raise self.too_many(node.span)
        return count

    def too_many(self, span: Span) -> ReadError:
        """Make the error for a network with more layers than it may have."""
        words = f"blocks and repetitions write out more than {limits.LAYERS:,} layers"
        return limits.over("LAYERS", "too-many-layers", words, self.source, span)

    def kind(self, name: str) -> type[Layer] | None:
        """Find the class of a layer: the user's, torch's, or an installed package's."""
        found = self.extra.get(name) or layers.find(name)
        if found is None and name[:1].isupper() and name not in self.blocks:
            found = self.installed.get(name)
        return found

    @cached_property
    def installed(self) -> Mapping[str, type[Layer]]:
        """The layers of installed packages, looked for when a name is not known otherwise."""
        from convshape.extensions import installed

        return installed()

    def lookup(self, name: str, default: Any) -> Any:
        """Find a variable, a parameter of a block, or a symbol."""
        return self.scope.value(name, default)

    def name(self, node: Name) -> Any:
        """Return what a name stands for; a function that a layer takes goes by its own: activation=F.gelu."""
        known = node.id == "_" or self.lookup(node.id, None) is not None
        found = None if known else ops.find(node.id, "function")
        return found or super().name(node)

    def call(self, node: Call) -> Any:
        """Evaluate a call among the arguments: a layer that a layer takes, float("inf"), or weight=torch.ones(5)."""
        if isinstance(node.function, Name):
            name = node.function.id
            kind = self.kind(name)
            if kind is not None:
                return self.built(kind, node)
            if name in NUMBERS:
                return super().call(node)
            operation = ops.find(name, "function")
            if operation is not None:
                return operation(*map(self.evaluate, node.arguments), **self.keywords(node))
        raise self.fail("expression", "an argument is a number, a word, a layer or a tensor", node)

    def keywords(self, node: Call) -> dict[str, Any]:
        """Evaluate the arguments that are given by name."""
        return {name: self.evaluate(part) for name, part in node.keywords}

    def unknown(self, node: Name) -> ConvshapeError:
        """Suggest the nearest name."""
        known = {*self.scope.names(), *self.blocks, *self.extra, *layers.FAMILY, *ops.FAMILY}
        capital = node.id[:1].isupper()
        known = {name for name in known if name[:1].isupper() == capital}  # classes are capitalised, the rest is not
        what = "layer" if capital else "name"
        words = f"no layer, function or variable is called {clipped(node.id)}{did_you_mean(node.id, sorted(known))}"
        return self.fail(f"unknown-{what}", words, node)


@lru_cache(maxsize=1024, typed=True)
def remembered(kind: type[Layer], training: bool, /, *arguments: Any, **keywords: Any) -> Layer:  # noqa: FBT001
    """Make a layer of plain arguments; a call that says the same gives the same layer, since a layer is a value."""
    layer = object.__new__(kind)
    initialise(layer, arguments, keywords, training=training)
    return layer


def initialise(layer: Layer, arguments: tuple[Any, ...], keywords: dict[str, Any], *, training: bool) -> None:
    """Give a layer its arguments, and tell it whether it is in training.

    Raises Refusal where torch's constructor refuses.
    """
    layer.__init__(*arguments, **keywords)  # type: ignore[misc]
    if training:
        layer.training = True


def shown(value: Any) -> str:
    """Write a value for a sentence."""
    return clipped(str(value)) if isinstance(value, (int, float, str)) else article(value)
