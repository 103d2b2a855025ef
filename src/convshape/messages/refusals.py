"""What can be refused: every fault that a layer or an op declares, and who may raise it, read off the code."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from convshape import layers, ops
from convshape.faults import Fault
from convshape.layer import Layer
from convshape.op import DECLARED
from convshape.prose import Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType, FunctionType

    from convshape.prose import Block


@cache
def faults() -> tuple[Fault, ...]:
    """Return every fault that is declared, those of layers first, each once; this imports every family."""
    for family in layers.FAMILIES:
        import_module(f"convshape.layers.{family}")
    for family in ops.FAMILIES:
        import_module(f"convshape.ops.{family}")
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("convshape.")]
    homes = sorted(modules, key=lambda module: (place(module.__name__), module.__name__))
    return tuple(dict.fromkeys(fault for module in homes for value in vars(module).values() for fault in held(value)))


def place(module: str) -> int:
    """Order modules: the families of layers as they are listed, what layers share, ops; what people meet most first."""
    families = [f"convshape.layers.{name}" for name in layers.FAMILIES]
    return families.index(module) if module in families else len(families) + module.startswith("convshape.ops")


def held(value: Any) -> Iterator[Fault]:
    """Give the faults that a value is, or holds: some are declared as a table."""
    if type(value) is Fault:
        yield value
    elif isinstance(value, (dict, tuple, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from held(part)
    elif isinstance(value, type) and value.__module__.startswith("convshape."):
        for part in vars(value).values():
            yield from held(part) if type(part) in (Fault, dict) else ()


def codes() -> dict[str, list[Fault]]:
    """Return the faults by their code, in the order of the alphabet."""
    found: dict[str, list[Fault]] = {}
    for fault in faults():
        found.setdefault(fault.code, []).append(fault)
    return dict(sorted(found.items()))


REFUSALS: dict[type[Layer], tuple[Fault, ...]] = {}
"""What was found for each layer, so that its code is read once."""


def refusals(layer: type[Layer]) -> tuple[Fault, ...]:
    """Return the faults that the code of a layer can name, its helpers' included; not those that all layers share."""
    if layer not in REFUSALS:
        found: dict[Fault, None] = {}
        seen: set[CodeType] = set()
        bases = layer.__mro__[: layer.__mro__.index(Layer)]
        for function in filter(None, (plain(value) for base in bases for value in vars(base).values())):
            follow(function, seen, found)
        REFUSALS[layer] = tuple(found)
    return REFUSALS[layer]


def plain(value: Any) -> FunctionType | None:
    """Return the function behind a method or a property."""
    value = getattr(value, "fget", None) or getattr(value, "func", None) or getattr(value, "__func__", value)
    return value if hasattr(value, "__code__") else None


def follow(function: FunctionType, seen: set[CodeType], found: dict[Fault, None]) -> None:
    """Collect the faults that a function names, and those of the functions of convshape that it names."""
    if function.__code__ in seen or not function.__module__.startswith("convshape."):
        return
    seen.add(function.__code__)
    for name in named(function.__code__):
        value = function.__globals__.get(name)
        found.update(dict.fromkeys(held(value)) if not isinstance(value, type) else {})
        helper = plain(value)
        if helper:
            follow(helper, seen, found)


def named(code: CodeType) -> Iterator[str]:
    """Give the names in a function, those in its comprehensions too."""
    yield from code.co_names
    for constant in code.co_consts:
        if hasattr(constant, "co_names"):
            yield from named(constant)


@cache
def sayers(fault: Fault) -> tuple[str, ...]:
    """Return the layers and the ops that may raise a fault, by name; empty where it is everybody's."""
    faults()  # imports every family
    said = [name for name in layers.FAMILY if fault in refusals(found(name))]
    declared = [(name.removeprefix("Tensor."), DECLARED[name]) for name in ops.FAMILY if name in DECLARED]
    return (*said, *(name for name, op in declared if fault in of_op(op.rule)))


def said_by(several: Iterable[Fault], after: str = "") -> list[Block]:
    """Name those who say faults in a paragraph; where they are more than anybody reads, only that they are many."""
    names = list(dict.fromkeys(name for fault in several for name in sayers(fault)))
    many = len(names) > MANY
    shown = [(name, page_of(name)) for name in names[: SHOWN if many else None]]
    end = " and many others." if many else "."
    return [Names("Said by ", shown, f"{end} {after}".rstrip())] if names else []


def page_of(name: str) -> str:
    """Return the page of a layer in `docs/`; an op has none."""
    return f"layers/{name}.md" if name in layers.FAMILY else ""


MANY, SHOWN = 40, 8
"""More names than this are cut to so many."""


@cache
def of_op(rule: FunctionType) -> tuple[Fault, ...]:
    """Return the faults that the rule of an op can name."""
    found: dict[Fault, None] = {}
    follow(rule, set(), found)
    return tuple(found)


def found(name: str) -> type[Layer]:
    """Return a layer class that the registry lists."""
    layer = layers.find(name)
    assert layer is not None  # noqa: S101  # it is listed
    return layer
