"""The positions a branch went through, with what each one changed: one git for all of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from podium.git.command import Git
from podium.model.ids import Sha


@dataclass(frozen=True, slots=True)
class Position:
    """One commit of a first-parent history, and what differs from its first parent: a renamed file under both names."""

    commit: Sha
    at_s: float
    """The committer's date, seconds since the epoch."""
    paths: tuple[str, ...] = ()


def positions(git: Git, tip: Sha, *, limit: int) -> list[Position]:
    """The newest `limit` positions up to `tip`, newest first."""
    fields = git.fields(
        "log", "-z", "--first-parent", "--diff-merges=first-parent", "--name-only", "--no-renames", "--no-ext-diff",
        "--no-textconv", "--no-show-signature", "--no-notes", f"--max-count={limit}", "--format=%x00%H %ct", tip, "--",
    )  # fmt: skip
    return [_position(head, paths) for head, paths in _split(fields)]


def _split(fields: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Each position begins with an empty field and its head; git puts a line end before the first path that follows."""
    found: list[tuple[str, list[str]]] = []
    begins = False
    for field in fields:
        if not field:
            begins = True
        elif begins:
            found.append((field, []))
            begins = False
        else:
            paths = found[-1][1]
            paths.append(field if paths else field.removeprefix("\n"))
    return found


def _position(head: str, paths: Iterable[str]) -> Position:
    commit, _, at = head.partition(" ")
    return Position(Sha(commit), float(at), tuple(paths))
