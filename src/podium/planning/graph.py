"""The task graph: what must wait for what, and what can run at the same time. Pure.

Edges to tasks that are not given (done ones, unknown ones) do not exist; saying which are unknown is for `lint`.
"""

import graphlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from podium.base.errors import SpecError
from podium.base.text import clean_line
from podium.model.ids import TaskId
from podium.model.task import Task
from podium.planning.scopes import Scopes, compare_scopes


@dataclass(frozen=True, slots=True)
class Graph:
    """The tasks that are not done yet, in an order in which they can be done.

    `levels` are the groups that can run in parallel, each after the one before; `order` is the levels in a row, and
    within a level the order of the spec. `critical_path` is a longest chain of tasks that must follow each other.
    """

    order: tuple[TaskId, ...]
    levels: tuple[tuple[TaskId, ...], ...]
    critical_path: tuple[TaskId, ...]
    scopes: Scopes
    """Which tasks may touch the same files while none of the two waits for the other."""


def build(tasks: Iterable[Task]) -> Graph:
    """The graph of those tasks that are not done.

    Takes O(tasks + edges), and what `compare_scopes` takes.

    Raises:
        SpecError: tasks wait for each other in a circle.
    """
    pending = [task for task in tasks if not task.done]
    circle = cycle(pending)
    if circle:
        raise SpecError(
            f"tasks wait for each other: {clean_line(' → '.join(circle))}", hint="remove one of their `after`"
        )
    after = _predecessors(pending)
    levels = _levels(after)
    order = tuple(name for level in levels for name in level)
    by_id = {task.id: task for task in pending}
    scopes = compare_scopes([by_id[name] for name in order], after)
    return Graph(order, levels, _longest_chain(order, after), scopes)


def cycle(tasks: Iterable[Task]) -> tuple[TaskId, ...] | None:
    """Tasks that wait for each other, each before the one that waits for it, the first again at the end; or None."""
    after = _predecessors(tasks)
    try:
        graphlib.TopologicalSorter(after).prepare()
    except graphlib.CycleError as error:
        return _from_first(error.args[1], list(after))
    return None


def _predecessors(tasks: Iterable[Task]) -> dict[TaskId, tuple[TaskId, ...]]:
    given = {task.id: task for task in tasks}
    return {task.id: tuple(name for name in task.after if name in given) for task in given.values()}


def _levels(after: Mapping[TaskId, Sequence[TaskId]]) -> tuple[tuple[TaskId, ...], ...]:
    place = {name: number for number, name in enumerate(after)}
    sorter = graphlib.TopologicalSorter(after)
    sorter.prepare()
    levels = []
    while sorter.is_active():
        level = sorter.get_ready()
        sorter.done(*level)
        levels.append(tuple(sorted(level, key=place.__getitem__)))
    return tuple(levels)


def _longest_chain(order: Sequence[TaskId], after: Mapping[TaskId, Sequence[TaskId]]) -> tuple[TaskId, ...]:
    length: dict[TaskId, int] = {}
    for name in order:
        length[name] = 1 + max((length[before] for before in after[name]), default=0)
    chain: list[TaskId] = []
    choices: Sequence[TaskId] = order
    while choices:
        chain.append(max(choices, key=length.__getitem__))
        choices = after[chain[-1]]
    return tuple(reversed(chain))


def _from_first(circle: Sequence[TaskId], order: Sequence[TaskId]) -> tuple[TaskId, ...]:
    """The same circle, begun at the task that its spec names first."""
    members = list(circle[:-1])
    place = {name: number for number, name in enumerate(order)}
    start = min(range(len(members)), key=lambda index: place[members[index]])
    return (*members[start:], *members[: start + 1])
