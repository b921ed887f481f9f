from hypothesis import given
from hypothesis import strategies as st

from podium.config.settings import PolicySettings
from podium.model.risk import Risk
from podium.policies.review import ask_person

RISKY = Risk(71, ("touches auth.py: who may do what", "40 lines added"))
risks = st.builds(Risk, st.integers(min_value=0, max_value=100), st.lists(st.text(), max_size=9).map(tuple))


def test_a_person_is_asked_from_the_threshold_on() -> None:
    asked, because = ask_person(RISKY, PolicySettings(threshold=60))
    assert asked
    assert because == "risk 71 ≥ 60: touches auth.py: who may do what, 40 lines added"
    assert ask_person(RISKY, PolicySettings(threshold=71))[0]


def test_below_the_threshold_nobody_is_asked() -> None:
    asked, because = ask_person(Risk(12, ("3 lines added",)), PolicySettings(threshold=60))
    assert not asked
    assert because == "risk 12 < 60: 3 lines added"


def test_always_asks_and_never_does_not() -> None:
    assert ask_person(Risk(0, ()), PolicySettings(review="always")) == (
        True,
        "every change is reviewed; risk 0",
    )
    asked, because = ask_person(RISKY, PolicySettings(review="never"))
    assert not asked
    assert because.startswith("review is never asked for; risk 71: ")


@given(risks, st.sampled_from(["risky", "always", "never"]), st.integers(min_value=0, max_value=100))
def test_the_because_is_one_line_of_bounded_length(risk: Risk, review: str, threshold: int) -> None:
    policy = PolicySettings.model_validate({"review": review, "threshold": threshold})
    asked, because = ask_person(risk, policy)
    assert asked == (review == "always" or (review == "risky" and risk.score >= threshold))
    assert 0 < len(because) <= 320
    assert len(because.splitlines()) == 1
