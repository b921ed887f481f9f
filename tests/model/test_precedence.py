"""What people order, and what it comes to."""

from hypothesis import given
from hypothesis import strategies as st

from podium.model.facts import Facts
from podium.model.ids import Sha
from podium.model.review import ABOUT_WORK, Order, Precedence, Wish, precedences


def orders(*wishes: Wish, reason: str = "") -> tuple[Order, ...]:
    return tuple(Order("s/1", wish, reason, "ada", float(number)) for number, wish in enumerate(wishes))


def after(*wishes: Wish, reason: str = "") -> Precedence:
    return precedences(orders(*wishes, reason=reason))["s/1"]


def test_the_last_word_on_a_hold_holds_however_they_are_listed() -> None:
    assert after(Wish.HOLD, reason="not today").held == "held by ada: not today"
    assert after(Wish.HOLD, Wish.HOLD).held == "held by ada"
    assert after(Wish.HOLD, Wish.RELEASE).held == ""
    assert precedences(orders(Wish.RELEASE, Wish.HOLD)[::-1])["s/1"].held == "held by ada"


def test_steps_of_priority_add_up_and_stay_through_a_hold() -> None:
    found = after(Wish.PRIORITY, Wish.HOLD, Wish.PRIORITY, Wish.URGENT, Wish.RELEASE)
    assert found == Precedence("", 2, urgent=True)


def test_who_was_never_spoken_of_has_no_precedence() -> None:
    assert precedences(orders(Wish.CANCEL, Wish.RETRY)) == {}


@given(st.lists(st.sampled_from(Wish)))
def test_nothing_wished_of_the_queue_hides_a_word_on_whether_it_is_wanted(wishes: list[Wish]) -> None:
    about_work = [wish for wish in wishes if wish in ABOUT_WORK]
    facts = Facts(Sha("a" * 40), orders=orders(*wishes))
    found = facts.latest_order.get("s/1")
    assert (found.wish if found else None) == (about_work[-1] if about_work else None)
    assert facts.retries.get("s/1", 0) == wishes.count(Wish.RETRY)
