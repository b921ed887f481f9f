import json

from podium.base.digest import canonical
from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.decision import Act, Decision
from podium.model.evidence import Cases, CheckResult, Evidence
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId, Tree
from podium.model.queue import Landing
from podium.model.review import Answer, Review
from podium.model.spec import Requirement, Spec
from podium.model.task import Kind, Task
from podium.model.usage import Usage
from podium.model.verdict import Verdict
from podium.provenance.record import Member, record

BASE, HEAD, COMMIT, TREE = Sha("1" * 40), Sha("2" * 40), Sha("3" * 40), Tree("4" * 40)
TASK = Task(TaskId("s/1"), "s", "Sum", Kind.FIX)
SPEC = Spec("s", "spec.md", "f" * 64, "Shop", "", (Requirement("Sum", "It SHALL sum."),), (TASK,))
TRIES = tuple(Attempt(AttemptId(f"s/1@{n}"), TASK.id, n, "sed", BASE, "due", float(n)) for n in (1, 2, 3))
ENDS = (
    AttemptEnd(AttemptId("s/1@1"), End.CRASHED, "exit 1", 1.5, 0.5, exit_code=1),
    AttemptEnd(
        AttemptId("s/1@2"),
        End.PRODUCED,
        "1 file",
        2.5,
        0.5,
        0,
        HEAD,
        "bubblewrap",
        "b" * 64,
        usage=Usage(cost_usd=0.25),
    ),
)
CHANGE = Change(
    ChangeId("s/1@2"),
    TASK.id,
    AttemptId("s/1@2"),
    BASE,
    HEAD,
    TREE,
    ("a.py",),
    3,
    1,
    "Sum",
    "Ada <a@b>",
    2.5,
    "sed:4.9",
)
LANDING = Landing(CandidateId("candidate-1"), COMMIT, TREE, BASE, (CHANGE.id,), 9.0)
RESULT = CheckResult(
    "tests",
    "d" * 64,
    TREE,
    Verdict.PASSED,
    "2 passed",
    "pytest",
    0,
    1.25,
    "bubblewrap",
    Cases(("a", "b")),
    "ok",
    "e" * 64,
    8.0,
)
EVIDENCE = Evidence("weave:candidate-1", LANDING.candidate, TREE, BASE, "g" * 64, (RESULT,), 8.0)
ASKED = Decision(
    Act.ASK, CHANGE.id, "risk 71 ≥ 60", 5.0, TASK.id, data={"risk": 71, "reasons": ["touches auth.py"]}
)
APPROVED = Review(CHANGE.id, Answer.APPROVE, "reads well", "ada", 6.0)
MEMBER = Member(CHANGE, TASK, SPEC, TRIES, ENDS, None, ASKED, APPROVED)


def test_a_record_tells_the_whole_story_of_a_landing() -> None:
    found = record(LANDING, evidence=EVIDENCE, members=[MEMBER])
    assert (found["schema"], found["commit"], found["tree"]) == (1, COMMIT, TREE)
    assert found["evidence"]["gate_digest"] == "g" * 64
    assert found["evidence"]["checks"][0]["cases"] == {"passed": 2, "failed": 0, "skipped": 0}
    change = found["changes"][0]
    assert change["assisted_by"] == "sed:4.9"
    assert change["spec"] == {"id": "s", "path": "spec.md", "digest": "f" * 64, "requirements": ["Sum"]}
    assert [attempt["end"] for attempt in change["attempts"]] == ["crashed", "produced", None]
    assert change["attempts"][1]["brief_digest"] == "b" * 64
    assert change["risk"] == {"score": 71, "reasons": ["touches auth.py"]}
    assert change["approvals"] == [{"by": "ada", "kind": "person", "because": "reads well", "at": 6.0}]


def test_an_approval_by_policy_is_told_apart_from_a_persons() -> None:
    policy = Decision(Act.APPROVE, CHANGE.id, "risk 12 < 60", 5.0, TASK.id, data={"risk": 12, "reasons": []})
    found = record(LANDING, evidence=EVIDENCE, members=[Member(CHANGE, policy=policy)])
    assert found["changes"][0]["approvals"] == [
        {"by": "policy", "kind": "policy", "because": "risk 12 < 60", "at": 5.0}
    ]


def test_what_is_unknown_is_null_and_never_guessed() -> None:
    change = record(LANDING, evidence=EVIDENCE, members=[Member(CHANGE)])["changes"][0]
    assert (change["task"], change["spec"], change["evidence"], change["risk"]) == (None, None, None, None)
    assert (change["attempts"], change["approvals"]) == ([], [])
    tries = record(LANDING, evidence=EVIDENCE, members=[MEMBER])["changes"][0]["attempts"]
    assert [attempt["cost_usd"] for attempt in tries] == [None, 0.25, None]


def test_the_same_facts_give_the_same_json() -> None:
    one, two = (record(LANDING, evidence=EVIDENCE, members=[MEMBER]) for _ in range(2))
    assert canonical(one) == canonical(two)
    assert json.loads(canonical(one)) == one
