"""Which attempts start now, and why the others do not: pure.

An attempt starts when everything its task comes after has landed, an agent is free, the target branch passes its own
gate, and people can keep up with what already waits for them.
"""

from dataclasses import dataclass

from podium.model.attempt import Attempt, Seed
from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.ids import Sha, TaskId, attempt_id
from podium.model.progress import Progress, State
from podium.model.review import Answer
from podium.model.task import Task


@dataclass(frozen=True, slots=True)
class Room:
    """How much may start. `hold` is the reason why nothing may, or empty; `full` why no more than `agents` may."""

    agents: int
    attempts: int
    hold: str = ""
    full: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`held` says for each task that is ready why it does not start."""

    attempts: tuple[Attempt, ...]
    decisions: tuple[Decision, ...]
    held: dict[TaskId, str]


def schedule(
    facts: Facts, progress: dict[TaskId, Progress], room: Room, *, agents: dict[TaskId, str], now: float
) -> Schedule:
    """Choose what starts. `agents` names the agent of each task that is ready; one without an agent is left alone.

    `room.attempts` bounds the tries at one task.
    """
    running = sum(1 for state in progress.values() if state.state is State.RUNNING)
    ready = [task for task in facts.tasks.values() if progress[task.id].state is State.READY]
    spent = {
        task.id for task in ready if len(facts.attempts_of.get(task.id, ())) >= _allowed(facts, task.id, room)
    }
    given_up = tuple(_give_up(facts, task, progress[task.id], now) for task in ready if task.id in spent)
    wanting = [task for task in ready if task.id not in spent and task.id in agents]
    free = 0 if room.hold else max(0, room.agents - running)
    starts = tuple(_attempt(facts, task, agents[task.id], room, now) for task in wanting[:free])
    why = room.hold or room.full or f"all {room.agents} agents are at work"
    held = {task.id: why for task in wanting[free:]}
    return Schedule(starts, tuple(_start(attempt) for attempt in starts) + given_up, held)


def _allowed(facts: Facts, task: TaskId, room: Room) -> int:
    return room.attempts * (1 + facts.retries.get(task, 0))


def _attempt(facts: Facts, task: Task, agent: str, room: Room, now: float) -> Attempt:
    tries = facts.attempts_of.get(task.id, ())
    number = len(tries) + 1
    seed = _seed(facts, tries[-1]) if tries else None
    because = (
        f"attempt {number} of {_allowed(facts, task.id, room)}: {seed.because}"
        if seed
        else "everything it comes after has landed"
    )
    return Attempt(
        attempt_id(task.id, number),
        task.id,
        number,
        agent,
        Sha(facts.tip),
        because,
        now,
        seed.seed if seed else None,
    )


@dataclass(frozen=True, slots=True)
class _Return:
    seed: Seed
    because: str


def _seed(facts: Facts, last: Attempt) -> _Return:
    """What the next attempt starts from: the work that was sent back, or nothing but the news of how the last one ended."""
    change = facts.change_of.get(last.id)
    sent_back = facts.decided(Act.SEND_BACK, change.id) if change else None
    if change and sent_back:
        data = sent_back.data
        seed = Seed(data.get("feedback", sent_back.because), change.head, data.get("evidence", ""))
        return _Return(seed, sent_back.because)
    review = facts.reviews.get(change.id) if change else None
    if review and review.answer is Answer.REJECT:
        return _Return(Seed(review.reason), f"{review.by} rejected attempt {last.number}: {review.reason}")
    end = facts.ends.get(last.id)
    because = (
        f"attempt {last.number} {end.end}: {end.because}" if end else f"attempt {last.number} came to nothing"
    )
    return _Return(Seed(because), because)


def _start(attempt: Attempt) -> Decision:
    return Decision(
        Act.ATTEMPT,
        attempt.id,
        attempt.because,
        attempt.at,
        attempt.task,
        data={"agent": attempt.agent, "base": attempt.base},
    )


def _give_up(facts: Facts, task: Task, last: Progress, now: float) -> Decision:
    tries = facts.attempts_of[task.id]
    because = f"{len(tries)} attempts used up; the last: {_seed(facts, tries[-1]).because or last.because}"
    return Decision(Act.GIVE_UP, task.id, because, now, task.id, facts.retries.get(task.id, 0))
