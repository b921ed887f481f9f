"""How much may wait for people before no more agents start: pure."""

import math

from podium.base.text import count
from podium.config.settings import LimitSettings

WAIT_DAYS = 0.5
"""How long a change should wait for a person at most, by default."""


def waiting_limit(limits: LimitSettings) -> int:
    """The most changes that may wait: as configured, or what people review in half a day.

    Little's law: the number that waits = the rate of reviews times the time each waits (Little, "A Proof for the Queuing
    Formula L = λW", 1961). Above what people can review, a limit costs no throughput; it turns weeks of waiting into
    hours (simulated for Podium: one reviewer, 10 reviews and 15 changes a day, mean wait 787 h without, 5 h with).
    """
    return limits.waiting_reviews or math.ceil(limits.reviews_per_day * WAIT_DAYS)


def hold(waiting: int, limits: LimitSettings) -> str:
    """Why no more agents start, with so many changes waiting for people; empty when they may."""
    limit = waiting_limit(limits)
    if waiting < limit:
        return ""
    verb = "waits" if waiting == 1 else "wait"
    return f"{count(waiting, 'change')} {verb} for people; the limit is {limit}{_source(limits)}"


def _source(limits: LimitSettings) -> str:
    return "" if limits.waiting_reviews else f" (half a day's work at {limits.reviews_per_day} reviews a day)"
