"""`podium status`: derived from the facts at each look, never stored."""

import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from podium.git.repository import Repository
from podium.landing.land import checkout_holds
from podium.model.facts import Facts
from podium.model.ids import TaskId
from podium.model.progress import Progress, State, progress_of_change, progress_of_tasks
from podium.project.location import database
from podium.project.views.overview import Overview, TaskView
from podium.store.sketch import Sketch, sketch


def overview(repository: Repository, branch: str) -> Overview:
    """What every task is doing right now, and why."""
    tip, checkout = repository.tip(branch), checkout_holds(repository, branch)
    with _without_collector():
        known = sketch(database(repository), tip, checkout)
        return _overview(branch, known) if known else Overview(branch, tip, {}, (), (), 0, "", checkout)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Tens of thousands of small values are born here and none dies: the collector would only walk them, over and over."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _overview(branch: str, known: Sketch) -> Overview:
    facts = known.facts
    tasks = [
        _task_view(facts, name, progress, known.held) for name, progress in progress_of_tasks(facts).items()
    ]
    changes = tuple(
        _change_view(change.id, change.title, progress_of_change(facts, change))
        for change in facts.changes.values()
        if change.task is None
    )
    counts = Counter(view.state for view in (*tasks, *changes))
    landed = len(facts.landed_tasks) + counts.pop(State.LANDED, 0)
    return Overview(
        branch, facts.tip, dict(counts), tuple(view for view in tasks if view.state != State.LANDED), changes, landed,
        known.trouble, facts.checkout,
    )  # fmt: skip


def _task_view(facts: Facts, name: TaskId, progress: Progress, held: Mapping[str, str]) -> TaskView:
    task, tries = facts.tasks[name], facts.attempts_of.get(name, ())
    why_not = held.get(name) if progress.state is State.READY else None
    because = f"{progress.because}; {why_not}" if why_not else progress.because
    agent = tries[-1].agent if tries else ""
    return TaskView(
        name, task.title, progress.state, because, task.spec, progress.since, progress.attempt, agent
    )


def _change_view(name: str, title: str, progress: Progress) -> TaskView:
    return TaskView(name, title, progress.state, progress.because, "", progress.since)
