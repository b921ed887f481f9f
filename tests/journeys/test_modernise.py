"""The example on somebody else's code: a real package from PyPI, its own suite as the gate, ruff as the agent."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from podium.project.project import Project

EXAMPLE = Path(__file__).parents[2] / "examples" / "modernise"
TASKS = 2
"""Of its tasks, the first two are enough to see that it works; `make modernise` does them all."""


@pytest.mark.slow
def test_ruff_modernises_a_package_module_by_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    directory = tmp_path / "sqlparse"
    subprocess.run([EXAMPLE / "fetch.sh", directory], check=True)
    project = Project.open(directory)

    project.take_in(_first_tasks(directory / "modernise.md", tmp_path / "modernise.md"))
    _work(project)

    assert project.overview().tasks == ()
    assert project.overview().landed == TASKS
    assert {finding.state for finding in project.audit()} == {"ok"}
    assert "coding: utf-8" not in (directory / "sqlparse" / "__main__.py").read_text()


def test_the_example_has_a_task_for_every_module() -> None:
    spec = (EXAMPLE / "modernise.md").read_text()
    paths = [line.partition("paths: ")[2] for line in spec.splitlines() if "paths: " in line]
    assert len(paths) == len(set(paths)) == spec.count("- [ ] ") == 22


def _first_tasks(spec: Path, shorter: Path) -> Path:
    """A copy outside the repository, up to the task that is one too many."""
    shorter.write_text(spec.read_text().partition(f"- [ ] {TASKS + 1} ")[0])
    return shorter


def _work(project: Project) -> None:
    with project.worker() as worker:
        while not worker.idle():
            worker.tick()
            time.sleep(0.1)
