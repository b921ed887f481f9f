"""Stores in files: made once, for migrating takes longer than most tests."""

import tempfile
from functools import cache
from pathlib import Path

from podium.store.database import connect, sqlite_url
from podium.store.store import Store
from podium.store.tables import metadata
from podium.store.upgrade import upgrade


def open_store(path: Path) -> Store:
    """A store with empty tables in a new file."""
    path.write_bytes(_empty())
    return Store(connect(sqlite_url(path)))


def empty(store: Store) -> None:
    """Make all tables empty, for tests that hypothesis repeats."""
    with store.engine.begin() as connection:
        for table in metadata.tables.values():
            connection.execute(table.delete())


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "podium.db"
        engine = connect(sqlite_url(path))
        upgrade(engine)
        engine.dispose()
        return path.read_bytes()
