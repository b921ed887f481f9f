"""Where Podium's state lies, and which branch it lands on. Reading it is for others: this must be quick to import."""

from pathlib import Path

from podium.base.errors import UsageError
from podium.base.files import write_atomically
from podium.git.repository import Repository


def find_target(repository: Repository) -> str:
    """The branch that `podium init` chose; before that main, or master, or whatever is checked out.

    Raises:
        UsageError: the repository has no commit yet.
    """
    chosen = repository.state / "target"
    if chosen.is_file():
        return chosen.read_text().strip()
    for name in ("main", "master", repository.current_branch() or ""):
        if name and repository.ref(f"refs/heads/{name}"):
            return name
    raise UsageError("this repository has no commit yet", hint="git commit something first")


def remember_target(repository: Repository, branch: str) -> None:
    write_atomically(repository.state / "target", f"{branch}\n".encode())


def database(repository: Repository) -> Path:
    return repository.state / "podium.db"
