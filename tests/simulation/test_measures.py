"""Figures of simulations whose every moment is known, and what many seeds may be said to say."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.simulation.kernel import Decided, Outcome
from podium.simulation.measures import Figures, measure, quantile, ratio, spread, summary
from podium.simulation.scene import Run
from podium.simulation.trace import Arrival

MINUTE = 60.0


def arrival(id_: int, at_minutes: float) -> Arrival:
    return Arrival(id_, at_minutes * MINUTE, 0.0, frozenset({id_}), 10 * MINUTE)


def ended(id_: int, start: float, end: float, *, passed: bool | None) -> Run:
    return Run(id_, (id_,), (id_,), 0, start * MINUTE, ended_s=end * MINUTE, passed=passed)


def known() -> Outcome:
    """Four changes in one hour: three landed after 10, 20 and 60 minutes, one went back after 30; one run was stopped."""
    outcome = Outcome(
        "known", 2, 7, tuple(arrival(id_, 0) for id_ in range(4)), red=1, events=4, thinking_s=0.02
    )
    for id_, (at, landed) in enumerate([(10, True), (20, True), (60, True), (30, False)]):
        outcome.decided[id_] = Decided(at * MINUTE, landed, victim=not landed)
    outcome.runs = [
        ended(0, 0, 10, passed=True), ended(1, 0, 10, passed=True), ended(2, 10, 15, passed=None),
        ended(3, 20, 30, passed=False), ended(4, 50, 60, passed=True), ended(5, 50, 60, passed=True),
    ]  # fmt: skip
    return outcome


def figures(seed: int, p50: float) -> Figures:
    return replace(measure(known()), seed=seed, p50=p50)


def test_turnaround_is_from_arrival_to_decision_over_all_and_over_those_that_landed() -> None:
    found = measure(known())
    assert (found.p50, found.landed_p50) == (25, 20)
    assert found.p99 < 60
    assert found.p95 == pytest.approx(30 + 0.85 * 30)


def test_counts_tell_landed_from_rejected_and_victims_and_red() -> None:
    found = measure(known())
    assert (found.landed, found.rejected, found.victims, found.red, found.undecided) == (3, 1, 1, 1, 0)
    assert found.victim_share == 0.25
    assert found.per_hour == 3


def test_a_stopped_run_counts_as_started_and_only_for_the_time_it_took() -> None:
    found = measure(known())
    assert (found.runs, found.runs_per_landed) == (6, 2)
    assert found.gates_per_landed == pytest.approx(5.5 / 3)
    assert found.aborted == pytest.approx(1 / 6)


def test_thinking_is_told_per_event() -> None:
    assert measure(known()).thinking_ms == 5


def test_a_queue_that_lands_nothing_has_no_turnaround_and_costs_without_end() -> None:
    outcome = known()
    outcome.decided = {}
    found = measure(outcome)
    assert found.undecided == 4
    assert (found.p50, found.runs_per_landed, found.per_hour) == (math.inf, math.inf, 0)


def test_twenty_seeds_are_sure_of_the_sixth_to_the_fifteenth() -> None:
    found = spread([float(number) for number in range(1, 21)])
    assert (found.median, found.low, found.high) == (10.5, 6, 15)
    assert found.coverage == pytest.approx(0.9586, abs=1e-4)


def test_fewer_than_six_seeds_say_their_range_and_that_it_is_not_enough() -> None:
    found = spread([3.0, 1.0, 2.0])
    assert (found.low, found.median, found.high, found.coverage) == (1, 2, 3, 0.75)
    assert spread([1.0]).coverage == 0
    assert spread([float(number) for number in range(6)]).coverage > 0.95


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_an_interval_holds_its_median_and_is_as_sure_as_it_can_be(values: list[float]) -> None:
    found = spread(values)
    assert found.low <= found.median <= found.high
    assert found.coverage >= 0.95 or len(values) < 6


def test_ratios_are_taken_seed_by_seed() -> None:
    ours = [figures(2, 20), figures(0, 1), figures(1, 10)]
    theirs = [figures(0, 2), figures(1, 20), figures(2, 40)]
    found = ratio(ours, theirs, lambda one: one.p50)
    assert (found.low, found.median, found.high) == (0.5, 0.5, 0.5)


def test_ratios_of_different_seeds_are_refused() -> None:
    with pytest.raises(ValueError, match="seeds differ"):
        ratio([figures(0, 1)], [figures(1, 1)], lambda one: one.p50)


def test_nothing_against_nothing_is_level_and_something_against_nothing_is_beyond_measure() -> None:
    nothing, something, never = [figures(0, 0)], [figures(0, 3)], [figures(0, math.inf)]
    assert ratio(nothing, nothing, lambda one: one.p50).median == 1
    assert ratio(something, nothing, lambda one: one.p50).median == math.inf
    assert ratio(something, never, lambda one: one.p50).median == 0
    assert ratio(never, never, lambda one: one.p50).median == 1


def test_a_summary_is_over_the_seeds() -> None:
    assert summary([figures(seed, seed) for seed in range(3)], lambda one: one.p50).median == 1


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.floats(0, 1))
def test_a_quantile_is_within_the_values(values: list[float], share: float) -> None:
    assert min(values) <= quantile(values, share) <= max(values) * (1 + 1e-12)
