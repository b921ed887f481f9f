"""Studies: the same for the same seeds, each simulation once, and goals that hold or do not."""

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

import pytest

from podium.base.errors import PodiumError
from podium.simulation import study as studies
from podium.simulation.goals import Check, goals
from podium.simulation.kernel import Outcome
from podium.simulation.measures import Figures
from podium.simulation.policies.registry import BOUNDS, POLICIES
from podium.simulation.scene import Land, Order, Reject, Scene, Start
from podium.simulation.study import (
    CELLS,
    DENSE,
    FLAKY,
    HUMBLE,
    LOW,
    OURS,
    SCARCE,
    SMALL,
    Cell,
    Job,
    Study,
    play,
    run,
)
from podium.simulation.trace import Arrival
from podium.simulation.workloads import Footprint, Workload

TINY = Cell("tiny", Workload(per_hour=60, changes=10), 3)


class Alone:
    """One change at a time, each by itself."""

    name = "alone"

    def orders(self, scene: Scene) -> Iterable[Order]:
        for ended in scene.news:
            (one,) = ended.members
            yield Land((one,), "it passed") if ended.passed else Reject(one, "it failed")
        if not scene.news and not scene.running and scene.waiting:
            one = next(iter(scene.waiting))
            yield Start((one,), (one,), "it is the next")


class Idle:
    name = "idle"

    def orders(self, _scene: Scene) -> Iterable[Order]:
        return ()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(POLICIES, "alone", Alone)
    return "alone"


def timeless(figures: Figures) -> Figures:
    """Without what depends on the machine."""
    return replace(figures, thinking_ms=0.0)


def test_the_same_seeds_give_the_same_figures(alone: str) -> None:
    one, two = (run([TINY], [alone], range(3), workers=1) for _ in range(2))
    assert [timeless(found) for found in one.of(TINY, alone)] == [
        timeless(found) for found in two.of(TINY, alone)
    ]
    assert [found.seed for found in one.of(TINY, alone)] == [0, 1, 2]


def test_every_policy_of_a_cell_sees_the_same_changes(alone: str) -> None:
    mine, theirs = (play(Job(TINY, name, 1)).arrivals for name in (alone, "single"))
    assert mine == theirs
    assert mine != play(Job(TINY, alone, 2)).arrivals


def test_progress_is_told_to_the_end(alone: str) -> None:
    told: list[tuple[int, int]] = []
    run([TINY], [alone], range(3), workers=1, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_one_that_never_reuses_is_not_simulated_twice(alone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[Job] = []

    def noted(job: Job) -> Outcome:
        played.append(job)
        return play(job)

    monkeypatch.setattr(studies, "play", noted)
    anew = replace(TINY, name="no reuse", reuse=False)
    found = run([TINY, anew], [alone, OURS], [0], workers=1)
    assert [(job.cell.name, job.policy) for job in played] == [
        ("tiny", alone),
        ("tiny", OURS),
        ("no reuse", OURS),
    ]
    assert found.of(anew, alone) == found.of(TINY, alone)


def test_a_fault_of_a_policy_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(POLICIES, "idle", Idle)
    with pytest.raises(PodiumError, match="tiny, idle, seed 4"):
        run([TINY], ["idle"], [4], workers=1)


def test_given_changes_are_taken_as_they_are_and_come_closer_under_load(alone: str) -> None:
    given = tuple(Arrival(id_, id_ * 60.0, 0.0, frozenset({id_}), 60.0) for id_ in range(4))
    cell = replace(TINY, given=given)
    assert play(Job(cell, alone, 0)).arrivals == given
    assert [one.arrives_s for one in cell.at_load(120).changes(0)] == [0, 30, 60, 90]


def test_changes_may_touch_what_another_past_touched() -> None:
    past = tuple(Footprint(id_ * 60.0, frozenset({1000 + id_})) for id_ in range(40))
    keys = {key for one in replace(TINY, past=past).changes(0) for key in one.keys}
    assert len(keys) == TINY.workload.changes
    assert min(keys) >= 1000


@pytest.mark.parametrize("predictor", ["peek", "constant", "learned"])
def test_each_predictor_bears_a_simulation(predictor: Literal["peek", "constant", "learned"]) -> None:
    cell = replace(TINY, predictor=predictor)
    assert len(play(Job(cell, "submitqueue", 0)).decided) == TINY.workload.changes


def test_the_table_has_no_name_twice_and_no_cell_without_our_own_scale() -> None:
    assert len({cell.name for cell in CELLS}) == len(CELLS)
    assert {(cell.workload.per_hour, cell.slots) for cell in CELLS} == {
        (240, 16),
        (240, 8),
        (240, 32),
        (240, 64),
        (20, 16),
        (60, 64),
    }


GOOD = Figures(
    "podium", 0, 10, 20, 30, 10, 20, 30, per_hour=100, landed=97, rejected=3, victims=0, red=0, undecided=0, runs=50,
    runs_per_landed=0.5, gates_per_landed=0.5, aborted=0, thinking_ms=1,
)  # fmt: skip
POOR = replace(GOOD, policy="other", p50=50, p95=100, per_hour=30, runs_per_landed=2)
PERFECT = replace(GOOD, policy="oracle", p50=1, p95=1, per_hour=1000)


def imagined(ours: Figures = GOOD, *, at: Cell | None = None, others: Figures = POOR) -> Study:
    """A study in which Podium is `ours` (in one cell, or in all) and every baseline the same."""
    figures = {}
    for cell in CELLS:
        for name in POLICIES:
            mine = ours if at in (None, cell) else GOOD
            one = mine if name == OURS else PERFECT if name in BOUNDS else others
            figures[cell.name, name] = tuple(replace(one, seed=seed) for seed in range(6))
    return Study(CELLS, tuple(POLICIES), tuple(range(6)), figures)


def failing(study: Study) -> list[Check]:
    return [check for check in goals(study) if not check.holds]


def test_all_goals_hold_where_all_is_reached_whatever_the_bounds_reach() -> None:
    assert failing(imagined()) == []


@pytest.mark.parametrize(
    ("cell", "worse"),
    [
        (SCARCE, {"p50": 20.1}), (SCARCE, {"per_hour": 59.0}), (SCARCE, {"runs_per_landed": 0.71}),
        (SMALL, {"p50": 17.0}), (SMALL, {"per_hour": 74.0}), (DENSE[0], {"p50": 50.1}), (DENSE[1], {"p95": 100.1}),
        (LOW[0], {"p50": 50.1}), (LOW[1], {"p95": 100.1}), (HUMBLE[0], {"p50": 50.0}), (HUMBLE[1], {"per_hour": 30.0}),
        (SCARCE, {"victims": 1}), (FLAKY, {"victims": 1}), (FLAKY, {"red": 1}), (DENSE[0], {"red": 1}), (LOW[0], {"undecided": 1}),
    ],
)  # fmt: skip
def test_each_goal_fails_when_it_is_missed(cell: Cell, worse: dict[str, Any]) -> None:
    assert failing(imagined(replace(GOOD, **worse), at=cell)) != []


@pytest.mark.parametrize(("cell", "level"), [(DENSE[0], {"p50": 50.0}), (LOW[1], {"p95": 100.0})])
def test_level_is_good_enough_where_that_is_asked(cell: Cell, level: dict[str, Any]) -> None:
    assert failing(imagined(replace(GOOD, **level), at=cell)) == []


def test_a_few_false_ejections_are_borne_under_flakes_only() -> None:
    once = imagined(at=FLAKY)
    first, *rest = once.figures[FLAKY.name, OURS]
    once.figures[FLAKY.name, OURS] = (replace(first, victims=1), *rest)
    assert failing(once) == []


def test_what_was_not_measured_does_not_hold() -> None:
    whole = imagined()
    part = replace(
        whole,
        figures={key: value for key, value in whole.figures.items() if key[1] == OURS},
        policies=(OURS,),
    )
    assert {check.figure for check in failing(part)} == {"not measured"}
    nothing = Study((), (), (), {})
    assert all(not check.holds for check in goals(nothing))


def test_the_best_baseline_is_the_best_in_that_figure() -> None:
    one = imagined(replace(GOOD, p50=40), at=DENSE[0])
    one.figures[DENSE[0].name, "zuul"] = tuple(replace(POOR, p50=30, seed=seed) for seed in range(6))
    (check,) = failing(one)
    assert (check.cell, check.figure.endswith("of zuul")) == (DENSE[0].name, True)


def test_a_queue_that_lands_nothing_reaches_nothing() -> None:
    never = replace(GOOD, p50=math.inf, p95=math.inf, per_hour=0, runs_per_landed=math.inf)
    assert len(failing(imagined(never))) > 10
