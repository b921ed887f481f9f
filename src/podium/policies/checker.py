"""Whether another agent checks a change, which one, and what follows from its judgment.

A checker can add doubt at any risk; it can take a person's place only below the risk that `[policy.checker]` names, and never
on paths that people must always see. A maker and a checker are two agents, not two trusted persons.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from podium.base.text import clean_line, count
from podium.config.settings import CheckerSettings, PolicySettings, Settings
from podium.model.checking import Judgment, Word
from podium.model.decision import Act
from podium.model.risk import Risk
from podium.policies.review import ask_person

SEND_BACKS = 2
"""How often checkers may send a task back: two agents must not play ping-pong for ever."""
_LONGEST = 1000
_REASON = 300


@dataclass(frozen=True, slots=True)
class Choice:
    """The agent that checks a change; an empty one where a check is wanted and nobody is fit for it."""

    agent: str
    because: str


def choose_checker(risk: Risk, makers: Sequence[str], settings: Settings) -> Choice | None:
    """Who checks a change that `makers` made; None where policy wants no check of it."""
    policy = settings.policy.checker
    if not policy.agents or risk.score < policy.threshold:
        return None
    made = {_kin(maker, settings) for maker in makers}
    agent = next((name for name in policy.agents if _kin(name, settings) not in made), "")
    return Choice(agent, _why(agent, makers, policy, risk))


def settle(
    judgment: Judgment, *, risk: Risk, policy: PolicySettings, must_see: str = "", no_return: str = ""
) -> tuple[Act, str]:
    """What follows from a judgment, SEND_BACK, ASK or APPROVE, and the because.

    `must_see` says what of the change people must always see, `no_return` why it cannot go back to its maker; both empty
    otherwise. The first line that fits holds:

        it says send-back, and the change can go back         SEND_BACK
        anything speaks against the change, or must be seen   ASK
        it is spotless, and risk < approves_below             APPROVE, in a person's stead
        otherwise                                             as policy has it without a checker
    """
    if judgment.word is Word.SEND_BACK and not no_return:
        return Act.SEND_BACK, _line(f"{judgment.by} sends it back: {judgment.because}")
    doubts = list(_doubts(judgment, must_see, no_return))
    if doubts:
        return Act.ASK, _line("; ".join(doubts))
    below = policy.checker.approves_below
    if judgment.spotless and risk.score < below:
        return Act.APPROVE, f"{judgment.by} approved it and policy lets that stand below risk {below}"
    asks, because = ask_person(risk, policy)
    return Act.ASK if asks else Act.APPROVE, _line(f"{because}; {judgment.by} approved it")


def _doubts(judgment: Judgment, must_see: str, no_return: str) -> Iterator[str]:
    """Why a person must look, what was seen before what was said."""
    by, because = judgment.by, clean_line(judgment.because, limit=_REASON)
    for trial in judgment.failing:
        yield f"{by}'s test {clean_line(trial.test.name)} fails: {trial.because} ({trial.meaning()})"
    if judgment.word is Word.SEND_BACK:
        yield f"{by} would send it back, but {no_return}: {because}"
    if judgment.word is Word.UNSURE:
        yield f"{by} is unsure: {because}"
    if judgment.word is Word.NONE:
        yield f"{by} gave no verdict: {because}"
    if judgment.word is Word.APPROVE and judgment.blockers:
        first = clean_line(judgment.blockers[0].message, limit=_REASON)
        yield f"{by} approved it, and yet found {count(len(judgment.blockers), 'blocker')}: {first}"
    if must_see:
        yield f"people always see {must_see}"


def _kin(agent: str, settings: Settings) -> str:
    """The agent that this one is like, in the end: by whatever names, it is the same one."""
    seen: list[str] = []
    while agent not in seen:
        seen.append(agent)
        found = settings.agents.get(agent)
        agent = found.like if found and found.like else agent
    return min(seen[seen.index(agent) :])  # those of a circle are all alike


def _why(agent: str, makers: Sequence[str], policy: CheckerSettings, risk: Risk) -> str:
    made_by = ", ".join(dict.fromkeys(makers))
    wanted = f"risk {risk.score} ≥ {policy.threshold}"
    if not agent:
        listed = ", ".join(policy.agents)
        return _line(f"no agent but its maker {made_by} could check it (of {listed}); {wanted}")
    if not made_by:
        return _line(f"{agent} checks it: no agent of this project made it; {wanted}")
    return _line(f"{agent} checks it: another agent than its maker {made_by}; {wanted}")


def _line(text: str) -> str:
    return clean_line(text, limit=_LONGEST)
