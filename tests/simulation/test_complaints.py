"""What people complain of in merge queues, one scenario each: it shows on a naive queue, and does not on Podium's.

What a planner can do about is played in the simulator, against a published queue. What is about facts (verdicts, heads, trees, the
gate's own configuration) is held against the live queue, with a naive rule beside it.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from podium.landing.planner.cover import covered
from podium.landing.planner.line import Gate, Land, Line, Options, Running, Stop, Waiting
from podium.landing.planner.plan import plan
from podium.landing.planner.states import Ground, mark
from podium.model.decision import Act, Decision
from podium.model.review import Wish
from podium.model.verdict import Verdict
from podium.simulation import scene as order
from podium.simulation.kernel import Outcome, simulate
from podium.simulation.policies.bors import Bors
from podium.simulation.policies.mergify import Mergify
from podium.simulation.policies.weave import Weave
from podium.simulation.policies.zuul import Zuul
from podium.simulation.predictors import Constant
from podium.simulation.scene import Policy, Scene
from podium.simulation.trace import Arrival

GATE_S = 600.0


def change(number: int, *keys: int, **more: object) -> Arrival:
    """It has to be gated in the queue: what it depends on has moved."""
    return replace(Arrival(number, 0.0, 0.0, frozenset(keys or {number}), GATE_S, stale=True), **more)


def play(trace: Sequence[Arrival], policy: Policy, *, slots: int = 4, attribution: float = 1.0) -> Outcome:
    outcome = simulate(
        trace, policy, slots=slots, predictor=Constant(0.97, 0.02), attribution=attribution, seed=5
    )
    assert outcome.red == 0
    return outcome


def landed_at(outcome: Outcome, change: int) -> float:
    assert outcome.decided[change].landed
    return outcome.decided[change].at_s


class Naive:
    """What a queue does when nobody thought about it: all that waits is one batch; when it fails, all of it goes back."""

    name = "naive"

    def orders(self, scene: Scene) -> Iterable[order.Order]:
        for run in scene.news:
            if run.passed:
                yield order.Land(run.members, "it passed")
            else:
                yield from (order.Reject(one, "its batch failed") for one in run.members)
        if not scene.running and not scene.news and scene.waiting:
            yield order.Start(tuple(scene.waiting), tuple(scene.waiting), "all that waits")


class Restarting:
    """Gates all that waits, anew whenever somebody comes: the freshest tree, and what is urgent in it at once."""

    name = "restarting"

    def orders(self, scene: Scene) -> Iterable[order.Order]:
        for run in scene.news:
            yield order.Land(run.members, "it passed")
        waiting = tuple(scene.waiting)
        if any(run.members != waiting for run in scene.running.values()):
            yield from [order.Stop(run, "somebody came") for run in scene.running]
        elif not scene.running and not scene.news and waiting:
            yield order.Start(waiting, waiting, "all that waits")


def test_1_nobody_is_ejected_for_a_failure_of_another() -> None:
    trace = [change(number, good=number != 2) for number in range(6)]
    assert play(trace, Naive()).victims == 5
    assert play(trace, Weave()).victims == 0


def test_1_one_failure_does_not_reset_all_that_is_behind_it() -> None:
    trace = [change(number, good=number != 0) for number in range(6)]
    zuul, ours = play(trace, Zuul(), slots=6), play(trace, Weave(), slots=6)
    assert len(zuul.runs) > 6
    assert len(ours.runs) == 6
    assert max(landed_at(ours, number) for number in range(1, 6)) == GATE_S
    assert max(landed_at(zuul, number) for number in range(1, 6)) > GATE_S


def test_1_a_flake_ejects_nobody() -> None:
    trace = [change(number, flaky=0.1, arrives_s=number * GATE_S) for number in range(20)]
    assert play(trace, Naive()).victims > 0
    assert play(trace, Weave()).victims == 0


def test_5_verdicts_come_though_changes_keep_coming() -> None:
    """Re-basing faster than a group finishes: every run would pass, and nothing lands for hours."""
    trace = [change(number, number % 3, arrives_s=60.0 * number) for number in range(40)]
    naive, ours = play(trace, Restarting(), slots=2), play(trace, Weave(), slots=2)
    assert min(one.at_s for one in naive.decided.values()) > trace[-1].arrives_s
    assert landed_at(ours, 0) == GATE_S
    assert not any(run.passed is None and 0 in run.members for run in ours.runs)


def test_6_what_is_urgent_restarts_nothing() -> None:
    trace = [change(1), change(2), change(3, arrives_s=500.0, priority=9)]
    naive, ours = play(trace, Restarting(), slots=2), play(trace, Weave(), slots=3)
    assert landed_at(naive, 1) > GATE_S
    assert all(run.passed is not None for run in ours.runs)
    assert [landed_at(ours, number) for number in (1, 2, 3)] == [GATE_S, GATE_S, 500.0 + GATE_S]


def test_6_what_is_urgent_has_a_slot_of_its_own() -> None:
    busy = {f"x{number}": Waiting(f"x{number}", frozenset({f"{number}"}), 0.0) for number in range(4)}

    def starts(waiting: dict[str, Waiting], kept: int, running: Sequence[Running] = ()) -> list[Gate]:
        line = Line({**waiting}, Ground(), set(), set(), running, [], 2, lambda _one, _other: 0.01)
        return [one for one in plan(line, 0.0, Options(kept=kept)) if isinstance(one, Gate)]

    assert len(starts(busy, 0)) == 2
    (only,) = starts(busy, 1)
    states = {key: mark(name) for name in only.members for key in busy[str(name)].keys}
    going = Running("going", only.members, frozenset(only.heads), states)
    assert starts(busy, 1, [going]) == []
    hotfix = {**busy, "hotfix": Waiting("hotfix", frozenset({"hot"}), 1.0, urgent=True)}
    assert "hotfix" in starts(hotfix, 1, [going])[0].heads


def test_7_one_that_fails_among_many_is_not_hunted_by_halving() -> None:
    trace = [change(number, good=number != 11) for number in range(16)]
    bors, ours = play(trace, Bors(), slots=1), play(trace, Weave(), slots=1)
    assert len(bors.runs) >= 7
    assert len(ours.runs) == 1
    assert sorted(ours.landed) == [number for number in range(16) if number != 11]


def test_8_a_stack_lands_as_far_as_it_is_good_and_its_rest_keeps_its_place() -> None:
    stack = [change(1, 1), change(2, 2, after=(1,)), change(3, 3, after=(2,), arrives_s=50.0)]
    other = [change(4, good=False)]
    mergify, ours = play([*stack, *other], Mergify(), slots=2), play([*stack, *other], Weave(), slots=2)
    assert len(ours.runs) < len(mergify.runs)
    assert ours.landed == [1, 2, 3]
    assert [one.because for one in ours.runs if one.members == (3,)] != []  # it is gated while those before it are


def test_12_a_cancelled_change_is_out_at_once_and_the_others_keep_their_runs() -> None:
    keys = {"x": frozenset({"a"}), "y": frozenset({"b"})}
    waiting = {name: Waiting(name, keys[name], 0.0) for name in keys}
    states = {"a": mark("x"), "b": mark("y")}
    both = Running("both", ("x", "y"), frozenset({"x", "y"}), states)
    alone = Running("alone", ("x",), frozenset({"x"}), {"a": mark("x")})
    del waiting["x"]
    line = Line({**waiting}, Ground(), set(), set(), [both, alone], [], 2, lambda _one, _other: 0.01)
    assert [one.run for one in plan(line, 0.0) if isinstance(one, Stop)] == ["alone"]
    assert covered(line, []) == {"y": both}
