"""Runs the migrations. Nothing imports this: `upgrade` loads it by its name where a database is not at the newest schema."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def migrate(connection: Connection) -> None:
    """Bring the tables to the newest schema, within the transaction of the connection."""
    config = Config()
    config.set_main_option("script_location", "podium.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
