"""Small real repositories with a spec taken in, and hands to tell the engine what its jobs would have found."""

import atexit
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from podium.engine.jobs.change import Work, measured
from podium.git.objects import Signature
from podium.model.attempt import AttemptEnd, End
from podium.model.decision import Act
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import AttemptId, ChangeId, Sha, TaskId, Tree
from podium.model.task import Task
from podium.model.verdict import Verdict
from podium.project.project import Project
from podium.store.store import Transaction

CONFIG = """
[[gate.check]]
name = "tests"
run = "true"

[agents.sed]
command = ["true"]

[policy]
review = "always"
"""
SPEC = """# Sums that add up

Because they do not.

## Tasks
- [ ] 1 Make add return the sum
  - kind: fix
  - paths: calc.py
  - accept: `true`
- [ ] 2 Say so in the manual
  - kind: docs
  - after: 1
  - paths: manual.md
  - accept: `true`
"""


@dataclass
class Desk:
    """A project, and what its jobs find, told instead of done."""

    project: Project
    path: Path
    now: float = 1000.0

    def tick(self) -> float:
        self.now += 1.0
        return self.now

    def find(
        self, act: Act, subject: str, verdict: Verdict = Verdict.PASSED, because: str = "all passed"
    ) -> None:
        """A gate comes to a verdict; what follows is decided."""
        result = CheckResult("tests", "d", Tree("t"), verdict, because, at=self.tick())
        scope = subject.rpartition("@")[0] or subject

        def record(transaction: Transaction) -> None:
            found = Evidence(f"{act}:{subject}", subject, Tree("t"), "b", "g", (result,), self.now)
            transaction.write(found, scope=scope)

        self.project.engine.advance(record)

    def produce(self, task: str, number: int, text: str) -> ChangeId:
        """An attempt ends with a commit that writes `text` to calc.py."""
        repository = self.project.repository
        base, name = repository.tip("main"), AttemptId(f"{task}@{number}")
        head = self.commit(base, text)
        wanted = self.project.store.task(TaskId(task))
        attempt = self.project.store.attempt(name)
        assert isinstance(wanted, Task)
        person = self.project.repository.person()
        work = Work(head, base, wanted.title, person, "sed")
        change = measured(self.project.site, ChangeId(name), work, attempt=attempt)
        end = AttemptEnd(
            name,
            End.PRODUCED,
            "its work was taken in",
            self.tick(),
            2.0,
            0,
            head,
            "bubblewrap",
            output="done\n",
        )

        def record(transaction: Transaction) -> None:
            transaction.write(end)
            transaction.write(change)

        self.project.engine.advance(record)
        return change.id

    def commit(self, base: Sha, text: str) -> Sha:
        objects = self.project.repository.objects
        tree = objects.replace_file(objects.tree_of(base), "calc.py", text.encode())
        signature = Signature("Ada Person <ada@example.org>", self.now)
        return objects.commit(tree, [base], "work\n", author=signature, committer=signature)

    def to_review(self) -> ChangeId:
        """The first task's first change waits for a person."""
        self.find(Act.BASELINE, self.project.repository.tip("main"))
        change = self.produce("spec/1", 1, "def add(a, b):\n    return a + b\n")
        self.find(Act.GATE, change)
        return change


@contextmanager
def at_desk(directory: Path) -> Iterator[Desk]:
    """A project in a copy of the repository that is made once."""
    path = directory / "repo"
    shutil.copytree(_begun(), path, symlinks=True)
    desk = Desk(Project.open(path), path)
    desk.project = Project(desk.project.repository, clock=desk.tick)
    try:
        yield desk
    finally:
        desk.project.engine.close()
        desk.project.store.close()


@cache
def _begun() -> Path:
    """A repository with its state prepared and the spec taken in."""
    path = Path(tempfile.mkdtemp(prefix="podium-desk-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    files = {
        "podium.toml": CONFIG,
        "calc.py": "def add(a, b):\n    return a - b\n",
        "manual.md": "# Manual\n",
        "spec.md": SPEC,
    }
    for name, text in files.items():
        (path / name).write_text(text)
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], cwd=path, check=True)
    project = Project.open(path)
    project.take_in(path / "spec.md")
    project.engine.close()
    project.store.close()
    return path
