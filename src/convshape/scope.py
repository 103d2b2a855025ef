"""Scope: the names that a line can see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convshape.network import Node


class Scope:
    """The names that a line can see: numbers, the modules that earlier lines named, and the outputs to come."""

    __slots__ = ("active", "depth", "modules", "outer", "values")

    def __init__(self, outer: Scope | None = None, active: tuple[str, ...] = ()) -> None:
        """Open a scope inside another one; `active` are the blocks being written out."""
        self.outer = outer
        self.values: dict[str, Any] = {}
        self.modules: dict[str, Node | None] = {}
        self.active = active
        self.depth: int = outer.depth + 1 if outer else 0

    def value(self, name: str, default: Any) -> Any:
        """Find a number."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.outer
        return default

    def knows(self, name: str) -> bool:
        """Tell whether an earlier line gave this name."""
        return name in self.modules or (self.outer is not None and self.outer.knows(name))

    def module(self, name: str) -> Node | None:
        """Return the module that an earlier line named."""
        if name in self.modules:
            return self.modules[name]
        return self.outer.module(name) if self.outer else None

    def names(self) -> set[str]:
        """Return every name, for suggestions."""
        return {*self.values, *self.modules, *(self.outer.names() if self.outer else ())}
