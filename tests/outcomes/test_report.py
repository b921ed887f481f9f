import json
from dataclasses import fields, replace
from typing import Any

from podium.base.digest import canonical
from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.decision import Act, Decision
from podium.model.evidence import CheckResult, Evidence
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId, Tree
from podium.model.queue import Landing
from podium.model.review import Answer, Review
from podium.model.task import Kind, Task
from podium.model.usage import Usage
from podium.model.verdict import Verdict
from podium.outcomes.figures import Quantiles, Share
from podium.outcomes.history import History
from podium.outcomes.report import Group, report, to_json

SHA, TREE = Sha("a" * 40), Tree("b" * 40)


def task(name: str, kind: Kind) -> Task:
    return Task(TaskId(name), "s", name, kind)


def attempt(name: str, agent: str) -> Attempt:
    owner, _, number = name.rpartition("@")
    return Attempt(AttemptId(name), TaskId(owner), int(number), agent, SHA, "due", 1.0)


def end(name: str, cost_usd: float | None, seconds: float = 10.0) -> AttemptEnd:
    return AttemptEnd(AttemptId(name), End.PRODUCED, "1 file", 2.0, seconds, usage=Usage(cost_usd=cost_usd))


def change(name: str, *, submitted: bool = False) -> Change:
    owner = None if submitted else TaskId(name.rpartition("@")[0])
    return Change(
        ChangeId(name),
        owner,
        None if submitted else AttemptId(name),
        SHA,
        SHA,
        TREE,
        ("a.py",),
        1,
        1,
        name,
        "Ada <a@b>",
        3.0,
    )


def landing(name: str, at: float) -> Landing:
    return Landing(CandidateId(f"candidate-{name}"), Sha(name), TREE, SHA, (ChangeId(name),), at)


def decision(act: Act, subject: str, at: float = 4.0) -> Decision:
    return Decision(act, subject, "because", at, "s/1")


def result(digest: str, at: float, seconds: float) -> CheckResult:
    return CheckResult("tests", digest, TREE, Verdict.PASSED, "ok", duration_s=seconds, at=at)


def evidence(name: str, *results: CheckResult, reused: bool = False) -> Evidence:
    return Evidence(name, name, TREE, SHA, "gate", results, 5.0, reused=reused)


# s/1 landed at once; s/2 landed with its second attempt; s/3 was given up; a branch was submitted and landed.
HISTORY = History(
    tasks={TaskId(f"s/{n}"): task(f"s/{n}", kind) for n, kind in ((1, Kind.FIX), (2, Kind.FIX), (3, Kind.DOCS))},
    known_since={TaskId("s/1"): 0.0, TaskId("s/2"): 0.0, TaskId("s/3"): 0.0},
    attempts=[attempt("s/1@1", "sed"), attempt("s/2@1", "sed"), attempt("s/2@2", "awk"), attempt("s/3@1", "awk")],
    ends=[end("s/1@1", 1.0), end("s/2@1", 2.0), end("s/2@2", 3.0), end("s/3@1", 0.5)],
    changes=[change("s/1@1"), change("s/2@1"), change("s/2@2"), change("mine@1", submitted=True)],
    landings=[landing("s/1@1", 100.0), landing("s/2@2", 300.0), landing("mine@1", 400.0)],
    decisions=[decision(Act.SEND_BACK, "s/2@1"), decision(Act.GIVE_UP, "s/3"), decision(Act.ASK, "s/2@2", 50.0)],
    evidence=[evidence("gate:a", result("d", 1.0, 4.0)), evidence("weave:a", result("d", 1.0, 4.0), reused=True),
              evidence("weave:b", result("d", 1.0, 4.0), result("e", 2.0, 6.0))],
    reviews=[Review(ChangeId("s/2@2"), Answer.APPROVE, "fine", "ada", 80.0)],
)  # fmt: skip


def test_the_outcomes_of_a_small_history() -> None:
    found = report(HISTORY)
    assert (found.landed, found.sent_back, found.refused, found.attempts) == (3, 1, 1, 4)
    assert found.first_pass == Share(1, 2)
    assert found.time_to_land_s == Quantiles(100.0, 300.0, 2)
    assert found.wait_for_people_s == Quantiles(30.0, 30.0, 1)
    assert found.agent_s == 40.0
    assert found.cost_usd_per_landed == 6.5 / 3


def test_a_check_that_served_several_gates_counts_once() -> None:
    found = report(HISTORY)
    assert (found.gate_s, found.gate_runs, found.gate_runs_reused) == (10.0, 2, 1)
    assert found.gate_runs_per_landed == 2 / 3


def test_an_unknown_cost_makes_the_whole_unknown_and_says_how_much_is_known() -> None:
    found = report(replace(HISTORY, ends=[*HISTORY.ends[:3], end("s/3@1", None)]))
    assert found.cost_usd_per_landed is None
    assert (found.cost_usd.of_known, found.cost_usd.known, found.cost_usd.n) == (6.0, 3, 4)


def test_the_work_is_told_by_agent_and_by_kind_of_task() -> None:
    found = report(HISTORY)
    assert [
        (group.name, group.attempts, group.landed, group.sent_back, group.first_pass)
        for group in found.by_agent
    ] == [
        ("awk", 2, 1, 0, Share(0, 1)),
        ("sed", 2, 1, 1, Share(1, 1)),
    ]
    assert [(group.name, group.landed, group.cost_usd.total) for group in found.by_kind] == [
        ("docs", 0, 0.5),
        ("fix", 2, 6.0),
    ]


def test_a_task_that_landed_after_all_is_not_refused() -> None:
    again = [*HISTORY.decisions, decision(Act.GIVE_UP, "s/2")]
    rejected = Review(ChangeId("s/2@1"), Answer.REJECT, "no", "ada", 9.0)
    assert report(replace(HISTORY, decisions=again, reviews=[rejected])).refused == 1


def test_a_rejected_submission_is_refused() -> None:
    mine = change("other@1", submitted=True)
    rejected = Review(mine.id, Answer.REJECT, "no", "ada", 9.0)
    assert report(replace(HISTORY, changes=[*HISTORY.changes, mine], reviews=[rejected])).refused == 2


def test_nothing_is_claimed_of_an_empty_history() -> None:
    found = report(History())
    assert found.first_pass == Share(0, 0)
    assert found.time_to_land_s == Quantiles(None, None, 0)
    assert (found.gate_s_per_landed, found.gate_runs_per_landed, found.cost_usd_per_landed) == (
        None,
        None,
        None,
    )


def test_the_json_names_every_field_and_nobody() -> None:
    found = to_json(report(HISTORY))
    assert json.loads(canonical(found)) == found
    assert found["schema"] == 1
    assert {field.name for field in fields(report(HISTORY))} <= set(found)
    assert set(found["by_agent"][0]) == {field.name for field in fields(Group)}
    assert all(figures["n"] >= 0 for figures in _with_n(found))
    assert "ada" not in canonical(found).lower()


def _with_n(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [found["first_pass"], found["time_to_land_s"], found["wait_for_people_s"], found["cost_usd"]]
