"""What a decision is made from: all about what is open, nothing about what is over."""

from collections.abc import Iterable, Iterator
from dataclasses import astuple
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf import empty, open_store
from universe import OTHER_TIP, SUBMITTED, TASKS, TIP, facts, scope_of, tasks, times

from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.decision import Act, Decision, Failure
from podium.model.evidence import CheckResult, Evidence
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha, TaskId, Tree, attempt_id
from podium.model.past import Past, Spell, spending, task_of
from podium.model.progress import progress_of_change, progress_of_tasks
from podium.model.queue import Candidate, Landing
from podium.model.review import Answer, Order, Review, Wish
from podium.model.spec import Spec
from podium.model.task import Kind, Task
from podium.model.usage import Spending, Usage
from podium.model.verdict import Verdict
from podium.store.records import Fact
from podium.store.sketch import sketch
from podium.store.store import Store, Transaction

NOON, DAY = 43_200.0, 24 * 3600.0


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
        AttemptEnd(attempt.id, End.PRODUCED, "taken in", 2.0, 60.0, usage=Usage(70, 30, 30, 0.5)),
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
    used = Spending(attempts=2, tokens=200, cost_usd=1.0, minutes=2.0)
    assert store.facts(TIP, now=NOON) == Facts(
        TIP, tasks=still_open, landed_tasks=frozenset({TASKS[0]}),
        past=(Past("s", "sed", Kind.FIX, 2, 1, used),), recent=(Spell(2.0, used),),
    )  # fmt: skip


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
    assert store.facts(TIP, now=NOON) == Facts(TIP)


def test_what_was_about_another_tip_is_left_out_but_for_a_landing_without_its_record(store: Store) -> None:
    weave, land = (Decision(act, "candidate-1", "due", 1.0, OTHER_TIP) for act in (Act.WEAVE, Act.LAND))
    built = Candidate(CandidateId("candidate-1"), OTHER_TIP, (), Sha("c"), Tree("t"), (), 1.0)
    with store.transaction() as transaction:
        told: list[Fact] = [weave, land, Decision(Act.BASELINE, OTHER_TIP, "new", 1.0, OTHER_TIP), built]
        for fact in told:
            transaction.write(fact)
    assert store.facts(TIP, now=NOON) == Facts(TIP, decisions={land.key: land}, candidates={built.id: built})
    with store.transaction() as transaction:
        transaction.land(Landing(CandidateId("candidate-1"), Sha("c"), Tree("t"), OTHER_TIP, (), 2.0), [], {})
    assert store.facts(TIP, now=NOON) == Facts(TIP)
    assert land.key not in store.facts(OTHER_TIP, now=NOON).decisions, (
        "even when the branch goes back to where it was"
    )


def end(task: TaskId, at: float, cost_usd: float | None, end: End = End.CRASHED) -> list[Fact]:
    """An attempt that ended; the first at its task."""
    attempt = Attempt(attempt_id(task, 1), task, 1, "sed", TIP, "due", 1.0)
    usage = Usage(input_tokens=7, cost_usd=cost_usd)
    return [attempt, AttemptEnd(attempt.id, end, "it was", at, 30.0, usage=usage)]


def spells(store: Store, *, now: float) -> list[tuple[float, int, float]]:
    recent = store.facts(TIP, now=now).recent
    return [(spell.at, spell.spent.attempts, spell.spent.cost_usd) for spell in recent]


def test_what_was_used_in_the_last_day_is_known_to_the_minute(store: Store) -> None:
    now = 1_000_020.0
    with store.transaction() as transaction:
        for number, at in enumerate((now - DAY - 1, now - 30.0, now - 29.0, now)):
            for fact in end(TaskId(f"s/{number}"), at, 0.25):
                transaction.write(fact)
    assert spells(store, now=now) == [(now - 29.0, 2, 0.5), (now, 1, 0.25)]
    assert spells(store, now=now + DAY - 1.0) == [(now, 1, 0.25)]


def test_an_end_from_a_clock_that_was_ahead_does_not_hide_those_after_it(store: Store) -> None:
    now, ahead = 1_000_020.0, 1_000_020.0 + 30 * DAY
    with store.transaction() as transaction:
        for number, at in enumerate((ahead, now)):
            for fact in end(TaskId(f"s/{number}"), at, 0.25):
                transaction.write(fact)
    assert spells(store, now=now + 60.0) == [(now, 1, 0.25), (ahead, 1, 0.25)]


def test_what_is_unknown_and_what_was_cancelled_is_told_apart_in_the_sums(store: Store) -> None:
    define(store, *(Task(task, "s", "one", Kind.DOCS) for task in TASKS))
    ends = (None, End.CRASHED), (None, End.CANCELLED), (0.5, End.CRASHED)
    with store.transaction() as transaction:
        for task, (cost_usd, how) in zip(TASKS, ends, strict=True):
            for fact in end(task, 9.0, cost_usd, how):
                transaction.write(fact)
            landed = Change(ChangeId(f"{task}@2"), task, None, TIP, TIP, Tree("t"), (), 0, 0, "", "", 1.0)
            transaction.land(Landing(CandidateId(task), Sha(task), Tree("t"), TIP, (landed.id,), 1.0), [landed], {})  # fmt: skip
    used = Spending(attempts=3, tokens=21, cost_usd=0.5, minutes=1.5, unknown=2)
    assert store.facts(TIP, now=NOON).past == (Past("s", "sed", Kind.DOCS, 2, 0, used),)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(told=st.lists(facts, max_size=25), lands=st.sets(st.sampled_from(TASKS)), now=times)
def test_the_sums_are_those_of_the_single_ends(
    told: list[Fact], lands: set[TaskId], now: float, store: Store
) -> None:
    empty(store)
    with store.transaction() as transaction:
        for fact in told:
            transaction.write(fact, scope=scope_of(fact) if isinstance(fact, Evidence) else "")
    with store.transaction() as transaction:
        for task in sorted(lands):
            landed = Change(ChangeId(f"{task}@1"), task, None, TIP, TIP, Tree("t"), (), 0, 0, "", "", 1.0)
            transaction.land(Landing(CandidateId(task), Sha(task), Tree("t"), TIP, (landed.id,), 1.0), [landed], {})  # fmt: skip
    known, ended = store.facts(TIP, now=now), store.attempt_ends()
    assert alike(known.spent_since(now - DAY), total(one for one in ended if one.at > now - DAY))
    assert alike(
        summed(past.spent for past in known.past),
        total(one for one in ended if task_of(one.attempt) in lands),
    )
    begun = {one.id for one in store.attempts()}
    assert alike(
        known.spent_by_spec.get("s", Spending()),
        total(one for one in ended if one.attempt in begun or task_of(one.attempt) in lands),
    )


def total(ends: Iterable[AttemptEnd]) -> Spending:
    return summed(spending(one) for one in ends)


def summed(spent: Iterable[Spending]) -> Spending:
    return sum(spent, start=Spending())


def alike(one: Spending, other: Spending) -> bool:
    return astuple(one) == pytest.approx(astuple(other))


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
    whole, drawn = store.facts(TIP, "dirty", now=NOON), sketch(path, TIP, "dirty")
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
