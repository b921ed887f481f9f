"""What an older Podium wrote is there after an upgrade, and what is new about it is filled in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from podium.model.attempt import Attempt, AttemptEnd, Change, End
from podium.model.evidence import CheckResult, Evidence
from podium.model.grant import Grant
from podium.model.ids import AttemptId, ChangeId, Sha, TaskId, Tree
from podium.model.past import Past, Spell
from podium.model.task import Kind, Task
from podium.model.usage import Spending, Usage
from podium.model.verdict import Verdict
from podium.store.codec import encode
from podium.store.database import SCHEMA, connect, schema_version, sqlite_url, writing
from podium.store.sketch import sketch
from podium.store.store import Store
from podium.store.tables import metadata
from podium.store.upgrade import upgrade

TIP = Sha("a" * 40)
OPEN, LANDED = TaskId("s/open"), TaskId("s/landed")
USED = Usage(input_tokens=70, cached_tokens=50, output_tokens=30, cost_usd=0.5)


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Engine]:
    """A database as the first release made it."""
    engine = connect(sqlite_url(tmp_path / "podium.db"))
    bring(engine, "0001")
    yield engine
    engine.dispose()


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Engine]:
    """A database as it was before a gate's findings had a grade."""
    engine = connect(sqlite_url(tmp_path / "podium.db"))
    bring(engine, "0002")
    yield engine
    engine.dispose()


def bring(engine: Engine, version: str) -> None:
    with writing(engine) as connection:
        config = Config()
        config.set_main_option("script_location", "podium.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def insert(engine: Engine, table: str, **row: Any) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    values = ", ".join(f":{name}" for name in row)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({values})", row)


def tell(engine: Engine) -> None:
    """Two tasks with an attempt each, one landed; the ends as the first release and as a later one wrote them."""
    for task in (OPEN, LANDED):
        wanted = Task(task, "s", "title", Kind.FIX)
        insert(
            engine,
            "tasks",
            id=task,
            spec="s",
            ordinal=0,
            title="title",
            after="",
            done=False,
            at=1.0,
            body=encode(wanted),
        )
        attempt = Attempt(AttemptId(f"{task}@1"), task, 1, "sed", TIP, "due", 1.0)
        insert(
            engine,
            "attempts",
            id=attempt.id,
            task=task,
            number=1,
            agent="sed",
            because="due",
            at=1.0,
            body=encode(attempt),
        )
    old = json.loads(encode(AttemptEnd(AttemptId("s/landed@1"), End.PRODUCED, "taken in", 2.0, 60.0)))
    del old["usage"]
    tell_end(engine, "s/landed@1", json.dumps(old | {"cost_usd": 0.25}))
    tell_end(
        engine,
        "s/open@1",
        encode(AttemptEnd(AttemptId("s/open@1"), End.CRASHED, "code 1", 2.0, 30.0, usage=USED)),
    )
    change = Change(
        ChangeId("s/landed@1"),
        LANDED,
        AttemptId("s/landed@1"),
        TIP,
        TIP,
        Tree("t"),
        (),
        0,
        0,
        "title",
        "Ada",
        2.0,
    )
    insert(
        engine,
        "changes",
        id=change.id,
        task=LANDED,
        attempt=change.attempt,
        title="title",
        at=2.0,
        body=encode(change),
    )
    insert(engine, "landed_changes", change=change.id, candidate="c", task=LANDED, at=3.0)
    result = CheckResult("tests", "d", Tree("t"), Verdict.FAILED, "exit code 1")
    gate = Evidence("gate:s/open@1", "s/open@1", Tree("t"), TIP, "g", (result,), 3.0)
    insert(engine, "evidence", id=gate.id, subject=gate.subject, tree="t", gate_digest="g", verdict="failed", because="exit code 1",
           scope=OPEN, at=3.0, body=encode(gate))  # fmt: skip


def tell_end(engine: Engine, attempt: str, body: str) -> None:
    end = json.loads(body)
    insert(engine, "attempt_ends", attempt=attempt, end=end["end"], because=end["because"], at=2.0, body=body)


def test_an_older_database_is_brought_to_what_the_tables_say(first: Engine) -> None:
    tell(first)
    upgrade(first)
    with first.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert schema_version(first) == SCHEMA


def test_what_attempts_used_before_the_upgrade_is_added_up_after_it(first: Engine) -> None:
    tell(first)
    upgrade(first)
    known = Store(first).facts(TIP, now=3.0)
    landed = Spending(attempts=1, cost_usd=0.25, minutes=1.0)
    of_open = Spending(attempts=1, tokens=100, cost_usd=0.5, minutes=0.5)
    assert known.past == (Past("s", "sed", Kind.FIX, 1, 1, landed),)
    assert known.recent == (Spell(2.0, landed + of_open),)
    assert known.spent_by_task == {OPEN: of_open}
    assert known.spent_by_spec == {"s": landed + of_open}
    assert known.findings["gate:s/open@1"].signature == "", "nothing is the same as it"


def test_every_value_is_there_after_the_upgrade(first: Engine) -> None:
    tell(first)
    upgrade(first)
    store = Store(first)
    end, gate = store.attempt_end("s/open@1"), store.evidence("gate:s/open@1")
    assert end is not None
    assert end.usage == USED
    assert gate is not None
    assert gate.verdict is Verdict.FAILED
    assert store.task(LANDED) == Task(LANDED, "s", "title", Kind.FIX)


def test_a_look_before_the_upgrade_shows_how_things_stand(first: Engine, tmp_path: Path) -> None:
    tell(first)
    drawn = sketch(tmp_path / "podium.db", TIP, "")
    assert drawn is not None
    assert list(drawn.facts.tasks) == [OPEN]


NEW_OF_RESULTS = ("took_s", "grade", "advice", "details")


def before_grades(value: Any) -> str:
    """A check's result or a gate's evidence, as it was written when neither had what they have now."""
    body = json.loads(encode(value))
    for one in (body, *body.get("results", ())):
        for name in NEW_OF_RESULTS:
            one.pop(name, None)
    return json.dumps(body)


def tell_gate(engine: Engine) -> Evidence:
    result = CheckResult("tests", "d", Tree("t"), Verdict.PASSED, "3 passed", "pytest", 0, 2.0, "bubblewrap")
    gate = Evidence("gate:s/open@1", "s/open@1", Tree("t"), TIP, "g", (result,), 3.0)
    insert(
        engine, "check_results", tree="t", digest="d", at=0.0, verdict="passed", body=before_grades(result)
    )
    insert(engine, "evidence", id=gate.id, subject=gate.subject, tree="t", gate_digest="g", verdict="passed", because="1 of 1",
           signature="", scope=OPEN, at=3.0, body=before_grades(gate))  # fmt: skip
    return gate


def test_what_gates_found_before_there_were_grades_is_the_same_after_the_upgrade(second: Engine) -> None:
    gate = tell_gate(second)
    upgrade(second)
    store = Store(second)
    assert store.evidence(gate.id) == gate
    assert store.check_result(Tree("t"), "d") == gate.results[0]
    found = store.facts(TIP, now=4.0).findings[gate.id]
    assert (found.verdict, found.grade, found.advice, found.checks) == (Verdict.PASSED, "", (), ())


def test_after_the_upgrade_people_grant_and_evidence_is_signed(second: Engine) -> None:
    upgrade(second)
    with second.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    store = Store(second)
    with store.transaction() as transaction:
        transaction.write(Grant("s/open", ("tests/**",), "the format goes", "Ada <a@b>", 1.0))
        transaction.chain("gate:x", make=lambda seq, _previous: f"{seq}", at=1.0)
    assert [grant.paths for grant in store.grants("s/open")] == [("tests/**",)]
    assert store.envelope("gate:x") == "1"
