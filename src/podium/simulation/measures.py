"""What came of a simulation in figures, and what many seeds say together: a median and how sure it is."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from podium.simulation.kernel import Outcome
from podium.simulation.scene import Run

_HOUR_S, _MINUTE_S = 3600.0, 60.0
_TAIL = 0.025
"""Of each side of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One simulation. Turnaround is from arrival to decision, in minutes; a queue that decides nothing has none (infinity).

    `p50` to `p99` are over all decided changes, `landed_p50` to `landed_p99` over those that landed. `per_hour` is landings
    over the time from the first arrival to the last decision. `runs_per_landed` counts all runs that were started,
    `gates_per_landed` the time they took, in mean gate durations. `aborted` is the share of runs that were stopped.
    `red` counts landings that left the target branch failing. `thinking_ms` is the policy's own time for an event.
    """

    policy: str
    seed: int
    p50: float
    p95: float
    p99: float
    landed_p50: float
    landed_p95: float
    landed_p99: float
    per_hour: float
    landed: int
    rejected: int
    victims: int
    red: int
    undecided: int
    runs: int
    runs_per_landed: float
    gates_per_landed: float
    aborted: float
    thinking_ms: float

    @property
    def victim_share(self) -> float:
        """Of all decided changes, those that were sent back though they would have passed."""
        return _over(self.victims, self.landed + self.rejected)


@dataclass(frozen=True, slots=True)
class Spread:
    """What several seeds say of one figure: the median, and an interval that holds the true median.

    The interval is made of order statistics, so it supposes nothing about the distribution and draws no lots; `coverage` is
    the probability that it is right, at least 0.95 from six seeds on. With fewer it is the whole range, and says less.
    """

    median: float
    low: float
    high: float
    coverage: float


def measure(outcome: Outcome, policy: str = "") -> Figures:
    """The figures of one simulation; `policy` is the name to show, that of the outcome if not given."""
    arrived = {one.id: one.arrives_s for one in outcome.arrivals}
    waits = {change: one.at_s - arrived[change] for change, one in outcome.decided.items()}
    landed = [waits[change] for change, one in outcome.decided.items() if one.landed]
    stopped = sum(run.passed is None for run in outcome.runs)
    return Figures(
        policy or outcome.name, outcome.seed, *_turnaround(list(waits.values())), *_turnaround(landed),
        per_hour=_per_hour(outcome, len(landed)), landed=len(landed), rejected=len(waits) - len(landed),
        victims=outcome.victims, red=outcome.red, undecided=len(arrived) - len(waits), runs=len(outcome.runs),
        runs_per_landed=_over(len(outcome.runs), len(landed)), gates_per_landed=_over(_gates(outcome), len(landed)),
        aborted=_over(stopped, len(outcome.runs)), thinking_ms=_over(outcome.thinking_s * 1000, outcome.events),
    )  # fmt: skip


def spread(values: Sequence[float]) -> Spread:
    """The median of the values, one for each seed, and its 95 % interval.

    The interval is from the k-th smallest to the k-th largest value, with the largest k that keeps either tail of the binomial
    distribution (n, 1/2) within 2.5 %: Conover, Practical Nonparametric Statistics, section 3.2.
    """
    ordered = sorted(values)
    cut, left_out = _cut(len(ordered))
    return Spread(statistics.median(ordered), ordered[cut], ordered[-1 - cut], 1 - 2 * left_out)


def summary(figures: Sequence[Figures], of: Callable[[Figures], float]) -> Spread:
    """One figure over its seeds."""
    return spread([of(one) for one in figures])


def ratio(ours: Sequence[Figures], theirs: Sequence[Figures], of: Callable[[Figures], float]) -> Spread:
    """How many times theirs ours is, seed by seed: both saw the same changes, so what the seed did to both falls out.

    Raises:
        ValueError: they were not measured on the same seeds.
    """
    mine, other = {one.seed: of(one) for one in ours}, {one.seed: of(one) for one in theirs}
    if mine.keys() != other.keys():
        raise ValueError(f"seeds differ: {sorted(mine)} and {sorted(other)}")
    return spread([_times(mine[seed], other[seed]) for seed in sorted(mine)])


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed, interpolated between neighbours; infinity where there are none.

    >>> quantile([1.0, 2.0, 3.0], 0.5), quantile([0.0, 10.0], 0.95)
    (2.0, 9.5)
    """
    if not values:
        return math.inf
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _turnaround(waits_s: Sequence[float]) -> tuple[float, float, float]:
    """P50, P95 and P99 in minutes."""
    p50, p95, p99 = (quantile(waits_s, share) / _MINUTE_S for share in (0.5, 0.95, 0.99))
    return p50, p95, p99


def _per_hour(outcome: Outcome, landed: int) -> float:
    if not landed:
        return 0.0
    last_s = max(one.at_s for one in outcome.decided.values())
    first_s = min(one.arrives_s for one in outcome.arrivals)
    return _over(landed * _HOUR_S, last_s - first_s)


def _gates(outcome: Outcome) -> float:
    """The time of all runs, in mean gate durations."""
    mean_s = statistics.fmean(one.duration_s for one in outcome.arrivals) if outcome.arrivals else 0.0
    return _over(sum(took_s(run) for run in outcome.runs), mean_s)


def took_s(run: Run) -> float:
    """How long a run held its slot."""
    return 0.0 if run.ended_s is None else run.ended_s - run.started_s


def _cut(number: int) -> tuple[int, float]:
    """How many values to leave out on each side, and the probability that the median is beyond one of them."""
    below = 0.0
    for cut in range(number):
        reached = below + math.comb(number, cut) / 2**number
        if reached > _TAIL:
            return max(cut - 1, 0), below if cut else reached
        below = reached
    return 0, 1.0


def _over(part: float, whole: float) -> float:
    if whole:
        return part / whole
    return math.inf if part else 0.0


def _times(ours: float, theirs: float) -> float:
    if ours == theirs:
        return 1.0
    return _over(ours, theirs) if math.isfinite(theirs) else 0.0
