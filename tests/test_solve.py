"""A search: what it may be told, what it says when nothing fits, and the two things that need no search."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import convshape
from convshape import searching
from convshape.asked import Asked
from convshape.searching import Search, finding, trial
from convshape.searching.finding import Wish, found, solved
from convshape.searching.uneven import same_pads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CONV = "Conv1d(1, 16, kernel_size=?, stride=?, padding=?)"
NET = """
input: [N, 3, 32, 32]
vars: {c: 8, k: 3, s: 1}
layers:
  - Conv2d(3, c, k, stride=s)
  - ReLU()
  - pool: MaxPool2d(2)
  - Flatten()
  - fc: Linear(_, 10)
"""


def wish(
    net: str, *inputs: str, output: str | None = None, vary: tuple[str, ...] = (), want: tuple[str, ...] = ()
) -> Wish:
    """Make a wish as the command line does."""
    return Wish(Asked(net, inputs), output, vary, want, 20)


def test_a_layer_lists_the_simplest_first() -> None:
    """Find every setting within the ranges, the usual ones first, each of which torch's formula confirms."""
    settings = list(convshape.solve(CONV, (1, 1, 556), output=(1, 16, 278)))
    assert [str(setting) for setting in settings[:2]] == [
        "kernel_size=3, stride=2, padding=1",
        "kernel_size=1, stride=2, padding=0",
    ]
    expected = {
        (k, s, p)
        for k in range(1, 32)
        for s in range(1, 17)
        for p in range(16)
        if 556 + 2 * p >= k and (556 + 2 * p - k) // s + 1 == 278
    }
    assert {tuple(setting.values.values()) for setting in settings} == expected


def test_settings_come_before_the_search_ends() -> None:
    """Yield what nothing simpler can follow, while boxes are left."""
    search = convshape.solve(NET, vary={"c": range(1, 65), "k": range(1, 16), "s": range(1, 9)})
    search.boxes = search.task.space.boxes(500)
    first = list(islice(search, 3))
    assert len(first) == 3
    assert not search.complete
    assert search.tried < search.size / 2


def test_boxes_say_the_same_however_they_are_cut() -> None:
    """Give the same settings in the same order for boxes of any size, on threads."""
    vary = {"c": range(1, 9), "k": range(1, 16), "s": range(1, 9)}
    whole = convshape.solve(NET, vary=vary, want="params <= 900")
    with ThreadPoolExecutor(2) as pool:
        cut = convshape.solve(NET, vary=vary, want="params <= 900", executor=pool)
        cut.boxes = cut.task.space.boxes(7)
        assert len(cut.boxes) > 50
        assert [setting.values for setting in cut] == [setting.values for setting in whole]
    assert cut.count == whole.count > 100


def test_processes_take_the_boxes() -> None:
    """Send a task to another process, as the command line does."""
    with finding.executor() as processes:
        search = convshape.solve(NET, vary={"c": range(1, 9), "k": range(1, 16)}, executor=processes())
        search.boxes = search.task.space.boxes(40)
        values = [setting.values for setting in search]
    assert values == [one.values for one in convshape.solve(NET, vary={"c": range(1, 9), "k": range(1, 16)})]


def test_without_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find the same one by one."""
    vary, want = {"k": range(1, 8), "s": range(4)}, ["linear_in <= 800", "params minimal"]
    quick = [setting.values for setting in convshape.solve(NET, vary=vary, want=want)]
    monkeypatch.setattr(trial, "numpy_is_missing", lambda: True)
    search = convshape.solve(NET, vary=vary, want=want)
    assert search.task.plain == ("k", "s")
    assert [setting.values for setting in search] == quick != []


def test_a_count_of_layers_is_tried_one_by_one() -> None:
    """Know what a rule needs as a number, and search the rest at once."""
    text = NET.replace("layers:\n", "layers:\n  - repeat: n\n    layers: ['Conv2d(3, 3, k, padding=1)']\n", 1)
    text = text.replace("vars: {", "vars: {n: 1, ")
    search = convshape.solve(text, vary={"n": range(4), "k": range(1, 5)}, want="output == (N, 10)")
    assert search.task.plain == ("n",)
    assert len(list(search)) == 16


def test_letters_hold_at_any_size() -> None:
    """Tell an axis that is N from one that only is 1 where N is."""
    search = convshape.solve("x.view(?, 16)", ("N", 16), want="output == (N, 16)")
    assert list(search) == []
    assert list(convshape.solve("x.view(-1, ?)", ("N", 16), want="output == (N, 16)")) != []


@pytest.mark.parametrize("wanted", ["L", "L - 2", "L//2", "(L + 1)//2", "(L - 1)//3 + 1", "2*L"])
def test_an_open_letter_holds_at_every_size(wanted: str) -> None:
    """Find exactly the settings that give a formula wherever they work; brute force tries every size."""
    ranges = {"kernel_size": range(1, 8), "stride": range(1, 4), "padding": range(4)}
    net = "Conv1d(1, 1, kernel_size=?, stride=?, padding=?)"
    found = {
        tuple(one.values.values()) for one in convshape.solve(net, (1, 1, "L"), vary=ranges, output=(1, 1, wanted))
    }
    expected = {
        (k, s, p)
        for k, s, p in product(*ranges.values())
        if all((n + 2 * p - k) // s + 1 == eval(wanted, {"L": n}) for n in range(1, 80) if n + 2 * p >= k)  # noqa: S307
    }
    assert found == expected


@pytest.mark.parametrize("given", [(1, 3, "H", 9), None])
def test_letters_may_vary(given: tuple[Any, ...] | None) -> None:
    """Try sizes of a letter, of an input that is given or of the one that is taken where none is."""
    search = convshape.solve("Conv2d(3, 8, ?)", given, vary={"H": range(4, 8), "kernel_size": [3, 5]})
    assert {tuple(one.values.values()) for one in search} == {(3, 4), (3, 5), (3, 6), (3, 7), (5, 5), (5, 6), (5, 7)}


def test_what_fits_at_some_sizes_alone_is_left_out() -> None:
    """Refuse what the sizes tried do not tell from the truth, and say so."""
    search = convshape.solve("Conv1d(1, 1, 1, stride=?)", (1, 1, "L"), vary={"stride": [8]}, want="output[2] != 100")
    assert list(search) == []
    assert list(search.why) == ["1 of 1: gives what is wanted at some sizes of L alone"]


def test_an_input_size() -> None:
    """Find the images that a fixed Linear takes."""
    net = "Conv2d(3, 8, 3) -> MaxPool2d(2) -> Conv2d(8, 16, 3) -> MaxPool2d(2) -> Flatten() -> Linear(400, 10)"
    settings = list(convshape.solve(net, ("N", 3, "?", "?")))
    assert settings[0].values == {"H": 26, "W": 26}
    assert len(settings) == 48
    assert all(convshape.trace(net, (1, 3, one["H"], one["W"])).error is None for one in settings)


def test_a_question_mark_in_a_file() -> None:
    """Read `?` in YAML, in a mapping, in quotes and in a count."""
    text = "input: [1, 1, 20]\nlayers:\n  - Conv1d(1, 4, ?)\n"
    text += "  - Conv1d: {in_channels: 4, out_channels: 2, kernel_size: '?'}\n"
    search = convshape.solve(text, output=(1, 2, 17))
    assert [setting.values for setting in search] == [
        {"0.kernel_size": a, "1.kernel_size": b} for a, b in ((3, 2), (2, 3), (1, 4), (4, 1))
    ]


def test_a_question_mark_is_no_number_elsewhere() -> None:
    """Say where `?` belongs."""
    with pytest.raises(convshape.ReadError, match="only `convshape solve` finds"):
        convshape.trace("Conv1d(1, 2, ?)", (1, 1, 9))


def test_an_impossible_want_says_why() -> None:
    """Name the first bound that fails, and what was reached."""
    answer = found(wish(NET, vary=("k=1..9", "c=4..8"), want=("params < 200",)))
    assert not answer.works
    assert answer.lead == "no setting gives what is wanted"
    params = [convshape.trace(NET, set={"k": k, "c": c}).params for k in range(1, 10) for c in range(4, 9)]
    reach = f"{min(params):,} to {max(params):,}"  # type: ignore[type-var]  # numbers
    assert ("why", f"45 of 45: misses params < 200, which is {reach} for them") in answer.remarks
    answer = found(wish("Conv2d(3, 8, ?, stride=2) -> MaxPool2d(9)", "1,3,16,16"))
    assert [words.split(":")[0] for label, words in answer.remarks if label == "why"] == ["15 of 31", "16 of 16"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"want": ("output",)}, "a want is a comparison"),
        ({"want": ("1 +",)}, "a want is a comparison"),
        ({"want": ("param < 3",)}, "did you mean params"),
        ({"want": ("output minimal",)}, "only a number can be minimal"),
        ({"vary": ("k",)}, "what varies is NAME=VALUES"),
        ({"vary": ("k=3..1",)}, "what varies is NAME=VALUES"),
        ({"vary": ("kernel_size=1..99999999",)}, "at most 10,000,000"),
        ({"want": ("params = 3",)}, "== compares"),
        ({"vary": ("kernel=1..3",)}, "there is no kernel to vary"),
        ({"output": "1,,2"}, "cannot be read"),
    ],
)
def test_bad_options(options: dict[str, Any], words: str) -> None:
    """Refuse what cannot be read, with the option in sight."""
    with pytest.raises(convshape.ReadError, match=words):
        found(wish("Conv1d(1, 16, ?)", "1,1,20", **options))


def test_nothing_to_search() -> None:
    """Ask for something to find."""
    with pytest.raises(convshape.ReadError, match="nothing is sought"):
        solved(wish("Conv1d(1, 16, 3)", "1,1,20"), mirror=False)


def test_a_search_too_large() -> None:
    """Say how large, how long, and which ranges bring it down; with those it is small enough."""
    net = "Conv2d(?, ?, ?, ?, ?) -> Conv2d(?, ?, ?, ?, ?)"
    with pytest.raises(convshape.ReadError, match=r"270,497,452,618,940,416 settings .* (years|days)") as caught:
        convshape.solve(net, (1, 3, 64, 64))
    vary = [word for word in str(caught.value).split() if "=" in word and word[0].isdigit()]
    assert convshape.solve(net, (1, 3, 64, 64), vary=vary).size <= searching.LIMIT


class Interrupted:
    """An executor that is interrupted after a few boxes."""

    @staticmethod
    def map(function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Apply a function, as long as it lasts."""
        for place, item in enumerate(items):
            if place == 3:
                raise KeyboardInterrupt
            yield function(item)


def test_an_interrupted_search_prints_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say how far it came."""
    monkeypatch.setattr(searching, "BOX", 16)
    monkeypatch.setattr(finding, "Here", Interrupted)
    monkeypatch.setattr(finding, "MANY", 10_000)
    answer = found(wish(NET, vary=("c=1..16", "k=1..9"), want=("macs minimal",)))
    assert not answer.works
    assert len(answer.rows) == 20
    assert ("stopped", "after 27 of 144 (18%): 27 fit so far") in answer.remarks


def test_ranks_come_before_habit() -> None:
    """Order by what is to be small, then by the next, then by how usual it is."""
    settings = list(
        convshape.solve(NET, vary={"k": range(1, 6), "s": [1, 2]}, want=["macs minimal", "linear_in maximal"])
    )
    macs = [setting.trace.macs.at(N=1) for setting in settings]  # type: ignore[union-attr]
    assert macs == sorted(macs)
    assert isinstance(convshape.solve(NET, vary={"k": [1]}), Search)


# --- the mirror ---


def encoders(count: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Draw chains that shrink an image."""
    dice = random.Random(11)  # noqa: S311  # no secret
    for _ in range(count):
        channels, parts = 3, []
        for _ in range(dice.randint(1, 4)):
            k, s, d = dice.randint(1, 5), dice.randint(1, 3), dice.randint(1, 2)
            p, more = dice.randint(0, k // 2), 2 * dice.randint(1, 4)
            parts += dice.choice((
                [f"Conv2d({channels}, {more}, {k}, stride={s}, padding={p}, dilation={d})", f"BatchNorm2d({more})"],
                [f"Conv2d({channels}, {more}, {k}, {s}, {p})", "ReLU()", "Dropout2d()"],
                [f"Conv2d({channels}, {more}, 1)", f"MaxPool2d({k}, {s}, {k // 2})"],
                [f"Conv2d({channels}, {more}, ({k}, 3), padding=(0, 1))", f"AvgPool2d({k}, {s})"],
            ))  # fmt: skip
            channels = more
        parts += dice.choice(([], ["Flatten()", "Linear(_, 5)"], ["AdaptiveAvgPool2d(2)"]))
        yield " -> ".join(parts), (2, 3, dice.randint(20, 50), dice.randint(20, 50))


@pytest.mark.parametrize(("net", "shape"), [pair for pair in encoders(60) if not convshape.trace(*pair).error])
def test_a_mirror_gives_the_input_back(net: str, shape: tuple[int, ...]) -> None:
    """Trace the mirror of an encoder: the output of the one in, the input of the other out."""
    encoder = convshape.trace(net, shape)
    try:
        text = convshape.mirror(net, shape)
    except convshape.ReadError as error:
        assert "behind" in str(error)  # noqa: PT017  # an output_padding cannot give that much back
        return
    decoder = convshape.trace(text)
    assert decoder.error is None, text
    assert next(iter(decoder.inputs.values())) == encoder.output
    assert decoder.output == shape, text


def test_a_mirror_follows_one_path() -> None:
    """Leave out what branches add, say where, and give the input back; functions are undone as layers are."""
    text = convshape.mirror(Path(__file__).parents[1] / "examples" / "resnet18.yaml", ("N", 3, 64, 64))
    assert "layer4.1.2 add" in text.splitlines()[0]
    assert convshape.trace(text, (2, 1000)).output == (2, 3, 64, 64)
    text = convshape.mirror("Conv2d(3, 8, 3) -> F.relu(x) -> F.max_pool2d(x, 2) -> torch.flatten(x, 1)", (2, 3, 17, 16))
    assert convshape.trace(text).output == (2, 3, 17, 16)


def test_what_has_no_mirror() -> None:
    """Say which layer it is."""
    with pytest.raises(convshape.ReadError, match="two questions"):
        solved(wish("Conv2d(3, 3, 1)", "1,3,8,8", want=("params < 9",)), mirror=True)
    with pytest.raises(convshape.ReadError, match="joins branches to another shape"):
        solved(wish("Conv2d(3, 3, 1) -> torch.cat([x, x], 1)", "1,3,8,8"), mirror=True)
    with pytest.raises(convshape.ReadError, match=r"give them with -i in place of \(1, 3, H, W\)"):
        solved(wish("Conv2d(3, 3, 3)", "1,3,H,W"), mirror=True)


# --- "same" beside a stride ---


def test_same_pads_fit() -> None:
    """Keep ceil(length/stride) places, with the least that does it."""
    for length in range(1, 20):
        for kernel in range(1, 6):
            for stride in range(1, 5):
                for dilation in range(1, 3):
                    before, after = same_pads(length, kernel, stride, dilation)
                    window = dilation * (kernel - 1) + 1
                    assert after - before in (0, 1)
                    assert (length + before + after - window) // stride + 1 == -(-length // stride)
                    assert before + after == 0 or (length + before + after - 1 - window) // stride + 1 < -(
                        -length // stride
                    )


def test_same_beside_a_stride() -> None:
    """Write the pads of every layer that needs them, as lines that trace."""
    answer = solved(
        wish("Conv2d(3, 4, 3, stride=2, padding='same') -> ReLU() -> Conv2d(4, 4, 4, 2, 'same')", "N,3,9,8"),
        mirror=False,
    )
    assert not isinstance(answer, str)
    assert [row[1] for row in answer.rows] == [
        "F.pad(x, (0, 1, 1, 1)) -> Conv2d(3, 4, 3, stride=2)",
        "F.pad(x, (1, 1, 1, 2)) -> Conv2d(4, 4, 4, stride=2)",
    ]
    net = " -> ".join((answer.rows[0][1], "ReLU()", answer.rows[1][1]))
    assert convshape.output_shape(net, (1, 3, 9, 8)) == (1, 4, 3, 2)
