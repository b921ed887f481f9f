"""`podium audit` and `podium report`: what became of everything."""

from collections.abc import Callable, Iterator
from typing import Any

from podium.engine.jobs.gate import tasks_of
from podium.engine.site import Site
from podium.model.decision import Act
from podium.model.ids import Sha
from podium.model.verdict import Verdict
from podium.outcomes.history import History
from podium.outcomes.report import report as figures
from podium.outcomes.report import to_json
from podium.project import gating
from podium.project.views.finding import FindingView
from podium.provenance.audit import Audited, AuditInputs, Standing
from podium.provenance.audit import audit as audited

_STATES = {
    Standing.OK: "ok",
    Standing.OUTSIDE_GATED: "ok",
    Standing.BEFORE: "ok",
    Standing.OUTSIDE: "warning",
    Standing.BROKEN: "broken",
}


def audit(site: Site, *, rerun: bool, progress: Callable[[str], None]) -> tuple[FindingView, ...]:
    """Account for every first-parent commit; with `rerun`, gate each one since Podium first saw the branch again."""
    positions = site.repository.objects.first_parents(site.tip())
    recent = _since_first_sight(site, positions)
    findings = audited(_inputs(site, recent))
    views = [
        FindingView(found.commit[:10], _STATES[found.standing], _said(found))
        for found in findings
        if not _old(found)
    ]
    old = len(positions) - len(recent) + sum(1 for found in findings if _old(found))
    if old:
        views.append(FindingView(f"{old} older", "ok", "from before Podium first saw the branch"))
    return (*views, *(_rerun(site, progress) if rerun else ()))


def report(site: Site) -> dict[str, Any]:
    """The figures of everything so far, each with its n."""
    store = site.store
    tasks = {task.id: task for name in store.task_ids() if (task := store.task(name))}
    decisions = [found for act in (Act.SEND_BACK, Act.GIVE_UP, Act.ASK) for found in store.decisions_of(act)]
    history = History(
        tasks=tasks, known_since=store.tasks_since(), attempts=store.attempts(), ends=store.attempt_ends(), changes=store.changes(),
        landings=store.landings(), decisions=decisions, evidence=store.all_evidence(), reviews=store.reviews(),
    )  # fmt: skip
    return to_json(figures(history))


def _since_first_sight(site: Site, positions: list[Sha]) -> list[Sha]:
    """The positions down to where Podium first saw the branch; all of them, where a rewritten history lost that commit.

    What is older is counted, not read: a history may be long, and each commit is a git of its own.
    """
    first = site.store.note("first-sight")
    if first in positions:
        return positions[: positions.index(Sha(first)) + 1]
    return positions if first else []


def _inputs(site: Site, positions: list[Sha]) -> AuditInputs:
    store, objects = site.store, site.repository.objects
    first = Sha(store.note("first-sight")) if store.note("first-sight") else None
    return AuditInputs(
        positions=[objects.commit_info(sha) for sha in positions], first_sight=first, landings=store.landings(), changes={change.id: change for change in store.changes()},
        tasks=frozenset(store.task_ids()), attempts=frozenset(attempt.id for attempt in store.attempts()),
        evidence={evidence.id: evidence for evidence in store.all_evidence()},
        kept=frozenset(site.repository.refs_under("refs/podium").values()),
    )  # fmt: skip


def _rerun(site: Site, progress: Callable[[str], None]) -> Iterator[FindingView]:
    first = site.store.note("first-sight")
    positions = site.repository.objects.first_parents(site.tip(), until=Sha(first) if first else None)
    positions = [*positions, Sha(first)] if first else positions
    members = {landing.commit: landing.members for landing in site.store.landings()}
    for sha in reversed(positions):
        progress(f"gating {sha[:10]} again")
        changes = [change for name in members.get(sha, ()) if (change := site.store.change(name))]
        found = gating.again(site, sha, tasks_of(site, changes))
        yield FindingView(
            sha[:10],
            "ok" if found.verdict is Verdict.PASSED else "broken",
            f"gated again: {found.verdict}: {found.because()}",
        )


def _old(found: Audited) -> bool:
    return found.standing is Standing.BEFORE


def _said(found: Audited) -> str:
    return f"{found.subject}: {found.because}" if found.subject else found.because
