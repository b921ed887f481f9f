"""Stores of their own, in files."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from podium.store.database import connect, sqlite_url
from podium.store.store import Store
from podium.store.upgrade import upgrade


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "podium.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = open_store(path)
    yield opened
    opened.close()


def open_store(path: Path) -> Store:
    engine = connect(sqlite_url(path))
    upgrade(engine)
    return Store(engine)


@pytest.fixture
def emptied(store: Store) -> Callable[[], Store]:
    """The same store, emptied: for tests that hypothesis repeats."""

    def empty() -> Store:
        with store.engine.begin() as connection:
            for name in ("attempts", "attempt_ends", "changes", "check_results", "evidence", "decisions", "failures", "reviews",
                         "orders", "candidates", "landings", "landed_changes", "tasks", "specs", "events", "notes"):  # fmt: skip
                connection.exec_driver_sql(f"DELETE FROM {name}")
        return store

    return empty
