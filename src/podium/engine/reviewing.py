"""What follows for a change whose gate passed: a checker is asked, a person is, or neither. Pure, as `decide` is."""

from collections.abc import Iterator

from podium.base.text import count
from podium.config.settings import Settings
from podium.model.attempt import Change
from podium.model.checking import Judgment
from podium.model.decision import Act, Decision
from podium.model.facts import Facts
from podium.model.risk import Risk
from podium.policies.checker import SEND_BACKS, Choice, choose_checker, settle
from podium.policies.review import ask_person
from podium.review.checking import feedback
from podium.review.risk import floors_under, score

BY_HAND = "submitted"
"""The maker of an attempt that a person submitted."""


def after_gate(facts: Facts, change: Change, settings: Settings, *, now: float) -> Iterator[Decision]:
    """The next step of a change that passed its gate, and that nobody has let on yet; none while it is being checked."""
    risk = _risk(facts, change)
    judgment = facts.judgments.get(change.id)
    asked = facts.decided(Act.CHECK, change.id)
    if judgment:
        yield _settled(facts, change, judgment, risk=risk, settings=settings, now=now)
    elif asked is None or facts.failed(asked):
        choice = choose_checker(risk, makers(facts, change), settings)
        yield _begun(facts, change, choice, risk=risk, settings=settings, now=now)


def makers(facts: Facts, change: Change) -> tuple[str, ...]:
    """The agents whose work is in a change, its own maker first."""
    found: dict[str, None] = {}
    tries = facts.attempts_of.get(change.task, ()) if change.task else ()
    own = next((number for number, one in enumerate(tries) if one.id == change.attempt), -1)
    for attempt in reversed(tries[: own + 1]):
        found[attempt.agent] = None
        if attempt.seed is None or attempt.seed.head is None:
            break
    return tuple(name for name in found if name != BY_HAND)


def _begun(
    facts: Facts, change: Change, choice: Choice | None, *, risk: Risk, settings: Settings, now: float
) -> Decision:
    if choice is None:
        asks, because = ask_person(risk, settings.policy)
        return _decision(Act.ASK if asks else Act.APPROVE, change, because, risk=risk, now=now)
    if not choice.agent:
        return _decision(Act.ASK, change, choice.because, risk=risk, now=now)
    failures = facts.failures_of(Act.CHECK, change.id)
    granted = settings.gate.tries * (1 + facts.retries.get(change.task or change.id, 0))
    if len(failures) >= granted:
        reason = max(failures, key=lambda failure: failure.round).because
        because = f"{choice.agent} could not check it in {count(len(failures), 'attempt')}: {reason}"
        return _decision(Act.ASK, change, because, risk=risk, now=now)
    return _decision(
        Act.CHECK, change, choice.because, risk=risk, now=now, agent=choice.agent, round_=len(failures)
    )


def _settled(
    facts: Facts, change: Change, judgment: Judgment, *, risk: Risk, settings: Settings, now: float
) -> Decision:
    no_return = _no_return(facts, change, settings)
    must_see = ", ".join(floor.what for floor, _files in floors_under(change))
    act, because = settle(judgment, risk=risk, policy=settings.policy, must_see=must_see, no_return=no_return)
    if act is not Act.SEND_BACK:
        return _decision(act, change, because, risk=risk, now=now)
    told = {"feedback": feedback(judgment), "evidence": "", "checker": judgment.by}
    return Decision(act, change.id, because, now, change.task or change.id, 0, told)


def _no_return(facts: Facts, change: Change, settings: Settings) -> str:
    """Why a checker cannot send this change back, or empty."""
    if change.task is None:
        return "nobody here made it"
    scope = (one for one in facts.decisions.values() if one.scope == change.task)
    earlier = sum(1 for one in scope if one.act is Act.SEND_BACK and "checker" in one.data)
    if earlier >= SEND_BACKS:
        return f"checkers have sent it back {earlier} times"
    granted = settings.limits.attempts * (1 + facts.retries.get(change.task, 0))
    return "" if len(facts.attempts_of.get(change.task, ())) < granted else "no attempt is left"


def _risk(facts: Facts, change: Change) -> Risk:
    task = facts.tasks.get(change.task) if change.task else None
    attempts = len(facts.attempts_of.get(change.task, ())) if change.task else 1
    return score(change, attempts=attempts, task=task)


def _decision(
    act: Act, change: Change, because: str, *, risk: Risk, now: float, agent: str = "", round_: int = 0
) -> Decision:
    data = {"risk": risk.score, "reasons": list(risk.reasons)} | ({"agent": agent} if agent else {})
    return Decision(act, change.id, because, now, change.task or change.id, round_, data)
