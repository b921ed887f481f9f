"""What is believed of changes, and of pairs of them, after what has been seen: learned one fate at a time.

A change lands if it passes by itself and breaks with none of those it meets (noisy-or); each of the two chances is learned
by itself. Where a change failed and nobody knows why, its failure is shared out over the possible causes by what was
believed of each.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence

from podium.landing.predictions.chance import Chance, Path, bounded
from podium.landing.predictions.experience import Fared, Fate, Features, Meeting
from podium.landing.predictions.scores import Pair

PASSES = 0.97
"""The chance that a change of which nothing is known passes by itself, though it passed alone on its base."""
BREAKS = 0.01
"""The chance that two changes of which nothing is known but a common target fail together."""
KEPT = 5_000
"""Of so many changes it is remembered what was said of them."""


class Beliefs:
    """Learns in constant time for each change and each of its meetings, and keeps nothing of either but what it said."""

    def __init__(self) -> None:
        self.alone = Chance(mean=PASSES, strength=30, spreads=_SPREADS)
        """That a change passes by itself."""
        self.together = Chance(mean=BREAKS, strength=100, spreads=(0.3, 0.5), slope=0.5)
        """That two changes that share a target fail together, though each passes by itself."""
        self.said: deque[Pair] = deque(maxlen=KEPT)
        """The chance it gave each change to land, before it knew the fate, and whether it landed; the oldest are forgotten."""

    def passes(self, features: Features) -> float:
        """The probability that a change passes by itself, whatever it meets."""
        return self.alone.of(_maker(features), _measures(features))

    def breaks(self, one: Features, meeting: Meeting) -> float:
        """The probability that two changes that share targets fail together though each passes by itself."""
        return self.together.of(_places(meeting), _closeness(one, meeting))

    def lands(self, features: Features, met: Iterable[Meeting]) -> float:
        """The probability that a change passes together with those it meets."""
        gets_along = math.prod(1 - self.breaks(features, meeting) for meeting in met)
        return bounded(self.passes(features) * gets_along)

    def learn(self, fared: Fared) -> None:
        """Take in what became of one change."""
        self.said.append((self.lands(fared.features, fared.met), float(fared.fate is Fate.LANDED)))
        match fared.fate:
            case Fate.LANDED:
                self._learn(fared, 1.0, [0.0] * len(fared.met))
            case Fate.FAILED:
                self._learn(fared, 0.0, [None] * len(fared.met))
            case Fate.BROKE:
                self._learn(fared, 1.0, [1.0 if meeting.blamed else None for meeting in fared.met])
            case Fate.UNEXPLAINED:
                self._learn(fared, *self._shares(fared))

    def _learn(self, fared: Fared, passed: float, broke: Sequence[float | None]) -> None:
        """None: of this meeting the fate of the change says nothing, for it may have hidden what came of it."""
        features = fared.features
        self.alone.observe(_maker(features), _measures(features), passed)
        for meeting, happened in zip(fared.met, broke, strict=True):
            if happened is not None:
                self.together.observe(_places(meeting), _closeness(features, meeting), happened)

    def _shares(self, fared: Fared) -> tuple[float, list[float | None]]:
        """How probable each cause is, given that there is at least one: P(cause) ÷ P(any)."""
        fails = 1 - self.passes(fared.features)
        breaks = [self.breaks(fared.features, one) if one.blamed else None for one in fared.met]
        any_ = 1 - (1 - fails) * math.prod(1 - one for one in breaks if one is not None)
        shares = [None if one is None else min(1.0, one / any_) for one in breaks]
        return 1 - min(1.0, fails / any_), shares


def _maker(features: Features) -> tuple[Path, ...]:
    return ((features.maker, features.kind),) if features.maker or features.kind else ()


def _places(meeting: Meeting) -> tuple[Path, ...]:
    return tuple((key,) for key in meeting.shared)


_FAR = 3.0
"""No number is further from the usual than this: a change of a million lines is judged as one of two thousand."""
_SPREADS = (0.3, 0.3, 0.5, 0.3, 0.3, 2.0)
"""Of each of `_measures`: how far one step may move the log odds."""


def _measures(features: Features) -> tuple[float, ...]:
    """The numbers of a change on the scale of logarithms, bounded; 0 is what is usual, or not known.

    What landed since its base is not among them: it counts as meetings, and would be blamed twice.
    """
    return (
        _log(features.files, usual=4),
        _log(features.lines, usual=100),
        _log(features.attempts, usual=1),
        _log(features.base_age_s, usual=600),
        _log(features.gate_s, usual=600),
        float(features.proven),
    )


def _closeness(one: Features, meeting: Meeting) -> tuple[float, ...]:
    """How much two changes share, and whether one maker made both."""
    same = bool(one.maker) and one.maker == meeting.other.maker
    return (_log(max(1, len(meeting.shared)), usual=1), float(same))


def _log(value: float | None, *, usual: float) -> float:
    return 0.0 if value is None else _near(math.log((1 + max(value, 0.0)) / (1 + usual)))


def _near(value: float) -> float:
    return min(max(value, -_FAR), _FAR)
