"""Rows to values: the snapshot that decisions are made from."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import inf
from typing import Any, cast

from sqlalchemy import Connection, Select

from podium.model.attempt import Attempt, AttemptEnd, Change
from podium.model.checking import Judgment
from podium.model.decision import Act, Decision, Failure
from podium.model.event import Event
from podium.model.evidence import Finding
from podium.model.facts import Facts
from podium.model.ids import CandidateId, ChangeId, Sha, TaskId
from podium.model.past import Past, Spell
from podium.model.queue import Candidate, Footprint, Landing
from podium.model.review import Answer, Order, Review, Wish
from podium.model.task import Task
from podium.model.usage import Spending
from podium.model.verdict import Verdict
from podium.store import queries
from podium.store.codec import Value, decode

_DAY_S = 24 * 60 * 60


def facts(connection: Connection, tip: Sha, *, checkout: str, now: float) -> Facts:
    """Everything about tasks and changes that have not landed, about candidates of theirs or on the present tip, and of late landings."""

    def rows(wanted: Select[Any], **values: float) -> Sequence[Any]:
        return connection.execute(wanted, {"tip": tip, **values}).all()

    landed = list(_values(Landing, rows(queries.late_landings)))
    since = min((landing.at for landing in landed), default=inf)
    return Facts(
        tip=tip,
        checkout=checkout,
        tasks={task.id: task for task in _values(Task, rows(queries.open_tasks))},
        landed_tasks=frozenset(TaskId(row.task) for row in rows(queries.landed_tasks)),
        attempts=tuple(_values(Attempt, rows(queries.open_attempts))),
        ends={end.attempt: end for end in _values(AttemptEnd, rows(queries.open_ends))},
        changes={change.id: change for change in _values(Change, rows(queries.open_changes))},
        findings={row.id: finding(row) for row in rows(queries.open_evidence)},
        decisions={row.key: decision(row) for row in rows(queries.open_decisions)},
        judgments={found.change: found for found in _values(Judgment, rows(queries.open_judgments))},
        reviews={ChangeId(row.change): review(row) for row in rows(queries.open_reviews)},
        orders=tuple(order(row) for row in rows(queries.open_orders)),
        candidates={CandidateId(found.id): found for found in _values(Candidate, rows(queries.open_candidates))},
        landings=tuple(landed),
        footprints=tuple(_values(Footprint, rows(queries.footprints, since=since))),
        failures=tuple(failure(row) for row in rows(queries.open_failures)),
        past=tuple(Past(row.spec, row.agent, row.kind, row.tried, row.landed, spent(row)) for row in rows(queries.past)),
        recent=tuple(Spell(row.latest, spent(row)) for row in rows(queries.recent, day_ago=now - _DAY_S)),
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
    return (cast("Value", _value(cast("Any", kind), row.body)) for row in rows)


@lru_cache(maxsize=20_000)
def _value(kind: Any, body: str) -> Any:
    """The same rows are read again and again; none of these values can change."""
    return decode(kind, body)
