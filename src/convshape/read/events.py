"""YAML as a tree of scalars, sequences and mappings that know where they stand, made from the loader's events.

Values are not resolved: YAML 1.1 reads `no` as False and `1:30` as 90; a description means what PyTorch would mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from convshape.faults import ReadError
from convshape.source import Span

if TYPE_CHECKING:
    from convshape.source import Source

DEPTH = 100
"""How deep a description may nest."""

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C loader is six times faster, and marks positions too


class Tree:
    """A value of YAML: its span, and an anchor's value where an alias stands is the same object."""

    __slots__ = ("span",)

    def __init__(self, span: Span) -> None:
        """Keep the span."""
        self.span = span


class Scalar(Tree):
    """A text, and whether it was quoted."""

    __slots__ = ("quoted", "text")

    def __init__(self, span: Span, text: str, *, quoted: bool) -> None:
        """Keep the text."""
        self.span = span
        self.text = text
        self.quoted = quoted


class Sequence(Tree):
    """A list."""

    __slots__ = ("items",)

    def __init__(self, span: Span) -> None:
        """Start empty."""
        self.span = span
        self.items: list[Tree] = []


class Mapping(Tree):
    """Pairs in their order, each key a scalar."""

    __slots__ = ("pairs",)

    def __init__(self, span: Span) -> None:
        """Start empty."""
        self.span = span
        self.pairs: list[tuple[Scalar, Tree]] = []


class Builder:
    """Builds the tree; `stack` holds what is open, `keys` the key that waits in each open mapping."""

    def __init__(self, source: Source) -> None:
        """Start with nothing open."""
        self.source = source
        self.stack: list[Sequence | Mapping] = []
        self.keys: list[Scalar | None] = []
        self.anchors: dict[str, Tree] = {}
        self.root: Tree | None = None

    def fail(self, code: str, message: str, span: Span) -> ReadError:
        """Make an error at a span."""
        return ReadError(code, message, self.source, span)

    def add(self, tree: Tree) -> None:
        """Put a value where it belongs."""
        if not self.stack:
            self.root = tree
            return
        parent = self.stack[-1]
        if isinstance(parent, Sequence):
            parent.items.append(tree)
            return
        key = self.keys[-1]
        if key is not None:
            parent.pairs.append((key, tree))
            self.keys[-1] = None
        elif isinstance(tree, Scalar):
            if any(tree.text == known.text for known, _ in parent.pairs[-50:]):
                raise self.fail("duplicate-key", f"the key {tree.text!r} stands twice in this mapping", tree.span)
            self.keys[-1] = tree
        else:
            raise self.fail("key", "a key is a word", tree.span)

    def open(self, tree: Sequence | Mapping) -> None:
        """Start a collection."""
        self.add(tree)
        if len(self.stack) >= DEPTH:
            raise self.fail("too-deep", f"the description nests more than {DEPTH} deep", tree.span)
        self.stack.append(tree)
        self.keys.append(None)

    def close(self, span: Span) -> None:
        """End a collection."""
        tree = self.stack.pop()
        self.keys.pop()
        tree.span = Span(tree.span.start, span.end)


def tree(source: Source) -> Tree:
    """Read YAML into a tree.

    Raises ReadError where it is no YAML, nests too deeply, or holds more than one document.
    """
    builder = Builder(source)
    try:
        for event in yaml.parse(source.text, Loader=Loader):
            _take(builder, event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        start = min(mark.index, max(len(source.text) - 1, 0)) if mark else 0
        raise builder.fail("yaml", (error.problem or "not YAML").strip(), Span(start, start + 1)) from None
    except yaml.YAMLError as error:
        raise ReadError("yaml", f"not YAML: {str(error).splitlines()[0]}", source) from None
    if builder.root is None:
        raise ReadError("empty", f"{source.name} is empty: a description has at least one layer", source)
    return builder.root


def _take(builder: Builder, event: Any) -> None:
    """Let one event of the loader build on."""
    kind = type(event)
    span = Span(event.start_mark.index, event.end_mark.index) if event.start_mark else Span(0, 0)
    if kind is yaml.ScalarEvent:
        made: Tree = Scalar(span, event.value, quoted=bool(event.style))
    elif kind is yaml.SequenceStartEvent:
        made = Sequence(span)
    elif kind is yaml.MappingStartEvent:
        made = Mapping(span)
    elif kind is yaml.AliasEvent:
        if event.anchor not in builder.anchors:
            raise builder.fail("alias", f"no anchor &{event.anchor} stands before this alias", span)
        builder.add(builder.anchors[event.anchor])
        return
    else:
        if kind in (yaml.SequenceEndEvent, yaml.MappingEndEvent):
            builder.close(span)
        elif kind is yaml.DocumentStartEvent and builder.root is not None:
            raise builder.fail("documents", "a file holds one description", span)
        return
    if event.anchor:
        builder.anchors[event.anchor] = made
    if isinstance(made, (Sequence, Mapping)):
        builder.open(made)
    else:
        builder.add(made)
