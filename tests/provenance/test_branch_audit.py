from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from podium.git.objects import CommitInfo, Signature
from podium.model.attempt import Change
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId, Tree
from podium.model.queue import Landing
from podium.model.verdict import Verdict
from podium.provenance.audit import AuditInputs, Standing, audit
from podium.provenance.message import landing_message


def sha(number: int) -> Sha:
    return Sha(f"{number:040x}")


def tree(number: int) -> Tree:
    return Tree(f"{number + 1000:040x}")


def change(name: str) -> Change:
    return Change(ChangeId(f"s/{name}@1"), TaskId(f"s/{name}"), AttemptId(f"s/{name}@1"), sha(0), Sha(f"head-{name}"), tree(0),
                  ("a.py",), 1, 1, f"Change {name}", "Ada <a@b>", 1.0)  # fmt: skip


def commit(number: int, message: str = "by hand") -> CommitInfo:
    return CommitInfo(
        sha(number), tree(number), (sha(number - 1),), "Ada <a@b>", datetime(2026, 1, 1, tzinfo=UTC), message
    )


def landing(number: int, members: Sequence[Change]) -> Landing:
    names = tuple(member.id for member in members)
    return Landing(
        CandidateId(f"candidate-{number}"), sha(number), tree(number), sha(number - 1), names, float(number)
    )


def evidence(subject: str, on: Tree, verdict: Verdict = Verdict.PASSED) -> Evidence:
    result = CheckResult("tests", "d", on, verdict, "as it is")
    return Evidence(f"gate:{subject}", subject, on, "base", "gate", (result,), 1.0)


A, B = change("a"), change("b")
# The branch: 1 and 2 from before Podium, 3 landed A and B, 4 a person's, gated since; 5 a person's.
SOUND = AuditInputs(
    positions=[commit(5), commit(4), commit(3, landing_message([A, B], why={})), commit(2), commit(1)],
    first_sight=sha(2),
    landings=[landing(3, [A, B])],
    changes={A.id: A, B.id: B},
    tasks=frozenset({TaskId("s/a"), TaskId("s/b")}),
    attempts=frozenset({AttemptId("s/a@1"), AttemptId("s/b@1")}),
    evidence={"w": evidence("candidate-3", tree(3)), "b": evidence("tip", tree(4))},
    kept=frozenset({A.head, B.head}),
)


def of_landing(inputs: AuditInputs) -> tuple[Standing, str]:
    found = next(entry for entry in audit(inputs) if entry.commit == sha(3))
    return found.standing, found.because


def test_every_position_is_accounted_for_newest_first() -> None:
    found = audit(SOUND)
    assert [(entry.commit, entry.standing) for entry in found] == [
        (sha(5), Standing.OUTSIDE), (sha(4), Standing.OUTSIDE_GATED), (sha(3), Standing.OK),
        (sha(2), Standing.BEFORE), (sha(1), Standing.BEFORE),
    ]  # fmt: skip
    assert found[2].changes == (A.id, B.id)
    assert all(entry.because for entry in found)


def test_a_branch_podium_never_saw_is_all_from_before() -> None:
    found = audit(AuditInputs([commit(2), commit(1)], None))
    assert {entry.standing for entry in found} == {Standing.BEFORE}


@pytest.mark.parametrize(
    ("harm", "because"),
    [
        ({"evidence": {}}, "no evidence that candidate-3 passed the gate"),
        (
            {"evidence": {"w": evidence("candidate-3", tree(3), Verdict.FAILED)}},
            "no evidence that candidate-3 passed the gate",
        ),
        ({"evidence": {"w": evidence("candidate-3", tree(7))}}, "the gate passed tree"),
        ({"landings": [replace(landing(3, [A, B]), tree=tree(7))]}, "its tree is"),
        ({"landings": [replace(landing(3, [A, B]), previous=sha(7))]}, "it does not follow"),
        ({"landings": [landing(3, [A])]}, "its trailers name s/a@1, s/b@1, its landing s/a@1"),
        ({"landings": [landing(3, [A, B]), landing(5, [B])]}, "s/b@1 landed more than once"),
        ({"changes": {A.id: A}}, "nothing is known of s/b@1"),
        ({"tasks": frozenset({TaskId("s/a")})}, "nothing is known of task s/b"),
        ({"attempts": frozenset({AttemptId("s/b@1")})}, "nothing is known of attempt s/a@1"),
        ({"kept": frozenset({A.head})}, "the commit of s/b@1, is not under refs/podium/"),
    ],
)
def test_whatever_disagrees_breaks_the_position_and_is_named(harm: dict[str, Any], because: str) -> None:
    standing, said = of_landing(replace(SOUND, **harm))
    assert standing is Standing.BROKEN
    assert because in said


def test_all_that_is_wrong_is_named_at_once() -> None:
    _standing, said = of_landing(replace(SOUND, evidence={}, kept=frozenset()))
    assert said.count(";") == 2


def test_a_landing_that_left_the_branch_is_broken() -> None:
    found = audit(replace(SOUND, positions=[commit(5), commit(4), commit(2), commit(1)]))
    assert (found[-1].commit, found[-1].standing) == (sha(3), Standing.BROKEN)
    assert "rewrote its history" in found[-1].because


def test_forged_trailers_do_not_make_a_landing() -> None:
    positions = [commit(5, landing_message([A], why={})), *SOUND.positions[1:]]
    forged = audit(replace(SOUND, positions=positions))[0]
    assert forged.standing is Standing.BROKEN
    assert "claim s/a@1, and no landing of that is on record" in forged.because


def test_a_landing_on_a_real_branch_is_accounted_for(repo: Any) -> None:
    base = Sha(repo.git("rev-parse", "HEAD"))
    head = repo.commit({"a.py": "1\n"}, "work")
    objects, by = repo.open().objects, Signature("Ada <a@b>", 1.0)
    member = replace(A, head=head)
    landed = objects.commit(
        objects.tree_of(head), [base], landing_message([member], why={}), author=by, committer=by
    )
    stored = Landing(CandidateId("candidate-9"), landed, objects.tree_of(head), base, (member.id,), 1.0)
    found = audit(
        AuditInputs(
            positions=[objects.commit_info(name) for name in objects.first_parents(landed)],
            first_sight=base,
            landings=[stored],
            changes={member.id: member},
            tasks=frozenset({TaskId("s/a")}),
            attempts=frozenset({AttemptId("s/a@1")}),
            evidence={"w": evidence("candidate-9", stored.tree)},
            kept=frozenset({head}),
        )
    )
    assert [entry.standing for entry in found] == [Standing.OK, Standing.BEFORE]
