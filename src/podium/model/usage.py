"""What agents used up: tokens, money, time; and how much of it they may."""

from dataclasses import dataclass
from typing import TypeVar

_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class Usage:
    """What one attempt used. None is unknown, and stays unknown: it is never taken for nothing.

    `input_tokens` counts all input, `cached_tokens` the part of it that the provider had in its cache. `priced` says that
    `cost_usd` was reckoned from the price table; otherwise it is the agent's own figure.
    """

    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    priced: bool = False

    @property
    def tokens(self) -> int | None:
        """Input and output together, or None while neither is known."""
        if self.input_tokens is None and self.output_tokens is None:
            return None
        return (self.input_tokens or 0) + (self.output_tokens or 0)

    def __add__(self, other: "Usage") -> "Usage":
        """Both together; what is not known of one is not known of both."""
        return Usage(
            _sum(self.input_tokens, other.input_tokens), _sum(self.cached_tokens, other.cached_tokens),
            _sum(self.output_tokens, other.output_tokens), _sum(self.cost_usd, other.cost_usd), self.priced or other.priced,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one attempt may use before it is stopped; None is no bound."""

    tokens: int | None = None
    cost_usd: float | None = None
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class Spending:
    """What ended attempts used. `unknown` counts those whose cost nobody knows."""

    attempts: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    minutes: float = 0.0
    unknown: int = 0

    def __add__(self, other: "Spending") -> "Spending":
        return Spending(
            self.attempts + other.attempts, self.tokens + other.tokens, self.cost_usd + other.cost_usd,
            self.minutes + other.minutes, self.unknown + other.unknown,
        )  # fmt: skip


def _sum(one: _Number | None, other: _Number | None) -> _Number | None:
    return None if one is None or other is None else one + other
