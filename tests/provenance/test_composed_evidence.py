"""Evidence that was put together from other evidence: it says so, wherever it is looked at."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from test_verify import PASSED, holds, key, records, said

from podium.base.signing import SigningKey
from podium.git.objects import CommitInfo
from podium.model.attempt import Change
from podium.model.evidence import GENESIS
from podium.model.ids import CandidateId, ChangeId, Sha, Tree
from podium.model.queue import Landing
from podium.provenance.audit import AuditInputs, Standing, audit
from podium.provenance.envelope import digest_of, seal
from podium.provenance.record import record
from podium.provenance.verify import Holds, verify

__all__ = ["key"]

PART = replace(PASSED, id="gate:submit:a:1")
COMPOSED = replace(PASSED, id="land:candidate-1", subject="candidate-1", reused=True, parts=(PART.id,))
LANDING = Landing(
    CandidateId("candidate-1"),
    Sha("c" * 40),
    PASSED.tree,
    Sha("b" * 40),
    (ChangeId("submit:a:1"),),
    9.0,
    composed=True,
)


def chain(key: SigningKey, *, whole: bool) -> list[str]:
    first = seal(said(PART if whole else replace(PART, id="gate:another")), key)
    return [first, seal(said(COMPOSED, seq=2, previous=digest_of(first)), key)]


def test_it_holds_where_all_that_it_comes_from_is_in_the_chain(key: SigningKey) -> None:
    texts = chain(key, whole=True)
    found = holds(texts[1], key, records(*texts))
    assert set(found.values()) == {Holds.YES}
    [point] = [point for point in verify(texts[1], key.public, records(*texts)) if point.what == "composed"]
    assert "no check ran on this tree: put together from 1 gate run" in point.because


def test_where_a_part_of_it_is_not_to_be_found_that_is_said(key: SigningKey) -> None:
    texts = chain(key, whole=False)
    assert holds(texts[1], key, records(*texts))["composed"] is Holds.UNCHECKED


def test_what_ran_says_nothing_of_the_kind(key: SigningKey) -> None:
    text = seal(said(PASSED, seq=1, previous=GENESIS), key)
    assert "composed" not in holds(text, key, records(text))


def test_the_record_of_the_landing_holds_the_certificate() -> None:
    certificate = {"targets": [["test_a.py", PART.id]], "count": 1, "digest": "d", "evidence": [PART.id]}
    told = record(LANDING, evidence=COMPOSED, members=[], certificate=certificate)
    assert told["certificate"] == certificate
    assert "certificate" not in record(LANDING, evidence=PASSED, members=[])


@pytest.mark.parametrize("composed", [True, False])
def test_the_audit_accounts_for_it_and_says_how(composed: bool) -> None:
    [member] = LANDING.members
    message = f"title\n\nPodium-Change: {member}\n"
    commit = CommitInfo(
        LANDING.commit, LANDING.tree, (LANDING.previous,), "Ada <a@b>", datetime.now(UTC), message
    )
    change = Change(member, None, None, Sha("b" * 40), Sha("e" * 40), Tree("t"), (), 1, 0, "t", "Ada", 1.0)
    inputs = AuditInputs(
        [commit], LANDING.previous, [replace(LANDING, composed=composed)], {member: change},
        evidence={COMPOSED.id: COMPOSED}, kept={change.head},
    )  # fmt: skip
    [found] = audit(inputs)
    assert found.standing is Standing.OK, found.because
    assert ("put together" in found.because) is composed
