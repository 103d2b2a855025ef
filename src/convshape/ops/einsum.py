"""einsum: sums of products, written with one letter for each axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convshape.dim import broadcast, prod
from convshape.dtypes import SCALARS
from convshape.faults import Fault, require
from convshape.op import Tensors, function
from convshape.tensor import Tensor

if TYPE_CHECKING:
    from convshape.dim import Size

FEWER = Fault(
    "einsum-operands",
    "has more terms than tensors",
    "RuntimeError: einsum(): fewer operands were provided than specified in the equation",
)
MORE = Fault(
    "einsum-operands",
    "has fewer terms than tensors",
    "RuntimeError: einsum(): more operands were provided than specified in the equation",
)
LETTER = Fault(
    "einsum-letter",
    "takes letters, not what stands at place {place}",
    "RuntimeError: einsum(): invalid subscript given at index {place} in the equation string, subscripts must be in "
    "[a-zA-Z]",
)
DOTS = Fault(
    "einsum-letter",
    "has a dot that is no ellipsis",
    "RuntimeError: einsum(): found '.' for {where} that is not part of any ellipsis",
)
DOTS_TWICE = Fault(
    "einsum-letter",
    "has two ellipses in one term",
    "RuntimeError: einsum(): found '.' for {where} for which an ellipsis was already found",
)
RANK = Fault(
    "rank",
    "names {letters} axes of tensor {operand}, which has {rank}",
    "RuntimeError: einsum(): the number of subscripts in the equation ({letters}) does not match the number of "
    "dimensions "
    "({rank}) for operand {operand} and no ellipsis was given",
)
RANK_DOTS = Fault(
    "rank",
    "names {letters} axes of tensor {operand}, which has {rank}",
    "RuntimeError: einsum(): the number of subscripts in the equation ({letters}) is more than the number of "
    "dimensions "
    "({rank}) for operand {operand}",
)
REPEATED = Fault(
    "sizes-match",
    "repeats the letter {letter} in one term for axes of {got} and {have}",
    "RuntimeError: einsum(): subscript {letter} is repeated for operand {operand} but the sizes don't match, "
    "{got} != {have}",
)
MISMATCH = Fault(
    "sizes-match",
    "gives the letter {letter} to axes of {have} and {got}",
    "RuntimeError: einsum(): subscript {letter} has size {got} for operand {operand} which does not broadcast with "
    "previously seen size {have}",
)
DOTS_MISMATCH = Fault(
    "sizes-match",
    "has an ellipsis for axes of {have} and {got}",
    "RuntimeError: einsum(): dimension {place} covered by ellipsis in operand {operand}has size {got} which does not "
    "broadcast with previously seen ellipsis with size {have} for the respective dimension",
)
OUTPUT_TWICE = Fault(
    "einsum-letter",
    "repeats the letter {letter} in the output",
    "RuntimeError: einsum(): output subscript {letter} appears more than once in the output",
)
OUTPUT_UNKNOWN = Fault(
    "einsum-letter",
    "has the letter {letter} in the output alone",
    "RuntimeError: einsum(): output subscript {letter} does not appear in the equation for any input operand",
)
DTYPES = Fault(
    "dtype", "multiplies one dtype, got {one} and {two}", "RuntimeError: expected scalar type {one} but found {two}"
)
ELLIPSIS = "..."


def letters_of(text: str, start: int, where: str) -> list[str]:
    """Read the letters of one term; an ellipsis is one of them."""
    found: list[str] = []
    place = 0
    while place < len(text):
        if text[place] == ".":
            require(ELLIPSIS not in found, DOTS_TWICE, where=where)
            require(text.startswith(ELLIPSIS, place), DOTS, where=where)
            found.append(ELLIPSIS)
            place += 3
            continue
        if text[place] != " ":
            require(text[place].isascii() and text[place].isalpha(), LETTER, place=start + place)
            found.append(text[place])
        place += 1
    return found


class Sums:
    """The sizes that the letters of an equation stand for."""

    def __init__(self, terms: list[list[str]], operands: tuple[Tensor, ...]) -> None:
        """Give every term its tensor."""
        self.sizes: dict[str, Size] = {}
        self.hidden = 0
        self.pairs = list(zip(terms, operands, strict=True))
        for number, (term, x) in enumerate(self.pairs):
            self.ranks(term, x, number)

    def measure(self) -> None:
        """Match the tensors to their letters."""
        for number, (term, x) in enumerate(self.pairs):
            self.term(term, x, number)

    def ranks(self, term: list[str], x: Tensor, number: int) -> None:
        """Refuse a term that does not have a letter for each axis."""
        count = len(term) - (ELLIPSIS in term)
        told: dict[str, Any] = {"letters": count, "rank": len(x), "operand": number}
        if ELLIPSIS in term:
            require(count <= len(x), RANK_DOTS, **told)
            self.hidden = max(self.hidden, len(x) - count)
        else:
            require(count == len(x), RANK, **told)

    def term(self, term: list[str], x: Tensor, number: int) -> None:
        """Match one tensor to its letters."""
        own: dict[str, Size] = {}
        letters = self.written(term, len(x))
        for letter, size in zip(letters, x, strict=True):
            if letter in own:
                require(size == own[letter], REPEATED, letter=letter, operand=number, got=size, have=own[letter])
            own[letter] = size
        for letter, size in own.items():
            have = self.sizes.get(letter, 1)
            joint, holds = broadcast(have, size)
            told: dict[str, Any] = {"letter": letter, "operand": number, "got": size, "have": have}
            if letter[0] == ".":
                require(holds, DOTS_MISMATCH, place=letters.index(letter), **told)
            require(holds, MISMATCH, **told)
            self.sizes[letter] = joint

    def written(self, term: list[str], rank: int) -> list[str]:
        """Write an ellipsis out as numbered letters, counted from its end."""
        found: list[str] = []
        for letter in term:
            hidden = rank - len(term) + 1
            found += [f".{place}" for place in range(hidden, 0, -1)] if letter == ELLIPSIS else [letter]
        return found

    def dots(self) -> list[str]:
        """Return the letters that the ellipses stand for."""
        return [f".{place}" for place in range(self.hidden, 0, -1)]


def implied(terms: list[list[str]]) -> list[str]:
    """Return the output that is not written: what the ellipses cover, then the letters that stand once, in order."""
    every = [letter for term in terms for letter in term if letter != ELLIPSIS]
    once = sorted(letter for letter in set(every) if every.count(letter) == 1)
    return [ELLIPSIS, *once]


def output_of(written: list[str] | None, terms: list[list[str]], sums: Sums) -> list[str]:
    """Return the letters of the output."""
    if written is None:
        written = implied(terms)
    for place, letter in enumerate(written):
        require(letter not in written[:place], OUTPUT_TWICE, letter=letter)
        known = letter == ELLIPSIS or any(letter in term for term in terms)
        require(known, OUTPUT_UNKNOWN, letter=letter)
    return [one for letter in written for one in (sums.dots() if letter == ELLIPSIS else [letter])]


def read(equation: str, operands: tuple[Tensor, ...]) -> tuple[Sums, list[str]]:
    """Read an equation for its operands: the sizes of its letters, and the letters of the output."""
    left, arrow, right = equation.partition("->")
    texts = left.split(",")
    terms: list[list[str]] = []
    start = 0
    for number, text in enumerate(texts):
        terms.append(letters_of(text, start, f"operand {number}"))
        start += len(text) + 1
        require(number < len(operands), FEWER)
    require(len(texts) <= len(operands), FEWER)
    require(len(texts) >= len(operands), MORE)
    sums = Sums(terms, operands)
    output = letters_of(right, len(left) + 2, "the output") if arrow else None
    letters = output_of(output, terms, sums)
    sums.measure()
    return sums, letters


def einsum_macs(output: Any, equation: str, operands: tuple[Tensor, ...]) -> Size:
    """One multiply-accumulate for every combination of the letters; none where there is nothing to multiply."""
    return prod(read(equation, operands)[0].sizes.values()) if len(operands) > 1 else 0


@function(macs=einsum_macs, loose=True, keeps="x")
def einsum(equation: str, operands: Tensors) -> Any:
    """Multiply tensors and add up over the letters that the output does not have."""
    sums, output = read(equation, operands)
    for x in operands[1:]:
        holds = x.dtype == operands[0].dtype or (prod(sums.sizes.values()) == 0) is True
        require(holds, DTYPES, one=SCALARS[operands[0].dtype], two=SCALARS[x.dtype])
    shape = [sums.sizes[letter] for letter in output]
    return Tensor(shape, operands[0].dtype)
