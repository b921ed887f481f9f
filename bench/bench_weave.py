"""The merge queue on a real project: its real commits as concurrent changes, with real git, real pytest and real slots.

    python bench/bench_weave.py --repository PATH [--changes 100] [--slots 2] [--kill]

Podium, a queue of one at a time and bors' batches get the same changes; afterwards the plain suite is run on every position of each
one's target branch. `--work` keeps what was prepared and what came of it, and takes it up again.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from measure import load, machine
from weave.baselines import batches, one_at_a_time
from weave.configuration import BATCH
from weave.course import Course
from weave.gate import Gate, Suite
from weave.judging import Judged, judge
from weave.live import Kills, weave
from weave.prepare import Wanted, prepare
from weave.proposal import Trace
from weave.report import details, section
from weave.tree import Repository

_KILLS = 12
Queue = Callable[[Trace, Repository, Gate], Course]


def main() -> int:
    asked = _arguments()
    if asked.work:
        return _bench(asked, asked.work.resolve())
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as directory:
        return _bench(asked, Path(directory))


def _bench(asked: argparse.Namespace, work: Path) -> int:
    wanted = Wanted(asked.changes, asked.pairs, asked.flakes, asked.apart, asked.seed, asked.slots)
    trace = prepare(asked.repository.resolve(), work, wanted)
    before = load()
    _say(f"{len(trace.proposals)} changes, load {before}")
    kills = Kills(_KILLS if asked.kill else 0, random.Random(f"{asked.seed}:kills"))
    queues: dict[str, Queue] = {
        "podium": partial(_podium, kills=kills, log=work / "podium.log"),
        "single": one_at_a_time,
        "bors": batches(BATCH),
    }
    judged = [_one(trace, work, name, queues[name], asked.slots) for name in asked.only or queues]
    found = machine()
    said = f"{found['processor']}, {found['cores']} cores, {found['git']}, Python {found['python']}, load {before} → {load()}"
    words = " ".join("PATH" if "/" in word else word for word in sys.argv[1:])
    _say("\n".join(map(details, judged)))
    print(section(trace, judged, machine=said, command=f"python bench/bench_weave.py {words}"))
    return int(any(one.red for one in judged if one.course.queue == "Podium"))


def _one(trace: Trace, work: Path, name: str, queue: Queue, slots: int) -> Judged:
    """One queue in a clone of its own, and what is true of its course."""
    repository = _clone(trace, work / "project.git", Path(tempfile.mkdtemp(prefix=f"{name}-", dir=work)))
    suite = Suite(trace.left_out)
    course = queue(trace, repository, Gate(repository, suite.command(), slots))
    (work / f"{name}.json").write_text(json.dumps(asdict(course), indent=1))
    _say(f"{course.queue}: {len(course.queue_gates_s)} gates, {len(course.positions)} positions, {course.wall_s:.0f} s; load {load()}")  # fmt: skip
    return judge(
        course, trace, repository, Gate(repository, suite.command(also_without=[trace.flake]), slots)
    )


def _clone(trace: Trace, source: Path, path: Path) -> Repository:
    repository = Repository.clone(source, path / "project")
    for one in trace.proposals:
        repository.git("update-ref", f"refs/heads/{one.name}", one.head)
    return repository


def _podium(trace: Trace, repository: Repository, _gate: Gate, *, kills: Kills, log: Path) -> Course:
    return weave(trace, repository, kills, log)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The merge queue on the history of a real project.")
    parser.add_argument(
        "--repository", type=Path, required=True, help="a Python project with a fast pytest suite"
    )
    parser.add_argument("--changes", type=int, default=100, help="real commits")
    parser.add_argument("--pairs", type=int, default=8, help="made pairs that fail together")
    parser.add_argument("--flakes", type=float, default=0.02, help="how often the flaky test fails")
    parser.add_argument("--apart", type=float, default=2.0, help="seconds between arrivals, on the average")
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--kill", action="store_true", help="kill -9 podium run at random")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--work", type=Path, help="a folder to prepare in; taken up where it has a trace")
    parser.add_argument("--only", action="append", choices=["podium", "single", "bors"])
    return parser.parse_args()  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
