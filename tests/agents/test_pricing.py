import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.agents.pricing import price, priced
from podium.config.profiles import known
from podium.config.settings import PriceSettings
from podium.model.usage import Usage

TABLE = {
    "opus*": PriceSettings(input=10, cached=1, output=50),
    "opus-mini*": PriceSettings(input=1, output=5),
    "opus-mini-3": PriceSettings(input=2, output=6),
}
MILLION = 1_000_000


def test_input_output_and_cached_input_have_their_own_prices() -> None:
    usage = Usage(input_tokens=2 * MILLION, cached_tokens=MILLION, output_tokens=MILLION)
    assert price(usage, "opus-4", TABLE) == pytest.approx(10 + 1 + 50)


def test_cached_input_costs_as_much_as_any_where_the_table_says_nothing_of_it() -> None:
    usage = Usage(input_tokens=MILLION, cached_tokens=MILLION, output_tokens=0)
    assert price(usage, "opus-mini", TABLE) == pytest.approx(1)


def test_where_nobody_knows_what_was_cached_all_input_has_the_full_price() -> None:
    assert price(Usage(input_tokens=MILLION, output_tokens=0), "opus", TABLE) == pytest.approx(10)


@pytest.mark.parametrize(
    ("model", "dollars"),
    [("opus-9", 10), ("opus-mini-2", 1), ("opus-mini-3", 2), ("provider/opus-mini-3", 2), ("a/b/opus", 10)],
)
def test_the_longest_name_that_fits_holds(model: str, dollars: float) -> None:
    assert price(Usage(input_tokens=MILLION, output_tokens=0), model, TABLE) == pytest.approx(dollars)


@pytest.mark.parametrize("model", ["", "sonnet", "my-opus", "Opus"])
def test_a_model_without_a_price_has_no_cost(model: str) -> None:
    assert price(Usage(input_tokens=1, output_tokens=1), model, TABLE) is None


@pytest.mark.parametrize("usage", [Usage(), Usage(input_tokens=1), Usage(output_tokens=1)])
def test_unknown_tokens_have_no_cost(usage: Usage) -> None:
    assert price(usage, "opus", TABLE) is None
    assert priced(usage, "opus", TABLE) == usage


def test_the_agents_own_figure_stands() -> None:
    said = Usage(input_tokens=MILLION, output_tokens=0, cost_usd=0.5)
    assert priced(said, "opus", TABLE) == said
    reckoned = priced(Usage(input_tokens=MILLION, output_tokens=0), "opus", TABLE)
    assert reckoned.cost_usd == pytest.approx(10)
    assert reckoned.priced


COUNTS = st.integers(0, 10**12)


@given(st.builds(Usage, COUNTS, st.none() | COUNTS, COUNTS))
def test_a_cost_is_never_less_than_nothing_and_cache_never_makes_it_dearer(usage: Usage) -> None:
    cost = price(usage, "opus", TABLE)
    uncached = price(Usage(usage.input_tokens, 0, usage.output_tokens), "opus", TABLE)
    assert cost is not None
    assert uncached is not None
    assert 0 <= cost <= uncached


def test_a_newer_model_is_not_taken_for_an_older_one_of_a_shorter_name() -> None:
    usage = Usage(input_tokens=MILLION, cached_tokens=MILLION, output_tokens=0)
    prices = known().prices
    assert price(usage, "claude-opus-5-5-20260922", prices) == pytest.approx(0.2)
    assert price(usage, "claude-opus-5", prices) == pytest.approx(0.5)
    assert price(usage, "claude-opus-6", prices) is None
    assert price(usage, "gpt-5.4-pro", prices) is None
