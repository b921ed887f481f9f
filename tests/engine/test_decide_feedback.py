"""What a failure leads to: on in the same session, afresh, to another agent, and in the end to a person."""

from podium.model.attempt import Attempt, End
from podium.model.decision import Act
from podium.model.ids import AttemptId, TaskId
from podium.model.progress import State
from podium.model.review import Answer, Wish
from podium.model.verdict import Verdict
from simulation import World, task

MANY = "[limits]\nattempts = 9\n"
CLAUDE = """
[agents.claude]
acp = ["claude-agent-acp"]
"""
RULE = """
[agents.claude]
acp = ["claude-agent-acp"]
[agents.codex]
acp = ["codex-acp"]
[[policy.makers]]
kinds = ["fix"]
agents = ["claude", "codex"]
"""


def begun(configuration: str = "") -> World:
    """A world with one task, its first attempt under way, made by claude where there is one."""
    world = World.of([task("1")], configuration)
    if configuration.startswith(CLAUDE):
        by_default(world, "claude")
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.advance()
    return world


def by_default(world: World, agent: str) -> None:
    world.settings = world.settings.model_copy(update={"agent": agent})


def fails(world: World, signature: str, because: str = "tests: test_sum failed") -> None:
    """The attempt that runs produces something, and its gate finds a failure."""
    world.end_attempt(world.job(Act.ATTEMPT))
    world.advance()
    world.find(world.job(Act.GATE), Verdict.FAILED, because, signature)
    world.advance()


def attempt(world: World, number: int) -> Attempt:
    return world.attempts[AttemptId(f"s/1@{number}")]


def test_what_the_gate_found_is_told_in_the_session_the_change_was_made_in() -> None:
    world = begun(CLAUDE)
    fails(world, "one")
    seed = attempt(world, 2).seed
    assert seed
    assert (seed.session, seed.evidence, bool(seed.head)) == ("s/1@1", "gate:s/1@1", True)


def test_an_agent_without_sessions_is_not_asked_to_go_on_in_one() -> None:
    world = begun()
    fails(world, "one")
    seed = attempt(world, 2).seed
    assert seed
    assert (seed.session, bool(seed.head)) == (None, True)


def test_what_a_person_returned_goes_on_in_the_same_session() -> None:
    world = begun(CLAUDE + '[policy]\nreview = "always"\n')
    world.end_attempt(world.job(Act.ATTEMPT))
    world.advance()
    world.find(world.job(Act.GATE), Verdict.PASSED)
    world.advance()
    world.answer("s/1@1", Answer.RETURN, "name it total")
    world.advance()
    seed = attempt(world, 2).seed
    assert seed
    assert (seed.session, seed.feedback) == ("s/1@1", "name it total")


def test_what_the_merge_queue_sent_back_begins_a_session_of_its_own() -> None:
    world = begun(CLAUDE + '[policy]\nreview = "never"\n')
    world.end_attempt(world.job(Act.ATTEMPT))
    world.advance()
    world.find(world.job(Act.GATE), Verdict.PASSED)
    world.advance()
    world.weave(world.job(Act.WEAVE), Verdict.FAILED)
    world.advance()
    seed = attempt(world, 2).seed
    assert seed
    assert (seed.session, seed.evidence[:6]) == (None, "weave:")


def test_a_session_is_not_gone_on_with_by_another_agent() -> None:
    world = begun(CLAUDE + '[agents.codex]\nacp = ["codex-acp"]\n')
    by_default(world, "codex")
    fails(world, "one")
    seed = attempt(world, 2).seed
    assert seed
    assert attempt(world, 2).agent == "codex"
    assert seed.session is None


def test_the_same_failure_twice_starts_afresh_and_a_third_time_stops() -> None:
    world = begun(CLAUDE + MANY)
    fails(world, "one")
    fails(world, "one")
    afresh = attempt(world, 3)
    assert afresh.seed
    assert (afresh.seed.head, afresh.seed.session, afresh.seed.evidence) == (None, None, "gate:s/1@2")
    assert "test_sum failed" in afresh.seed.feedback
    assert (
        "the same failure twice (the gate failed: tests: test_sum failed): starting afresh" in afresh.because
    )
    fails(world, "one")
    assert world.states() == {"1": State.REFUSED}
    assert world.progress()[TaskId("s/1")].because == (
        "the same failure three times (the gate failed: tests: test_sum failed); split the task or take it over"
    )


def test_a_persons_retry_makes_earlier_failures_history() -> None:
    world = begun(CLAUDE + MANY)
    for _ in range(3):
        fails(world, "one")
    world.order("s/1", Wish.RETRY)
    world.advance()
    assert "starting afresh" not in attempt(world, 4).because
    fails(world, "one")
    assert "starting afresh" not in attempt(world, 5).because
    fails(world, "one")
    assert "starting afresh" in attempt(world, 6).because
    fails(world, "one")
    assert world.states() == {"1": State.REFUSED}


def test_another_failure_is_progress_though_the_same_one_may_come_but_twice() -> None:
    world = begun(CLAUDE + MANY)
    for signature in ("one", "two", "one", "two"):
        fails(world, signature)
        assert "starting afresh" not in world.attempts[list(world.attempts)[-1]].because
    fails(world, "one")
    assert world.states() == {"1": State.REFUSED}
    assert len(world.attempts) == 5


def test_a_finding_without_a_signature_is_like_no_other() -> None:
    world = begun(MANY)
    for _ in range(4):
        fails(world, "")
    assert world.states() == {"1": State.RUNNING}


def test_ends_that_are_alike_but_for_their_times_are_the_same_failure() -> None:
    world = begun(MANY)
    for _ in range(3):
        world.end_attempt(world.job(Act.ATTEMPT), End.TIMED_OUT)
        world.advance()
    assert world.states() == {"1": State.REFUSED}
    assert "the same failure three times (attempt 3 timed-out" in world.progress()[TaskId("s/1")].because


def test_after_the_same_failure_twice_the_next_agent_of_the_rule_takes_over() -> None:
    world = begun(RULE + MANY)
    assert attempt(world, 1).because == "everything it comes after has landed; claude is number 1 of the rule, against codex is number 2 of the rule"  # fmt: skip
    fails(world, "one")
    assert attempt(world, 2).agent == "claude"
    fails(world, "one")
    assert attempt(world, 3).agent == "codex"
    assert attempt(world, 3).because.endswith("passed over claude: it failed the same way twice")
    fails(world, "two")
    assert (attempt(world, 4).agent, attempt(world, 4).because[-29:]) == (
        "codex",
        "codex made the attempt before",
    )


def test_an_agent_that_was_given_up_on_a_task_is_passed_over_when_it_is_tried_again() -> None:
    world = begun(RULE + "[limits]\nattempts = 1\n")
    fails(world, "one")
    world.order("s/1", Wish.RETRY)
    world.advance()
    assert attempt(world, 2).agent == "codex"
    assert "passed over claude: its attempts were given up before" in attempt(world, 2).because


def test_an_agent_that_ran_out_of_its_budget_is_passed_over() -> None:
    world = begun(RULE + MANY)
    world.end_attempt(world.job(Act.ATTEMPT), End.OVER_BUDGET)
    world.advance()
    assert attempt(world, 2).agent == "codex"
    assert "passed over claude: it ran out of its budget" in attempt(world, 2).because
