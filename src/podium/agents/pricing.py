"""What usage costs by the price table, for agents that do not say it themselves. Pure: unknown stays unknown."""

from collections.abc import Mapping
from dataclasses import replace

from podium.config.settings import PriceSettings
from podium.model.usage import Usage

_MILLION = 1_000_000


def priced(usage: Usage, model: str, prices: Mapping[str, PriceSettings]) -> Usage:
    """The usage with a cost: the agent's own figure where there is one, else the table's, else still none."""
    if usage.cost_usd is not None:
        return usage
    cost = price(usage, model, prices)
    return usage if cost is None else replace(usage, cost_usd=cost, priced=True)


def price(usage: Usage, model: str, prices: Mapping[str, PriceSettings]) -> float | None:
    """US dollars for the tokens; None where the model has no price, or input or output is not known.

    Where nobody knows how much of the input was cached, all of it is taken at the full price.
    """
    rate = _rate(model, prices)
    if rate is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    cached = min(usage.cached_tokens or 0, usage.input_tokens)
    cached_rate = rate.input if rate.cached is None else rate.cached
    fresh = usage.input_tokens - cached
    return (fresh * rate.input + cached * cached_rate + usage.output_tokens * rate.output) / _MILLION


def _rate(model: str, prices: Mapping[str, PriceSettings]) -> PriceSettings | None:
    """The price of the longest pattern that fits; a name without its provider (`openai/…`) fits as well."""
    names = (model, model.rpartition("/")[2])
    fitting = [pattern for pattern in prices if model and any(_fits(pattern, name) for name in names)]
    return prices[max(fitting, key=len)] if fitting else None


def _fits(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern
