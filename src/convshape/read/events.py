"""YAML as a tree of scalars, sequences and mappings that know where they stand, made from the loader's events.

Values are not resolved: YAML 1.1 reads `no` as False and `1:30` as 90; a description means what PyTorch would mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from convshape import limits
from convshape.faults import ReadError
from convshape.network import Items, Literal, Node, Pairs
from convshape.source import Span
from convshape.suggest import clipped

if TYPE_CHECKING:
    from collections.abc import Callable

    from convshape.source import Source

REACH = 200
"""How far apart two letters of a folded scalar may stand."""

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C loader is six times faster, and marks positions too


class Tree:
    """A value of YAML and its span; where an alias stands, it is the anchor's own object."""

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
    """A list; `flow` tells `[a, b]`, where a comma splits."""

    __slots__ = ("flow", "items")

    def __init__(self, span: Span, *, flow: bool) -> None:
        """Start empty."""
        self.span = span
        self.flow = flow
        self.items: list[Tree] = []


class Mapping(Tree):
    """Pairs in their order, each key a scalar; `flow` tells `{a: b, c: d}`, where a comma splits."""

    __slots__ = ("flow", "pairs")

    def __init__(self, span: Span, *, flow: bool) -> None:
        """Start empty."""
        self.span = span
        self.flow = flow
        self.pairs: list[tuple[Scalar, Tree]] = []


class Open:
    """A collection that is being built: its keys so far, the key that waits, its anchor, and where its count began."""

    __slots__ = ("anchor", "began", "key", "keys", "tree")

    def __init__(self, tree: Sequence | Mapping, anchor: str | None, began: int) -> None:
        """Start with no keys."""
        self.tree = tree
        self.anchor = anchor
        self.began = began
        self.key: Scalar | None = None
        self.keys: set[str] = set()


class Builder:
    """Builds the tree: `stack` holds what is open, `anchors` each anchor's value and how many values that is."""

    def __init__(self, source: Source) -> None:
        """Start with nothing open."""
        self.source = source
        self.stack: list[Open] = []
        self.anchors: dict[str, tuple[Tree, int]] = {}
        self.count = 0
        self.root: Tree | None = None

    def fail(self, code: str, message: str, span: Span) -> ReadError:
        """Make an error at a span."""
        return ReadError(code, message, self.source, span)

    def add(self, tree: Tree, size: int = 1) -> None:
        """Put a value where it belongs."""
        self.count += size
        if self.count > limits.YAML_VALUES:
            words = f"the description holds more than {limits.YAML_VALUES:,} values"
            raise limits.over("YAML_VALUES", "too-many-values", words, self.source, tree.span)
        if not self.stack:
            self.root = tree
            return
        parent = self.stack[-1]
        collection = parent.tree
        if isinstance(collection, Sequence):
            collection.items.append(tree)
        elif parent.key is not None and isinstance(collection, Mapping):
            collection.pairs.append((parent.key, tree))
            parent.key = None
        else:
            parent.key = self.key(parent, tree)

    def key(self, parent: Open, tree: Tree) -> Scalar:
        """Take a value as the next key of a mapping."""
        if not isinstance(tree, Scalar):
            raise self.fail("key", "a key is a word", tree.span)
        if tree.text in parent.keys:
            words = f"the key {clipped(tree.text)} stands twice in this mapping"
            raise self.fail("duplicate-key", words, tree.span)
        parent.keys.add(tree.text)
        return tree

    def open(self, tree: Sequence | Mapping, anchor: str | None) -> None:
        """Start a collection."""
        began = self.count
        self.add(tree)
        if len(self.stack) >= limits.YAML_DEPTH:
            words = f"the description nests more than {limits.YAML_DEPTH} deep"
            raise limits.over("YAML_DEPTH", "too-deep", words, self.source, tree.span)
        self.stack.append(Open(tree, anchor, began))

    def close(self, end: int) -> None:
        """End a collection; only now may an alias stand for it, so that none holds itself."""
        done = self.stack.pop()
        done.tree.span = Span(done.tree.span.start, end)
        if done.anchor:
            self.anchors[done.anchor] = done.tree, self.count - done.began

    def alias(self, anchor: str, span: Span) -> None:
        """Put an anchor's value where its alias stands."""
        if anchor not in self.anchors:
            words = f"no value called &{clipped(anchor)} ends before this alias"
            raise self.fail("alias", words, span)
        self.add(*self.anchors[anchor])


def tree(source: Source) -> Tree:
    """Read YAML into a tree.

    Raises ReadError where it is no YAML, nests too deeply, or holds more than one document.
    """
    builder = Builder(source)
    try:
        for event in iter(Loader(source.text).get_event, None):
            take(builder, event)
    except yaml.YAMLError as error:
        raise not_yaml(source, error) from None
    if builder.root is None:
        raise ReadError("empty", f"{source.name} is empty: a description has at least one layer", source)
    return builder.root


def take(builder: Builder, event: Any) -> None:
    """Let one event of the loader build on."""
    kind = type(event)
    if kind is yaml.ScalarEvent:
        start, end = event.start_mark.index, event.end_mark.index
        made = Scalar(Span(start, end), event.value, quoted=event.style in ("'", '"'))
        if event.tag or event.anchor:
            untagged(builder, event, made)
        builder.add(made)
    elif kind in (yaml.SequenceEndEvent, yaml.MappingEndEvent):
        builder.close(event.end_mark.index)
    elif kind in OPENING:
        collection = OPENING[kind](Span(event.start_mark.index, event.end_mark.index), flow=bool(event.flow_style))
        if event.tag:
            untagged(builder, event, collection)
        builder.open(collection, event.anchor)
    elif kind is yaml.AliasEvent:
        builder.alias(event.anchor, Span(event.start_mark.index, event.end_mark.index))
    elif kind is yaml.DocumentStartEvent and builder.root is not None:
        start = event.start_mark.index
        raise builder.fail(
            "documents", "a file holds one description: a second one starts here", Span(start, start + 3)
        )


OPENING: dict[Any, Any] = {yaml.SequenceStartEvent: Sequence, yaml.MappingStartEvent: Mapping}


def untagged(builder: Builder, event: Any, made: Tree) -> None:
    """Refuse a tag, which could only make an object; remember an anchor."""
    if event.tag and event.tag != "!":
        raise builder.fail("tag", f"a tag has no meaning here: {clipped(event.tag)}", made.span)
    if event.anchor:
        builder.anchors[event.anchor] = made, 1


def aligned(text: str, value: Scalar) -> Callable[[int], int]:
    """Map offsets of a scalar that YAML has folded, or unescaped, to the source: character by character."""
    start, end = value.span
    places, at = [], start
    for letter in value.text:
        found = at if letter.isspace() else text.find(letter, at, min(at + REACH, end))
        places.append(min(found if found >= 0 else at, end - 1))
        at = places[-1] + (0 if letter.isspace() else 1)
    return lambda offset: places[min(max(offset, 0), len(places) - 1)]


def written(value: Tree) -> Node:
    """Return an expectation as it was written: text, lists and mappings."""
    if isinstance(value, Sequence):
        return Items(value.span, "list", tuple(map(written, value.items)))
    if isinstance(value, Mapping):
        return Pairs(value.span, tuple((Literal(key.span, key.text), written(item)) for key, item in value.pairs))
    assert isinstance(value, Scalar)  # noqa: S101  # there are three kinds of Tree
    return Literal(value.span, value.text)


WORDS = {
    "mapping values are not allowed": "a `: ` inside a value starts a mapping: put the value in quotes, or indent it",
    "',' or ']'": "this list is never closed, or lacks a comma",
    "',' or '}'": "this mapping is never closed, or lacks a comma",
    "'-' indicator": "this line stands where the next `- ` of a list belongs: check its indentation",
    "expected <block end>": "this line stands where it belongs to nothing: check its indentation",
    "expected key": "this line stands where the next `key:` belongs: check its indentation",
    "expected ':'": "a key lacks its `: `",
    "end of stream": "this quote is never closed",
    "cannot start any token": "a value cannot start with this character: put it in quotes",
}
"""What the loader says, in the words of a description."""
CONTEXT = ("this list", "this mapping", "this quote")


def not_yaml(source: Source, error: yaml.YAMLError) -> ReadError:
    """Say what the loader could not read, and point at it."""
    last = max(len(source.text) - 1, 0)
    if isinstance(error, yaml.MarkedYAMLError):
        said = (error.problem or "this is not YAML").strip()
        words = next((ours for theirs, ours in WORDS.items() if theirs in said), said)
        mark = error.context_mark if words.startswith(CONTEXT) else error.problem_mark
        mark = mark or error.problem_mark or error.context_mark
        start = min(mark.index, last) if mark else 0
        words = "a tab cannot indent: use spaces" if source.text[start : start + 1] == "\t" else words
        words = "`?` stands in quotes here" if "?" in source.text[max(start - 2, 0) : start + 2] else words
        return ReadError("yaml", f"cannot be read as YAML: {words}", source, Span(start, start + 1))
    character = getattr(error, "character", 0)  # its position is in bytes or in characters, by the loader
    start = min(max(source.text.find(chr(character) if isinstance(character, int) else character), 0), last)
    words = f"a character that YAML does not allow: {source.text[start]!r}" if source.text else "no text"
    return ReadError("yaml", words, source, Span(start, start + 1))
