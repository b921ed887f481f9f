"""How things stand, as `podium status` says it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from deskwork import Desk, at_desk

from podium.git.repository import open_repository
from podium.model.decision import Act
from podium.model.verdict import Verdict
from podium.project.overview import overview


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_desk(tmp_path) as desk:
        yield desk


def test_before_anything_was_recorded_nothing_is_there_and_nothing_is_made(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "first"], cwd=tmp_path, check=True)
    repository = open_repository(tmp_path)
    found = overview(repository, "main")
    assert (found.tasks, found.landed, found.counts) == ((), 0, {})
    assert not (repository.state / "podium.db").exists()


def test_every_task_is_shown_with_its_state_and_why(desk: Desk) -> None:
    found = desk.project.overview()
    assert [(task.id, task.state) for task in found.tasks] == [("spec/1", "ready"), ("spec/2", "waiting")]
    assert found.tasks[0].because == "ready to start; the target branch is being gated first"
    assert found.tasks[1].because == "it comes after spec/1"
    assert found.counts == {"ready": 1, "waiting": 1}


def test_a_target_that_fails_its_gate_is_the_trouble_and_needs_a_person(desk: Desk) -> None:
    desk.find(Act.BASELINE, desk.project.repository.tip("main"), Verdict.FAILED, "2 tests failed")
    found = desk.project.overview()
    assert found.needs_person
    assert "2 tests failed" in found.trouble


def test_a_change_that_waits_for_judgment_needs_a_person(desk: Desk) -> None:
    desk.to_review()
    found = desk.project.overview()
    assert found.tasks[0].state == "review"
    assert (found.tasks[0].agent, found.tasks[0].attempt) == ("sed", 1)
    assert found.needs_person


def test_a_dirty_checkout_is_told_with_what_to_do(desk: Desk) -> None:
    (desk.path / "calc.py").write_text("half a thought\n")
    assert "commit or stash" in desk.project.overview().checkout
