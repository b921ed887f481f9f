"""Changes made anywhere: by a person, by another tool."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from deskwork import Desk, at_desk

from podium.base.errors import UsageError
from podium.model.decision import Act
from podium.model.review import Answer, Wish


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_desk(tmp_path) as desk:
        yield desk


def branch(
    desk: Desk, name: str, text: str = "def add(a, b):\n    return a + b\n", path: str = "calc.py"
) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=desk.path, check=True, capture_output=True)

    git("switch", "-q", "-c", name, "main")
    (desk.path / path).write_text(text)
    git("add", "-A")
    git("commit", "-q", "-m", "Make add add")
    git("switch", "-q", "main")


def test_a_branch_becomes_a_change_that_is_gated(desk: Desk) -> None:
    branch(desk, "fix/sum")
    name = desk.project.submit("fix/sum")
    change = desk.project.store.change(name)
    assert name == "submit:fix/sum:1"
    assert change is not None
    assert (change.title, change.files, change.author) == (
        "Make add add",
        ("calc.py",),
        "Ada Person <ada@example.org>",
    )
    assert desk.project.store.decision(f"gate:{name}") is not None
    assert change.head in desk.project.repository.refs_under("refs/podium/submitted").values()
    assert [view.id for view in desk.project.overview().changes] == [name]


def test_the_same_work_is_taken_in_once_and_further_work_again(desk: Desk) -> None:
    branch(desk, "topic")
    desk.project.submit("topic")
    with pytest.raises(UsageError, match="as submit:topic:1"):
        desk.project.submit("topic")
    subprocess.run(["git", "branch", "-q", "-D", "topic"], cwd=desk.path, check=True)
    branch(desk, "topic", "def add(*these):\n    return sum(these)\n")
    assert desk.project.submit("topic") == "submit:topic:2"


def test_work_for_a_task_counts_as_an_attempt_at_it(desk: Desk) -> None:
    branch(desk, "topic")
    assert desk.project.submit("topic", task="1") == "spec/1@1"
    task = desk.project.overview().tasks[0]
    assert (task.state, task.agent) == ("gating", "submitted")


def test_work_for_a_task_that_was_cancelled_or_rejected_brings_it_back(desk: Desk) -> None:
    desk.to_review()
    desk.project.answer("1", Answer.REJECT, reason="I do it myself")
    branch(desk, "topic")
    assert desk.project.submit("topic", task="1") == "spec/1@2"
    assert desk.project.overview().tasks[0].state == "gating"
    desk.project.order("2", Wish.CANCEL)
    branch(desk, "manual", "# Manual\n\nIt adds.\n", "manual.md")
    desk.project.submit("manual", task="2")
    assert desk.project.overview().tasks[1].state == "gating"


def test_work_for_a_task_that_somebody_is_at_is_refused(desk: Desk) -> None:
    desk.find(Act.BASELINE, desk.project.repository.tip("main"))
    branch(desk, "topic")
    with pytest.raises(UsageError, match="spec/1 is running") as refused:
        desk.project.submit("topic", task="1")
    assert "podium cancel spec/1" in refused.value.hint


def test_a_branch_without_work_is_refused(desk: Desk) -> None:
    subprocess.run(["git", "branch", "idle"], cwd=desk.path, check=True)
    for name in ("idle", "nowhere"):
        with pytest.raises(UsageError):
            desk.project.submit(name)
