"""What came of it: landed, sent back, refused, how long, how much, by agent and by kind of task. Pure.

Work is measured, people are not: no figure is per person, and none counts lines. A figure says on how many observations
it rests; what is unknown stays unknown.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from podium.model.attempt import Attempt, Change
from podium.model.decision import Act
from podium.model.evidence import CheckResult
from podium.model.ids import AttemptId, ChangeId
from podium.model.review import Answer
from podium.outcomes.figures import Quantiles, Share, Sum, quantiles, total
from podium.outcomes.history import History

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Group:
    """The work of one agent, or on one kind of task. `first_pass` as in `Report`."""

    name: str
    attempts: int
    landed: int
    sent_back: int
    first_pass: Share
    agent_s: float
    cost_usd: Sum


@dataclass(frozen=True, slots=True)
class Report:
    """The outcomes so far. `landed` and `sent_back` count changes, `refused` tasks and submitted changes.

    `first_pass` is the share of landed tasks whose first attempt landed. `time_to_land_s` runs from when the task was
    first known, `wait_for_people_s` from when a person was asked to when one answered. `gate_s` counts every check that
    ran once, whatever it was for; `gate_runs_reused` are gates answered by what was known of the very same tree.
    """

    landed: int
    sent_back: int
    refused: int
    attempts: int
    first_pass: Share
    time_to_land_s: Quantiles
    wait_for_people_s: Quantiles
    gate_s: float
    gate_runs: int
    gate_runs_reused: int
    agent_s: float
    cost_usd: Sum
    by_agent: tuple[Group, ...]
    by_kind: tuple[Group, ...]

    @property
    def gate_s_per_landed(self) -> float | None:
        return self.gate_s / self.landed if self.landed else None

    @property
    def gate_runs_per_landed(self) -> float | None:
        return self.gate_runs / self.landed if self.landed else None

    @property
    def cost_usd_per_landed(self) -> float | None:
        """All attempts' cost, failed ones too, per landed change; None while any attempt's cost is unknown."""
        return self.cost_usd.per(self.landed)


def report(history: History) -> Report:
    """The outcomes of all of `history`."""
    facts = _Indexed(history)
    ran = [evidence for evidence in history.evidence if not evidence.reused]
    return Report(
        landed=len(facts.landed),
        sent_back=len(facts.sent_back),
        refused=len(facts.refused()),
        attempts=len(history.attempts),
        first_pass=_first_pass(facts, facts.landed.values()),
        time_to_land_s=quantiles(facts.times_to_land()),
        wait_for_people_s=quantiles(facts.waits_for_people()),
        gate_s=_seconds_run(result for evidence in history.evidence for result in evidence.results),
        gate_runs=len(ran),
        gate_runs_reused=len(history.evidence) - len(ran),
        agent_s=sum(end.duration_s for end in history.ends),
        cost_usd=total(end.cost_usd for end in history.ends),
        by_agent=_groups(facts, lambda attempt: attempt.agent),
        by_kind=_groups(facts, facts.kind_of),
    )


def to_json(report: Report) -> dict[str, Any]:
    """The report as JSON values: `schema` 1, the fields of `Report` by name, what is unknown as null.

    A share is {hits, n, value, low, high} with Wilson's 95 % interval, quantiles are {p50, p85, n}, a cost is
    {total, of_known, known, n}, a group has its own fields.
    """
    return {
        "schema": SCHEMA,
        "landed": report.landed,
        "sent_back": report.sent_back,
        "refused": report.refused,
        "attempts": report.attempts,
        "first_pass": _share(report.first_pass),
        "time_to_land_s": _quantiles(report.time_to_land_s),
        "wait_for_people_s": _quantiles(report.wait_for_people_s),
        "gate_s": report.gate_s,
        "gate_s_per_landed": report.gate_s_per_landed,
        "gate_runs": report.gate_runs,
        "gate_runs_per_landed": report.gate_runs_per_landed,
        "gate_runs_reused": report.gate_runs_reused,
        "agent_s": report.agent_s,
        "cost_usd": _sum(report.cost_usd),
        "cost_usd_per_landed": report.cost_usd_per_landed,
        "by_agent": [_group(group) for group in report.by_agent],
        "by_kind": [_group(group) for group in report.by_kind],
    }


class _Indexed:
    """A history, each question about it answered in one place."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.changes: Mapping[ChangeId, Change] = {change.id: change for change in history.changes}
        self.attempts: Mapping[AttemptId, Attempt] = {attempt.id: attempt for attempt in history.attempts}
        self.landed_at = {member: landing.at for landing in history.landings for member in landing.members}
        self.landed = {name: self.changes[name] for name in self.landed_at if name in self.changes}
        self.sent_back = {decision.subject for decision in history.decisions if decision.act is Act.SEND_BACK}

    def refused(self) -> set[str]:
        """What was given up or rejected, and has not landed by another attempt since."""
        given_up = {decision.subject for decision in self.history.decisions if decision.act is Act.GIVE_UP}
        rejected = {
            self._owner(review.change) for review in self.history.reviews if review.answer is Answer.REJECT
        }
        return (given_up | rejected) - {self._owner(name) for name in self.landed}

    def times_to_land(self) -> Iterable[float]:
        known = self.history.known_since
        tasks = ((name, change.task) for name, change in self.landed.items() if change.task in known)
        return (self.landed_at[name] - known[task] for name, task in tasks if task)

    def waits_for_people(self) -> Iterable[float]:
        asks = [decision for decision in self.history.decisions if decision.act is Act.ASK]
        asked = {decision.subject: decision.at for decision in asks}
        return (review.at - asked[review.change] for review in self.history.reviews if review.change in asked)

    def _owner(self, name: ChangeId) -> str:
        change = self.changes.get(name)
        return change.task or name if change else name

    def attempt_of(self, change: Change) -> Attempt | None:
        return self.attempts.get(change.attempt) if change.attempt else None

    def kind_of(self, attempt: Attempt) -> str:
        task = self.history.tasks.get(attempt.task)
        return task.kind.value if task else "unknown"


def _groups(facts: _Indexed, name_of: Callable[[Attempt], str]) -> tuple[Group, ...]:
    """One group for each name; what was submitted from elsewhere has no attempt and is in none."""
    names = sorted({name_of(attempt) for attempt in facts.history.attempts})
    members: dict[str, set[AttemptId]] = {name: set() for name in names}
    for attempt in facts.history.attempts:
        members[name_of(attempt)].add(attempt.id)
    return tuple(_group_of(facts, name, members[name]) for name in names)


def _group_of(facts: _Indexed, name: str, attempts: set[AttemptId]) -> Group:
    changes = [change for change in facts.changes.values() if change.attempt in attempts]
    ends = [end for end in facts.history.ends if end.attempt in attempts]
    landed = [change for change in changes if change.id in facts.landed]
    return Group(
        name=name,
        attempts=len(attempts),
        landed=len(landed),
        sent_back=sum(1 for change in changes if change.id in facts.sent_back),
        first_pass=_first_pass(facts, landed),
        agent_s=sum(end.duration_s for end in ends),
        cost_usd=total(end.cost_usd for end in ends),
    )


def _first_pass(facts: _Indexed, landed: Iterable[Change]) -> Share:
    numbers = [attempt.number for change in landed if (attempt := facts.attempt_of(change))]
    return Share(numbers.count(1), len(numbers))


def _seconds_run(results: Iterable[CheckResult]) -> float:
    """Each run of a check counts once, however many gates made use of it."""
    return sum({(result.tree, result.digest, result.at): result.duration_s for result in results}.values())


def _share(share: Share) -> dict[str, Any]:
    low, high = share.interval or (None, None)
    return {"hits": share.hits, "n": share.n, "value": share.value, "low": low, "high": high}


def _quantiles(found: Quantiles) -> dict[str, Any]:
    return {"p50": found.p50, "p85": found.p85, "n": found.n}


def _sum(found: Sum) -> dict[str, Any]:
    return {"total": found.total, "of_known": found.of_known, "known": found.known, "n": found.n}


def _group(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "attempts": group.attempts,
        "landed": group.landed,
        "sent_back": group.sent_back,
        "first_pass": _share(group.first_pass),
        "agent_s": group.agent_s,
        "cost_usd": _sum(group.cost_usd),
    }
