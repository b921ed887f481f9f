import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.decision import Act, Decision
from podium.model.evidence import Finding
from podium.model.facts import Facts
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId, Tree
from podium.model.progress import OVER, Progress, State, progress_of_change, progress_of_tasks
from podium.model.queue import Candidate, Landing
from podium.model.review import Answer, Order, Review, Wish
from podium.model.task import Kind, Task
from podium.model.verdict import Verdict

TIP, HEAD, TREE = Sha("a" * 40), Sha("b" * 40), Tree("c" * 40)
T1, T2, T3 = TaskId("s/1"), TaskId("s/2"), TaskId("s/3")
C1 = ChangeId("s/1@1")


def task(name: TaskId, *after: TaskId, done: bool = False) -> Task:
    return Task(name, "s", name, Kind.FIX, after=after, done=done)


def attempt(number: int, owner: TaskId = T1) -> Attempt:
    return Attempt(AttemptId(f"{owner}@{number}"), owner, number, "sed", TIP, "due", 10.0 * number)


def change(name: str, *, submitted: bool = False) -> Change:
    owner, made_by = (None, None) if submitted else (TaskId(name.rpartition("@")[0]), AttemptId(name))
    return Change(ChangeId(name), owner, made_by, TIP, HEAD, TREE, ("a.py",), 1, 1, "Sum", "Ada <a@b>", 12.0)


def decision(act: Act, subject: str, at: float = 20.0, round_: int = 0) -> Decision:
    return Decision(act, subject, f"{act} because", at, T1, round_)


def order(wish: Wish, at: float, subject: str = T1) -> Order:
    return Order(subject, wish, "so I say", "ada", at)


@dataclass
class Case:
    """One task with one attempt and its change; what else is known is given by name."""

    decisions: Sequence[Decision] = ()
    findings: Sequence[tuple[str, Verdict]] = ()
    others: Mapping[str, Any] | None = None

    def facts(self) -> Facts:
        known = {
            "tasks": {T1: task(T1)},
            "attempts": (attempt(1),),
            "ends": {AttemptId(C1): AttemptEnd(AttemptId(C1), End.PRODUCED, "1 file", 12.0, 1.0)},
            "changes": {C1: change(C1)},
            "decisions": {found.key: found for found in self.decisions},
            "findings": {key: Finding(verdict, "as it is", 15.0) for key, verdict in self.findings},
            **(self.others or {}),
        }
        return Facts(TIP, **known)


GATED = decision(Act.GATE, C1, 13.0)
PASSED = (f"gate:{C1}", Verdict.PASSED)
NOTHING_MADE: dict[str, Any] = {"changes": {}, "ends": {}}
ENDED = {AttemptId(C1): AttemptEnd(AttemptId(C1), End.NO_CHANGE, "the tree is as it was", 12.0, 1.0)}
CANDIDATE = Candidate(CandidateId("candidate-1"), TIP, (C1,), HEAD, TREE, (), 30.0)
WOVEN = decision(Act.WEAVE, CANDIDATE.id, 29.0)


def reviewed(answer: Answer) -> dict[str, Any]:
    return {"reviews": {C1: Review(C1, answer, "my reason", "ada", 40.0)}}


@pytest.mark.parametrize(
    ("case", "state", "because"),
    [
        (Case(others={"attempts": (), **NOTHING_MADE}), State.READY, "ready to start"),
        (Case(others=NOTHING_MADE), State.RUNNING, "sed is at work"),
        (Case(others={"changes": {}, "ends": ENDED}), State.READY, "attempt 1 was sent back; another is due"),
        (Case([decision(Act.ALARM, C1)], others=NOTHING_MADE), State.ALARM, "alarm because"),
        (Case(), State.GATING, "its gate runs"),
        (Case([GATED]), State.GATING, "its gate runs"),
        (Case([GATED], [PASSED]), State.GATING, "its gate passed"),
        (
            Case([GATED], [(GATED.key, Verdict.COULD_NOT_RUN)]),
            State.GATING,
            "its gate: could-not-run: as it is",
        ),
        (Case([GATED, decision(Act.ASK, C1)], [PASSED]), State.REVIEW, "ask because"),
        (Case([GATED, decision(Act.APPROVE, C1)], [PASSED]), State.QUEUED, "in the merge queue"),
        (
            Case([GATED, decision(Act.ASK, C1)], [PASSED], reviewed(Answer.APPROVE)),
            State.QUEUED,
            "in the merge queue",
        ),
        (
            Case([GATED, decision(Act.ASK, C1)], [PASSED], reviewed(Answer.REJECT)),
            State.REFUSED,
            "ada rejected it: my reason",
        ),
        (Case([GATED, decision(Act.ALARM, C1)]), State.ALARM, "alarm because"),
        (Case([GATED, decision(Act.SEND_BACK, C1)]), State.READY, "attempt 1 was sent back; another is due"),
        (Case([decision(Act.SEND_BACK, C1), decision(Act.GIVE_UP, T1)]), State.REFUSED, "give-up because"),
        (Case(others={"orders": (order(Wish.CANCEL, 50.0),)}), State.CANCELLED, "ada cancelled it: so I say"),
        (
            Case(others={"landings": (Landing(CANDIDATE.id, HEAD, TREE, TIP, (C1,), 60.0),)}),
            State.LANDED,
            f"landed as {HEAD[:10]}",
        ),
    ],
)
def test_what_a_task_is_doing_follows_from_the_facts(case: Case, state: State, because: str) -> None:
    found = progress_of_tasks(case.facts())[T1]
    assert (found.state, found.because) == (state, because)


def test_an_approval_before_the_gate_has_passed_lets_nothing_on() -> None:
    for verdict in set(Verdict) - {Verdict.PASSED}:
        case = Case([GATED, decision(Act.APPROVE, C1)], [(GATED.key, verdict)], reviewed(Answer.APPROVE))
        assert progress_of_tasks(case.facts())[T1].state is State.GATING


def test_a_candidate_that_passed_says_why_it_has_not_landed() -> None:
    known = {"candidates": {CANDIDATE.id: CANDIDATE}}
    case = Case([GATED, decision(Act.APPROVE, C1), WOVEN], [PASSED, (WOVEN.key, Verdict.PASSED)], known)
    assert progress_of_tasks(case.facts())[T1].because == "its candidate passed the gate and lands now"
    dirty = replace(case.facts(), checkout="the checkout is dirty")
    assert progress_of_tasks(dirty)[T1].because == "the checkout is dirty"


@pytest.mark.parametrize(
    "case",
    [
        Case([decision(Act.SEND_BACK, C1), decision(Act.GIVE_UP, T1)]),
        Case([GATED, decision(Act.ASK, C1)], [PASSED], reviewed(Answer.REJECT)),
        Case([decision(Act.SEND_BACK, C1)], others={"orders": (order(Wish.CANCEL, 50.0),)}),
    ],
)
def test_a_retry_brings_an_ended_task_back(case: Case) -> None:
    facts = case.facts()
    assert progress_of_tasks(facts)[T1].state in OVER
    again = replace(facts, orders=(*facts.orders, order(Wish.RETRY, 60.0)))
    assert progress_of_tasks(again)[T1].state is State.READY


def test_a_retry_takes_an_alarmed_change_up_where_it_stands() -> None:
    facts = Case([GATED, decision(Act.ALARM, C1)]).facts()
    assert progress_of_tasks(replace(facts, orders=(order(Wish.RETRY, 60.0),)))[T1].state is State.GATING


def test_an_older_retry_does_not_undo_a_later_rejection() -> None:
    case = Case(
        [GATED, decision(Act.ASK, C1)],
        [PASSED],
        {**reviewed(Answer.REJECT), "orders": (order(Wish.RETRY, 30.0),)},
    )
    assert progress_of_tasks(case.facts())[T1].state is State.REFUSED


def test_a_submitted_change_takes_the_same_road() -> None:
    mine = change("mine@1", submitted=True)
    facts = Facts(TIP, changes={mine.id: mine})
    assert progress_of_change(facts, mine).state is State.GATING
    cancelled = replace(facts, orders=(order(Wish.CANCEL, 50.0, mine.id),))
    assert progress_of_change(cancelled, mine).state is State.CANCELLED
    sent_back = decision(Act.SEND_BACK, mine.id)
    assert (
        progress_of_change(replace(facts, decisions={sent_back.key: sent_back}), mine).state
        is State.SENT_BACK
    )


def waiting_on(
    *tasks: Task, landed: frozenset[TaskId] = frozenset(), orders: tuple[Order, ...] = ()
) -> dict[TaskId, Progress]:
    return progress_of_tasks(
        Facts(TIP, tasks={each.id: each for each in tasks}, landed_tasks=landed, orders=orders)
    )


def test_a_task_waits_for_what_it_comes_after() -> None:
    found = waiting_on(task(T2, T1, T3), task(T1), task(T3))
    assert found[T2] == Progress(State.WAITING, "it comes after s/1, s/3")
    assert list(found) == [T2, T1, T3]


def test_a_task_whose_predecessors_landed_or_were_ticked_is_ready() -> None:
    found = waiting_on(task(T2, T1, T3), task(T3, done=True), landed=frozenset({T1}))
    assert (found[T2].state, found[T3].state) == (State.READY, State.LANDED)


def test_what_comes_after_a_dead_end_is_blocked_all_the_way() -> None:
    found = waiting_on(task(T3, T2), task(T2, T1), task(T1), orders=(order(Wish.CANCEL, 50.0),))
    assert [found[name].state for name in (T1, T2, T3)] == [State.CANCELLED, State.BLOCKED, State.BLOCKED]
    assert found[T3].because == "it comes after s/2, which is blocked"


def test_tasks_in_a_circle_are_blocked_and_so_is_what_comes_after_them() -> None:
    found = waiting_on(
        task(T1, T2), task(T2, T1), task(T3, T2), task(TaskId("s/4"), TaskId("s/4")), task(TaskId("s/5"))
    )
    assert [progress.state for progress in found.values()] == [State.BLOCKED] * 4 + [State.READY]
    assert "circle" in found[T1].because


def test_work_that_runs_within_a_circle_is_not_disowned() -> None:
    known = {T1: task(T1, T2), T2: task(T2, T1)}
    found = progress_of_tasks(Facts(TIP, tasks=known, attempts=(attempt(1),)))
    assert (found[T1].state, found[T2].state) == (State.RUNNING, State.WAITING)


def test_a_chain_of_ten_thousand_tasks_is_no_trouble() -> None:
    names = [TaskId(f"s/{number}") for number in range(10_000)]
    chain = {name: task(name, *names[number + 1 : number + 2]) for number, name in enumerate(names)}
    started = time.perf_counter()
    found = progress_of_tasks(Facts(TIP, tasks=chain))
    assert time.perf_counter() - started < 2.0
    assert found[names[-1]].state is State.READY
    assert {progress.state for name, progress in found.items() if name != names[-1]} == {State.WAITING}


NAMES = [TaskId(f"s/{number}") for number in range(6)]
after = st.lists(st.sampled_from([*NAMES, TaskId("s/unknown")]), max_size=3).map(tuple)
tasks = st.lists(st.tuples(st.sampled_from(NAMES), after, st.booleans()), max_size=6).map(
    lambda found: {name: task(name, *after, done=done) for name, after, done in found}
)
tries = st.sets(st.tuples(st.sampled_from(NAMES), st.integers(min_value=1, max_value=3)), max_size=8).map(
    lambda found: tuple(attempt(number, owner) for owner, number in sorted(found))
)
subjects = st.sampled_from([*NAMES, *(f"{name}@{number}" for name in NAMES for number in (1, 2, 3))])
decisions = st.lists(
    st.builds(decision, st.sampled_from(Act), subjects, st.just(20.0), st.integers(min_value=0, max_value=2)),
    max_size=12,
)
orders = st.lists(
    st.builds(order, st.sampled_from(Wish), st.floats(min_value=0, max_value=100), st.sampled_from(NAMES)),
    max_size=4,
)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Facts in any combination, also those that no run would ever establish."""
    made = draw(tries)
    taken = draw(decisions)
    with_change = {one.id for one in made if draw(st.booleans())}
    with_end = {one.id for one in made if draw(st.booleans())}
    reviews = (
        draw(st.dictionaries(st.sampled_from([ChangeId(one.id) for one in made]), st.sampled_from(Answer)))
        if made
        else {}
    )
    return Facts(
        TIP,
        checkout=draw(st.sampled_from(["", "dirty"])),
        tasks=draw(tasks),
        landed_tasks=frozenset(draw(st.sets(st.sampled_from(NAMES)))),
        attempts=made,
        ends={
            name: AttemptEnd(name, draw(st.sampled_from(End)), "so it ended", 12.0, 1.0) for name in with_end
        },
        changes={ChangeId(name): change(name) for name in with_change},
        findings={
            one.key: Finding(draw(st.sampled_from(Verdict)), "as it is", 15.0)
            for one in taken
            if draw(st.booleans())
        },
        decisions={one.key: one for one in taken},
        reviews={name: Review(name, answer, "my reason", "ada", 40.0) for name, answer in reviews.items()},
        orders=tuple(draw(orders)),
    )


@given(any_facts())
def test_whatever_the_facts_every_open_task_has_one_state_with_a_reason(facts: Facts) -> None:
    found = progress_of_tasks(facts)
    assert list(found) == list(facts.tasks)
    assert all(progress.because for progress in found.values())
    assert State.SENT_BACK not in {progress.state for progress in found.values()}


@given(any_facts(), st.randoms(use_true_random=False))
def test_the_order_in_which_tasks_are_listed_does_not_matter(facts: Facts, random: Any) -> None:
    names = list(facts.tasks)
    random.shuffle(names)
    shuffled = replace(facts, tasks={name: facts.tasks[name] for name in names})
    assert progress_of_tasks(shuffled) == progress_of_tasks(facts)


@given(any_facts())
def test_a_ready_task_has_everything_it_comes_after_behind_it(facts: Facts) -> None:
    found = progress_of_tasks(facts)
    for name in (name for name, progress in found.items() if progress.state is State.READY):
        open_ones = [
            other
            for other in facts.tasks[name].after
            if other in facts.tasks and other not in facts.landed_tasks
        ]
        assert all(found[other].state is State.LANDED for other in open_ones)


@given(any_facts())
def test_only_what_passed_its_gate_and_was_approved_is_queued(facts: Facts) -> None:
    for one in facts.changes.values():
        if progress_of_change(facts, one).state is State.QUEUED:
            gate = facts.finding(Act.GATE, one.id)
            assert gate is not None
            assert gate.verdict is Verdict.PASSED
            assert facts.approved(one.id)
