"""The order in which people see what waits for them: riskiest first, and nothing waits for ever. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from podium.model.ids import ChangeId
from podium.model.risk import Risk

DOUBLES_EVERY = timedelta(days=1)
"""Waiting this long counts as much as twice the risk."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that waits for a person `since` then, in seconds since the epoch."""

    change: ChangeId
    risk: Risk
    since: float


def order(waiting: Iterable[Waiting], now: float) -> tuple[Waiting, ...]:
    """What to look at first, second, and so on; the same for everybody who asks."""
    return tuple(sorted(waiting, key=lambda item: (-urgency(item, now), item.since, item.change)))


def urgency(item: Waiting, now: float) -> float:
    """The logarithm of (1 + risk) * 2^(days waited): an age factor that doubles every day.

    Because it grows exponentially, two waiting changes never swap places while somebody looks at them, and nothing is
    overtaken by what came more than log2(101) ≈ 6.7 days after it, however risky that is.
    """
    age = max(0.0, now - item.since) / DOUBLES_EVERY.total_seconds()
    return math.log2(1 + item.risk.score) + age
