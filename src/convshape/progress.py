"""A sign of life on standard error for what takes over a second; only a terminal shows it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threading import Timer

PATIENCE = 1.0
"""How many seconds pass before anything is shown."""


class Progress:
    """Shows `tracing ...` while its body runs, and takes it away again."""

    def __init__(self) -> None:
        """Start with nothing shown."""
        self.timer: Timer | None = None
        self.shown = False

    def __enter__(self) -> None:
        """Wait in the background, where there is a terminal."""
        if sys.stderr.isatty():
            from threading import Timer

            self.timer = Timer(PATIENCE, self.show)
            self.timer.daemon = True
            self.timer.start()

    def show(self) -> None:
        """Write the line."""
        self.shown = True
        sys.stderr.write("tracing ...")
        sys.stderr.flush()

    def __exit__(self, *_error: object) -> None:
        """Wipe the line."""
        if self.timer:
            self.timer.cancel()
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
