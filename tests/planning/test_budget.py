"""Shares of what is left: never more than there is, never a crumb."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.config.settings import AgentSettings, BudgetSettings
from podium.model.attempt import Attempt
from podium.model.facts import Facts
from podium.model.ids import Sha, TaskId, attempt_id
from podium.model.past import Past, Spell
from podium.model.task import Kind, Task
from podium.model.usage import Allowance, Spending
from podium.planning.budget import CRUMB, DAY_S, Funds, Purse

TIP = Sha("a" * 40)
TASK = Task(TaskId("s/1"), "s", "title", Kind.FIX)
AGENT = AgentSettings(command=("true",), minutes=30)
NOW = 10 * DAY_S


def running(task: str, allowance: Allowance | None) -> Attempt:
    name = TaskId(task)
    return Attempt(attempt_id(name, 1), name, 1, "sed", TIP, "due", 1.0, None, allowance)


def spells(*hours_ago_and_cost: tuple[float, float]) -> tuple[Spell, ...]:
    found = [Spell(NOW - hours * 3600, Spending(1, 0, cost, 1.0)) for hours, cost in hours_ago_and_cost]
    return tuple(sorted(found, key=lambda spell: spell.at))


@given(
    bound=st.floats(0.01, 1000), used=st.floats(0, 1000), promised=st.floats(0, 1000), slots=st.integers(1, 50),
    unit=st.sampled_from(["cost_usd", "tokens", "minutes"]),
)  # fmt: skip
def test_a_share_is_no_crumb_and_all_shares_together_are_no_more_than_is_left(
    bound: float, used: float, promised: float, slots: int, unit: str
) -> None:
    spent = Spending(tokens=int(used), cost_usd=used, minutes=used)
    purse = Purse("the day", unit, bound, spent, promised)  # type: ignore[arg-type]
    begun = 0.0
    for free in range(slots, 0, -1):
        rest = Purse("the day", unit, bound, spent, promised + begun)  # type: ignore[arg-type]
        if not rest.is_empty:
            assert rest.share(free) >= rest.crumb
            begun += rest.share(free)
    assert begun <= max(0.0, purse.left) + 1e-6
    assert not purse.is_spent or purse.is_empty


def test_the_narrowest_bound_holds_in_each_unit() -> None:
    agent = AgentSettings(command=("true",), minutes=30, tokens=700, cost_usd=9)
    budget = BudgetSettings(task_minutes=12, task_tokens=900, spec_usd=4, day_tokens=1000, day_usd=20)
    found = Funds(Facts(TIP), budget, NOW).allowance(TASK, agent, slots=2)
    assert found == Allowance(tokens=500, cost_usd=2.0, minutes=12.0)


def test_what_landed_tasks_used_of_their_specs_budget_is_gone() -> None:
    past = (
        Past("s", "sed", "fix", 2, 1, Spending(2, 0, 3.0, 9.0)),
        Past("other", "sed", "fix", 1, 1, Spending(1, 0, 5.0)),
    )
    funds = Funds(Facts(TIP, past=past), BudgetSettings(spec_usd=4), NOW)
    assert funds.allowance(TASK, AGENT, slots=1) == Allowance(cost_usd=1.0, minutes=30.0)


def test_only_a_specs_own_running_attempts_count_against_its_budget() -> None:
    others = (running("s/2", Allowance(cost_usd=1.5)), running("other/1", Allowance(cost_usd=9.0)))
    funds = Funds(Facts(TIP), BudgetSettings(spec_usd=4), NOW, others)
    assert funds.allowance(TASK, AGENT, slots=1) == Allowance(cost_usd=2.5, minutes=30.0)


def test_an_attempt_that_was_started_without_a_bound_counts_when_it_ends() -> None:
    funds = Funds(Facts(TIP), BudgetSettings(day_usd=4), NOW, (running("s/2", None),))
    assert funds.allowance(TASK, AGENT, slots=1) == Allowance(cost_usd=4.0, minutes=30.0)


def test_what_was_spent_longer_ago_than_a_day_is_forgotten() -> None:
    facts = Facts(TIP, recent=spells((25, 3.0), (23, 1.0)))
    found = Funds(facts, BudgetSettings(day_usd=4), NOW).allowance(TASK, AGENT, slots=1)
    assert found == Allowance(cost_usd=3.0, minutes=30.0)


def test_more_comes_when_enough_of_what_was_spent_is_a_day_old() -> None:
    facts = Facts(TIP, recent=spells((20, 0.5), (10, 3.0), (1, 1.0)))
    funds = Funds(facts, BudgetSettings(day_usd=4), NOW)
    assert funds.more_at == NOW + 14 * 3600, "the first to leave does not make up for what was spent too much"
    assert funds.why_day_waits.startswith("the day's budget of $4 is spent: $4.50; more at ")
    later = Funds(facts, BudgetSettings(day_usd=4), funds.more_at or 0.0)
    assert later.why_day_waits == ""


@pytest.mark.parametrize("left", [0.0, CRUMB / 2])
def test_a_crumb_is_as_good_as_nothing(left: float) -> None:
    facts = Facts(TIP, recent=spells((1, 10 * (1 - left))))
    found = Funds(facts, BudgetSettings(day_usd=10), NOW).allowance(TASK, AGENT, slots=4)
    assert isinstance(found, str)
    assert ("as good as" in found) is bool(left)
