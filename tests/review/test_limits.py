from hypothesis import given
from hypothesis import strategies as st

from podium.config.settings import LimitSettings
from podium.review.limits import hold, waiting_limit


def test_by_default_half_a_days_reviews_may_wait() -> None:
    assert waiting_limit(LimitSettings(reviews_per_day=20)) == 10
    assert waiting_limit(LimitSettings(reviews_per_day=5)) == 3
    assert waiting_limit(LimitSettings(reviews_per_day=1)) == 1


def test_a_configured_limit_is_taken_as_it_stands() -> None:
    assert waiting_limit(LimitSettings(waiting_reviews=3)) == 3
    assert hold(3, LimitSettings(waiting_reviews=3)) == "3 changes wait for people; the limit is 3"


def test_at_the_limit_agents_are_held_with_the_reason() -> None:
    limits = LimitSettings(reviews_per_day=20)
    assert hold(9, limits) == ""
    assert (
        hold(10, limits)
        == "10 changes wait for people; the limit is 10 (half a day's work at 20 reviews a day)"
    )
    assert hold(1, LimitSettings(waiting_reviews=1)) == "1 change waits for people; the limit is 1"


@given(st.integers(min_value=1, max_value=10_000))
def test_there_is_always_room_for_one(reviews_per_day: int) -> None:
    assert hold(0, LimitSettings(reviews_per_day=reviews_per_day)) == ""
