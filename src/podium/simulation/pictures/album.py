"""The pictures of one cell: how its policies bear more load, and one simulation of each that is to be looked at closely."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from podium.simulation.kernel import Outcome
from podium.simulation.measures import Figures
from podium.simulation.pictures.curves import Curve, against_load
from podium.simulation.pictures.slots import space_time
from podium.simulation.policies.registry import BOUNDS
from podium.simulation.study import OURS, Cell, Study

_LOADS = (0.125, 0.25, 0.5, 0.75, 1.0, 1.25)
"""Of the cell's own changes per hour."""


def sweep(cell: Cell) -> tuple[Cell, ...]:
    """The cell under less and more load."""
    return tuple(_under(cell, round(cell.workload.per_hour * share, 1)) for share in _LOADS)


def album(study: Study, cell: Cell, outcomes: Iterable[Outcome]) -> dict[str, str]:
    """SVG by file name. The study holds the cell's `sweep`; `outcomes` are drawn run by run."""
    gate = cell.workload.gate_minutes
    sheets: tuple[tuple[str, str, str, Callable[[Figures], float], float], ...] = (
        ("turnaround-p50", "Median turnaround against load", "minutes", lambda one: one.p50, gate),
        ("turnaround-p95", "95th percentile of turnaround against load", "minutes", lambda one: one.p95, gate),
        ("runs-per-landed", "Gate runs per landed change against load", "runs", lambda one: one.runs_per_landed, 1.0),
    )  # fmt: skip
    drawn = {
        f"{name}.svg": against_load(
            _curves(study, cell, of), title=f"{title} ({cell.name})", unit=unit, ruler=ruler
        )
        for name, title, unit, of, ruler in sheets
    }
    return drawn | _close(cell, outcomes)


def _close(cell: Cell, outcomes: Iterable[Outcome]) -> dict[str, str]:
    return {
        f"space-time-{one.name}.svg": space_time(one, title=f"{one.name}: every gate run ({cell.name}, seed {one.seed})")
        for one in outcomes
    }  # fmt: skip


def _curves(study: Study, cell: Cell, of: Callable[[Figures], float]) -> list[Curve]:
    """Ours first: it is drawn strongest."""
    names = sorted(study.policies, key=lambda name: name != OURS)
    cells = sweep(cell)
    return [
        Curve(
            name,
            {one.workload.per_hour: study.spread(one, name, of) for one in cells},
            is_ours=name == OURS,
            is_bound=name in BOUNDS,
        )
        for name in names
    ]


def _under(cell: Cell, per_hour: float) -> Cell:
    return replace(cell.at_load(per_hour), name=f"{cell.name}, at {per_hour:g}/h")
