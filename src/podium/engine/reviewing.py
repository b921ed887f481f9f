"""What follows for a change whose gate passed: a checker is asked, a person is, or neither. Pure, as `decide` is.

The project's rules go first. What they forbid goes back; what they want proven and is not calls a person, for nobody's word
stands for a proof; whose approval they want is asked, whatever the risk. Every decision carries the policy's digest.
"""

from collections.abc import Iterator
from dataclasses import replace

from podium.base.text import count
from podium.config.settings import Settings
from podium.model.attempt import Change
from podium.model.checking import Judgment
from podium.model.decision import Act, Decision
from podium.model.evidence import Grade
from podium.model.facts import Facts
from podium.model.review import Wish
from podium.model.risk import Risk
from podium.policies.actors import Actor, Kind
from podium.policies.checker import SEND_BACKS, Choice, choose_checker, settle
from podium.policies.codeowners import NOBODY, Codeowners
from podium.policies.review import ask_person
from podium.policies.rules import Policy, rule_on
from podium.policies.ruling import Action, Need, Request, Requirement, Ruling, lacking, said
from podium.review.advice import advised
from podium.review.checking import feedback
from podium.review.risk import floors_under, score

BY_HAND = "submitted"
"""The maker of an attempt that a person submitted."""


def after_gate(
    facts: Facts, change: Change, settings: Settings, *, now: float, owners: Codeowners = NOBODY
) -> Iterator[Decision]:
    """The next step of a change that passed its gate, and that nobody has let on yet; none while it is being checked.

    `owners` is the CODEOWNERS of the target branch.
    """
    policy, request = Policy(settings.policy, owners), request_of(facts, change)
    ruling = rule_on(policy, request)
    step: Decision | None
    unproven = ruling.missing(Need.PROOF, Need.LESS)
    if ruling.refused:
        step = _forbidden(change, ruling, now)
    elif unproven:
        step = _unproven(facts, change, unproven, now)
    else:
        wanted = _next(facts, change, ruling, settings=settings, now=now)
        step = _ruled(wanted, policy, request) if wanted else None
    if step is not None:
        yield replace(step, data={**step.data, "policy": policy.digest})


def request_of(facts: Facts, change: Change) -> Request:
    """What a change asks of the rules: as its gate and its checker left it. The gate's scope check has judged its paths."""
    found, judgment = facts.finding(Act.GATE, change.id), facts.judgments.get(change.id)
    checker = (Actor(Kind.CHECKER, judgment.by),) if judgment and judgment.spotless else ()
    return Request(
        Action.CHANGE,
        actors(facts, change),
        change.files,
        checks=frozenset(found.checks if found else ()),
        grade=Grade(found.grade) if found and found.grade else None,
        approvals=checker,
    )


def actors(facts: Facts, change: Change) -> tuple[Actor, ...]:
    """Everybody whose work is in a change: agents, and the person who submitted it."""
    agents = tuple(Actor(Kind.AGENT, name) for name in makers(facts, change))
    attempt = next((one for one in facts.attempts if one.id == change.attempt), None)
    by_hand = attempt is None or attempt.agent == BY_HAND
    return (*agents, Actor(Kind.PERSON, change.author)) if by_hand else agents


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


def risk_of(facts: Facts, change: Change) -> Risk:
    """The risk of a change, with what its gate's advice adds."""
    task = facts.tasks.get(change.task) if change.task else None
    attempts = len(facts.attempts_of.get(change.task, ())) if change.task else 1
    found = facts.finding(Act.GATE, change.id)
    return advised(score(change, attempts=attempts, task=task), found.advice if found else ())


def _forbidden(change: Change, ruling: Ruling, now: float) -> Decision:
    told = {"feedback": f"The project's policy forbids it: {ruling.because}", "evidence": ""}
    because = f"policy forbids it: {ruling.because}"
    return Decision(Act.SEND_BACK, change.id, because, now, change.task or change.id, 0, told)


def _unproven(facts: Facts, change: Change, unproven: tuple[Requirement, ...], now: float) -> Decision:
    """A person is called; once one has asked for another round, the change is gated anew, by what is configured then."""
    owner, why = change.task or change.id, f"policy wants more proof: {lacking(unproven)}"
    gate, order = facts.decided(Act.GATE, change.id), facts.latest_order.get(owner)
    if gate and order and order.wish is Wish.RETRY and order.at > gate.at:
        return Decision(Act.GATE, change.id, f"a person asked again; {why}", now, owner, gate.round + 1)
    return Decision(Act.ALARM, change.id, why, now, owner, facts.retries.get(owner, 0))


def _ruled(step: Decision, policy: Policy, request: Request) -> Decision:
    """The step, or a person where the rules want one; whose word is waited for is said."""
    if step.act not in {Act.ASK, Act.APPROVE}:
        return step
    asked = step.because if step.act is Act.ASK else ""
    missing = rule_on(policy, replace(request, asked=asked)).missing()
    if not missing:
        return step
    others = [f"{one.rule}: {one.what}: {one.because}" for one in missing if one.because != asked]
    because = said([step.because, *others] if asked else [*others, step.because])
    data = {**step.data, "asked": asked, "requires": [f"{one.rule}: {one.what}" for one in missing]}
    return replace(step, act=Act.ASK, because=because, data=data)


def _next(facts: Facts, change: Change, ruling: Ruling, *, settings: Settings, now: float) -> Decision | None:
    """The step that risk, the checker and `[policy] review` lead to."""
    risk = risk_of(facts, change)
    judgment = facts.judgments.get(change.id)
    asked = facts.decided(Act.CHECK, change.id)
    if judgment:
        return _settled(facts, change, judgment, risk=risk, settings=settings, now=now)
    if asked and not facts.failed(asked):
        return None
    wanted = _checked(settings) if ruling.missing(Need.CHECKER) else settings
    choice = choose_checker(risk, makers(facts, change), wanted)
    return _begun(facts, change, choice, risk=risk, settings=settings, now=now)


def _checked(settings: Settings) -> Settings:
    """The settings, with any risk enough to have a change checked: a rule wants it."""
    checker = settings.policy.checker.model_copy(update={"threshold": 0})
    policy = settings.policy.model_copy(update={"checker": checker})
    return settings.model_copy(update={"policy": policy})


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


def _decision(
    act: Act, change: Change, because: str, *, risk: Risk, now: float, agent: str = "", round_: int = 0
) -> Decision:
    data = {"risk": risk.score, "reasons": list(risk.reasons)} | ({"agent": agent} if agent else {})
    return Decision(act, change.id, because, now, change.task or change.id, round_, data)
