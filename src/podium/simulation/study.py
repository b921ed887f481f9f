"""Many simulations: each policy on each cell with each seed. The seed makes the changes and their truth, the same for every policy."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Literal

from podium.base.errors import PodiumError
from podium.base.pool import spread_out
from podium.simulation.kernel import Outcome, simulate
from podium.simulation.learned import Learned, Watched
from podium.simulation.measures import Figures, Spread, measure, ratio, summary
from podium.simulation.policies.registry import BOUNDS, POLICIES
from podium.simulation.policies.weave import Weave
from podium.simulation.predictors import Constant, Peek
from podium.simulation.scene import Policy, Predictor
from podium.simulation.trace import Arrival, Trace
from podium.simulation.workloads import Footprint, Workload, generate, trace_from

OURS = "podium"


@dataclass(frozen=True, slots=True)
class Cell:
    """One setting that policies are compared in.

    Its changes are drawn from the fleet's history, from another one where there is a `past`, or are those `given`; then
    `workload` only says what is believed of them. `attribution` is the chance that a failure names its target, `accuracy` that
    of a peek at the truth. `reuse` lets a policy that can land changes on the evidence they bring along.
    """

    name: str
    workload: Workload
    slots: int
    attribution: float = 0.85
    predictor: Literal["peek", "constant", "learned"] = "peek"
    accuracy: float = 0.97
    reuse: bool = True
    past: tuple[Footprint, ...] = field(default=(), repr=False)
    given: tuple[Arrival, ...] = field(default=(), repr=False)

    def changes(self, seed: int) -> Trace:
        """The changes of one seed; those that are given are the same for all, what their gates report is not."""
        if self.given:
            return self.given
        return (
            trace_from(self.past, self.workload, seed=seed)
            if self.past
            else generate(self.workload, seed=seed)
        )

    def believed(self, trace: Trace, seed: int) -> Predictor:
        good, breaking = 1 - self.workload.bad, self.workload.breaks
        match self.predictor:
            case "peek":
                return Peek(trace, good=good, breaking=breaking, accuracy=self.accuracy, seed=seed)
            case "constant":
                return Constant(good, breaking)
            case "learned":
                return Learned()

    def at_load(self, per_hour: float) -> "Cell":
        """The same with changes that come more or less often."""
        faster = per_hour / self.workload.per_hour
        given = tuple(replace(one, arrives_s=one.arrives_s / faster) for one in self.given)
        return replace(self, workload=replace(self.workload, per_hour=per_hour), given=given)


_SCARCE = Workload(per_hour=240, gate_minutes=10, impact="file", breaks=0.02, bad=0.03)
_PACKAGES = replace(_SCARCE, impact="package", breaks=0.002)
_DENSE = replace(_SCARCE, impact="package", breaks=0.01)
SCARCE = Cell("16 slots, files", _SCARCE, 16)
SMALL = Cell("8 slots, packages", _PACKAGES, 8)
DENSE = (Cell("32 slots, dense packages", _DENSE, 32), Cell("64 slots, dense packages", _DENSE, 64))
LOW = (
    Cell("20/h, 16 slots, files", replace(_SCARCE, per_hour=20), 16),
    Cell("60/h, 64 slots, dense packages", replace(_DENSE, per_hour=60), 64),
)
FLAKY = Cell("16 slots, files, 5 % flakes", replace(_SCARCE, flaky=0.05), 16)
HUMBLE = tuple(
    replace(
        cell, name=f"{cell.name}, constant predictor, attribution 50 %", predictor="constant", attribution=0.5
    )
    for cell in (SCARCE, SMALL)
)
ANEW = tuple(replace(cell, name=f"{cell.name}, no reuse", reuse=False) for cell in (SCARCE, SMALL, DENSE[0]))
CELLS = (SCARCE, SMALL, *DENSE, *LOW, FLAKY, *HUMBLE, *ANEW)
"""The table. All but two at 240 changes an hour; gates of ten minutes, 3 % bad changes."""


@dataclass(frozen=True, slots=True)
class Study:
    """What was measured: the figures of each cell (by name) and policy, seed by seed."""

    cells: tuple[Cell, ...]
    policies: tuple[str, ...]
    seeds: tuple[int, ...]
    figures: dict[tuple[str, str], tuple[Figures, ...]]

    def of(self, cell: Cell, policy: str) -> tuple[Figures, ...]:
        return self.figures[cell.name, policy]

    def has(self, cell: Cell, policy: str) -> bool:
        return (cell.name, policy) in self.figures

    def spread(self, cell: Cell, policy: str, of: Callable[[Figures], float]) -> Spread:
        return summary(self.of(cell, policy), of)

    def ratio(self, cell: Cell, other: str, of: Callable[[Figures], float]) -> Spread:
        """How many times that of another policy ours is, seed by seed."""
        return ratio(self.of(cell, OURS), self.of(cell, other), of)

    @property
    def baselines(self) -> tuple[str, ...]:
        """The policies that can be had: neither ours nor bounds, which know the truth."""
        return tuple(name for name in self.policies if name != OURS and name not in BOUNDS)


@dataclass(frozen=True, slots=True)
class Job:
    """One simulation."""

    cell: Cell
    policy: str
    seed: int


def run(
    cells: Sequence[Cell],
    policies: Sequence[str],
    seeds: Iterable[int],
    *,
    workers: int = 0,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Study:
    """Simulate all of it, over the processors of this machine; `progress` is told how many of how many are done.

    A cell without reuse is the same as the one with it for a policy that never reuses: it is simulated once.

    Raises:
        PodiumError: a policy ordered what cannot be; it says in which cell and with which seed.
    """
    numbers = tuple(seeds)
    jobs: dict[Job, Job] = {}
    wanted: dict[tuple[str, str, int], Job] = {}
    for cell, seed, policy in product(cells, numbers, policies):
        what = wanted[cell.name, policy, seed] = _told_apart(cell, policy, seed)
        jobs.setdefault(what, Job(cell, policy, seed))
    finished = 0

    def count(_figures: Figures) -> None:
        nonlocal finished
        finished += 1
        progress(finished, len(jobs))

    measured = spread_out(_measured, list(jobs.values()), workers=workers, done=count)
    found = dict(zip(jobs, measured, strict=True))
    figures = {
        (cell.name, policy): tuple(found[wanted[cell.name, policy, seed]] for seed in numbers)
        for cell in cells
        for policy in policies
    }
    return Study(tuple(cells), tuple(policies), numbers, figures)


def play(job: Job) -> Outcome:
    """One simulation, from its changes to its outcome.

    Raises:
        PodiumError: the policy ordered what cannot be.
    """
    trace = job.cell.changes(job.seed)
    believed = job.cell.believed(trace, job.seed)
    policy = _policy(job)
    if isinstance(believed, Learned) and job.policy not in BOUNDS:
        policy = Watched(policy, believed)
    try:
        return simulate(
            trace, policy, slots=job.cell.slots, predictor=believed,
            seed=job.seed, attribution=job.cell.attribution,
        )  # fmt: skip
    except PodiumError as error:
        where = f"{job.cell.name}, {job.policy}, seed {job.seed}"
        raise PodiumError(f"{where}: {error}", hint=error.hint) from error


def _policy(job: Job) -> Policy:
    return Weave(reuse=False) if job.policy == OURS and not job.cell.reuse else POLICIES[job.policy]()


def _measured(job: Job) -> Figures:
    return measure(play(job), job.policy)


def _told_apart(cell: Cell, policy: str, seed: int) -> Job:
    """What this simulation depends on, and nothing else."""
    return Job(replace(cell, name="", reuse=cell.reuse or policy != OURS), policy, seed)
