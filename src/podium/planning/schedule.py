"""Which attempts start now, and why the others do not: pure.

An attempt starts when everything its task comes after has landed, an agent is free, the budgets hold something, the target
branch passes its own gate, and people can keep up with what already waits for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from podium.config.settings import Settings
from podium.model.attempt import Attempt, Seed
from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.ids import Sha, TaskId, attempt_id
from podium.model.progress import Progress, State
from podium.model.task import Task
from podium.model.usage import Allowance
from podium.planning.budget import Funds, running
from podium.planning.congestion import crowded
from podium.planning.feedback import FollowUp, follow_up
from podium.policies.makers import Choice


@dataclass(frozen=True, slots=True)
class Room:
    """How much may start. `hold` is the reason why nothing may, or empty; `full` why no more than `agents` may."""

    agents: int
    attempts: int
    hold: str = ""
    full: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`held` says for each task that is ready why it does not start; `again_at` when it may by the passing of time."""

    attempts: tuple[Attempt, ...]
    decisions: tuple[Decision, ...]
    held: dict[TaskId, str]
    again_at: float | None = None


@dataclass(frozen=True, slots=True)
class _Due:
    """A task that is ready: how its last attempt ended, if there was one, and which number the next one has."""

    task: Task
    number: int
    allowed: int
    last: FollowUp | None

    @property
    def because(self) -> str:
        begun = "everything it comes after has landed"
        return f"attempt {self.number} of {self.allowed}: {self.last.because}" if self.last else begun


def schedule(
    facts: Facts,
    progress: dict[TaskId, Progress],
    room: Room,
    *,
    makers: Mapping[TaskId, Choice],
    settings: Settings,
    now: float,
) -> Schedule:
    """Choose what starts. `makers` has the agent of each task that is ready; one without an agent is left alone.

    `room.attempts` bounds the tries at one task.
    """
    ready = [task for task in facts.tasks.values() if progress[task.id].state is State.READY]
    due = [_due(facts, task, room) for task in ready]
    funds = Funds(facts, settings.budget, now, running(facts))
    over = {one.task.id: why for one in due if (why := _why_over(one, funds))}
    given_up = tuple(_give_up(facts, name, why, now) for name, why in over.items())
    at_work = sum(1 for state in progress.values() if state.state is State.RUNNING)
    jammed = crowded(facts, ready, settings)
    attempts: list[Attempt] = []
    held: dict[TaskId, str] = {}
    for one in due:
        if one.task.id in over or one.task.id not in makers:
            continue
        maker = makers[one.task.id]
        slots = room.agents - at_work - len(attempts)
        found = (
            _no_room(room, slots)
            or jammed.get(one.task.id)
            or funds.allowance(one.task, settings.agents[maker.agent], slots=slots)
        )
        if isinstance(found, str):
            held[one.task.id] = found
        else:
            attempts.append(_attempt(one, maker, found, base=facts.tip, now=now))
            funds = replace(funds, promised=(*funds.promised, attempts[-1]))
    decisions = (*(_start(attempt) for attempt in attempts), *given_up)
    return Schedule(tuple(attempts), decisions, held, funds.more_at if held else None)


def _no_room(room: Room, slots: int) -> str:
    """Why no agent is free; empty where one is."""
    if room.hold or slots > 0:
        return room.hold
    return room.full or f"all {room.agents} agents are at work"


def _due(facts: Facts, task: Task, room: Room) -> _Due:
    tries = facts.attempts_of.get(task.id, ())
    allowed = room.attempts * (1 + facts.retries.get(task.id, 0))
    return _Due(task, len(tries) + 1, allowed, follow_up(facts, tries) if tries else None)


def _why_over(due: _Due, funds: Funds) -> str:
    """Why there is no further attempt until a person asks for one; empty where there is."""
    if due.last is None:
        return ""
    if due.last.stop:
        return due.last.stop
    if due.number > due.allowed:
        return f"{due.number - 1} attempts used up; the last: {due.last.news}"
    spent = funds.why_task_stops(due.task)
    return f"{spent}; the last attempt: {due.last.news}" if spent else ""


def _attempt(due: _Due, maker: Choice, allowance: Allowance, *, base: str, now: float) -> Attempt:
    because = f"{due.because}; {maker.because}" if maker.because else due.because
    return Attempt(
        attempt_id(due.task.id, due.number), due.task.id, due.number, maker.agent, Sha(base), because, now,
        _seed(due, maker), allowance,
    )  # fmt: skip


def _seed(due: _Due, maker: Choice) -> Seed | None:
    """What it starts from; a session goes on only with the agent whose it is."""
    if due.last is None or (maker.converses and maker.agent == due.last.agent):
        return due.last.seed if due.last else None
    return replace(due.last.seed, session=None)


def _start(attempt: Attempt) -> Decision:
    data = {"agent": attempt.agent, "base": attempt.base}
    return Decision(Act.ATTEMPT, attempt.id, attempt.because, attempt.at, attempt.task, data=data)


def _give_up(facts: Facts, task: TaskId, because: str, now: float) -> Decision:
    return Decision(Act.GIVE_UP, task, because, now, task, facts.retries.get(task, 0))
