"""What follows an attempt that did not land, and what its agent's next one starts from: pure.

1. A change that its own gate, a checker or a person sent back goes on: from its work, with what was found, and in the session it was
   made in, where that still lives and the same agent makes the next attempt.
2. What the merge queue sent back goes on from its work merged onto the new tip, in a session of its own.
3. The same failure twice in a row: the next attempt starts afresh, with what was found and nothing of the work.
4. The same failure a third time: no further attempt. The task is too large, or a person must take it over.

Failures are the same when their signatures are: of what the gate found, or of how an attempt ended that came to no
change. A person's order to try again makes everything before it history.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from podium.model.attempt import Attempt, End, Seed
from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.ids import TaskId
from podium.model.review import Answer, Wish
from podium.model.signature import normalised, signature

_TWICE, _THREE_TIMES = 2, 3


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What the next attempt starts from, and why.

    `news` says how the last one, by `agent`, ended; `stop` why there is no next one, or nothing.
    """

    agent: str
    seed: Seed
    news: str
    because: str
    stop: str = ""


def follow_up(facts: Facts, tries: Sequence[Attempt]) -> FollowUp:
    """What follows the last of a task's attempts; there is at least one."""
    last = tries[-1]
    seed, news = _news(facts, last)
    failed = [_signature(facts, one) for one in _since_a_persons_word(facts, tries)]
    if failed and failed[-1] and failed.count(failed[-1]) >= _THREE_TIMES:
        stop = f"the same failure three times ({news}); split the task or take it over"
        return FollowUp(last.agent, seed, news, news, stop)
    if len(failed) >= _TWICE and failed[-1] and failed[-1] == failed[-2]:
        feedback = (
            f"Two attempts failed in the same way: start anew, and go about it differently. {seed.feedback}"
        )
        afresh = replace(seed, feedback=feedback, head=None, session=None)
        return FollowUp(last.agent, afresh, news, f"the same failure twice ({news}): starting afresh")
    return FollowUp(last.agent, seed, news, news)


def doubts(facts: Facts, task: TaskId) -> dict[str, str]:
    """Why agents should rather not make the next attempt at a task."""
    tries = facts.attempts_of.get(task, ())
    since = _since_a_persons_word(facts, tries)
    before = tries[: len(tries) - len(since)]
    found = {one.agent: "its attempts were given up before" for one in before if _given_up(facts, task)}
    ended = ((one, facts.ends.get(one.id)) for one in since)
    found |= {
        one.agent: "it ran out of its budget" for one, end in ended if end and end.end is End.OVER_BUDGET
    }
    failed = [(one.agent, _signature(facts, one)) for one in since]
    found |= {
        agent: "it failed the same way twice"
        for agent, what in failed
        if what and failed.count((agent, what)) >= _TWICE
    }
    return found


def _since_a_persons_word(facts: Facts, tries: Sequence[Attempt]) -> Sequence[Attempt]:
    """The attempts that were begun since a person last asked for another try."""
    order = facts.latest_order.get(tries[-1].task) if tries else None
    if order is None or order.wish is not Wish.RETRY:
        return tries
    return [one for one in tries if one.at >= order.at]


def _given_up(facts: Facts, task: TaskId) -> bool:
    return facts.decided(Act.GIVE_UP, task) is not None


def _signature(facts: Facts, attempt: Attempt) -> str:
    """What went wrong with an attempt; empty where a person, or the others' changes, had the word."""
    change, end = facts.change_of.get(attempt.id), facts.ends.get(attempt.id)
    sent_back = facts.decided(Act.SEND_BACK, change.id) if change else None
    if sent_back:
        found = facts.findings.get(_evidence(sent_back)) if _by_its_gate(sent_back) else None
        return found.signature if found else ""
    if change or end is None or end.end is End.CANCELLED:
        return ""
    return signature([[end.end, normalised(end.because)]])


def _news(facts: Facts, last: Attempt) -> tuple[Seed, str]:
    """What the last attempt leaves to the next: the work that was sent back, or nothing but how it ended."""
    change = facts.change_of.get(last.id)
    review = facts.reviews.get(change.id) if change else None
    sent_back = facts.decided(Act.SEND_BACK, change.id) if change else None
    if change and sent_back:
        returned = review is not None and review.answer is Answer.RETURN
        checked = "checker" in sent_back.data
        session = last.id if returned or checked or _by_its_gate(sent_back) else None
        feedback = sent_back.data.get("feedback", sent_back.because)
        return Seed(feedback, change.head, _evidence(sent_back), session), sent_back.because
    if review and review.answer is Answer.REJECT:
        return Seed(review.reason), f"{review.by} rejected attempt {last.number}: {review.reason}"
    end = facts.ends.get(last.id)
    news = (
        f"attempt {last.number} {end.end}: {end.because}" if end else f"attempt {last.number} came to nothing"
    )
    return Seed(news), news


def _evidence(sent_back: Decision) -> str:
    return str(sent_back.data.get("evidence", ""))


def _by_its_gate(sent_back: Decision) -> bool:
    return _evidence(sent_back).startswith(f"{Act.GATE}:")
