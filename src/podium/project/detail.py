"""`podium show`: everything that is known of one task or change, reasons included."""

import json

from podium.base.errors import UsageError
from podium.engine.site import Site
from podium.gate.checks.acceptance import shown
from podium.model.attempt import Attempt, Change
from podium.model.decision import Act, Decision
from podium.model.evidence import Evidence
from podium.model.facts import Facts
from podium.model.ids import TaskId
from podium.model.progress import Progress, State, progress_of_change, progress_of_tasks
from podium.model.task import Acceptance, Task
from podium.project import gating, judging
from podium.project.names import resolve
from podium.project.views.detail import AttemptView, ChangeView, DecisionView, Detail


def detail(site: Site, name: str) -> Detail:
    """One task, by its id or that of an attempt at it; or one submitted change."""
    submitted = [change.id for change in site.store.changes() if change.task is None]
    found = resolve(name.partition("@")[0], [*site.store.task_ids(), *submitted], what="task or change")
    facts = site.facts()
    task = site.store.task(TaskId(found))
    return _of_task(site, facts, task) if task else _of_change(site, facts, found)


def _of_task(site: Site, facts: Facts, task: Task) -> Detail:
    progress = progress_of_tasks(facts).get(task.id) or _landed(site, task)
    attempts = site.store.attempts(task.id)
    changes = site.store.changes(task.id)
    subjects = [task.id, *(attempt.id for attempt in attempts)]
    return Detail(
        task.id, task.title, progress.state, progress.because, task.kind, task.paths, task.after, task.agent,
        tuple(_acceptance(accept) for accept in task.accept), task.notes, site.store.spec_paths().get(task.spec, ""),
        tuple(_attempt(site, attempt) for attempt in attempts), tuple(_change(site, facts, change) for change in changes),
        _decisions(site, subjects),
    )  # fmt: skip


def _of_change(site: Site, facts: Facts, name: str) -> Detail:
    change = site.store.change(name)
    if change is None:
        raise UsageError(f"no change is called {name}")
    view = _change(site, facts, change)
    return Detail(
        name,
        change.title,
        view.state,
        view.because,
        "",
        (),
        (),
        "",
        (),
        "",
        "",
        (),
        (view,),
        _decisions(site, [name]),
    )


def _landed(site: Site, task: Task) -> Progress:
    for change in site.store.changes(task.id):
        found = site.store.landing_of(change.id)
        if found:
            return Progress(State.LANDED, f"landed as {found[0].commit[:10]}", found[0].at)
    return Progress(State.LANDED, "its box was ticked in the spec")


def _acceptance(accept: Acceptance) -> str:
    return shown(accept) if accept.expected is None else f"{shown(accept)} → {accept.expected}"


def _attempt(site: Site, attempt: Attempt) -> AttemptView:
    end = site.store.attempt_end(attempt.id)
    if end is None:
        return AttemptView(
            attempt.id, attempt.number, attempt.agent, attempt.because, attempt.at, attempt.base
        )
    return AttemptView(
        attempt.id, attempt.number, attempt.agent, attempt.because, attempt.at, attempt.base, end.end, end.because, end.duration_s,
        end.exit_code, end.sandbox, end.head or "", end.output, end.cost_usd, end.brief,
    )  # fmt: skip


def _change(site: Site, facts: Facts, change: Change) -> ChangeView:
    landing = site.store.landing_of(change.id)
    state = (
        Progress(State.LANDED, f"landed as {landing[0].commit[:10]}")
        if landing
        else _sent_back(site, change) or progress_of_change(facts, change)
    )
    risk = _risk(site, change)
    evidence = [*site.store.evidence_on(change.id), *_of_its_merge(site, change)]
    return ChangeView(
        change.id, change.base, change.head, change.files, change.added, change.deleted, state.state, state.because,
        risk.data.get("risk") if risk else None, tuple(risk.data.get("reasons", ())) if risk else (),
        site.repository.objects.diff(change.base, change.head),
        tuple(gating.view(found) for found in evidence),
        landing[0].commit if landing else "", json.loads(landing[1]) if landing else {},
        judging.view(site.store.judgment(change.id)),
    )  # fmt: skip


def _sent_back(site: Site, change: Change) -> Progress | None:
    """Asked of the store: of a task that has landed by a later attempt, the facts know nothing any more."""
    decisions = site.store.decisions_on([change.id])
    found = next((decision for decision in decisions if decision.act is Act.SEND_BACK), None)
    return Progress(State.SENT_BACK, found.because, found.at) if found else None


def _of_its_merge(site: Site, change: Change) -> list[Evidence]:
    """What the gate found where it was merged with others and sent back for that."""
    sent_back = [
        decision for decision in site.store.decisions_on([change.id]) if decision.act is Act.SEND_BACK
    ]
    keys = [decision.data.get("evidence", "") for decision in sent_back]
    return [found for key in keys if key.startswith(Act.WEAVE) and (found := site.store.evidence(key))]


def _risk(site: Site, change: Change) -> Decision | None:
    return next(
        (found for found in site.store.decisions_on([change.id]) if found.act in {Act.ASK, Act.APPROVE}), None
    )


def _decisions(site: Site, subjects: list[str]) -> tuple[DecisionView, ...]:
    return tuple(
        DecisionView(found.act, found.subject, found.because, found.at)
        for found in site.store.decisions_on(subjects)
    )
