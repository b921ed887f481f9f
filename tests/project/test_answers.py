"""What people answer, and what follows from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from deskwork import Desk, at_desk

from podium.base.errors import UsageError
from podium.model.decision import Act
from podium.model.review import Answer, Wish
from podium.model.verdict import Verdict


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_desk(tmp_path) as desk:
        yield desk


def states(desk: Desk) -> dict[str, str]:
    return {task.id: task.state for task in desk.project.overview().tasks}


def test_what_waits_is_shown_with_the_evidence_beside_it(desk: Desk) -> None:
    change = desk.to_review()
    [item] = desk.project.reviews()
    assert (item.change, item.files, item.verdict) == (change, ("calc.py",), "passed: 1 of 1 checks passed")
    assert item.reasons


def test_an_approved_change_goes_to_the_merge_queue(desk: Desk) -> None:
    change = desk.to_review()
    assert desk.project.answer("1", Answer.APPROVE) == change
    assert states(desk)["spec/1"] == "queued"
    assert [item.change for item in desk.project.queue().items] == [change]
    assert not desk.project.reviews()


def test_a_returned_change_is_tried_again_with_the_reason(desk: Desk) -> None:
    desk.to_review()
    desk.project.answer("1", Answer.RETURN, reason="name it\ntotal \x1b[31m")
    attempt = desk.project.store.attempt("spec/1@2")
    assert attempt is not None
    assert attempt.seed is not None
    assert "\x1b" not in attempt.seed.feedback
    assert attempt.seed.feedback.startswith("name it")


@pytest.mark.parametrize("answer", [Answer.RETURN, Answer.REJECT])
def test_sending_work_away_needs_a_reason(desk: Desk, answer: Answer) -> None:
    desk.to_review()
    with pytest.raises(UsageError, match="needs a reason"):
        desk.project.answer("1", answer, reason="  ")


def test_an_answer_stands(desk: Desk) -> None:
    desk.to_review()
    desk.project.answer("1", Answer.APPROVE)
    with pytest.raises(UsageError):
        desk.project.answer("1", Answer.REJECT, reason="after all")
    assert states(desk)["spec/1"] == "queued"


def test_a_rejected_task_blocks_what_comes_after_and_a_retry_revives_both(desk: Desk) -> None:
    desk.to_review()
    desk.project.answer("1", Answer.REJECT, reason="the wrong idea")
    assert states(desk) == {"spec/1": "refused", "spec/2": "blocked"}
    assert desk.project.order("1", Wish.RETRY) == "spec/1"
    assert states(desk) == {"spec/1": "running", "spec/2": "waiting"}


def test_a_cancelled_task_is_over_until_it_is_tried_again(desk: Desk) -> None:
    desk.project.order("spec/2", Wish.CANCEL, reason="no manual")
    assert states(desk)["spec/2"] == "cancelled"
    with pytest.raises(UsageError, match="cancelled already"):
        desk.project.order("spec/2", Wish.CANCEL)
    desk.project.order("spec/2", Wish.RETRY)
    assert states(desk)["spec/2"] == "waiting"


def test_there_is_nothing_to_retry_where_nothing_went_wrong(desk: Desk) -> None:
    with pytest.raises(UsageError, match="nothing to retry"):
        desk.project.order("1", Wish.RETRY)


def test_the_target_branch_can_be_tried_again_by_its_name(desk: Desk) -> None:
    tip = desk.project.repository.tip("main")
    for number in range(2):
        desk.find(Act.BASELINE, tip + (f":{number}" if number else ""), Verdict.COULD_NOT_RUN, "no pytest")
    desk.project.order("main", Wish.RETRY)
    assert desk.project.store.decision(f"baseline:{tip}:2") is not None


def test_a_name_nobody_has_is_refused_with_a_hint(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no open task is called 9") as refused:
        desk.project.order("9", Wish.CANCEL)
    assert refused.value.hint
