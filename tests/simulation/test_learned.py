"""What the simulated queue learns from its own past, and that it learns from nothing else."""

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from podium.landing.predictions.scores import skill
from podium.simulation.kernel import simulate
from podium.simulation.learned import Learned, Watched
from podium.simulation.scene import Land, Order, Reject, Run, Scene, Seen, Start
from podium.simulation.trace import Arrival

KEYS = frozenset({1})


class OneByOne:
    """Gates the first that waits, alone, as often as there are slots; lands or rejects it by what the run said."""

    name = "one by one"

    def orders(self, scene: Scene) -> Iterator[Order]:
        for run in scene.news:
            if run.members[0] in scene.waiting:
                yield _verdict(run)
        if not scene.running and not scene.news and scene.waiting:
            first = next(iter(scene.waiting))
            yield Start((first,), (first,), "it is first")


def _verdict(run: Run) -> Order:
    return Land(run.members, "it passed") if run.passed else Reject(run.members[0], "it failed")


def trace(count: int, *, seed: int, bad: float = 0.0, breaks: float = 0.0) -> list[Arrival]:
    """Changes of one target, a minute apart. Those with odd ids are bad ten times as often as the others."""
    lot = random.Random(f"{seed}:learned")
    return [
        Arrival(
            one, 60.0 * one, 600.0, KEYS, 10.0,
            good=lot.random() >= (bad if one % 2 else bad / 10),
            breaks_with=frozenset(other for other in range(max(0, one - 10), one) if lot.random() < breaks),
            stale=True,
        )
        for one in range(count)
    ]  # fmt: skip


def seen(change: int, *, base: int = 0, keys: frozenset[int] = KEYS, proven: bool = False) -> Seen:
    return Seen(change, 60.0 * change, keys, base, 10.0, proven)


def arrived(*changes: Seen) -> Learned:
    learned = Learned()
    for change in changes:
        learned.observe_arrived(change)
    return learned


def test_before_anything_was_seen_it_says_what_is_usual() -> None:
    learned = arrived(seen(1), seen(2))
    assert learned.passes(1) == learned.passes(99) == pytest.approx(0.97)
    assert learned.breaks(1, 2) == learned.breaks(98, 99) == pytest.approx(0.01)


def test_it_learns_which_makers_changes_fail() -> None:
    learned = Learned({one.id: f"agent{one.id % 2}" for one in trace(600, seed=1)})
    simulate(trace(600, seed=1, bad=0.3), Watched(OneByOne(), learned), slots=1, predictor=learned)
    odd, even = learned.passes(599), learned.passes(598)
    assert odd == pytest.approx(0.7, abs=0.06)
    assert even == pytest.approx(0.97, abs=0.03)
    assert skill(learned.said) > 0.05


def test_it_learns_how_often_changes_break() -> None:
    learned = Learned()
    simulate(trace(600, seed=2, breaks=0.05), Watched(OneByOne(), learned), slots=1, predictor=learned)
    assert learned.breaks(597, 598) == pytest.approx(0.05, abs=0.015)


def test_what_was_proven_on_what_has_not_moved_passes_more_often() -> None:
    learned = Learned()
    for one in range(200):
        learned.observe_arrived(seen(one, base=one, proven=bool(one % 2)))
        if one % 2 or one % 10:
            learned.observe_landed(one)
        else:
            learned.observe_failed(one, with_=())
    learned.observe_arrived(seen(200, base=200))
    learned.observe_arrived(seen(201, base=200, proven=True))
    assert learned.passes(200) < 0.9
    assert learned.passes(201) > 0.97


def test_a_change_is_less_likely_to_pass_the_more_it_finds_landed_on_its_targets() -> None:
    learned = arrived(seen(1), seen(2))
    learned.observe_landed(1)
    learned.observe_landed(2)
    for change in (seen(3, base=2), seen(4, base=1), seen(5, base=0), seen(6, base=0, keys=frozenset({2}))):
        learned.observe_arrived(change)
    assert learned.passes(3) > learned.passes(4) > learned.passes(5)
    assert learned.passes(6) == learned.passes(3)


def test_a_failure_with_a_named_other_teaches_of_pairs_and_not_of_changes() -> None:
    named, alone = arrived(seen(1), seen(2), seen(3)), arrived(seen(1), seen(2), seen(3))
    named.observe_landed(1)
    alone.observe_landed(1)
    named.observe_failed(2, with_=[1])
    alone.observe_failed(2, with_=())
    assert named.breaks(1, 3) > alone.breaks(1, 3)
    assert named.passes(3) > alone.passes(3)


def test_a_failure_that_met_nobody_is_its_own() -> None:
    unexplained, alone = arrived(seen(1), seen(2)), arrived(seen(1), seen(2))
    unexplained.observe_failed(1)
    alone.observe_failed(1, with_=())
    assert unexplained.passes(2) == alone.passes(2)


def test_only_those_who_share_the_target_that_failed_are_suspected() -> None:
    wide = frozenset({1, 2})
    changes = (seen(1), seen(2, keys=frozenset({2})), seen(3, keys=wide))
    believed = []
    for failing in ({1}, {2}):
        learned, scene = Learned(), Scene(1, Learned())
        scene.known = {one.id: one for one in changes}
        learned.watch(scene)
        scene.landed = [1, 2]
        scene.news = [Run(0, (3,), (3,), 2, 0.0, passed=False, failing=frozenset(failing))]
        learned.watch(scene)
        scene.rejected, scene.news = {3}, []
        learned.watch(scene)
        believed.append((learned.breaks(1, 3), learned.breaks(2, 3)))
    (first_1, first_2), (second_1, second_2) = believed
    assert first_1 > second_1
    assert second_2 > first_2


def test_the_truth_of_what_has_not_been_decided_changes_nothing() -> None:
    whole = trace(200, seed=3, bad=0.3, breaks=0.03)
    lies = [*whole[:150], *(replace(one, good=False, breaks_with=frozenset()) for one in whole[150:])]
    believed = []
    for told in (whole, lies):
        learned = Learned()
        simulate(told[:150], Watched(OneByOne(), learned), slots=1, predictor=learned)
        for one in told[150:]:
            learned.observe_arrived(seen(one.id, base=100))
        believed.append([(learned.passes(one), learned.breaks(one, one - 1)) for one in range(151, 200)])
    assert believed[0] == believed[1]


def test_the_same_simulation_teaches_the_same() -> None:
    told = []
    for _ in range(2):
        learned = Learned()
        simulate(
            trace(150, seed=4, bad=0.2, breaks=0.05), Watched(OneByOne(), learned), slots=2, predictor=learned
        )
        told.append((learned.said, learned.passes(149), learned.breaks(148, 149)))
    assert told[0] == told[1]


def test_watching_changes_nothing_of_what_a_policy_does() -> None:
    changes = trace(100, seed=5, bad=0.2)
    alone = simulate(changes, OneByOne(), slots=1, predictor=Learned())
    watched = simulate(changes, Watched(OneByOne(), Learned()), slots=1, predictor=Learned())
    assert (alone.name, alone.landed, alone.decided) == (watched.name, watched.landed, watched.decided)
