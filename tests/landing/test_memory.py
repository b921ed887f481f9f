"""What the live queue believes: as at first where nothing is known, then as its own past says, and the same for all who read it."""

from podium.landing.predictions.beliefs import BREAKS, PASSES
from podium.landing.predictions.experience import Fate, Features
from podium.landing.predictions.memory import Memory, fared, told
from podium.landing.predictions.scores import brier


def seen(met: int = 0, *, maker: str = "claude") -> Features:
    return Features(maker, "fix", 3, 40, landings_since=met, gate_s=12.0, proven=met == 0)


def memory(*fates: tuple[Features, bool], blamed: int = 0) -> Memory:
    found = Memory()
    found.take_in(
        fared(told(one, blamed=0 if landed else blamed), at=float(number), landed=landed)
        for number, (one, landed) in enumerate(fates)
    )
    return found


def test_at_first_it_believes_what_is_usual() -> None:
    fresh = Memory()
    assert abs(fresh.lands(Features()) - PASSES) < 0.001
    assert abs(fresh.breaks - BREAKS) < 0.001
    assert fresh.said == ()


def test_who_met_many_is_likely_once_many_who_did_have_landed() -> None:
    """Where everything affects everything, each change meets all that landed: that alone must not make all of them unlikely."""
    assert Memory().lands(seen(16)) < 0.85
    assert memory(*[(seen(16), True)] * 8).lands(seen(16)) > 0.85


def test_failures_lower_what_is_expected_and_whom_nobody_broke_failed_by_itself() -> None:
    good, bad = memory(*[(seen(), True)] * 20), memory(*[(seen(), True), (seen(), False)] * 10)
    assert bad.lands(seen()) < good.lands(seen())
    assert abs(bad.breaks - good.breaks) < 0.001
    assert memory(*[(seen(3), False)] * 10, blamed=3).breaks > BREAKS


def test_a_fate_is_read_as_it_was_told() -> None:
    landed = fared(told(seen(2)), at=7.0, landed=True)
    assert (landed.at_s, landed.fate, landed.features, len(landed.met)) == (7.0, Fate.LANDED, seen(2), 2)
    back = fared(told(seen(5), blamed=2), at=8.0, landed=False)
    assert (back.fate, [one.blamed for one in back.met]) == (Fate.UNEXPLAINED, [True] * 2 + [False] * 3)
    assert fared({}, at=0.0, landed=False).fate is Fate.FAILED


def test_read_at_once_or_piece_by_piece_it_believes_the_same() -> None:
    fates = [
        fared(told(seen(number % 9), blamed=1), at=float(number), landed=number % 7 > 0)
        for number in range(90)
    ]
    whole, pieces = Memory(), Memory()
    whole.take_in(fates)
    for one in fates:
        pieces.take_in([one])
    assert whole.lands(seen(4)) == pieces.lands(seen(4))
    assert whole.said == pieces.said
    assert 0 < brier(whole.said) < 0.25
