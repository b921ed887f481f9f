"""A probability that is learned outcome by outcome: shrunk rates of groups, moved by a regression on a few numbers.

Both start from what is believed when nothing is known, and give way as outcomes come in. Nothing is kept of an outcome but
counts and a small matrix, so that learning one costs the same however many there were.
"""

import math
from collections.abc import Hashable, Sequence

LEAST = 1e-4
"""No chance is nearer to 0 or to 1."""

Path = tuple[Hashable, ...]
"""A group and the group within it: a maker, and the kind of its task."""
_ALL: tuple[Path, ...] = ((),)
"""What belongs to no group counts among all."""


class Rates:
    """How often something happens, by group: the rate of a group is drawn towards that of the group around it.

    Each is the mean of a Beta distribution whose prior has the mean of the group around it (of `mean` for all) and weighs as
    much as `strength` outcomes: (k + s·m) / (n + s).
    """

    __slots__ = ("_mean", "_strength", "_tallies")

    def __init__(self, *, mean: float, strength: float) -> None:
        self._mean, self._strength = mean, strength
        self._tallies: dict[Path, tuple[float, float]] = {}

    def of(self, path: Path = ()) -> float:
        """The rate of a group, unknown ones included: those have the rate of the group around them."""
        rate = self._mean
        for depth in range(len(path) + 1):
            happened, count = self._tallies.get(path[:depth], (0.0, 0.0))
            rate = (happened + self._strength * rate) / (count + self._strength)
        return rate

    def observe(self, paths: Sequence[Path], happened: float, count: float = 1) -> None:
        """Count what happened, once in each group that holds any of `paths`."""
        for group in dict.fromkeys(path[:depth] for path in paths for depth in range(len(path) + 1)):
            before, counted = self._tallies.get(group, (0.0, 0.0))
            self._tallies[group] = (before + happened, counted + count)


class Regression:
    """Logistic regression with a Gaussian prior on its weights, fitted outcome by outcome.

    The belief about the weights stays Gaussian (Laplace's approximation; Spiegelhalter and Lauritzen 1990): the mean moves to
    the most probable weights given the outcome, the precision grows by the curvature there. The prior is the penalty (L2).
    """

    __slots__ = ("_covariance", "_home", "_weights")

    def __init__(self, home: float, weights: Sequence[float], spreads: Sequence[float]) -> None:
        """`home` are the log odds of a row of zeros; `spreads` the standard deviations of the first belief about the weights."""
        self._home, self._weights = home, list(weights)
        self._covariance = [
            [spread**2 if row == column else 0.0 for column in range(len(spreads))]
            for row, spread in enumerate(spreads)
        ]

    def logit(self, row: Sequence[float]) -> float:
        return self._home + sum(weight * value for weight, value in zip(self._weights, row, strict=True))

    def observe(self, row: Sequence[float], happened: float) -> None:
        """Learn from one outcome; `happened` between 0 and 1 is how sure it is that it did."""
        pull = [sum(one * value for one, value in zip(line, row, strict=True)) for line in self._covariance]
        leverage = sum(one * value for one, value in zip(pull, row, strict=True))
        surprise, curvature = _most_probable(self.logit(row), leverage, happened)
        self._weights = [weight + one * surprise for weight, one in zip(self._weights, pull, strict=True)]
        shrink = curvature / (1 + curvature * leverage)
        for line, one in zip(self._covariance, pull, strict=True):
            for column, other in enumerate(pull):
                line[column] -= shrink * one * other


class Chance:
    """The chance of one kind of event.

    Its log odds are a regression on the log odds of the highest rate among the groups (as they differ from those of `mean`,
    with `slope` as the first belief about their weight) and on the numbers of a row, which first weigh nothing. `spreads` says
    how far a step of 1 in a number may move the log odds.

    Brier skill for changes that fail by themselves, in the histories of `bench/bench_predictions.py`, after 3,000 changes, mean
    of 8 seeds: 4.8 % so, 1.1 % with the rates alone, 2.7 % with the regression alone, 4.2 % with an isotonic fit on top (worse
    the less is known); the truth itself gets 6.1 %. No other data were tried.
    """

    __slots__ = ("_home", "_rates", "_regression")

    def __init__(self, *, mean: float, strength: float, spreads: Sequence[float], slope: float = 1.0) -> None:
        self._home = logit(mean)
        self._rates = Rates(mean=mean, strength=strength)
        self._regression = Regression(self._home, (slope, *(0.0 for _ in spreads)), (0.3, *spreads))

    def of(self, paths: Sequence[Path], row: Sequence[float]) -> float:
        """The chance that it happens to what belongs to `paths` and measures `row`: within `LEAST` and 1 - `LEAST`."""
        return bounded(sigmoid(self._regression.logit(self._row(paths, row))))

    def observe(self, paths: Sequence[Path], row: Sequence[float], happened: float) -> None:
        """Learn from one outcome, in constant time; `happened` between 0 and 1 is how sure it is that it did."""
        self._regression.observe(self._row(paths, row), happened)
        self._rates.observe(paths or _ALL, happened)

    def _row(self, paths: Sequence[Path], row: Sequence[float]) -> tuple[float, ...]:
        rate = max(self._rates.of(path) for path in paths or _ALL)
        return (logit(bounded(rate)) - self._home, *row)


def logit(chance: float) -> float:
    """The log odds of a chance."""
    return math.log(chance / (1 - chance))


def sigmoid(odds: float) -> float:
    """The chance of log odds, however great they are."""
    return 1 / (1 + math.exp(-odds)) if odds >= 0 else math.exp(odds) / (1 + math.exp(odds))


def bounded(chance: float) -> float:
    """A chance that is neither certain nor impossible."""
    return min(max(chance, LEAST), 1 - LEAST)


def _most_probable(odds: float, leverage: float, happened: float) -> tuple[float, float]:
    """How far the outcome surprises at the most probable weights given it, and the curvature of the logistic there.

    The weights move along one line only, so one number is sought: s = happened - sigmoid(odds + leverage * s). The right
    side falls as s grows, so there is one solution; halving finds it whatever the numbers.
    """
    low, high = happened - 1, happened
    for _ in range(30):
        middle = (low + high) / 2
        if middle < happened - sigmoid(odds + leverage * middle):
            low = middle
        else:
            high = middle
    chance = happened - (low + high) / 2
    return happened - chance, chance * (1 - chance)
