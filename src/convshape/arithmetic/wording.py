"""Sets of sizes in words: the numbers that start them, and the rule by which they go on."""

from __future__ import annotations

from itertools import count, islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from convshape.arithmetic.sets import Form

LISTED = 3
"""A run of up to so many numbers is listed, and so many start what goes on for ever."""
MOST = 8
"""How many runs are written."""
PARITY = ("even", "odd")


def words(form: Form, name: str) -> str:
    """Write a set: `none`, `any`, `32..35`, `>= 13`, `4, 8, 12, ... (H % 4 == 0)`, `3, 4, 5 and odd from 7`."""
    form = stretched(form)
    head, tail = before(form.runs), after(form, name)
    return " and ".join(filter(None, (head, tail))) or "none"


def stretched(form: Form) -> Form:
    """Let the last run go on as far as it can: 3, 4, 5 and odd from 7, not 3, 4 and odd from 5."""
    if form.modulus == 1 or not form.runs or form.start % form.modulus not in form.residues:
        return form
    (first, last), start = form.runs[-1], form.start
    if last != start - 1:
        return form
    while start % form.modulus in form.residues:
        start += 1
    return form._replace(runs=(*form.runs[:-1], (first, start - 1)), start=start)


def before(runs: Sequence[tuple[int, int]]) -> str:
    """Write the runs before a set repeats."""
    texts = [run(first, last) for first, last in runs[:MOST]]
    if len(runs) > MOST:
        texts.append(f"{len(runs) - MOST} more up to {runs[-1][1]}")
    return ", ".join(texts)


def run(first: int, last: int) -> str:
    """Write a run of numbers."""
    return ", ".join(map(str, range(first, last + 1))) if last - first < LISTED else f"{first}..{last}"


def after(form: Form, name: str) -> str:
    """Write how a set goes on."""
    modulus, residues, start, runs = form
    if not residues:
        return ""
    if modulus == 1:
        return "any" if start <= 1 and not runs else f"{'from' if runs else '>='} {start}{' on' if runs else ''}"
    first = list(islice((value for value in count(start) if value % modulus in residues), LISTED))
    if runs and modulus == len(PARITY):
        return f"{PARITY[residues[0]]} from {first[0]}"
    return f"{', '.join(map(str, first))}, ... ({rule(modulus, residues, name)})"


def rule(modulus: int, residues: Sequence[int], name: str) -> str:
    """Write which residues a symbol has: by those that it has, or by those it has not where these are fewer."""
    others = [r for r in range(modulus) if r not in residues]
    if len(residues) == 1:
        return f"{name} % {modulus} == {residues[0]}"
    if len(others) == 1:
        return f"{name} % {modulus} != {others[0]}"
    has, lacks = (" or ".join(joined(some)) for some in (residues, others))
    return f"{name} % {modulus} is {has}" if len(has) <= len(lacks) + 4 else f"{name} % {modulus} is not {lacks}"


def joined(residues: Iterable[int]) -> list[str]:
    """Write residues, neighbours as runs."""
    found: list[list[int]] = []
    for r in residues:
        if found and found[-1][1] == r - 1:
            found[-1][1] = r
        else:
            found.append([r, r])
    return [str(a) if a == b else f"{a}..{b}" for a, b in found]
