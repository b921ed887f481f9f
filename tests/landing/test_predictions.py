"""Predictions of the merge queue, on histories whose truth is known."""

import random
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.landing.predictions.chance import Chance, Rates, sigmoid
from podium.landing.predictions.experience import Experience, Fared, Fate, Features, Gated, Meeting, Ran
from podium.landing.predictions.predictions import Predictions, learn
from podium.landing.predictions.scores import Bin, brier, reliability, skill, table

FOREVER = float("inf")
TRUTH = {"careful": 0.99, "usual": 0.95, "hasty": 0.7}
"""How often the changes of each maker pass by themselves."""

moments = st.floats(min_value=0, max_value=1000)
names = st.sampled_from(["", "ada", "agent", "other"])
features = st.builds(
    Features,
    maker=names,
    kind=names,
    files=st.none() | st.integers(0, 10**9),
    lines=st.none() | st.integers(0, 10**9),
    attempts=st.integers(0, 10**9),
    base_age_s=st.none() | st.floats(0, 1e12),
    landings_since=st.integers(0, 10**6),
    gate_s=st.none() | st.floats(0, 1e9),
    proven=st.booleans(),
)
meetings = st.builds(
    Meeting,
    features,
    st.frozensets(st.integers(0, 5) | st.sampled_from(["src/app.py", "tests"]), max_size=4),
    st.booleans(),
)
fates = st.builds(Fared, moments, features, st.sampled_from(Fate), st.lists(meetings, max_size=2).map(tuple))
gates = st.builds(Gated, moments, features, st.floats(0, 1e9))
runs = st.builds(Ran, moments, names, st.integers(0, 10**9), st.integers(0, 10**9), names)
experiences = st.builds(
    Experience,
    st.lists(fates, max_size=5).map(tuple),
    st.lists(gates, max_size=3).map(tuple),
    st.lists(runs, max_size=3).map(tuple),
)


def answers(predictions: Predictions, asked: Features, met: Meeting) -> tuple[float, ...]:
    duration = predictions.duration(asked)
    return (
        predictions.passes(asked),
        predictions.breaks(asked, met.other, shared=met.shared),
        predictions.flake_rate("pytest"),
        predictions.flake_rate(asked.maker, asked.kind),
        duration.median_s,
        duration.spread,
    )


@cache
def history(count: int, *, seed: int) -> Experience:
    """Changes of makers whose truth differs; with target 1 one in ten breaks, with any other none."""
    lot = random.Random(f"{seed}:predictions")
    fared = []
    for number in range(count):
        maker = lot.choice(list(TRUTH))
        key = lot.randrange(4)
        breaks = key == 1 and lot.random() < 0.1
        fails = lot.random() > TRUTH[maker]
        fate = Fate.FAILED if fails else Fate.BROKE if breaks else Fate.LANDED
        met = (Meeting(Features(), [key], blamed=breaks),)
        fared.append(Fared(number, Features(maker), fate, met))
    return Experience(tuple(fared))


@cache
def learned(count: int, *, seed: int) -> Predictions:
    return learn(history(count, seed=seed), until=FOREVER)


def test_a_cold_start_says_what_is_usual() -> None:
    nothing = learn(Experience(), until=FOREVER)
    assert nothing.passes(Features()) == pytest.approx(0.97)
    assert nothing.breaks(Features(), Features(), shared=["src"]) == pytest.approx(0.01)
    assert nothing.duration_s(Features()) == 600
    assert nothing.duration_s(Features(gate_s=90)) == pytest.approx(90)
    assert nothing.flake_rate("pytest") == pytest.approx(0.01)
    assert not nothing.said


def test_a_stranger_is_expected_to_take_the_median_of_known_durations() -> None:
    gated = tuple(Gated(0, Features(f"agent{took}"), took) for took in (30, 40, 9000))
    assert learn(Experience(gated=gated), until=FOREVER).duration_s(Features("stranger")) == pytest.approx(40)


def test_a_gate_is_expected_to_take_what_its_own_gate_took_off_by_what_is_usual() -> None:
    lot = random.Random("durations")
    own = [lot.lognormvariate(5, 0.5) for _ in range(300)]
    gated = tuple(
        Gated(n, Features(gate_s=s), 1.5 * s * lot.lognormvariate(0, 0.1)) for n, s in enumerate(own)
    )
    found = learn(Experience(gated=gated), until=FOREVER).duration(Features(gate_s=1000))
    assert found.median_s == pytest.approx(1500, rel=0.03)
    assert found.spread == pytest.approx(0.1, abs=0.03)


def test_what_each_maker_is_given_comes_near_the_truth() -> None:
    predictions = learned(3000, seed=1)
    for maker, truth in TRUTH.items():
        assert predictions.passes(Features(maker)) == pytest.approx(truth, abs=0.04)


def test_a_target_where_changes_break_is_told_from_the_others() -> None:
    predictions = learned(3000, seed=1)
    hot, cold = (predictions.breaks(Features(), Features(), shared=[key]) for key in (1, 2))
    assert hot == pytest.approx(0.1, abs=0.03)
    assert cold < 0.01


def test_forecasts_of_what_was_not_known_yet_are_calibrated_and_better_than_the_rate() -> None:
    past = history(3000, seed=2)
    predictions = learn(past, until=1500)
    rest = [
        (predictions.passes(one.features), float(one.fate is not Fate.FAILED)) for one in past.fared[1500:]
    ]
    said, came = (sum(values) / len(rest) for values in zip(*rest, strict=True))
    assert said == pytest.approx(came, abs=0.015)
    ideal = [(TRUTH[one.features.maker], float(one.fate is not Fate.FAILED)) for one in past.fared[1500:]]
    assert brier(rest) < brier(ideal) * 1.02
    assert skill(rest) > 0.05
    assert all(abs(one.said - one.came) < 0.08 for one in reliability(rest))


def test_what_was_said_before_each_fate_was_known_is_kept_to_be_scored() -> None:
    predictions = learn(history(2000, seed=3), until=1500)
    assert len(predictions.said) == 1500
    assert skill(predictions.said) > 0.05
    assert predictions.said[0][0] == pytest.approx(0.97 * 0.99)


@settings(max_examples=25)
@given(experiences, experiences, features, meetings, moments)
def test_nothing_that_became_known_later_changes_a_prediction(
    past: Experience, future: Experience, asked: Features, met: Meeting, until: float
) -> None:
    known = past.before(until)
    later = Experience(
        tuple(replace(one, at_s=until + one.at_s) for one in future.fared),
        tuple(replace(one, at_s=until + one.at_s) for one in future.gated),
        tuple(replace(one, at_s=until + one.at_s) for one in future.ran),
    )
    both = Experience(later.fared + past.fared, later.gated + past.gated, later.ran + past.ran)
    without, with_ = learn(known, until=until), learn(both, until=until)
    assert answers(without, asked, met) == answers(with_, asked, met)
    assert without.said == with_.said


@settings(max_examples=25)
@given(experiences, features, meetings)
def test_every_probability_is_above_0_and_below_1(past: Experience, asked: Features, met: Meeting) -> None:
    *chances, median_s, spread = answers(learn(past, until=FOREVER), asked, met)
    assert all(0 < chance < 1 for chance in chances)
    assert median_s > 0
    assert spread > 0


@settings(max_examples=25)
@given(experiences, features)
def test_one_more_failure_never_makes_a_change_like_it_more_likely_to_pass(
    past: Experience, asked: Features
) -> None:
    once = Experience((*past.fared, Fared(2000, asked, Fate.FAILED)))
    twice = Experience((*once.fared, Fared(2001, asked, Fate.FAILED)))
    none, one, two = (learn(known, until=FOREVER).passes(asked) for known in (past, once, twice))
    assert none >= one >= two


@settings(max_examples=25)
@given(experiences, features, meetings)
def test_one_more_breakage_never_makes_two_like_them_less_likely_to_break(
    past: Experience, asked: Features, met: Meeting
) -> None:
    fared = Fared(2000, asked, Fate.BROKE, (replace(met, blamed=True),))
    before, after = (
        learn(known, until=FOREVER).breaks(asked, met.other, shared=met.shared)
        for known in (past, Experience((*past.fared, fared)))
    )
    assert before <= after


@settings(max_examples=25)
@given(experiences, features, features, st.frozensets(st.integers(0, 5)))
def test_a_pair_breaks_as_often_whichever_is_named_first(
    past: Experience, one: Features, other: Features, shared: frozenset[int]
) -> None:
    predictions = learn(past, until=FOREVER)
    assert predictions.breaks(one, other, shared=shared) == predictions.breaks(other, one, shared=shared)


@settings(max_examples=20)
@given(st.integers(0, 60), st.integers(1, 60))
def test_the_more_landings_since_its_base_the_less_likely_a_change_passes(few: int, more: int) -> None:
    predictions = learned(50, seed=4)
    assert predictions.passes(Features(landings_since=few)) > predictions.passes(
        Features(landings_since=few + more)
    )


def test_an_unexplained_failure_is_shared_out_by_what_was_believed_of_each_cause() -> None:
    past = history(1000, seed=5)
    hot, cold = (Meeting(Features(), [key], blamed=True) for key in (1, 2))
    failed = Fared(5000, Features("careful"), Fate.UNEXPLAINED, (hot, cold))
    before = learned(1000, seed=5)
    after = learn(Experience((*past.fared, failed)), until=FOREVER)
    rise = [after.breaks(Features(), Features(), shared=[key]) - before.breaks(Features(), Features(), shared=[key])
            for key in (1, 2)]  # fmt: skip
    assert rise[0] > rise[1] > -0.001
    blamed_alone = learn(Experience((*past.fared, replace(failed, fate=Fate.FAILED))), until=FOREVER)
    assert blamed_alone.passes(Features("careful")) < after.passes(Features("careful"))


def test_a_failure_with_a_named_other_is_not_held_against_the_maker() -> None:
    met = (Meeting(Features(), ["src"], blamed=True),)
    broke = tuple(Fared(n, Features("ada"), Fate.BROKE, met) for n in range(20))
    predictions = learn(Experience(broke), until=FOREVER)
    assert predictions.passes(Features("ada")) >= 0.97
    assert predictions.breaks(Features("ada"), Features(), shared=["src"]) > 0.1


def test_flakes_are_counted_by_check_and_by_test() -> None:
    ran = (
        Ran(0, "pytest", 400, 40),
        Ran(0, "ruff", 400, 0),
        Ran(0, "pytest", 400, 40, test="test_clock"),
        Ran(0, "pytest", 400, 0, test="test_sum"),
    )
    predictions = learn(Experience(ran=ran), until=FOREVER)
    assert predictions.flake_rate("pytest") == pytest.approx(0.1, abs=0.01)
    assert predictions.flake_rate("ruff") < 0.01
    assert predictions.flake_rate("pytest", "test_clock") == pytest.approx(0.1, abs=0.01)
    assert predictions.flake_rate("pytest", "test_sum") < 0.01


def test_a_rate_is_drawn_towards_that_of_the_group_around_it() -> None:
    rates = Rates(mean=0.5, strength=10)
    rates.observe([("ada",)], 90, 90)
    assert rates.of() == pytest.approx(0.95)
    assert rates.of(("stranger",)) == pytest.approx(0.95)
    rates.observe([("stranger",)], 0)
    assert rates.of(("stranger",)) < rates.of()


def test_a_regression_finds_what_a_number_tells() -> None:
    lot, chance = random.Random("regression"), Chance(mean=0.9, strength=20, spreads=[0.5])
    for _ in range(2000):
        number = lot.uniform(-1, 1)
        chance.observe((), [number], float(lot.random() < sigmoid(2 + number)))
    for number in (-0.8, 0.0, 0.8):
        assert chance.of((), [number]) == pytest.approx(sigmoid(2 + number), abs=0.03)


def test_scores_are_those_of_the_book() -> None:
    pairs = [(0.9, 1.0), (0.9, 1.0), (0.6, 0.0), (0.1, 0.0)]
    assert brier(pairs) == pytest.approx((0.01 + 0.01 + 0.36 + 0.01) / 4)
    assert skill(pairs) == pytest.approx(1 - brier(pairs) / 0.25)
    assert skill([(0.5, 1.0), (0.5, 0.0)]) == 0
    assert skill([(0.2, 1.0), (0.8, 0.0)]) < 0
    assert brier([]) == skill([]) == skill([(0.9, 1.0)]) == 0


def test_equal_forecasts_are_not_put_in_order_of_what_came() -> None:
    bins = reliability([(0.9, float(number % 2)) for number in range(100)])
    assert {one.came for one in bins} == {0.5}


def test_a_table_of_reliability_has_parts_of_the_same_size_in_order() -> None:
    pairs = [(number / 100, float(number % 2)) for number in range(95)]
    bins = reliability(pairs)
    assert len(bins) == 10
    assert sum(one.count for one in bins) == 95
    assert {one.count for one in bins} == {9, 10}
    assert all(low.said < high.said for low, high in pairwise(bins))
    assert reliability([(0.5, 1.0)]) == (Bin(1, 0.5, 1.0),)
    assert list(table([Bin(7, 0.98, 1.0)])) == [
        "forecasts     said     came",
        "        7   98.00%  100.00%",
    ]
