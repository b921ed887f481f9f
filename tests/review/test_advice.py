"""Advice adds to the risk, within bounds, and never takes anything away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.model.risk import Risk
from podium.review.advice import MOST, advised

PLAIN = Risk(12, ("3 lines added",))


@pytest.mark.parametrize(
    ("line", "points"),
    [
        ("strength: 3 of 4 mutants of calc.py:12-18 survive", 10),
        ("strength: 0 of 4 mutants survive", 0),
        ("strength: 5 of 20 changed lines are never run by a test", 10),
        ("strength: 4 of 20 changed lines are never run by a test", 0),
        ("new tests: a fix without any new test", 15),
        ("static: 2 suppressions were added", 5),
    ],
)
def test_each_kind_of_advice_has_its_weight(line: str, points: int) -> None:
    found = advised(PLAIN, (line,))
    assert found.score == 12 + points
    assert found.reasons == (("3 lines added", line) if points else ("3 lines added",))


def test_a_kind_counts_twice_and_all_of_it_no_more_than_a_bound() -> None:
    mutants = tuple(f"3 of 4 mutants of {name}.py survive" for name in "abcdef")
    assert advised(PLAIN, mutants).score == 12 + 20
    assert advised(PLAIN, (*mutants, "no new test", "no test at all")).score == 12 + MOST


@given(st.integers(0, 100), st.lists(st.text(max_size=60), max_size=9).map(tuple))
def test_it_never_lowers_a_risk_and_stays_within_the_scale(score: int, advice: tuple[str, ...]) -> None:
    found = advised(Risk(score, ()), advice)
    assert score <= found.score <= 100
    assert len(found.reasons) <= 9
