"""What an agent used, by its own account, put on one scale.

Agents differ: some count cached input among the input and some beside it, some report each turn and some the session so
far, some know what it cost. Nothing here guesses: what was not reported is None.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from podium.model.usage import Usage

_MOST_USD, _MOST_TOKENS = 1e6, 10**12
"""More than that is no report but a mistake or a joke, and would break every sum it enters."""
_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class Rule:
    """How an agent counts. `scope` none: its token counts mean nothing and are not kept."""

    scope: Literal["turn", "session", "none"] = "turn"
    input_excludes_cached: bool = False


class Meter:
    """Adds up one session, attempt by attempt."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._session = Usage()
        self._before = Usage()
        self._context = 0

    def begin(self) -> None:
        """From now on it is another attempt's."""
        self._before, self._context = self._session, 0

    def updated(self, update: dict[str, Any]) -> None:
        """Take in a `usage_update`: how full the context is, and what the session has cost so far."""
        self._context = max(self._context, _count(update.get("used")) or 0)
        cost = update.get("cost")
        if isinstance(cost, dict) and str(cost.get("currency", "USD")).upper() == "USD":
            amount: Any = cost.get("amount")
            known = float(amount) if isinstance(amount, float) or _count(amount) is not None else -1.0
            if (self._session.cost_usd or 0) <= known <= _MOST_USD:
                self._session = replace(self._session, cost_usd=known)

    def turned(self, result: dict[str, Any]) -> None:
        """Take in what the answer to a prompt says of tokens."""
        found = (
            None
            if self._rule.scope == "none"
            else _tokens(result, excludes_cached=self._rule.input_excludes_cached)
        )
        if found is None:
            return
        before = self._session if self._rule.scope == "turn" else Usage()
        self._session = replace(
            self._session,
            input_tokens=_sum(before.input_tokens, found.input_tokens),
            cached_tokens=_sum(before.cached_tokens, found.cached_tokens),
            output_tokens=_sum(before.output_tokens, found.output_tokens),
        )

    def usage(self) -> Usage:
        """What the present attempt has used so far."""
        now, before = self._session, self._before
        return Usage(
            _less(now.input_tokens, before.input_tokens), _less(now.cached_tokens, before.cached_tokens),
            _less(now.output_tokens, before.output_tokens), _less(now.cost_usd, before.cost_usd),
        )  # fmt: skip

    def at_least_tokens(self) -> int:
        """How many tokens it has used at the very least: what it reported, or what its context holds right now."""
        return max(self.usage().tokens or 0, self._context)


def _tokens(result: dict[str, Any], *, excludes_cached: bool) -> Usage | None:
    """The tokens an answer reports: where the protocol's draft puts them, or in the places agents put them today."""
    usage, meta = result.get("usage"), result.get("_meta")
    if isinstance(usage, dict):
        cached = _count(usage.get("cachedReadTokens"))
        written = _count(usage.get("cachedWriteTokens"))
        given = _count(usage.get("inputTokens"))
        extra = (cached or 0) + (written or 0) if excludes_cached else 0
        return Usage(None if given is None else given + extra, cached, _count(usage.get("outputTokens")))
    quota = meta.get("quota") if isinstance(meta, dict) else None
    counted = quota.get("token_count") if isinstance(quota, dict) else None
    if isinstance(counted, dict):
        return Usage(_count(counted.get("input_tokens")), None, _count(counted.get("output_tokens")))
    return None


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None


def _sum(one: int | None, other: int | None) -> int | None:
    return one if other is None else other + (one or 0)


def _less(now: _Number | None, before: _Number | None) -> _Number | None:
    return None if now is None else now - (before or 0)
