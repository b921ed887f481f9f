"""One rule of the engine a test: what is decided, from what is known."""

import pytest

from podium.engine.decide import decide, trouble_with_target
from podium.model.attempt import End
from podium.model.decision import Act
from podium.model.ids import AttemptId, TaskId
from podium.model.progress import State
from podium.model.review import Answer, Wish
from podium.model.verdict import Verdict
from simulation import World, settings, task, work_through

NO_VERDICT = [Verdict.COULD_NOT_RUN, Verdict.RAN_NOTHING]


def begun(*names: str, configuration: str = "") -> World:
    """A world with these tasks, its target branch known to be green."""
    world = World.of([task(name) for name in names], configuration)
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.advance()
    return world


def gating(*names: str, configuration: str = "") -> World:
    """The first attempts produced something, and its gate runs."""
    world = begun(*names, configuration=configuration)
    while any(job.act is Act.ATTEMPT for job in world.jobs):
        world.end_attempt(world.job(Act.ATTEMPT))
    world.advance()
    return world


def in_review(*names: str) -> World:
    world = gating(*names, configuration='[policy]\nreview = "always"\n')
    while any(job.act is Act.GATE for job in world.jobs):
        world.find(world.job(Act.GATE), Verdict.PASSED)
    world.advance()
    return world


def queued(*names: str, configuration: str = "") -> World:
    world = gating(*names, configuration='[policy]\nreview = "never"\n' + configuration)
    while any(job.act is Act.GATE for job in world.jobs):
        world.find(world.job(Act.GATE), Verdict.PASSED)
        world.advance()
    return world


def test_the_same_facts_give_the_same_decisions_and_are_left_alone() -> None:
    world = gating("1", "2")
    facts = world.facts()
    before = (dict(facts.decisions), dict(facts.changes), facts.attempts)
    first, second = (decide(facts, world.settings, now=7.0) for _ in range(2))
    assert first == second
    assert before == (dict(facts.decisions), dict(facts.changes), facts.attempts)
    assert decide(world.facts(), world.settings, now=7.0) == first


def test_nothing_new_is_decided_until_something_new_is_known() -> None:
    world = begun("1", "2")
    assert world.advance() == []


def test_every_decision_says_why() -> None:
    world = World.of([task("1"), task("2", "1"), task("3")], '[policy]\nreview = "never"\n')
    work_through(world)
    assert world.landed_tasks == {"s/1", "s/2", "s/3"}
    assert all(len(decision.because) > 5 for decision in world.decisions.values())


def test_nothing_starts_before_the_target_branch_is_known_to_be_green() -> None:
    world = World.of([task("1")])
    assert [decision.act for decision in world.advance()] == [Act.BASELINE]
    assert world.plan().held == {"s/1": "the target branch is being gated first"}


def test_a_red_target_branch_holds_every_start_and_is_called_by_its_name() -> None:
    world = World.of([task("1")])
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.FAILED, "2 tests failed")
    assert world.advance() == []
    assert "2 tests failed" in trouble_with_target(world.facts())
    assert "2 tests failed" in world.plan().held[TaskId("s/1")]


def test_a_target_branch_without_a_verdict_is_gated_again_and_then_a_person_is_called() -> None:
    world = World.of([task("1")], "[gate]\ntries = 3\n")
    for _ in range(3):
        world.advance()
        world.find(world.job(Act.BASELINE), Verdict.COULD_NOT_RUN, "no pytest here")
    assert [decision.act for decision in world.advance()] == [Act.ALARM]
    assert "no pytest here" in trouble_with_target(world.facts())
    world.order(world.tip, Wish.RETRY)
    assert [decision.act for decision in world.advance()] == [Act.BASELINE]


def test_no_more_agents_run_than_the_limit_allows() -> None:
    world = begun("1", "2", "3", "4", configuration="[limits]\nagents = 2\n")
    states = world.states()
    assert [states[name] for name in "1234"] == [State.RUNNING] * 2 + [State.READY] * 2
    assert world.plan().held == {"s/3": "all 2 agents are at work", "s/4": "all 2 agents are at work"}
    world.end_attempt(world.job(Act.ATTEMPT))
    world.advance()
    assert world.states()["3"] is State.RUNNING


def test_no_agent_starts_while_as_much_waits_for_people_as_they_can_look_at() -> None:
    world = begun(
        *"123", configuration='[policy]\nreview = "always"\n[limits]\nagents = 1\nwaiting_reviews = 1\n'
    )
    work_through(world)
    assert world.states() == {"1": State.REVIEW, "2": State.READY, "3": State.READY}
    assert "the limit is 1" in world.plan().held[TaskId("s/3")]
    world.answer("s/1@1", Answer.APPROVE)
    world.advance()
    assert world.states()["2"] is State.RUNNING


def test_a_failed_gate_sends_the_change_back_with_what_it_found() -> None:
    world = gating("1")
    world.find(world.job(Act.GATE), Verdict.FAILED, "test_sum failed")
    decided = {decision.act: decision for decision in world.advance()}
    assert decided[Act.SEND_BACK].data == {"feedback": "test_sum failed", "evidence": "gate:s/1@1"}
    attempt = world.attempts[AttemptId("s/1@2")]
    assert attempt.seed
    assert attempt.seed.head == world.changes["s/1@1"].head  # type: ignore[index]  # a change id is a string
    assert (attempt.seed.feedback, attempt.seed.evidence) == ("test_sum failed", "gate:s/1@1")
    assert attempt.because == "attempt 2 of 3: the gate failed: test_sum failed"


@pytest.mark.parametrize("verdict", NO_VERDICT)
def test_a_gate_without_a_verdict_is_tried_again_and_never_blames_the_change(verdict: Verdict) -> None:
    world = gating("1", configuration="[gate]\ntries = 2\n")
    world.find(world.job(Act.GATE), verdict, "no space left")
    assert [decision.key for decision in world.advance()] == ["gate:s/1@1:1"]
    world.find(world.job(Act.GATE), verdict, "no space left")
    assert [decision.act for decision in world.advance()] == [Act.ALARM]
    assert world.states() == {"1": State.ALARM}
    assert not [decision for decision in world.decisions.values() if decision.act is Act.SEND_BACK]


def test_a_retry_after_an_alarm_gates_again() -> None:
    world = gating("1", configuration="[gate]\ntries = 1\n")
    world.fail(world.job(Act.GATE))
    world.advance()
    assert world.states() == {"1": State.ALARM}
    world.order("s/1", Wish.RETRY)
    assert [decision.key for decision in world.advance()] == ["gate:s/1@1:1"]
    world.find(world.job(Act.GATE), Verdict.PASSED)
    world.advance()
    assert world.states() == {"1": State.QUEUED}


@pytest.mark.parametrize("end", [End.NO_CHANGE, End.CRASHED, End.TIMED_OUT, End.REFUSED])
def test_an_attempt_that_came_to_nothing_is_followed_by_one_that_knows_why(end: End) -> None:
    world = begun("1")
    world.end_attempt(world.job(Act.ATTEMPT), end)
    world.advance()
    attempt = world.attempts[AttemptId("s/1@2")]
    assert attempt.seed
    assert attempt.seed.head is None
    assert end in attempt.seed.feedback


def test_a_task_is_given_up_after_its_attempts_and_a_retry_grants_as_many_again() -> None:
    world = begun("1", configuration="[limits]\nattempts = 2\n")
    for _ in range(2):
        world.end_attempt(world.job(Act.ATTEMPT), End.NO_CHANGE)
        world.advance()
    assert world.states() == {"1": State.REFUSED}
    assert "2 attempts used up" in world.progress()[TaskId("s/1")].because
    world.order("s/1", Wish.RETRY)
    for _ in range(2):
        world.advance()
        world.end_attempt(world.job(Act.ATTEMPT), End.NO_CHANGE)
    world.advance()
    assert world.states() == {"1": State.REFUSED}
    assert len(world.attempts) == 4


def test_what_comes_after_a_task_that_was_given_up_is_blocked_until_it_is_tried_again() -> None:
    world = World.of([task("1"), task("2", "1")], "[limits]\nattempts = 1\n")
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.advance()
    world.end_attempt(world.job(Act.ATTEMPT), End.CRASHED)
    world.advance()
    assert world.states() == {"1": State.REFUSED, "2": State.BLOCKED}
    world.order("s/1", Wish.RETRY)
    world.advance()
    assert world.states() == {"1": State.RUNNING, "2": State.WAITING}


def test_a_change_that_a_person_returns_goes_back_with_their_words() -> None:
    world = in_review("1")
    assert world.states() == {"1": State.REVIEW}
    world.answer("s/1@1", Answer.RETURN, "name it total")
    world.advance()
    attempt = world.attempts[AttemptId("s/1@2")]
    assert attempt.seed
    assert attempt.seed.feedback == "name it total"
    assert attempt.seed.head


def test_a_rejected_change_ends_its_task_and_a_retry_tells_the_next_agent_why() -> None:
    world = in_review("1")
    world.answer("s/1@1", Answer.REJECT, "the wrong idea")
    assert world.advance() == []
    assert world.states() == {"1": State.REFUSED}
    world.order("s/1", Wish.RETRY)
    world.advance()
    attempt = world.attempts[AttemptId("s/1@2")]
    assert attempt.seed
    assert (attempt.seed.feedback, attempt.seed.head) == ("the wrong idea", None)


def test_a_cancelled_task_neither_starts_nor_lands() -> None:
    world = queued("1", "2")
    weave = world.job(Act.WEAVE)
    world.order("s/1", Wish.CANCEL)
    world.advance()
    world.weave(weave)
    world.advance()
    work_through(world)
    assert world.landed_tasks == {"s/2"}
    assert world.states() == {"1": State.CANCELLED, "2": State.LANDED}
    world.order("s/1", Wish.RETRY)
    work_through(world)
    assert world.landed_tasks == {"s/1", "s/2"}


def test_a_change_that_lands_while_its_record_is_missing_is_not_woven_again() -> None:
    world = queued("1", configuration="[queue]\nbatch = 1\n")
    world.weave(world.job(Act.WEAVE))
    world.advance()
    landing = world.job(Act.LAND)
    candidate = world.candidates[landing.subject]  # type: ignore[index]  # a candidate id is a string
    assert candidate.commit
    world.tip = candidate.commit
    assert Act.WEAVE not in {decision.act for decision in world.advance()}


def test_a_landing_that_keeps_failing_calls_a_person_and_a_retry_lands_it() -> None:
    world = queued("1", configuration="[gate]\ntries = 2\n")
    world.weave(world.job(Act.WEAVE))
    world.obstructed = True
    work_through(world)
    assert world.states() == {"1": State.ALARM}
    assert "it could not land in 2 tries" in world.progress()[TaskId("s/1")].because
    world.obstructed = False
    world.order("s/1", Wish.RETRY)
    work_through(world)
    assert world.states() == {"1": State.LANDED}


def test_a_red_target_branch_is_not_blamed_on_a_queued_change() -> None:
    world = queued("1", "2", configuration="[queue]\nbatch = 1\n")
    world.push()
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.FAILED, "somebody pushed a fault")
    old = world.job(Act.WEAVE)
    world.weave(old, Verdict.FAILED)
    world.advance()
    for job in [job for job in world.jobs if job.act is Act.WEAVE]:
        world.weave(job, Verdict.FAILED)
        world.advance()
    second = world.job(Act.WEAVE)
    assert world.states() == {"1": State.QUEUED, "2": State.QUEUED}
    world.weave(second)
    work_through(world)
    assert world.landed_tasks == {"s/2", "s/1"}, "the second heals the target, and then the first may land"


def test_work_submitted_for_a_task_takes_the_place_of_what_was_stuck() -> None:
    world = gating("1", configuration="[gate]\ntries = 1\n")
    world.fail(world.job(Act.GATE))
    world.advance()
    world.submit(to=TaskId("s/1"))
    work_through(world)
    assert world.landed == ["s/1@2"]


def test_a_submitted_change_takes_the_same_road() -> None:
    world = World.of([], '[policy]\nreview = "never"\n')
    world.submit("submit:topic:1")
    work_through(world)
    assert world.landed == ["submit:topic:1"]


def test_an_attempt_that_fails_on_our_side_is_taken_up_again_and_then_a_person_is_called() -> None:
    world = begun("1", configuration="[gate]\ntries = 2\n")
    world.fail(world.job(Act.ATTEMPT), "no bubblewrap")
    assert [decision.key for decision in world.advance()] == ["attempt:s/1@1:1"]
    world.fail(world.job(Act.ATTEMPT), "no bubblewrap")
    world.advance()
    assert world.states() == {"1": State.ALARM}
    assert len(world.attempts) == 1, "the maker is not blamed: it is the same attempt"


def test_a_ticked_task_is_over_and_what_comes_after_it_may_start() -> None:
    world = World.of([task("1", done=True), task("2", "1")])
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.advance()
    assert world.states() == {"1": State.LANDED, "2": State.RUNNING}


def test_other_settings_change_what_happens_next_and_nothing_that_has() -> None:
    world = begun("1", "2", "3", configuration="[limits]\nagents = 1\n")
    world.settings = settings("[limits]\nagents = 3\n")
    before = dict(world.decisions)
    world.advance()
    assert before.items() <= world.decisions.items()
    assert set(world.states().values()) == {State.RUNNING}


def test_where_every_change_is_reviewed_no_more_are_made_than_people_can_review() -> None:
    rules = '[policy]\nreview = "always"\n[limits]\nwaiting_reviews = 2\nagents = 4\n'
    world = begun("1", "2", "3", "4", configuration=rules)
    assert len(world.facts().attempts) == 2
    held = decide(world.facts(), world.settings, now=7.0).held
    assert set(held) == {TaskId("s/3"), TaskId("s/4")}
    assert all("people have as much to review as they can: 2" in because for because in held.values())
