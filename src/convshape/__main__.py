"""The entry point: `convshape` and `python -m convshape`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and exit with its code; an interrupt ends it quietly, even while it starts."""
    gc.set_threshold(100_000, 20, 20)  # a command is over before there are cycles worth looking for
    try:
        from convshape.cli import run

        code = run()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
