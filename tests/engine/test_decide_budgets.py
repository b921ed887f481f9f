"""No attempt starts with nothing, none may use more than is left, and who waits for money is told so."""

import pytest

from podium.model.attempt import Attempt, End
from podium.model.decision import Act
from podium.model.ids import AttemptId, TaskId
from podium.model.progress import State
from podium.model.review import Wish
from podium.model.usage import Allowance, Usage
from podium.model.verdict import Verdict
from simulation import World, task

DAY_S = 24 * 3600.0


def begun(*names: str, configuration: str) -> World:
    world = World.of([task(name) for name in names], configuration)
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.advance()
    return world


def ends(world: World, cost_usd: float | None, end: End = End.CRASHED, tokens: int | None = None) -> None:
    world.end_attempt(world.job(Act.ATTEMPT), end, Usage(input_tokens=tokens, cost_usd=cost_usd))
    world.advance()


def allowed(world: World, name: str) -> Allowance:
    found = world.attempts[AttemptId(name)].allowance
    assert found
    return found


def held(world: World, name: str = "s/1") -> str:
    return world.plan().held[TaskId(name)]


def test_without_budgets_an_attempt_has_its_agents_own_bounds() -> None:
    world = begun("1", configuration="minutes = 12\ntokens = 5000\n")
    assert allowed(world, "s/1@1") == Allowance(tokens=5000, minutes=12)


def test_an_attempt_may_use_what_its_task_has_left() -> None:
    world = begun("1", configuration="[budget]\ntask_usd = 2\ntask_tokens = 1000\ntask_minutes = 5\n")
    assert allowed(world, "s/1@1") == Allowance(1000, 2.0, 5.0)
    ends(world, 0.5, tokens=300)
    assert allowed(world, "s/1@2") == Allowance(700, 1.5, 4.0)


def test_a_task_that_spent_its_budget_is_given_up_and_a_retry_grants_another() -> None:
    world = begun("1", configuration="[budget]\ntask_usd = 2\n[limits]\nattempts = 9\n")
    ends(world, 2.25, End.OVER_BUDGET)
    assert world.states() == {"1": State.REFUSED}
    because = world.progress()[TaskId("s/1")].because
    assert because.startswith(
        "the task's budget of $2 is spent: $2.25; the last attempt: attempt 1 over-budget"
    )
    world.order("s/1", Wish.RETRY)
    world.advance()
    assert allowed(world, "s/1@2").cost_usd == pytest.approx(1.75)


def test_those_that_may_run_at_once_share_what_is_left_of_the_day() -> None:
    world = begun(*"1234", configuration="[budget]\nday_usd = 20\n[limits]\nagents = 4\n")
    assert [allowed(world, f"s/{number}@1").cost_usd for number in "1234"] == [5.0] * 4
    ends(world, 1.0)
    assert allowed(world, "s/1@2").cost_usd == pytest.approx(4.0)


def test_when_the_day_is_spent_ready_tasks_wait_and_are_told_until_when() -> None:
    world = begun("1", configuration="[budget]\nday_usd = 1\n[limits]\nagents = 1\nattempts = 9\n")
    first_end = world.now + 1
    ends(world, 0.75)
    ends(world, 0.5, End.NO_CHANGE)
    assert world.states() == {"1": State.READY}
    assert held(world) == "the day's budget of $1 is spent: $1.25; more at 00:16 UTC"
    assert world.plan().again_at == first_end + DAY_S
    world.pass_time(first_end + DAY_S - world.now)
    world.advance()
    assert world.states() == {"1": State.RUNNING}
    assert allowed(world, "s/1@3").cost_usd == pytest.approx(0.5)


def test_what_nobody_knows_is_not_counted_and_said() -> None:
    world = begun("1", configuration="[budget]\nday_usd = 1\n[limits]\nagents = 1\nattempts = 9\n")
    ends(world, None)
    ends(world, None, End.NO_CHANGE)
    ends(world, 1.0)
    assert held(world).endswith("; 2 attempts of unknown cost are not counted")


def test_what_running_attempts_may_use_is_given_out() -> None:
    world = begun("1", configuration="[budget]\nday_usd = 2\n[limits]\nagents = 1\n")
    world.settings = world.settings.model_copy(
        update={"limits": world.settings.limits.model_copy(update={"agents": 2})}
    )
    world.tasks[TaskId("s/2")] = task("2")
    world.advance()
    assert held(world, "s/2") == (
        "the day's budget of $2 is given out: $0 is spent, the rest is promised to 1 running attempt"
    )


def test_a_specs_budget_holds_its_own_tasks_and_remembers_what_landed() -> None:
    world = begun(
        "1", "2", configuration='[budget]\nspec_usd = 3\n[limits]\nagents = 1\n[policy]\nreview = "never"\n'
    )
    ends(world, 3.0, End.PRODUCED)
    assert held(world, "s/2").startswith("spec s's budget of $3 is spent: $3")
    world.find(world.job(Act.GATE), Verdict.PASSED)
    world.advance()
    world.weave(world.job(Act.WEAVE))
    world.advance()
    world.land(world.job(Act.LAND))
    world.advance()
    world.find(world.job(Act.BASELINE), Verdict.PASSED)
    world.advance()
    assert world.landed_tasks == {"s/1"}
    assert held(world, "s/2").startswith("spec s's budget of $3 is spent: $3")


def test_crumbs_are_not_shared_out() -> None:
    world = begun(*"123", configuration="[budget]\nday_usd = 10\n[limits]\nagents = 3\nattempts = 9\n")
    for _ in range(3):
        ends(world, 3.1)
    running = [one for one in world.attempts.values() if one.id not in world.ends]
    assert sum(one.allowance.cost_usd or 0 for one in running if one.allowance) <= 0.7 + 1e-9
    assert all(may_use(one) >= 0.2 for one in running)


def may_use(attempt: Attempt) -> float:
    assert attempt.allowance
    return attempt.allowance.cost_usd or 0.0
