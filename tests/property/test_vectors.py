"""A search over vectors of candidates finds what the slow loop finds, in the same order, in every kind of network."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

import convshape
from convshape.searching import trial
from convshape.searching.atonce import by_vectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convshape.searching import Search

LAYERS = (
    "Conv2d({c}, {d}, {k}, stride={s}, padding={p})",
    "Conv2d({c}, {d}, {k}, dilation={s}, groups={g})",
    "Conv2d({c}, {d}, {k}, padding='same')",
    "Conv2d({c}, {d}, {k}, padding={p}, padding_mode='reflect')",
    "ConvTranspose2d({c}, {d}, {k}, stride={s}, padding={p}, output_padding={o})",
    "MaxPool2d({k}, {s}, {p})",
    "MaxPool2d({k}, {s}, ceil_mode=True)",
    "AvgPool2d({k}, {s})",
    "AdaptiveAvgPool2d({a})",
    "BatchNorm2d({c})",
    "Upsample(scale_factor={s})",
    "Upsample(size={a})",
    "ZeroPad2d({p})",
    "PixelShuffle({s})",
    "PixelUnshuffle({s})",
    "Unfold({k}, stride={s})",
    "F.pad(x, ({p}, {o}))",
    "x + x[:, :, :1]",
    "x[:, :, ::{s}]",
    "torch.cat([x, x], {axis})",
    "x.repeat(1, 1, {s}, 1)",
    "x.permute(0, 1, 3, 2)",
    "GroupNorm({g}, {c})",
    "LayerNorm({a})",
    "Linear({a}, {d})",
    "Softmax(dim={axis})",
    "x.view(1, -1, {a})",
    "x.unfold(2, {k}, {s})",
    "x.chunk({g}, 1)[0]",
    "x.transpose(1, {axis})",
)
RANGES = {"k": (0, 6), "s": (0, 4), "p": (-1, 3), "o": (-1, 2), "c": (1, 6), "d": (0, 6), "g": (0, 4), "a": (0, 9)}
WANTS = (
    (), ("params <= 300",), ("macs minimal",), ("params < 1e3", "macs < 5e4"), ("output[-1] >= 4",),
    ("params maximal",),
    ("receptive_field >= 4",), ("linear_in <= 200",), ("output[0] == N",), ("receptive_field minimal",),
)  # fmt: skip


def networks(count: int, seed: int) -> Iterator[tuple[str, dict[str, list[int]], tuple[str, ...]]]:
    """Draw a chain of layers, names that vary in it, and wants."""
    dice = random.Random(seed)  # noqa: S311  # no secret
    for _ in range(count):
        vary: dict[str, list[int]] = {}
        lines = []
        for _ in range(dice.randint(1, 5)):
            line = dice.choice(LAYERS)
            for field, (low, high) in RANGES.items():
                if f"{{{field}}}" in line:
                    name = dice.choice((field, f"{field}2"))
                    first = dice.randint(low, high - 1)
                    if dice.random() < 0.5 and len(vary) < 3:
                        vary.setdefault(name, list(range(first, high + 1)))
                    here = name if name in vary else "C" if field == "c" else str(dice.randint(max(low, 1), high))
                    line = line.replace(f"{{{field}}}", here)
            lines.append(
                "  - " + line.replace("{axis}", str(dice.randint(1, 3))).replace("C,", "_,").replace("C)", "4)")
            )
        if not vary:
            vary, lines[0] = {"k": [1, 2, 3, 4, 5]}, "  - Conv2d(4, 4, k)"
        known = "".join(f"  {name}: 1\n" for name in vary)
        text = f"input: [N, 4, {dice.randint(4, 12)}, {dice.randint(4, 12)}]\nvars:\n{known}layers:\n" + "\n".join(
            lines
        )
        yield text, vary, dice.choice(WANTS)


def slow(search: Search) -> Any:
    """Return what the slow loop finds in the whole space of a search."""
    room = search.task.space
    return trial.by_numbers(search.task._replace(most=None), trial.whole(room))


def outcome(text: str, vary: dict[str, list[int]], wants: tuple[str, ...]) -> tuple[Search | None, list[Any]]:
    """Search; what cannot be searched at all has no answer either way."""
    try:
        search = convshape.solve(text, vary=vary, want=wants)
    except convshape.ReadError:
        return None, []
    return search, [setting.values for setting in search]


SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_equals_the_slow_loop(seed: int, request: pytest.FixtureRequest) -> None:
    """Find the same settings in the same order."""
    many = 400 if request.config.getoption("--nightly") else 25
    answered = vectors = 0
    for text, vary, wants in networks(many, seed):
        search, found = outcome(text, vary, wants)
        if search is None:
            continue
        names = search.task.space.names
        expected = [dict(zip(names, values, strict=True)) for _, values in slow(search).settings]
        assert found == expected, f"{text}\n{vary} {wants}"
        answered += bool(found)
        vectors += not search.task.plain
    assert answered > many / 5
    assert vectors > many / 3


@pytest.mark.parametrize("seed", SEEDS)
def test_vectors_need_no_help(seed: int) -> None:
    """Hold the vectors themselves to the slow loop, without the check that would send a box there."""
    for text, vary, wants in networks(25, seed + 1000):
        search, _ = outcome(text, vary, wants)
        if search is None or search.task.plain:
            continue
        room = search.task.space
        try:
            found = by_vectors(search.task, trial.whole(room))
        except (TypeError, convshape.ReadError):
            continue
        assert found.settings == slow(search).settings, f"{text}\n{vary} {wants}"
