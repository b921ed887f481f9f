"""Opening Podium's state of a repository."""

from podium.git.repository import Repository
from podium.project.location import database
from podium.store.database import connect, sqlite_url
from podium.store.store import Store


def open_store(repository: Repository) -> Store:
    """The store of a repository; its tables may be missing."""
    repository.state.mkdir(parents=True, exist_ok=True)
    return Store(connect(sqlite_url(database(repository))))
