"""What the merge queue expects of a change, learned from what it has seen before: pure, small, and sane when it has seen nothing."""

from collections.abc import Collection
from dataclasses import dataclass

from podium.landing.predictions.beliefs import Beliefs
from podium.landing.predictions.chance import Path, Rates, bounded
from podium.landing.predictions.durations import Duration, Durations, durations
from podium.landing.predictions.experience import Experience, Features, Key, Meeting
from podium.landing.predictions.scores import Pair

FLAKES = 0.01
"""How often a check of which nothing is known flakes."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What is believed after a certain experience; asking changes nothing. Every probability is above 0 and below 1."""

    _beliefs: Beliefs
    _durations: Durations
    _flakes: Rates

    def passes(self, features: Features) -> float:
        """The probability that a change passes on the target branch as it stands, with the landings since its base."""
        keeps = 1 - self._beliefs.breaks(features, Meeting(Features(), shared=()))
        return bounded(self._beliefs.passes(features) * keeps**features.landings_since)

    def breaks(self, one: Features, other: Features, *, shared: Collection[Key]) -> float:
        """The probability that two changes which share these targets fail together though each passes alone."""
        return self._beliefs.breaks(one, Meeting(other, shared))

    def duration_s(self, features: Features) -> float:
        """What a gate of the change takes, in the median, in seconds."""
        return self.duration(features).median_s

    def duration(self, features: Features) -> Duration:
        """What a gate of the change takes, with its spread."""
        return self._durations.of(features)

    def flake_rate(self, check: str, test: str = "") -> float:
        """How often a check, or one test of it, fails a tree that it passes when asked again: a share of its runs."""
        return bounded(self._flakes.of(_flaky(check, test)))

    @property
    def said(self) -> tuple[Pair, ...]:
        """The chance that each change was given to land, in turn, before its fate was known, and whether it landed: for `brier`."""
        return tuple(self._beliefs.said)


def learn(experience: Experience, *, until: float) -> Predictions:
    """What is believed at `until`, from what was known before it and nothing else, in the order in which it became known."""
    known = experience.before(until)
    beliefs, flakes = Beliefs(), Rates(mean=FLAKES, strength=20)
    for fared in known.fared:
        beliefs.learn(fared)
    for ran in known.ran:
        flakes.observe([_flaky(ran.check, ran.test)], min(ran.flaked, ran.runs), ran.runs)
    return Predictions(beliefs, durations(known.gated), flakes)


def _flaky(check: str, test: str) -> Path:
    """Tests and checks are drawn towards their like: a check flakes where one of its thousand tests does."""
    return ("test", check, test) if test else ("check", check)
