"""Bring a database to the newest schema. What does it is loaded only where there is something to do: Alembic is slow to load."""

from importlib import import_module

from sqlalchemy import Engine

from podium.base.errors import Unavailable
from podium.store.database import SCHEMA, schema_version, writing

_MIGRATING = "podium.store.migrating"


def upgrade(engine: Engine) -> None:
    """Create or migrate the tables; at the newest schema it does nothing.

    Raises:
        Unavailable: the database was written by a newer Podium, or cannot be written.
    """
    version = schema_version(engine)
    if version == SCHEMA:
        return
    if version is not None and version > SCHEMA:
        raise Unavailable(
            f"Podium's state has schema {version}; this Podium knows {SCHEMA}",
            hint="pip install --upgrade podium",
        )
    migrating = import_module(_MIGRATING)
    with writing(engine) as connection:
        migrating.migrate(connection)
