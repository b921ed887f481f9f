"""Podium's planner in the simulator: promises kept on whatever trace, and scenes whose answer is known."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.landing.planner.line import Options
from podium.simulation.kernel import Outcome, simulate
from podium.simulation.policies.weave import Weave
from podium.simulation.predictors import Constant, Peek
from podium.simulation.scene import Land, Order, Scene, Start
from podium.simulation.trace import Arrival

GATE_S = 600.0
RUNS_EACH = 12
"""So many runs for each change, flakes included, would be no progress."""


def change(number: int, *keys: int, **more: Any) -> Arrival:
    return replace(Arrival(number, 0.0, 0.0, frozenset(keys or {1}), GATE_S), **more)


class Watched:
    """The planner, watched: each order has its because, and there is an end to them."""

    name = "podium"

    def __init__(self, changes: int, weave: Weave, *, probe: bool = True) -> None:
        self._left, self._weave, self._probe = 40 * changes, weave, probe

    def orders(self, scene: Scene) -> Iterable[Order]:
        self._left -= 1
        assert self._left, "no end to it"
        orders = list(self._weave.orders(scene))
        for order in orders:
            assert order.because
        return orders if self._probe else map(_plainly, orders)


def play(
    trace: Sequence[Arrival],
    *,
    slots: int = 4,
    attribution: float = 1.0,
    reuse: bool = True,
    probe: bool = True,
) -> Outcome:
    policy = Watched(len(trace), Weave(reuse=reuse), probe=probe)
    believed = Constant(0.97, 0.02)
    return simulate(trace, policy, slots=slots, predictor=believed, attribution=attribution)


def _plainly(order: Order) -> Order:
    """Without running anything again."""
    return replace(order, probe=False) if isinstance(order, Start) else order


@st.composite
def traces(draw: st.DrawFn, *, flaky: float = 0.2) -> list[Arrival]:
    """A dense trace: few targets, so that most overlap; some are bad, pairs break, some are stacked, some matter more."""
    found: list[Arrival] = []
    at_s, least = 0.0, draw(st.sampled_from([0.0, flaky / 4, flaky]))
    for number in range(draw(st.integers(1, 25))):
        at_s += draw(st.sampled_from([0.0, 30.0, 400.0]))
        keys = draw(st.frozensets(st.integers(0, 8), min_size=1, max_size=3))
        near = [one.id for one in found if one.keys & keys]
        breaks = frozenset(
            draw(st.sampled_from(near)) for _ in range(draw(st.sampled_from([0, 0, 1, 2]))) if near
        )
        below = [one.id for one in found[-3:] if one.id not in breaks]
        good = draw(st.integers(0, 7)) > 0
        found.append(
            Arrival(
                number, at_s, draw(st.sampled_from([0.0, 600.0, 3000.0])), keys, draw(st.sampled_from([60.0, 600.0, 2000.0])),
                good, breaks, least, stale=not good or draw(st.booleans()), priority=draw(st.integers(-2, 2)),
                after=(draw(st.sampled_from(below)),) if below and draw(st.integers(0, 3)) == 0 else (),
            )
        )  # fmt: skip
    return found


def checked(trace: Sequence[Arrival], outcome: Outcome) -> None:
    assert outcome.red == 0
    assert outcome.decided.keys() == {one.id for one in trace}
    assert len(set(outcome.landed)) == len(outcome.landed)
    assert len(outcome.runs) <= RUNS_EACH * len(trace)
    place = {number: place for place, number in enumerate(outcome.landed)}
    for one in trace:
        if one.id in place:
            assert all(place[foot] < place[one.id] for foot in one.after if foot in place), "out of order"


@given(
    trace=traces(), slots=st.integers(1, 8), attribution=st.sampled_from([0.0, 0.5, 0.85, 1.0]),
    probe=st.booleans(), reuse=st.booleans(), seed=st.integers(0, 3),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_main_is_green_and_everything_is_decided_once(
    *, trace: list[Arrival], slots: int, attribution: float, probe: bool, reuse: bool, seed: int
) -> None:
    policy = Watched(len(trace), Weave(reuse=reuse), probe=probe)
    believed = Peek(trace, good=0.9, breaking=0.05, seed=seed)
    outcome = simulate(trace, policy, slots=slots, predictor=believed, seed=seed, attribution=attribution)
    checked(trace, outcome)


@given(traces(flaky=0.0), st.integers(1, 8), st.sampled_from([0.0, 0.5, 1.0]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_without_chance_nobody_goes_back_who_would_pass(
    trace: list[Arrival], slots: int, attribution: float, probe: bool
) -> None:
    policy = Watched(len(trace), Weave(), probe=probe)
    believed = Constant(0.9, 0.05)
    outcome = simulate(trace, policy, slots=slots, predictor=believed, attribution=attribution)
    checked(trace, outcome)
    assert outcome.victims == 0


def test_what_passed_in_isolation_on_a_young_base_lands_without_a_gate() -> None:
    outcome = play([change(1, 1), change(2, 2)])
    assert outcome.runs == []
    assert {one.at_s for one in outcome.decided.values()} == {0.0}


def test_without_reuse_each_is_gated() -> None:
    outcome = play([change(1, 1), change(2, 2)], reuse=False)
    assert {one.at_s for one in outcome.decided.values()} == {GATE_S}


def test_a_bad_neighbour_costs_the_others_nothing_where_its_target_is_named() -> None:
    trace = [change(number, number, good=number != 3, stale=True) for number in range(6)]
    outcome = play(trace, slots=1)
    assert sorted(outcome.landed) == [0, 1, 2, 4, 5]
    assert len(outcome.runs) == 1


def test_a_bad_neighbour_is_found_where_nothing_is_named() -> None:
    trace = [change(number, number, good=number != 3, stale=True) for number in range(8)]
    outcome = play(trace, slots=1, attribution=0.0)
    assert sorted(outcome.landed) == [0, 1, 2, 4, 5, 6, 7]
    assert len(outcome.runs) <= 8


def test_a_flake_is_run_again_alone_and_sends_nobody_back() -> None:
    trace = [change(number, number, stale=True, flaky=0.15) for number in range(6)]
    for seed in range(6):
        policy, believed = Weave(), Constant(0.97, 0.02)
        outcome = simulate(trace, policy, slots=2, predictor=believed, attribution=1.0, seed=seed)
        assert outcome.victims == 0
        assert len(outcome.runs) == 2


def test_of_a_pair_that_breaks_one_lands_and_the_other_goes_back() -> None:
    trace = [change(1, 1, stale=True), change(2, 1, breaks_with=frozenset({1}), stale=True)]
    outcome = play(trace)
    assert sorted(one.landed for one in outcome.decided.values()) == [False, True]
    assert outcome.victims == 0


def test_slots_that_are_kept_are_used_by_nobody_who_is_not_urgent() -> None:
    trace = [change(number, number, stale=True) for number in range(6)]
    policy = Weave(options=Options(kept=1))
    outcome = simulate(trace, policy, slots=3, predictor=Constant(0.97, 0.02))
    ends = [(run.started_s, run.ended_s or 0.0) for run in outcome.runs]
    assert all(sum(begun <= at < end for begun, end in ends) <= 2 for at, _end in ends)


def test_what_lands_is_in_the_order_it_was_said_to_land() -> None:
    said: list[int] = []

    class Listening(Watched):
        def orders(self, scene: Scene) -> Iterable[Order]:
            orders = list(super().orders(scene))
            said.extend(one for order in orders if isinstance(order, Land) for one in order.changes)
            return orders

    trace = [change(number, number % 3, stale=True) for number in range(9)]
    outcome = simulate(trace, Listening(9, Weave()), slots=2, predictor=Constant(0.97, 0.02))
    assert outcome.landed == said


@pytest.mark.parametrize("slots", [1, 3])
def test_a_stack_lands_in_its_order(slots: int) -> None:
    trace = [
        change(number, number, stale=True, priority=number, after=(number - 1,) if number else ())
        for number in range(5)
    ]
    assert play(trace, slots=slots).landed == [0, 1, 2, 3, 4]
