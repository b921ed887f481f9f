"""The engine on a real repository and a real store, with real workers."""

import subprocess
import time
from pathlib import Path

import pytest

from podium.model.decision import Act
from podium.model.evidence import Evidence
from podium.project.project import Project

CONFIG = """
[[gate.check]]
name = "tests"
run = "test -e README.md"

[agents.writer]
command = ["sh", "-c", "echo done > $1", "sh", "{paths}"]

[policy]
review = "never"
"""
SPEC = """# Files

To be there.

## Tasks
- [ ] 1 Write one
  - kind: chore
  - paths: one.txt
  - accept: `test -s one.txt`
- [ ] 2 Write two
  - kind: chore
  - after: 1
  - paths: two.txt
  - accept: `test -s two.txt`
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    path = tmp_path / "repo"
    path.mkdir()
    for name, text in {"README.md": "# sample\n", "podium.toml": CONFIG, "spec.md": SPEC}.items():
        (path / name).write_text(text)
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], cwd=path, check=True)
    return Project.open(path)


def test_a_look_at_what_has_not_changed_waits_for_nobody_who_writes(project: Project) -> None:
    engine = project.engine
    assert engine.advance() is False
    with project.store.transaction():
        began = time.monotonic()
        assert engine.advance() is False
    assert time.monotonic() - began < 5
    engine.close()


def test_a_tip_that_landed_is_known_to_be_green_at_once_and_carries_what_was_found(project: Project) -> None:
    project.take_in(project.repository.root / "spec.md")
    with project.worker() as worker:
        deadline = time.monotonic() + 60
        while not worker.idle() and time.monotonic() < deadline:
            time.sleep(0.1)
    first, second = project.store.landings()
    for landing in (first, second):
        key = f"{Act.BASELINE}:{landing.commit}"
        decision, found = project.store.decision(key), project.store.evidence(key)
        assert decision is not None
        assert isinstance(found, Evidence)
        assert landing.candidate in decision.because
        assert [result.check for result in found.results] == ["tests"]
        assert found.tree == landing.tree
    attempt = project.store.attempt(f"{project.store.task_ids()[1]}@1")
    assert attempt is not None
    assert attempt.base == first.commit
