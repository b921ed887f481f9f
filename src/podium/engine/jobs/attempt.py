"""One attempt: workspace and brief, the agent at work, its work taken in, the end established."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from podium.agents.base import Brief, Report
from podium.agents.brief import compose
from podium.agents.registry import make
from podium.base.digest import digest_bytes
from podium.base.errors import PodiumError, Unavailable
from podium.base.text import clean_line, tail
from podium.engine.jobs.base import Record
from podium.engine.jobs.change import Work, measured
from podium.engine.jobs.gate import protected_paths
from podium.engine.site import Site
from podium.git.merge import Conflicted, merge
from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.decision import Decision
from podium.model.ids import ChangeId, Sha, Tree
from podium.model.task import Task
from podium.model.verdict import Verdict
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
    seed, conflicts = _seed(site, attempt)
    workspace = prepare(
        site.repository, choose(settings.sandbox.kind), attempt=attempt.id, base=attempt.base, seed=seed,
        mirror=sync(site.repository, site.branch), extras=Extras(read=_as_they_are(settings.sandbox.read)),
    )  # fmt: skip
    brief = _brief(site, task, attempt, conflicts, workspace)
    report = agent.work(workspace, brief, should_stop=_patience(site, task))
    if site.stopping.is_set():
        return _leave(workspace, report)
    _refuse_trouble(workspace, report)
    collected = workspace.collect(limit_kb=settings.limits.change_kb) or Collected(None, None)
    if collected.head:
        site.repository.keep(f"refs/podium/attempts/{attempt.task}/{attempt.number}", collected.head)
    ended = _end(site, attempt, report, collected, brief=brief, sandbox=workspace.sandbox.kind)
    head = collected.head if ended.end is End.PRODUCED else None
    change = _change(site, task, attempt, agent.assisted_by, head) if head else None
    return _recording(ended, change)


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
        return End.NO_CHANGE, "the agent ended without changing anything"
    return End.PRODUCED, "its work was taken in"


def _end(
    site: Site, attempt: Attempt, report: Report, collected: Collected, *, brief: Brief, sandbox: str
) -> AttemptEnd:
    end, because = classify(report, collected, cancelled=site.store.cancelled(attempt.task))
    return AttemptEnd(
        attempt=attempt.id, end=end, because=because, at=site.clock(), duration_s=report.duration_s, exit_code=report.exit_code,
        head=collected.head, sandbox=sandbox, brief=brief.text,
        brief_digest=digest_bytes(brief.text.encode()), output=report.output,
        usage=report.usage, turn=report.turn, continued=report.continued,
    )  # fmt: skip


def _without_agent(site: Site, attempt: Attempt) -> AttemptEnd:
    because = f"{attempt.agent} is no longer an agent of this project"
    return AttemptEnd(attempt.id, End.CRASHED, because, site.clock(), 0.0)


def _refuse_trouble(workspace: Workspace, report: Report) -> None:
    """What this machine did to the agent is no end of its attempt: it begins again from the start.

    Raises:
        Unavailable: the program that watched it was killed, or the sandbox could not be made.
    """
    if report.reason == "vanished":
        workspace.remove()
        raise Unavailable("the process that watched the agent was killed")
    if report.exit_code and report.output.startswith(("bwrap: ", "landlock: ")):
        workspace.remove()
        raise Unavailable(f"the sandbox could not be made: {clean_line(report.output)}")


def _as_they_are(paths: Sequence[str]) -> dict[Path, Path]:
    """Host paths that appear under their own names inside."""
    return {Path(path): Path(path) for path in paths}


def _seed(site: Site, attempt: Attempt) -> tuple[Tree | None, tuple[str, ...]]:
    """The earlier work merged onto this attempt's base, and the files that hold conflict markers."""
    if attempt.seed is None or attempt.seed.head is None:
        return None, ()
    merged = merge(site.repository.plain, attempt.base, attempt.seed.head)
    return merged.tree, merged.files if isinstance(merged, Conflicted) else ()


def _brief(
    site: Site, task: Task, attempt: Attempt, conflicts: tuple[str, ...], workspace: Workspace
) -> Brief:
    spec = site.store.spec(task.spec)
    agents_md = site.repository.objects.read(attempt.base, "AGENTS.md") or b""
    text = compose(
        task, spec=spec, attempt=attempt, conflicts=conflicts, evidence=_evidence(site, attempt),
        checks=[check.run for check in site.settings().gate.check],
        protected=protected_paths(site), agents_md=agents_md.decode(errors="replace"),
    )  # fmt: skip
    return Brief(
        task.id,
        text,
        workspace.private / "brief.md",
        task.paths,
        attempt.number,
        task.budget,
        attempt.allowance,
    )


def _evidence(site: Site, attempt: Attempt) -> str:
    """What the checks that did not pass printed, for the agent to read."""
    evidence = site.store.evidence(attempt.seed.evidence) if attempt.seed and attempt.seed.evidence else None
    if evidence is None:
        return ""
    faults = [result for result in evidence.results if result.verdict is not Verdict.PASSED]
    return "\n\n".join(f"{result.check}: {result.because}\n{tail(result.output)}" for result in faults)


def _patience(site: Site, task: Task) -> Callable[[], bool]:
    """Whether to stop the agent: this process ends, or a person cancelled. Asks the store at most twice a second."""
    looked = 0.0

    def should_stop() -> bool:
        nonlocal looked
        if site.stopping.is_set():
            return True
        if time.monotonic() - looked < _LOOK_AGAIN_S:
            return False
        looked = time.monotonic()
        return site.store.cancelled(task.id)

    return should_stop


def _change(site: Site, task: Task, attempt: Attempt, assisted_by: str, head: Sha) -> Change:
    work = Work(head, attempt.base, task.title, site.repository.person(), assisted_by)
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
