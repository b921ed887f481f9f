"""What the merge queue knows: candidates it built and what landed."""

from dataclasses import dataclass

from podium.model.ids import CandidateId, ChangeId, Sha, Tree


@dataclass(frozen=True, slots=True)
class Conflict:
    """A change that does not merge as text. `tree` is git's merged tree with conflict markers in `files`."""

    change: ChangeId
    files: tuple[str, ...]
    tree: Tree
    partner: str = ""
    """The changes merged ahead of it that it conflicts with; empty where it conflicts with the tip itself."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A commit that would be the next position of the target branch: `members` merged in order onto `onto`.

    `conflicts` were left out of it; with no member left, `commit` and `tree` are None.
    """

    id: CandidateId
    onto: Sha
    members: tuple[ChangeId, ...]
    commit: Sha | None
    tree: Tree | None
    conflicts: tuple[Conflict, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Landing:
    """A candidate that became the target branch's tip."""

    candidate: CandidateId
    commit: Sha
    tree: Tree
    previous: Sha
    members: tuple[ChangeId, ...]
    at: float
