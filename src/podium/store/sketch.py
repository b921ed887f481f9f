"""The facts that a look at how things stand needs, read from key columns alone: fast, and without SQLAlchemy.

A sketch gives every task and change the same progress as the whole snapshot does (a test compares them); briefs, outputs
and files are left out, and so is everything that only a decision needs. It never writes.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podium.base.errors import Unavailable
from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.checking import Judgment, Word
from podium.model.decision import Act, Decision, Failure
from podium.model.evidence import Finding
from podium.model.facts import Facts
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId, Tree
from podium.model.queue import Candidate
from podium.model.review import Answer, Order, Review, Wish
from podium.model.task import Kind, Task
from podium.model.verdict import Verdict

# ruff: noqa: S608 - the texts are put together from constants of this file alone
_OPEN = "{0} NOT IN (SELECT task FROM landed_changes WHERE task IS NOT NULL)"
_ABOUT_NOW = (
    "(scope = :tip OR (scope LIKE '%/%' OR scope LIKE '%:%') AND " + _OPEN.format("scope")
    + " AND scope NOT IN (SELECT change FROM landed_changes))"
)  # fmt: skip
_TASKS = f'SELECT id, spec, title, "after", done FROM tasks WHERE {_OPEN.format("id")} ORDER BY spec, ordinal'
_LANDED = "SELECT task FROM landed_changes WHERE task IS NOT NULL"
_ATTEMPTS = f"SELECT id, task, number, agent, at FROM attempts WHERE {_OPEN.format('task')}"
_ENDS = (
    'SELECT attempt, "end", because, at FROM attempt_ends'
    f" WHERE attempt IN (SELECT id FROM attempts WHERE {_OPEN.format('task')})"
)
_CHANGES = (
    f"SELECT id, task, attempt, title, at FROM changes WHERE (task IS NULL OR {_OPEN.format('task')})"
    " AND id NOT IN (SELECT change FROM landed_changes)"
)
_LIVE = (
    "(SELECT candidate FROM candidate_members WHERE change IN (SELECT id FROM changes WHERE id NOT IN (SELECT change FROM landed_changes)"
    f" AND (task IS NULL OR {_OPEN.format('task')}) AND NOT EXISTS (SELECT 1 FROM decisions AS returns WHERE returns.subject = changes.id AND returns.act = 'send-back')"
    " AND id NOT IN (SELECT change FROM reviews WHERE answer != 'approve')))"
)
"""The candidates of which a member is still to be integrated; `_NONE` in a database that does not know who is in one."""
_NONE = "('')"
_FINDINGS = f"SELECT id, verdict, because, at FROM evidence WHERE {_ABOUT_NOW} OR subject IN {_LIVE}"
_UNRECORDED = "act = 'land' AND subject NOT IN (SELECT candidate FROM landings)"
_DECISIONS = (
    "SELECT key, act, subject, because, at, scope, round, CASE WHEN act IN ('weave', 'land', 'check') THEN data END FROM decisions"
    f" WHERE {_UNRECORDED} OR act NOT IN ('attempt', 'land') AND {_ABOUT_NOW} OR act = 'weave' AND subject IN {_LIVE}"
)
_HAS_JUDGMENTS = "SELECT 1 FROM sqlite_master WHERE name = 'judgments'"
_JUDGMENTS = 'SELECT change, "by", word, because, at FROM judgments WHERE change NOT IN (SELECT change FROM landed_changes)'
_REVIEWS = 'SELECT change, answer, reason, "by", at FROM reviews WHERE change NOT IN (SELECT change FROM landed_changes)'
_ORDERS = f'SELECT subject, wish, reason, "by", at FROM orders WHERE {_OPEN.format("subject")}'
_CANDIDATES = f"SELECT id, onto, at, body FROM candidates WHERE onto = :tip OR id IN {_LIVE}"
_FAILURES = (
    "SELECT act, subject, round, because, at, scope FROM failures"
    f" WHERE {_UNRECORDED} OR act != 'land' AND {_ABOUT_NOW} OR act = 'weave' AND subject IN {_LIVE}"
)
_KNOWS_MEMBERS = "SELECT 1 FROM sqlite_master WHERE name = 'candidate_members'"
_NOTES = "SELECT key, value FROM notes WHERE key IN ('held', 'trouble')"


@dataclass(frozen=True, slots=True)
class Sketch:
    """`held` says for tasks that are ready why they do not start; `trouble` why nothing does."""

    facts: Facts
    held: dict[str, str]
    trouble: str


def sketch(database: Path, tip: Sha, checkout: str) -> Sketch | None:
    """How things stand at one moment; None where nothing has been recorded yet.

    Raises:
        Unavailable: the file is not a database, or cannot be read.
    """
    if not database.is_file():
        return None
    with _reading(database) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        connection.execute("BEGIN")
        notes = dict(connection.execute(_NOTES))
        facts = _facts(connection, tip, checkout)
    return Sketch(facts, json.loads(notes.get("held") or "{}"), notes.get("trouble", ""))


@contextmanager
def _reading(database: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
            yield connection
    except sqlite3.DatabaseError as error:
        raise Unavailable(f"Podium's state cannot be read: {error}", hint="podium doctor") from error


def _facts(connection: sqlite3.Connection, tip: Sha, checkout: str) -> Facts:
    members = connection.execute(_KNOWS_MEMBERS).fetchone()

    def rows(wanted: str) -> Iterator[Any]:
        asked = wanted if members else wanted.replace(_LIVE, _NONE)
        return connection.execute(asked, {"tip": tip} if ":tip" in asked else {})

    judged = connection.execute(_HAS_JUDGMENTS).fetchone()
    return Facts(
        tip=tip,
        checkout=checkout,
        tasks={row[0]: _task(*row) for row in rows(_TASKS)},
        landed_tasks=frozenset(TaskId(row[0]) for row in rows(_LANDED)),
        attempts=tuple(_attempt(*row) for row in rows(_ATTEMPTS)),
        ends={row[0]: _end(*row) for row in rows(_ENDS)},
        changes={row[0]: _change(*row) for row in rows(_CHANGES)},
        findings={row[0]: Finding(Verdict(row[1]), row[2], row[3]) for row in rows(_FINDINGS)},
        decisions={key: _decision(row) for key, *row in rows(_DECISIONS)},
        judgments={row[0]: _judgment(*row) for row in (rows(_JUDGMENTS) if judged else ())},
        reviews={row[0]: Review(row[0], Answer(row[1]), *row[2:]) for row in rows(_REVIEWS)},
        orders=tuple(Order(row[0], Wish(row[1]), *row[2:]) for row in rows(_ORDERS)),
        candidates={row[0]: _candidate(*row) for row in rows(_CANDIDATES)},
        failures=tuple(Failure(Act(row[0]), *row[1:]) for row in rows(_FAILURES)),
    )


def _task(name: str, spec: str, title: str, after: str, done: int) -> Task:
    names = tuple(TaskId(one) for one in after.split("\n")) if after else ()
    return Task(TaskId(name), spec, title, Kind.CHORE, after=names, done=bool(done))


def _attempt(name: str, task: str, number: int, agent: str, at: float) -> Attempt:
    return Attempt(AttemptId(name), TaskId(task), number, agent, Sha(""), "", at)


def _end(attempt: str, end: str, because: str, at: float) -> AttemptEnd:
    return AttemptEnd(AttemptId(attempt), End(end), because, at, 0.0)


def _change(name: str, task: str | None, attempt: str | None, title: str, at: float) -> Change:
    owner, made_by = TaskId(task) if task else None, AttemptId(attempt) if attempt else None
    return Change(ChangeId(name), owner, made_by, Sha(""), Sha(""), Tree(""), (), 0, 0, title, "", at)


def _judgment(change: str, by: str, word: str, because: str, at: float) -> Judgment:
    return Judgment(ChangeId(change), by, Word(word), because, at)


def _decision(row: Sequence[Any]) -> Decision:
    act, subject, because, at, scope, number, data = row
    return Decision(Act(act), subject, because, at, scope, number, json.loads(data) if data else {})


def _candidate(name: str, onto: str, at: float, body: str) -> Candidate:
    found = json.loads(body)
    members = tuple(ChangeId(one) for one in found["members"])
    return Candidate(CandidateId(name), Sha(onto), members, found["commit"], found["tree"], (), at)
