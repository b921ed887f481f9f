"""What the policies of one simulation believe beforehand: the same for all of them."""

import random
from dataclasses import dataclass

from podium.simulation.trace import Trace


@dataclass(frozen=True, slots=True)
class Constant:
    """Knows only the base rates."""

    good: float
    breaking: float

    def passes(self, _change: int) -> float:
        return self.good

    def breaks(self, _change: int, _other: int) -> float:
        return self.breaking


class Peek:
    """Looks at the truth and is right with probability `accuracy`; what it says of that is calibrated by Bayes' rule.

    `good` and `breaking` are the base rates. A stand-in for a learned model of that accuracy, the same for every policy.
    """

    def __init__(
        self, trace: Trace, *, good: float, breaking: float, accuracy: float = 0.97, seed: int = 0
    ) -> None:
        self._changes = {one.id: one for one in trace}
        self._good, self._breaking, self._accuracy, self._seed = good, breaking, accuracy, seed
        self._known: dict[tuple[int, ...], float] = {}

    def passes(self, change: int) -> float:
        cause = (change,)
        if cause not in self._known:
            self._known[cause] = self._belief(cause, self._good, truth=self._changes[change].good)
        return self._known[cause]

    def breaks(self, change: int, other: int) -> float:
        cause = (change, other) if change < other else (other, change)
        if cause not in self._known:
            one, two = self._changes[change], self._changes[other]
            truth = other in one.breaks_with or change in two.breaks_with
            self._known[cause] = self._belief(cause, self._breaking, truth=truth)
        return self._known[cause]

    def _belief(self, cause: tuple[int, ...], rate: float, *, truth: bool) -> float:
        """P(true | what the peek says), where `rate` of all are true."""
        lot = random.Random(f"{self._seed}:peek:{cause}")  # noqa: S311 - a simulation, not a secret
        says = truth if lot.random() < self._accuracy else not truth
        right, wrong = (self._accuracy, 1 - self._accuracy) if says else (1 - self._accuracy, self._accuracy)
        return rate * right / (rate * right + (1 - rate) * wrong)
