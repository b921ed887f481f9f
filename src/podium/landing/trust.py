"""Whether the tip is known to pass its gate, and whether evidence may be put together.

A tip that landed on evidence that was put together counts as green until its own full gate, which a free slot runs, says
otherwise. Once that happens, nothing lands so any more until a person has looked.
"""

from collections.abc import Iterator

from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.queue import REUSE, Landing
from podium.model.review import Wish
from podium.model.verdict import Verdict


def is_composed(facts: Facts) -> bool:
    """Whether the tip landed on evidence that was put together."""
    landing = facts.landing_at.get(facts.tip)
    return landing is not None and landing.composed


def trouble_with_tip(facts: Facts) -> str:
    """Why the tip is not known to pass its own gate; empty where it is, or where nobody was asked."""
    decided = facts.decided(Act.BASELINE, facts.tip)
    found = facts.finding(Act.BASELINE, facts.tip)
    if decided is None or (found and found.verdict is Verdict.PASSED):
        return ""
    if found:
        return f"{facts.tip[:10]} itself does not pass its gate: {found.because}"
    return "" if is_composed(facts) else f"{facts.tip[:10]} itself is being gated first"


def may_reuse(facts: Facts) -> bool:
    """Whether no landing on evidence that was put together is known to have been a mistake that nobody has looked at since."""
    looked = max(_looked(facts), default=0.0)
    called = any(
        one.act is Act.ALARM and one.scope == REUSE and one.at > looked for one in facts.decisions.values()
    )
    return not called and not any(True for _ in _unsound(facts))


def alarms(facts: Facts, now: float) -> Iterator[Decision]:
    """One for each landing on evidence that was put together whose tip then failed its full gate."""
    for landing, because in _unsound(facts):
        which = "-m 1 " if len(landing.members) > 1 else ""
        text = (
            f"{landing.commit[:10]} landed {', '.join(landing.members)} by the certificate of {landing.candidate}, and fails its"
            f" full gate: {because}. Nothing lands by certificates any more. Undo it: git revert {which}{landing.commit[:10]};"
            " and once the branch is right, podium retry it by its name"
        )
        data = {"candidate": landing.candidate, "members": list(landing.members)}
        yield Decision(Act.ALARM, landing.commit, text, now, REUSE, len(_looked(facts)), data)


def _unsound(facts: Facts) -> Iterator[tuple[Landing, str]]:
    """The landings that turned out so, and that nobody has looked at since, each with what failed."""
    looked = max(_looked(facts), default=0.0)
    for landing in facts.landings:
        found = facts.finding(Act.BASELINE, landing.commit) if landing.composed else None
        if found and found.verdict is Verdict.FAILED and found.at > looked:
            yield landing, found.because


def _looked(facts: Facts) -> list[float]:
    """When people asked for the target branch to be tried again: tasks have a slash in their names, submitted changes a colon."""
    return [
        order.at
        for order in facts.orders
        if order.wish is Wish.RETRY and "/" not in order.subject and ":" not in order.subject
    ]
