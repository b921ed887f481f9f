"""Evidence as an in-toto statement: what was judged, by which gate, with what outcome, and what had been asked for. Pure.

The predicate is in-toto's test-result v0.1, so that any reader of attestations understands it: a "test" is a check of the
gate. What that predicate has no place for stands in `podium`, beside it:

    schema, evidence, subject, verdict, because, base, at, took_s, grade, gate_version, seq, previous
    composed  where no check ran on this tree: the ids of the evidence that it was put together from
    rules     the commit whose files the gate was configured by: those of `configuration` that are no gate and no base
    checks    [check, digest, verdict, because, command, exit_code, duration_s, took_s, sandbox, output_digest, at,
               cases: {passed, failed, skipped: {count, digest}} or null, grade, advice, details]
    requests  of each change in it, as in a landing's record but for the briefs: what was asked, from which spec, who made it
              in which attempts, its risk and approvals; `request` names what was asked
"""

from collections.abc import Mapping, Sequence
from typing import Any

from podium.base.digest import digest
from podium.gate.checks.base import GATE_VERSION
from podium.model.evidence import Cases, CheckResult, Evidence
from podium.model.ids import Sha
from podium.model.verdict import Verdict
from podium.provenance.record import Member, check_record, member_record

STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
SCHEMA = 1
_HELD_OUT = frozenset({"said", "calls"})
"""What quotes an acceptance that makers must not know: a statement may travel anywhere."""


def statement(
    evidence: Evidence, *, seq: int, previous: str, commit: Sha | None = None, members: Sequence[Member] = (),
    rules: Sha | None = None, materials: Mapping[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The statement about one gate run.

    `commit` has the judged tree; `materials` are SHA-256 digests of files of the commit `rules` (the base, if not given), by name.
    """
    named = [("gate", evidence.gate_digest), *sorted((materials or {}).items())]
    configuration: list[dict[str, Any]] = [
        {"name": name, "digest": {"sha256": value}} for name, value in named
    ]
    configuration.append({"name": "base", "digest": {"gitCommit": evidence.base}})
    passed = [one for one in evidence.results if one.verdict is Verdict.PASSED]
    return {
        "_type": STATEMENT,
        "subject": [{"name": evidence.subject, "digest": _subject(evidence, commit)}],
        "predicateType": TEST_RESULT,
        "predicate": {
            "result": _result(evidence),
            "configuration": configuration,
            "passedTests": [one.check for one in passed if not one.advice],
            "warnedTests": [one.check for one in passed if one.advice],
            "failedTests": [one.check for one in evidence.results if one.verdict is not Verdict.PASSED],
            "podium": {
                "schema": SCHEMA,
                "evidence": evidence.id,
                "subject": evidence.subject,
                "verdict": evidence.verdict.value,
                "because": evidence.because(),
                "base": evidence.base,
                "rules": rules or evidence.base,
                "at": evidence.at,
                "took_s": evidence.took_s,
                "grade": evidence.grade.value if evidence.grade else "",
                "gate_version": GATE_VERSION,
                **({"composed": list(evidence.parts)} if evidence.parts else {}),
                "seq": seq,
                "previous": previous,
                "checks": [_check(one) for one in evidence.results],
                "requests": [request(member) for member in members],
            },
        },
    }


def request(member: Member) -> dict[str, Any]:
    """What was asked for and how it came about; `request` names what was asked, whatever came of it.

    What agents were told is named by its digest: a statement travels further than a brief should.
    """
    told = member_record(member)
    attempts = [{name: one[name] for name in one if name != "brief"} for one in told["attempts"]]
    return {"request": request_id(member), **told, "attempts": attempts}


def request_id(member: Member) -> str:
    """The name of a prompt request: of a task as it was wanted, or of a change that a person submitted."""
    task = member.task
    asked = [task.id, task.title, task.kind, task.paths, task.notes] if task else [member.change.id]
    return f"pr_{digest(asked)[:24]}"


def _subject(evidence: Evidence, commit: Sha | None) -> dict[str, str]:
    return {"gitTree": evidence.tree, **({"gitCommit": commit} if commit else {})}


def _result(evidence: Evidence) -> str:
    if evidence.verdict is not Verdict.PASSED:
        return "FAILED"
    return "WARNED" if evidence.advice else "PASSED"


def _check(result: CheckResult) -> dict[str, Any]:
    return {
        **check_record(result),
        "took_s": result.took_s,
        "cases": _cases(result.cases) if result.cases else None,
        "grade": result.grade.value if result.grade else "",
        "advice": list(result.advice),
        "details": {name: value for name, value in result.details.items() if name not in _HELD_OUT},
    }


def _cases(cases: Cases) -> dict[str, dict[str, Any]]:
    """How many, and the digest of their sorted ids: a list of thousands would say no more."""
    groups = {"passed": cases.passed, "failed": cases.failed, "skipped": cases.skipped}
    return {name: {"count": len(ids), "digest": digest(sorted(ids))} for name, ids in groups.items()}
