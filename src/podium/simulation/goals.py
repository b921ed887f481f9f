"""What Podium's queue must reach, held against what was measured. A goal that was not measured does not hold."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from podium.simulation.measures import Figures, Spread
from podium.simulation.study import DENSE, FLAKY, HUMBLE, LOW, OURS, SCARCE, SMALL, Cell, Study

_LEVEL = 1.0 + 1e-9
"""Two that do the same differ by rounding only."""
_FALSE_EJECTIONS = 0.003
_NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Check:
    """One goal: where it is to be reached, what, what was measured, and whether that is enough."""

    cell: str
    sentence: str
    figure: str
    holds: bool


Measure = Callable[[Figures], float]


def p50(one: Figures) -> float:
    return one.p50


def p95(one: Figures) -> float:
    return one.p95


def per_hour(one: Figures) -> float:
    return one.per_hour


def runs_per_landed(one: Figures) -> float:
    return one.runs_per_landed


def goals(study: Study) -> list[Check]:
    """Every goal, in the order of the table. `the best baseline` is the best in that figure; it is never one that knows the truth."""
    return [
        *_scarce(study),
        *_against(study, SMALL, ("submitqueue",), turnaround=1 / 3, landings=2.5),
        *(check for cell in (*DENSE, *LOW) for check in _level(study, cell)),
        *(check for cell in HUMBLE for check in _ahead(study, cell)),
        *_never(study),
    ]


def _scarce(study: Study) -> Iterator[Check]:
    gates = 2.0
    most = gates * SCARCE.workload.gate_minutes
    yield _own(study, SCARCE, f"P50 turnaround is at most {gates:g} gate durations ({most:g} min)", p50, most)
    yield from _against(study, SCARCE, ("submitqueue", "uber-2025"), turnaround=1 / 4, landings=2)
    yield _own(study, SCARCE, "gate runs per landed change are at most 0.7", runs_per_landed, 0.7)


def _against(
    study: Study, cell: Cell, others: Iterable[str], *, turnaround: float, landings: float
) -> Iterator[Check]:
    for other in others:
        yield _times(
            study, cell, other, f"P50 is at most {turnaround:.2f} times that of {other}", p50, most=turnaround
        )
        yield _times(
            study,
            cell,
            other,
            f"at least {landings:g} times the landings of {other}",
            per_hour,
            least=landings,
        )


def _level(study: Study, cell: Cell) -> Iterator[Check]:
    for name, of in (("P50", p50), ("P95", p95)):
        best = _best(study, cell, of)
        yield _times(study, cell, best, f"{name} is at least level with the best baseline", of, most=_LEVEL)


def _ahead(study: Study, cell: Cell) -> Iterator[Check]:
    """Ahead, not level: and in what is landed as well, as a queue that sends everything back at once is quick too."""
    yield _times(
        study, cell, _best(study, cell, p50), "P50 is ahead of every baseline", p50, most=1.0, is_open=True
    )
    most = _best(study, cell, per_hour, better=max)
    yield _times(study, cell, most, "more landings than every baseline", per_hour, least=1.0, is_open=True)


def _never(study: Study) -> Iterator[Check]:
    ours = [(cell, study.of(cell, OURS)) for cell in study.cells if study.has(cell, OURS)]
    steady = [one for cell, figures in ours if not cell.workload.flaky for one in figures]
    yield _none(steady, "no change is sent back that would have passed", lambda one: one.victims)
    yield _false_ejections(study)
    every = [one for _, figures in ours for one in figures]
    yield _none(every, "the target branch is never red", lambda one: one.red)
    yield _none(every, "every change is decided", lambda one: one.undecided)


def _false_ejections(study: Study) -> Check:
    sentence = f"at most {_FALSE_EJECTIONS:.1%} are sent back for flakes"
    if not study.has(FLAKY, OURS):
        return Check(FLAKY.name, sentence, _NOT_MEASURED, holds=False)
    figures = study.of(FLAKY, OURS)
    victims, decided = sum(one.victims for one in figures), sum(one.landed + one.rejected for one in figures)
    share = victims / decided if decided else math.inf
    return Check(FLAKY.name, sentence, f"{share:.2%} ({victims} of {decided})", share <= _FALSE_EJECTIONS)


def _own(study: Study, cell: Cell, sentence: str, of: Measure, most: float) -> Check:
    if not study.has(cell, OURS):
        return Check(cell.name, sentence, _NOT_MEASURED, holds=False)
    found = study.spread(cell, OURS, of)
    return Check(cell.name, sentence, said(found), found.median <= most)


def _times(
    study: Study, cell: Cell, other: str, sentence: str, of: Measure,
    *, most: float = math.inf, least: float = 0.0, is_open: bool = False,
) -> Check:  # fmt: skip
    """Ours against theirs, seed by seed; the median decides. `is_open` leaves the bounds themselves out."""
    if not (study.has(cell, OURS) and study.has(cell, other)):
        return Check(cell.name, sentence, _NOT_MEASURED, holds=False)
    found = study.ratio(cell, other, of)
    holds = least < found.median < most if is_open else least <= found.median <= most
    return Check(cell.name, sentence, f"{said(found)} times that of {other}", holds)


def _none(figures: Sequence[Figures], sentence: str, of: Callable[[Figures], int]) -> Check:
    total = sum(of(one) for one in figures)
    return Check(
        "every cell", sentence, f"{total} in {len(figures)} simulations", bool(figures) and not total
    )


def _best(study: Study, cell: Cell, of: Measure, *, better: Callable[..., str] = min) -> str:
    """The baseline with the best median, or none."""
    there = [name for name in study.baselines if study.has(cell, name)]
    return better(there, key=lambda name: study.spread(cell, name, of).median, default="")


def said(found: Spread) -> str:
    """`0.31 (0.28 to 0.35)`: a median and its interval."""
    return f"{found.median:.3g} ({found.low:.3g} to {found.high:.3g})"
