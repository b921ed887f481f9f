"""What an agent used: each attempt its own part of what the session counts up, and nothing that was not reported."""

from typing import Any

import pytest

from podium.agents.acp.meter import Meter, Rule
from podium.model.usage import Usage

PER_TURN, PER_SESSION = Rule("turn"), Rule("session")


def answer(given: int, made: int, *, cached: int = 0) -> dict[str, Any]:
    return {"usage": {"inputTokens": given, "cachedReadTokens": cached, "outputTokens": made}}


def cost(amount: Any, *, used: int = 0) -> dict[str, Any]:
    return {"used": used, "cost": {"amount": amount, "currency": "USD"}}


@pytest.mark.parametrize("rule", [PER_TURN, PER_SESSION])
def test_an_attempt_that_reports_nothing_used_who_knows_what(rule: Rule) -> None:
    meter = Meter(rule)
    meter.turned(answer(1000, 100))
    meter.updated(cost(0.5))
    assert meter.settle() == Usage(1000, 0, 100, 0.5)
    assert meter.settle() == Usage()


def test_turns_of_one_attempt_add_up() -> None:
    meter = Meter(PER_TURN)
    meter.turned(answer(10, 1, cached=5))
    meter.turned(answer(20, 2))
    assert meter.usage() == Usage(30, 5, 3)


def test_an_attempt_gets_what_the_session_counted_since_the_one_before() -> None:
    meter = Meter(PER_SESSION)
    meter.turned(answer(1000, 100))
    meter.turned(answer(1200, 110))
    assert meter.settle() == Usage(1200, 0, 110)
    meter.turned(answer(1500, 150))
    assert meter.settle() == Usage(300, 0, 40)


@pytest.mark.parametrize("lower", [answer(10, 1), answer(0, 0)])
def test_a_counter_that_begins_anew_pays_nothing_back(lower: dict[str, Any]) -> None:
    meter = Meter(PER_SESSION)
    meter.turned(answer(1000, 100))
    meter.settle()
    meter.turned(lower)
    assert meter.usage() == Usage(lower["usage"]["inputTokens"], 0, lower["usage"]["outputTokens"])


def test_a_count_that_is_left_out_once_is_not_counted_twice() -> None:
    meter = Meter(PER_SESSION)
    meter.turned(answer(1000, 100))
    meter.turned({"usage": {"outputTokens": 120}})
    meter.turned(answer(1100, 130))
    assert meter.usage() == Usage(1100, 0, 130)


def test_a_cost_that_begins_anew_is_added() -> None:
    meter = Meter(PER_TURN)
    meter.updated(cost(0.5))
    meter.updated(cost(0.25))
    assert meter.usage().cost_usd == 0.75


def test_what_is_reported_between_two_prompts_counts_for_the_next() -> None:
    meter = Meter(PER_TURN)
    meter.updated(cost(0.5))
    assert meter.settle().cost_usd == 0.5
    meter.updated(cost(1.0, used=700))
    meter.updated(cost(1.25))
    assert meter.at_least_tokens() == 700
    assert meter.settle().cost_usd == 0.75


def test_no_sum_grows_beyond_reason() -> None:
    meter = Meter(PER_TURN)
    for amount in [1e6, 0, 1e6, 0, 1e6]:
        meter.updated(cost(amount))
        meter.turned(answer(10**12, 10**12))
    assert meter.usage() == Usage(10**12, 0, 10**12, 1e6)


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf"), True, "1", None, 10**400])
def test_a_cost_that_is_none_is_not_taken(amount: Any) -> None:
    meter = Meter(PER_TURN)
    meter.updated(cost(amount))
    assert meter.usage() == Usage()


def test_counts_that_mean_nothing_are_not_kept() -> None:
    meter = Meter(Rule("none"))
    meter.turned(answer(1, 1))
    assert meter.usage().tokens is None
