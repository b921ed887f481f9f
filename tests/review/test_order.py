from hypothesis import given
from hypothesis import strategies as st

from podium.model.ids import ChangeId
from podium.model.risk import Risk
from podium.review.order import Waiting, order, urgency

DAY = 86_400.0
NOW = 1_000 * DAY


def waiting(name: str, score: int, days: float = 0.0) -> Waiting:
    return Waiting(ChangeId(name), Risk(score, ()), NOW - days * DAY)


items = st.builds(
    waiting,
    st.text(alphabet="abcdef", min_size=1, max_size=4),
    st.integers(min_value=0, max_value=100),
    st.floats(min_value=0, max_value=900),
)


def test_the_riskiest_comes_first() -> None:
    found = order([waiting("low", 10), waiting("high", 90), waiting("middle", 50)], NOW)
    assert [item.change for item in found] == ["high", "middle", "low"]


def test_a_day_of_waiting_counts_as_much_as_twice_the_risk() -> None:
    assert order([waiting("new", 79), waiting("old", 40, days=1)], NOW)[0].change == "old"
    assert order([waiting("new", 83), waiting("old", 40, days=1)], NOW)[0].change == "new"


def test_of_equals_the_one_that_came_first_is_seen_first() -> None:
    assert [item.change for item in order([waiting("b", 5), waiting("a", 5)], NOW)] == ["a", "b"]


def test_an_age_that_nobody_knows_does_not_break_the_order() -> None:
    unknown = Waiting(ChangeId("unknown"), Risk(0, ()), 0.0)
    assert order([waiting("new", 100), unknown], NOW)[0] == unknown


@given(
    st.integers(min_value=0, max_value=100), st.lists(st.integers(min_value=0, max_value=100), max_size=20)
)
def test_nothing_starves_behind_a_stream_of_riskier_newcomers(score: int, newcomers: list[int]) -> None:
    patient = waiting("patient", score, days=7)
    stream = [waiting(f"newcomer {number}", risk) for number, risk in enumerate(newcomers)]
    assert order([*stream, patient], NOW)[0] == patient


@given(st.lists(items, max_size=20), st.floats(min_value=0, max_value=1000 * DAY))
def test_two_that_wait_never_swap_places_by_waiting_on(waits: list[Waiting], later: float) -> None:
    apart = [
        item
        for item in waits
        if all(item is one or abs(urgency(item, NOW) - urgency(one, NOW)) > 1e-6 for one in waits)
    ]
    assert order(apart, NOW + later) == order(apart, NOW)


@given(st.lists(items, max_size=20))
def test_everything_that_waits_is_in_the_order_once(waits: list[Waiting]) -> None:
    assert sorted(order(waits, NOW), key=repr) == sorted(waits, key=repr)
