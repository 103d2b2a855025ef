"""Expect: what a description, or a budget, says of a network, held against its trace.

What depends on symbols must hold at every size for which the network works.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convshape.checking.held import Held
from convshape.conditions import joined
from convshape.faults import ReadError
from convshape.network import Items, Literal, Pairs
from convshape.problem import Problem
from convshape.quantities import QUANTITIES
from convshape.report import shape_text
from convshape.report.columns import shape_text_of
from convshape.sizing.proof import works
from convshape.suggest import clipped, did_you_mean
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from convshape.conditions import Judge
    from convshape.dim import Fact
    from convshape.network import Node
    from convshape.sizing.proof import Study
    from convshape.source import Source

    Check: TypeAlias = Callable[[Held, Node], Iterator[Problem]]

WORD = re.compile(r"[^\W\d]\w*")
ANY = "_"
"""What stands in a shape for a size that may be any."""


def missed(study: Study, expect: Mapping[str, Node], source: Source) -> Iterator[Problem]:
    """Give everything that is not as expected, and what cannot be read; `source` is where the expectations stand."""
    held = Held(study, source)
    for key in sorted(expect, key=lambda key: key != "at"):  # the others are held at the sizes that it gives
        yield from one(held, key, expect[key])


def one(held: Held, key: str, node: Node) -> Iterator[Problem]:
    """Hold one key; an expectation that cannot be read is a problem of its own."""
    try:
        yield from check_of(held, key, node)(held, node)
    except ReadError as error:
        yield Problem.of(error)._replace(source=held.source, span=error.span or node.span)


def check_of(held: Held, key: str, node: Node) -> Check:
    """Return what holds a key; a symbol of the input is a key, too.

    Raises ReadError where there is none.
    """
    if key in CHECKS:
        return CHECKS[key]
    if key in held.names:
        return lambda held, node: sizes(held, Pairs(node.span, ((Literal(node.span, key), node),)))
    raise held.fail(
        "unknown-expectation", f"nothing is expected as {clipped(key)}{did_you_mean(key, [*CHECKS, *held.names])}", node
    )


# --- sizes ---


def at(held: Held, node: Node) -> Iterator[Problem]:
    """Take the sizes at which the other expectations are held."""
    for name, part in held.pairs(node, "at: {N: 1, H: 224}"):
        size = held.judge.expected(held.text(part), held.source)
        if name.value not in held.names:
            words = f"the input has no symbol {clipped(str(name.value))}{did_you_mean(str(name.value), held.names)}"
            raise held.fail("unknown-name", words, name)
        if not isinstance(size, int):
            raise held.fail("expectation", "a number belongs here: at: {N: 1, H: 224}", part)
        if name.value in held.trace.symbols.names:
            held.at[str(name.value)] = size
    return iter(())


def sizes(held: Held, node: Node) -> Iterator[Problem]:
    """Hold the network to work at every size that a condition allows."""
    spoken = set(WORD.findall(said(node))) & set(held.trace.symbols.names)
    verdict = works(held.study, spoken, lambda symbols: allowed(held, held.judge_of(symbols), node))
    if not verdict.holds:
        yield held.missed("sizes", f"the network must work at {said(node)}, and does not", node, verdict)


def exact_sizes(held: Held, node: Node) -> Iterator[Problem]:
    """Hold the network to work at these sizes, and at no others."""
    yield from sizes(held, node)
    verdict = held.everywhere(allowed(held, held.judge, node))
    if not verdict.holds:
        yield held.missed("exact-sizes", f"the network must work only at {said(node)}, and works", node, verdict)


def allowed(held: Held, judge: Judge, node: Node) -> bool | Fact:
    """Ask what a condition says of sizes: of each symbol by its name, or of several together."""
    if isinstance(node, Literal):
        return judge.judge(node, held.source)
    pairs = held.pairs(node, 'sizes: {H: ">= 32 and H % 32 == 0"}')
    return joined([judge.of_symbol(name, held.text(part), held.source) for name, part in pairs])


def said(node: Node) -> str:
    """Write a condition on sizes as it was written."""
    if isinstance(node, Pairs):
        return ", ".join(f"{name.value}: {getattr(part, 'value', '')}" for name, part in node.pairs)
    return str(getattr(node, "value", ""))


# --- shapes ---


def output(held: Held, node: Node) -> Iterator[Problem]:
    """Hold the shape that comes out."""
    return shape(held, "output", "the output", held.trace.output, node)


def shapes(held: Held, node: Node) -> Iterator[Problem]:
    """Hold the shapes of layers by their names."""
    for name, part in held.pairs(node, "shapes: {conv: [N, 16, L]}"):
        yield from shape(held, "shapes", str(name.value), held.rows(name)[-1].output, part)


def shape(held: Held, key: str, title: str, value: Any, node: Node) -> Iterator[Problem]:
    """Compare a shape, or a nested tuple of them, with what is expected; {shape: ..., dtype: ...} says more."""
    wanted = {"shape": node}
    if isinstance(node, Pairs):
        wanted = {str(name.value): part for name, part in node.pairs}
        if not wanted or not wanted.keys() <= {"shape", "dtype"}:
            raise held.fail("expectation", "a shape is a list of sizes, or {shape: [...], dtype: int64}", node)
    if "shape" in wanted:
        part = wanted["shape"]
        verdict = held.everywhere(equal(held, value, part))
        if not verdict.holds:
            words = f"the shape of {title} is {shape_text(value)}, expected {written(held, part)}"
            yield held.missed(key, words, part, verdict)
    dtype = str(getattr(wanted.get("dtype"), "value", "")).removeprefix("torch.")
    if dtype and dtype != getattr(value, "dtype", None):
        words = f"the dtype of {title} is {getattr(value, 'dtype', 'that of a tuple')}, expected {dtype}"
        yield held.missed("dtype", words, wanted["dtype"])


def equal(held: Held, value: Any, node: Node) -> bool | Fact:
    """Ask whether a shape is the one expected."""
    items = parts(held, node)
    if len(items) != len(value):
        return False
    if not isinstance(value, Tensor):
        return joined([equal(held, inner, item) for inner, item in zip(value, items, strict=True)])
    texts = [(size, held.text(item)) for size, item in zip(value, items, strict=True)]
    asked = [(size, text) for size, text in texts if text.value != ANY]
    return joined([True, *(size == held.judge.expected(text, held.source) for size, text in asked)])


def parts(held: Held, node: Node) -> tuple[Node, ...]:
    """Return the sizes of a shape, or the shapes of a tuple; a text such as `N, 16, L` is split."""
    if isinstance(node, Items):
        return node.items
    texts = str(held.text(node).value).strip().strip("()[]").split(",")
    return tuple(Literal(node.span, text.strip()) for text in texts if text.strip())


def written(held: Held, node: Node) -> str:
    """Write an expected shape as shapes are written."""
    items = parts(held, node)
    if items and all(isinstance(item, Items) for item in items):
        return f"({', '.join(written(held, item) for item in items)})"
    return shape_text_of([getattr(item, "value", "...") for item in items])


CHECKS: dict[str, Check] = {
    "at": at,
    "output": output,
    "shapes": shapes,
    "sizes": sizes,
    "exact_sizes": exact_sizes,
    **{quantity.key: quantity.held for quantity in QUANTITIES},
}
"""What holds each key of `expect:`."""
