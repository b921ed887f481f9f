"""Which change goes first: the one place to change it. `podium bench queue` shows within a minute what a change of it is worth."""

import math

from podium.landing.planner.line import Options, Waiting


def worth(change: Waiting, lands: float, now: float, *, options: Options) -> float:
    """What a gate of it is worth a second: P(it lands) x 2^(priority + age) ÷ its expected duration.

    A step of priority doubles it, and so does each `ageing_s` of waiting: whoever waits is first in the end.
    """
    steps = change.priority + max(0.0, now - change.since) / options.ageing_s
    return lands * math.exp2(min(steps, 500.0)) / max(change.duration_s, 1.0)
