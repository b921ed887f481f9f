"""What a task or a change is doing, derived from the facts, with the reason.

Legal moves: waiting → ready → running → gating → (review →) queued → landed. From gating, review and queued a change
goes back to ready (`sent back`), or its task ends `refused`; `alarm` waits for a person and blames nobody; `cancelled`
is a person's word. `retry` brings a refused, alarmed or cancelled task back.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter

from podium.model.attempt import Attempt, Change
from podium.model.decision import Act
from podium.model.facts import Facts
from podium.model.ids import ChangeId, TaskId
from podium.model.review import Answer, Wish
from podium.model.task import Task
from podium.model.verdict import Verdict


class State(StrEnum):
    WAITING = "waiting"
    """For a task it comes after."""
    READY = "ready"
    """For a free agent."""
    RUNNING = "running"
    GATING = "gating"
    REVIEW = "review"
    """For a person's judgment."""
    QUEUED = "queued"
    """In the merge queue."""
    LANDED = "landed"
    SENT_BACK = "sent-back"
    """Of a change only: its task goes on with another attempt."""
    REFUSED = "refused"
    BLOCKED = "blocked"
    """It comes after a task that will not land."""
    ALARM = "alarm"
    """No verdict could be had; a person must look."""
    CANCELLED = "cancelled"


OVER = frozenset({State.LANDED, State.REFUSED, State.BLOCKED, State.CANCELLED})
"""Nothing more happens by itself."""
_DEAD_ENDS = frozenset({State.REFUSED, State.CANCELLED, State.BLOCKED})
"""What comes after such a task is blocked."""
NEEDS_PERSON = frozenset({State.REVIEW, State.ALARM})
ACTIVE = frozenset({State.RUNNING, State.GATING, State.QUEUED})
"""Podium is at work on it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`since` is when it came into this state, in seconds since the epoch; 0 when that is not known."""

    state: State
    because: str
    since: float = 0.0
    attempt: int = 0


def progress_of_tasks(facts: Facts) -> dict[TaskId, Progress]:
    """The progress of every task that has not landed, dependencies taken into account."""
    found = {task.id: own for task in facts.tasks.values() if (own := _of_itself(facts, task))}
    not_begun = [task for task in facts.tasks.values() if task.id not in found]
    for task in _in_order(not_begun):
        found[task.id] = _before_start(facts, task, found)
    return {name: found.get(name) or _in_a_circle(facts, task) for name, task in facts.tasks.items()}


def progress_of_change(facts: Facts, change: Change) -> Progress:
    """What a change is doing, whoever made it."""
    landing = facts.landing_of.get(change.id)
    if landing:
        return Progress(State.LANDED, f"landed as {landing.commit[:10]}", landing.at)
    sent_back = facts.decided(Act.SEND_BACK, change.id)
    if sent_back:
        return Progress(State.SENT_BACK, sent_back.because, sent_back.at)
    review = facts.reviews.get(change.id)
    if review and review.answer is Answer.REJECT:
        return Progress(State.REFUSED, f"{review.by} rejected it: {review.reason}", review.at)
    return _off_the_road(facts, change) or _on_the_road(facts, change)


def _off_the_road(facts: Facts, change: Change) -> Progress | None:
    """What took a change off the road without a judgment of it."""
    tries = facts.attempts_of.get(change.task, ()) if change.task else ()
    if tries and tries[-1].id != change.attempt:
        return Progress(State.SENT_BACK, f"attempt {tries[-1].number} took its place", tries[-1].at)
    owner = change.task or change.id
    order = facts.latest_order.get(owner)
    if order and order.wish is Wish.CANCEL:
        return Progress(State.CANCELLED, _said(order.by, "cancelled it", order.reason), order.at)
    alarm = facts.alarmed(change.id, owner)
    return Progress(State.ALARM, alarm.because, alarm.at) if alarm else None


def _on_the_road(facts: Facts, change: Change) -> Progress:
    found = facts.finding(Act.GATE, change.id)
    if found is None or found.verdict is not Verdict.PASSED:
        why = "its gate runs" if found is None else f"its gate: {found.verdict}: {found.because}"
        return Progress(State.GATING, why, change.at)
    if facts.approved(change.id):
        return _in_the_queue(facts, change.id, found.at)
    ask = facts.decided(Act.ASK, change.id)
    if ask:
        return Progress(State.REVIEW, ask.because, ask.at)
    check = facts.decided(Act.CHECK, change.id)
    if check and change.id not in facts.judgments and not facts.failed(check):
        return Progress(State.GATING, f"{check.data.get('agent', 'another agent')} is checking it", check.at)
    return Progress(State.GATING, "its gate passed", found.at)


def _in_the_queue(facts: Facts, change: ChangeId, since: float) -> Progress:
    stuck = facts.stuck_in_queue.get(change)
    if stuck:
        return Progress(State.ALARM, stuck.because, stuck.at)
    landing = facts.landing_due.get(change)
    if landing:
        return Progress(State.QUEUED, f"it lands now: {landing.because}", landing.at)
    for candidate in facts.candidates.values():
        found = facts.finding(Act.WEAVE, candidate.id) if candidate.onto == facts.tip else None
        if change in candidate.members and found and found.verdict is Verdict.PASSED:
            return Progress(
                State.QUEUED, facts.checkout or "its candidate passed the gate and lands now", found.at
            )
    return Progress(State.QUEUED, "in the merge queue", since)


def _of_itself(facts: Facts, task: Task) -> Progress | None:
    """What a task is doing whatever it comes after; None when that decides."""
    if task.done:
        return Progress(State.LANDED, "its box was ticked in the spec")
    order = facts.latest_order.get(task.id)
    if order and order.wish is Wish.CANCEL:
        return Progress(State.CANCELLED, _said(order.by, "cancelled it", order.reason), order.at)
    attempts = facts.attempts_of.get(task.id, ())
    given_up = facts.decided(Act.GIVE_UP, task.id)
    if given_up and given_up.round == facts.retries.get(task.id, 0):
        return Progress(State.REFUSED, given_up.because, given_up.at, len(attempts))
    last = _of_attempt(facts, attempts[-1]) if attempts else None
    if last and last.state is not State.SENT_BACK and not _overruled(facts, task, last):
        return last
    return None


def _overruled(facts: Facts, task: Task, last: Progress) -> bool:
    """Whether a person asked for another try after this end."""
    order = facts.latest_order.get(task.id)
    return bool(order and order.wish is Wish.RETRY and order.at >= last.since and last.state is State.REFUSED)


def _of_attempt(facts: Facts, attempt: Attempt) -> Progress:
    change = facts.change_of.get(attempt.id)
    if change:
        state = progress_of_change(facts, change)
        return Progress(state.state, state.because, state.since, attempt.number)
    end = facts.ends.get(attempt.id)
    if end:
        return Progress(
            State.SENT_BACK, f"attempt {attempt.number} {end.end}: {end.because}", end.at, attempt.number
        )
    alarm = facts.alarmed(attempt.id, attempt.task)
    if alarm:
        return Progress(State.ALARM, alarm.because, alarm.at, attempt.number)
    return Progress(State.RUNNING, f"{attempt.agent} is at work", attempt.at, attempt.number)


def _in_order(tasks: Sequence[Task]) -> Iterator[Task]:
    """`tasks`, each after those of them it comes after; those that come after themselves are left out.

    A loop, not a recursion: a spec may chain thousands of tasks.
    """
    everybody = {task.id for task in tasks}
    free = [task for task in tasks if everybody.isdisjoint(task.after)]
    yield from free
    everybody.difference_update(task.id for task in free)
    named = {task.id: task for task in tasks if task.id in everybody}
    sorter = TopologicalSorter(
        {name: [one for one in task.after if one in named] for name, task in named.items()}
    )
    with suppress(CycleError):
        sorter.prepare()
    while ready := sorter.get_ready():
        yield from (named[name] for name in ready)
        sorter.done(*ready)


def _before_start(facts: Facts, task: Task, found: Mapping[TaskId, Progress]) -> Progress:
    tries = len(facts.attempts_of.get(task.id, ()))
    waits: list[str] = []
    for name in task.after:
        if name in facts.landed_tasks or name not in facts.tasks:
            continue
        state = found[name]
        if state.state in _DEAD_ENDS:
            because = f"it comes after {name}, which is {state.state}"
            return Progress(State.BLOCKED, because, state.since, tries)
        if state.state is not State.LANDED:
            waits.append(name)
    if waits:
        return Progress(State.WAITING, f"it comes after {', '.join(waits)}", 0.0, tries)
    alarm = facts.alarmed(task.id, task.id)
    if alarm:
        return Progress(State.ALARM, alarm.because, alarm.at, tries)
    why = "ready to start" if not tries else f"attempt {tries} was sent back; another is due"
    return Progress(State.READY, why, 0.0, tries)


def _in_a_circle(facts: Facts, task: Task) -> Progress:
    because = (
        f"it comes after {', '.join(task.after)}, and somewhere there tasks wait for each other in a circle"
    )
    return Progress(State.BLOCKED, because, 0.0, len(facts.attempts_of.get(task.id, ())))


def _said(by: str, what: str, reason: str) -> str:
    return f"{by} {what}: {reason}" if reason else f"{by} {what}"
