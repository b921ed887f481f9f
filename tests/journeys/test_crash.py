"""Kill -9 at any moment: more than fifty times, over more than a hundred tasks, in two lots, and nothing is lost.

`CRASH_SIZE=2` doubles the tasks: more than two hundred. `CRASH_SEED` draws other moments.
"""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from podium_process import Podium, Stage, await_until, processes_below

from podium.model.progress import State

Repo = Any
"""The `repo` fixture's helper."""

KILLS = 26
SIZE = int(os.environ.get("CRASH_SIZE", "1"))
SIMPLE, CLASHING, TEXTUAL, DEPENDENT = 39 * SIZE, 5 * SIZE, 2 * SIZE, 6 * SIZE
LONGEST_LIFE_S = 2.0
"""Of one that need not import anything first, so that nearly every kill meets it at work."""
SEED = int(os.environ.get("CRASH_SEED", "20240607"))

_CONFIG = """
agent = "maker"
[[gate.check]]
name = "green"
run = "sh check.sh"
[gate]
slots = 4
protected = ["check.sh", "maker.sh"]
[agents.maker]
command = ["sh", "maker.sh", "{task}"]
minutes = 2
[limits]
agents = 12
attempts = 10
waiting_reviews = 10000
[policy]
review = "never"
[queue]
batch = 8
"""

# Green: no seat is taken twice (two tasks may each be right alone and wrong together), no conflict marker anywhere.
_CHECK = """
set -e
test -z "$(cat seats/* 2>/dev/null | sort | uniq -d)"
! grep -q '^<<<<<<<' book
"""

# The kind of a task is the letter its id begins with.
_MAKER = """
set -e
task=${1##*/}; number=${task#?}
mkdir -p seats
case $task in
  s*) echo "$number" > "seats/$task" ;;
  c*) seat=$(( number % 5 )); rm -f "seats/$task"
      while cat seats/* | grep -qx "shared $seat"; do seat=$(( seat + 5 )); done
      echo "shared $seat" > "seats/$task" ;;
  t*) sed -i '/^[<=>|]\\{7\\}/d' book; grep -qx "$task" book || echo "$task" >> book; sleep 0.2 ;;
  d*) test -e "seats/s$number"; echo "after $number" > "seats/$task" ;;
  x*) echo half > half-done; exit 7 ;;
  n*) true ;;
esac
"""


def _tasks() -> str:
    simple = [(f"s{n}", f"seats/s{n}", "") for n in range(SIMPLE)]
    clashing = [(f"c{n}", f"seats/c{n}", "") for n in range(CLASHING)]
    textual = [(f"t{n}", "book", "") for n in range(TEXTUAL)]
    dependent = [(f"d{n}", f"seats/d{n}", f"s{n}") for n in range(DEPENDENT)]
    given_up = [("x0", "half-done", ""), ("n0", "seats/n0", ""), ("s900", "seats/s900", "x0")]
    return "".join(_task(*task) for task in (*simple, *clashing, *textual, *dependent, *given_up))


def _task(name: str, paths: str, after: str) -> str:
    order = f"  - after: {after}\n" if after else ""
    accept = "  - accept: `test -e book`\n" if name.startswith("d") else ""
    return f"- [ ] {name} Do {name}\n  - kind: chore\n  - paths: {paths}\n{order}{accept}"


def _only_the_process(podium: Podium, _where: Path) -> None:
    podium.process.kill()


def _its_group(podium: Podium, _where: Path) -> None:
    os.killpg(podium.process.pid, signal.SIGKILL)


def _everything(podium: Podium, where: Path) -> None:
    """Agents, gates, shims and gits too, as a power cut would."""
    podium.process.kill()
    for _ in range(3):
        for pid in processes_below(where):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


_WAYS: tuple[tuple[Callable[[Podium, Path], None], int], ...] = (
    (_only_the_process, 5), (_its_group, 3), (_everything, 3),
)  # fmt: skip


def _torment(stage: Stage, spec: Path, chance: random.Random, *, kills: int) -> Counter[str]:
    """Start and kill, again and again; how often in which way. The second half begins when the first change has landed."""
    ways = Counter[str]()
    while ways.total() < kills:
        podium = stage.start("run", spec)
        if ways.total() == kills // 2:
            await_until(lambda: bool(stage.landed_changes()), "a landing", seconds=300)
        time.sleep(chance.uniform(0.05, LONGEST_LIFE_S))
        assert podium.process.poll() in {None, 1}, podium.said
        if podium.process.poll() is not None:
            break
        way = chance.choices([way for way, _weight in _WAYS], [weight for _way, weight in _WAYS])[0]
        way(podium, stage.repo.path)
        podium.process.wait()
        ways[way.__name__] += 1
    return ways


@pytest.mark.slow
@pytest.mark.parametrize("lot", [0, 1])
def test_nothing_is_lost_whenever_podium_is_killed(repo: Repo, lot: int) -> None:
    repo.commit({"podium.toml": _CONFIG, "check.sh": _CHECK, "maker.sh": _MAKER, "book": "first\n"}, "set up")
    stage = Stage(repo)
    spec = stage.spec(_tasks())
    begun = time.monotonic()
    ways = _torment(stage, spec, random.Random(SEED + lot), kills=KILLS)
    half = time.monotonic()
    landed_so_far = len(stage.landed_changes())
    stage.podium("run", spec, code=1, seconds=600)
    print(
        f"seed {SEED + lot}; {dict(ways)} in {half - begun:.0f} s, {landed_so_far} landed by then; the rest in {time.monotonic() - half:.0f} s"
    )
    assert ways.total() >= KILLS
    _check_ends(stage)
    _check_main(stage)
    _check_traces(stage)


def _check_ends(stage: Stage) -> None:
    """Every task landed or has an end that is explained; every attempt's work is held."""
    overview = stage.project.overview()
    unusual = {task.id.rpartition("/")[2]: (task.state, task.because) for task in overview.tasks}
    assert {name: state for name, (state, _because) in unusual.items()} == {
        "x0": State.REFUSED, "n0": State.REFUSED, "s900": State.BLOCKED,
    }, unusual  # fmt: skip
    assert all(because for _state, because in unusual.values())
    assert overview.landed == SIMPLE + CLASHING + TEXTUAL + DEPENDENT
    held = stage.project.repository.refs_under("refs/podium/attempts")
    for end in stage.project.store.attempt_ends():
        if end.head:
            assert end.head in held.values(), end


def _check_main(stage: Stage) -> None:
    """Nothing landed twice, and every position is green by a look of our own."""
    trailers = Counter(stage.landed_changes())
    assert not [change for change, count in trailers.items() if count > 1]
    landed = Counter(change.rpartition("@")[0] for change in trailers)
    assert not [task for task, count in landed.items() if count > 1]
    assert len(landed) == stage.project.overview().landed
    landings = stage.project.store.landings()
    positions = str(stage.repo.git("rev-list", "--first-parent", "main")).split()
    assert {landing.commit for landing in landings} < set(positions)
    assert len(landings) == len(positions) - 2
    for position in positions[:-1]:
        _check_green(stage.repo, position)
    broken = [finding for finding in stage.project.audit() if finding.state != "ok"]
    assert not broken


def _check_green(repo: Repo, position: str) -> None:
    tree = repo.path.parent / "position"
    subprocess.run(
        f"rm -rf {tree} && mkdir {tree} && git archive {position} | tar x -C {tree}",
        shell=True,
        cwd=repo.path,
        check=True,
    )
    assert subprocess.run(["sh", "check.sh"], cwd=tree, check=False).returncode == 0, position


def _check_traces(stage: Stage) -> None:
    """No process, lock, workspace or half-followed checkout is left behind."""
    repo = stage.repo
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("rev-parse", "HEAD") == repo.git("rev-parse", "refs/heads/main")
    assert "dangling" not in repo.git("fsck", "--strict", "--no-dangling")
    git = repo.path / ".git"
    assert not [lock for lock in git.rglob("*.lock") if not lock.is_relative_to(git / "podium")]
    assert not list((git / "podium" / "workspaces").iterdir())
    assert not list((git / "podium" / "gates").iterdir())
    candidates = stage.project.repository.refs_under("refs/podium/candidates").values()
    assert not [
        candidate
        for candidate in candidates
        if repo.git("rev-parse", f"{candidate}^1") != repo.git("rev-parse", "main")
    ]
    assert not processes_below(repo.path)
