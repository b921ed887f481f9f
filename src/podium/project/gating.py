"""The gate standing alone: on any revision, whoever made it, whether the repository knows Podium or not."""

from collections.abc import Sequence

from podium.base.errors import UsageError
from podium.config.place import CONFIG
from podium.config.settings import CheckSettings, GateSettings, Settings
from podium.engine.jobs.gate import checks_at, examine, nothing_known, recording
from podium.engine.site import Site
from podium.gate.gate import gate_digest
from podium.gate.terms import Terms
from podium.model.decision import Act, Decision
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import Sha
from podium.model.task import Task
from podium.model.verdict import Verdict
from podium.project.detection import look_at
from podium.project.views.gate import CheckView, GateView


def gate(site: Site, revision: str, *, base: str = "", approve: tuple[str, ...] = ()) -> GateView:
    """Run the target branch's gate on a revision, compared with `base`: by default where it left the target branch.

    `approve` are globs of what judges (tests, configuration, dependencies) that it may change all the same.

    Raises:
        UsageError: there is no such revision, or nothing is known that could check it.
    """
    commit = site.repository.resolve(revision)
    onto = (
        site.repository.resolve(base)
        if base
        else site.repository.objects.merge_base(site.tip(), commit) or commit
    )
    settings, said = gate_settings(site, onto)
    evidence = _gate(site, commit, onto, settings, approve=approve)
    return view(evidence, commit, notes=said)


def gate_settings(site: Site, base: Sha) -> tuple[Settings, tuple[str, ...]]:
    """The gate's configuration and what there is to say of it: the target branch's, or what fits where it has none.

    Of checks that nobody chose, those that do not pass on `base` are left out: they could say nothing of a change.

    Raises:
        UsageError: nothing that could check this repository was found.
    """
    if site.repository.objects.read(site.tip(), CONFIG) is not None:
        return site.settings(), ()
    detected = look_at(site.repository, base)
    notes, green = [f"no {CONFIG} on {site.branch}; checks by what is there (podium init keeps them):"], []
    for check, why in zip(detected.checks, detected.reasons, strict=False):
        found = _alone(site, base, check)
        passed = found.verdict is Verdict.PASSED
        green += [check] if passed else []
        notes.append(
            f"  {check.name}: {check.run}  ({why})"
            if passed
            else f"  not {check.run}: on the base, {found.because()}"
        )
    if not green:
        raise UsageError(
            "nothing that could check this repository passes on the base: "
            + "; ".join(notes[1:] or detected.reasons),
            hint="make it pass, or write podium.toml (podium init)",
        )
    return Settings(gate=GateSettings(check=tuple(green))), tuple(notes)


def _alone(site: Site, base: Sha, check: CheckSettings) -> Evidence:
    settings = Settings(gate=GateSettings(check=(check,)))
    decision = Decision(Act.GATE, f"trying:{check.name}:{base}", "nobody chose it", site.clock(), base)
    checks = checks_at(site, settings=settings)
    tree = site.repository.objects.tree_of(base)
    return examine(site, decision, checks, tree=tree, base=base, subject=base, settings=settings)


def again(site: Site, commit: Sha, tasks: Sequence[Task]) -> Evidence:
    """Gate a position of the target branch once more, whatever is known of it."""
    decision = Decision(Act.GATE, f"again:{commit}", "an audit asked", site.clock(), f"again:{commit}")
    checks = checks_at(site, tasks=tasks)
    tree = site.repository.objects.tree_of(commit)
    return examine(site, decision, checks, tree=tree, base=commit, subject=commit, known=nothing_known)


def _gate(site: Site, commit: Sha, base: Sha, settings: Settings, *, approve: tuple[str, ...]) -> Evidence:
    objects = site.repository.objects
    files = tuple(change.path for change in objects.changed(base, commit))
    terms = Terms(base, files, protected=settings.gate.protected, approved=approve) if files else None
    tree = objects.tree_of(commit)
    checks = checks_at(site, terms=terms, tree=tree, settings=settings)
    # What is known of a revision is known under one gate: another one looks anew.
    asked = f"revision:{commit}:{gate_digest(checks)[:16]}"
    decision = Decision(Act.GATE, asked, "a person asked", site.clock(), asked)
    evidence = examine(site, decision, checks, tree=tree, base=base, subject=commit, settings=settings)
    record = recording(site, evidence, decision, commit=commit)
    with site.store.transaction() as transaction:
        record(transaction)
    return evidence


def view(evidence: Evidence, commit: str = "", *, notes: tuple[str, ...] = ()) -> GateView:
    return GateView(
        evidence.id, evidence.subject, commit, evidence.tree, evidence.verdict, evidence.because(), evidence.gate_digest,
        evidence.reused, evidence.duration_s, evidence.at, tuple(_check(result) for result in evidence.results),
        evidence.took_s, evidence.grade.value if evidence.grade else "", notes,
    )  # fmt: skip


def _check(result: CheckResult) -> CheckView:
    cases = result.cases
    return CheckView(
        result.check, result.verdict, result.because, result.command, result.exit_code, result.duration_s, result.sandbox,
        len(cases.passed) if cases else None, len(cases.failed) if cases else None, len(cases.skipped) if cases else None,
        result.output, result.took_s, result.grade.value if result.grade else "", result.advice, result.details,
    )  # fmt: skip
