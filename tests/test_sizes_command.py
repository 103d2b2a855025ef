"""The command `sizes` and its Python interface: what they say, in which format, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import convshape
from convshape.arithmetic.sets import NONE, Numbers
from convshape.asked import Asked
from convshape.faults import ReadError
from convshape.searching import finding

EXAMPLES = Path(__file__).parent.parent / "examples"
LENET = "Conv2d(1,6,5,padding=2) -> MaxPool2d(2) -> Conv2d(6,16,5) -> MaxPool2d(2) -> Flatten -> Linear(400,10)"
PAIR = "Conv1d(1, 2, 3, stride=2)(input) + Conv1d(1, 2, 4, stride=2, padding=1)(input)"


HALVE = '''
import convshape

class Halve(convshape.Layer):
    """Take every second position, or more."""

    step: int = 2

    def out(self, x):
        *rest, length = x
        return *rest, (length - 1) // self.step + 1
'''


def run(*arguments: str, wanted: int = 0) -> Any:
    """Run the command in a process of its own; return what it wrote."""
    command = [sys.executable, "-m", "convshape", "sizes", *arguments]
    found = subprocess.run(command, capture_output=True, text=True, check=False)  # our own command
    assert found.returncode == wanted, found.stdout + found.stderr
    return found


def words(net: str, shape: tuple[Any, ...], **options: Any) -> dict[str, str]:
    """Return each symbol's set in words."""
    found = convshape.sizes(net, shape, **options)
    return {name: found.alone(name).words(name) for name in found.symbols}


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [
        (NONE, "none"),
        (Numbers.between(1, None), "any"),
        (Numbers.between(13, None), ">= 13"),
        (Numbers.between(32, 35), "32..35"),
        (Numbers.of([5, 7]), "5, 7"),
        (Numbers([((1, None),), (), (), ()]), "4, 8, 12, ... (H % 4 == 0)"),
        (Numbers.of([3, 4]) | Numbers([(), ((2, None),)]), "3, 4, 5 and odd from 7"),
        (Numbers([((1, None),), ((1, None),), ()]), "3, 4, 6, ... (H % 3 != 2)"),
        (Numbers.of([1]) | Numbers.between(5, None), "1 and from 5 on"),
    ],
)
def test_a_set_in_words(numbers: Numbers, wanted: str) -> None:
    """Each kind of set has its words, and equal sets have the same."""
    assert numbers.words("H") == wanted
    assert (numbers | numbers) == numbers


def test_broadcasting_is_followed_both_ways() -> None:
    """Equal lengths, or one of them 1: every choice is a world, and they are joined."""
    assert words(PAIR, ("N", 1, "L")) == {"N": "any", "L": "3, 4, 5 and odd from 7"}
    found = convshape.sizes(PAIR, ("N", 1, "L"))
    assert [length for length in range(1, 12) if found.valid(L=length)] == [3, 4, 5, 7, 9, 11]
    assert found.fixed(N=2).alone("L") == found.alone("L")
    assert found.nearest(L=6) == {"L": (5, 7)}


def test_a_unet_needs_multiples() -> None:
    """Facts that say one thing together are one reason, with all its layers."""
    found = convshape.sizes(EXAMPLES / "unet.yaml")
    (reason,) = (one for one in found.reasons if one.symbols == ("H",))
    assert reason.fact == "H % 4 == 0"
    assert [place.path for place in reason.places] == ["6", "9"]
    assert str(found).splitlines()[1] == "H: 4, 8, 12, ... (H % 4 == 0)"
    assert found.smallest() == {"N": 1, "H": 4, "W": 4}
    assert found.nearest(H=501) == {"H": (500, 504)}
    assert found.valid(N=2, H=8, W=12)
    assert found.valid(H=8)
    assert not found.valid(H=9, W=12)


def test_an_unknown_symbol_is_refused() -> None:
    """The names that there are stand in the error."""
    with pytest.raises(KeyError, match="there is N, H, W"):
        convshape.sizes(EXAMPLES / "unet.yaml").valid(X=3)


@pytest.mark.process
def test_a_product_is_solved_to_its_pairs() -> None:
    """A Flatten into a fixed Linear ties H and W together; the list is finite, so it is all there."""
    found = json.loads(run(LENET, "-i", "N,1,H,W", "--format", "json").stdout)
    (world,) = found["worlds"]
    (tied,) = world["tied"]
    assert tied["facts"] == ["(H//4 - 2)*(W//4 - 2) == 25"]
    pairs = [(pair["H"]["words"], pair["W"]["words"]) for pair in tied["together"]]
    assert pairs == [("12..15", "108..111"), ("28..31", "28..31"), ("108..111", "12..15")]
    assert found["smallest"] == {"N": 1, "H": 28, "W": 28}


@pytest.mark.process
def test_an_endless_product_has_no_list() -> None:
    """A divisibility has no finite list: the smallest square stands for it."""
    found = run("Conv2d(1,6,5) -> x.view(-1,600)", "-i", "1,1,H,W").stdout
    assert "(H - 4)*(W - 4) % 100 == 0" in found
    assert "square" in found
    assert "H = W = 14" in found


def test_three_symbols_are_listed() -> None:
    """A Flatten of a volume ties three axes: all that goes together is listed, and agrees with each size asked."""
    found = convshape.sizes("MaxPool3d(2) -> Flatten() -> Linear(12, 5)", (1, 1, "D", "H", "W"))
    (group,) = found.worlds[0].groups
    assert group.blocks is not None
    listed = {sizes for block in group.blocks for sizes in product(*block)}
    tried = product(range(1, 26), repeat=3)
    assert listed == {(d, h, w) for d, h, w in tried if (d // 2) * (h // 2) * (w // 2) == 12}
    assert all(found.valid(D=d, H=h, W=w) for d, h, w in listed)
    assert found.smallest() == {"D": 4, "H": 4, "W": 6}


def test_what_is_tied_apart_stays_apart() -> None:
    """Two pairs of symbols are two groups, each with its list."""
    text = "inputs: {a: [1, A, B], b: [1, C, D]}\nlayers:\n  - a.view(1, 6)\n  - b.view(1, 4)\n"
    found = convshape.sizes(text.replace("inputs", "input"))
    assert [group.names for group in found.worlds[0].groups] == [("A", "B"), ("C", "D")]
    assert found.smallest() == {"A": 2, "B": 3, "C": 2, "D": 2}


def test_the_last_norm_speaks_for_all() -> None:
    """In training each BatchNorm needs two values; what is left of the image at the last one decides."""
    found = convshape.sizes(EXAMPLES / "resnet18.yaml", train=True)
    (reason,) = found.reasons
    assert reason.fact == "N >= 2 or H >= 33 or W >= 33"
    assert found.nearest(N=1, H=32, W=32) == {"N": (None, 2), "H": (None, 33), "W": (None, 33)}
    assert not found.valid(N=1, H=32, W=32)
    assert found.valid(N=1, H=32, W=33)
    assert not found.fixed(N=2).joint


def test_the_nearest_sizes_leave_the_others_free() -> None:
    """A size that works with some other is near; one that is given holds, unless it works with none."""
    found = convshape.sizes("Conv2d(1, 4, 3) -> Flatten() -> Linear(108, 5)", (1, 1, "H", "W"))
    assert found.nearest(H=10) == {"H": (5, 11)}
    assert found.nearest(H=10, W=5) == {"H": (None, 11), "W": (5, 5)}


def test_concrete_inputs_are_freed() -> None:
    """Letters of the first layer name the axes; all frees everything but the channels."""
    assert words(str(EXAMPLES / "lenet5.yaml"), (2, 1, 28, 28), free=("all",)) == {
        "N": "any",
        "H": ">= 12",
        "W": ">= 12",
    }
    assert words(str(EXAMPLES / "vgg16.yaml"), (8, 3, 224, 224), free=("H",)) == {"H": ">= 32"}
    assert words(str(EXAMPLES / "patients.yaml"), (239, 49, 5), free=("all",)) == {"N": "any", "L": ">= 3"}
    with pytest.raises(ReadError, match=r"did you mean|there is C, H, N, W"):
        convshape.sizes(EXAMPLES / "lenet5.yaml", free=("Q",))


@pytest.mark.process
def test_a_pinned_batch_is_freed() -> None:
    """The edit that frees it was tried."""
    found = run("x.view(1, 1, 556) -> Conv1d(1, 2, 3)", "-i", "N,1,556").stdout
    assert "N can only be 1" in found
    assert "view(-1, 1, 556): then N may be any" in found


@pytest.mark.process
def test_a_pinned_length_is_freed_by_a_pool() -> None:
    """A fixed Linear behind a Flatten wants an adaptive pool before it."""
    found = run("Conv1d(1,2,30) -> Flatten() -> Linear(20, 3)", "-i", "8,1,39", "--free", "L").stdout
    assert "L can only be 39" in found
    assert "AdaptiveAvgPool1d(10)" in found
    assert "then L may be >= 30" in found


@pytest.mark.process
@pytest.mark.parametrize(("at", "code"), [("H=500,W=640", 0), ("H=500,W=642", 1)])
def test_yes_or_no(at: str, code: int) -> None:
    """The exit code is the answer; a no says why, and what works nearby."""
    found = run(str(EXAMPLES / "unet.yaml"), "--at", at, "--format", "json", wanted=code)
    answer = json.loads(found.stdout)
    assert answer["works"] == (code == 0)
    if code:
        assert answer["nearest"]["W"] == [640, 644]
        assert answer["reasons"][0]["places"][0]["at"].endswith("unet.yaml:19")


@pytest.mark.process
def test_the_last_batch() -> None:
    """A single sample is too few for a BatchNorm behind which one position is left; dropping it helps."""
    loader = (str(EXAMPLES / "resnet18.yaml"), "--train", "-i", "N,3,32,32", "--dataset", "1001", "--batch", "8")
    assert "a batch of 1 does not work" in run(*loader, wanted=1).stdout
    assert "every batch works" in run(*loader, "--drop-last").stdout


@pytest.mark.process
def test_a_contradiction_names_both_layers() -> None:
    """Where no size works, the error says which earlier layer it contradicts."""
    found = run("LayerNorm(20) -> Conv1d(1, 2, 30)", "-i", "N,1,L", wanted=1)
    assert "error[" in found.stderr
    assert "no size works: 0 (line 1) needs L == 20" in found.stderr


@pytest.mark.process
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Conv1d(1, 2, 3)", "-i", "8,1,20"), "no symbols"),
        (("Conv1d(1, 2, 3)", "-i", "N,1,L", "--at", "Q=3"), "no symbol Q"),
        (("Conv1d(1, 2, 3)", "-i", "N,1,L", "--at", "L"), "NAME=NUMBER"),
        (("Conv1d(1, 2, 3)", "-i", "N,1,L", "--memory", "lots"), "8GiB"),
        (("Conv1d(1, 2, 3)", "-i", "N,1,L", "--memory", "1GiB"), "--at L="),
        (("Conv1d(1, 2, 3)", "-i", "N,1,L", "--batch", "8"), "--dataset 1001"),
        (("Conv1d(1, 2, 3)", "-i", "N,1,L", "--drop-last"), "--dataset 1001"),
        (("Conv1d(1, 2, 3)", "-i", "N,1,L", "--optimizer", "sgd"), "--memory 8GiB"),
        (("Conv1d(1, 2, 3)", "-i", "N,1,L", "--memory", "1GiB", "--momentum"), "--optimizer sgd"),
        (("Conv1d(1, 2, 3)", "-i", "N,1,L", "--memory", "1GiB", "--dataset", "9"), "two questions"),
        (("Conv1d(1, 2, 3)", "-i", "N,1,L", "--at", "L=3,L=4"), "two sizes"),
    ],
)
def test_a_question_that_cannot_be_read(arguments: tuple[str, ...], words: str) -> None:
    """The error says what would do; exit code 2."""
    assert words in run(*arguments, wanted=2).stderr


@pytest.mark.process
def test_every_format() -> None:
    """Table, plain and Markdown say the same; CSV has a line for each layer, complete."""
    net = str(EXAMPLES / "unet.yaml")
    rows = list(csv.DictReader(io.StringIO(run(net, "--format", "csv").stdout)))
    assert [row["symbol"] for row in rows] == ["N", "H", "H", "W", "W"]
    for style in ("table", "plain", "markdown"):
        text = run(net, "--format", style).stdout
        assert "4, 8, 12, ..." in text
        assert "smallest" in text


@pytest.mark.process
def test_layers_of_ones_own(tmp_path: Path) -> None:
    """A file that declares layers is known to `sizes`, and to `solve`."""
    file = tmp_path / "halve.py"
    file.write_text(HALVE, encoding="utf-8")
    assert "L >= 9" in run("Halve() -> Conv1d(4, 4, 5)", "-i", "N,4,L", "--layers", str(file)).stdout
    wish = finding.Wish(Asked("Halve(?)", ["N,4,40"], files=[str(file)]), "N,4,14", None, None, 20)
    assert [row[1] for row in finding.found(wish).rows] == ["3"]


@pytest.mark.process
def test_the_largest_batch() -> None:
    """The batch that fits is the last one that does."""
    found = json.loads(run(str(EXAMPLES / "lenet5.yaml"), "--memory", "64MiB", "--format", "json").stdout)
    assert found["parts"]["kept for the backward"] == "48080*N"
    assert found["parts"]["peak of training"] == "48864*N"  # and what is alive and not kept
    fixed = 2 * found["parts"]["parameters"] + found["parts"]["state of adam"]
    assert found["largest"]["training"] == ((64 << 20) - fixed) // 48864


@pytest.mark.process
def test_a_batch_for_sizes_that_do_not_work() -> None:
    """The largest batch of a size that does not work is asked for in vain: the answer says which sizes do."""
    found = run(str(EXAMPLES / "unet.yaml"), "--memory", "1GiB", "--at", "H=255,W=256", wanted=1).stdout
    assert "no: H=255, W=256 does not work" in found
    assert "252" in found
    assert "H is at least 1" in run(str(EXAMPLES / "unet.yaml"), "--at", "H=0", wanted=1).stdout
