"""What a check reads besides networks, fuzzed: expectations, locks, configurations, and shapes of the command line."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from targets import ROOT, Target, shown

from convshape import trace
from convshape.checking import Job, Options, found, study_of
from convshape.checking.config import Rules, configuration
from convshape.checking.held import Held
from convshape.comparing.differ import difference
from convshape.comparing.locking import respelled
from convshape.comparing.snapshot import lock_text, read_lock, snapshot
from convshape.options import read_inputs
from convshape.read import check, yaml
from convshape.render.diagnostic import diagnostic
from convshape.render.difference import lines
from convshape.source import Source
from convshape.terminal import Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from convshape.sizing.proof import Study

NETWORKS = (
    "input: [N, 1, L]\nlayers: [stem: 'Conv1d(1, 8, 3)', 'AdaptiveAvgPool1d(4)', Flatten, fc: 'Linear(_, 2)']\n",
    "input: [N, 3, H, W]\nlayers: [stem: 'Conv2d(3, 8, 3, padding=1)', 'MaxPool2d(2)', Flatten, fc: 'Linear(_, 10)']\n",
    "input: [2, 3, 32, 32]\nlayers: [stem: 'Conv2d(3, 8, 3)', ReLU]\n",
    "input: [N, 16]\nvars: {c: 4}\nlayers: [stem: 'Linear(16, c)', 'x.view(-1, 2)']\n",
)
ATOMS = ("N", "H", "L", "c", "_", "0", "1", "8", "32", "1.2M", "8GiB", "1e6", "3x", "-1", "2**70", "H//2", "L % 2",
         "max(3, H)", "int(1.5)", "float('inf')", "'a'", "None", "(1, 2)", "Conv1d", "x.shape", "min()",
         "")  # fmt: skip
KEYS = ("at", "output", "shapes", "sizes", "exact_sizes", "params", "macs", "memory", "linear_in", "receptive_field",
        "H", "N", "L", "fc", "stem", "outputs", "")  # fmt: skip
TABLE = """
nets = ["*.yaml"]
silence = ["unused", "note"]
strict = true
[inputs]
"*.yaml" = "N,3,32,32"
"b/**/c.yaml" = {x = "N,3", y = "4"}
[budgets]
"**" = {params = "<= 5M", sizes = {H = ">= 32"}, output = ["N", 10]}
"""
"""A configuration that says everything."""


def condition(random: Random) -> str:
    """Write a condition."""
    parts = [random.choice(ATOMS) for _ in range(random.choice((1, 1, 2, 3)))]
    text = random.choice((" <= ", " == ", " % ", " and ", "..", " or ", ", ", "x", " < ", " - ", "")).join(parts)
    return random.choice(("{}", "{}", "<= {}", ">= {} and _ % 2 == 0", "not {}", "({})", "== {}")).format(text)


def value(random: Random, depth: int = 0) -> str:
    """Write what an expectation says: a condition, a list, or a mapping."""
    form = random.random()
    if form < 0.6 or depth > 2:
        return repr(condition(random))
    if form < 0.8:
        return f"[{', '.join(value(random, depth + 1) for _ in range(random.randint(0, 4)))}]"
    names = (*KEYS, "shape", "dtype")
    return f"{{{', '.join(f'{name!r}: {value(random, depth + 1)}' for name in random.sample(names, 2))}}}"


class Expectations(Target):
    """Networks that are held to what they say of themselves."""

    def __init__(self) -> None:
        """Read YAML."""
        super().__init__("yaml", yaml.read_yaml)

    def make(self, random: Random) -> str:
        """Write expectations below a network."""
        rows = (f"  {key!r}: {value(random)}\n" for key in random.sample(KEYS, random.randint(1, 3)))
        text = f"{random.choice(NETWORKS)}expect:\n{''.join(rows)}"
        return text if random.random() < 0.8 else self.mutated(text, random)

    def outcome(self, source: Source) -> str:
        """Hold the network."""
        study = studied(source)
        problems = list(found(study, Job("<fuzz>", Options(), Rules())))
        for problem in problems:
            assert problem.message
            assert diagnostic(problem, Screen(80))
        return problems[0].code if problems else "fine"


def studied(source: Source) -> Study:
    """Read a network to be checked."""
    check(source)
    return study_of(yaml.read_yaml(source), Job("<fuzz>", Options(), Rules()))


class Texts(Target):
    """Texts of a kind, mutated: subclasses say which, and read them."""

    def make(self, random: Random) -> str:
        """Change one of the texts."""
        return self.mutated(random.choice(self.seeds), random)


class Locks(Texts):
    """Locks, each held against the network that it was taken of."""

    @cached_property
    def networks(self) -> dict[str, Study]:
        """A network by the first line of its lock."""
        return {f"net{number}": studied(Source(f"net{number}", text)) for number, text in enumerate(NETWORKS)}

    @cached_property
    def seeds(self) -> list[str]:
        """The locks of the networks."""
        return [lock_text(snapshot(study.trace)) for study in self.networks.values()]

    def outcome(self, source: Source) -> str:
        """Read a lock, and compare it with each network."""
        check(source)
        kept = read_lock(source)
        for study in self.networks.values():
            judge = Held(study, study.network.source).judge
            taken = snapshot(study.trace)
            assert list(lines(difference(respelled(kept, judge, source), taken), Screen(80)))
            assert list(lines(difference(kept, taken), Screen(80)))
        return "fine"


class Configurations(Texts):
    """Tables of [tool.convshape]."""

    @cached_property
    def seeds(self) -> list[str]:
        """Tables that say everything."""
        files = sorted(ROOT.glob("tests/golden/nets/**/*.toml"))
        return [
            TABLE,
            *(path.read_text(encoding="utf-8") for path in files),
        ]

    def outcome(self, source: Source) -> str:
        """Read a table, and ask what it says of a network."""
        check(source)
        config = configuration(source, "/somewhere", whole=True)
        if config is None:
            return "none"
        rules = config.rules("/somewhere/a.yaml")
        study = studied(Source("a.yaml", NETWORKS[1]))
        for problem in found(study, Job("a.yaml", Options(), rules)):
            assert diagnostic(problem, Screen(80))
        return "fine"


class Shapes(Texts):
    """What `-i` takes."""

    @cached_property
    def seeds(self) -> list[str]:
        """Shapes as they are given."""
        return [
            "N,3,32,32",
            "x=N,3,H,W",
            "[4, 1, 20]",
            "(2,)",
            "N,c*2,L",
            "input=1,3,8,8:int64",
            "N,max(3, 4),H//2",
            "32",
        ]

    def outcome(self, source: Source) -> str:
        """Take a shape for a network."""
        check(source)
        network = yaml.read_yaml(Source("a.yaml", NETWORKS[1]))
        result = trace(network, read_inputs((source.text,), network))
        if result.error is None:
            return "fine"
        shown(result.error)
        return result.error.code


CHECKS: dict[str, Callable[[], Target]] = {
    "expectation": Expectations,
    "lock": Locks,
    "config": Configurations,
    "shape": Shapes,
}
"""Targets by their names."""
