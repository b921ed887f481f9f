"""Repositories to measure on: with many tasks in mixed states that nobody worked for, or with work that takes no time.

The states are written through `Store` alone, fact by fact as jobs would have told them.
"""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from podium.git.repository import open_repository
from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.decision import Act, Decision
from podium.model.evidence import CheckResult, Evidence
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha, TaskId, Tree, attempt_id
from podium.model.queue import Landing
from podium.model.review import Order, Wish
from podium.model.spec import Spec
from podium.model.task import Acceptance, Kind, Task
from podium.model.verdict import Verdict
from podium.project.state import open_store
from podium.store.store import Store, Transaction
from podium.store.upgrade import upgrade

CONFIG = """[[gate.check]]
name = "tests"
run = "true"

[agents.sed]
command = ["true"]
"""
Work = Callable[[Store, Facts], None]
MIXED = ("landed", "landed", "landed", "waiting", "waiting", "ready", "ready", "queued", "review", "refused", "running",
         "gating", "cancelled")  # fmt: skip
PER_SPEC = 100
_AT = 1_760_000_000.0


def repository(path: Path, files: dict[str, str] | None = None) -> Path:
    """A repository with one commit on main."""
    path.mkdir(parents=True)
    _git(path, "init", "-q", "-b", "main")
    _git(path, "config", "user.name", "Bench")
    _git(path, "config", "user.email", "bench@example.org")
    for name, text in {"podium.toml": CONFIG, "README.md": "# bench\n", **(files or {})}.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    _git(path, "add", "-A")
    _git(path, "commit", "-q", "-m", "first")
    return path


def workplace(path: Path, *, tasks: int, agents: int, work: str) -> Path:
    """A repository with a spec whose tasks each write one small file, after doing `work`."""
    config = f"""[[gate.check]]
name = "tests"
run = "true"

[agents.writer]
command = ["sh", "-c", "{work}mkdir -p out; echo done > $1", "sh", "{{paths}}"]

[policy]
review = "never"

[limits]
agents = {agents}
"""
    entries = "".join(
        f"- [ ] {number} Write file {number}\n  - kind: chore\n  - paths: out/{number}.txt\n  - accept: `test -s out/{number}.txt`\n"
        for number in range(1, tasks + 1)
    )
    return repository(
        path, {"podium.toml": config, "spec.md": f"# Files\n\nTo be counted.\n\n## Tasks\n{entries}"}
    )


def demand_landed(path: Path, count: int) -> None:
    """A rate over work that did not arrive would be a lie."""
    opened = open_repository(path)
    landed = len(open_store(opened).landed_tasks())
    if landed != count:
        raise RuntimeError(f"{landed} of {count} tasks landed in {path}")


def tip(path: Path) -> Sha:
    return open_repository(path).tip("main")


def fill(path: Path, count: int, *, states: tuple[str, ...] = MIXED) -> Store:
    """Give the repository `count` tasks, their states in turn."""
    opened = open_repository(path)
    store, onto = open_store(opened), opened.tip("main")
    upgrade(store.engine)
    with store.transaction() as transaction:
        for first in range(0, count, PER_SPEC):
            numbers = range(first, min(first + PER_SPEC, count))
            name = f"spec{first // PER_SPEC}"
            wanted = [states[number % len(states)] for number in numbers]
            tasks = [_task(name, number, state) for number, state in zip(numbers, wanted, strict=True)]
            transaction.define(Spec(name, f"specs/{name}.md", name, name, "", (), tuple(tasks)), at=_AT)
            for task, state in zip(tasks, wanted, strict=True):
                _live(transaction, task, state, onto)
    return store


def _task(spec: str, number: int, state: str) -> Task:
    after = (TaskId(f"{spec}/{number - 1}"),) if state == "waiting" and number % PER_SPEC else ()
    return Task(
        TaskId(f"{spec}/{number}"), spec, f"Make thing number {number} do what it should", Kind.FIX,
        paths=(f"src/module{number}.py", f"tests/test_module{number}.py"), after=after, agent="sed",
        accept=(Acceptance(f"python -c 'import module{number}'", None),), line=number,
    )  # fmt: skip


def _live(transaction: Transaction, task: Task, state: str, tip: Sha) -> None:
    """Write what would have been written on the way to this state."""
    if state in {"waiting", "ready"}:
        return
    if state == "cancelled":
        transaction.write(Order(task.id, Wish.CANCEL, "not wanted", "bench", _AT))
        return
    attempt = Attempt(
        attempt_id(task.id, 1), task.id, 1, "sed", tip, "everything it comes after has landed", _AT
    )
    transaction.write(attempt)
    transaction.write(Decision(Act.ATTEMPT, attempt.id, attempt.because, _AT, task.id))
    if state == "running":
        return
    ended = AttemptEnd(
        attempt.id,
        End.PRODUCED,
        "its work was taken in",
        _AT,
        60.0,
        0,
        tip,
        "bubblewrap",
        output="done\n" * 20,
    )
    if state == "refused":
        transaction.write(replace(ended, end=End.CRASHED, head=None))
        transaction.write(Decision(Act.GIVE_UP, task.id, "3 attempts used up", _AT, task.id))
        return
    transaction.write(ended)
    change = Change(
        ChangeId(attempt.id),
        task.id,
        attempt.id,
        tip,
        tip,
        Tree("t" * 40),
        task.paths,
        20,
        4,
        task.title,
        "Bench",
        _AT,
    )
    transaction.write(change)
    gate = Decision(Act.GATE, change.id, "nothing is known of this tree yet", _AT, task.id)
    transaction.write(gate)
    if state == "gating":
        return
    result = CheckResult(
        "tests", "d" * 64, change.tree, Verdict.PASSED, "120 passed", "pytest -q", 0, 12.0, "bubblewrap"
    )
    transaction.write(
        Evidence(gate.key, change.id, change.tree, tip, "g" * 64, (result,), _AT), scope=task.id
    )
    act = Act.ASK if state == "review" else Act.APPROVE
    transaction.write(
        Decision(
            act,
            change.id,
            "risk 62 ≥ 60: many files",
            _AT,
            task.id,
            data={"risk": 62, "reasons": ["many files"]},
        )
    )
    if state == "landed":
        name = CandidateId(f"candidate-{task.id}")
        transaction.land(
            Landing(name, Sha(f"landed {task.id}"), change.tree, tip, (change.id,), _AT), [change], {}
        )


def _git(path: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=path, check=True)
