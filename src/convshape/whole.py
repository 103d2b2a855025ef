"""Write a file whole, or not at all."""

from __future__ import annotations

import os
import tempfile

from convshape.faults import ReadError


def write(path: str, text: str) -> None:
    """Write a file at one stroke: whoever reads it sees the old text or the new one, and a link stays a link.

    Raises ReadError where it cannot be written.
    """
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    draft = ""
    try:
        handle, draft = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
        with open(handle, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123  # pathlib takes 5 ms to import
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(draft, mode(target))  # noqa: PTH101
        os.replace(draft, target)  # noqa: PTH105
    except OSError as error:
        if draft and os.path.exists(draft):  # noqa: PTH110
            os.unlink(draft)  # noqa: PTH108
        raise ReadError("file", f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None


def mode(path: str) -> int:
    """Return the permissions of a file, or those that a new one would have."""
    if os.path.exists(path):  # noqa: PTH110
        return os.stat(path).st_mode & 0o7777  # noqa: PTH116
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
