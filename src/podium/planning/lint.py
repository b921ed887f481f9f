"""What is wrong between the tasks of a spec. What is wrong within one of them was said when it was read. Pure.

A task that is done is left in peace.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from podium.base.text import clean_line, count
from podium.formats.suggestion import did_you_mean, quoted, suggest
from podium.model.ids import TaskId
from podium.model.spec import Fault, Spec
from podium.model.task import Kind, Task
from podium.planning.graph import build, cycle
from podium.planning.scopes import MAXIMUM_OVERLAPS, Overlap

_PROVEN_BY_THE_GATE = frozenset({Kind.DOCS, Kind.CHORE, Kind.REFACTOR})
"""Kinds that ask for nothing new, so the gate alone can tell whether they are right."""
_MAXIMUM_CYCLES = 20
_MAXIMUM_NEAR_MATCHES = 20
"""Looking for a near match among thousands of ids takes milliseconds; only the first few faults offer one."""


def lint(spec: Spec, known_agents: Collection[str] | None = None) -> tuple[Fault, ...]:
    """The faults of a spec's tasks, in the order of the file. Without `known_agents`, agents are not looked at."""
    pending = [task for task in spec.tasks if not task.done]
    circles = list(_cycles(pending))
    faults = [
        *_unknown_tasks(pending, [task.local_id for task in spec.tasks]),
        *(_waits_for_itself(task) for task in pending if task.id in task.after),
        *(_circle(circle, pending) for circle in circles),
        *(_unaccepted(task) for task in pending if not task.accept and task.kind not in _PROVEN_BY_THE_GATE),
        *(_unknown_agents(pending, known_agents) if known_agents is not None else ()),
        *(() if circles else _unordered(pending)),
    ]
    return tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))


def _unknown_tasks(tasks: Sequence[Task], known: Sequence[str]) -> Iterator[Fault]:
    ids = frozenset(known)
    unknown = ((task, name) for task in tasks for name in map(_local, task.after) if name not in ids)
    for number, (task, name) in enumerate(unknown):
        near = did_you_mean(name, known) if number < _MAXIMUM_NEAR_MATCHES else ""
        message = f"task {task.local_id} comes after {quoted(name)}, which this spec does not define"
        yield Fault(task.line, 1, message, near or "define that task, or take it out of `after`")


def _waits_for_itself(task: Task) -> Fault:
    return Fault(
        task.line, 1, f"task {task.local_id} comes after itself", f"take {task.local_id} out of its `after`"
    )


def _cycles(tasks: Sequence[Task]) -> Iterator[tuple[TaskId, ...]]:
    """Circles of two tasks and more that share no task, at most 20."""
    left = [replace(task, after=tuple(name for name in task.after if name != task.id)) for task in tasks]
    for _ in range(_MAXIMUM_CYCLES):
        circle = cycle(left)
        if not circle:
            return
        yield circle
        members = set(circle)
        left = [task for task in left if task.id not in members]


def _circle(circle: Sequence[TaskId], tasks: Sequence[Task]) -> Fault:
    first = next(task for task in tasks if task.id == circle[0])
    names = clean_line(" → ".join(map(_local, circle)), limit=2000)
    return Fault(first.line, 1, f"tasks wait for each other: {names}", "take one of them out of an `after`")


def _unaccepted(task: Task) -> Fault:
    message = f"task {task.local_id} has no acceptance: only the gate will tell whether it is done"
    return Fault(task.line, 1, message, "write ``- accept: `command` → expected output``", is_error=False)


def _unknown_agents(tasks: Sequence[Task], known: Collection[str]) -> Iterator[Fault]:
    for task in tasks:
        if task.agent and task.agent not in known:
            message = f"task {task.local_id} names the agent {quoted(task.agent)}, which podium.toml does not define"
            suggestion = suggest(task.agent, sorted(known)) or f"write [agents.{task.agent}] in podium.toml"
            yield Fault(task.line, 1, message, suggestion)


def _unordered(tasks: Sequence[Task]) -> Iterator[Fault]:
    # A task that waits for itself was named above; it must not hide the overlaps.
    scopes = build(
        replace(task, after=tuple(name for name in task.after if name != task.id)) for task in tasks
    ).scopes
    by_id = {task.id: task for task in tasks}
    for overlap in scopes.overlaps:
        yield _overlapping(overlap, *sorted((by_id[overlap.first], by_id[overlap.second]), key=_line))
    if scopes.is_cut:
        message = (
            f"more than {MAXIMUM_OVERLAPS} pairs of tasks can touch the same files; only these are named"
        )
        yield Fault(tasks[-1].line, 1, message, "give tasks narrower `paths`", is_error=False)
    for name, beside in scopes.anywhere.items():
        if beside:
            yield _scopeless(by_id[name], beside)


def _overlapping(overlap: Overlap, earlier: Task, later: Task) -> Fault:
    globs = " and ".join(dict.fromkeys(quoted(glob) for glob in overlap.globs))
    both = (
        f"tasks {earlier.local_id} and {later.local_id} can touch the same files ({globs}) at the same time"
    )
    after = ", ".join([*map(_local, later.after), earlier.local_id])
    return Fault(
        later.line, 1, both, f"write `after: {clean_line(after)}` in task {later.local_id}", is_error=False
    )


def _scopeless(task: Task, beside: int) -> Fault:
    message = (
        f"task {task.local_id} has no paths: it may touch what {count(beside, 'other task')} beside it touch"
    )
    return Fault(
        task.line, 1, message, "write `- paths: src/part/**`, or order it with `after`", is_error=False
    )


def _local(name: TaskId) -> str:
    return name.rpartition("/")[2]


def _line(task: Task) -> int:
    return task.line
