"""How long gates take, learned from those that have ended."""

import math
import statistics
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from podium.landing.predictions.experience import Features, Gated

USUAL_S = 600.0
"""What a gate takes where none has ever ended."""
KEPT = 2_000
"""Only so many gates teach, the latest: suites grow."""
_SHORTEST_S = 0.001
"""Nothing is taken to be shorter."""
_SPREAD = 0.3
"""The spread where no gate has ever ended."""
_STRENGTH = 5.0
"""A belief counts as much as so many gates."""

_Offsets = dict[Hashable, tuple[float, int]]
"""By group: the sum of the logarithms of the factors, and of how many."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration as a lognormal distribution: its median in seconds, and the standard deviation of its logarithm."""

    median_s: float
    spread: float


@dataclass(frozen=True, slots=True)
class Durations:
    """How long a gate takes, against a yardstick: what the change's own gate took, or where unknown the median of all.

    By which factor it is off the yardstick is learned by maker and kind, drawn towards that of all gates.
    """

    usual_s: float = USUAL_S
    _usual_offset: float = 0.0
    """Of gates of changes whose own gate is known; in logarithms, as all offsets."""
    _offsets: _Offsets = field(default_factory=dict)
    _spreads: tuple[float, float] = (_SPREAD, _SPREAD)
    """Where the own gate is not known, and where it is."""

    def of(self, features: Features) -> Duration:
        """How long a gate of this change takes."""
        median_s = _yardstick_s(features, self.usual_s) * math.exp(self.offset(features))
        return Duration(median_s, self._spreads[_has_own(features)])

    def offset(self, features: Features) -> float:
        """How far a gate of this change is off its yardstick, as a logarithm."""
        mean = self._usual_offset if _has_own(features) else 0.0
        for group in _groups(features):
            total, count = self._offsets.get(group, (0.0, 0))
            mean = (total + _STRENGTH * mean) / (count + _STRENGTH)
        return mean


def durations(gated: Sequence[Gated]) -> Durations:
    """What gates take, learned from the latest of `gated`, which is in order of time; gates of no duration teach nothing."""
    told = [one for one in gated if one.duration_s > 0][-KEPT:]
    if not told:
        return Durations()
    usual_s = statistics.median(one.duration_s for one in told)
    off = [(one.features, _offset(one, usual_s)) for one in told]
    against_own = [offset for features, offset in off if _has_own(features)]
    learned = Durations(usual_s, statistics.median(against_own) if against_own else 0.0, _sums(off))
    misses = [(_has_own(features), offset - learned.offset(features)) for features, offset in off]
    without, with_ = (_spread([miss for own, miss in misses if own is known]) for known in (False, True))
    return replace(learned, _spreads=(without, with_))


def _sums(off: Iterable[tuple[Features, float]]) -> _Offsets:
    sums: _Offsets = {}
    for features, offset in off:
        for group in _groups(features):
            total, count = sums.get(group, (0.0, 0))
            sums[group] = (total + offset, count + 1)
    return sums


def _offset(one: Gated, usual_s: float) -> float:
    return math.log(max(one.duration_s, _SHORTEST_S) / _yardstick_s(one.features, usual_s))


def _yardstick_s(features: Features, usual_s: float) -> float:
    own_s = features.gate_s
    return max(own_s if own_s is not None and own_s > 0 else usual_s, _SHORTEST_S)


def _groups(features: Features) -> tuple[tuple[Hashable, ...], ...]:
    """From the outermost to the innermost."""
    own = _has_own(features)
    return ((own, features.maker), (own, features.maker, features.kind))


def _has_own(features: Features) -> bool:
    return features.gate_s is not None and features.gate_s > 0


def _spread(misses: Sequence[float]) -> float:
    squares = sum(miss**2 for miss in misses)
    return math.sqrt((squares + _STRENGTH * _SPREAD**2) / (len(misses) + _STRENGTH))
