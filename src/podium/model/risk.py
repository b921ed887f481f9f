"""How risky a change is to land unread, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Risk:
    """`score` runs from 0 to 100; each reason says what raised it."""

    score: int
    reasons: tuple[str, ...]
