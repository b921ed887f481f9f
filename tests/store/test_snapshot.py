"""What a decision is made from: all about what is open, nothing about what is over."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf import empty, open_store
from universe import OTHER_TIP, SUBMITTED, TASKS, TIP, facts, scope_of, tasks

from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.decision import Act, Decision, Failure
from podium.model.evidence import CheckResult, Evidence
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha, TaskId, Tree, attempt_id
from podium.model.progress import progress_of_change, progress_of_tasks
from podium.model.queue import Candidate, Landing
from podium.model.review import Answer, Order, Review, Wish
from podium.model.spec import Spec
from podium.model.task import Kind, Task
from podium.model.verdict import Verdict
from podium.store.records import Fact
from podium.store.sketch import sketch
from podium.store.store import Store, Transaction


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "podium.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = open_store(path)
    yield store
    store.close()


def define(store: Store, *wanted: Task) -> None:
    with store.transaction() as transaction:
        transaction.define(Spec("s", "s.md", "d", "title", "why", (), wanted), at=1.0)


def everything_about(transaction: Transaction, task: TaskId, number: int) -> Change:
    """One attempt at a task with all that can follow from it; returns its change."""
    attempt = Attempt(attempt_id(task, number), task, number, "sed", TIP, "due", 1.0)
    change = Change(
        ChangeId(attempt.id), task, attempt.id, TIP, TIP, Tree("t"), (), 0, 0, "title", "Ada", 2.0
    )
    result = CheckResult("tests", "d", Tree("t"), Verdict.PASSED, "all passed")
    transaction.write(
        Evidence(f"gate:{change.id}", change.id, Tree("t"), TIP, "g", (result,), 3.0), scope=task
    )
    told: list[Fact] = [
        attempt,
        AttemptEnd(attempt.id, End.PRODUCED, "taken in", 2.0, 1.0),
        change,
        Decision(Act.GATE, change.id, "new", 2.0, task),
        Failure(Act.GATE, change.id, 0, "no disk", 2.0, task),
        Review(change.id, Answer.RETURN if number == 1 else Answer.APPROVE, "no", "ada", 4.0),
        Order(task, Wish.RETRY, "", "ada", float(number)),
    ]
    for fact in told:
        transaction.write(fact)
    return change


def test_a_landed_task_takes_everything_about_it_along(store: Store) -> None:
    define(store, Task(TASKS[0], "s", "one", Kind.FIX), Task(TASKS[1], "s", "two", Kind.FIX))
    with store.transaction() as transaction:
        everything_about(transaction, TASKS[0], 1)
        change = everything_about(transaction, TASKS[0], 2)
        landing = Landing(CandidateId("c"), Sha("new"), Tree("t"), TIP, (change.id,), 9.0)
        transaction.land(landing, [change], {})
    still_open = {TASKS[1]: Task(TASKS[1], "s", "two", Kind.FIX)}
    assert store.facts(TIP) == Facts(TIP, tasks=still_open, landed_tasks=frozenset({TASKS[0]}))


def test_a_landed_submission_takes_everything_about_it_along(store: Store) -> None:
    change = Change(SUBMITTED, None, None, TIP, TIP, Tree("t"), (), 0, 0, "title", "Ada", 2.0)
    with store.transaction() as transaction:
        told: list[Fact] = [
            change,
            Decision(Act.GATE, SUBMITTED, "new", 2.0, SUBMITTED),
            Order(SUBMITTED, Wish.RETRY, "", "ada", 1.0),
            Review(SUBMITTED, Answer.APPROVE, "", "ada", 4.0),
        ]
        for fact in told:
            transaction.write(fact)
        transaction.land(
            Landing(CandidateId("c"), Sha("new"), Tree("t"), TIP, (SUBMITTED,), 9.0), [change], {}
        )
    assert store.facts(TIP) == Facts(TIP)


def test_what_was_about_another_tip_is_left_out_but_for_a_landing_without_its_record(store: Store) -> None:
    weave, land = (Decision(act, "candidate-1", "due", 1.0, OTHER_TIP) for act in (Act.WEAVE, Act.LAND))
    with store.transaction() as transaction:
        told: list[Fact] = [
            weave, land, Decision(Act.BASELINE, OTHER_TIP, "new", 1.0, OTHER_TIP),
            Candidate(CandidateId("candidate-1"), OTHER_TIP, (), Sha("c"), Tree("t"), (), 1.0),
        ]  # fmt: skip
        for fact in told:
            transaction.write(fact)
    assert store.facts(TIP) == Facts(TIP, decisions={land.key: land})
    with store.transaction() as transaction:
        transaction.land(Landing(CandidateId("candidate-1"), Sha("c"), Tree("t"), OTHER_TIP, (), 2.0), [], {})
    assert store.facts(TIP) == Facts(TIP)
    assert land.key not in store.facts(OTHER_TIP).decisions, "even when the branch goes back to where it was"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    wanted=st.lists(tasks(), unique_by=lambda task: task.id), told=st.lists(facts, max_size=25),
    lands=st.sets(st.sampled_from([*TASKS, SUBMITTED])),
)  # fmt: skip
def test_a_sketch_shows_the_same_progress_as_the_whole(
    wanted: list[Task], told: list[Fact], lands: set[str], store: Store, path: Path
) -> None:
    empty(store)
    define(store, *wanted)
    with store.transaction() as transaction:
        for fact in told:
            transaction.write(fact, scope=scope_of(fact) if isinstance(fact, Evidence) else "")
        for name in sorted(lands):
            task = None if name == SUBMITTED else TaskId(name)
            change = Change(
                ChangeId(f"{name}@1" if task else name),
                task,
                None,
                TIP,
                TIP,
                Tree("t"),
                (),
                0,
                0,
                "",
                "",
                1.0,
            )
            transaction.land(
                Landing(CandidateId(name), Sha(name), Tree("t"), TIP, (change.id,), 1.0), [change], {}
            )
        transaction.note("trouble", "main is red")
    whole, drawn = store.facts(TIP, "dirty"), sketch(path, TIP, "dirty")
    assert drawn is not None
    assert drawn.trouble == "main is red"
    assert progress_of_tasks(drawn.facts) == progress_of_tasks(whole)
    assert list(drawn.facts.tasks) == list(whole.tasks)
    assert drawn.facts.landed_tasks == whole.landed_tasks
    assert {name: progress_of_change(drawn.facts, one) for name, one in drawn.facts.changes.items()} == {
        name: progress_of_change(whole, one) for name, one in whole.changes.items()
    }


@pytest.mark.usefixtures("store")
def test_a_sketch_of_an_empty_store_is_empty(path: Path) -> None:
    drawn = sketch(path, TIP, "")
    assert drawn is not None
    assert drawn.facts == Facts(TIP)
