"""The merge queue's planner by itself: what one look at a long queue takes, and how much memory a change that waits costs.

A full queue is played in the simulator; each time the planner is asked counts as one event. `run.py` counts it among the others.
"""

import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from measure import Figure, Scale

from podium.landing.planner.line import Action, Line, Options
from podium.landing.planner.plan import plan
from podium.simulation.kernel import simulate
from podium.simulation.policies import weave
from podium.simulation.predictors import Constant
from podium.simulation.scene import Order, Scene
from podium.simulation.trace import Arrival
from podium.simulation.workloads import Impact, Workload, generate

ALL_AT_ONCE = 1e7
"""Changes per hour: the queue is full before the first gate ends."""
QUEUES: list[tuple[int, int, Impact, int, str]] = [
    (1_000, 16, "file", 100, "median <= 10"),
    (1_000, 64, "package", 60, "median <= 10"),
    (10_000, 16, "file", 20, "median <= 100"),
    (10_000, 64, "package", 8, "median <= 100"),
]
"""Changes, slots, impact, events that are measured, goal."""


class _EnoughError(Exception):
    """As many events were measured as were asked for."""


class _Timed:
    """Weave; notes the processor time of `plan`, and of all that is done each time it is asked, once all changes have come."""

    name = "podium"

    def __init__(self, changes: int, events: int) -> None:
        self.taken_ms: list[float] = []
        self.plan_ms: list[float] = []
        self._weave = weave.Weave(reuse=False)
        self._changes, self._events = changes, events

    def orders(self, scene: Scene) -> Iterator[Order]:
        if len(scene.known) < self._changes:
            return
        if len(self.taken_ms) >= self._events:
            raise _EnoughError
        start = time.process_time()
        with mock.patch.object(weave, "plan", self._plan):
            orders = list(self._weave.orders(scene))
        self.taken_ms.append((time.process_time() - start) * 1000)
        yield from orders

    def _plan(self, line: Line, now: float, options: Options) -> list[Action]:
        start = time.process_time()
        actions = plan(line, now, options)
        self.plan_ms.append((time.process_time() - start) * 1000)
        return actions


def run(_directory: Path, _scale: Scale) -> list[Figure]:
    figures = []
    for changes, slots, impact, events, goal in QUEUES:
        name = f"{changes:,} queued, {slots} slots, {impact}s"
        policy = _Timed(changes, events + 1)
        _play(policy, _trace(changes, impact), slots)
        figures.append(Figure(f"{name}: plan", "ms", tuple(policy.plan_ms), goal))
        figures.append(Figure(f"{name}: with the simulator's reading", "ms", tuple(policy.taken_ms[1:])))
    sizes = (1_000, 10_000)
    memory = [Figure(f"memory for each of {one:,} queued", "KiB", (_kibibytes(one),)) for one in sizes]
    return figures + memory


def _kibibytes(changes: int) -> float:
    """What the planner and what it keeps take at their peak, for each change; with what the simulator notes of the waiting."""
    trace = _trace(changes, "file")
    tracemalloc.start()
    _play(_Timed(changes, 3), trace, 16)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / changes / 1024


def _trace(changes: int, impact: Impact) -> list[Arrival]:
    return generate(Workload(changes=changes, per_hour=ALL_AT_ONCE, impact=impact, breaks=0.002), seed=1)


def _play(policy: _Timed, trace: list[Arrival], slots: int) -> None:
    try:
        simulate(trace, policy, slots=slots, predictor=Constant(0.97, 0.002))
    except _EnoughError:
        return


if __name__ == "__main__":
    for figure in run(Path(), Scale()):
        print(
            f"{figure.name:65} median {figure.median:8.2f}  max {max(figure.values):8.2f} {figure.unit}  {figure.goal}",
            flush=True,
        )
