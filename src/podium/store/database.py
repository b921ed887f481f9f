"""The database itself: one file beside the repository, or a PostgreSQL server."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError

from podium.base.errors import Unavailable

SCHEMA = "0004"
"""The newest migration."""
NEWER_SQLITE = "use Python 3.11, or a Python that was built with a newer SQLite"
_LOCK_KEY = 0x706F6469756D  # "podium"


def sqlite_version() -> tuple[int, ...]:
    return sqlite3.sqlite_version_info


def sqlite_trouble() -> str:
    """Why the engine cannot work with this Python's SQLite, or empty: it asks for sub-second times that 3.42 brought."""
    too_old = sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42)
    return "from Python 3.12 on the engine needs SQLite 3.42" if too_old else ""


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def connect(url: str) -> Engine:
    """An engine tuned for many short transactions: on SQLite write-ahead logging, patient and immediate."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=10, max_overflow=50, pool_pre_ping=True)
    engine = create_engine(url, pool_size=10, max_overflow=200)
    event.listen(engine, "connect", _tune)
    return engine


def schema_version(engine: Engine) -> str | None:
    """The migration the database stands at, or None for an empty one.

    Raises:
        Unavailable: the file is not a database, or cannot be read.
    """
    try:
        with engine.connect() as connection:
            if not engine.dialect.has_table(connection, "alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DatabaseError as error:
        raise Unavailable(f"Podium's state cannot be read: {error.orig}", hint="podium doctor") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that is alone in writing from its first statement on.

    Raises:
        Unavailable: the state cannot be written (a full disk, missing rights); nothing of it happened.
    """
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
            yield connection
    except DatabaseError as error:
        raise Unavailable(f"Podium's state cannot be written: {error.orig}", hint="podium doctor") from error


def _tune(connection: Any, _record: Any) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
