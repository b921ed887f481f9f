"""The baselines that are no probabilistic speculation: small scenes with known answers, and that none of them lands red."""

import random
from collections.abc import Callable, Iterable, Sequence

import pytest

from podium.simulation.kernel import Outcome, simulate
from podium.simulation.policies.bors import Bors
from podium.simulation.policies.mergify import Mergify
from podium.simulation.policies.order import Waiting, exact
from podium.simulation.policies.single import Single
from podium.simulation.policies.speculate_all import SpeculateAll
from podium.simulation.policies.trunk import Trunk
from podium.simulation.policies.zuul import Zuul
from podium.simulation.predictors import Constant
from podium.simulation.scene import Land, Order, Policy, Reject, Run, Scene, Seen, Start, Stop
from podium.simulation.trace import Arrival

GATE_S = 600.0
BASELINES: list[Callable[[], Policy]] = [Single, Zuul, SpeculateAll, Bors, Mergify, Trunk]
PATIENT: list[Callable[[], Policy]] = [Single, Zuul, SpeculateAll, Bors, Mergify]


def change(
    number: int,
    keys: Iterable[int] = (1,),
    *,
    at_s: float = 0.0,
    took_s: float = GATE_S,
    good: bool = True,
    breaks: Iterable[int] = (),
    after: tuple[int, ...] = (),
) -> Arrival:
    return Arrival(
        number, at_s, 0.0, frozenset(keys), took_s, good=good, breaks_with=frozenset(breaks), after=after
    )


def play(policy: Policy, trace: Sequence[Arrival], *, slots: int = 8) -> Outcome:
    outcome = simulate(trace, policy, slots=slots, predictor=Constant(0.97, 0.02))
    assert outcome.red == 0
    return outcome


def started(outcome: Outcome, at_s: float) -> list[tuple[int, ...]]:
    return [run.members for run in outcome.runs if run.started_s == at_s]


def landed_at(outcome: Outcome) -> dict[int, float]:
    return {number: one.at_s for number, one in outcome.decided.items() if one.landed}


def sent_back_at(outcome: Outcome) -> dict[int, float]:
    return {number: one.at_s for number, one in outcome.decided.items() if not one.landed}


def drawn(seed: int, *, flaky: float = 0.0, stacked: float = 0.1) -> list[Arrival]:
    """A dense trace: about a third of all pairs overlap, some changes are bad, some pairs break, some are stacked."""
    lot, at_s, trace = random.Random(f"{seed}:baselines"), 0.0, list[Arrival]()
    for one in range(30):
        at_s += lot.expovariate(1 / 60)
        keys = frozenset(lot.sample(range(12), 2))
        near = [other for other in trace[-10:] if other.keys & keys]
        breaks = frozenset(other.id for other in near if lot.random() < 0.15)
        after = (near[-1].id,) if near and lot.random() < stacked and near[-1].id not in breaks else ()
        took_s = GATE_S * lot.uniform(0.5, 1.5)
        trace.append(Arrival(one, at_s, 300.0, keys, took_s, lot.random() > 0.08, breaks, flaky, after=after))
    return trace


@pytest.mark.parametrize("policy", BASELINES)
def test_a_lone_change_lands_after_one_gate(policy: Callable[[], Policy]) -> None:
    outcome = play(policy(), [change(1)])
    assert landed_at(outcome) == {1: GATE_S}
    assert len(outcome.runs) == 1


@pytest.mark.parametrize("policy", BASELINES)
def test_a_lone_change_that_fails_is_sent_back_after_one_gate(policy: Callable[[], Policy]) -> None:
    outcome = play(policy(), [change(1, good=False)])
    assert sent_back_at(outcome) == {1: GATE_S}
    assert len(outcome.runs) == 1


@pytest.mark.parametrize("policy", BASELINES)
@pytest.mark.parametrize("flaky", [0.0, 0.1])
def test_none_lands_red_and_none_leaves_a_change_undecided(
    policy: Callable[[], Policy], flaky: float
) -> None:
    for seed in range(20):
        trace = drawn(seed, flaky=flaky)
        outcome = play(policy(), trace, slots=1 + seed % 7)
        assert len(outcome.decided) == len(trace)


@pytest.mark.parametrize("policy", PATIENT)
def test_none_that_rejects_on_a_tree_of_what_landed_makes_victims_without_flakes(
    policy: Callable[[], Policy],
) -> None:
    assert sum(play(policy(), drawn(seed, stacked=0.0)).victims for seed in range(6)) == 0


@pytest.mark.parametrize("policy", BASELINES)
def test_the_same_trace_gives_the_same_outcome(policy: Callable[[], Policy]) -> None:
    first, second = play(policy(), drawn(3)), play(policy(), drawn(3))
    assert first.decided == second.decided
    assert first.runs == second.runs


@pytest.mark.parametrize("policy", BASELINES)
def test_a_stack_lands_in_its_order_and_leaves_with_its_foot(policy: Callable[[], Policy]) -> None:
    for seed in range(6):
        trace = drawn(seed, stacked=0.3)
        outcome = play(policy(), trace)
        place = {number: place for place, number in enumerate(outcome.landed)}
        stacked = [(one.id, foot) for one in trace for foot in one.after if one.id in place]
        assert all(place[foot] < place[one] for one, foot in stacked)


def test_single_gates_side_by_side_only_what_does_not_overlap() -> None:
    outcome = play(Single(), [change(1, [1]), change(2, [1]), change(3, [2])])
    assert landed_at(outcome) == {1: GATE_S, 3: GATE_S, 2: 2 * GATE_S}
    assert [run.members for run in outcome.runs] == [(1,), (3,), (2,)]


def test_zuul_starts_all_behind_a_failing_head_anew() -> None:
    outcome = play(Zuul(), [change(1, good=False), change(2), change(3)])
    assert started(outcome, 0.0) == [(1,), (1, 2), (1, 2, 3)]
    assert started(outcome, GATE_S) == [(2,), (2, 3)]
    assert landed_at(outcome) == {2: 2 * GATE_S, 3: 2 * GATE_S}


def test_zuul_goes_around_a_failing_item_at_once_but_decides_it_at_the_head() -> None:
    outcome = play(Zuul(), [change(1), change(2, good=False, took_s=300.0), change(3)])
    assert started(outcome, 300.0) == [(1, 3)]
    assert sent_back_at(outcome) == {2: GATE_S}


def test_zuul_gates_again_what_failed_by_the_fault_of_another() -> None:
    outcome = play(Zuul(), [change(1, good=False, took_s=900.0), change(2, took_s=300.0)])
    assert landed_at(outcome) == {2: 1200.0}


def test_zuul_halves_its_window_with_a_failure_and_widens_it_with_a_merge() -> None:
    policy = Zuul(window=8, floor=3)
    outcome = play(policy, [change(number, good=number > 1) for number in range(1, 11)], slots=32)
    assert len(started(outcome, 0.0)) == 8
    assert len(started(outcome, GATE_S)) == 4
    assert policy.window == 4 + 9


def test_zuul_keeps_its_window_above_the_floor() -> None:
    policy = Zuul(window=4, floor=3)
    play(policy, [change(1, good=False), change(2, good=False)])
    assert policy.window == 3


def test_speculate_all_gates_every_outcome_of_what_is_ahead() -> None:
    outcome = play(SpeculateAll(), [change(1, good=False), change(2), change(3)], slots=7)
    assert len(started(outcome, 0.0)) == 2**3 - 1
    assert sent_back_at(outcome) | landed_at(outcome) == {1: GATE_S, 2: GATE_S, 3: GATE_S}


def test_speculate_all_prefers_what_depends_on_less_and_stops_what_it_outranks() -> None:
    trace = [change(1), change(2), change(3, [2], at_s=100.0), change(4, [3], at_s=100.0)]
    outcome = play(SpeculateAll(), trace, slots=3)
    assert started(outcome, 0.0) == [(1,), (1, 2), (2,)]
    assert started(outcome, 100.0) == [(3,), (4,)]
    assert [run.members for run in outcome.runs if run.passed is None] == [(1, 2), (2,)]


def test_one_culprit_in_a_batch_of_eight_costs_bors_seven_gates() -> None:
    outcome = play(Bors(), [change(number, good=number != 5) for number in range(8)])
    assert len(outcome.runs) == 1 + 2 * 3
    assert list(sent_back_at(outcome)) == [5]


def test_bors_runs_one_batch_at_a_time_and_the_lower_half_first() -> None:
    outcome = play(Bors(), [change(number, [number], good=number != 3) for number in range(4)])
    assert [run.members for run in outcome.runs] == [(0, 1, 2, 3), (0, 1), (2, 3), (2,), (3,)]
    assert [run.started_s for run in outcome.runs] == [place * GATE_S for place in range(5)]


def test_a_change_joins_the_youngest_batch_of_bors_which_may_be_a_half() -> None:
    trace = [change(1), change(2), change(3, good=False), change(4, at_s=GATE_S + 1)]
    assert [run.members for run in play(Bors(), trace).runs] == [
        (1, 2, 3),
        (1,),
        (2, 3, 4),
        (2,),
        (3, 4),
        (3,),
        (4,),
    ]


def test_bors_heeds_its_limit() -> None:
    outcome = play(Bors(limit=2), [change(number) for number in range(5)])
    assert [len(run.members) for run in outcome.runs] == [2, 2, 1]


def test_mergify_gates_each_batch_on_top_of_those_ahead() -> None:
    outcome = play(Mergify(), [change(number) for number in range(12)])
    assert [len(members) for members in started(outcome, 0.0)] == [5, 10, 12]
    assert set(landed_at(outcome).values()) == {GATE_S}


def test_mergify_cuts_a_failed_batch_as_its_documentation_shows() -> None:
    trace = [
        change(number, good=number != 4, took_s=700.0 if number == 5 else GATE_S) for number in range(1, 7)
    ]
    outcome = play(Mergify(size=6), trace, slots=3)
    assert [run.members for run in outcome.runs] == [
        (1, 2, 3, 4, 5, 6),
        (1, 2), (1, 2, 3, 4), (1, 2, 3, 4, 5),
        (3,),
        (5, 6),
    ]  # fmt: skip
    assert outcome.runs[3].passed is None
    assert sent_back_at(outcome) == {4: 700.0 + 2 * GATE_S}


def test_mergify_waits_for_what_is_ahead_before_it_cuts() -> None:
    trace = [change(1, good=False, took_s=900.0), change(2, took_s=300.0)]
    outcome = play(Mergify(size=1), trace)
    assert landed_at(outcome) == {2: 1200.0}


def test_trunk_gates_a_change_on_top_of_those_ahead_that_share_a_target() -> None:
    frontend, backend, docs = 1, 2, 3
    trace = [change(1, [frontend]), change(2, [backend]), change(3, [frontend, backend]), change(4, [docs])]
    assert started(play(Trunk(size=1), trace), 0.0) == [(1,), (2,), (1, 2, 3), (4,)]


def test_a_batch_of_trunk_does_not_tie_two_queues_together() -> None:
    trace = [change(number, [number % 2]) for number in range(6)]
    assert started(play(Trunk(size=4), trace), 0.0) == [(0, 2, 4), (1, 3, 5)]


def test_what_passes_on_top_of_others_lands_with_them_on_trunk() -> None:
    outcome = play(Trunk(size=1), [change(1, took_s=900.0), change(2, took_s=300.0)])
    assert landed_at(outcome) == {1: 300.0, 2: 300.0}


@pytest.mark.parametrize(("depth", "held_s"), [(0, 300.0), (1, 600.0), (2, 900.0)])
def test_trunk_holds_a_failure_until_as_many_levels_behind_it_have_been_gated(
    depth: int, held_s: float
) -> None:
    trace = [change(1, took_s=300.0, good=False), change(2, took_s=600.0), change(3, took_s=900.0)]
    assert sent_back_at(play(Trunk(size=1, depth=depth), trace)) == {1: held_s}


def test_trunk_bisects_a_failed_batch_and_gates_nothing_that_it_knows() -> None:
    outcome = play(Trunk(), [change(number, good=number != 3) for number in range(4)])
    hunt = [run.members for run in outcome.runs if run.onto == 0]
    assert hunt == [(0, 1, 2, 3), (0, 1), (0, 1, 2), (0, 1)]
    assert list(sent_back_at(outcome)) == [3]
    assert (3,) not in [run.members for run in outcome.runs]


def test_a_flake_is_cleared_by_what_passes_on_top_of_it_on_trunk() -> None:
    stage = Stage(change(1), change(2))
    policy = Trunk(size=1)
    assert [order.members for order in stage.ask(policy) if isinstance(order, Start)] == [(1,), (1, 2)]
    assert stage.ends(policy, 0, passed=False) == []
    orders = stage.ends(policy, 1, passed=True)
    assert [order.changes for order in orders if isinstance(order, Land)] == [(1, 2)]


def test_waiting_knows_who_overlaps_whom_until_they_leave() -> None:
    stage = Stage(change(1, [1]), change(2, [1, 2]), change(3, [2]))
    waiting = Waiting()
    assert waiting.look(stage.scene).came == (1, 2, 3)
    assert waiting.ahead == {1: set(), 2: {1}, 3: {2}}
    del stage.scene.waiting[2]
    assert waiting.look(stage.scene).left == {2: {3}}
    assert waiting.ahead == {1: set(), 3: set()}
    assert not waiting.look(stage.scene)


@pytest.mark.parametrize(
    ("members", "landed", "vouches"),
    [
        ((1,), [], True),
        ((1,), [3], True),
        ((1,), [2], False),
        ((2, 1), [2], True),
        ((2, 1), [], False),
        ((3, 1), [], True),
        ((2,), [], False),
    ],
)
def test_a_run_vouches_for_a_change_if_it_held_just_the_overlapping_ones_that_landed(
    members: tuple[int, ...], landed: list[int], vouches: bool
) -> None:
    stage = Stage(change(1, [1]), change(2, [1]), change(3, [2]))
    stage.scene.landed += landed
    run = Run(0, members, (1,), onto=0, started_s=0.0, passed=True)
    assert exact(stage.scene, run, (1,)) is vouches


class Stage:
    """A scene that is set by hand: what the policy starts runs until it is told how it ended."""

    def __init__(self, *changes: Arrival) -> None:
        self.scene = Scene(8, Constant(0.97, 0.02))
        for one in changes:
            seen = Seen(one.id, one.arrives_s, one.keys, 0, one.duration_s, proven=True, after=one.after)
            self.scene.waiting[one.id] = self.scene.known[one.id] = seen

    def ask(self, policy: Policy) -> list[Order]:
        orders = list(policy.orders(self.scene))
        self.scene.news = []
        for order in orders:
            match order:
                case Start():
                    number = len(self.scene.running)
                    self.scene.running[number] = Run(number, order.members, order.heads, 0, 0.0)
                case Stop():
                    del self.scene.running[order.run]
                case Land() | Reject():
                    pass
        return orders

    def ends(self, policy: Policy, number: int, *, passed: bool) -> list[Order]:
        run = self.scene.running.pop(number)
        run.passed = passed
        self.scene.news = [run]
        return self.ask(policy)
