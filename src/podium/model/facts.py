"""Everything that is known at one moment: the one input of every decision.

A snapshot of the rows of the store plus what was just observed of the repository (`tip`, `checkout`). Nothing here is
a status: what a task is doing is derived from this by `progress`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.checking import Judgment
from podium.model.decision import Act, Decision, Failure
from podium.model.evidence import Finding
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId
from podium.model.past import Past, Record, Spell, spec_of, spending
from podium.model.queue import Candidate, Footprint, Landing
from podium.model.review import (
    ABOUT_WORK,
    Answer,
    Order,
    Precedence,
    Review,
    Wish,
    precedences,
)
from podium.model.task import Task
from podium.model.usage import Spending


@dataclass(frozen=True)
class Facts:
    """What is known. `landed_tasks` are no longer in `tasks`; the other fields know of theirs only what `past` and `recent` sum up."""

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
    judgments: Mapping[ChangeId, Judgment] = field(default_factory=dict)
    reviews: Mapping[ChangeId, Review] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()
    candidates: Mapping[CandidateId, Candidate] = field(default_factory=dict)
    landings: tuple[Landing, ...] = ()
    """Of late: the one that is the tip, those since the oldest commit that open changes were gated on, and of those on
    evidence that was put together the last few dozen."""
    footprints: tuple[Footprint, ...] = ()
    """Of the open changes and of those in `landings`."""
    failures: tuple[Failure, ...] = ()
    past: tuple[Past, ...] = ()
    """The attempts at tasks that have landed."""
    recent: tuple[Spell, ...] = ()
    """What all attempts used, landed or not, that ended in the last 24 hours; oldest first."""

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
    def keys_of(self) -> Mapping[ChangeId, frozenset[str]]:
        """The targets each change can affect, wherever that was told; one of which nothing was told is left out."""
        found: dict[ChangeId, frozenset[str]] = {}
        for one in self.footprints:
            found[one.change] = found.get(one.change, frozenset()) | frozenset(one.keys)
        return found

    @cached_property
    def readers_of(self) -> Mapping[str, frozenset[ChangeId]]:
        """The changes that brought a new dependency on each target."""
        found: dict[str, set[ChangeId]] = {}
        for one in self.footprints:
            for target in one.reads:
                found.setdefault(target, set()).add(one.change)
        return {target: frozenset(changes) for target, changes in found.items()}

    @cached_property
    def footprint_by(self) -> Mapping[tuple[ChangeId, str], Footprint]:
        """By the change and the key of the decision whose work told it."""
        return {(one.change, one.evidence): one for one in self.footprints}

    @cached_property
    def landing_at(self) -> Mapping[Sha, Landing]:
        """The landing behind a position of the target branch, as far as it is in `landings`."""
        return {landing.commit: landing for landing in self.landings}

    @cached_property
    def latest_order(self) -> Mapping[str, Order]:
        """The latest word on whether each subject is wanted; what is wished of its way through the queue hides none."""
        said = (order for order in self.orders if order.wish in ABOUT_WORK)
        return {order.subject: order for order in sorted(said, key=lambda order: order.at)}

    @cached_property
    def precedences(self) -> Mapping[str, Precedence]:
        """What people said of the way through the merge queue, by task or submitted change."""
        return precedences(self.orders)

    @cached_property
    def retries(self) -> Mapping[str, int]:
        """How often a person granted each subject another round."""
        found: dict[str, int] = {}
        for order in self.orders:
            if order.wish is Wish.RETRY:
                found[order.subject] = found.get(order.subject, 0) + 1
        return found

    @cached_property
    def spent_by_task(self) -> Mapping[TaskId, Spending]:
        """Of the tasks that have not landed."""
        return {
            task: sum((spending(self.ends[one.id]) for one in tries if one.id in self.ends), start=Spending())
            for task, tries in self.attempts_of.items()
        }

    @cached_property
    def spent_by_spec(self) -> Mapping[str, Spending]:
        """Of all tasks, landed or not."""
        found: dict[str, Spending] = {}
        spent = [(past.spec, past.spent) for past in self.past]
        spent += [(spec_of(task), one) for task, one in self.spent_by_task.items()]
        for spec, one in spent:
            found[spec] = found.get(spec, Spending()) + one
        return found

    def spent_since(self, moment: float) -> Spending:
        """What attempts used that ended after a moment of the last 24 hours."""
        return sum((spell.spent for spell in self.recent if spell.at > moment), start=Spending())

    @cached_property
    def track(self) -> Mapping[tuple[str, str], Record]:
        """How the attempts of each agent at each kind of task went."""
        found: dict[tuple[str, str], Record] = {}
        went = [(past.agent, past.kind, Record(past.tried, past.landed, past.spent)) for past in self.past]
        went += [
            (one.agent, self.tasks[one.task].kind, Record(1, 0, spending(self.ends[one.id])))
            for one in self.attempts
            if one.task in self.tasks and self._came_to_nothing(one)
        ]
        for agent, kind, record in went:
            found[agent, kind] = found.get((agent, kind), Record()) + record
        return found

    def _came_to_nothing(self, attempt: Attempt) -> bool:
        """Whether an attempt at an open task is over, by no person's order, and will not land."""
        end, change = self.ends.get(attempt.id), self.change_of.get(attempt.id)
        if end is None or end.end is End.CANCELLED:
            return False
        review = self.reviews.get(change.id) if change else None
        return (
            change is None
            or self.decided(Act.SEND_BACK, change.id) is not None
            or (review is not None and review.answer is Answer.REJECT)
            or self.attempts_of[attempt.task][-1] != attempt
        )

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
    def landing_due(self) -> Mapping[ChangeId, Decision]:
        """The landing that is under way, by those in it."""
        return {
            ChangeId(name): decision
            for decision in self.decisions.values()
            if decision.act is Act.LAND and not self.failed(decision)
            for name in decision.data.get("members", ())
        }

    @cached_property
    def tip_lands(self) -> bool:
        """Whether the tip is what a landing under way has just put there."""
        under_way = (self.candidates.get(CandidateId(one.subject)) for one in self.landing_due.values())
        return any(candidate is not None and candidate.commit == self.tip for candidate in under_way)

    def gating(self, change: ChangeId) -> bool:
        """Whether a gate of the change by itself is under way."""
        decided = self.decided(Act.GATE, change)
        return decided is not None and decided.key not in self.findings and not self.failed(decided)

    @cached_property
    def stuck_in_queue(self) -> Mapping[ChangeId, Decision]:
        """The changes whose merge onto the present tip came to no verdict, with the alarm."""
        found: dict[ChangeId, Decision] = {}
        for alarm in self.decisions.values():
            here = alarm.act is Act.ALARM and alarm.scope == self.tip  # what was said of an older tip is over
            members = self._members(alarm.subject) if here else ()
            if members and alarm.round == self.grants(members):
                found |= dict.fromkeys(members, alarm)
        return found

    def _members(self, candidate: str) -> tuple[ChangeId, ...]:
        """Those in a candidate; while it is not built, those that are to be."""
        built = self.candidates.get(CandidateId(candidate))
        asked = self.decided(Act.WEAVE, candidate) or self.decided(Act.LAND, candidate)
        wanted = tuple(ChangeId(name) for name in asked.data.get("members", ())) if asked else ()
        return (built.members if built else ()) or wanted

    def approved(self, change: ChangeId) -> bool:
        """Whether policy or a person lets the change on."""
        review = self.reviews.get(change)
        return review.answer == "approve" if review else self.decided(Act.APPROVE, change) is not None
