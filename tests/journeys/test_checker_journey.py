"""Another agent looks at what passed the gate: it sends back with reasons and tests, and approves only where policy lets it."""

import json
import shlex
from typing import Any

import pytest
from podium_process import Stage, configuration, processes_below

from podium.model.checking import Word

Repo = Any
"""The `repo` fixture's helper."""

SPEC = "- [ ] 1 Make add return the sum\n  - kind: chore\n  - paths: calc.sh\n  - accept: `sh calc.sh 2 0` → `2`\n"
WRONG, RIGHT = "echo $(($1 - $2))", "echo $(($1 + $2))"
MAKER = f"""
if grep -q 'is wrong for 2 and 3' {{brief}}; then echo {shlex.quote(RIGHT)}; else echo {shlex.quote(WRONG)}; fi > calc.sh
"""
"""Gets it right only once somebody says why it is not."""
TEST = {
    "name": "two and three",
    "path": "tests/five.sh",
    "content": 'test "$(sh calc.sh 2 3)" = 5\n',
    "command": "sh tests/five.sh",
}
OBJECTION = {
    "verdict": "send-back", "because": "the sum is wrong for 2 and 3",
    "findings": [{"severity": "blocker", "message": "it subtracts", "path": "calc.sh", "line": 1}], "tests": [TEST],
}  # fmt: skip
APPROVAL = {"verdict": "approve", "because": "it adds", "tests": [TEST]}


def answering(answer: object) -> str:
    return f"printf '%s' {shlex.quote(json.dumps(answer))} > $PODIUM_ANSWER/verdict.json"


CHECKER = f"""
echo x > calc.sh && exit 9
if test "$(sh calc.sh 2 3)" = 5; then {answering(APPROVAL)}; else {answering(OBJECTION)}; fi
"""
"""Reads the tree, which it cannot change, and judges."""


@pytest.fixture
def stage(repo: Repo) -> Stage:
    return Stage(repo)


def set_up(
    stage: Stage, checker: str, *, policy: str = "approves_below = 100\n", agents: str = "maker, checker"
) -> None:
    listed = ", ".join(f'"{name}"' for name in agents.split(", "))
    more = f"[policy.checker]\nagents = [{listed}]\n{policy}"
    stage.repo.commit(
        {"podium.toml": configuration(maker=MAKER, checker=checker, review="always", more=more)}, "set up"
    )


def test_it_sends_back_what_is_wrong_and_its_approval_stands_where_policy_says_so(stage: Stage) -> None:
    set_up(stage, CHECKER)
    stage.podium("run", stage.spec(SPEC))
    (landed,) = stage.landed_changes()
    assert landed.endswith("/1@2")
    assert stage.repo.git("show", "main:calc.sh") == RIGHT
    assert stage.tree() == {"README.md", "podium.toml", "calc.sh"}, (
        "a checker's test is no part of what lands"
    )
    first, second = (stage.project.store.judgment(f"{landed[:-1]}{number}") for number in (1, 2))
    assert first is not None
    assert second is not None
    assert (first.by, first.word, second.word) == ("checker", Word.SEND_BACK, Word.APPROVE)
    assert [(trial.verdict, trial.base) for trial in (*first.tests, *second.tests)] == [
        ("failed", "failed"), ("passed", "failed"),
    ]  # fmt: skip
    said = stage.podium("show", "1")
    for part in (
        "checker checks it: another agent than its maker maker",
        "it subtracts",
        "tests/five.sh",
        "it fails without the change",
    ):
        assert part in said, said
    assert not processes_below(stage.repo.path)


def test_who_writes_no_verdict_is_asked_once_more_and_then_a_person_is(stage: Stage) -> None:
    set_up(stage, 'echo "looks fine to me" > $PODIUM_ANSWER/verdict.json')
    stage.podium("run", stage.spec(SPEC), code=3)
    assert stage.states() == {"1": "review"}
    assert "checker gave no verdict" in stage.because("1")
    said = stage.podium("review", code=3)
    assert "checker" in said
    stage.podium("review", "approve", "1")
    stage.podium("run")
    assert [name.rpartition("/")[2] for name in stage.landed_changes()] == ["1@1"]


def test_nobody_checks_their_own_work(stage: Stage) -> None:
    set_up(stage, CHECKER, agents="maker")
    stage.podium("run", stage.spec(SPEC), code=3)
    assert "no agent but its maker maker could check it" in stage.because("1")
    assert "judged" not in stage.kinds()


def test_two_agents_do_not_play_ping_pong_for_ever(stage: Stage) -> None:
    set_up(stage, answering({"verdict": "send-back", "because": "I would do it another way"}))
    stage.podium("run", stage.spec(SPEC), code=3)
    assert stage.states() == {"1": "review"}
    assert "I would do it another way" in stage.because("1")
    assert stage.kinds().count("decided.send-back") == 2
