"""Back-pressure: agents are not started beyond what the gate can land, nor into files where many changes are on their way. Pure.

Conflicts grow with what is under way at the same time. Below a third of changes that fail in the queue, gating them together
pays; above it only starting fewer does (Ungar's bound: .38).
"""

from collections.abc import Mapping, Sequence

from podium.config.settings import Settings
from podium.model.attempt import Change
from podium.model.facts import Facts
from podium.model.ids import TaskId
from podium.model.progress import Progress, State, progress_of_change
from podium.model.task import Task
from podium.policies.globs import Glob, parse

_ON_ITS_WAY = frozenset({State.GATING, State.REVIEW, State.QUEUED})
ROUNDS = 2
"""How many rounds of full gate runs may wait in the queue by default."""


def full(progress: Mapping[TaskId, Progress], settings: Settings) -> str:
    """Why no more agents start, as the queue holds what the gate can land for now; empty where it does not."""
    waiting = sum(1 for one in progress.values() if one.state is State.QUEUED)
    most = settings.queue.in_flight or ROUNDS * settings.gate.slots * settings.queue.batch
    return f"{waiting} changes wait in the merge queue, as many as may: {most}" if waiting >= most else ""


def crowded(facts: Facts, ready: Sequence[Task], settings: Settings) -> dict[TaskId, str]:
    """The ready tasks whose own paths are touched by as many changes on their way as may be, with the reason."""
    if not any(task.paths for task in ready):
        return {}
    under_way = [
        change for change in facts.changes.values() if progress_of_change(facts, change).state in _ON_ITS_WAY
    ]
    most = settings.queue.crowd
    if len(under_way) < most:
        return {}
    return {task.id: why for task in ready if (why := _why(task, under_way, most))}


def _why(task: Task, under_way: Sequence[Change], most: int) -> str:
    globs = [parse(glob) for glob in task.paths]
    there = sum(1 for change in under_way if change.task != task.id and _touches(globs, change))
    return (
        f"{there} changes on their way touch what it may touch; more would only conflict"
        if there >= most
        else ""
    )


def _touches(globs: Sequence[Glob], change: Change) -> bool:
    return any(glob.matches(path) for glob in globs for path in change.files)
