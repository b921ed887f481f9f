"""Uber's queue of 2025: SubmitQueue, where short changes may overtake long ones, and improbable runs are never started.

"CI at Scale: Lean, Green, and Fast", arXiv 2501.03440v2. P_needed of a path is the product of P_outcome over those that are
waited for and of P(FT_C < FT_Cj) over those that are overtaken. Durations are taken as normal, with the predicted one as mean
and a fifth of it as deviation, where Uber learns both. Deviations: where the old form of P_needed is higher it counts (Uber
falls back to it where overtaking is hopeless); at most three are overtaken by runs started for that, more only by luck.
"""

import math
from collections.abc import Iterable

from podium.simulation.policies.submitqueue import Speculation
from podium.simulation.scene import Order, Scene, Seen

_DEVIATION = 0.2
"""Of a duration, as a share of it: that of the traces."""

_OVERTAKES = 0.9
"""Runs that are only needed to overtake are started where it is at least this probable.

Uber does not say where it has its threshold. Of 0.1, 0.3, 0.5, 0.7 and 0.9 this gave the fewest runs, and waits that were shortest or nearly so.
"""


class Uber2025:
    """SubmitQueue, and: a change lands or is sent back as soon as every outcome of the conflicting changes ahead gave the same.

    Where it will probably be through before some of these are, all outcomes of them are run, level by level. No run is started that is
    needed with a probability under `threshold`.
    """

    name = "uber-2025"

    def __init__(self, threshold: float = 0.1) -> None:
        self._speculation = Speculation(threshold=threshold, sooner=overtakes)

    def orders(self, scene: Scene) -> Iterable[Order]:
        return self._speculation.orders(scene)


def overtakes(one: Seen, other: Seen) -> float:
    """The probability that `one` overtakes `other`; 0 where it is too small to be tried."""
    chance = finishes_first(one, other)
    return chance if chance >= _OVERTAKES else 0.0


def finishes_first(one: Seen, other: Seen) -> float:
    """The probability that the runs of `one` end before those of `other`.

    Phi(((AT_other - AT_one) + (mu_other - mu_one)) / sqrt(sigma_one^2 + sigma_other^2)), with the times of arrival AT.
    """
    ahead_s = other.arrived_s - one.arrived_s + other.duration_s - one.duration_s
    spread_s = _DEVIATION * math.hypot(one.duration_s, other.duration_s)
    return 0.5 * (1 + math.erf(ahead_s / spread_s / math.sqrt(2))) if spread_s else float(ahead_s > 0)
