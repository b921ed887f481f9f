"""The file itself: made, migrated, refused, and written by several at once."""

import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from shelf import open_store
from universe import TIP

from podium.base.errors import Unavailable
from podium.model.decision import Act, Decision
from podium.store.database import SCHEMA, connect, schema_version, sqlite_url, writing
from podium.store.sketch import sketch
from podium.store.store import Store
from podium.store.tables import metadata
from podium.store.upgrade import upgrade

WRITERS, EACH = 4, 25


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "podium.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = open_store(path)
    yield store
    store.close()


def test_a_fresh_database_is_just_what_the_tables_say(path: Path) -> None:
    engine = connect(sqlite_url(path))
    upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert schema_version(engine) == SCHEMA


def test_upgrading_what_is_up_to_date_changes_nothing(path: Path, store: Store) -> None:
    with store.transaction() as transaction:
        transaction.note("held", "kept")
    before = path.stat().st_mtime_ns
    upgrade(store.engine)
    assert path.stat().st_mtime_ns == before
    assert store.note("held") == "kept"


def test_a_newer_schema_is_refused_with_what_to_do(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable, match="9999") as refused:
        upgrade(store.engine)
    assert refused.value.hint == "pip install --upgrade podium"


@pytest.mark.parametrize(
    "read", [lambda path: upgrade(connect(sqlite_url(path))), lambda path: sketch(path, TIP, "")]
)
def test_a_file_that_is_no_database_is_named_as_such(path: Path, read: Callable[[Path], object]) -> None:
    path.write_bytes(b"not a database, whatever its name says" * 100)
    with pytest.raises(Unavailable, match="cannot be read") as refused:
        read(path)
    assert refused.value.hint == "podium doctor"


def test_a_database_cut_short_is_named_as_such(path: Path, store: Store) -> None:
    store.close()
    with path.open("r+b") as file:
        file.truncate(8192)
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    with pytest.raises(Unavailable, match="cannot be read"):
        sketch(path, TIP, "")


def test_nothing_is_known_where_nothing_was_recorded(path: Path) -> None:
    engine = connect(sqlite_url(path))
    assert schema_version(engine) is None
    assert sketch(path, TIP, "") is None
    assert sketch(path.with_name("missing.db"), TIP, "") is None


def test_a_write_that_cannot_happen_says_what_to_do(store: Store) -> None:
    with (
        pytest.raises(Unavailable, match="cannot be written") as refused,
        writing(store.engine) as connection,
    ):
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")
    assert refused.value.hint == "podium doctor"


def test_several_processes_write_at_once_and_each_fact_is_there_once(path: Path, store: Store) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_many, args=(path, number)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    events = store.events()
    own, shared = WRITERS * EACH, EACH
    assert len(events) == own + shared
    assert [event.seq for event in events] == sorted({event.seq for event in events})
    assert len(store.decisions_of(Act.GATE)) == own + shared
    assert sum(int(store.note(f"wrote {number}")) for number in range(WRITERS)) == own + shared


def write_many(path: Path, number: int) -> None:
    """In a process of its own: facts of its own, and the same ones as everybody."""
    store, wrote = Store(connect(sqlite_url(path))), 0
    for one in range(EACH):
        with store.transaction() as transaction:
            wrote += transaction.write(Decision(Act.GATE, f"s/{number}@{one}", "own", 1.0, "s/1"))
            wrote += transaction.write(Decision(Act.GATE, f"s/shared@{one}", "shared", 1.0, "s/1"))
    with store.transaction() as transaction:
        transaction.note(f"wrote {number}", str(wrote))
