"""The store: facts in, snapshots and single facts out.

`Store.facts` is the one input of every decision; everything it leaves out belongs to tasks that have landed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from podium.base.digest import canonical
from podium.model.attempt import Attempt, AttemptEnd, Change
from podium.model.checking import Judgment
from podium.model.decision import Act, Decision
from podium.model.event import Event
from podium.model.evidence import GENESIS, CheckResult, Evidence
from podium.model.facts import Facts
from podium.model.grant import Grant, Quarantine
from podium.model.ids import AttemptId, CandidateId, ChangeId, Sha, TaskId, Tree
from podium.model.queue import Candidate, Footprint, Landing
from podium.model.review import ABOUT_WORK, Order, Review, Wish
from podium.model.spec import Spec
from podium.model.task import Task
from podium.store import queries, records, snapshot
from podium.store.chain import Link, chain, last
from podium.store.codec import Value, decode, encode
from podium.store.database import writing
from podium.store.records import Fact
from podium.store.tables import (
    attempt_ends,
    attempts,
    candidates,
    changes,
    check_results,
    decisions,
    envelopes,
    events,
    evidence,
    grants,
    impacts,
    judgments,
    landed_changes,
    landings,
    notes,
    orders,
    quarantines,
    reviews,
    specs,
    tasks,
)


class Transaction:
    """What can be done inside one writing transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def write(self, fact: Fact, *, scope: str = "") -> bool:
        """Write a fact; False when it was there already."""
        return records.write(self.connection, fact, scope=scope)

    def append(self, event: Event) -> None:
        records.append(self.connection, event)

    def chain(
        self, evidence: str, *, make: Callable[[int, str], str], at: float, after: Link = (0, GENESIS)
    ) -> bool:
        """Append signed evidence to the chain, once; `make` is told its number and the digest of what it follows.

        A chain that has not begun here goes on `after` a link that was kept elsewhere.
        """
        return chain(self.connection, evidence, make=make, at=at, after=after)

    def facts(self, tip: Sha, checkout: str, *, now: float) -> Facts:
        return snapshot.facts(self.connection, tip, checkout=checkout, now=now)

    def define(self, spec: Spec, *, at: float) -> tuple[TaskId, ...]:
        """Take in a spec: its tasks as they are now wanted. Returns the ids of those that are new or changed.

        A task that is no longer in it is dropped, unless somebody has begun it.
        """
        row = {"id": spec.id, "digest": spec.digest, "path": spec.path, "at": at, "body": encode(spec)}
        if not records.insert_once(self.connection, specs, row):
            again = update(specs).where(specs.c.id == spec.id, specs.c.digest == spec.digest)
            self.connection.execute(again.values(at=at))
        known = {row.id: row for row in self.connection.execute(select(tasks).where(tasks.c.spec == spec.id))}
        self._drop([name for name in known if name not in {task.id for task in spec.tasks}], at)
        changed = [
            task.id
            for number, task in enumerate(spec.tasks)
            if self._define_task(task, number, at, known.get(task.id))
        ]
        return tuple(changed)

    def land(self, landing: Landing, members: Sequence[Change], record: dict[str, Any]) -> None:
        """Write a landing once, however often it is told."""
        row = {"candidate": landing.candidate, "commit": landing.commit, "previous": landing.previous, "composed": landing.composed,
               "at": landing.at, "body": encode(landing), "record": canonical(record)}  # fmt: skip
        if not records.insert_once(self.connection, landings, row):
            return
        for change in members:
            self.connection.execute(insert(landed_changes).values(
                change=change.id, candidate=landing.candidate, task=change.task, at=landing.at))  # fmt: skip
            self.append(Event("landed", change.task or change.id, f"landed as {landing.commit[:10]}", landing.at,
                              {"change": change.id, "commit": landing.commit, "candidate": landing.candidate}))  # fmt: skip

    def note(self, key: str, value: str) -> None:
        self.connection.execute(delete(notes).where(notes.c.key == key))
        self.connection.execute(insert(notes).values(key=key, value=value))

    def note_once(self, key: str, value: str) -> None:
        """Write a note unless there is one."""
        records.insert_once(self.connection, notes, {"key": key, "value": value})

    def _drop(self, names: Sequence[str], at: float) -> None:
        for name in names:
            begun = select(attempts.c.id).where(attempts.c.task == name).limit(1)
            if self.connection.execute(begun).first() is None:
                self.connection.execute(delete(tasks).where(tasks.c.id == name))
                self.append(Event("task.dropped", name, "it is no longer in its spec", at))

    def _define_task(self, task: Task, ordinal: int, at: float, known: Any) -> bool:
        body = encode(task)
        if known and known.body == body and known.ordinal == ordinal:
            return False
        row = {"id": task.id, "spec": task.spec, "ordinal": ordinal, "title": task.title, "kind": task.kind,
               "after": "\n".join(task.after), "done": task.done, "at": known.at if known else at, "body": body}  # fmt: skip
        self.connection.execute(delete(tasks).where(tasks.c.id == task.id))
        self.connection.execute(insert(tasks).values(**row))
        if known is None or _wanted(decode(Task, known.body)) != _wanted(task):
            self.append(
                Event("task.defined", task.id, task.title, at, {"before": known.body if known else None})
            )
            return True
        return False


class Store:
    """Podium's facts in one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction that is alone in writing; all of it happens or nothing."""
        with writing(self.engine) as connection:
            yield Transaction(connection)

    def facts(self, tip: Sha, checkout: str = "", *, now: float) -> Facts:
        """Everything a decision needs, at one moment."""
        with self.engine.connect() as connection:
            return snapshot.facts(connection, tip, checkout=checkout, now=now)

    def task(self, task: TaskId) -> Task | None:
        return self._body(Task, select(tasks.c.body).where(tasks.c.id == task))

    def task_ids(self) -> list[TaskId]:
        return [
            TaskId(row.id) for row in self._rows(select(tasks.c.id).order_by(tasks.c.spec, tasks.c.ordinal))
        ]

    def tasks_since(self) -> dict[TaskId, float]:
        """When each task was first known."""
        return {TaskId(row.id): row.at for row in self._rows(select(tasks.c.id, tasks.c.at))}

    def spec(self, spec_id: str) -> Spec | None:
        """The spec as it was last taken in."""
        return self._body(
            Spec, select(specs.c.body).where(specs.c.id == spec_id).order_by(specs.c.at.desc()).limit(1)
        )

    def spec_paths(self) -> dict[str, str]:
        return {row.id: row.path for row in self._rows(select(specs.c.id, specs.c.path).order_by(specs.c.at))}

    def attempt(self, attempt: str) -> Attempt | None:
        return self._body(Attempt, select(attempts.c.body).where(attempts.c.id == attempt))

    def attempts(self, task: TaskId | None = None) -> list[Attempt]:
        wanted = select(attempts.c.body).order_by(attempts.c.task, attempts.c.number)
        return self._bodies(Attempt, wanted.where(attempts.c.task == task) if task else wanted)

    def open_attempts(self) -> list[AttemptId]:
        """The attempts that have not ended."""
        joined = attempts.outerjoin(attempt_ends, attempt_ends.c.attempt == attempts.c.id)
        wanted = select(attempts.c.id).select_from(joined).where(attempt_ends.c.attempt.is_(None))
        return [AttemptId(row.id) for row in self._rows(wanted)]

    def attempt_end(self, attempt: str) -> AttemptEnd | None:
        return self._body(AttemptEnd, select(attempt_ends.c.body).where(attempt_ends.c.attempt == attempt))

    def attempt_ends(self) -> list[AttemptEnd]:
        return self._bodies(AttemptEnd, select(attempt_ends.c.body))

    def change(self, change: str) -> Change | None:
        return self._body(Change, select(changes.c.body).where(changes.c.id == change))

    def changes(self, task: TaskId | None = None) -> list[Change]:
        wanted = select(changes.c.body).order_by(changes.c.at)
        return self._bodies(Change, wanted.where(changes.c.task == task) if task else wanted)

    def evidence(self, key: str) -> Evidence | None:
        return self._body(Evidence, select(evidence.c.body).where(evidence.c.id == key))

    def evidence_on(self, subject: str) -> list[Evidence]:
        """All evidence about a change or candidate, oldest first."""
        return self._bodies(
            Evidence, select(evidence.c.body).where(evidence.c.subject == subject).order_by(evidence.c.at)
        )

    def all_evidence(self) -> list[Evidence]:
        return self._bodies(Evidence, select(evidence.c.body).order_by(evidence.c.at))

    def judgment(self, change: str) -> Judgment | None:
        """What a checker found in a change."""
        return self._body(Judgment, select(judgments.c.body).where(judgments.c.change == change))

    def check_result(self, tree: Tree, digest: str) -> CheckResult | None:
        """What the check of this digest last found on this tree."""
        wanted = select(check_results.c.body).where(
            check_results.c.tree == tree, check_results.c.digest == digest
        )
        return self._body(CheckResult, wanted.order_by(check_results.c.at.desc()).limit(1))

    def decision(self, key: str) -> Decision | None:
        row = self._one(select(decisions).where(decisions.c.key == key))
        return snapshot.decision(row) if row else None

    def decisions_on(self, subjects: Iterable[str]) -> list[Decision]:
        """Every decision about these subjects, oldest first."""
        wanted = select(decisions).where(decisions.c.subject.in_(list(subjects))).order_by(decisions.c.at)
        return [snapshot.decision(row) for row in self._rows(wanted)]

    def decisions_of(self, act: Act) -> list[Decision]:
        return [snapshot.decision(row) for row in self._rows(select(decisions).where(decisions.c.act == act))]

    def candidate(self, candidate: str) -> Candidate | None:
        return self._body(Candidate, select(candidates.c.body).where(candidates.c.id == candidate))

    def footprints(self, change: str) -> list[Footprint]:
        """What a change can affect, as it was told each time, oldest first."""
        return self._bodies(
            Footprint, select(impacts.c.body).where(impacts.c.change == change).order_by(impacts.c.at)
        )

    def live_candidates(self) -> set[str]:
        """The candidates of which a member is still open, by name."""
        return {row.candidate for row in self._rows(queries.live_candidates)}

    def landing_at(self, commit: Sha) -> Landing | None:
        """The landing that made a commit the tip."""
        return self._body(Landing, select(landings.c.body).where(landings.c.commit == commit))

    def landing(self, candidate: CandidateId) -> Landing | None:
        return self._body(Landing, select(landings.c.body).where(landings.c.candidate == candidate))

    def landings(self) -> list[Landing]:
        return self._bodies(Landing, select(landings.c.body).order_by(landings.c.at))

    def landing_of(self, change: ChangeId) -> tuple[Landing, str] | None:
        """The landing of a change and its provenance record as JSON."""
        joined = landings.join(landed_changes, landed_changes.c.candidate == landings.c.candidate)
        row = self._one(
            select(landings.c.body, landings.c.record)
            .select_from(joined)
            .where(landed_changes.c.change == change)
        )
        return (decode(Landing, row.body), row.record) if row else None

    def landed_tasks(self) -> set[TaskId]:
        wanted = select(landed_changes.c.task).where(landed_changes.c.task.is_not(None))
        return {TaskId(row.task) for row in self._rows(wanted)}

    def reviews(self) -> list[Review]:
        return [snapshot.review(row) for row in self._rows(select(reviews))]

    def cancelled(self, subject: str) -> bool:
        """Whether the latest order about a subject, its way through the queue aside, is to cancel it."""
        said = select(orders.c.wish).where(orders.c.subject == subject, orders.c.wish.in_(ABOUT_WORK))
        row = self._one(said.order_by(orders.c.at.desc()).limit(1))
        return bool(row) and row.wish == Wish.CANCEL

    def orders(self) -> list[Order]:
        return [snapshot.order(row) for row in self._rows(select(orders))]

    def envelope(self, evidence: str) -> str:
        """The signed statement about a gate run, or empty."""
        row = self._one(select(envelopes.c.envelope).where(envelopes.c.evidence == evidence))
        return row.envelope if row else ""

    def last_link(self) -> Link | None:
        """The end of the chain, if it has begun here."""
        with self.engine.connect() as connection:
            return last(connection)

    def envelopes(self, *, after: int = 0, limit: int = 10_000) -> list[tuple[int, str]]:
        """The chain from a number on, in its order: each number with the envelope."""
        wanted = select(envelopes.c.seq, envelopes.c.envelope).where(envelopes.c.seq > after)
        return [(row.seq, row.envelope) for row in self._rows(wanted.order_by(envelopes.c.seq).limit(limit))]

    def grants(self, subject: str) -> tuple[Grant, ...]:
        """What people let a task, or a submitted change, touch, oldest first."""
        return tuple(
            self._bodies(
                Grant, select(grants.c.body).where(grants.c.subject == subject).order_by(grants.c.at)
            )
        )

    def quarantines(self, at: float) -> tuple[Quarantine, ...]:
        """The quarantines that stand at a moment: the latest word on each test, where it has not run out."""
        said = self._bodies(Quarantine, select(quarantines.c.body).order_by(quarantines.c.at))
        latest = {(one.check, one.test): one for one in said if one.at <= at}
        return tuple(one for one in latest.values() if one.until > at)

    def events(self, *, after: int = 0, subject: str | None = None, limit: int = 1000) -> list[Event]:
        """The history after `seq`, oldest first."""
        wanted = select(events).where(events.c.seq > after).order_by(events.c.seq).limit(limit)
        wanted = wanted.where(events.c.subject == subject) if subject else wanted
        return [snapshot.event(row) for row in self._rows(wanted)]

    def farewells(self, *, after: int = 0, limit: int = 1000) -> list[tuple[Event, Decision | None]]:
        """What ended the way of changes through the queue after `seq`, each with the decision behind it: the latest, oldest first."""
        kinds = ("landed", f"decided.{Act.SEND_BACK}")
        wanted = select(events).where(events.c.seq > after, events.c.kind.in_(kinds))
        found = [snapshot.event(row) for row in self._rows(wanted.order_by(events.c.seq.desc()).limit(limit))]
        about = {one.seq: _decided(one) for one in found}
        subjects = {subject for _act, subject in about.values()}
        behind = {(one.act, one.subject): one for one in self.decisions_on(subjects)} if subjects else {}
        return [(one, behind.get(about[one.seq])) for one in reversed(found)]

    def last_event(self) -> int:
        return int(self._one(select(func.coalesce(func.max(events.c.seq), 0).label("seq"))).seq)

    def note(self, key: str) -> str:
        row = self._one(select(notes.c.value).where(notes.c.key == key))
        return row.value if row else ""

    def close(self) -> None:
        self.engine.dispose()

    def _rows(self, wanted: Any) -> Sequence[Any]:
        with self.engine.connect() as connection:
            return connection.execute(wanted).all()

    def _one(self, wanted: Any) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(wanted).first()

    def _bodies(self, kind: type[Value], wanted: Any) -> list[Value]:
        return [decode(kind, row.body) for row in self._rows(wanted)]

    def _body(self, kind: type[Value], wanted: Any) -> Value | None:
        row = self._one(wanted)
        return decode(kind, row.body) if row else None


def _wanted(task: Task) -> tuple[object, ...]:
    """What a person asked for, apart from where it stands in the file and whether it is ticked."""
    return (
        task.title,
        task.kind,
        task.paths,
        task.after,
        task.agent,
        task.accept,
        task.approves,
        task.budget,
        task.notes,
    )


def _decided(farewell: Event) -> tuple[Act, str]:
    """Which decision is behind the landing, or the return, of a change."""
    if farewell.kind == "landed":
        return Act.LAND, farewell.data.get("candidate", "")
    return Act.SEND_BACK, farewell.data.get("subject", "")
