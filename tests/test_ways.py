"""The ways in, each with the tool that people use: pre-commit, the steps of the action, bash, make, pytest."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import convshape
from convshape import ReadError
from convshape.testing import assert_shapes

ROOT = Path(__file__).parents[1]
SOURCE = Path(convshape.__file__).parents[1]
BIN = Path(sys.executable).parent
LENET = ROOT / "examples" / "lenet5.yaml"
BROKEN = ROOT / "examples" / "broken" / "patients.yaml"
GIT = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main")


@pytest.fixture
def path_with_convshape(tmp_path: Path) -> str:
    """Put the command that is tested first on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "convshape"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{SOURCE}" exec "{sys.executable}" -m convshape "$@"\n')
    command.chmod(0o755)
    return f"{folder}{os.pathsep}{BIN}{os.pathsep}{os.environ['PATH']}"


def run(command: list[str], cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a tool."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "COLUMNS"))}
    return subprocess.run(  # our own commands
        command, cwd=cwd, env={**kept, **variables}, capture_output=True, text=True, check=False, timeout=240
    )


# --- pre-commit ---


@pytest.fixture
def hook(tmp_path: Path) -> tuple[Path, str]:
    """Make a repository of the hook from the files that are tested; return it and its revision."""
    folder = tmp_path / "hook"
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder)
    return folder, committed(folder)


def committed(folder: Path) -> str:
    """Commit everything in a folder; return the revision."""
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        done = run(["git", *GIT, *command], folder)
        assert done.returncode == 0, done.stderr
    return run(["git", "rev-parse", "HEAD"], folder).stdout.strip()


@pytest.mark.skipif(not (BIN / "pre-commit").exists(), reason="pre-commit is not installed beside this Python")
def test_pre_commit(tmp_path: Path, hook: tuple[Path, str]) -> None:
    """Install the hook with pre-commit itself, without a network, and let it pass and fail."""
    user = tmp_path / "user"
    (user / "nets").mkdir(parents=True)
    shutil.copy(LENET, user / "nets")
    (user / "other.yaml").write_text("no: network\n")
    config = {"repos": [{"repo": str(hook[0]), "rev": hook[1], "hooks": [{"id": "convshape"}]}]}
    (user / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    committed(user)
    offline = {
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
        "PIP_NO_INDEX": "1",  # what it needs is taken from the Python of the tests, the package itself is installed
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PYTHONPATH": next(path for path in sys.path if path.endswith("site-packages")),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "protocol.file.allow",
        "GIT_CONFIG_VALUE_0": "always",
    }
    command = [str(BIN / "pre-commit"), "run", "--all-files", "--color", "never"]
    passed = run(command, user, **offline)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "convshape check" in passed.stdout
    shutil.copy(BROKEN, user / "nets")
    run(["git", "add", "-A"], user)
    failed = run(command, user, **offline)
    assert failed.returncode == 1
    assert "error[channels]: conv expects 5 channels, got 49" in failed.stdout
    assert "other.yaml" not in failed.stdout


# --- the action ---


def steps() -> list[dict[str, Any]]:
    """Read the steps of the action."""
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    return found


def test_the_action_checks(path_with_convshape: str) -> None:
    """Run the step of the action as GitHub's runner does: bash, the inputs in the environment."""
    step = steps()[-1]
    assert set(step["env"].values()) == {"${{ inputs.nets }}", "${{ inputs.args }}"}
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    told = {"PATH": path_with_convshape, "GITHUB_ACTIONS": "true", "ARGS": ""}
    fine = run(shell, ROOT, NETS="examples/lenet5.yaml\nexamples/vgg16.yaml\n", **told)
    assert (fine.returncode, fine.stdout) == (0, ""), fine.stderr
    wrong = run(shell, ROOT, NETS="examples/broken/patients.yaml", **told)
    assert wrong.returncode == 1
    assert wrong.stdout.startswith("::error file=examples/broken/patients.yaml,line=4,")
    evil = run(shell, ROOT, NETS="$(touch /tmp/convshape-was-here); rm x", **told)
    assert evil.returncode == 2
    assert not Path("/tmp/convshape-was-here").exists()  # noqa: S108  # what nothing may create


def test_the_action_installs() -> None:
    """Name only inputs that are declared, and install what stands beside the action."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    text = (ROOT / "action.yml").read_text()
    assert {"inputs." + name for name in action["inputs"]} == set(re.findall(r"inputs\.[\w-]+", text))
    assert steps()[1]["env"] == {"ACTION": "${{ github.action_path }}"}
    assert all(step.get("shell") == "bash" for step in steps() if "run" in step)


# --- bash ---


COMPLETE = """
eval "$(_CONVSHAPE_COMPLETE=source_bash convshape)"
complete -p convshape >&2
COMP_WORDS=({words}); COMP_CWORD={place}
_convshape_completion convshape
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def completed(path: str, *words: str) -> list[str]:
    """Complete the last of some words in a real bash."""
    quoted = " ".join(f"'{word}'" for word in words)
    script = COMPLETE.format(words=quoted, place=len(words) - 1)
    done = run(["bash", "--norc", "-c", script], ROOT, PATH=path)
    assert "_convshape_completion" in done.stderr, done.stderr
    return done.stdout.split()


def test_bash_completes(path_with_convshape: str) -> None:
    """Complete commands, options, layers, and the Linears of a file."""
    path = path_with_convshape
    assert completed(path, "convshape", "lin") == ["linear-in"]
    assert completed(path, "convshape", "layers", "LazyConvTranspose1") == ["LazyConvTranspose1d"]
    assert {"Conv1d", "Conv2d", "Conv3d"} <= set(completed(path, "convshape", "layers", "Conv"))
    assert completed(path, "convshape", "explain", "Bilin") == ["Bilinear"]
    lenet = "examples/lenet5.yaml"
    assert completed(path, "convshape", "linear-in", lenet, "--at", "") == ["fc1", "fc2", "fc3"]
    assert completed(path, "convshape", "linear-in", lenet, "--at", "fc3") == ["fc3"]
    assert completed(path, "convshape", "linear-in", "missing.yaml", "--at", "") == []
    assert "--format" in completed(path, "convshape", "trace", lenet, "--fo")


# --- fish and zsh ---


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_completes(path_with_convshape: str, tmp_path: Path) -> None:
    """Complete layers, and the Linears of a file, in a real fish."""
    script = """
        env _CONVSHAPE_COMPLETE=source_fish convshape | source
        complete -C "convshape layers LazyConvTr"
        complete -C "convshape linear-in examples/lenet5.yaml --at "
    """
    done = run(["fish", "--no-config", "-c", script], ROOT, PATH=path_with_convshape, HOME=str(tmp_path))
    layers = ["LazyConvTranspose1d", "LazyConvTranspose2d", "LazyConvTranspose3d"]
    assert done.stdout.split() == [*layers, "fc1", "fc2", "fc3"], done.stderr


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes(path_with_convshape: str, tmp_path: Path) -> None:
    """Let a real zsh take the script, and ask what it asks."""
    script = """
        autoload -U compinit; compinit -u -D
        eval "$(_CONVSHAPE_COMPLETE=source_zsh convshape)"
        echo $_comps[convshape]
        _CONVSHAPE_COMPLETE=complete_zsh _TYPER_COMPLETE_ARGS="convshape explain Bilin" convshape
    """
    done = run(["zsh", "-f", "-c", script], ROOT, PATH=path_with_convshape, HOME=str(tmp_path))
    assert done.stdout.split() == ["_convshape_completion", "_arguments", "'*:", ':(("Bilinear"))\''], done.stderr


# --- what the README says ---


def block(opening: str) -> Any:
    """Read the block of the README that opens with the name of a file."""
    found = re.search(rf"```yaml\n# {re.escape(opening)}\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert found
    return yaml.safe_load(found[1])


def test_the_blocks_of_the_readme(tmp_path: Path, path_with_convshape: str) -> None:
    """Name inputs and hooks that there are, and run what GitLab runs."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    last = block(".github/workflows/shapes.yml")["jobs"]["check"]["steps"][-1]
    assert last["uses"].partition("/")[2].startswith("convshape@v")
    assert set(last["with"]) <= set(action["inputs"])
    hooks = {one["id"] for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {one["id"] for one in block(".pre-commit-config.yaml")["repos"][0]["hooks"]} <= hooks
    job = block(".gitlab-ci.yml")["shapes"]
    (tmp_path / "nets").mkdir()
    shutil.copy(BROKEN, tmp_path / "nets")
    done = run(["bash", "-c", job["script"][1]], tmp_path, PATH=path_with_convshape)
    assert done.returncode == 1
    report = json.loads((tmp_path / job["artifacts"]["reports"]["codequality"]).read_text())
    assert report[0]["location"]["path"] == "nets/patients.yaml"


# --- make and sh ---


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make(path_with_convshape: str) -> None:
    """Run the Makefile of the examples."""
    folder = ROOT / "examples" / "ci"
    asked = run(["make", "-s", "in_features"], folder, PATH=path_with_convshape)
    assert asked.stdout == "400\n", asked.stderr
    assert run(["make", "-s", "check"], folder, PATH=path_with_convshape).returncode == 0
    wrong = run(["make", "-s", "check", "NETS=../broken/patients.yaml"], folder, PATH=path_with_convshape)
    assert wrong.returncode == 2, wrong.stderr  # make's own code for a command that failed


def test_the_shell_script(path_with_convshape: str) -> None:
    """Run the shell example."""
    done = run(["bash", "examples/ci/grow.sh", "examples/lenet5.yaml"], ROOT, PATH=path_with_convshape)
    assert done.stdout.splitlines() == [
        "images of 28 x 28: --in-features 400",
        "images of 32 x 32: --in-features 576",
        "images of 64 x 64: --in-features 3136",
    ]


# --- pytest ---


def test_assert_shapes() -> None:
    """Hold a network to shapes, sizes and budgets, and return its trace."""
    trace = assert_shapes(
        LENET, output=("N", 10), shapes={"conv1": ("N", 6, 28, "_"), "fc1": "N, 120"}, params="<= 100_000"
    )
    assert trace.params == 61_706
    assert_shapes(LENET, (8, 1, 28, 28), output=(8, 10))
    assert_shapes("Conv1d(1, 2, 3)", ("N", 1, "L"), output=("N", 2, "L - 2"), L=">= 3")
    assert_shapes("LSTM(8, 16)", (5, 3, 8), output=((5, 3, 16), ((1, 3, 16), (1, 3, 16))))


@pytest.mark.parametrize(
    ("arguments", "expected", "words"),
    [
        ((LENET,), {"output": ("N", 11)}, r"the shape of the output is \(N, 10\), expected \(N, 11\)"),
        ((LENET,), {"shapes": {"conv1": ("N", 6, 28, 27)}}, "conv1"),
        ((LENET,), {"params": "< 1000"}, "the number of parameters is 61_?,?706"),
        ((BROKEN,), {}, "conv expects 5 channels, got 49"),
        (("ReLU()", (4,)), {"ouput": (4,)}, "did you mean output"),
    ],
)
def test_assert_shapes_says_what_differs(arguments: tuple[Any, ...], expected: dict[str, Any], words: str) -> None:
    """Say what differs."""
    with pytest.raises(AssertionError, match=words):
        assert_shapes(*arguments, **expected)


def test_assert_shapes_says_everything() -> None:
    """Say all of it at once; what cannot be read is another error."""
    with pytest.raises(AssertionError) as caught:
        assert_shapes(LENET, output=("N", 11), params="< 1000")
    assert len(str(caught.value).splitlines()) == 2
    with pytest.raises(ReadError):
        assert_shapes("missing.yaml")
