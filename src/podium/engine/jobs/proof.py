"""What proves that a tree may land: the gate that it passed, or evidence that is put together, target by target."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from podium.engine.footprints import footprints
from podium.engine.jobs.candidate import build_candidate
from podium.engine.jobs.gate import checks_at, tasks_of, woven
from podium.engine.site import Site
from podium.gate.checks.base import Check
from podium.gate.gate import gate_digest
from podium.landing.positions import Positions
from podium.model.attempt import Change
from podium.model.decision import Act, Decision
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import CandidateId, Sha, Tree
from podium.model.queue import EVERYTHING, Candidate, Footprint
from podium.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Proof:
    """The evidence for one tree, or what is missing for it. `told` is what its members affect on that tree."""

    evidence: Evidence
    told: Sequence[Footprint] = field(default=())
    missing: str = ""


def built_for(site: Site, decision: Decision) -> Candidate:
    """The candidate that is to land, built now; held under `refs/podium/` until it has landed or is of no use."""
    onto = Sha(decision.data["onto"])
    changes = [change for name in decision.data["members"] if (change := site.store.change(name))]
    built = build_candidate(site, onto, changes)
    members = tuple(member.id for member in built.members)
    candidate = Candidate(
        CandidateId(decision.subject), onto, members, built.commit, built.tree, built.conflicts, site.clock()
    )
    if candidate.commit:
        site.repository.keep(f"refs/podium/candidates/{candidate.id}", candidate.commit)
    return candidate


def proof_of(site: Site, decision: Decision, candidate: Candidate, members: Sequence[Change]) -> Proof:
    """What proves a candidate with a tree: its gate, a gate of a member alone that saw the same tree, or the certificate."""
    tree, commit = candidate.tree or Tree(""), candidate.commit or Sha("")
    passed = [
        one
        for one in site.store.evidence_on(candidate.id)
        if one.verdict is Verdict.PASSED and one.tree == tree
    ]
    nothing = Evidence(_key(candidate), candidate.id, tree, candidate.onto, "", (), site.clock())
    certificate = decision.data.get("certificate")
    if passed and not passed[-1].parts:
        return Proof(passed[-1])
    if not certificate:
        return Proof(nothing, missing=f"{candidate.id} is not what passed the gate")
    told = footprints(site, members, _key(candidate), onto=candidate.onto, commit=commit)
    wider = _wider(site, told)
    if wider:
        return Proof(nothing, told, f"on {candidate.onto[:10]} it affects more than was proven: {wider}")
    known = next(iter(passed), None) or _own_gate(site, candidate, members)
    return (
        Proof(known, told)
        if known
        else Proof(_composed(site, candidate, members, tuple(certificate["evidence"])), told)
    )


def _key(candidate: Candidate) -> str:
    return f"{Act.LAND}:{candidate.id}"


def _own_gate(site: Site, candidate: Candidate, members: Sequence[Change]) -> Evidence | None:
    """The evidence of a member alone, where its own gate saw this very tree on this very tip."""
    seen = site.store.evidence_on(members[0].id) if len(members) == 1 else []
    same = [
        one
        for one in seen
        if one.verdict is Verdict.PASSED and (one.tree, one.base) == (candidate.tree, candidate.onto)
    ]
    return (
        replace(same[-1], id=_key(candidate), subject=candidate.id, at=site.clock(), reused=True)
        if same
        else None
    )


def _wider(site: Site, told: Sequence[Footprint]) -> str:
    """What members affect on the tip and were not known to when the certificate was made."""
    known = Positions(site.facts(), reuse=True)
    for one in told:
        keys = known.keys(one.change)
        more = sorted(set(one.keys) - keys)
        if more and EVERYTHING not in keys:
            return ", ".join(more[:3])
    return ""


def _composed(
    site: Site, candidate: Candidate, members: Sequence[Change], parts: tuple[str, ...]
) -> Evidence:
    """The evidence for a tree on which no check ran: each names where it comes from."""
    tree, tasks = candidate.tree or Tree(""), tasks_of(site, members)
    terms = woven(site, candidate.onto, members, tasks)
    checks = checks_at(site, terms=terms, tasks=tasks, tree=tree)
    now = site.clock()
    results = tuple(_result(check, tree, parts, now) for check in checks)
    return Evidence(
        _key(candidate), candidate.id, tree, candidate.onto, gate_digest(checks), results, now,
        reused=True, complete=True, parts=parts,
    )  # fmt: skip


def _result(check: Check, tree: Tree, parts: tuple[str, ...], at: float) -> CheckResult:
    because = f"put together from {len(parts)} gate run{'s' if len(parts) != 1 else ''}; it did not run on this tree"
    return CheckResult(
        check.name, check.digest, tree, Verdict.PASSED, because, at=at, details={"composed": list(parts)}
    )
