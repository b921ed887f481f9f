"""Workloads: what changes touch and when they land, taken from a real history; and what is wrong with them, drawn.

A draw depends on the seed and on what it is for, and on nothing else. So the same seed gives the same changes to every policy,
and a larger `breaks` or `bad` only adds to what a smaller one found (common random numbers). The first changes of a longer
workload are not those of a shorter one: its stretch of the history begins elsewhere.
"""

import gzip
import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Literal

from podium.base.errors import UsageError
from podium.simulation.trace import Arrival

Impact = Literal["file", "package"]
Pattern = Literal["poisson", "bursts", "real"]

_FLEET = Path(__file__).with_name("data") / "agent-fleet.jsonl.gz"
NOTES = 0
"""The package of the fleet's data that 70 % of all changes touch and hardly one touches alone: no target (`data/README.md` says why)."""
_OWN = 1_000_000
"""What a change that touched nothing else can affect is its own: this, plus its line in the data."""
IN_FLIGHT = 400
"""Two changes this many arrivals apart never break each other: one is decided when the other comes. A slower queue is spared some."""
_BURST, _CALM = (5 * 60.0, 3.0), (20 * 60.0, 0.5)
"""How long a state lasts in the mean, in seconds, and what it multiplies the rate by; the mean of both is 1."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """What is known of a change that landed: when (seconds), and what it touched."""

    landed_s: float
    keys: frozenset[int]


@dataclass(frozen=True, slots=True)
class Workload:
    """What a merge queue has to bear. Durations of gates are lognormal with coefficient of variation `gate_cv`.

    `breaks` is the chance that two changes which share a target break each other, `bad` that a change fails alone though it
    passed in isolation, `flaky` that a gate of it fails for no reason. `stale` is the chance that what a good change depends on
    was moved by others since it was proven (what a bad one depends on always was: that is why it fails).
    Each base is `base_minutes` old when its change arrives.

    Raises:
        UsageError: a figure is out of its bounds.
    """

    per_hour: float = 240.0
    changes: int = 300
    gate_minutes: float = 10.0
    gate_cv: float = 0.2
    impact: Impact = "file"
    breaks: float = 0.02
    bad: float = 0.03
    flaky: float = 0.0
    base_minutes: float = 10.0
    arrivals: Pattern = "poisson"
    stale: float = 0.25

    def __post_init__(self) -> None:
        for name in ("per_hour", "changes", "gate_minutes"):
            self._demand(name, "must be more than 0", fine=0 < getattr(self, name) < math.inf)
        for name in ("gate_cv", "base_minutes"):
            self._demand(name, "must be 0 or more", fine=0 <= getattr(self, name) < math.inf)
        for name in ("breaks", "bad", "flaky", "stale"):
            self._demand(name, "is a probability: 0 to 1", fine=0 <= getattr(self, name) <= 1)
        self._demand("impact", "is one of file, package", fine=self.impact in ("file", "package"))
        self._demand("arrivals", f"is one of {', '.join(_ARRIVALS)}", fine=self.arrivals in _ARRIVALS)

    def _demand(self, name: str, what: str, *, fine: bool) -> None:
        if not fine:
            raise UsageError(
                f"{name} {what}, not {getattr(self, name)!r}", hint="see docs/queue.md, Workloads"
            )


def generate(workload: Workload, *, seed: int) -> list[Arrival]:
    """A workload with the footprints of consecutive changes of the fleet; one longer than its history goes through it again."""
    return trace_from(_repeated(fleet(workload.impact), workload.changes), workload, seed=seed)


def trace_from(past: Sequence[Footprint], workload: Workload, *, seed: int) -> list[Arrival]:
    """A workload with the footprints of consecutive changes of a history, from a start that is drawn; all, where it is shorter.

    Arrivals are `poisson`; or in `bursts`, a Poisson process whose rate jumps between two states (MMPP): three times the mean for
    about 5 minutes, then half of it for about 20; or `real`, the landing times of that stretch, drawn together to `per_hour`.
    """
    stretch = _stretch(past, workload.changes, seed=seed)
    times = _ARRIVALS[workload.arrivals](stretch, workload, seed)
    keys = [one.keys for one in stretch]
    return [_arrival(id_, at_s, keys, workload=workload, seed=seed) for id_, at_s in enumerate(times)]


@cache
def fleet(impact: Impact) -> tuple[Footprint, ...]:
    """The landed changes of a real fleet of agents, in order (`data/README.md`). Keys are ids of files, or of packages."""
    with gzip.open(_FLEET, mode="rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    if impact == "file":
        return tuple(Footprint(row["landed_s"], frozenset(row["files"])) for row in rows)
    return tuple(
        Footprint(row["landed_s"], frozenset(row["packages"]) - {NOTES} or frozenset({_OWN + row["id"]})) for row in rows
    )  # fmt: skip


def pace(past: Sequence[Footprint]) -> float:
    """How many changes a history landed per hour, nights and all; 0 where it has no length."""
    span_s = past[-1].landed_s - past[0].landed_s if past else 0.0
    return 3600 * (len(past) - 1) / span_s if span_s else 0.0


def _repeated(past: Sequence[Footprint], changes: int) -> Sequence[Footprint]:
    """A history that is long enough: after its last change it begins again."""
    length_s = (past[-1].landed_s - past[0].landed_s) * len(past) / (len(past) - 1)
    rounds = range(1, math.ceil(changes / len(past)))
    return [*past, *(replace(one, landed_s=one.landed_s + n * length_s) for n in rounds for one in past)]


def _stretch(past: Sequence[Footprint], changes: int, *, seed: int) -> Sequence[Footprint]:
    starts = max(1, len(past) - changes + 1)
    start = int(_draw(seed, "start") * starts)
    return past[start : start + changes]


def _arrival(
    id_: int, at_s: float, keys: Sequence[frozenset[int]], *, workload: Workload, seed: int
) -> Arrival:
    good = _draw(seed, "bad", id_) >= workload.bad
    return Arrival(
        id=id_,
        arrives_s=at_s,
        base_age_s=60 * workload.base_minutes,
        keys=keys[id_],
        duration_s=_duration_s(workload, _draw(seed, "duration", id_)),
        good=good,
        breaks_with=_broken(id_, keys, breaks=workload.breaks, seed=seed),
        flaky=workload.flaky,
        stale=not good or _draw(seed, "stale", id_) < workload.stale,
    )


def _duration_s(workload: Workload, draw: float) -> float:
    """Lognormal with the mean and coefficient of variation asked for: sigma² = ln(1 + cv²), mu = ln(mean) - sigma²/2."""
    variance = math.log1p(workload.gate_cv**2)
    normal = NormalDist().inv_cdf(draw)
    return 60 * workload.gate_minutes * math.exp(math.sqrt(variance) * normal - variance / 2)


def _broken(id_: int, keys: Sequence[frozenset[int]], *, breaks: float, seed: int) -> frozenset[int]:
    """The earlier changes that this one breaks with."""
    if not breaks:
        return frozenset()
    return frozenset(
        other
        for other in range(max(0, id_ - IN_FLIGHT + 1), id_)
        if not keys[id_].isdisjoint(keys[other]) and _draw(seed, "breaks", other, id_) < breaks
    )


def _poisson(stretch: Sequence[Footprint], workload: Workload, seed: int) -> Iterator[float]:
    return (due * 3600 / workload.per_hour for due in _due(len(stretch), seed=seed))


def _bursts(stretch: Sequence[Footprint], workload: Workload, seed: int) -> Iterator[float]:
    """The arrivals of `_poisson`, on a clock that runs now faster, now slower."""
    spells = _spells(workload.per_hour / 3600, seed=seed)
    left_s, rate = next(spells)
    now_s = counted = 0.0
    for due in _due(len(stretch), seed=seed):
        while due - counted > left_s * rate:
            now_s, counted = now_s + left_s, counted + left_s * rate
            left_s, rate = next(spells)
        step_s = (due - counted) / rate
        now_s, counted, left_s = now_s + step_s, due, left_s - step_s
        yield now_s


def _real(stretch: Sequence[Footprint], workload: Workload, _seed: int) -> Iterator[float]:
    """Evenly where the whole stretch landed in one second."""
    gaps_s = [after.landed_s - before.landed_s for before, after in pairwise(stretch)]
    own = pace(stretch)
    scaled = (gap_s * own / workload.per_hour if own else 3600 / workload.per_hour for gap_s in gaps_s)
    return accumulate(scaled, initial=0.0)


_ARRIVALS: dict[Pattern, Callable[[Sequence[Footprint], Workload, int], Iterator[float]]] = {
    "poisson": _poisson,
    "bursts": _bursts,
    "real": _real,
}


def _due(changes: int, *, seed: int) -> Iterator[float]:
    """When changes arrive, one per unit of time in the mean, independent of each other."""
    return accumulate(-math.log(_draw(seed, "gap", id_)) for id_ in range(changes))


def _spells(rate: float, *, seed: int) -> Iterator[tuple[float, float]]:
    """How long each state lasts, in seconds, and its arrivals per second; the first is drawn as time is shared between them."""
    bursts = _draw(seed, "state") < _BURST[0] / (_BURST[0] + _CALM[0])
    number = 0
    while True:
        mean_s, factor = _BURST if bursts else _CALM
        yield -mean_s * math.log(_draw(seed, "spell", number)), rate * factor
        bursts, number = not bursts, number + 1


def _draw(seed: int, *what: str | int) -> float:
    """Evenly from between 0 and 1, never either; the same for the same words, in every process."""
    digest = hashlib.blake2b(repr((seed, *what)).encode(), digest_size=8).digest()
    return ((int.from_bytes(digest, "big") >> 12) + 0.5) / 2**52
