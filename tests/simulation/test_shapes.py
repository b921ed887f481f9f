"""The simulator shows what was published of other queues, in small: directions only. The figures: `bench/bench_shapes.py`."""

import statistics
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from podium.simulation.kernel import simulate
from podium.simulation.measures import Figures, measure
from podium.simulation.policies.oracle import Oracle
from podium.simulation.policies.submitqueue import SubmitQueue
from podium.simulation.policies.uber2025 import Uber2025
from podium.simulation.policies.zuul import Zuul
from podium.simulation.predictors import Peek
from podium.simulation.scene import Policy
from podium.simulation.workloads import Workload, generate

BUSY = Workload(per_hour=300, changes=120, gate_minutes=36, base_minutes=36, impact="file")
VARIED = replace(BUSY, gate_cv=0.6)
AMPLE, SCARCE = 120, 40
SEEDS = range(3)


@cache
def played(make: Callable[[], Policy], slots: int, workload: Workload = BUSY) -> list[Figures]:
    figures = []
    for seed in SEEDS:
        trace = generate(workload, seed=seed)
        believed = Peek(trace, good=1 - workload.bad, breaking=workload.breaks, seed=seed)
        figures.append(measure(simulate(trace, make(), slots=slots, predictor=believed, seed=seed)))
    return figures


def p50(make: Callable[[], Policy], slots: int, workload: Workload = BUSY) -> float:
    return statistics.median(one.p50 for one in played(make, slots, workload))


def runs(make: Callable[[], Policy], slots: int) -> float:
    return statistics.median(one.runs for one in played(make, slots))


def rarely() -> Policy:
    return Uber2025(0.3)


def often() -> Policy:
    return Uber2025(0.003)


def test_more_workers_do_not_help_an_optimistic_queue() -> None:
    assert p50(Zuul, AMPLE) > 0.9 * p50(Zuul, SCARCE)
    assert p50(Zuul, AMPLE) > 2 * p50(Oracle, AMPLE)


def test_submitqueue_is_near_the_oracle_when_there_are_workers_enough() -> None:
    assert p50(Oracle, AMPLE) * 0.95 < p50(SubmitQueue, AMPLE) < p50(Oracle, AMPLE) * 1.5


def test_submitqueue_gains_from_workers() -> None:
    assert p50(SubmitQueue, AMPLE) < p50(SubmitQueue, SCARCE)


def test_submitqueue_stops_many_of_its_runs_and_the_oracle_none() -> None:
    assert all(one.aborted > 0.3 for one in played(SubmitQueue, AMPLE))
    assert all(one.aborted == 0 for one in played(Oracle, AMPLE))


def test_the_oracle_runs_every_change_once() -> None:
    assert runs(Oracle, AMPLE) == BUSY.changes


def test_runs_fall_as_the_threshold_rises() -> None:
    assert runs(SubmitQueue, AMPLE) > runs(often, AMPLE) > runs(Uber2025, AMPLE) > runs(rarely, AMPLE)
    assert runs(Uber2025, AMPLE) < 0.75 * runs(SubmitQueue, AMPLE)


def test_overtaking_shortens_the_wait_where_gates_differ_in_length() -> None:
    assert p50(Uber2025, AMPLE, VARIED) < p50(SubmitQueue, AMPLE, VARIED)
