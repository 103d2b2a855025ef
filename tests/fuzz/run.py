"""Fuzz the readers: `python tests/fuzz/run.py --count N` traces N descriptions, and reports every one that breaks it.

A description breaks convshape when it ends in a traceback, takes more than 2 s, or takes the memory over 300 MB. The
descriptions are examples that are mutated, made by a grammar, and bytes; the same seed gives the same ones. What
breaks is told at once, and written to `--out`, one file a kind of failure, to be mended and kept in tests/fuzz/corpus.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "src")]

from checks import CHECKS  # noqa: E402  # found beside this file
from targets import READERS  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGETS = {**READERS, **CHECKS}
SECONDS = 2.0
MEGABYTES = 300
PATIENCE = 20
"""After so many seconds a description is given up: it counts as a hang."""


class GivenUpError(BaseException):
    """Raised in a description that hangs; no `except Exception` may catch it."""


def give_up(*_: object) -> None:
    """Leave a description that hangs."""
    raise GivenUpError


def megabytes() -> int:
    """Return the peak of this process; Linux counts it in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)


def tried(target: Any, case: Any) -> tuple[str, str]:
    """Run one description; return what became of it, and the kind of failure where there is one."""
    began = time.process_time()
    try:
        end, failure = target.run(case), ""
    except GivenUpError:
        end, failure = "hang", "hang"
    except Exception as error:  # noqa: BLE001  # finding these is the purpose
        end, failure = "traceback", "\n".join(origin(error))
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    if not failure and time.process_time() - began > SECONDS:
        failure = "hang"
    return end, failure


def origin(error: Exception) -> Iterator[str]:
    """Name a failure by its kind and where it comes from, so that each is reported once."""
    yield f"{type(error).__name__}: {str(error)[:200]}"
    for frame in traceback.extract_tb(error.__traceback__)[-4:]:
        yield f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}: {frame.line}"


def main() -> int:
    """Trace the descriptions; exit with 1 when one of them breaks convshape."""
    options = arguments()
    names = options.target or list(TARGETS)
    randoms = {name: random.Random(f"{options.seed}:{name}") for name in names}  # not for secrets
    targets = {name: TARGETS[name]() for name in names}
    ends: dict[str, Counter[str]] = {name: Counter() for name in names}
    failures: dict[str, tuple[str, Any]] = {}
    counts: Counter[str] = Counter()
    signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    began, before = time.perf_counter(), megabytes()
    done = 0
    while done < options.count and time.perf_counter() - began < options.seconds:
        name = names[done % len(names)]
        case = targets[name].make(randoms[name])
        end, failure = tried(targets[name], case)
        if (peak := megabytes()) > max(MEGABYTES, before):
            failure, before = failure or "memory", peak
        ends[name][end] += 1
        done += 1
        if failure:
            counts[failure.split("\n", 2)[0].split(":")[0]] += 1
            if where(failure, name) not in failures:
                print(f"{done:,}: {failure.partition(chr(10))[0]} with {case[:100]!r}", file=sys.stderr, flush=True)
            kept = failures.setdefault(where(failure, name), (failure, case))
            failures[where(failure, name)] = min(kept, (failure, case), key=lambda one: len(one[1]))
    report(ends, failures, counts, time.perf_counter() - began)
    save(failures, options.out)
    return 1 if failures else 0


def where(failure: str, name: str) -> str:
    """Return what tells one failure from another: its last frame."""
    return failure.rpartition("\n")[2].strip() if "\n" in failure else f"{failure} {name}"


def report(
    ends: dict[str, Counter[str]], failures: dict[str, tuple[str, Any]], counts: Counter[str], seconds: float
) -> None:
    """Print the figures, then every failure with a description that shows it."""
    total = sum(sum(counter.values()) for counter in ends.values())
    for name, counter in ends.items():
        print(
            f"{name:12} {sum(counter.values()):8,}  " + ", ".join(f"{end} {n:,}" for end, n in counter.most_common(6))
        )
    for failure, case in failures.values():
        print(f"\n{failure}\n  with {case[:300]!r}")
    found = ", ".join(f"{kind} {n:,}" for kind, n in counts.most_common()) or "none"
    rate = total / max(seconds, 0.001)
    print(
        f"\n{total:,} descriptions in {seconds:,.0f} s ({rate:,.0f} a second), peak {megabytes()} MB; failures: {found}"
    )


def save(failures: dict[str, tuple[str, Any]], out: Path | None) -> None:
    """Write what failed, for the corpus."""
    for number, (_, case) in enumerate(failures.values() if out else ()):
        assert out is not None
        out.mkdir(parents=True, exist_ok=True)
        data = case if isinstance(case, bytes) else case.encode("utf-8", "surrogatepass")
        (out / f"failure-{number}.txt").write_bytes(data)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000, help="how many descriptions")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so many seconds")
    parser.add_argument("--seed", default="0", help="another seed gives other descriptions")
    parser.add_argument("--target", action="append", choices=TARGETS, help="fuzz this reader alone; may be repeated")
    parser.add_argument("--out", type=Path, help="a folder for what failed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
