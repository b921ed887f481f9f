"""The merge queue in the simulator: what a person may ask of it, and what is shown. It needs no project."""

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from podium.base.errors import UsageError
from podium.base.files import write_atomically
from podium.simulation.capacity import capacity_per_hour
from podium.simulation.goals import Check, goals
from podium.simulation.history import landings
from podium.simulation.measures import Figures, Spread
from podium.simulation.pictures.album import album, sweep
from podium.simulation.policies.registry import BOUNDS, POLICIES
from podium.simulation.study import CELLS, OURS, Cell, Job, Study, play, run
from podium.simulation.trace import Trace, read
from podium.simulation.workloads import Workload

FEW_SEEDS, MANY_SEEDS = 6, 20
"""The fewest that give a 95 % interval, for one cell; and what the table is judged by."""
_FIGURES = tuple(one.name for one in fields(Figures) if one.name not in ("policy", "seed"))
_COMPARED = ("p50", "p95", "per_hour", "runs_per_landed")
_LOOKED_AT = (OURS, "submitqueue")
_NEAR = 400
"""Pairs of a trace further apart than this are not counted to say how often a pair breaks."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What `podium bench queue` is asked. `workload` holds what was said of it; `seeds` is 0 where that was not said."""

    workload: Mapping[str, Any] = field(default_factory=dict)
    slots: int = 16
    attribution: float = 0.85
    predictor: Literal["peek", "constant", "learned"] = "peek"
    reuse: bool = True
    policies: tuple[str, ...] = ()
    seeds: int = 0
    trace: Path | None = None
    history: Path | None = None
    plot: Path | None = None


@dataclass(frozen=True, slots=True)
class SpreadView:
    """The median over the seeds and its interval. None: there is no such figure, as nothing landed."""

    median: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class PolicyView:
    """One policy in one cell. `kind` is `podium`, `baseline` or `bound`.

    `figures` are those of `Figures`, `against` how many times this policy's figure Podium's is, seed by seed. `victims`, `red` and
    `undecided` are added up over all seeds.
    """

    policy: str
    kind: str
    figures: dict[str, SpreadView]
    against: dict[str, SpreadView]
    victims: int
    red: int
    undecided: int


@dataclass(frozen=True, slots=True)
class CellView:
    """One setting. `capacity_per_hour` is what the slots could gate if each change took one run."""

    cell: str
    per_hour: float
    slots: int
    gate_minutes: float
    impact: str
    breaks: float
    bad: float
    flaky: float
    attribution: float
    predictor: str
    reuse: bool
    capacity_per_hour: float
    policies: tuple[PolicyView, ...]


@dataclass(frozen=True, slots=True)
class BenchView:
    """`podium bench queue`. `coverage` is how sure the intervals are; `goals` are there with --study only."""

    seeds: int
    coverage: float
    cells: tuple[CellView, ...]
    goals: tuple[Check, ...]
    holds: bool
    pictures: tuple[str, ...]
    took_s: float


Progress = Callable[[int, int], None]


def bench(asked: Asked, *, progress: Progress) -> BenchView:
    """Every policy on one cell.

    Raises:
        UsageError: what was asked does not go together, or a trace or a history cannot be read.
    """
    return _benched(asked, [_cell(asked)], FEW_SEEDS, progress, judge=lambda _study: [])


def study(asked: Asked, *, progress: Progress) -> BenchView:
    """Every policy on every cell of the table, held against the goals.

    Raises:
        UsageError: something was asked that the table says itself.
    """
    said = [*asked.workload, *(name for name in ("trace", "history") if getattr(asked, name))]
    if said or _settings(asked) != _settings(Asked()):
        raise UsageError("--study has its own cells", hint="with it go --seeds, --policy, --plot and --json")
    return _benched(asked, CELLS, MANY_SEEDS, progress, judge=goals)


def _settings(asked: Asked) -> tuple[object, ...]:
    return asked.slots, asked.attribution, asked.predictor, asked.reuse


def _benched(
    asked: Asked, cells: Sequence[Cell], seeds: int, progress: Progress, *, judge: Callable[[Study], list[Check]]
) -> BenchView:  # fmt: skip
    began = time.monotonic()
    names = _policies(asked.policies)
    more = sweep(cells[0]) if asked.plot else ()
    found = run((*cells, *more), names, range(asked.seeds or seeds), progress=progress)
    checks = tuple(judge(found))
    pictures = _draw(found, cells[0], asked.plot) if asked.plot else ()
    coverage = found.spread(cells[0], names[0], attrgetter("p50")).coverage
    return BenchView(
        len(found.seeds), coverage, tuple(_cell_view(found, cell) for cell in cells), checks,
        all(check.holds for check in checks), pictures, time.monotonic() - began,
    )  # fmt: skip


def _policies(names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name not in POLICIES:
            near = get_close_matches(name, POLICIES, n=1) or POLICIES
            raise UsageError(f"no policy is called {name!r}", hint=f"one of: {', '.join(near)}")
    return tuple(dict.fromkeys(names)) or tuple(POLICIES)


def _cell(asked: Asked) -> Cell:
    if asked.trace and (asked.history or asked.workload):
        raise UsageError(
            "a trace says itself what its changes are",
            hint="leave out --history and what is about the workload",
        )
    workload = replace(Workload(), **asked.workload)
    bare = Cell("", workload, asked.slots, asked.attribution, asked.predictor, reuse=asked.reuse)
    if asked.trace:
        trace = read(asked.trace)
        if not trace:
            raise UsageError(f"{asked.trace} holds no change")
        return _named(replace(bare, given=tuple(trace), workload=_described(trace)), asked.trace.name)
    if asked.history:
        past = tuple(landings(asked.history, workload.impact))
        return _named(replace(bare, past=past), asked.history.resolve().name)
    return _named(bare, f"{workload.impact}s")


def _named(cell: Cell, what: str) -> Cell:
    return replace(cell, name=f"{cell.workload.per_hour:.3g}/h, {cell.slots} slots, {what}")


def _described(trace: Trace) -> Workload:
    """What a trace shows of itself, as a workload: its rates are what policies believe beforehand."""
    number = len(trace)
    hours = (trace[-1].arrives_s - trace[0].arrives_s) / 3600
    bad = sum(not one.good for one in trace) / number
    return replace(
        Workload(), changes=number, per_hour=(number - 1) / hours if hours else 1.0, bad=bad, breaks=_breaking(trace),
        gate_minutes=statistics.fmean(one.duration_s for one in trace) / 60, flaky=statistics.fmean(one.flaky for one in trace),
    )  # fmt: skip


def _breaking(trace: Trace) -> float:
    """The share of the pairs with a common target that break each other."""
    meeting = sum(
        not one.keys.isdisjoint(other.keys)
        for place, one in enumerate(trace)
        for other in trace[max(0, place - _NEAR) : place]
    )
    return min(1.0, sum(len(one.breaks_with) for one in trace) / meeting) if meeting else 0.0


def _draw(found: Study, cell: Cell, folder: Path) -> tuple[str, ...]:
    looked_at = [name for name in _LOOKED_AT if name in found.policies] or found.policies[:1]
    outcomes = [play(Job(cell, name, found.seeds[0])) for name in looked_at]
    drawn = {folder / name: svg for name, svg in album(found, cell, outcomes).items()}
    try:
        for path, svg in drawn.items():
            write_atomically(path, svg.encode())
    except OSError as error:
        raise UsageError(f"{folder}: {error}", hint="--plot names a folder to write pictures into") from error
    return tuple(str(path) for path in drawn)


def _cell_view(found: Study, cell: Cell) -> CellView:
    load = cell.workload
    return CellView(
        cell.name, load.per_hour, cell.slots, load.gate_minutes, load.impact, load.breaks, load.bad, load.flaky,
        cell.attribution, cell.predictor, cell.reuse, capacity_per_hour(cell.slots, load.gate_minutes * 60),
        tuple(_policy_view(found, cell, name) for name in found.policies),
    )  # fmt: skip


def _policy_view(found: Study, cell: Cell, policy: str) -> PolicyView:
    figures = found.of(cell, policy)
    against = _COMPARED if policy != OURS and found.has(cell, OURS) else ()
    return PolicyView(
        policy, OURS if policy == OURS else "bound" if policy in BOUNDS else "baseline",
        {name: _view(found.spread(cell, policy, attrgetter(name))) for name in _FIGURES},
        {name: _view(found.ratio(cell, policy, attrgetter(name))) for name in against},
        sum(one.victims for one in figures), sum(one.red for one in figures), sum(one.undecided for one in figures),
    )  # fmt: skip


def _view(spread: Spread) -> SpreadView:
    return SpreadView(
        *(one if math.isfinite(one) else None for one in (spread.median, spread.low, spread.high))
    )
