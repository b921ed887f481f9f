"""Gates: of a change on its own base, and of the target branch itself."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from podium.base import environment
from podium.base.digest import digest
from podium.base.errors import PodiumError
from podium.config.place import CONFIG
from podium.config.settings import Settings
from podium.engine.evidence import attest
from podium.engine.footprints import attributed, footprint
from podium.engine.jobs.base import Record
from podium.engine.jobs.candidate import build_candidate
from podium.engine.reviewing import BY_HAND
from podium.engine.site import Site
from podium.gate.checks.base import Check
from podium.gate.checks.registry import checks_for
from podium.gate.checks.rules import new_rules
from podium.gate.gate import Memory, Subject, Surroundings, gate_digest, run_gate
from podium.gate.terms import Terms
from podium.model.attempt import Change
from podium.model.decision import Act, Decision
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import Sha, Tree
from podium.model.queue import Candidate, Footprint
from podium.model.task import Task
from podium.model.verdict import Verdict
from podium.store.store import Transaction
from podium.workspaces.sandboxes.registry import choose

Known = Callable[[Tree, str], CheckResult | None]
"""What the check of a digest found on a tree, where that is known."""


def gate_change(site: Site, decision: Decision, _publish: Callable[[Record], None]) -> Record:
    """Gate a change as it would land on its own base; on the tip, where that base was never gated itself."""
    change = site.store.change(decision.subject)
    if change is None:
        raise PodiumError(f"nothing is known of change {decision.subject}")
    onto = change.base if _was_gated(site, change.base) else site.tip()
    built = build_candidate(site, onto, [change])
    if built.tree is None:
        return recording(
            site,
            _unmergeable(site, decision, change, onto, built.conflicts[0].files),
            decision,
            changes=[change],
        )
    tasks = tasks_of(site, [change])
    terms = terms_of(site, change, tasks)
    checks = checks_at(site, terms=terms, tasks=tasks, tree=built.tree)
    found = examine(site, decision, checks, tree=built.tree, base=onto, subject=change.id)
    told = footprint(site, change, decision.key, onto=onto, tree=built.tree)
    return recording(site, found, decision, commit=built.commit, changes=[change], told=[told])


def _was_gated(site: Site, base: Sha) -> bool:
    """Whether a base was gated itself, or landed on evidence that stands for that."""
    landing = site.store.landing_at(base)
    return bool(landing and landing.composed) or site.store.evidence(f"{Act.BASELINE}:{base}") is not None


def gate_target(site: Site, decision: Decision, _publish: Callable[[Record], None]) -> Record:
    """Gate the tip of the target branch, so that what is red already is never blamed on a change.

    Asked once more, it looks for itself, whatever is known: a flake may have made it red.
    """
    tip = Sha(decision.subject)
    checks = checks_at(site)
    known: Known | None = nothing_known if decision.round else None
    tree = site.repository.objects.tree_of(tip)
    found = examine(site, decision, checks, tree=tree, base=tip, subject=tip, known=known)
    return recording(site, found, decision, commit=tip)


def nothing_known(_tree: Tree, _digest: str) -> CheckResult | None:
    """Every check runs anew."""
    return None


def passed_as_candidate(
    site: Site, candidate: Candidate, found: Evidence
) -> tuple[Decision, Evidence] | None:
    """The gate of the tip that a candidate is about to become, where every check of it has just passed on this very tree.

    So agents start on a new tip at once, however fast it moves.
    """
    checks = checks_at(site)
    passed = {result.digest: result for result in found.results if result.verdict is Verdict.PASSED}
    if candidate.commit is None or not checks or any(check.digest not in passed for check in checks):
        return None
    tip, now = candidate.commit, site.clock()
    decision = Decision(Act.BASELINE, tip, f"its tree passed the gate as {candidate.id}", now, tip)
    results = tuple(passed[check.digest] for check in checks)
    evidence = Evidence(decision.key, tip, found.tree, tip, gate_digest(checks), results, now, reused=True)
    return decision, evidence


def examine(
    site: Site,
    decision: Decision,
    checks: Sequence[Check],
    *,
    tree: Tree,
    base: Sha,
    subject: str,
    settings: Settings | None = None,
    known: Known | None = None,
) -> Evidence:
    """Run a gate at this site: its sandbox, the results it knows already, its scratch space."""
    settings = settings or site.settings()
    box = settings.sandbox
    around = Surroundings(
        site.repository,
        choose(box.kind),
        _scratch(site, decision),
        box.read,
        environment.variables(box.env),
        box.network,
        site.secret(),
        settings.gate.parallel,
    )
    evidence = run_gate(
        checks, Subject(decision.key, subject, tree, base), around=around, should_stop=site.stopping.is_set, at=site.clock(),
        memory=Memory(known or site.store.check_result, lambda result: keep(site, result)),
    )  # fmt: skip
    return attributed(site, replace(evidence, at=site.clock()), asked=len(checks))


def examine_all(
    site: Site, decision: Decision, checks: Sequence[Check], *, tree: Tree, base: Sha, subject: str
) -> Evidence:
    """As `examine`; but as long as it is known which targets failed, the checks after that are asked too.

    So much is known of all the other targets.
    """
    found = examine(site, decision, checks, tree=tree, base=base, subject=subject)
    while found.verdict is Verdict.FAILED and not found.blind:
        judged = {result.digest for result in found.results}
        left = [check for check in checks if check.digest not in judged]
        if not left:
            break
        more = examine(site, decision, left, tree=tree, base=base, subject=subject)
        whole = replace(
            found, results=(*found.results, *more.results), at=more.at, took_s=found.took_s + more.took_s,
            reused=found.reused and more.reused,
        )  # fmt: skip
        found = attributed(site, whole, asked=len(checks))
    return found


def keep(site: Site, result: CheckResult) -> None:
    """Put a check's result on record at once: a crash loses no more than the check that runs."""
    with site.store.transaction() as transaction:
        transaction.write(result)


def recording(
    site: Site,
    evidence: Evidence,
    decision: Decision,
    *,
    commit: Sha | None = None,
    changes: Sequence[Change] = (),
    told: Sequence[Footprint] = (),
) -> Record:
    """Put a gate run on record, signed. `commit` has the judged tree, `changes` are in it, `told` is what they affect."""
    sign = attest(site, evidence, commit=commit, changes=changes)

    def record(transaction: Transaction) -> None:
        for one in told:
            transaction.write(one)
        if transaction.write(evidence, scope=decision.scope):
            sign(transaction)

    return record


def tasks_of(site: Site, changes: Sequence[Change]) -> tuple[Task, ...]:
    found = (site.store.task(change.task) for change in changes if change.task)
    return tuple(task for task in found if task)


def terms_of(site: Site, change: Change, tasks: Sequence[Task]) -> Terms:
    """The terms of a change: its task's, and what people granted since."""
    task = next((task for task in tasks if task.id == change.task), None)
    attempt = site.store.attempt(change.attempt) if change.attempt else None
    return Terms(
        change.base, change.files,
        allowed=task.paths if task else (), protected=protected_paths(site), approved=approved_paths(site, change.task or change.id, task),
        kind=task.kind if task else None, maker=attempt.agent if attempt and attempt.agent != BY_HAND else "",
    )  # fmt: skip


def checks_at(
    site: Site, *, terms: Terms | None = None, tasks: Sequence[Task] = (), tree: Tree | None = None,
    settings: Settings | None = None,
) -> tuple[Check, ...]:  # fmt: skip
    """The checks of a gate here and now; a change of the rules themselves (in `tree`) must pass under the new ones too."""
    brings_rules = terms and tree and CONFIG in terms.files
    excused: dict[str, tuple[str, ...]] = {}
    for one in site.store.quarantines(site.clock()):
        excused[one.check] = (*excused.get(one.check, ()), one.test)
    return checks_for(
        settings or site.settings(), terms=terms, tasks=tasks, quarantined=excused,
        proposed=new_rules(site.repository.objects.read(tree, CONFIG)) if tree and brings_rules else None,
    )  # fmt: skip


def approved_paths(site: Site, subject: str, task: Task | None) -> tuple[str, ...]:
    """Globs of what judges a change and that it may touch all the same: by its task, and by what people granted since."""
    granted = [glob for grant in site.store.grants(subject) for glob in grant.paths]
    return tuple(dict.fromkeys((*(task.approves if task else ()), *granted)))


def woven(site: Site, onto: Sha, members: Sequence[Change], tasks: Sequence[Task]) -> Terms:
    """The terms of changes merged onto the tip: where each may write was asked of it alone, what was approved holds for all."""
    each = [terms_of(site, change, tasks) for change in members]
    files = sorted({path for terms in each for path in terms.files})
    approved = sorted({glob for terms in each for glob in terms.approved})
    return Terms(onto, tuple(files), approved=tuple(approved), woven=True)


def protected_paths(site: Site) -> tuple[str, ...]:
    """What no change may touch: what the configuration protects, and the specs themselves."""
    return (*site.settings().gate.protected, *site.store.spec_paths().values())


def _unmergeable(
    site: Site, decision: Decision, change: Change, onto: Sha, files: tuple[str, ...]
) -> Evidence:
    because = f"it conflicts with {site.branch} ({onto[:10]}) in {', '.join(files)}"
    result = CheckResult("merge", "merge", change.tree, Verdict.FAILED, because, at=site.clock())
    return Evidence(decision.key, change.id, change.tree, onto, "merge", (result,), site.clock())


def _scratch(site: Site, decision: Decision) -> Path:
    """A directory that no other gate run uses, be it of the same revision by another process."""
    return site.repository.state / "gates" / f"{os.getpid()}-{digest(decision.key)[:16]}"
