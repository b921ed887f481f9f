"""What the next attempt would be told is what it is told then."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from deskwork import Desk, at_desk

from conftest import Repo
from podium.base.errors import UsageError
from podium.cli.application import run
from podium.engine.briefing import allowed, feedback_text
from podium.model.attempt import Attempt
from podium.model.decision import Act
from podium.model.ids import AttemptId, Sha, TaskId
from podium.model.review import Answer, Wish
from podium.model.task import Kind, Task
from podium.model.usage import Allowance
from podium.model.verdict import Verdict


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_desk(tmp_path) as desk:
        yield desk


def test_the_brief_of_a_task_not_begun_says_what_its_first_attempt_will_be_told(desk: Desk) -> None:
    view = desk.project.brief("1")
    assert (view.task, view.attempt, view.agent) == ("spec/1", "spec/1@1", "sed")
    assert view.text.startswith("# Make add return the sum\n")
    assert "Because they do not." in view.text
    assert "You are stopped after 30 minutes" in view.text
    assert view.characters == len(view.text)
    assert {"task", "why", "acceptance", "boundaries", "verification", "budget"} == {
        part.name for part in view.parts
    }
    assert view.session == view.feedback == ""


def test_the_brief_of_a_task_that_waits_says_what_it_waits_for(desk: Desk) -> None:
    assert desk.project.brief("spec/2").because.startswith("waiting now, ")


def test_the_brief_of_a_task_under_way_is_that_of_its_attempt(desk: Desk) -> None:
    desk.find(Act.BASELINE, desk.project.repository.tip("main"))
    assert desk.project.brief("1").because.startswith("running: ")


def test_after_a_failed_gate_the_brief_has_what_was_found(desk: Desk) -> None:
    desk.find(Act.BASELINE, desk.project.repository.tip("main"))
    change = desk.produce("spec/1", 1, "def add(a, b):\n    return a\n")
    desk.find(Act.GATE, change, Verdict.FAILED, "1 test failed")
    view = desk.project.brief("1")
    assert view.attempt == "spec/1@2"
    assert "This is attempt 2. You start from the work of that attempt." in view.text
    assert "1 test failed" in view.text
    assert view.session == "", "the agent is no one to talk with"
    task, attempt = desk.project.store.task(TaskId("spec/1")), desk.project.store.attempt("spec/1@2")
    assert task
    assert attempt
    assert attempt.seed
    short = feedback_text(desk.project.site, task, attempt.seed)
    assert "1 test failed" in short
    assert "Because they do not." not in short


def test_conflicts_with_what_has_landed_are_named(desk: Desk) -> None:
    change = desk.to_review()
    head = desk.commit(desk.project.repository.tip("main"), "def add(a, b):\n    return sum((a, b))\n")
    desk.project.repository.keep("refs/heads/main", head)
    desk.find(Act.BASELINE, head)
    desk.project.answer(change, Answer.RETURN, reason="say why")
    view = desk.project.brief("1")
    assert "say why" in view.text
    assert "Resolve the conflict markers in:\n\n- `calc.py`" in view.text


def test_there_is_no_brief_where_no_attempt_is_to_come(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no task is called 9"):
        desk.project.brief("9")


def test_a_task_that_was_given_up_has_a_brief_again_when_a_person_grants_another_round(desk: Desk) -> None:
    desk.to_review()
    desk.project.answer("spec/1@1", Answer.REJECT, reason="not this way")
    view = desk.project.brief("1")
    assert "not this way" in view.text
    desk.project.order("1", Wish.RETRY)
    assert "not this way" in desk.project.brief("1").text


def test_the_tightest_bound_is_the_one_that_is_told() -> None:
    attempt = Attempt(
        AttemptId("a/1@1"), TaskId("a/1"), 1, "ada", Sha("a" * 40), "", 0.0, None, Allowance(100, None, 7)
    )
    task = Task(TaskId("a/1"), "a", "t", Kind.FIX)
    assert allowed(task, attempt, None) == Allowance(100, None, 7)


def test_the_guides_of_the_target_branch_are_given_as_they_stand(desk: Desk) -> None:
    Repo(desk.path).commit({"AGENTS.md": "Be brief.\n"})
    view = desk.project.brief("2")
    assert "## AGENTS.md of this repository\n\n```\nBe brief.\n```" in view.text


def test_the_command_prints_the_brief_alone_on_standard_output(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    view = desk.project.brief("1")
    assert run(["brief", "1", "--repo", str(desk.path)]) == 0
    out, err = capsys.readouterr()
    assert out == view.text
    assert "what sed is told in attempt 1 at spec/1" in err
    assert "in all" in err
    assert run(["brief", "1", "--json", "--repo", str(desk.path)]) == 0
    shape = json.loads(capsys.readouterr().out)
    assert shape["text"] == view.text
    assert shape["parts"][0]["name"] == "task"
