"""Where Podium's state lies, and which branch it lands on. Reading it is for others: this must be quick to import."""

import tomllib
from pathlib import Path

from podium.base.errors import UsageError
from podium.base.files import write_atomically
from podium.config.place import CONFIG
from podium.git.repository import Repository
from podium.model.ids import Sha


def find_target(repository: Repository) -> str:
    """The branch that `podium init` chose; in a clone, what podium.toml names; else main, or master, or what is checked out.

    Raises:
        UsageError: the repository has no commit yet.
    """
    chosen = repository.state / "target"
    if chosen.is_file():
        return chosen.read_text().strip()
    branches = ("main", "master", repository.current_branch() or "")
    there = {name: tip for name in branches if name and (tip := repository.ref(f"refs/heads/{name}"))}
    if not there:
        raise UsageError("this repository has no commit yet", hint="git commit something first")
    return next(filter(None, (_named_target(repository, tip) for tip in there.values())), next(iter(there)))


def _named_target(repository: Repository, tip: Sha) -> str:
    """The target that a commit's podium.toml names; a file that cannot be read is reported by who needs all of it."""
    try:
        data = tomllib.loads((repository.objects.read(tip, CONFIG) or b"").decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""
    target = data.get("target")
    return target if isinstance(target, str) else ""


def remember_target(repository: Repository, branch: str) -> None:
    write_atomically(repository.state / "target", f"{branch}\n".encode())


def database(repository: Repository) -> Path:
    return repository.state / "podium.db"
