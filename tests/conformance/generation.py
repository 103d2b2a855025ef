"""How cases are generated: a source of chance that Hypothesis draws, so that a failure shrinks to a small one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

NIGHTLY = 300
"""More examples than this are drawn anew every time; fewer are the same ones: a build does not depend on luck."""


def generated(examples: int) -> Callable[[Callable[[Random], None]], Callable[[], None]]:
    """Run a test on so many sources of chance."""

    def run(test: Callable[[Random], None]) -> Callable[[], None]:
        configured = settings(
            max_examples=examples // 4 if settings.get_current_profile_name() == "mutation" else examples,
            deadline=None,
            database=None,
            derandomize=examples <= NIGHTLY,
            suppress_health_check=list(HealthCheck),
        )
        return configured(given(st.randoms(use_true_random=False))(test))

    return run
