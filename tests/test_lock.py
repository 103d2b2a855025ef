"""lock and diff: locks that are written whole, drift that is shown, layers that are aligned, revisions of git."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convshape.api import trace
from convshape.checking import Options, checked
from convshape.comparing import compare
from convshape.comparing.differ import ADDED, CHANGED, REMOVED, SAME, aligned, difference
from convshape.comparing.locking import lock
from convshape.comparing.snapshot import LayerLine, Snapshot, lock_text, read_lock, snapshot
from convshape.faults import ReadError
from convshape.source import Source

if TYPE_CHECKING:
    from pathlib import Path

NET = "input: [N, 1, L]\nlayers:\n  - a: Conv1d(1, 4, 3)\n  - ReLU()\n  - Flatten()\n  - fc: Linear(_, 2)\n"
WIDER = NET.replace("Conv1d(1, 4, 3)", "Conv1d(1, 6, 3)")
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=12)


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a network into a folder of its own."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    return path


def locked(*names: str, update: bool = False) -> list[str]:
    """Lock networks; return what was done, or the codes of what is wrong."""
    reports, done = lock(names, Options(), update=update)
    return done or [problem.code for report in reports for problem in report.problems]


def found() -> list[str]:
    """Check the network; return the codes of what is wrong."""
    return [problem.code for report in checked(["net.yaml"], Options()) for problem in report.problems]


def test_a_lock_holds_until_it_is_updated(net: Path) -> None:
    """A lock is written once, left alone when it differs, and written anew when that is asked."""
    assert locked("net.yaml") == ["wrote net.shapes.lock"]
    assert locked("net.yaml") == ["net.shapes.lock is up to date"]
    assert found() == []
    before = net.with_name("net.shapes.lock").read_bytes()
    net.write_text(WIDER)
    assert found() == ["drift"]
    assert locked("net.yaml") == ["drift"]
    assert net.with_name("net.shapes.lock").read_bytes() == before
    assert locked("net.yaml", update=True) == ["updated net.shapes.lock"]
    assert found() == []
    assert sorted(path.name for path in net.parent.iterdir()) == ["net.shapes.lock", "net.yaml"]


def test_other_words_for_the_same_are_no_drift(net: Path) -> None:
    """A lock whose formulas another version has written otherwise holds; another value does not."""
    net.write_text("input: [N, 3, H]\nlayers: ['Conv1d(3, 8, 3, stride=2)']\n")
    lock([str(net)], Options(), update=True)
    path = net.with_suffix(".shapes.lock")
    text = path.read_text()
    assert "(N, 8, (H - 1)//2)" in text
    path.write_text(text.replace("(N, 8, (H - 1)//2)", "(N, 8, (H - 3)//2 + 1)"))
    assert checked([str(net)], Options())[0].problems == ()
    path.write_text(text.replace("(N, 8, (H - 1)//2)", "(N, 8, H//2)"))
    assert [problem.code for problem in checked([str(net)], Options())[0].problems] == ["drift"]
    path.write_text(text.replace("(N, 8, (H - 1)//2)", "(N, 8, (Q - 1)//2)"))
    assert [problem.code for problem in checked([str(net)], Options())[0].problems] == ["drift"]


def test_nothing_is_written_where_anything_is_wrong(net: Path) -> None:
    """One network that stops keeps the locks of all from being written."""
    net.with_name("bad.yaml").write_text("input: [N, 2, L]\nlayers: ['Conv1d(1, 4, 3)']\n")
    assert locked("net.yaml", "bad.yaml") == ["channels"]
    assert not net.with_name("net.shapes.lock").exists()


def test_a_lock_is_written_whole_or_not_at_all(net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails leaves the lock as it was, and nothing beside it."""
    locked("net.yaml")
    before = net.with_name("net.shapes.lock").read_bytes()
    net.write_text(WIDER)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReadError, match=r"cannot write .*: no space left on device"):
        locked("net.yaml", update=True)
    assert net.with_name("net.shapes.lock").read_bytes() == before
    assert sorted(path.name for path in net.parent.iterdir()) == ["net.shapes.lock", "net.yaml"]


def test_two_files_have_no_lock_in_common(net: Path) -> None:
    """Two that would write one lock are refused, together and one after the other; a renamed one keeps its lock."""
    net.with_name("net.yml").write_text(NET)
    assert locked("net.yaml", "net.yml") == ["lock", "lock"]
    assert locked("net.yaml") == ["wrote net.shapes.lock"]
    assert locked("net.yml", update=True) == ["lock"]
    net.unlink()
    assert locked("net.yml") == ["updated net.shapes.lock"]


@pytest.mark.parametrize("text", ["", "# convshape lock 2: net.yaml\n", "# convshape lock 1: net.yaml\n\na | b\n", "x"])
def test_a_lock_that_cannot_be_read_is_told(net: Path, text: str) -> None:
    """It fails a check, is not overwritten, and is when that is asked."""
    path = net.with_name("net.shapes.lock")
    path.write_text(text)
    assert found()[0] in {"lock", "empty"}
    assert locked("net.yaml")[0] in {"lock", "empty"}
    assert path.read_text() == text
    assert locked("net.yaml", update=True) == ["updated net.shapes.lock"]
    assert found() == []


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS)), st.lists(TEXTS.filter(bool), max_size=2))
def test_a_lock_reads_back(layers: list[Any], needs: list[str]) -> None:
    """Whatever stands in a cell, a lock says the same when it is read."""
    lines = tuple(LayerLine(f"n{name}", *rest) for name, *rest in layers)
    taken = Snapshot("net.yaml", (("input", "(N, 1)", "float32"),), tuple(needs), lines, "1", "2*N", "3")
    assert read_lock(Source("net.shapes.lock", lock_text(taken))) == taken


def test_a_real_lock_reads_back() -> None:
    """So does the lock of a network."""
    taken = snapshot(trace(NET))
    assert read_lock(Source("", lock_text(taken))).shapes == taken.shapes
    assert taken.needs == ("L >= 3",)


# --- diff ---


LAYERS = st.lists(
    st.tuples(st.sampled_from(["", "a", "b", "c"]), st.sampled_from(["ReLU()", "Conv1d(1, 2, 3)", "Conv1d(2, 2, 3)"])),
    max_size=12,
)


def lines_of(layers: list[tuple[str, str]]) -> list[LayerLine]:
    """Make layers; one without a name is called by its place."""
    return [LayerLine(name or str(place), layer, "(N,)", "0", "0") for place, (name, layer) in enumerate(layers)]


@given(LAYERS, LAYERS)
def test_an_alignment_holds_every_layer_once(before: list[tuple[str, str]], after: list[tuple[str, str]]) -> None:
    """Each side of an alignment is that network, in its order."""
    one, other = lines_of(before), lines_of(after)
    changes = list(aligned(one, other))
    assert [change.before for change in changes if change.before] == one
    assert [change.after for change in changes if change.after] == other
    assert all(change.kind == SAME for change in aligned(one, one))


def test_a_layer_that_comes_in_moves_no_other() -> None:
    """Layers without names are the same ones, although their places have moved."""
    before = lines_of([("", "Conv1d(1, 2, 3)"), ("", "ReLU()"), ("", "Conv1d(2, 2, 3)"), ("", "ReLU()")])
    after = lines_of(
        [("", "Conv1d(1, 2, 3)"), ("", "BatchNorm1d(2)"), ("", "ReLU()"), ("", "Conv1d(2, 2, 5)"), ("", "ReLU()")]
    )
    assert [change.kind for change in aligned(before, after)] == [SAME, ADDED, SAME, CHANGED, SAME]
    assert [change.kind for change in aligned(after, before)] == [SAME, REMOVED, SAME, CHANGED, SAME]


def test_a_renamed_layer_is_changed() -> None:
    """A name alone is a change, and not one layer less and one more."""
    before, after = snapshot(trace(NET)), snapshot(trace(NET.replace("fc:", "head:")))
    found = difference(before, after)
    assert [change.kind for change in found.changes] == [SAME, SAME, SAME, CHANGED]
    assert found
    assert not difference(before, before)


@pytest.fixture
def repository(net: Path) -> Path:
    """Commit the network, and change it after."""
    environment = {
        **os.environ, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b", "GIT_CONFIG_GLOBAL": os.devnull,
    }  # fmt: skip
    locked("net.yaml")
    for command in ("init -q -b main", "add .", "commit -q -m first"):
        subprocess.run(["git", *command.split()], check=True, env=environment)  # noqa: S607
    net.write_text(WIDER)
    return net


def test_a_file_is_compared_with_itself_at_a_revision(repository: Path) -> None:
    """A file, and a lock, at a revision; from another folder, too."""
    for before in ("net.yaml@main", "net.yaml@HEAD", "net.shapes.lock@main", "net.shapes.lock"):
        found = compare(before, "net.yaml", Options())
        assert (found.before.file, found.after.file) == (before, "net.yaml")
        assert (found.before.params, found.after.params) == ("8*L + 2", "12*L + 2")
        assert found.count(CHANGED) == 4
    os.chdir(repository.parent.parent)
    assert compare(f"{repository}@main", str(repository), Options()).count(CHANGED) == 4


@pytest.mark.parametrize(
    ("side", "words"),
    [
        ("net.yaml@mian", "did you mean main"),
        ("net.yaml@--output=gone", "no revision --output=gone"),
        ("other.yaml@main", "is not in revision main"),
        ("nowhere/net.yaml@main", "is in no git repository"),
    ],
)
def test_a_revision_that_is_not_there_is_told(repository: Path, side: str, words: str) -> None:
    """A revision or file that git does not have is an error that can be read, and nothing is touched."""
    before = sorted(path.name for path in repository.parent.iterdir())
    with pytest.raises(ReadError, match=words):
        compare(side, "net.yaml", Options())
    assert sorted(path.name for path in repository.parent.iterdir()) == before
