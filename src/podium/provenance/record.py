"""The provenance of a landing as one JSON value, stored beside it and never changed: pure.

Shape, `"schema": 1` (times in seconds since the epoch; what is unknown is null, never guessed):

    candidate, commit, tree, previous, at
    evidence        of the landed tree: id, subject, tree, base, gate_digest, verdict, because, reused, at,
                    checks: [check, digest, verdict, because, command, exit_code, duration_s, sandbox,
                             cases: {passed, failed, skipped} as counts or null, output_digest, at]
    certificate     where no gate ran on this tree: {targets: [[target, id of the evidence]] (200 at most), count, digest: of all
                    of them as canonical JSON, evidence: [id]}
    changes         in landing order, each: id, title, base, head, author, assisted_by, files, added, deleted,
                    task:      {id, title, kind} or null
                    spec:      {id, path, digest, requirements: [name]} or null
                    attempts:  [id, number, agent, base, because, started_at, end, end_because, ended_at, duration_s,
                                exit_code, head, sandbox, brief, brief_digest, cost_usd]
                    evidence:  of the change alone, as above, or null
                    risk:      {score, reasons} or null
                    approvals: [by, kind: policy | person | grant, because, at], a grant's with its paths
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podium.model.attempt import Attempt, AttemptEnd, Change
from podium.model.decision import Act, Decision
from podium.model.evidence import Cases, CheckResult, Evidence
from podium.model.grant import Grant
from podium.model.queue import Landing
from podium.model.review import Answer, Review
from podium.model.spec import Spec
from podium.model.task import Task

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Member:
    """One landed change and everything known of how it came about.

    `policy` is the decision to approve it or to ask a person, which carries its risk; `review` is the person's answer; `grants`
    are what people let it change of that which judges others.
    """

    change: Change
    task: Task | None = None
    spec: Spec | None = None
    attempts: tuple[Attempt, ...] = ()
    ends: tuple[AttemptEnd, ...] = ()
    evidence: Evidence | None = None
    policy: Decision | None = None
    review: Review | None = None
    grants: tuple[Grant, ...] = ()


def record(
    landing: Landing,
    *,
    evidence: Evidence,
    members: Sequence[Member],
    certificate: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The provenance of `landing`. The same facts give the same record."""
    composed = {"certificate": dict(certificate)} if certificate is not None else {}
    return {
        "schema": SCHEMA,
        "candidate": landing.candidate,
        "commit": landing.commit,
        "tree": landing.tree,
        "previous": landing.previous,
        "at": landing.at,
        "evidence": _evidence(evidence),
        **composed,
        "changes": [member_record(member) for member in members],
    }


def member_record(member: Member) -> dict[str, Any]:
    """How one change came about: the entry of `changes` in a landing's record."""
    ends = {end.attempt: end for end in member.ends}
    return {
        **_change(member.change),
        "task": _task(member.task) if member.task else None,
        "spec": _spec(member.spec) if member.spec else None,
        "attempts": [_attempt(attempt, ends.get(attempt.id)) for attempt in member.attempts],
        "evidence": _evidence(member.evidence) if member.evidence else None,
        "risk": _risk(member.policy.data) if member.policy else None,
        "approvals": _approvals(member),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "title": change.title,
        "base": change.base,
        "head": change.head,
        "author": change.author,
        "assisted_by": change.assisted_by,
        "files": list(change.files),
        "added": change.added,
        "deleted": change.deleted,
    }


def _task(task: Task) -> dict[str, Any]:
    return {"id": task.id, "title": task.title, "kind": task.kind.value}


def _spec(spec: Spec) -> dict[str, Any]:
    names = [requirement.name for requirement in spec.requirements]
    return {"id": spec.id, "path": spec.path, "digest": spec.digest, "requirements": names}


def _attempt(attempt: Attempt, end: AttemptEnd | None) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "number": attempt.number,
        "agent": attempt.agent,
        "base": attempt.base,
        "because": attempt.because,
        "started_at": attempt.at,
        "end": end.end.value if end else None,
        "end_because": end.because if end else None,
        "ended_at": end.at if end else None,
        "duration_s": end.duration_s if end else None,
        "exit_code": end.exit_code if end else None,
        "head": end.head if end else None,
        "sandbox": end.sandbox if end else None,
        "brief": end.brief if end else None,
        "brief_digest": end.brief_digest if end else None,
        "cost_usd": end.cost_usd if end else None,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "id": evidence.id,
        "subject": evidence.subject,
        "tree": evidence.tree,
        "base": evidence.base,
        "gate_digest": evidence.gate_digest,
        "verdict": evidence.verdict.value,
        "because": evidence.because(),
        "reused": evidence.reused,
        "at": evidence.at,
        "checks": [check_record(result) for result in evidence.results],
    }


def check_record(result: CheckResult) -> dict[str, Any]:
    """One check of a gate run: an entry of `checks`."""
    return {
        "check": result.check,
        "digest": result.digest,
        "verdict": result.verdict.value,
        "because": result.because,
        "command": result.command,
        "exit_code": result.exit_code,
        "duration_s": result.duration_s,
        "sandbox": result.sandbox,
        "cases": _cases(result.cases) if result.cases else None,
        "output_digest": result.output_digest,
        "at": result.at,
    }


def _cases(cases: Cases) -> dict[str, int]:
    return {"passed": len(cases.passed), "failed": len(cases.failed), "skipped": len(cases.skipped)}


def _risk(data: Mapping[str, Any]) -> dict[str, Any] | None:
    return {"score": data["risk"], "reasons": list(data.get("reasons", ()))} if "risk" in data else None


def _approvals(member: Member) -> list[dict[str, Any]]:
    policy, review = member.policy, member.review
    found: list[dict[str, Any]] = [
        {"by": one.by, "kind": "grant", "because": one.reason, "at": one.at, "paths": list(one.paths)}
        for one in member.grants
    ]
    if policy and policy.act is Act.APPROVE:
        found.append({"by": "policy", "kind": "policy", "because": policy.because, "at": policy.at})
    if review and review.answer is Answer.APPROVE:
        found.append({"by": review.by, "kind": "person", "because": review.reason, "at": review.at})
    return found
