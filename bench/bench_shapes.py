"""The simulator held against what is published of other merge queues: not the same figures, the same shapes.

Six seeds, 20 with `--full` of `run.py`. By itself, `python bench/bench_shapes.py` prints them as a table with what differs.

Workload: 300 changes an hour, 36-minute gates, the footprints of a real fleet by file, two overlapping changes break each
other with 2 %, one fails alone with 3 %; the predictor is right with 97 %. 300 slots are "as many workers as changes an hour".
Published: SubmitQueue, EuroSys 2019 (its figures over an Oracle that runs each change once); "CI at Scale", arXiv 2501.03440.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from measure import Figure, Scale

from podium.simulation.kernel import simulate
from podium.simulation.measures import Figures, measure
from podium.simulation.policies.oracle import Oracle
from podium.simulation.policies.submitqueue import SubmitQueue
from podium.simulation.policies.uber2025 import Uber2025
from podium.simulation.policies.zuul import Zuul
from podium.simulation.predictors import Peek
from podium.simulation.scene import Policy
from podium.simulation.workloads import Workload, generate

PUBLISHED = Workload(per_hour=300, gate_minutes=36, base_minutes=36, impact="file", breaks=0.02, bad=0.03)
VARIED = replace(PUBLISHED, gate_cv=0.6)
AMPLE, SCARCE = 300, 100
DEFAULT = 0.1
THRESHOLDS = (0.003, 0.01, 0.03, DEFAULT, 0.3)
POLICIES: dict[str, Callable[[], Policy]] = {
    "zuul": Zuul,
    "oracle": Oracle,
    "submitqueue": SubmitQueue,
    **{f"uber-2025 {threshold}": partial(Uber2025, threshold) for threshold in THRESHOLDS},
}


@dataclass(frozen=True, slots=True)
class Bench:
    """Policies on the same changes, one simulation for each seed. What was simulated once is remembered."""

    workload: Workload
    seeds: int
    known: dict[tuple[str, int], list[Figures]] = field(default_factory=dict)

    def of(self, policy: str, slots: int) -> list[Figures]:
        if (policy, slots) not in self.known:
            self.known[policy, slots] = [self.measured(policy, slots, seed) for seed in range(self.seeds)]
        return self.known[policy, slots]

    def measured(self, policy: str, slots: int, seed: int) -> Figures:
        trace = generate(self.workload, seed=seed)
        believed = Peek(trace, good=1 - self.workload.bad, breaking=self.workload.breaks, seed=seed)
        return measure(simulate(trace, POLICIES[policy](), slots=slots, predictor=believed, seed=seed))

    def over(
        self, policy: str, other: str, of: Callable[[Figures], float], *, slots: int
    ) -> tuple[float, ...]:
        return over(self.of(policy, slots), self.of(other, slots), of)


def run(_directory: Path, scale: Scale) -> list[Figure]:
    seeds = 20 if scale.agent_s > Scale().agent_s else 6
    bench = Bench(PUBLISHED, seeds)
    return [*optimistic(bench), *speculative(bench), *lean(bench), *overtaking(Bench(VARIED, seeds))]


def optimistic(bench: Bench) -> list[Figure]:
    return [
        Figure(
            "Zuul: P50 at 100 slots over that at 300", "x", over(bench.of("zuul", SCARCE), bench.of("zuul", AMPLE), p50),
            "1: flat in workers", "its window, halved by each failure, fills neither",
        ),
        Figure(
            "Zuul: P50 over the Oracle's, 300 slots", "x", bench.over("zuul", "oracle", p50, slots=AMPLE),
            "7.3-9.6", "ours has no analyzer, so that each failure restarts all that is behind it",
        ),
    ]  # fmt: skip


def speculative(bench: Bench) -> list[Figure]:
    return [
        Figure(
            "SubmitQueue: P50 over the Oracle's, 300 slots", "x", bench.over("submitqueue", "oracle", p50, slots=AMPLE),
            "1.2", "at 500 changes an hour and 500 workers",
        ),
        Figure("SubmitQueue: P95 over the Oracle's, 300 slots", "x", bench.over("submitqueue", "oracle", p95, slots=AMPLE)),
        Figure(
            "SubmitQueue: P50 over the Oracle's, 100 slots", "x", bench.over("submitqueue", "oracle", p50, slots=SCARCE),
            note="can be under 1: sure runs go first there, the Oracle goes by arrival",
        ),
        Figure("SubmitQueue: P95 over the Oracle's, 100 slots", "x", bench.over("submitqueue", "oracle", p95, slots=SCARCE)),
        Figure(
            "SubmitQueue: runs stopped, 300 slots", "%", shares(bench.of("submitqueue", AMPLE)),
            "40-65", "ours fills every slot down to a probability of 0.001",
        ),
        Figure("SubmitQueue: runs stopped, 100 slots", "%", shares(bench.of("submitqueue", SCARCE)), "40-65"),
    ]  # fmt: skip


def lean(bench: Bench) -> list[Figure]:
    figures = [Figure("SubmitQueue: runs per change", "", runs(bench.of("submitqueue", AMPLE)), "3.4-5.4")]
    for threshold in THRESHOLDS:
        found, goal = bench.of(f"uber-2025 {threshold}", AMPLE), "1.9-2.6" if threshold == DEFAULT else ""
        figures.append(Figure(f"Uber 2025: runs per change, threshold {threshold}", "", runs(found), goal))
    return figures


def overtaking(bench: Bench) -> list[Figure]:
    newer, older = f"uber-2025 {DEFAULT}", "submitqueue"
    return [
        Figure("Uber 2025: P50 over SubmitQueue's, cv 0.6", "x", bench.over(newer, older, p50, slots=AMPLE)),
        Figure(
            "Uber 2025: P95 over SubmitQueue's, cv 0.6", "x", bench.over(newer, older, p95, slots=AMPLE),
            "0.55-0.68", "before and after a rollout, on machines that its fewer runs relieved; ours has slots enough",
        ),
    ]  # fmt: skip


def p50(one: Figures) -> float:
    return one.p50


def p95(one: Figures) -> float:
    return one.p95


def over(
    ours: Iterable[Figures], theirs: Iterable[Figures], of: Callable[[Figures], float]
) -> tuple[float, ...]:
    return tuple(of(one) / of(other) for one, other in zip(ours, theirs, strict=True))


def shares(figures: Iterable[Figures]) -> tuple[float, ...]:
    return tuple(100 * one.aborted for one in figures)


def runs(figures: Iterable[Figures]) -> tuple[float, ...]:
    return tuple(one.runs / (one.landed + one.rejected) for one in figures)


def line(figure: Figure) -> str:
    low, high = min(figure.values), max(figure.values)
    row = f"{figure.name:46} {figure.median:6.2f} {low:6.2f} {high:6.2f} {figure.unit:2} {figure.goal:18} {figure.note}"
    return row.rstrip()


if __name__ == "__main__":
    print(f"{'':46} {'median':>6} {'min':>6} {'max':>6}    {'published':18} what differs")
    for found in run(Path(), Scale()):
        print(line(found))
