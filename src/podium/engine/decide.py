"""What happens next, from what is known: the one place where everything is decided, and it is pure.

The same facts and the same settings give the same decisions. Whoever calls writes them down and starts their work; what
that establishes are new facts, and this is asked again.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from podium.base.errors import ConfigError
from podium.config.settings import Settings
from podium.engine.reviewing import after_gate
from podium.landing import queue
from podium.landing.predictions.memory import Memory
from podium.landing.trust import is_composed
from podium.model.attempt import Attempt, Change
from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.ids import TaskId
from podium.model.progress import OVER, Progress, State, progress_of_change, progress_of_tasks
from podium.model.review import Answer, Wish
from podium.model.verdict import Verdict
from podium.planning import congestion
from podium.planning.feedback import doubts
from podium.planning.schedule import Room, schedule
from podium.policies.codeowners import NOBODY, Codeowners
from podium.policies.makers import Choice, choose
from podium.review.limits import hold, waiting_limit

_NO_VERDICT = frozenset({Verdict.COULD_NOT_RUN, Verdict.RAN_NOTHING})


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided: `attempts` are the facts behind the decisions to start one; `held` says why a ready task waits.

    `again_at` is when more may start though nothing new is known: a budget of the day holds something again.
    """

    decisions: tuple[Decision, ...]
    attempts: tuple[Attempt, ...]
    held: dict[TaskId, str]
    again_at: float | None = None


def decide(
    facts: Facts, settings: Settings, *, now: float, owners: Codeowners = NOBODY, memory: Memory | None = None
) -> Plan:
    """Everything that is to happen now. `memory` is what the merge queue learned from what it saw before."""
    progress = progress_of_tasks(facts)
    open_changes = [
        change for change in facts.changes.values() if progress_of_change(facts, change).state not in OVER
    ]
    about_changes = [
        decision
        for change in open_changes
        for decision in _about(facts, change, settings, now=now, owners=owners)
    ]
    about_queue = queue.plan(facts, settings, now=now, memory=memory)
    makers, nobody = _makers(facts, progress, settings)
    room = _room(facts, progress, settings)
    starts = schedule(facts, progress, room, makers=makers, settings=settings, now=now)
    asked = facts.tasks or facts.changes or is_composed(facts)
    about_target = list(_baseline(facts, settings, now)) if asked else []
    stuck = list(_stuck_attempts(facts, progress, settings, now))
    alarms = [_alarm(facts, task, reason, now) for task, reason in nobody.items()]
    decisions = (*about_target, *about_changes, *about_queue, *stuck, *starts.decisions, *alarms)
    new = tuple(decision for decision in decisions if decision.key not in facts.decisions)
    return Plan(new, starts.attempts, starts.held, starts.again_at)


def trouble_with_target(facts: Facts) -> str:
    """Why nothing starts from the target's tip: it fails its own gate, or that gate comes to no verdict."""
    found = facts.finding(Act.BASELINE, facts.tip)
    if found is None or found.verdict is Verdict.PASSED:
        alarm = facts.alarmed(facts.tip, facts.tip)
        return alarm.because if alarm else ""
    return f"the target branch itself does not pass its gate: {found.because}"


def _about(
    facts: Facts, change: Change, settings: Settings, *, now: float, owners: Codeowners
) -> Iterator[Decision]:
    """The next step of one change that is still on the road."""
    owner = change.task or change.id
    review = facts.reviews.get(change.id)
    if facts.decided(Act.SEND_BACK, change.id):
        return
    if review and review.answer is Answer.RETURN:
        because = f"{review.by} returned it: {review.reason}"
        yield _send_back(change, because, {"feedback": review.reason}, now)
        return
    found = facts.finding(Act.GATE, change.id)
    if found is None or found.verdict in _NO_VERDICT:
        yield from _work(facts, Act.GATE, change.id, owner=owner, tries=settings.gate.tries, now=now)
    elif found.verdict is Verdict.FAILED:
        key = facts.decided(Act.GATE, change.id)
        data = {"feedback": found.because, "evidence": key.key if key else ""}
        yield _send_back(change, f"the gate failed: {found.because}", data, now)
    elif not facts.decided(Act.ASK, change.id) and not facts.approved(change.id):
        yield from after_gate(facts, change, settings, now=now, owners=owners)


def _work(facts: Facts, act: Act, subject: str, *, owner: str, tries: int, now: float) -> Iterator[Decision]:
    """Start the work, start it again after a round without a verdict, and call a person after too many."""
    last = facts.decided(act, subject)
    if last is None:
        yield Decision(act, subject, "nothing is known of this tree yet", now, owner)
        return
    found, failure = facts.finding(act, subject), facts.failed(last)
    if not found and not failure:
        return
    reason = found.because if found else failure.because if failure else ""
    retries = facts.retries.get(owner, 0)
    if last.round + 1 < tries * (1 + retries):
        yield Decision(act, subject, f"again, after no verdict: {reason}", now, owner, last.round + 1)
    else:
        because = f"no verdict after {last.round + 1} tries: {reason}"
        yield Decision(Act.ALARM, subject, because, now, owner, retries)


def _baseline(facts: Facts, settings: Settings, now: float) -> Iterator[Decision]:
    found = facts.finding(Act.BASELINE, facts.tip)
    last = facts.decided(Act.BASELINE, facts.tip)
    if last is None and facts.tip_lands:
        return  # that it landed, and why it could, is about to be on record
    if last is None and is_composed(facts):
        because = "it landed on evidence that was put together: its full gate, where a slot is free"
        yield Decision(Act.BASELINE, facts.tip, because, now, facts.tip, 0, {"spare": True})
    elif found is None or found.verdict in _NO_VERDICT:
        yield from _work(facts, Act.BASELINE, facts.tip, owner=facts.tip, tries=settings.gate.tries, now=now)
    elif found.verdict is Verdict.FAILED and last and found.at < _asked_again(facts):
        yield Decision(Act.BASELINE, facts.tip, "a person asked again", now, facts.tip, last.round + 1)


def _asked_again(facts: Facts) -> float:
    order = facts.latest_order.get(facts.tip)
    return order.at if order and order.wish is Wish.RETRY else 0.0


def _stuck_attempts(
    facts: Facts, progress: dict[TaskId, Progress], settings: Settings, now: float
) -> Iterator[Decision]:
    """Attempts whose work failed on our side: again, and after a few times a person is called."""
    for task, state in progress.items():
        if state.state is State.RUNNING:
            last = facts.attempts_of[task][-1]
            yield from _work(facts, Act.ATTEMPT, last.id, owner=task, tries=settings.gate.tries, now=now)


def _room(facts: Facts, progress: dict[TaskId, Progress], settings: Settings) -> Room:
    states = Counter(state.state for state in progress.values())
    limits, waiting = settings.limits, states[State.REVIEW]
    known = facts.finding(Act.BASELINE, facts.tip) or is_composed(facts)
    checking = "" if known else "the target branch is being gated first"
    reason = (
        trouble_with_target(facts) or checking or hold(waiting, limits) or congestion.full(progress, settings)
    )
    reviewable = waiting_limit(limits) - waiting - states[State.GATING]
    if (
        settings.policy.review == "always" and reviewable < limits.agents
    ):  # all that is under way will wait for people
        full = f"with what is under way, people have as much to review as they can: {waiting_limit(limits)}"
        return Room(max(0, reviewable), limits.attempts, reason, full)
    return Room(limits.agents, limits.attempts, reason)


def _makers(
    facts: Facts, progress: dict[TaskId, Progress], settings: Settings
) -> tuple[dict[TaskId, Choice], dict[TaskId, str]]:
    """Who makes each task that is ready, and why the others have nobody."""
    makers: dict[TaskId, Choice] = {}
    nobody: dict[TaskId, str] = {}
    for task in facts.tasks.values():
        if progress[task.id].state is State.READY:
            tries = facts.attempts_of.get(task.id, ())
            last = tries[-1].agent if tries else ""
            try:
                makers[task.id] = choose(
                    task, settings, facts.track, last=last, doubts=doubts(facts, task.id)
                )
            except ConfigError as error:
                nobody[task.id] = str(error)
    return makers, nobody


def _alarm(facts: Facts, task: TaskId, reason: str, now: float) -> Decision:
    return Decision(Act.ALARM, task, f"nobody can make it: {reason}", now, task, facts.retries.get(task, 0))


def _send_back(change: Change, because: str, data: dict[str, Any], now: float) -> Decision:
    return Decision(Act.SEND_BACK, change.id, because, now, change.task or change.id, 0, data)
