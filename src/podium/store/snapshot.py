"""Rows to values: the snapshot that decisions are made from."""

import json
from collections.abc import Iterable
from math import inf
from typing import Any

from sqlalchemy import (
    Connection,
    Float,
    Integer,
    Select,
    bindparam,
    case,
    cast,
    exists,
    func,
    select,
    union,
)

from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.checking import Judgment
from podium.model.decision import Act, Decision, Failure
from podium.model.event import Event
from podium.model.evidence import Finding
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha, TaskId
from podium.model.past import Past, Spell
from podium.model.queue import REUSE, Candidate, Footprint, Landing
from podium.model.review import Answer, Order, Review, Wish
from podium.model.task import Task
from podium.model.usage import Spending
from podium.model.verdict import Verdict
from podium.store.codec import Value, decode
from podium.store.tables import (
    attempt_ends,
    attempts,
    candidate_members,
    candidates,
    changes,
    decisions,
    evidence,
    failures,
    impacts,
    judgments,
    landed_changes,
    landings,
    orders,
    reviews,
    tasks,
)

_landed_tasks = select(landed_changes.c.task).where(landed_changes.c.task.is_not(None))
_landed_changes = select(landed_changes.c.change)
_returns = decisions.alias("returns")
_rejected = select(reviews.c.change).where(reviews.c.answer != Answer.APPROVE)
_live_changes = select(changes.c.id).where(
    changes.c.id.not_in(_landed_changes),
    changes.c.task.is_(None) | changes.c.task.not_in(_landed_tasks),
    ~exists().where(_returns.c.subject == changes.c.id, _returns.c.act == Act.SEND_BACK),
    changes.c.id.not_in(_rejected),
)
live_candidates = select(candidate_members.c.candidate).where(candidate_members.c.change.in_(_live_changes))
"""The candidates of which a member is still to be integrated."""
_landing = select(decisions.c.subject).where(
    decisions.c.act == Act.LAND, decisions.c.subject.not_in(select(landings.c.candidate))
)
_COMPOSED = 64
"""So many of the landings on evidence that was put together are watched: the full gate of their tips may end late."""
_DAY_S = 24 * 60 * 60
_MINUTE_S = 60
_ends = attempt_ends.c
_used = (
    func.count().label("attempts"),
    func.coalesce(func.sum(_ends.tokens), 0).label("tokens"),
    func.coalesce(func.sum(_ends.cost_usd), 0.0).label("cost_usd"),
    func.sum(_ends.minutes).label("minutes"),
    func.sum(case((_ends.cost_usd.is_(None) & (_ends.minutes > 0), 1), else_=0)).label("unknown"),
)
"""As `model.past.spending` says it of one attempt."""
_past = (
    select(_ends.spec, _ends.agent, _ends.kind, *_used, func.count(landed_changes.c.change).label("landed"),
           func.sum(case((_ends.end == End.CANCELLED, 0), else_=1)).label("tried"))
    .join(landed_changes, landed_changes.c.change == _ends.attempt, isouter=True)
    .where(_ends.task.in_(_landed_tasks))
    .group_by(_ends.spec, _ends.agent, _ends.kind)
    .order_by(_ends.spec, _ends.agent, _ends.kind)
)  # fmt: skip
_latest = func.max(_ends.at).label("latest")
_recent = (
    select(_latest, *_used)
    .where(_ends.at > bindparam("day_ago", type_=Float))
    .group_by(cast(_ends.at / _MINUTE_S, Integer))
    .order_by(_latest)
)


def facts(connection: Connection, tip: Sha, *, checkout: str, now: float) -> Facts:
    """Everything about tasks and changes that have not landed, about candidates of theirs or on the present tip, and of late landings."""

    def rows(wanted: Select[Any], **values: float) -> Iterable[Any]:
        return connection.execute(wanted, values)

    open_changes = select(changes.c.body).where(
        changes.c.id.not_in(_landed_changes), _not_landed(changes.c.task)
    )
    open_attempts = select(attempts.c.id).where(attempts.c.task.not_in(_landed_tasks))
    open_tasks = (
        select(tasks.c.body).where(tasks.c.id.not_in(_landed_tasks)).order_by(tasks.c.spec, tasks.c.ordinal)
    )
    landed = list(_values(Landing, rows(_late_landings(tip))))
    since = min((landing.at for landing in landed), default=None)
    return Facts(
        tip=tip,
        checkout=checkout,
        tasks={task.id: task for task in _values(Task, rows(open_tasks))},
        landed_tasks=frozenset(TaskId(row.task) for row in rows(_landed_tasks)),
        attempts=tuple(_values(Attempt, rows(select(attempts.c.body).where(attempts.c.task.not_in(_landed_tasks))))),
        ends={end.attempt: end for end in _values(AttemptEnd, rows(select(attempt_ends.c.body).where(attempt_ends.c.attempt.in_(open_attempts))))},
        changes={change.id: change for change in _values(Change, rows(open_changes))},
        findings={row.id: finding(row) for row in rows(select(evidence.c.id, evidence.c.verdict, evidence.c.because, evidence.c.at, evidence.c.signature, evidence.c.summary).where(_in_scope(evidence, tip) | evidence.c.subject.in_(live_candidates)))},
        decisions={row.key: decision(row) for row in rows(_taken(decisions, tip))},
        judgments={found.change: found for found in _values(Judgment, rows(select(judgments.c.body).where(judgments.c.change.in_(_ids(open_changes)))))},
        reviews={ChangeId(row.change): review(row) for row in rows(select(reviews).where(reviews.c.change.in_(_ids(open_changes))))},
        orders=tuple(order(row) for row in rows(select(orders).where(orders.c.subject.not_in(_landed_tasks), orders.c.subject.not_in(_landed_changes)))),
        candidates={CandidateId(found.id): found for found in _values(Candidate, rows(select(candidates.c.body).where((candidates.c.onto == tip) | candidates.c.id.in_(live_candidates) | candidates.c.id.in_(_landing))))},
        landings=tuple(landed),
        footprints=tuple(_values(Footprint, rows(_footprints(since)))),
        failures=tuple(failure(row) for row in rows(_taken(failures, tip))),
        past=tuple(Past(row.spec, row.agent, row.kind, row.tried, row.landed, spent(row)) for row in rows(_past)),
        recent=tuple(Spell(row.latest, spent(row)) for row in rows(_recent, day_ago=now - _DAY_S)),
    )  # fmt: skip


def spent(row: Any) -> Spending:
    return Spending(row.attempts, row.tokens, row.cost_usd, row.minutes, row.unknown)


def finding(row: Any) -> Finding:
    summary = json.loads(row.summary)
    return Finding(
        Verdict(row.verdict), row.because, row.at, row.signature,
        summary.get("grade", ""), tuple(summary.get("advice", ())), tuple(summary.get("checks", ())),
        tuple(summary.get("failing", ())), summary.get("blind", False), summary.get("complete", False), summary.get("took_s", 0.0),
    )  # fmt: skip


def decision(row: Any) -> Decision:
    return Decision(
        Act(row.act), row.subject, row.because, row.at, row.scope, row.round, json.loads(row.data)
    )


def failure(row: Any) -> Failure:
    return Failure(Act(row.act), row.subject, row.round, row.because, row.at, row.scope)


def review(row: Any) -> Review:
    return Review(ChangeId(row.change), Answer(row.answer), row.reason, row.by, row.at)


def order(row: Any) -> Order:
    return Order(row.subject, Wish(row.wish), row.reason, row.by, row.at)


def event(row: Any) -> Event:
    return Event(row.kind, row.subject, row.text, row.at, json.loads(row.data), row.seq)


def _values(kind: type[Value], rows: Iterable[Any]) -> Iterable[Value]:
    return (decode(kind, row.body) for row in rows)


def _ids(open_changes: Select[Any]) -> Select[Any]:
    return open_changes.with_only_columns(changes.c.id)


def _not_landed(column: Any) -> Any:
    return column.is_(None) | column.not_in(_landed_tasks)


def _taken(table: Any, tip: Sha) -> Select[Any]:
    """Decisions (or their failures): about landings those not on record yet, whatever their tip, else those in scope.

    Between the move of the branch and its record, a landing is about no tip that is there.
    """
    about_landing = table.c.act == Act.LAND
    unrecorded = table.c.subject.not_in(select(landings.c.candidate))
    about_candidate = (table.c.act == Act.WEAVE) & table.c.subject.in_(live_candidates)
    return select(table).where(
        (about_landing & unrecorded) | (~about_landing & _in_scope(table, tip)) | about_candidate
    )


def _in_scope(table: Any, tip: Sha) -> Any:
    """Whether a row is about an open task or change, or about the queue and there about the present tip.

    A tip is a commit id, a task has a slash, a submitted change a colon: the three kinds of scope never collide.
    """
    scope = table.c.scope
    about_work = scope.contains("/") | scope.contains(":")
    lasting = (scope == tip) | (scope == REUSE) | scope.in_(_composed())
    return lasting | (about_work & scope.not_in(_landed_tasks) & scope.not_in(_landed_changes))


def _late_landings(tip: Sha) -> Select[Any]:
    """Those since the oldest commit that something open was gated on, that of the tip, and the composed ones of late."""
    weaves = (decisions.c.act == Act.WEAVE) & decisions.c.subject.in_(live_candidates)
    grounds = union(
        select(decisions.c.scope.label("onto")).where(weaves),
        select(impacts.c.onto).where(impacts.c.change.in_(_live_changes)),
    ).subquery()
    onto = select(grounds.c.onto)
    oldest = select(func.min(landings.c.at)).where(landings.c.previous.in_(onto))
    late = (landings.c.at >= oldest.scalar_subquery()) | (landings.c.commit == tip)
    return select(landings.c.body).where(late | landings.c.commit.in_(_composed())).order_by(landings.c.at)


def _footprints(since: float | None) -> Select[Any]:
    """Those of open changes, and of what landed from a moment on."""
    late = select(landed_changes.c.change).where(landed_changes.c.at >= (inf if since is None else since))
    wanted = impacts.c.change.in_(_live_changes) | impacts.c.change.in_(late)
    return select(impacts.c.body).where(wanted).order_by(impacts.c.at, impacts.c.change)


def _composed() -> Select[Any]:
    """The latest tips that landed on evidence that was put together."""
    latest = select(landings.c.commit).where(landings.c.composed).order_by(landings.c.at.desc())
    return select(latest.limit(_COMPOSED).subquery().c.commit)
