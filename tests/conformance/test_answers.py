"""Every layer answers what tests/golden/answers says: its places and sentences, which torch cannot judge."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest
from answer_cases import answered
from answer_rare import RARE
from answers import EVERYWHERE, answers
from judge import agree, judged, ruled

from convshape import layers
from convshape.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[1] / "golden" / "answers"
MODULES = [f"{layers.__name__}.{module.name}" for module in pkgutil.iter_modules(layers.__path__)]


@pytest.mark.parametrize("family", layers.FAMILIES)
def test_answers(family: str, *, update_golden: bool) -> None:
    """`pytest tests/conformance/test_answers.py --update-golden` writes them anew."""
    found, expected = answers(family), FOLDER / f"{family}.txt"
    if update_golden:
        expected.write_text(found, encoding="utf-8", newline="\n")
    assert found == expected.read_text(encoding="utf-8")


def test_no_answers_are_left_over() -> None:
    """Leave no file behind that nothing checks."""
    assert {path.stem for path in FOLDER.iterdir()} == set(layers.FAMILIES)


def declared(value: Any) -> Iterator[Fault]:
    """Give the faults in a value of a module."""
    if isinstance(value, Fault):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from declared(part)


def pattern(template: str) -> str:
    """Return what a template matches, whatever it is filled with."""
    parts = Formatter().parse(template)
    return "".join(re.escape(text) + ("" if field is None else ".*") for text, field, _, _ in parts)


@pytest.mark.parametrize("module", MODULES)
def test_every_refusal_is_seen(module: str) -> None:
    """Whatever a rule may refuse has a case; a refusal without one belongs into answer_rare.py, or away."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.iterdir()))
    faults = {fault for value in vars(import_module(module)).values() for fault in declared(value)}
    for fault in faults - EVERYWHERE:
        lines = f"^{fault.code}: \\w+ {pattern(fault.says)}\n.*\n    torch: {fault.torch_type}: "
        found = re.search(f"{lines}{pattern(fault.torch_words)}$", text, re.MULTILINE)
        assert found is not None, f"no case is refused because it {fault.says!r}: add one to answer_rare.py"


@pytest.mark.parametrize("case", RARE, ids=repr)
def test_rare_cases(case: Any) -> None:
    """Torch answers the same; a case that it has no words for ends its process."""
    refusal = answered(case).refusal
    if refusal is None or refusal.fault.torch_words:
        want, got = judged(case), ruled(case)
        assert agree(case, want, got), f"{case}\n  torch {want}\n  rule  {got}"
