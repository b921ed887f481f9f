"""What the merge queue knows: what changes can affect, the candidates it built, and what landed."""

from dataclasses import dataclass

from podium.model.ids import CandidateId, ChangeId, Sha, Tree

EVERYTHING = "*"
"""The target that every change affects; a change that has it among its keys affects every target."""
REUSE = "reuse"
"""The scope of what is decided about landing on evidence that was there already: it holds whatever the tip."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """The targets a change can affect, as told when it was merged onto the commit `onto`.

    `reads` are those that what it affects newly depends on. `evidence` is the key of the decision whose work told it. Told again
    on another commit, a change affects all of both.
    """

    change: ChangeId
    evidence: str
    onto: Sha
    keys: tuple[str, ...]
    because: tuple[str, ...]
    at: float
    reads: tuple[str, ...] = ()


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
    """A candidate that became the target branch's tip.

    `composed`: no gate ran on this very tree; each target its members affect had passed in the state it has there.
    """

    candidate: CandidateId
    commit: Sha
    tree: Tree
    previous: Sha
    members: tuple[ChangeId, ...]
    at: float
    composed: bool = False
