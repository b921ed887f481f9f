"""The gates of candidates, as far as they have come."""

from dataclasses import dataclass

from podium.config.settings import Settings
from podium.model.decision import Act, Decision
from podium.model.evidence import Finding
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha
from podium.model.queue import Candidate
from podium.model.verdict import Verdict

STOPPED = "none of those it was started for can land by its verdict any more"
"""Why a gate run ended before it began: it is nobody's failure, and no try."""
_VERDICTS = frozenset({Verdict.PASSED, Verdict.FAILED})


@dataclass(frozen=True, slots=True)
class Woven:
    """The latest round of the gate of a candidate. `members` are those in it, once it is built; before, those that shall be."""

    decision: Decision
    onto: Sha
    members: tuple[ChangeId, ...]
    heads: frozenset[ChangeId]
    candidate: Candidate | None
    finding: Finding | None
    tries: int
    """How often it was begun and not stopped."""
    stopped: int
    over: bool
    """It has come to an end, of whatever kind."""

    @property
    def verdict(self) -> Verdict | None:
        """Only what is a verdict on the tree."""
        return self.finding.verdict if self.finding and self.finding.verdict in _VERDICTS else None

    def is_exhausted(self, facts: Facts, settings: Settings) -> bool:
        """Whether it came to no verdict as often as it may."""
        nothing_left = self.candidate is not None and self.candidate.commit is None
        if not self.over or self.verdict or nothing_left:
            return False
        return self.tries >= settings.gate.tries * (1 + facts.grants(self.members))


def woven(facts: Facts) -> list[Woven]:
    """All candidates that are known of, each by the latest round of its gate."""
    latest = (
        one
        for one in facts.decisions.values()
        if one.act is Act.WEAVE and facts.decided(Act.WEAVE, one.subject) == one
    )
    return [_woven(facts, decision) for decision in latest]


def _woven(facts: Facts, decision: Decision) -> Woven:
    candidate = facts.candidates.get(CandidateId(decision.subject))
    wanted = tuple(ChangeId(name) for name in decision.data.get("members", ()))
    members = candidate.members if candidate else wanted
    heads = frozenset(ChangeId(name) for name in decision.data.get("heads", wanted)) & set(members)
    failures = facts.failures_of(Act.WEAVE, decision.subject)
    stopped = sum(failure.because == STOPPED for failure in failures)
    found = facts.findings.get(decision.key)
    nothing_left = candidate is not None and candidate.commit is None
    over = found is not None or facts.failed(decision) is not None or nothing_left
    onto = Sha(decision.data.get("onto", decision.scope))
    return Woven(
        decision, onto, members, heads, candidate, found, decision.round + 1 - stopped, stopped, over
    )
