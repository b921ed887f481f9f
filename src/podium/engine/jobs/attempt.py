"""One attempt: workspace and brief, the agent at work, its work taken in, the end established."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from podium.agents.base import Brief, Report
from podium.agents.brief import joined
from podium.agents.pricing import priced
from podium.agents.registry import make
from podium.agents.starting import brief_file
from podium.base.digest import digest_bytes
from podium.base.errors import PodiumError, Unavailable
from podium.base.text import clean_line
from podium.config.settings import Settings
from podium.engine import sessions
from podium.engine.briefing import brief_parts, feedback_text, gate_commands, seeded
from podium.engine.jobs.base import Record
from podium.engine.jobs.change import Work, measured
from podium.engine.site import Site
from podium.engine.trouble import refuse_trouble
from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.decision import Decision
from podium.model.ids import ChangeId, Sha
from podium.model.task import Task
from podium.store.store import Transaction
from podium.workspaces.collecting import Collected
from podium.workspaces.mirror import sync
from podium.workspaces.sandboxes.registry import choose
from podium.workspaces.workspace import Extras, Workspace, prepare

_LOOK_AGAIN_S = 0.5
_STOPPED_BY_US = {
    "over-budget": (End.OVER_BUDGET, "it used up what it was allowed in {:.0f} s"),
    "timeout": (End.TIMED_OUT, "the agent was still at work after {:.0f} s"),
}
"""By the reason of its report."""


def run_attempt(site: Site, decision: Decision, _publish: Callable[[Record], None]) -> Record:
    """Make one attempt at a task, or take up the one that an earlier Podium began."""
    attempt = site.store.attempt(decision.subject)
    task = site.store.task(attempt.task) if attempt else None
    if attempt is None or task is None:
        raise PodiumError(f"nothing is known of attempt {decision.subject}")
    if site.store.attempt_end(attempt.id):
        return _nothing
    settings = site.settings()
    if attempt.agent not in settings.agents:
        return _recording(_without_agent(site, attempt), None)
    agent = make(
        attempt.agent,
        settings.agents[attempt.agent],
        read_script=lambda path: site.repository.objects.read(site.tip(), path),
    )
    workspace, brief = _begin(site, task, attempt)
    report = agent.work(workspace, brief, should_stop=_patience(site, attempt))
    if site.stopping.is_set():
        return _leave(workspace, report)
    try:
        refuse_trouble(report, asked_to_stop=_cancelled(site, attempt))
    except Unavailable:
        workspace.remove()
        raise
    collected = _collect(workspace, limit_kb=settings.limits.change_kb)
    if collected.head:
        site.repository.keep(f"refs/podium/attempts/{attempt.task}/{attempt.number}", collected.head)
    ended = _end(site, attempt, report, collected, brief=brief, workspace=workspace)
    head = collected.head if ended.end is End.PRODUCED else None
    change = _change(site, task, attempt, agent.assisted_by, head, base=workspace.base) if head else None
    return _recording(ended, change)


def _collect(workspace: Workspace, *, limit_kb: int) -> Collected:
    """The work as it stands. What a lingering agent left running may write meanwhile: then once more, without it."""
    collected = workspace.collect(limit_kb=limit_kb)
    if collected and collected.refused and workspace.alive:
        workspace.halt()
        collected = workspace.collect(limit_kb=limit_kb)
    return collected or Collected(None, None)


def _begin(site: Site, task: Task, attempt: Attempt) -> tuple[Workspace, Brief]:
    """Where the agent works and what it is told: in the session it had, where that lives; else afresh."""
    settings = site.settings()
    earlier = sessions.living(site, attempt)
    seed, conflicts = (None, ()) if earlier else seeded(site, attempt)
    workspace = prepare(
        site.repository, choose(settings.sandbox.kind), attempt=(earlier or attempt).id, base=(earlier or attempt).base, seed=seed,
        mirror=sync(site.repository, site.branch), extras=Extras(read=_as_they_are(settings.sandbox.read)),
    )  # fmt: skip
    if earlier and attempt.seed:
        text = feedback_text(site, task, attempt.seed)
    else:
        text = joined(brief_parts(site, task, attempt, conflicts=conflicts))
    brief = Brief(
        task.id, text, brief_file(workspace), task.paths, attempt.number, task.budget, attempt.allowance,
        checks=gate_commands(site), continues=earlier is not None,
    )  # fmt: skip
    return replace(workspace, attempt=attempt.id), brief


def classify(report: Report, collected: Collected, *, cancelled: bool) -> tuple[End, str]:
    """How an attempt ended. Exit code 0 proves nothing; another one is believed."""
    if cancelled:
        return End.CANCELLED, "a person cancelled it"
    if collected.refused:
        return End.REFUSED, "; ".join(collected.refused)
    if report.reason in _STOPPED_BY_US:
        end, because = _STOPPED_BY_US[report.reason]
        return end, report.note or because.format(report.duration_s)
    if report.reason != "exit" or report.exit_code:
        return End.CRASHED, report.note or f"the agent exited with code {report.exit_code}"
    if collected.head is None:
        return End.NO_CHANGE, f"the agent ended without changing anything{_excuse(report)}"
    return End.PRODUCED, "its work was taken in"


def _cancelled(site: Site, attempt: Attempt) -> bool:
    return site.store.cancelled(attempt.task) or site.store.cancelled(attempt.id)


def _excuse(report: Report) -> str:
    """What it says of that, if anything; for people to read."""
    words = report.note or clean_line(report.output, limit=200)
    return f"; it says: {words}" if words else ""


def _end(
    site: Site, attempt: Attempt, report: Report, collected: Collected, *, brief: Brief, workspace: Workspace
) -> AttemptEnd:
    end, because = classify(report, collected, cancelled=_cancelled(site, attempt))
    settings = site.settings()
    return AttemptEnd(
        attempt=attempt.id, end=end, because=because, at=site.clock(), duration_s=report.duration_s, exit_code=report.exit_code,
        head=collected.head, sandbox=workspace.sandbox.kind, brief=brief.text,
        brief_digest=digest_bytes(brief.text.encode()), output=report.output,
        usage=priced(report.usage, _model(settings, attempt), settings.prices), turn=report.turn, continued=report.continued,
    )  # fmt: skip


def _model(settings: Settings, attempt: Attempt) -> str:
    agent = settings.agents.get(attempt.agent)
    return agent.model if agent else ""


def _without_agent(site: Site, attempt: Attempt) -> AttemptEnd:
    because = f"{attempt.agent} is no longer an agent of this project"
    return AttemptEnd(attempt.id, End.CRASHED, because, site.clock(), 0.0)


def _as_they_are(paths: Sequence[str]) -> dict[Path, Path]:
    """Host paths that appear under their own names inside."""
    return {Path(path): Path(path) for path in paths}


def _patience(site: Site, attempt: Attempt) -> Callable[[], bool]:
    """Whether to stop the agent: this process ends, or a person cancelled. Asks the store at most twice a second."""
    looked = 0.0

    def should_stop() -> bool:
        nonlocal looked
        if site.stopping.is_set():
            return True
        if time.monotonic() - looked < _LOOK_AGAIN_S:
            return False
        looked = time.monotonic()
        return _cancelled(site, attempt)

    return should_stop


def _change(site: Site, task: Task, attempt: Attempt, assisted_by: str, head: Sha, *, base: Sha) -> Change:
    work = Work(head, base, task.title, site.repository.person(), assisted_by)
    return measured(site, ChangeId(attempt.id), work, attempt=attempt)


def _recording(ended: AttemptEnd, change: Change | None) -> Record:
    def record(transaction: Transaction) -> None:
        transaction.write(ended)
        if change:
            transaction.write(change)

    return record


def _leave(workspace: Workspace, report: Report) -> Record:
    """Leave an ending process: work it stopped is begun anew by the next one, finished work is taken up by it."""
    if report.reason == "stopped":
        workspace.remove()
    return _nothing


def _nothing(_transaction: Transaction) -> None:
    """Nothing new to write down."""
