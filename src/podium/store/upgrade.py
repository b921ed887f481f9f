"""Bring a database to the newest schema. Apart from the rest, because readers need not load Alembic."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from podium.base.errors import Unavailable
from podium.store.database import SCHEMA, schema_version, writing


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
    with writing(engine) as connection:
        config = Config()
        config.set_main_option("script_location", "podium.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
