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
    """Adds up one session, attempt by attempt: what the agent counts up over the session, each is given its own part of."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._own = Usage()
        self._counted = Usage()
        """What the counters of the session showed when they were last seen."""
        self._context = 0

    def settle(self) -> Usage:
        """What the present attempt has used; whatever is reported from now on is the next one's."""
        used, self._own, self._context = self._own, Usage(), 0
        return used

    def updated(self, update: dict[str, Any]) -> None:
        """Take in a `usage_update`: how full the context is, and what the session has cost so far."""
        self._context = max(self._context, _count(update.get("used")) or 0)
        cost = update.get("cost")
        if isinstance(cost, dict) and str(cost.get("currency", "USD")).upper() == "USD":
            amount: Any = cost.get("amount")
            known = float(amount) if isinstance(amount, float) or _count(amount) is not None else -1.0
            if 0 <= known <= _MOST_USD:
                more = _since(known, self._counted.cost_usd)
                self._counted = replace(self._counted, cost_usd=known)
                self._own = replace(self._own, cost_usd=_sum(self._own.cost_usd, more, most=_MOST_USD))

    def turned(self, result: dict[str, Any]) -> None:
        """Take in what the answer to a prompt says of tokens."""
        found = (
            None
            if self._rule.scope == "none"
            else _tokens(result, excludes_cached=self._rule.input_excludes_cached)
        )
        if found is None:
            return
        own, before = self._own, self._counted if self._rule.scope == "session" else Usage()
        self._own = replace(
            own,
            input_tokens=_more(own.input_tokens, found.input_tokens, before.input_tokens),
            cached_tokens=_more(own.cached_tokens, found.cached_tokens, before.cached_tokens),
            output_tokens=_more(own.output_tokens, found.output_tokens, before.output_tokens),
        )
        self._counted = Usage(
            _later(self._counted.input_tokens, found.input_tokens), _later(self._counted.cached_tokens, found.cached_tokens),
            _later(self._counted.output_tokens, found.output_tokens), self._counted.cost_usd,
        )  # fmt: skip

    def usage(self) -> Usage:
        """What the present attempt has used so far."""
        return self._own

    def at_least_tokens(self) -> int:
        """How many tokens it has used at the very least: what it reported, or what its context holds right now."""
        return max(self._own.tokens or 0, self._context)


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


def _more(own: int | None, found: int | None, before: int | None) -> int | None:
    """An attempt's own count and what a counter shows that it did not before."""
    return _sum(own, None if found is None else _since(found, before), most=_MOST_TOKENS)


def _later(before: int | None, now: int | None) -> int | None:
    return before if now is None else now


def _since(now: _Number, before: _Number | None) -> _Number:
    """What a counter has counted since; one that shows less than before has begun anew."""
    return now - before if before is not None and before <= now else now


def _sum(one: _Number | None, other: _Number | None, *, most: _Number) -> _Number | None:
    return one if other is None else min(most, other + (one or 0))
