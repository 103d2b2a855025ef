"""Layers that users declare: in a file that the command line names, or in an installed package's entry points.

A description can never name code to import: only the person at the keyboard, or who installed the package, can.
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convshape.faults import ReadError
from convshape.layer import Layer
from convshape.layers import FAMILY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint

GROUP = "convshape.layers"
"""The entry point group: `name = "package.module:ClassName"`."""
PREFIX = "convshape_layers_"
"""How the module of a file is called."""


def from_file(path: str) -> dict[str, type[Layer]]:
    """Import a Python file and return the layers that it declares, by name.

    Raises ReadError when the file cannot be read or declares none.
    """
    spec = importlib.util.spec_from_file_location(f"{PREFIX}{Path(path).stem}", path)
    if spec is None or spec.loader is None or not Path(path).is_file():
        raise ReadError("file", f"cannot read layers from {path}: it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever the file raises, it is not ours
        raise ReadError(
            "file", f"cannot read layers from {line_of(error, {str(spec.origin)}) or path}: {told(error)}"
        ) from None
    found = declared(vars(module), spec.name)
    if not found:
        raise ReadError("no-layers", f"{path} declares no subclass of convshape.Layer")
    taken = next((name for name in found if name in FAMILY), None)
    if taken is not None:
        raise ReadError("duplicate-name", f"{path} declares {taken}, which torch.nn has: give it another name")
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

    return {entry.name: loaded(entry) for entry in entry_points(group=GROUP)}


def loaded(entry: EntryPoint) -> type[Layer]:
    """Import what an entry point names.

    Raises ReadError where it cannot be imported.
    """
    try:
        layer: type[Layer] = entry.load()
    except Exception as error:  # noqa: BLE001  # whatever the package raises, it is not ours
        raise ReadError("file", f"cannot read the layer {entry.name} of {entry.value}: {told(error)}") from None
    if not (isinstance(layer, type) and issubclass(layer, Layer)):
        raise ReadError("no-layers", f"{entry.value}, the layer {entry.name}, is no subclass of convshape.Layer")
    return layer


def told(error: BaseException) -> str:
    """Say in a line what somebody else's code raised."""
    words = str(error).partition("\n")[0]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def place_of(error: BaseException) -> str | None:
    """Return where a layer of the user's own raised an error, as file:line, or gave what is no shape; else None."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    made = [type(found) for frame in frames if isinstance(found := frame.f_locals.get("self"), Layer)]
    own = [kind for kind in made if not kind.__module__.startswith("convshape.")]
    files = {getattr(module, "__file__", "") for name, module in sys.modules.items() if name.startswith(PREFIX)}
    files |= {getattr(sys.modules[kind.__module__], "__file__", "") for kind in own}
    return line_of(error, files) or next((f"the layer {kind.__name__}" for kind in reversed(own)), None)


def line_of(error: BaseException, files: set[str]) -> str | None:
    """Return the last line of some files that an error came from, as file:line; None where there is none."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((f"{frame.filename}:{frame.lineno}" for frame in reversed(frames) if frame.filename in files), None)
