"""The queues that speculate, the oracles, and the generator of paths: known answers in small traces, promises in random ones."""

import math
import random
from collections.abc import Callable, Iterator
from itertools import chain, combinations, islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.simulation.capacity import capacity_per_hour
from podium.simulation.kernel import Outcome, simulate
from podium.simulation.policies.batch_oracle import BatchOracle
from podium.simulation.policies.forest import Node
from podium.simulation.policies.oracle import Oracle
from podium.simulation.policies.paths import SUREST, Path, Replayed, best_first, either, levels, paths
from podium.simulation.policies.submitqueue import SubmitQueue
from podium.simulation.policies.uber2025 import Uber2025, finishes_first
from podium.simulation.predictors import Constant, Peek
from podium.simulation.scene import Order, Policy, Run, Scene, Seen
from podium.simulation.trace import Arrival

ALL: list[Callable[[], Policy]] = [SubmitQueue, Uber2025, Oracle, BatchOracle]
SPECULATIVE: list[Callable[[], Policy]] = [SubmitQueue, Uber2025]
CHANCES = st.dictionaries(st.integers(0, 50), st.floats(0, 1), max_size=7)
GATE_S = 600.0


def change(
    number: int,
    *,
    at_s: float = 0.0,
    keys: tuple[int, ...] = (1,),
    takes_s: float = GATE_S,
    good: bool = True,
    breaks_with: tuple[int, ...] = (),
    priority: int = 0,
    after: tuple[int, ...] = (),
) -> Arrival:
    return Arrival(
        number, at_s, 0.0, frozenset(keys), takes_s, good, frozenset(breaks_with), priority=priority, after=after
    )  # fmt: skip


def played(*trace: Arrival, by: Policy, slots: int, good: float = 0.9, breaking: float = 0.02) -> Outcome:
    return simulate(trace, by, slots=slots, predictor=Constant(good, breaking))


def trees(outcome: Outcome) -> list[tuple[int, ...]]:
    return [run.members for run in outcome.runs]


def chaos(seed: int, *, changes: int = 60, flaky: float = 0.0) -> list[Arrival]:
    """A busy hour of changes of which a quarter of all pairs overlap."""
    lot, trace = random.Random(f"{seed}:chaos"), list[Arrival]()
    for number in range(changes):
        keys = frozenset(lot.sample(range(12), lot.choice((1, 2, 2))))
        foes = frozenset(one.id for one in trace if one.keys & keys and lot.random() < 0.04)
        at_s = (trace[-1].arrives_s if trace else 0) + lot.expovariate(1 / 40)
        trace.append(
            Arrival(number, at_s, 400.0, keys, lot.uniform(60, 1000), lot.random() > 0.06, foes, flaky)
        )
    return trace


def peeking(trace: list[Arrival], policy: Policy, *, slots: int, seed: int) -> Outcome:
    return simulate(
        trace, policy, slots=slots, predictor=Peek(trace, good=0.94, breaking=0.04, seed=seed), seed=seed
    )


def every_path(chances: dict[int, float]) -> dict[frozenset[int], float]:
    """By trying all: the logarithm of the probability of each outcome."""
    sure = {one: min(max(chance, SUREST), 1 - SUREST) for one, chance in chances.items()}
    subsets = chain.from_iterable(combinations(sure, number) for number in range(len(sure) + 1))
    return {
        frozenset(subset): sum(math.log(sure[one] if one in subset else 1 - sure[one]) for one in sure)
        for subset in subsets
    }


@given(CHANCES)
def test_paths_are_all_there_once_and_never_more_probable_than_the_one_before(
    chances: dict[int, float],
) -> None:
    found = list(paths(chances))
    expected = every_path(chances)
    assert len(found) == len(expected)
    assert {assumed: pytest.approx(score, abs=1e-9) for score, assumed in found} == expected
    assert all(one >= other - 1e-9 for (one, _), (other, _) in pairwise(found))


def test_the_first_paths_over_a_hundred_changes_are_found_without_making_the_others() -> None:
    lot = random.Random("hundred")
    found = list(islice(paths({one: lot.random() for one in range(100)}), 200))
    assert len({assumed for _, assumed in found}) == 200
    assert all(one >= other for (one, _), (other, _) in pairwise(found))


@given(CHANCES, st.dictionaries(st.integers(51, 60), st.floats(0.01, 1), min_size=1, max_size=3))
@settings(max_examples=50)
def test_every_outcome_of_those_that_are_overtaken_is_worth_the_same(
    chances: dict[int, float], overtaken: dict[int, float]
) -> None:
    found = list(levels(chances, overtaken))
    assert len({assumed for _, assumed in found}) == len(found) == 2 ** (len(chances) + len(overtaken))
    level = 2 ** len(overtaken)
    for start in range(0, len(found), level):
        assert len({score for score, _ in found[start : start + level]}) == 1


def test_a_path_that_two_streams_hold_comes_once_at_its_higher_place() -> None:
    a, b, c = frozenset({1}), frozenset({2}), frozenset({3})
    one: list[Path] = [(-1.0, a), (-4.0, b)]
    other: list[Path] = [(-2.0, b), (-3.0, c), (-5.0, a)]
    assert list(either(iter(one), iter(other))) == [(-1.0, a), (-2.0, b), (-3.0, c)]


class _Head:
    def __init__(self, place: int, chances: dict[int, float], weight: float) -> None:
        self.place, self.weight, self.ceiling = place, weight, 0.0
        self._stream = Replayed(paths(chances))

    def open(self) -> Replayed:
        return self._stream


@given(st.lists(st.tuples(CHANCES, st.floats(-1, 1)), max_size=5))
@settings(max_examples=50)
def test_the_paths_of_all_heads_come_in_order_of_probability_times_worth(
    heads: list[tuple[dict[int, float], float]],
) -> None:
    found = list(
        best_first([_Head(place, chances, worth) for place, (chances, worth) in enumerate(heads)], -20.0)
    )
    values = [path[0] + head.weight for head, path in found]
    assert all(one >= other - 1e-9 for one, other in pairwise(values))
    likely = [score for chances, _ in heads for score in every_path(chances).values() if score > -19.9]
    assert len(likely) <= len(found)
    assert all(path[0] >= -20.0 for _, path in found)


@pytest.mark.parametrize("policy", ALL)
def test_a_lone_change_lands_after_one_gate(policy: Callable[[], Policy]) -> None:
    outcome = played(change(1), by=policy(), slots=4)
    assert outcome.decided[1].landed
    assert outcome.decided[1].at_s == GATE_S
    assert trees(outcome) == [(1,)]


@pytest.mark.parametrize("policy", ALL)
def test_a_bad_change_is_sent_back_after_one_gate(policy: Callable[[], Policy]) -> None:
    outcome = played(change(1, good=False), by=policy(), slots=4)
    assert not outcome.decided[1].landed
    assert outcome.decided[1].at_s == GATE_S


@pytest.mark.parametrize("policy", ALL)
def test_changes_that_share_nothing_land_in_any_order(policy: Callable[[], Policy]) -> None:
    outcome = played(change(1), change(2, at_s=1, keys=(2,), takes_s=60), by=policy(), slots=2)
    assert outcome.landed == [2, 1] or policy is BatchOracle
    assert outcome.decided[2].at_s == 61


@pytest.mark.parametrize("policy", SPECULATIVE)
def test_the_paths_most_probably_needed_run_first(policy: Callable[[], Policy]) -> None:
    outcome = played(change(1), change(2), change(3), by=policy(), slots=3)
    assert trees(outcome) == [(1,), (1, 2), (1, 2, 3)]
    assert {one.at_s for one in outcome.decided.values()} == {GATE_S}


@pytest.mark.parametrize("policy", SPECULATIVE)
def test_what_was_assumed_wrongly_runs_again_without_it(policy: Callable[[], Policy]) -> None:
    outcome = played(change(1, good=False), change(2), by=policy(), slots=2)
    assert trees(outcome) == [(1,), (1, 2), (2,)]
    assert not outcome.decided[1].landed
    assert outcome.decided[2].at_s == 2 * GATE_S


def test_a_path_with_the_right_assumption_is_not_run_again() -> None:
    outcome = played(change(1, good=False), change(2), by=SubmitQueue(), slots=3)
    assert sorted(trees(outcome)) == [(1,), (1, 2), (2,)]
    assert outcome.decided[2].at_s == GATE_S


def test_a_run_is_stopped_when_others_are_more_probably_needed() -> None:
    unlikely = change(2, keys=(1,))
    fresh = [change(number, at_s=10, keys=(number,)) for number in (3, 4)]
    outcome = played(change(1), unlikely, *fresh, by=SubmitQueue(), slots=4)
    stopped = [run for run in outcome.runs if run.passed is None]
    assert [(run.members, run.ended_s) for run in stopped] == [((2,), 10)]


def test_a_change_that_failed_on_every_outcome_ahead_is_sent_back_at_once() -> None:
    outcome = played(change(1), change(2, takes_s=60, good=False), by=SubmitQueue(), slots=3)
    assert sorted(trees(outcome)) == [(1,), (1, 2), (2,)]
    assert outcome.decided[2].at_s == 60


def test_submitqueue_waits_for_the_changes_ahead() -> None:
    outcome = played(change(1), change(2, takes_s=60), by=SubmitQueue(), slots=3)
    assert outcome.landed == [1, 2]


def test_a_short_change_overtakes_a_long_one_and_costs_it_nothing() -> None:
    outcome = played(change(1), change(2, at_s=1, takes_s=60), by=Uber2025(), slots=3)
    assert outcome.landed == [2, 1]
    assert outcome.decided[2].at_s == 61
    assert outcome.decided[1].at_s == GATE_S
    assert sorted(trees(outcome)) == [(1,), (1, 2), (2,)]


def test_a_change_that_breaks_with_the_one_ahead_does_not_overtake_it() -> None:
    outcome = played(change(1), change(2, at_s=1, takes_s=60, breaks_with=(1,)), by=Uber2025(), slots=3)
    assert outcome.landed == [1]
    assert outcome.red == 0


def test_no_run_is_started_that_is_needed_too_improbably() -> None:
    trace = [change(number) for number in range(12)]
    eager = played(*trace, by=Uber2025(threshold=0.01), slots=40, good=0.7)
    lean = played(*trace, by=Uber2025(threshold=0.2), slots=40, good=0.7)
    assert len(lean.runs) < len(eager.runs)
    assert lean.landed == eager.landed == list(range(12))


def test_the_one_that_arrived_earlier_and_the_shorter_one_probably_finishes_first() -> None:
    def seen(at_s: float, takes_s: float) -> Seen:
        return Seen(0, at_s, frozenset(), 0, takes_s, proven=True)

    assert finishes_first(seen(0, 600), seen(0, 600)) == 0.5
    assert finishes_first(seen(0, 60), seen(0, 600)) > 0.99
    assert finishes_first(seen(600, 600), seen(0, 600)) < 0.01
    ten_later = finishes_first(seen(10, 100), seen(0, 200))
    assert ten_later == pytest.approx(0.5 * (1 + math.erf(90 / math.hypot(20, 40) / math.sqrt(2))))


@pytest.mark.parametrize("policy", SPECULATIVE)
def test_a_higher_priority_goes_first(policy: Callable[[], Policy]) -> None:
    outcome = played(change(1), change(2, keys=(2,), priority=1), by=policy(), slots=1)
    assert outcome.landed == [2, 1]


@pytest.mark.parametrize("policy", ALL)
def test_a_change_leaves_with_the_one_it_may_only_land_after(policy: Callable[[], Policy]) -> None:
    outcome = played(
        change(1, good=False), change(2, keys=(2,), takes_s=60, after=(1,)), by=policy(), slots=4
    )
    assert not outcome.landed


@pytest.mark.parametrize("policy", ALL)
def test_a_change_lands_after_the_one_it_may_only_land_after(policy: Callable[[], Policy]) -> None:
    outcome = played(change(1), change(2, keys=(2,), takes_s=60, after=(1,)), by=policy(), slots=4)
    assert outcome.landed == [1, 2]
    assert all(1 in run.members or run.onto for run in outcome.runs if 2 in run.members)


def test_the_oracle_runs_each_change_once_on_those_that_land() -> None:
    trace = chaos(1)
    outcome = peeking(trace, Oracle(), slots=8, seed=1)
    assert sorted(head for run in outcome.runs for head in run.heads) == [one.id for one in trace]
    landed = {number for number, one in outcome.decided.items() if one.landed}
    assert {run.heads[0] for run in outcome.runs if run.passed} == landed
    assert all(set(run.members) - set(run.heads) <= landed for run in outcome.runs)


def test_the_oracle_runs_again_what_failed_by_chance() -> None:
    outcome = peeking(chaos(2, flaky=0.2), Oracle(), slots=8, seed=2)
    assert len(outcome.runs) > 60
    assert outcome.victims == 0


@pytest.mark.parametrize("slots", [2, 8])
def test_the_batch_oracle_decides_within_two_gates_at_any_load(slots: int) -> None:
    lot = random.Random("rush")
    trace = [
        change(number, at_s=lot.uniform(0, 4000), keys=(lot.randrange(4),), good=lot.random() > 0.05)
        for number in range(200)
    ]
    outcome = peeking(trace, BatchOracle(), slots=slots, seed=0)
    waits = [outcome.decided[one.id].at_s - one.arrives_s for one in trace]
    assert min(waits) >= GATE_S - 1e-6
    assert max(waits) <= 2 * GATE_S + 1e-6


@pytest.mark.parametrize("policy", ALL)
def test_no_position_is_red_and_nobody_is_a_victim_of_others(policy: Callable[[], Policy]) -> None:
    for seed in range(20):
        outcome = peeking(chaos(seed, changes=45), policy(), slots=(4, 12)[seed % 2], seed=seed)
        assert (outcome.red, outcome.victims, len(outcome.decided)) == (0, 0, 45), seed


@pytest.mark.parametrize("policy", ALL)
def test_flakes_never_make_the_target_branch_red(policy: Callable[[], Policy]) -> None:
    for seed in range(4):
        outcome = peeking(chaos(seed, flaky=0.1), policy(), slots=8, seed=seed)
        assert (outcome.red, len(outcome.decided)) == (0, 60)


@pytest.mark.parametrize("policy", SPECULATIVE)
def test_what_lands_passed_on_exactly_what_it_overlaps_or_on_every_outcome_of_it(
    policy: Callable[[], Policy],
) -> None:
    trace = chaos(5)
    outcome = peeking(trace, policy(), slots=12, seed=5)
    for place, landed in enumerate(outcome.landed):
        assert any(_justified(trace, outcome, run, place) for run in _passed(outcome, landed)), landed


def _passed(outcome: Outcome, landed: int) -> Iterator[Run]:
    return (run for run in outcome.runs if run.passed and run.heads == (landed,))


def _justified(trace: list[Arrival], outcome: Outcome, run: Run, place: int) -> bool:
    """Of those that came before its head and overlap it, the tree of the run held what had landed; no more, unless it was overtaken."""
    (head,) = run.heads
    ahead = {one.id for one in trace[:head] if one.keys & trace[head].keys}
    tree, before = {*outcome.landed[: run.onto], *run.members} & ahead, ahead & {*outcome.landed[:place]}
    overtaken = {one for one in tree if outcome.decided[one].at_s > outcome.decided[head].at_s}
    return (
        run.ended_s is not None and tree - overtaken == before and run.ended_s <= outcome.decided[head].at_s
    )


class _Watched:
    """A queue whose knowledge is held against what follows from it, after each event."""

    def __init__(self, policy: SubmitQueue | Uber2025) -> None:
        self.name, self._policy = policy.name, policy
        self.looked = 0

    def orders(self, scene: Scene) -> list[Order]:
        orders = list(self._policy.orders(scene))
        for node in self._policy._speculation._forest.nodes.values():
            self._look(node)
        return orders

    def _look(self, node: Node) -> None:
        likeliest = node.open().at(0)
        assert likeliest is not None
        assert node.ceiling >= likeliest[0] - 1e-9
        assert node.overtakes or node.bound == pytest.approx(likeliest[0], abs=1e-9)
        if any(one.passed and path >= node.ahead for path, one in node.found.items()):
            assert node.chance == pytest.approx(1, abs=1e-3)  # smaller moves are left out
            self.looked += 1


@pytest.mark.parametrize("policy", [SubmitQueue, Uber2025])
def test_what_is_kept_of_a_change_is_what_would_be_found_anew(
    policy: type[SubmitQueue] | type[Uber2025],
) -> None:
    watched = _Watched(policy())
    peeking(chaos(7), watched, slots=10, seed=7)
    assert watched.looked


@pytest.mark.parametrize("policy", ALL)
def test_the_same_trace_gives_the_same_runs(policy: Callable[[], Policy]) -> None:
    trace = chaos(3)
    one, other = (peeking(trace, policy(), slots=6, seed=3) for _ in range(2))
    assert trees(one) == trees(other)
    assert one.decided == other.decided


def test_capacity_is_what_the_slots_can_do() -> None:
    assert capacity_per_hour(8, 600.0) == 48.0
    assert capacity_per_hour(8, 600.0, runs_per_change=0.5) == 96.0
