"""`podium status`: derived from the facts at each look, never stored."""

import json
from collections import Counter
from dataclasses import replace

from podium.git.repository import Repository
from podium.landing.land import checkout_holds
from podium.model.facts import Facts
from podium.model.ids import TaskId
from podium.model.progress import Progress, State, progress_of_change, progress_of_tasks
from podium.project.views import Overview, TaskView
from podium.store.database import schema_version
from podium.store.store import Store


def overview(repository: Repository, store: Store, branch: str) -> Overview:
    """What every task is doing right now, and why."""
    tip, checkout = repository.tip(branch), checkout_holds(repository, branch)
    if schema_version(store.engine) is None:
        return Overview(branch, tip, {}, (), (), 0, "", checkout)
    facts = store.facts(tip, checkout)
    tasks = tuple(_task_views(facts, json.loads(store.note("held") or "{}")))
    changes = tuple(
        _change_view(change.id, change.title, progress_of_change(facts, change))
        for change in facts.changes.values()
        if change.task is None
    )
    counts = Counter(view.state for view in (*tasks, *changes))
    ticked = counts.pop(State.LANDED, 0)
    landed = len(facts.landed_tasks) + ticked
    return Overview(branch, tip, dict(counts), tuple(view for view in tasks if view.state != State.LANDED), changes, landed,
                    store.note("trouble"), checkout)  # fmt: skip


def _task_views(facts: Facts, held: dict[TaskId, str]) -> list[TaskView]:
    views = []
    for task, progress in progress_of_tasks(facts).items():
        tries = facts.attempts_of.get(task, ())
        view = TaskView(task, facts.tasks[task].title, progress.state, progress.because, facts.tasks[task].spec, progress.since,
                        progress.attempt, tries[-1].agent if tries else facts.tasks[task].agent)  # fmt: skip
        reason = held.get(task)
        views.append(
            replace(view, because=f"{view.because}; {reason}")
            if reason and view.state == State.READY
            else view
        )
    return views


def _change_view(name: str, title: str, progress: Progress) -> TaskView:
    return TaskView(name, title, progress.state, progress.because, "", progress.since)
