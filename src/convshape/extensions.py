"""Layers that users declare: in a file that the command line names, or in an installed package's entry points.

A description can never name code to import: only the person at the keyboard, or who installed the package, can.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convshape.faults import ReadError
from convshape.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "convshape.layers"
"""The entry point group: `name = "package.module:ClassName"`."""


def from_file(path: str) -> dict[str, type[Layer]]:
    """Import a Python file and return the layers that it declares, by name.

    Raises ReadError when the file cannot be read or declares none.
    """
    spec = importlib.util.spec_from_file_location(f"convshape_layers_{Path(path).stem}", path)
    if spec is None or spec.loader is None or not Path(path).is_file():
        raise ReadError("file", f"cannot read layers from {path}: it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    found = declared(vars(module), spec.name)
    if not found:
        raise ReadError("no-layers", f"{path} declares no subclass of convshape.Layer")
    return found


def declared(names: Mapping[str, Any], module: str) -> dict[str, type[Layer]]:
    """Return the layers among the names of a module that are its own."""
    return {
        name: value
        for name, value in names.items()
        if isinstance(value, type) and issubclass(value, Layer) and value.__module__ == module
    }


def installed() -> dict[str, type[Layer]]:
    """Return the layers of installed packages, by the name of their entry point."""
    from importlib.metadata import entry_points

    return {entry.name: entry.load() for entry in entry_points(group=GROUP)}
