"""Facts as rows: which table each kind of fact goes to, and the line it adds to the history.

`write` is idempotent: a fact that is already there changes nothing and adds no event.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from podium.base.digest import canonical
from podium.base.text import clean_line
from podium.model.attempt import Attempt, AttemptEnd, Change
from podium.model.checking import Judgment
from podium.model.decision import Act, Decision, Failure
from podium.model.event import Event
from podium.model.evidence import CheckResult, Evidence, Finding
from podium.model.grant import Grant, Quarantine
from podium.model.past import spec_of, spending, task_of
from podium.model.queue import Candidate, Footprint
from podium.model.review import Order, Review
from podium.store import tables
from podium.store.codec import encode

Fact = (
    Attempt
    | AttemptEnd
    | Change
    | CheckResult
    | Evidence
    | Judgment
    | Decision
    | Failure
    | Review
    | Order
    | Candidate
    | Footprint
    | Grant
    | Quarantine
)
Row = Mapping[str, Any]


def write(connection: Connection, fact: Fact, *, scope: str = "") -> bool:
    """Write a fact and its event. False when it was there already. `scope` is that of the decision behind evidence."""
    table, row, event = _RECORDERS[type(fact)](fact)
    if not insert_once(connection, table, {**row, "scope": scope} if isinstance(fact, Evidence) else row):
        return False
    if isinstance(fact, Decision) and fact.act is Act.WEAVE:
        for change in dict.fromkeys(fact.data.get("members", ())):
            insert_once(connection, tables.candidate_members, {"candidate": fact.subject, "change": change})
    if event:
        append(connection, event)
    return True


def insert_once(connection: Connection, table: Table, row: Row) -> bool:
    """Insert a row unless one with its key is there. True when it was inserted."""
    make = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    return connection.execute(make(table).values(**row).on_conflict_do_nothing()).rowcount == 1


def append(connection: Connection, event: Event) -> None:
    connection.execute(
        insert(tables.events).values(
            at=event.at, kind=event.kind, subject=event.subject, text=event.text, data=canonical(event.data)
        )
    )


def _attempt(fact: Attempt) -> tuple[Table, Row, Event | None]:
    row = {"id": fact.id, "task": fact.task, "number": fact.number, "agent": fact.agent, "because": fact.because,
           "at": fact.at, "body": encode(fact)}  # fmt: skip
    return tables.attempts, row, Event("attempt.started", fact.task, f"attempt {fact.number} by {fact.agent}: {fact.because}", fact.at,
                                       {"attempt": fact.id, "agent": fact.agent})  # fmt: skip


def _attempt_end(fact: AttemptEnd) -> tuple[Table, Row, Event | None]:
    task = task_of(fact.attempt)
    agent = select(tables.attempts.c.agent).where(tables.attempts.c.id == fact.attempt).scalar_subquery()
    kind = select(tables.tasks.c.kind).where(tables.tasks.c.id == task).scalar_subquery()
    row = {
        "attempt": fact.attempt,
        "task": task,
        "spec": spec_of(task),
        "agent": func.coalesce(agent, ""),
        "kind": func.coalesce(kind, ""),
        "end": fact.end,
        "because": fact.because,
        "at": fact.at,
        "tokens": fact.usage.tokens,
        "cost_usd": fact.usage.cost_usd,
        "minutes": spending(fact).minutes,
        "body": encode(fact),
    }
    text = f"{fact.attempt.rpartition('@')[2]} {fact.end}: {fact.because}"
    return tables.attempt_ends, row, Event("attempt.ended", task, f"attempt {text}", fact.at,
                                           {"attempt": fact.attempt, "end": fact.end, "duration_s": fact.duration_s})  # fmt: skip


def _change(fact: Change) -> tuple[Table, Row, Event | None]:
    row = {
        "id": fact.id,
        "task": fact.task,
        "attempt": fact.attempt,
        "title": fact.title,
        "at": fact.at,
        "body": encode(fact),
    }
    text = f"{len(fact.files)} files, +{fact.added} -{fact.deleted}"
    return (
        tables.changes,
        row,
        Event("change.imported", fact.task or fact.id, text, fact.at, {"change": fact.id, "head": fact.head}),
    )


def _check_result(fact: CheckResult) -> tuple[Table, Row, Event | None]:
    row = {
        "tree": fact.tree,
        "digest": fact.digest,
        "at": fact.at,
        "verdict": fact.verdict,
        "body": encode(fact),
    }
    return tables.check_results, row, None


def _evidence(fact: Evidence) -> tuple[Table, Row, Event | None]:
    row = {"id": fact.id, "subject": fact.subject, "tree": fact.tree, "gate_digest": fact.gate_digest, "verdict": fact.verdict,
           "because": fact.because(), "signature": fact.signature,
           "summary": _summary(fact.finding()), "at": fact.at, "body": encode(fact)}  # fmt: skip
    how = " (evidence reused)" if fact.reused else ""
    return tables.evidence, row, Event("gate.ended", _owner(fact.subject), f"{fact.verdict}{how}: {fact.because()}", fact.at,
                                       {"evidence": fact.id, "verdict": fact.verdict, "duration_s": fact.duration_s,
                                        "reused": fact.reused})  # fmt: skip


def _summary(finding: Finding) -> str:
    told: dict[str, Any] = {
        "grade": finding.grade,
        "advice": list(finding.advice),
        "checks": list(finding.checks),
        "took_s": finding.took_s,
    }
    if finding.failing or finding.blind:
        told |= {
            "failing": list(finding.failing),
            "blind": finding.blind,
            "complete": finding.complete,
        }
    return canonical(told)


def _decision(fact: Decision) -> tuple[Table, Row, Event | None]:
    row = {"key": fact.key, "act": fact.act, "subject": fact.subject, "scope": fact.scope, "round": fact.round,
           "because": fact.because, "at": fact.at, "data": canonical(fact.data)}  # fmt: skip
    return (
        tables.decisions,
        row,
        Event(f"decided.{fact.act}", _owner(fact.subject), fact.because, fact.at, {"subject": fact.subject}),
    )


def _failure(fact: Failure) -> tuple[Table, Row, Event | None]:
    row = {
        "act": fact.act,
        "subject": fact.subject,
        "round": fact.round,
        "scope": fact.scope,
        "because": fact.because,
        "at": fact.at,
    }
    return (
        tables.failures,
        row,
        Event(f"failed.{fact.act}", _owner(fact.subject), fact.because, fact.at, {"subject": fact.subject}),
    )


def _judgment(fact: Judgment) -> tuple[Table, Row, Event | None]:
    row = {
        "change": fact.change,
        "by": fact.by,
        "word": fact.word,
        "because": fact.because,
        "at": fact.at,
        "body": encode(fact),
    }
    text = f"{fact.by}: {fact.word}: {clean_line(fact.because)}"
    return tables.judgments, row, Event("judged", _owner(fact.change), text, fact.at,
                                        {"change": fact.change, "by": fact.by, "verdict": fact.word})  # fmt: skip


def _review(fact: Review) -> tuple[Table, Row, Event | None]:
    row = {"change": fact.change, "answer": fact.answer, "reason": fact.reason, "by": fact.by, "at": fact.at}
    return (
        tables.reviews,
        row,
        Event(f"review.{fact.answer}", _owner(fact.change), fact.reason, fact.at, {"by": fact.by}),
    )


def _order(fact: Order) -> tuple[Table, Row, Event | None]:
    row = {"subject": fact.subject, "wish": fact.wish, "reason": fact.reason, "by": fact.by, "at": fact.at}
    return (
        tables.orders,
        row,
        Event(f"ordered.{fact.wish}", _owner(fact.subject), fact.reason, fact.at, {"by": fact.by}),
    )


def _candidate(fact: Candidate) -> tuple[Table, Row, Event | None]:
    row = {"id": fact.id, "onto": fact.onto, "at": fact.at, "body": encode(fact)}
    text = f"{', '.join(fact.members)} onto {fact.onto[:10]}"
    if fact.conflicts:
        text += f"; left out as conflicting: {', '.join(conflict.change for conflict in fact.conflicts)}"
    return (
        tables.candidates,
        row,
        Event("candidate.built", fact.id, text, fact.at, {"members": list(fact.members)}),
    )


def _footprint(fact: Footprint) -> tuple[Table, Row, Event | None]:
    row = {
        "change": fact.change,
        "evidence": fact.evidence,
        "onto": fact.onto,
        "at": fact.at,
        "body": encode(fact),
    }
    return tables.impacts, row, None


def _grant(fact: Grant) -> tuple[Table, Row, Event | None]:
    return tables.grants, {"subject": fact.subject, "at": fact.at, "body": encode(fact)}, None


def _quarantine(fact: Quarantine) -> tuple[Table, Row, Event | None]:
    row = {"check": fact.check, "test": fact.test, "at": fact.at, "until": fact.until, "body": encode(fact)}
    return tables.quarantines, row, None


def _owner(subject: str) -> str:
    """The task or change a person would look under: an attempt's task, else the subject itself."""
    task, mark, number = subject.rpartition("@")
    return task if mark and number.isdigit() and "/" in task else subject


_RECORDERS: Mapping[type, Callable[[Any], tuple[Table, Row, Event | None]]] = {
    Attempt: _attempt,
    AttemptEnd: _attempt_end,
    Change: _change,
    CheckResult: _check_result,
    Evidence: _evidence,
    Judgment: _judgment,
    Decision: _decision,
    Failure: _failure,
    Review: _review,
    Order: _order,
    Candidate: _candidate,
    Footprint: _footprint,
    Grant: _grant,
    Quarantine: _quarantine,
}
