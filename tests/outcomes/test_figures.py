import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.outcomes.figures import Quantiles, Share, quantiles, total

numbers = st.floats(min_value=-1e9, max_value=1e9)


def test_quantiles_of_nothing_are_nothing() -> None:
    assert quantiles([]) == Quantiles(None, None, 0)
    assert quantiles([7.0]) == Quantiles(7.0, 7.0, 1)


def test_quantiles_are_of_the_nearest_rank() -> None:
    assert quantiles(float(n) for n in range(1, 21)) == Quantiles(10.0, 17.0, 20)


@given(st.lists(numbers, min_size=1))
def test_a_quantile_was_really_observed_and_bounds_its_part(values: list[float]) -> None:
    found = quantiles(values)
    assert found.p50 in values
    assert found.p85 in values
    assert found.p50 is not None
    assert found.p85 is not None
    assert sum(value <= found.p50 for value in values) >= 0.50 * len(values)
    assert sum(value <= found.p85 for value in values) >= 0.85 * len(values)


def test_a_share_carries_wilsons_interval() -> None:
    assert Share(8, 10).value == 0.8
    assert Share(8, 10).interval == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)


@given(st.integers(min_value=0, max_value=1000), st.integers(min_value=0, max_value=1000))
def test_an_interval_holds_its_share(hits: int, misses: int) -> None:
    share = Share(hits, hits + misses)
    if share.interval and share.value is not None:
        assert 0 <= share.interval[0] <= share.value + 1e-9
        assert share.value - 1e-9 <= share.interval[1] <= 1


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    assert total([1.0, 2.0]).total == 3.0
    assert total([1.0, None]).total is None
    assert (total([1.0, None]).of_known, total([1.0, None]).known, total([1.0, None]).n) == (1.0, 1, 2)


def test_a_sum_is_shared_only_where_both_are_known() -> None:
    assert total([1.0, 2.0]).per(2) == 1.5
    assert total([1.0]).per(0) is None
    assert total([None]).per(2) is None
