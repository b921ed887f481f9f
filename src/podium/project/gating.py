"""The gate standing alone: on any revision, whoever made it."""

from collections.abc import Sequence

from podium.engine.jobs.gate import examine, nothing_known, recording
from podium.engine.site import Site
from podium.gate.checks.registry import checks_for
from podium.model.decision import Act, Decision
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import Sha
from podium.model.task import Task
from podium.project.views import CheckView, GateView


def gate(site: Site, revision: str) -> GateView:
    """Run the target branch's gate on a revision, compared with what the target branch passes at their merge base."""
    commit = site.repository.resolve(revision)
    base = site.repository.objects.merge_base(site.tip(), commit) or commit
    return view(_gate(site, commit, base), commit)


def again(site: Site, commit: Sha, tasks: Sequence[Task]) -> Evidence:
    """Gate a position of the target branch once more, whatever is known of it."""
    decision = Decision(Act.GATE, f"again:{commit}", "an audit asked", site.clock(), f"again:{commit}")
    checks = checks_for(site.settings(), terms=None, tasks=tasks)
    tree = site.repository.objects.tree_of(commit)
    return examine(site, decision, checks, tree=tree, base=commit, subject=commit, known=nothing_known)


def _gate(site: Site, commit: Sha, base: Sha) -> Evidence:
    decision = Decision(Act.GATE, f"revision:{commit}", "a person asked", site.clock(), f"revision:{commit}")
    checks = checks_for(site.settings(), terms=None, tasks=())
    evidence = examine(
        site, decision, checks, tree=site.repository.objects.tree_of(commit), base=base, subject=commit
    )
    with site.store.transaction() as transaction:
        recording(evidence, decision)(transaction)
    return evidence


def view(evidence: Evidence, commit: str = "") -> GateView:
    return GateView(
        evidence.id, evidence.subject, commit, evidence.tree, evidence.verdict, evidence.because(), evidence.gate_digest,
        evidence.reused, evidence.duration_s, evidence.at, tuple(_check(result) for result in evidence.results),
    )  # fmt: skip


def _check(result: CheckResult) -> CheckView:
    cases = result.cases
    return CheckView(
        result.check, result.verdict, result.because, result.command, result.exit_code, result.duration_s, result.sandbox,
        len(cases.passed) if cases else None, len(cases.failed) if cases else None, len(cases.skipped) if cases else None,
        result.output,
    )  # fmt: skip
