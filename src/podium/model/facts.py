"""Everything that is known at one moment: the one input of every decision.

A snapshot of the rows of the store plus what was just observed of the repository (`tip`, `checkout`). Nothing here is
a status: what a task is doing is derived from this by `progress`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from podium.model.attempt import Attempt, AttemptEnd, Change
from podium.model.decision import Act, Decision, Failure
from podium.model.evidence import Finding
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId
from podium.model.queue import Candidate, Landing
from podium.model.review import Order, Review, Wish
from podium.model.task import Task


@dataclass(frozen=True)
class Facts:
    """What is known. `landed_tasks` are no longer in `tasks`, and nothing of theirs is in the other fields."""

    tip: Sha
    checkout: str = ""
    """Why nothing can land right now (the target branch is checked out and dirty), or empty."""
    tasks: Mapping[TaskId, Task] = field(default_factory=dict)
    landed_tasks: frozenset[TaskId] = frozenset()
    attempts: tuple[Attempt, ...] = ()
    ends: Mapping[AttemptId, AttemptEnd] = field(default_factory=dict)
    changes: Mapping[ChangeId, Change] = field(default_factory=dict)
    findings: Mapping[str, Finding] = field(default_factory=dict)
    """By the key of the decision that asked for it: `gate:<change>`, `baseline:<tip>`, `weave:<candidate>`."""
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    """By key."""
    reviews: Mapping[ChangeId, Review] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()
    candidates: Mapping[CandidateId, Candidate] = field(default_factory=dict)
    landings: tuple[Landing, ...] = ()
    failures: tuple[Failure, ...] = ()

    @cached_property
    def attempts_of(self) -> Mapping[TaskId, tuple[Attempt, ...]]:
        found: dict[TaskId, list[Attempt]] = {}
        for attempt in self.attempts:
            found.setdefault(attempt.task, []).append(attempt)
        return {
            task: tuple(sorted(tries, key=lambda attempt: attempt.number)) for task, tries in found.items()
        }

    @cached_property
    def change_of(self) -> Mapping[AttemptId, Change]:
        return {change.attempt: change for change in self.changes.values() if change.attempt}

    @cached_property
    def landing_of(self) -> Mapping[ChangeId, Landing]:
        return {member: landing for landing in self.landings for member in landing.members}

    @cached_property
    def latest_order(self) -> Mapping[str, Order]:
        return {order.subject: order for order in sorted(self.orders, key=lambda order: order.at)}

    @cached_property
    def retries(self) -> Mapping[str, int]:
        """How often a person granted each subject another round."""
        found: dict[str, int] = {}
        for order in self.orders:
            if order.wish is Wish.RETRY:
                found[order.subject] = found.get(order.subject, 0) + 1
        return found

    @cached_property
    def _latest_round(self) -> Mapping[tuple[Act, str], Decision]:
        found: dict[tuple[Act, str], Decision] = {}
        for decision in self.decisions.values():
            key = (decision.act, decision.subject)
            if key not in found or found[key].round < decision.round:
                found[key] = decision
        return found

    @cached_property
    def _failures(self) -> Mapping[tuple[Act, str], tuple[Failure, ...]]:
        found: dict[tuple[Act, str], tuple[Failure, ...]] = {}
        for failure in self.failures:
            key = (failure.act, failure.subject)
            found[key] = (*found.get(key, ()), failure)
        return found

    def decided(self, act: Act, subject: str) -> Decision | None:
        """The latest round of this decision, or None when it was never taken."""
        return self._latest_round.get((act, subject))

    def failures_of(self, act: Act, subject: str) -> tuple[Failure, ...]:
        return self._failures.get((act, subject), ())

    def failed(self, decision: Decision) -> Failure | None:
        """The failure that ended this very round, if it ended in one."""
        return next(
            (f for f in self.failures_of(decision.act, decision.subject) if f.round == decision.round), None
        )

    def finding(self, act: Act, subject: str) -> Finding | None:
        """What the latest round found, or None while it runs or when it failed to establish anything."""
        decision = self.decided(act, subject)
        return self.findings.get(decision.key) if decision else None

    def alarmed(self, subject: str, owner: str) -> Decision | None:
        """The standing alarm on `subject`; a retry ordered for its `owner` since clears it."""
        alarm = self.decided(Act.ALARM, subject)
        return alarm if alarm and alarm.round == self.retries.get(owner, 0) else None

    def grants(self, members: Iterable[ChangeId]) -> int:
        """How many further rounds people granted to the most favoured of these changes."""
        owners = (self.changes[member].task or member for member in members if member in self.changes)
        return max((self.retries.get(owner, 0) for owner in owners), default=0)

    @cached_property
    def stuck_in_queue(self) -> Mapping[ChangeId, Decision]:
        """The changes whose merge onto the present tip came to no verdict, with the alarm."""
        found: dict[ChangeId, Decision] = {}
        for alarm in self.decisions.values():
            members = self._members(alarm.subject) if alarm.act is Act.ALARM else ()
            if members and alarm.round == self.grants(members):
                found |= dict.fromkeys(members, alarm)
        return found

    def _members(self, candidate: str) -> tuple[ChangeId, ...]:
        """Those in a candidate; while it is not built, those that are to be."""
        built = self.candidates.get(CandidateId(candidate))
        weave = self.decided(Act.WEAVE, candidate)
        wanted = tuple(ChangeId(name) for name in weave.data["members"]) if weave else ()
        return (built.members if built else ()) or wanted

    def approved(self, change: ChangeId) -> bool:
        """Whether policy or a person lets the change on."""
        review = self.reviews.get(change)
        return review.answer == "approve" if review else self.decided(Act.APPROVE, change) is not None
